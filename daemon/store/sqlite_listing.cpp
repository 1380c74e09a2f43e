#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// ?1 plan, ?2 section, ?3 status, ?4 parties as a list or null, ?5 due before, ?6 words, ?7 statuses that are not
/// wanted, ?8 unclear ones.
constexpr std::string_view wanted_actions =
    " FROM action a JOIN plan p ON p.id = a.plan WHERE a.dropped = 0 AND (?1 = '' OR p.slug = ?1)"
    " AND (?2 = '' OR a.section = ?2) AND (?3 = '' OR a.status = ?3)"
    " AND (?4 IS NULL OR a.id IN (SELECT s.action FROM assignment s WHERE s.gone IS NULL"
    " AND s.party IN (SELECT value FROM json_each(?4))))"
    " AND (?5 IS NULL OR a.due_day < ?5)"
    " AND (?6 = '' OR instr(lower(a.name || ' ' || a.title || ' ' || a.text || ' ' || a.owners_verbatim), lower(?6)) > "
    "0)"
    " AND (?7 IS NULL OR a.status NOT IN (SELECT value FROM json_each(?7)))"
    " AND (?8 = 0 OR a.ambiguous = 1 OR a.unowned = 1 OR a.kind = 'unreadable')";

std::optional<std::string> list_or_null(const std::vector<std::string>& texts) {
  if (texts.empty()) return std::nullopt;
  return to_column(texts);
}

std::vector<std::string> finished_statuses(const chase::World& world) {
  std::vector<std::string> finished;
  for (const plan::Status& status : world.workflow().statuses()) {
    if (status.kind == plan::StatusKind::finished) finished.push_back(status.name);
  }
  return finished;
}

}  // namespace

ActionPage SqliteStore::list_actions(const ActionQuery& wanted, const chase::World& world) {
  ActionPage page;
  const auto finished = wanted.open_only ? finished_statuses(world) : std::vector<std::string>();
  const auto parties = list_or_null(wanted.parties);
  const auto without = list_or_null(finished);
  static const std::string counting = "SELECT count(*)" + std::string(wanted_actions);
  static const std::string listing =
      "SELECT a.id" + std::string(wanted_actions) + " ORDER BY p.slug, a.position, a.id LIMIT ?9 OFFSET ?10";
  Transaction reading{database_, Kind::read};
  {
    Query query = reading.query(counting, wanted.plan, wanted.section, wanted.status, parties, wanted.due_before,
                                wanted.words, without, wanted.unclear);
    if (query.next()) page.count = static_cast<std::size_t>(query.integer(0));
  }
  Rows rows;
  {
    Query query =
        reading.query(listing, wanted.plan, wanted.section, wanted.status, parties, wanted.due_before, wanted.words,
                      without, wanted.unclear, std::min(wanted.limit, Transaction::rows_max), wanted.offset);
    while (query.next()) rows.push_back(query.integer(0));
  }
  page.actions = load(reading, rows, world);
  return page;
}

std::vector<StatusCount> SqliteStore::count_actions(std::string_view plan, CivilDay today) {
  std::vector<StatusCount> counts;
  Transaction reading{database_, Kind::read};
  Query query = reading.query(
      "SELECT a.section, a.status, count(*), sum(a.due_day IS NOT NULL AND a.due_day < ?2) FROM action a"
      " JOIN plan p ON p.id = a.plan WHERE p.slug = ?1 AND a.dropped = 0 GROUP BY a.section, a.status"
      " ORDER BY min(a.position)",
      plan, today);
  while (query.next()) {
    counts.push_back({query.text(0), query.text(1), static_cast<std::size_t>(query.integer(2)),
                      static_cast<std::size_t>(query.integer(3))});
  }
  return counts;
}

std::vector<PartyCount> SqliteStore::count_assignments(const chase::World& world, CivilDay today) {
  std::vector<PartyCount> counts;
  const std::string finished = to_column(finished_statuses(world));
  Transaction reading{database_, Kind::read};
  Query query = reading.query(
      "SELECT s.party, count(*), sum(a.due_day IS NOT NULL AND a.due_day < ?1) FROM assignment s"
      " JOIN action a ON a.id = s.action WHERE s.gone IS NULL AND a.dropped = 0"
      " AND a.status NOT IN (SELECT value FROM json_each(?2)) GROUP BY s.party ORDER BY s.party",
      today, finished);
  while (query.next()) {
    counts.push_back(
        {query.text(0), static_cast<std::size_t>(query.integer(1)), static_cast<std::size_t>(query.integer(2))});
  }
  return counts;
}

std::vector<std::pair<std::string, std::size_t>> SqliteStore::count_cases() {
  std::vector<std::pair<std::string, std::size_t>> counts;
  Transaction reading{database_, Kind::read};
  Query query =
      reading.query("SELECT rule, count(*) FROM chase_case WHERE status = 'open' GROUP BY rule ORDER BY rule");
  while (query.next()) counts.emplace_back(query.text(0), static_cast<std::size_t>(query.integer(1)));
  return counts;
}

std::optional<OutboxMessage> SqliteStore::message(MessageRow row) {
  Transaction reading{database_, Kind::read};
  {
    Query query = reading.query("SELECT 1 FROM message WHERE id = ?", row);
    if (!query.next()) return std::nullopt;
  }
  return message_of(reading, row);
}

std::optional<OutboxMessage> SqliteStore::message_of_key(std::string_view half) {
  if (half.size() != 32 || half.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  const std::string low = bytes_of_hex(half);
  Transaction reading{database_, Kind::read};
  MessageRow row = 0;
  {
    Query query = reading.query("SELECT id FROM message WHERE key >= ?1 AND key <= ?2 LIMIT 1",
                                Blob{low + std::string(16, '\0')}, Blob{low + std::string(16, '\xff')});
    if (!query.next()) return std::nullopt;
    row = query.integer(0);
  }
  return message_of(reading, row);
}

std::vector<OutboxMessage> SqliteStore::messages(std::string_view state, std::string_view recipient, MessageRow before,
                                                 std::size_t limit) {
  Transaction reading{database_, Kind::read};
  Rows rows;
  {
    Query query = reading.query(
        "SELECT id FROM message WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR recipient = ?2) AND (?3 = 0 OR id < ?3)"
        " ORDER BY id DESC LIMIT ?4",
        state, recipient, before, limit);
    while (query.next()) rows.push_back(query.integer(0));
  }
  std::vector<OutboxMessage> found;
  for (const MessageRow row : rows) found.push_back(message_of(reading, row));
  return found;
}

}  // namespace chaser::store
