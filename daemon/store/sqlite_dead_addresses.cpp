#include <algorithm>
#include <cctype>

#include "rulebook/rulebook.h"
#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

/// So many refusals that do not name the address, within this long, say the same as one that does.
/// Source: research/delivery.md B6.
constexpr absl::Duration refusals_within = absl::Hours(7 * 24);

/// Whether the answer is about the address itself: RFC 3463's x.1.1 to x.1.3, x.1.6, x.1.10 and 5.2.1.
bool names_the_address(std::string_view enhanced) {
  constexpr std::string_view codes[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"};
  return std::find(std::begin(codes), std::end(codes), enhanced) != std::end(codes);
}

std::string words_of(const Outcome& outcome) {
  std::string words = outcome.code != 0 ? std::to_string(outcome.code) : "";
  if (!outcome.enhanced.empty()) words += (words.empty() ? "" : " ") + outcome.enhanced;
  return words;
}

}  // namespace

std::string address_hash(std::string_view address) {
  std::string lower(address);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return rulebook::sha256_hex(lower);
}

void SqliteStore::note_refusal(Transaction& change, MessageRow message, const Outcome& outcome, Instant now) {
  std::string party;
  std::string address;
  {
    Query query = change.query(
        "SELECT m.recipient, l.destination FROM message m JOIN letter l ON l.message = m.id WHERE m.id = ?"
        " AND m.channel = 'email' AND l.destination <> ''",
        message);
    if (!query.next()) return;
    party = query.text(0);
    address = bytes_of_hex(address_hash(query.view(1)));
  }
  change.run(
      "INSERT INTO dead_address (recipient, address, said, last) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET"
      " before_last = earlier, earlier = last, last = excluded.last, said = excluded.said",
      party, Blob{address}, words_of(outcome), now);
  const int died = change.run(
      "UPDATE dead_address SET since = ?3 WHERE recipient = ?1 AND address = ?2 AND (?4 OR before_last >= ?5)", party,
      Blob{address}, now, names_the_address(outcome.enhanced), now - refusals_within);
  if (died == 0) return;
  add_event(change, now, "dead_address", "", "", "chaser",
            JsonObject().add("party", party).add("said", words_of(outcome)).text());
}

std::vector<DeadAddress> SqliteStore::dead_addresses(Instant since) {
  std::vector<DeadAddress> dead;
  Transaction reading{database_, Transaction::Kind::read};
  Query query = reading.query(
      "SELECT recipient, address, since, said FROM dead_address WHERE since > ? ORDER BY recipient, since", since);
  while (query.next()) {
    dead.push_back({query.text(0), hex_of_bytes(query.blob(1)), query.instant(2), query.text(3)});
  }
  return dead;
}

bool SqliteStore::give_up(MessageRow message, std::string_view why, Instant now) {
  Transaction change{database_};
  const int refused = change.run(
      "UPDATE message SET state = 'refused', settled = ?2, last_outcome = ?3 WHERE id = ?1 AND state = 'queued'",
      message, now, why);
  if (refused == 0) return false;
  mark_unreachable(change, message, now);
  change.commit();
  return true;
}

}  // namespace chaser::store
