#include "e2e/deliveries.h"

#include <algorithm>

#include "support/catch.h"

namespace chaser::test {

std::map<std::string, int> arrivals(const Site& site) {
  std::map<std::string, int> found;
  for (const Received& mail : site.mail().received()) {
    if (mail.recipient.starts_with("lead")) ++found[mail.recipient];
  }
  return found;
}

bool each_has_one(const Site& site, std::size_t leads) {
  const auto arrived = arrivals(site);
  return arrived.size() == leads && std::ranges::all_of(arrived, [](const auto& each) { return each.second == 1; });
}

void refuse_at(const Site& site, const std::string& point, const std::string& reply, int times) {
  SmtpScript script;
  if (!reply.empty()) script.faults[point] = SmtpFault{.reply = reply, .times = times};
  site.mail().set_script(script);
}

void mend_relay(const Site& site) {
  site.mail().set_script({});
}

void close_at_dot(const Site& site, bool keep, int times) {
  SmtpScript script;
  script.faults["."] = SmtpFault{.reply = "", .then = SmtpFault::Then::close, .times = times, .keep = keep};
  site.mail().set_script(script);
}

Site::Ran outbox(const Site& site, const std::string& verb, const std::string& row, calendar::Instant now) {
  return site.run({"outbox", verb, row, "--now", calendar::rfc3339(now, absl::UTCTimeZone())});
}

void answer_done(const Site& site, const std::string& action, calendar::Instant now) {
  const Site::Ran ran = site.run({"answer", action, "done", "--now", calendar::rfc3339(now, absl::UTCTimeZone())});
  INFO(ran.out << ran.err);
  REQUIRE(ran.exit == 0);
}

std::string first(const Site& site, const std::string& sql) {
  const auto rows = site.ask(sql);
  REQUIRE_FALSE(rows.empty());
  return rows.front();
}

int count(const Site& site, const std::string& where) {
  return std::stoi(first(site, "SELECT count(*) FROM message WHERE " + where));
}

calendar::Instant next_try(const Site& site) {
  const auto rows = site.ask("SELECT not_before FROM message WHERE state = 'queued'");
  REQUIRE(rows.size() == 1);
  return absl::FromUnixMicros(std::stoll(rows.front()));
}

int marked_cards(const Site& site) {
  const auto cards = site.teams().posted();
  return static_cast<int>(std::ranges::count_if(
      cards, [](const Posted& card) { return card.body.find("may be a repeat") != std::string::npos; }));
}

}  // namespace chaser::test
