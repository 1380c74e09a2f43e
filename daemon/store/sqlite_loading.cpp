#include <algorithm>
#include <iterator>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// What is being put together of one action: where its stored rows are in the state.
struct Loading {
  LoadedAction action;
  std::string plan;
  std::unordered_map<std::int64_t, std::size_t> case_slots;  // case row -> index of the state's cases
  std::unordered_map<std::int64_t, chase::AssignmentIndex> assignment_slots;

  /// no_assignment for none and for one that is gone.
  chase::AssignmentIndex assignment(std::optional<std::int64_t> row) const {
    const auto found = row ? assignment_slots.find(*row) : assignment_slots.end();
    return found == assignment_slots.end() ? chase::no_assignment : found->second;
  }
};

/// The actions of one load by row. A batch is small and sorted, so that finding one costs less than a hash.
class Batch {
 public:
  explicit Batch(std::span<const std::int64_t> rows) : rows_(rows.begin(), rows.end()) {
    std::sort(rows_.begin(), rows_.end());
    loading_.resize(rows_.size());
  }
  Loading* find(std::int64_t row) {
    const auto found = std::lower_bound(rows_.begin(), rows_.end(), row);
    return found == rows_.end() || *found != row ? nullptr : &loading_[static_cast<std::size_t>(found - rows_.begin())];
  }
  std::span<const std::int64_t> rows() const { return rows_; }

 private:
  std::vector<std::int64_t> rows_;
  std::vector<Loading> loading_;
};

chase::PartyIndex party_of(const chase::World& world, std::string_view id) {
  return id.empty() ? chase::no_party : world.find_party(id);
}

std::vector<std::string> owner_names(std::string_view column) {
  std::vector<std::string> names;
  for (auto& owner : owners_of(column)) names.push_back(std::move(owner.name));
  return names;
}

void load_facts(const Query& query, Loading& loading, Alternatives& known) {
  chase::ActionFacts& facts = loading.action.state.facts;
  loading.action.row = query.integer(0);
  loading.action.row_version = query.integer(1);
  loading.action.state.watermark = query.maybe_instant(2);
  loading.plan = query.text(3);
  facts.id = query.text(4);
  facts.section = query.text(5);
  facts.title = query.text(6);
  facts.text = query.text(7);
  facts.position = query.small(8);
  facts.timescale = timescale_of(query, 9, known);
  facts.status = query.text(18);
  facts.owners = owner_names(query.view(19));
  facts.unowned = query.truth(20);
  facts.tags = texts_of(query.view(21));
  facts.milestones = milestones_of(query.view(22));
  const auto cadence = query.maybe_integer(23);
  if (cadence) facts.cadence_months = static_cast<int>(*cadence);
  facts.first_due = query.maybe_day(24);
  facts.slips = query.small(25);
  facts.imported = query.instant(26);
  facts.updated = query.maybe_instant(27);
  facts.reviewed = query.maybe_instant(28);
  facts.last_note = query.text(29);
  facts.dropped = query.truth(30);
  if (!query.is_null(31)) facts.percent = query.small(31);
  facts.extended = query.maybe_day(32);
  facts.reopened = query.maybe_instant(33);
  for (auto& [how, action] : pairs_of(query.view(34))) {
    facts.lineage.push_back({chase::response_kind(how).value_or(chase::ResponseKind::superseded), std::move(action)});
  }
  facts.last_request = query.small(35);
  if (!facts.extended) return;
  facts.timescale.due = facts.extended;
  facts.timescale.precision = plan::Precision::day;
}

