#include <algorithm>
#include <cassert>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using chase::NotificationState;

using rulebook::exhausted_rule;
constexpr auto failure_pause = absl::Hours(1);

std::string_view party_id(const chase::World& world, chase::PartyIndex party) {
  return party == chase::no_party ? std::string_view() : std::string_view(world.person(party).id);
}

std::int64_t assignment_row(const LoadedAction& action, chase::AssignmentIndex assignment) {
  return action.assignment_rows.at(assignment);
}

std::optional<std::int64_t> maybe_assignment_row(const LoadedAction& action, chase::AssignmentIndex assignment) {
  if (assignment == chase::no_assignment) return std::nullopt;
  return assignment_row(action, assignment);
}

std::string lead_rows(const LoadedAction& action, std::span<const chase::AssignmentIndex> leads) {
  std::vector<std::int64_t> rows;
  for (const chase::AssignmentIndex lead : leads) rows.push_back(assignment_row(action, lead));
  return to_column(rows);
}

/// Case `index` of a verdict: one that was loaded, or one that it opens.
const chase::CaseState& case_at(const LoadedAction& action, const chase::Verdict& verdict, chase::CaseIndex index) {
  const auto& loaded = action.state.cases;
  return index < loaded.size() ? loaded[index] : verdict.opened.at(index - loaded.size());
}

/// The audit trail's line of one look: what it changed, by party ids.
class DecidedLine {
 public:
  void opened(const chase::CaseState& chase_case) {
    JsonObject item;
    item.add("rule", chase_case.rule->rule->name).add("anchor", chase_case.anchor).add("epoch", chase_case.epoch);
    item.add("day", calendar::iso_day(chase_case.anchor_day));
    append(opened_, item);
  }
  void ended(const chase::CaseState& chase_case, const chase::CaseEnd& end) {
    JsonObject item;
    item.add("rule", chase_case.rule->rule->name).add("anchor", chase_case.anchor).add("epoch", chase_case.epoch);
    item.add("status", chase::name_of(end.status)).add("reason", chase::describe(end.reason));
    append(ended_, item);
  }
  void told(const chase::NotificationIdentity& identity, std::string_view state) {
    JsonObject item;
    item.add("rule", identity.rule).add("anchor", identity.anchor).add("epoch", identity.epoch);
    item.add("step", identity.step).add("occurrence", chase::to_string(identity.occurrence));
    item.add("to", identity.recipient).add("state", state);
    if (!identity.about.empty()) item.add("about", identity.about);
    append(told_, item);
  }
  /// By its stored key: a case that was migrated since has another epoch than the notification was told under.
  void changed(std::string_view key, std::string_view rule, std::string_view step, const chase::FiringChange& change) {
    JsonObject item;
    item.add("key", key).add("rule", rule).add("step", step);
    item.add("state", chase::name_of(change.state));
    item.add("reason", chase::describe(change.reason));
    append(changed_, item);
  }
  bool empty() const { return opened_.empty() && ended_.empty() && told_.empty() && changed_.empty(); }
  std::string text() const {
    JsonObject line;
    const std::pair<std::string_view, const std::string*> parts[] = {
        {"opened", &opened_}, {"ended", &ended_}, {"notifications", &told_}, {"changed", &changed_}};
    for (const auto& [name, part] : parts) {
      if (!part->empty()) line.add_raw(name, "[" + *part + "]");
    }
    return line.text();
  }

 private:
  static void append(std::string& list, const JsonObject& item) {
    if (!list.empty()) list += ',';
    list += item.text();
  }
  std::string opened_, ended_, told_, changed_;
};

/// Of the built-in rule's item about a case.
chase::NotificationIdentity exhausted_identity(const LoadedAction& action, const chase::CaseState& chase_case,
                                               const chase::Person& person) {
  chase::NotificationIdentity identity;
  identity.plan = action.state.plan->id;
  identity.action = action.state.facts.id;
  identity.rule = exhausted_rule;
  identity.anchor = chase_case.anchor;
  identity.epoch = chase_case.epoch;
  identity.step = chase_case.rule->rule->name;
  identity.recipient = person.id;
  return identity;
}

/// `changed_keys`: of the notifications that the verdict's changes are about, in their order.
DecidedLine line_of(const LoadedAction& action, const chase::Verdict& verdict,
                    std::span<const std::string> changed_keys, const chase::World& world) {
  DecidedLine line;
  for (const auto& opened : verdict.opened) line.opened(opened);
  for (const auto& end : verdict.ended) line.ended(case_at(action, verdict, end.index), end);
  for (const auto& fired : verdict.firings) {
    line.told(identity_of(action.state, case_at(action, verdict, fired.index), fired.firing, world),
              chase::name_of(fired.firing.state));
  }
  for (std::size_t i = 0; i < verdict.changes.size(); ++i) {
    const chase::FiringChange& change = verdict.changes[i];
    const chase::CaseState& chase_case = action.state.cases[change.index];
    const rulebook::Rule& rule = *chase_case.rule->rule;
    line.changed(changed_keys[i], rule.name, rule.steps[chase_case.firings[change.firing].step].name, change);
  }
  for (const auto& item : verdict.exhausted_items) {
    if (item.recipient == chase::no_party) continue;
    line.told(exhausted_identity(action, case_at(action, verdict, item.index), world.person(item.recipient)),
              "pending");
  }
  return line;
}

}  // namespace

