#pragma once

#include <map>
#include <string>

#include "e2e/site.h"

namespace chaser::test {

/// The day on which everything of `leads_with_a_promise` is due, and one long before it.
inline const calendar::CivilDay promised(2027, 1, 4);
inline const calendar::CivilDay long_before(2026, 12, 1);
/// The opening of the window on that day.
inline const calendar::Instant morning = absl::FromCivil(absl::CivilSecond(2027, 1, 4, 9), absl::UTCTimeZone());

/// Mails by lead.
std::map<std::string, int> arrivals(const Site& site);
/// Whether exactly so many leads had a mail, each of them one.
bool each_has_one(const Site& site, std::size_t leads);
/// The relay answers so at that point, so often; -1 is always, "" is a relay that works.
void refuse_at(const Site& site, const std::string& point, const std::string& reply, int times = -1);
void mend_relay(const Site& site);
/// The relay hangs up at the final dot; `keep`: it has taken the message.
void close_at_dot(const Site& site, bool keep, int times);
/// `chaser outbox VERB ROW` at that instant.
Site::Ran outbox(const Site& site, const std::string& verb, const std::string& row,
                 calendar::Instant now = morning + absl::Hours(1));
/// `chaser answer ACTION done` at that instant; it must succeed.
void answer_done(const Site& site, const std::string& action, calendar::Instant now);
/// The first column of the first row.
std::string first(const Site& site, const std::string& sql);
/// How many messages are so.
int count(const Site& site, const std::string& where);
/// When the only message goes next.
calendar::Instant next_try(const Site& site);
/// How many cards say that they may be a repeat.
int marked_cards(const Site& site);

}  // namespace chaser::test