void load_facts_of(Transaction& reading, Batch& batch) {
  Query query = reading.query_rows(
      "SELECT a.id, l.version, l.watermark, p.slug, a.name, a.section, a.title, a.text, a.position, a.verbatim, a.kind,"
      " a.start_day, a.due_day, a.precision, a.convention, a.ambiguous, a.alternative, a.problem, a.status, a.owners,"
      " a.unowned, a.tags, a.milestones, a.cadence_months, a.first_due, a.slips, a.imported, a.updated, a.reviewed,"
      " a.last_note, a.dropped, a.percent, a.extended_day, a.reopened, a.lineage, a.last_request FROM action a JOIN "
      "look l ON l.action = a.id JOIN plan p ON p.id = a.plan WHERE a.id "
      "IN ",
      batch.rows(), "");
  Alternatives known;
  while (query.next()) load_facts(query, *batch.find(query.integer(0)), known);
}

/// What is about whoever led before is about their heir, or the heir's heir.
void map_heirs(Loading& loading, const std::map<std::int64_t, std::int64_t>& heir_of) {
  for (std::size_t i = 0; i < loading.action.assignment_rows.size(); ++i) {
    auto former = heir_of.find(loading.action.assignment_rows[i]);
    while (former != heir_of.end()) {
      const bool is_new =
          loading.assignment_slots.try_emplace(former->second, static_cast<chase::AssignmentIndex>(i)).second;
      if (!is_new) break;  // one who leads again, or a circle of heirs
      former = heir_of.find(former->second);
    }
  }
}

void load_assignments(Transaction& reading, Batch& batch, const chase::World& world) {
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> heirs;  // by action
  Query query = reading.query_rows(
      "SELECT id, action, party, role, token, since, delegate, delegated, done, gone, heir_of, inherited FROM "
      "assignment"
      " WHERE action IN ",
      batch.rows(), " ORDER BY action, gone IS NOT NULL, position, id");
  while (query.next()) {
    Loading& loading = *batch.find(query.integer(1));
    chase::ActionState& state = loading.action.state;
    if (const auto former = query.maybe_integer(10)) heirs[query.integer(1)][query.integer(0)] = *former;
    const auto role = query.view(3) == plan::name_of(plan::Role::support) ? plan::Role::support : plan::Role::lead;
    const chase::PartyIndex party = party_of(world, query.view(2));
    if (!query.is_null(9)) {
      const bool leads = std::any_of(state.assignments.begin(), state.assignments.end(),
                                     [&](const chase::AssignmentState& now) { return now.holder() == party; });
      if (role == plan::Role::lead && party != chase::no_party && !leads) state.former.push_back(party);
      continue;
    }
    loading.assignment_slots[query.integer(0)] =
        static_cast<chase::AssignmentIndex>(loading.action.assignment_rows.size());
    loading.action.assignment_rows.push_back(query.integer(0));
    state.assignments.push_back({party, role, query.text(4), query.instant(5), party_of(world, query.view(6)),
                                 query.maybe_instant(7), query.maybe_instant(8), query.maybe_instant(11)});
  }
  for (const auto& [action, heir_of] : heirs) map_heirs(*batch.find(action), heir_of);
}

chase::CaseState case_of(const Query& query, const chase::CompiledRule* rule) {
  chase::CaseState loaded;
  loaded.rule = rule;
  loaded.anchor = query.text(3);
  loaded.epoch = query.small(4);
  loaded.anchor_day = query.day(5);
  loaded.began = query.instant(6);
  loaded.beginning = chase::beginning(query.view(7)).value_or(chase::Beginning::first_meeting);
  loaded.status = chase::case_status(query.view(8)).value_or(chase::CaseStatus::closed);
  loaded.closed_by = {chase::reason_code(query.view(9)), query.text(10)};
  loaded.closed_at = query.maybe_instant(11);
  return loaded;
}