std::vector<std::string> SqliteStore::keys_of_changes(Transaction& reading, const LoadedAction& action,
                                                      const chase::Verdict& verdict) {
  std::vector<std::string> keys;
  for (const auto& change : verdict.changes) {
    keys.push_back(key_of_row(reading, action.firing_rows.at(change.index).at(change.firing)));
  }
  return keys;
}

void SqliteStore::look_at_all(Instant now) {
  Transaction change{database_};
  change.run(
      "UPDATE look SET next_look = ?, version = version + 1 WHERE action IN"
      " (SELECT a.id FROM action a JOIN plan p ON p.id = a.plan WHERE p.parked = 0)",
      now);
  wake_recipients(change, now);
  change.commit();
}

std::size_t SqliteStore::commit_pass(std::span<const Decided> decided, const chase::World& world, Instant now) {
  std::size_t left_out = 0;
  Transaction change{database_};
  for (const auto& look : decided) {
    if (!record(change, look, world, now)) ++left_out;
  }
  change.run("UPDATE keeper SET last_pass = ?", now);
  raise_high_water(change, now);
  change.commit();
  return left_out;
}

/// False if another writer changed the action since it was loaded: then nothing is written.
bool SqliteStore::record(Transaction& change, const Decided& decided, const chase::World& world, Instant now) {
  assert(decided.action != nullptr && (decided.verdict != nullptr || decided.failure));
  const LoadedAction& action = *decided.action;
  const bool failed = decided.failure.has_value();
  const std::optional<Instant> watermark = failed ? action.state.watermark : now;
  const std::optional<Instant> next_look = failed ? now + failure_pause : decided.verdict->next_look;
  const bool when_delivered = failed || decided.verdict->looks_when_delivered;
  const int taken = change.run(
      "UPDATE look SET watermark = ?, next_look = ?, when_delivered = ?, version = version + 1"
      " WHERE action = ? AND version = ?",
      watermark, next_look, when_delivered, action.row, action.row_version);
  if (taken == 0) return false;
  if (failed) {
    record_failure(change, action, *decided.failure, now);
    return true;
  }
  const chase::Verdict& verdict = *decided.verdict;
  const Rows cases = open_cases(change, action, verdict);
  for (const auto& end : verdict.ended) end_case(change, cases[end.index], action.row, end, now);
  change_firings(change, action, verdict, now);
  for (const auto& settled : verdict.settled) {
    change.run("UPDATE pause SET settled = 1 WHERE id = ?", action.pause_rows.at(settled.index).at(settled.pause));
  }
  for (const auto& entry : verdict.entries) {
    const auto& steps = case_at(action, verdict, entry.index).rule->rule->steps;
    insert_entry(change, cases[entry.index], action, steps.at(entry.entry.step).name, entry.entry);
  }
  insert_firings(change, action, verdict, cases, world, now);
  insert_exhausted(change, action, verdict, cases, world, now);
  record_holds(change, action, verdict, cases, world, now);
  const chase::ActionFacts& facts = action.state.facts;
  const bool has_ended =
      facts.dropped || world.workflow().is_finished(facts.status) || facts.timescale.kind == plan::TimescaleKind::done;
  if (has_ended) tell_closed(change, action.row, world, now);
  const DecidedLine line = line_of(action, verdict, keys_of_changes(change, action, verdict), world);
  if (!line.empty()) {
    add_event(change, now, "decided", action.state.plan->id, action.state.facts.id, "chaser", line.text());
  }
  return true;
}

void SqliteStore::record_failure(Transaction& change, const LoadedAction& action, const std::string& failure,
                                 Instant now) {
  change.run(
      "INSERT INTO hold (action, chase_case, step, recipient, assignment, ordinal, refired, reason, detail, since, "
      "until)"
      " VALUES (?, 0, '', '', 0, 0, 0, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET since = iif(reason = excluded.reason AND"
      " detail = excluded.detail, since, excluded.since), reason = excluded.reason, detail = excluded.detail,"
      " until = excluded.until",
      action.row, chase::name_of(chase::ReasonCode::failed), failure, now, now + failure_pause);
  add_event(change, now, "failed", action.state.plan->id, action.state.facts.id, "chaser",
            JsonObject().add("reason", failure).text());
}

