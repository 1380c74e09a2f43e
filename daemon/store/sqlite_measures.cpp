#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// The actions of one load by row.
class ByRow {
 public:
  explicit ByRow(std::vector<LoadedAction>& loaded) {
    for (LoadedAction& action : loaded) by_row_.emplace(action.row, &action);
    for (const auto& [row, action] : by_row_) rows_.push_back(row);
  }
  LoadedAction& at(std::int64_t row) const { return *by_row_.at(row); }
  std::span<const std::int64_t> rows() const { return rows_; }

 private:
  std::unordered_map<std::int64_t, LoadedAction*> by_row_;
  std::vector<std::int64_t> rows_;
};

void mark_met(std::vector<plan::Milestone>& milestones, std::span<const std::string> met) {
  for (plan::Milestone& milestone : milestones) {
    if (std::find(met.begin(), met.end(), milestone.id) != met.end()) milestone.done = true;
  }
}

bool is_over(const chase::World& world, std::string_view status, std::string_view kind) {
  return world.workflow().is_finished(status) || kind == plan::name_of(plan::TimescaleKind::done);
}

std::pair<std::string_view, std::string_view> plan_and_action(std::string_view reference) {
  const std::size_t slash = reference.find('/');
  return {reference.substr(0, slash), reference.substr(slash + 1)};
}

}  // namespace

void SqliteStore::take_supplement(Transaction& change, ActionRow row, const plan::Action& action) {
  change.run("DELETE FROM supplement WHERE action = ?", row);
  change.run("DELETE FROM dependency WHERE action = ?", row);
  const bool has_any = !action.recurrence.empty() || action.measure || !action.blocked_by.empty();
  if (!has_any) return;
  change.run("INSERT INTO supplement (action, recurrence, measure, blocked_by) VALUES (?, ?, ?, ?)", row,
             action.recurrence, to_column(action.measure), to_column(action.blocked_by));
  for (const std::string& reference : action.blocked_by) {
    const auto [plan, blocker] = plan_and_action(reference);
    change.run("INSERT INTO dependency (action, blocker_plan, blocker) VALUES (?, ?, ?)", row, plan, blocker);
  }
}

void SqliteStore::load_supplements(Transaction& reading, std::vector<LoadedAction>& loaded, const chase::World& world) {
  if (loaded.empty()) return;
  const ByRow actions{loaded};
  {
    Query query = reading.query_rows("SELECT action, recurrence, measure, blocked_by FROM supplement WHERE action IN ",
                                     actions.rows(), "");
    while (query.next()) {
      chase::ActionFacts& facts = actions.at(query.integer(0)).state.facts;
      facts.recurrence = query.text(1);
      facts.measure = measure_of(query.view(2));
      facts.blocked_by = texts_of(query.view(3));
    }
  }
  {
    Query query = reading.query_rows(
        "SELECT action, reviews, noted, claimed, milestones_met FROM reported WHERE action IN ", actions.rows(), "");
    while (query.next()) {
      chase::ActionFacts& facts = actions.at(query.integer(0)).state.facts;
      facts.reviews = query.small(1);
      facts.noted = query.maybe_instant(2);
      facts.claimed = chase::rag(query.view(3)).value_or(chase::Rag::none);
      mark_met(facts.milestones, texts_of(query.view(4)));
    }
  }
  {
    Query query = reading.query_rows("SELECT action, day, value FROM reading WHERE action IN ", actions.rows(),
                                     " ORDER BY action, day");
    while (query.next()) {
      auto& measure = actions.at(query.integer(0)).state.facts.measure;
      if (measure) plan::add_reading(*measure, {query.day(1), query.real(2)});
    }
  }
  load_blockers(reading, loaded, world);
}

void SqliteStore::load_blockers(Transaction& reading, std::vector<LoadedAction>& loaded, const chase::World& world) {
  const ByRow actions{loaded};
  {
    Query query = reading.query_rows(
        "SELECT d.action, d.blocker_plan, d.blocker, a.dropped, a.status, a.kind, coalesce(a.extended_day, a.due_day) "
        "FROM dependency d"
        " LEFT JOIN plan p ON p.slug = d.blocker_plan LEFT JOIN action a ON a.plan = p.id AND a.name = d.blocker"
        " WHERE d.action IN ",
        actions.rows(), " ORDER BY d.action, d.blocker_plan, d.blocker");
    while (query.next()) {
      const bool is_known = !query.is_null(3) && !query.truth(3);
      actions.at(query.integer(0))
          .state.blockers.push_back({query.text(1) + "/" + query.text(2), is_known,
                                     is_known && is_over(world, query.view(4), query.view(5)), query.maybe_day(6)});
    }
  }
  Query query = reading.query_rows(
      "SELECT b.id, p.slug, a.name, a.status, a.kind FROM action b JOIN plan bp ON bp.id = b.plan JOIN dependency d"
      " ON d.blocker_plan = bp.slug AND d.blocker = b.name JOIN action a ON a.id = d.action JOIN plan p ON p.id = "
      "a.plan"
      " WHERE a.dropped = 0 AND b.id IN ",
      actions.rows(), " ORDER BY b.id, p.slug, a.name");
  while (query.next()) {
    if (is_over(world, query.view(3), query.view(4))) continue;
    actions.at(query.integer(0)).state.dependents.push_back(query.text(1) + "/" + query.text(2));
  }
}