/// Only the latest epoch of a rule and anchor instance is looked at again: an earlier one has closed for good.
template <typename RuleOf>
void load_cases(Transaction& reading, Batch& batch, const RuleOf& rule_of) {
  Query query = reading.query_rows(
      "SELECT id, action, rule_version, anchor, epoch, anchor_day, began, beginning, status, reason, detail, closed_at"
      " FROM chase_case c WHERE action IN ",
      batch.rows(),
      " AND NOT EXISTS (SELECT 1 FROM chase_case later WHERE later.action = c.action AND later.rule = c.rule"
      " AND later.anchor = c.anchor AND later.epoch > c.epoch) ORDER BY action, id");
  while (query.next()) {
    const chase::CompiledRule* rule = rule_of(query.integer(2));
    // A rule of which no version is known any more: nothing can be decided about its cases, which have ended.
    if (rule == nullptr) continue;
    Loading& loading = *batch.find(query.integer(1));
    loading.case_slots[query.integer(0)] = loading.action.case_rows.size();
    loading.action.case_rows.push_back(query.integer(0));
    loading.action.firing_rows.emplace_back();
    loading.action.pause_rows.emplace_back();
    loading.action.state.cases.push_back(case_of(query, rule));
  }
}

std::optional<std::uint16_t> step_index(const chase::CaseState& chase_case, std::string_view name) {
  const auto& steps = chase_case.rule->rule->steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].name == name) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

std::vector<chase::AssignmentIndex> leads_of(const Loading& loading, std::string_view column) {
  std::vector<chase::AssignmentIndex> leads;
  for (const std::int64_t row : rows_of(column)) {
    const chase::AssignmentIndex lead = loading.assignment(row);
    if (lead != chase::no_assignment) leads.push_back(lead);
  }
  std::sort(leads.begin(), leads.end());
  return leads;
}

chase::Firing firing_of(const Query& query, const Loading& loading, std::uint16_t step, const chase::World& world) {
  chase::Firing firing;
  firing.step = step;
  firing.occurrence = {static_cast<std::int32_t>(query.integer(4)), query.truth(5)};
  firing.recipient = party_of(world, query.view(6));
  firing.relational = query.truth(7);
  firing.leads = leads_of(loading, query.view(8));
  firing.state = chase::notification_state(query.view(9)).value_or(chase::NotificationState::withdrawn);
  firing.deliver = query.view(10) == rulebook::name_of(rulebook::Deliver::digest) ? rulebook::Deliver::digest
                                                                                  : rulebook::Deliver::direct;
  firing.first_meeting = query.truth(11);
  firing.late = query.truth(12);
  firing.nominal = query.day(13);
  firing.opening = query.instant(14);
  firing.sent_at = query.maybe_instant(15);
  firing.reason = {chase::reason_code(query.view(16)), query.text(17)};
  firing.waits_since = query.maybe_instant(18);
  firing.read_by = party_of(world, query.view(19));
  return firing;
}

void load_firings(Transaction& reading, Batch& batch, const chase::World& world) {
  Query query = reading.query_rows(
      "SELECT id, action, chase_case, step, ordinal, refired, recipient, relational, leads, state, deliver, "
      "first_meeting,"
      " late, nominal, opening, sent, reason, detail, waits_since, reader FROM notification WHERE action IN ",
      batch.rows(), " AND " + std::string(of_a_rule_file) + " ORDER BY action, id");
  while (query.next()) {
    Loading& loading = *batch.find(query.integer(1));
    const auto slot = loading.case_slots.find(query.integer(2));
    if (slot == loading.case_slots.end()) continue;
    chase::CaseState& chase_case = loading.action.state.cases[slot->second];
    const auto step = step_index(chase_case, query.view(3));
    if (!step) continue;
    chase_case.firings.push_back(firing_of(query, loading, *step, world));
    loading.action.firing_rows[slot->second].push_back(query.integer(0));
  }
}

/// A pause of whoever led before ended when another went on in their place; what it paused until then is part of the
/// age. Nothing if it is not: one without a day for its end.
bool inherit(chase::Pause& pause, const chase::AssignmentState& heir, const calendar::Zone& zone) {
  if (!pause.last || !heir.inherited) return false;
  pause.last = std::min(*pause.last, calendar::day_of(*heir.inherited, zone));
  pause.inherited = true;
  pause.settled = true;
  return *pause.last > calendar::day_of(pause.from, zone);
}