/// The rows of all cases by CaseIndex: those loaded, then those opened now.
SqliteStore::Rows SqliteStore::open_cases(Transaction& change, const LoadedAction& action,
                                          const chase::Verdict& verdict) {
  Rows rows = action.case_rows;
  for (const auto& opened : verdict.opened) {
    const rulebook::Rule& rule = *opened.rule->rule;
    change.run(
        "INSERT INTO chase_case (action, rule, rule_version, anchor, epoch, anchor_day, began, beginning, status, "
        "reason,"
        " detail, closed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        action.row, rule.name, version_row(change, rule), opened.anchor, opened.epoch, opened.anchor_day, opened.began,
        chase::name_of(opened.beginning), chase::name_of(opened.status), chase::name_of(opened.closed_by.code),
        opened.closed_by.detail, opened.closed_at);
    const std::int64_t row = change.last_row();
    rows.push_back(row);
    for (const auto& pause : opened.pauses) insert_pause(change, row, action, pause);
    for (const auto& entry : opened.entries) insert_entry(change, row, action, rule.steps.at(entry.step).name, entry);
  }
  return rows;
}

void SqliteStore::end_case(Transaction& change, std::int64_t row, ActionRow action, const chase::CaseEnd& end,
                           Instant now) {
  change.run("UPDATE chase_case SET status = ?, reason = ?, detail = ?, closed_at = ? WHERE id = ?",
             chase::name_of(end.status), chase::name_of(end.reason.code), end.reason.detail, now, row);
  change.run("DELETE FROM hold WHERE action = ? AND chase_case = ?", action, row);
}

void SqliteStore::insert_pause(Transaction& change, std::int64_t case_row, const LoadedAction& action,
                               const chase::Pause& pause) {
  change.run(
      "INSERT INTO pause (chase_case, action, assignment, kind, from_at, last_day, settled, cut) VALUES (?, ?, ?, ?, "
      "?, "
      "?, ?, ?)",
      case_row, action.row, maybe_assignment_row(action, pause.assignment), chase::name_of(pause.kind), pause.from,
      pause.last, pause.settled, pause.cut);
}

void SqliteStore::insert_entry(Transaction& change, std::int64_t case_row, const LoadedAction& action,
                               std::string_view step, const chase::Entry& entry) {
  change.run("INSERT INTO entry (chase_case, action, assignment, step, day) VALUES (?, ?, ?, ?, ?)", case_row,
             action.row, maybe_assignment_row(action, entry.assignment), step, entry.day);
}

void SqliteStore::compose_by(Transaction& change, std::string_view recipient, Instant opening) {
  change.run(
      "INSERT INTO recipient (party, next_compose) VALUES (?, ?) ON CONFLICT DO UPDATE SET"
      " next_compose = min(coalesce(next_compose, excluded.next_compose), excluded.next_compose)",
      recipient, opening);
}

/// A notification that exists already is left as it is. Returns how many were new.
std::size_t SqliteStore::insert_firings(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict,
                                        const Rows& cases, const chase::World& world, Instant now) {
  std::size_t inserted = 0;
  for (const auto& fired : verdict.firings) {
    const chase::CaseState& chase_case = case_at(action, verdict, fired.index);
    const chase::Firing& firing = fired.firing;
    const rulebook::Rule& rule = *chase_case.rule->rule;
    const rulebook::Step& step = rule.steps.at(firing.step);
    const chase::NotificationIdentity identity = identity_of(action.state, chase_case, firing, world);
    const auto via = chase::resolve_channels(step.via, world.person(firing.recipient));
    const bool is_new =
        change.run(
            "INSERT INTO notification (key, chase_case, action, rule, step, ordinal, refired, recipient, relational, "
            "leads,"
            " about, state, deliver, via, first_meeting, late, nominal, opening, decided, sent, reason, detail,"
            " waits_since) VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            Blob{bytes_of_hex(chase::key_of(identity))}, cases[fired.index], action.row, rule.name, step.name,
            firing.occurrence.ordinal, firing.occurrence.refired, identity.recipient, firing.relational,
            lead_rows(action, firing.leads), to_column(identity.about), chase::name_of(firing.state),
            rulebook::name_of(firing.deliver), joined(via), firing.first_meeting, firing.late, firing.nominal,
            firing.opening, now, firing.sent_at, chase::name_of(firing.reason.code), firing.reason.detail,
            firing.waits_since) > 0;
    if (!is_new) continue;
    ++inserted;
    if (firing.state == NotificationState::pending) compose_by(change, identity.recipient, firing.opening);
    // It went, or its own record says why not: the reason for waiting is over.
    change.run("DELETE FROM hold WHERE action = ? AND chase_case = ? AND step = ? AND recipient IN (?, '')", action.row,
               cases[fired.index], step.name, identity.recipient);
  }
  return inserted;
}