void SqliteStore::record_reported(Transaction& change, const LoadedAction& action, const chase::Response& response,
                                  const chase::ResponseEffect& effect, Instant now) {
  if (effect.reading) {
    change.run(
        "INSERT INTO reading (action, day, value, at, party) VALUES (?, ?, ?, ?, ?) ON CONFLICT (action, day) DO UPDATE"
        " SET value = excluded.value, at = excluded.at, party = excluded.party",
        action.row, effect.reading->on, effect.reading->value, now, response.party);
  }
  const std::optional<Instant> noted = effect.note.empty() ? std::nullopt : std::optional(now);
  if (!noted && !effect.claimed && effect.milestone.empty() && !effect.counts_as_review) return;
  std::vector<std::string> met;
  {
    Query query = change.query("SELECT milestones_met FROM reported WHERE action = ?", action.row);
    if (query.next()) met = texts_of(query.view(0));
  }
  if (!effect.milestone.empty()) met.push_back(effect.milestone);
  const std::optional<std::string> claimed =
      effect.claimed ? std::optional(std::string(chase::name_of(*effect.claimed))) : std::nullopt;
  change.run(
      "INSERT INTO reported (action, reviews, noted, claimed, milestones_met) VALUES (?1, ?2, ?3, coalesce(?4, ''), ?5)"
      " ON CONFLICT (action) DO UPDATE SET reviews = reviews + ?2, noted = coalesce(?3, noted),"
      " claimed = coalesce(?4, claimed), milestones_met = ?5",
      action.row, effect.counts_as_review ? 1 : 0, noted, claimed, to_column(met));
}

void SqliteStore::record_re_dating(Transaction& change, ActionRow action, std::optional<CivilDay> before,
                                   std::optional<CivilDay> after, std::string_view how, std::string_view actor,
                                   Instant now) {
  change.run("INSERT INTO re_dating (action, at, before_day, after_day, how, actor) VALUES (?, ?, ?, ?, ?, ?)", action,
             now, before, after, how, actor);
}

void SqliteStore::wake_connected(Transaction& change, ActionRow action, Instant now) {
  Rows connected;
  {
    Query query = change.query(
        "SELECT d.action FROM action a JOIN plan p ON p.id = a.plan JOIN dependency d ON d.blocker_plan = p.slug"
        " AND d.blocker = a.name WHERE a.id = ?1 UNION SELECT b.id FROM dependency d JOIN plan p ON"
        " p.slug = d.blocker_plan JOIN action b ON b.plan = p.id AND b.name = d.blocker WHERE d.action = ?1",
        action);
    while (query.next()) connected.push_back(query.integer(0));
  }
  for (const std::int64_t row : connected) look_now(change, row, now);
}

void SqliteStore::each_of_plan(std::string_view plan, const chase::World& world,
                               const std::function<void(LoadedAction&&)>& visit) {
  Rows rows;
  {
    Transaction reading{database_, Kind::read};
    Query query = reading.query(
        "SELECT a.id FROM plan p JOIN action a ON a.plan = p.id WHERE p.slug = ? AND a.dropped = 0"
        " ORDER BY a.position, a.id",
        plan);
    while (query.next()) rows.push_back(query.integer(0));
  }
  for (std::size_t first = 0; first < rows.size(); first += Transaction::rows_max) {
    std::vector<LoadedAction> batch;
    {
      Transaction reading{database_, Kind::read};
      batch =
          load(reading, std::span(rows).subspan(first, std::min(Transaction::rows_max, rows.size() - first)), world);
    }
    for (LoadedAction& action : batch) visit(std::move(action));
  }
}

std::vector<ReDating> SqliteStore::re_datings(std::string_view plan) {
  std::vector<ReDating> all;
  Transaction reading{database_, Kind::read};
  Query query = reading.query(
      "SELECT a.name, r.at, r.before_day, r.after_day, r.how, r.actor FROM plan p JOIN action a ON a.plan = p.id"
      " JOIN re_dating r ON r.action = a.id WHERE p.slug = ? ORDER BY r.at, r.id",
      plan);
  while (query.next()) {
    all.push_back(
        {query.text(0), query.instant(1), query.maybe_day(2), query.maybe_day(3), query.text(4), query.text(5)});
  }
  return all;
}

std::vector<plan::Dependency> SqliteStore::dependencies_beside(std::string_view plan) {
  std::vector<plan::Dependency> all;
  Transaction reading{database_, Kind::read};
  Query query = reading.query(
      "SELECT p.slug, a.name, d.blocker_plan, d.blocker FROM dependency d JOIN action a ON a.id = d.action"
      " JOIN plan p ON p.id = a.plan WHERE a.dropped = 0 AND p.slug <> ? ORDER BY p.slug, a.position, d.blocker_plan,"
      " d.blocker",
      plan);
  while (query.next()) {
    all.push_back({query.text(0) + "/" + query.text(1), query.text(2) + "/" + query.text(3)});
  }
  return all;
}

}  // namespace chaser::store