void load_pauses(Transaction& reading, Batch& batch, const chase::World& world) {
  Query query = reading.query_rows(
      "SELECT id, action, chase_case, assignment, kind, from_at, last_day, settled, cut FROM pause WHERE action IN ",
      batch.rows(), " ORDER BY action, from_at, id");
  while (query.next()) {
    Loading& loading = *batch.find(query.integer(1));
    const auto slot = loading.case_slots.find(query.integer(2));
    const chase::AssignmentIndex assignment = loading.assignment(query.maybe_integer(3));
    if (slot == loading.case_slots.end() || assignment == chase::no_assignment) continue;
    const auto kind = chase::response_kind(query.view(4)).value_or(chase::ResponseKind::acknowledge);
    chase::Pause pause{assignment, kind, query.instant(5), query.maybe_day(6), query.truth(7), query.maybe_instant(8)};
    if (loading.action.assignment_rows[assignment] != query.integer(3)) {
      const chase::PlanContext* const plan = world.find_plan(loading.plan);
      const bool counts = plan != nullptr && inherit(pause, loading.action.state.assignments[assignment], plan->zone);
      if (!counts) continue;
    }
    loading.action.state.cases[slot->second].pauses.push_back(pause);
    loading.action.pause_rows[slot->second].push_back(query.integer(0));
  }
}

void load_entries(Transaction& reading, Batch& batch) {
  Query query = reading.query_rows("SELECT action, chase_case, assignment, step, day FROM entry WHERE action IN ",
                                   batch.rows(), " ORDER BY action, id");
  while (query.next()) {
    Loading& loading = *batch.find(query.integer(0));
    const auto slot = loading.case_slots.find(query.integer(1));
    if (slot == loading.case_slots.end()) continue;
    const chase::AssignmentIndex assignment = loading.assignment(query.maybe_integer(2));
    if (assignment == chase::no_assignment && !query.is_null(2)) continue;
    chase::CaseState& chase_case = loading.action.state.cases[slot->second];
    const auto step = step_index(chase_case, query.view(3));
    if (step) chase_case.entries.push_back({assignment, *step, query.day(4)});
  }
}

void load_last_direct(Transaction& reading, Batch& batch, const chase::World& world) {
  Query query = reading.query_rows("SELECT action, rule, recipient, at FROM last_direct WHERE action IN ", batch.rows(),
                                   " ORDER BY action, rule, recipient");
  while (query.next()) {
    const chase::PartyIndex recipient = party_of(world, query.view(2));
    if (recipient == chase::no_party) continue;
    batch.find(query.integer(0))->action.state.last_direct.push_back({query.text(1), recipient, query.instant(3)});
  }
}

chase::Request request_of(const Query& query, const Loading& loading, const chase::World& world) {
  chase::Request request;
  request.number = query.small(1);
  request.kind = chase::response_kind(query.view(2)).value_or(chase::ResponseKind::extension);
  request.assignments = leads_of(loading, query.view(3));
  request.by = party_of(world, query.view(4));
  request.decider = party_of(world, query.view(5));
  request.asked = query.instant(6);
  request.due = query.maybe_day(7);
  request.status = query.text(8);
  request.others = texts_of(query.view(9));
  request.note = query.text(10);
  request.evidence = query.text(11);
  return request;
}

void load_requests(Transaction& reading, Batch& batch, const chase::World& world) {
  Query query = reading.query_rows(
      "SELECT action, number, kind, assignments, asker, decider, asked, due, status, others, note, evidence"
      " FROM request WHERE state = 'open' AND action IN ",
      batch.rows(), " ORDER BY action, number");
  while (query.next()) {
    Loading& loading = *batch.find(query.integer(0));
    loading.action.state.requests.push_back(request_of(query, loading, world));
  }
}