/// The items of the built-in rule: its step is the exhausted rule, its place the same case.
void SqliteStore::insert_exhausted(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict,
                                   const Rows& cases, const chase::World& world, Instant now) {
  const std::vector<std::string> email{"email"};
  for (const auto& item : verdict.exhausted_items) {
    if (item.recipient == chase::no_party) continue;
    const chase::CaseState& chase_case = case_at(action, verdict, item.index);
    const chase::Person& person = world.person(item.recipient);
    const chase::NotificationIdentity identity = exhausted_identity(action, chase_case, person);
    const bool is_new =
        change.run(
            "INSERT INTO notification (key, chase_case, action, rule, step, ordinal, refired, recipient, relational, "
            "leads,"
            " about, state, deliver, via, first_meeting, late, nominal, opening, decided, reason, detail) VALUES"
            " (?, ?, ?, ?, ?, 0, 0, ?, 0, '', '[]', 'pending', 'digest', ?, 0, 0, ?, ?, ?, 'none', '')"
            " ON CONFLICT (key) DO NOTHING",
            Blob{bytes_of_hex(chase::key_of(identity))}, cases[item.index], action.row, exhausted_rule, identity.step,
            person.id, joined(chase::resolve_channels(email, person)), item.nominal, item.opening, now) > 0;
    if (is_new) compose_by(change, person.id, item.opening);
  }
}

void SqliteStore::change_firings(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict,
                                 Instant now) {
  for (const auto& item : verdict.changes) {
    const std::int64_t row = action.firing_rows.at(item.index).at(item.firing);
    change.run("UPDATE notification SET state = ?, reason = ?, detail = ? WHERE id = ?", chase::name_of(item.state),
               chase::name_of(item.reason.code), item.reason.detail, row);
    if (item.state == NotificationState::withdrawn || item.state == NotificationState::superseded ||
        item.state == NotificationState::lapsed) {
      take_from_queue(change, row, now);
    }
  }
}

/// The latest per case, assignment, recipient and step; `since` stays while the reason does. What silences the action
/// as a whole is replaced by what this look says.
void SqliteStore::record_holds(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict,
                               const Rows& cases, const chase::World& world, Instant now) {
  const bool speaks_of_action = std::any_of(verdict.holds.begin(), verdict.holds.end(),
                                            [](const chase::Hold& hold) { return hold.index == chase::no_case; });
  if (!speaks_of_action) change.run("DELETE FROM hold WHERE action = ? AND chase_case = 0", action.row);
  for (const auto& hold : verdict.holds) {
    const bool is_of_case = hold.index != chase::no_case;
    std::string_view step;
    if (is_of_case && hold.step != chase::no_step) {
      step = case_at(action, verdict, hold.index).rule->rule->steps.at(hold.step).name;
    }
    change.run(
        "INSERT INTO hold (action, chase_case, step, recipient, assignment, ordinal, refired, reason, detail, since, "
        "until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " since = iif(reason = excluded.reason AND detail = excluded.detail, since, excluded.since),"
        " reason = excluded.reason, detail = excluded.detail, until = excluded.until, ordinal = excluded.ordinal,"
        " refired = excluded.refired",
        action.row, is_of_case ? cases[hold.index] : 0, step, party_id(world, hold.recipient),
        maybe_assignment_row(action, hold.assignment).value_or(0), hold.occurrence.ordinal, hold.occurrence.refired,
        chase::name_of(hold.reason.code), hold.reason.detail, now, hold.until);
  }
}

std::size_t SqliteStore::reconcile(const chase::World& world, Instant now) {
  std::size_t missing = 0;
  chase::Verdict verdict;
  each_action(world, [&](LoadedAction&& action) {
    const auto watermark = action.state.watermark;
    if (!watermark) return;
    chase::decide(action.state, world, chase::Look{*watermark, *watermark}, verdict);
    if (verdict.firings.empty()) return;
    Transaction change{database_};
    {
      // One that is due will be looked at anyway: what happened to it since its last look is no mistake.
      Query due =
          change.query("SELECT next_look IS NOT NULL AND next_look <= ?2 FROM look WHERE action = ?1", action.row, now);
      if (!due.next() || due.truth(0)) return;
    }
    const Rows cases = open_cases(change, action, verdict);
    const std::size_t inserted = insert_firings(change, action, verdict, cases, world, now);
    if (inserted == 0) return;
    missing += inserted;
    look_now(change, action.row, now);
    add_event(change, now, "reconciled", action.state.plan->id, action.state.facts.id, "chaser",
              line_of(action, verdict, keys_of_changes(change, action, verdict), world).text());
    change.commit();
  });
  return missing;
}

}  // namespace chaser::store