bool is_anything_blocked(Transaction& reading) {
  Query query = reading.query("SELECT EXISTS (SELECT 1 FROM blocking WHERE blocked > 0)");
  return query.next() && query.truth(0);
}

void load_blocking(Transaction& reading, Batch& batch) {
  {
    Query query = reading.query_rows(
        "SELECT w.blocked, b.name, w.since, w.until FROM blocking w JOIN action b ON b.id = w.blocker WHERE w.blocked "
        "IN ",
        batch.rows(), " ORDER BY w.blocked, b.name");
    while (query.next()) {
      batch.find(query.integer(0))->action.state.blocked_by.push_back({query.text(1), query.instant(2), query.day(3)});
    }
  }
  Query query = reading.query_rows(
      "SELECT w.blocker, a.name, w.since, w.until FROM blocking w JOIN action a ON a.id = w.blocked WHERE w.blocker "
      "IN ",
      batch.rows(), " ORDER BY w.blocker, a.name");
  while (query.next()) {
    batch.find(query.integer(0))->action.state.blocks.push_back({query.text(1), query.instant(2), query.day(3)});
  }
}

/// Who answered what last: for answering alone, deciding does not ask.
void load_answered(Transaction& reading, LoadedAction& action, const chase::World& world) {
  Query query = reading.query(
      "SELECT party, kind, max(id), at, means FROM response WHERE action = ? AND accepted = 1 GROUP BY party, kind"
      " ORDER BY max(id)",
      action.row);
  while (query.next()) {
    action.state.answered.push_back({party_of(world, query.view(0)),
                                     chase::response_kind(query.view(1)).value_or(chase::ResponseKind::update),
                                     query.instant(3), query.text(4)});
  }
}

bool has_open_case(const chase::ActionState& state) {
  return std::any_of(state.cases.begin(), state.cases.end(),
                     [](const chase::CaseState& chase_case) { return chase_case.status == chase::CaseStatus::open; });
}

}  // namespace

/// In the order of `rows`; an action whose plan the world does not know is left out.
std::vector<LoadedAction> SqliteStore::load(Transaction& reading, std::span<const std::int64_t> rows,
                                            const chase::World& world) {
  std::vector<LoadedAction> loaded;
  if (rows.empty()) return loaded;
  Batch batch{rows};
  std::map<std::int64_t, const chase::CompiledRule*> rules;
  const auto rule_of = [&](std::int64_t version) {
    const auto [found, is_new] = rules.try_emplace(version, nullptr);
    if (is_new) found->second = pinned_rule(reading, version, world);
    return found->second;
  };
  load_facts_of(reading, batch);
  load_assignments(reading, batch, world);
  load_cases(reading, batch, rule_of);
  load_firings(reading, batch, world);
  load_pauses(reading, batch, world);
  load_entries(reading, batch);
  load_last_direct(reading, batch, world);
  load_requests(reading, batch, world);
  if (is_anything_blocked(reading)) load_blocking(reading, batch);
  loaded.reserve(rows.size());
  for (const std::int64_t row : rows) {
    Loading& loading = *batch.find(row);
    loading.action.state.plan = world.find_plan(loading.plan);
    if (loading.action.state.plan != nullptr) loaded.push_back(std::move(loading.action));
  }
  load_supplements(reading, loaded, world);
  return loaded;
}

/// The actions of a plan that the settings no longer name wait without a next look, lest they were due for ever; a plan
/// that is named again is looked at again.
void SqliteStore::park_unknown_plans(const chase::World& world, Instant now) {
  struct Move {
    std::int64_t row;
    std::string slug;
    bool parked;
  };
  std::vector<Move> moves;
  {
    Transaction reading{database_, Kind::read};
    Query query = reading.query("SELECT id, slug, parked FROM plan");
    while (query.next()) {
      const bool is_unknown = world.find_plan(query.view(1)) == nullptr;
      if (is_unknown != query.truth(2)) moves.push_back({query.integer(0), query.text(1), is_unknown});
    }
  }
  if (moves.empty() || database_.mode() == Database::Mode::read_only) return;
  Transaction change{database_};
  for (const auto& [row, slug, parked] : moves) {
    const std::optional<Instant> next = parked ? std::nullopt : std::optional(now);
    change.run("UPDATE plan SET parked = ? WHERE id = ?", parked, row);
    change.run(
        "UPDATE look SET next_look = ?, version = version + 1 WHERE action IN (SELECT id FROM action WHERE plan = ?)",
        next, row);
    if (!parked) {
      change.run(
          "UPDATE recipient SET next_compose = ?1 WHERE party IN (SELECT n.recipient FROM action a JOIN notification n"
          " ON n.action = a.id WHERE a.plan = ?2 AND n.state = 'pending')",
          now, row);
    }
    add_event(change, now, parked ? "parked" : "unparked", slug, "", "chaser", "{}");
  }
  change.commit();
}

std::vector<LoadedAction> SqliteStore::due_actions(Instant now, std::size_t limit, const chase::World& world) {
  park_unknown_plans(world, now);
  Transaction reading{database_, Kind::read};
  Rows rows;
  {
    Query query = reading.query("SELECT action FROM look WHERE next_look <= ? ORDER BY next_look, action LIMIT ?", now,
                                std::min(limit, Transaction::rows_max));
    while (query.next()) rows.push_back(query.integer(0));
  }
  return load(reading, rows, world);
}

std::optional<LoadedAction> SqliteStore::load_action(std::string_view plan, std::string_view action,
                                                     const chase::World& world) {
  Transaction reading{database_, Kind::read};
  Rows rows;
  {
    Query query = reading.query(
        "SELECT a.id FROM action a JOIN plan p ON p.id = a.plan WHERE p.slug = ? AND a.name = ?", plan, action);
    if (query.next()) rows.push_back(query.integer(0));
  }
  auto loaded = load(reading, rows, world);
  if (loaded.empty()) return std::nullopt;
  load_answered(reading, loaded.front(), world);
  return std::move(loaded.front());
}

std::vector<LoadedAction> SqliteStore::load_actions(std::span<const ActionRow> rows, const chase::World& world) {
  Transaction reading{database_, Kind::read};
  std::vector<LoadedAction> loaded;
  for (std::size_t first = 0; first < rows.size(); first += Transaction::rows_max) {
    std::vector<LoadedAction> some =
        load(reading, rows.subspan(first, std::min(Transaction::rows_max, rows.size() - first)), world);
    std::move(some.begin(), some.end(), std::back_inserter(loaded));
  }
  return loaded;
}

void SqliteStore::each_action(const chase::World& world, const std::function<void(LoadedAction&&)>& visit) {
  Rows rows;
  {
    Transaction reading{database_, Kind::read};
    Query query = reading.query(
        "SELECT a.id FROM plan p JOIN action a ON a.plan = p.id WHERE a.dropped = 0 OR EXISTS (SELECT 1 FROM "
        "chase_case c"
        " WHERE c.action = a.id AND c.status = 'open') ORDER BY p.slug, a.position, a.id");
    while (query.next()) rows.push_back(query.integer(0));
  }
  // Batch by batch and outside of a transaction, so that `visit` may write.
  for (std::size_t first = 0; first < rows.size(); first += Transaction::rows_max) {
    std::vector<LoadedAction> batch;
    {
      Transaction reading{database_, Kind::read};
      const auto count = std::min(Transaction::rows_max, rows.size() - first);
      batch = load(reading, std::span(rows).subspan(first, count), world);
    }
    for (auto& action : batch) {
      const bool is_over = action.state.facts.dropped || world.workflow().is_finished(action.state.facts.status);
      if (!is_over || has_open_case(action.state)) visit(std::move(action));
    }
  }
}

}  // namespace chaser::store
