#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"
#include "store/sqlite_owners.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// The columns of stored_plan's query from `column` on: the action as the last document said it.
plan::Action action_of(const Query& query, int column, Alternatives& known) {
  plan::Action action;
  action.id = query.text(column);
  action.section = query.text(column + 1);
  action.text = query.text(column + 2);
  action.title = query.text(column + 3);
  action.owners_verbatim = query.text(column + 4);
  action.owners = owners_of(query.view(column + 5));
  action.timescale = timescale_of(query, column + 6, known);
  action.status = query.text(column + 15);
  action.milestones = milestones_of(query.view(column + 16));
  action.tags = texts_of(query.view(column + 17));
  const auto cadence = query.maybe_integer(column + 18);
  if (cadence) action.cadence_months = static_cast<int>(*cadence);
  action.other = pairs_of(query.view(column + 19));
  action.recurrence = query.text(column + 20);
  action.measure = measure_of(query.view(column + 21));
  action.blocked_by = texts_of(query.view(column + 22));
  return action;
}

bool is_same_document(const plan::Action& stored, plan::Action imported) {
  imported.at = stored.at;  // where a row stands in the file says nothing
  return stored == imported;
}

bool is_re_dated(const plan::Timescale& stored, const plan::Timescale& imported) {
  return stored.kind != imported.kind || stored.start != imported.start || stored.due != imported.due;
}

}  // namespace

struct SqliteStore::StoredPlan {
  struct Place {
    ActionRow row = 0;
    std::int32_t position = 0;
    bool dropped = false;
    plan::Action action;
  };
  std::optional<std::int64_t> row;
  std::map<std::string, Place, std::less<>> actions;  // dropped ones too
  plan::Plan document;                                // without them
};

SqliteStore::StoredPlan SqliteStore::stored_plan(Transaction& reading, std::string_view slug) {
  StoredPlan stored;
  stored.document.id = slug;
  {
    Query query = reading.query("SELECT id, title, sections FROM plan WHERE slug = ?", slug);
    if (!query.next()) return stored;
    stored.row = query.integer(0);
    stored.document.title = query.text(1);
    stored.document.sections = texts_of(query.view(2));
  }
  Query query = reading.query(
      "SELECT id, position, dropped, name, section, text, title, owners_verbatim, owners, verbatim, kind, start_day,"
      " due_day, precision, convention, ambiguous, alternative, problem, document_status, milestones, tags,"
      " cadence_months, other, s.recurrence, s.measure, s.blocked_by FROM action LEFT JOIN supplement s"
      " ON s.action = action.id WHERE plan = ? ORDER BY position, id",
      *stored.row);
  Alternatives known;
  while (query.next()) {
    StoredPlan::Place place{query.integer(0), query.small(1), query.truth(2), action_of(query, 3, known)};
    if (!place.dropped) stored.document.actions.push_back(place.action);
    stored.actions.emplace(place.action.id, std::move(place));
  }
  return stored;
}

plan::ChangeSet SqliteStore::preview(const plan::Plan& plan) {
  Transaction reading{database_, Kind::read};
  return plan::difference(stored_plan(reading, plan.id).document, plan);
}

std::optional<std::string> SqliteStore::plan_title(std::string_view plan) {
  Transaction reading{database_, Kind::read};
  Query query = reading.query("SELECT title FROM plan WHERE slug = ?", plan);
  return query.next() ? std::optional(query.text(0)) : std::nullopt;
}

ImportResult SqliteStore::import(const plan::Plan& plan, const chase::World& world, Instant now,
                                 std::string_view actor) {
  ImportResult result;
  Transaction change{database_};
  const StoredPlan stored = stored_plan(change, plan.id);
  result.first = !stored.row;
  result.changes = plan::difference(stored.document, plan);
  change.run(
      "INSERT INTO plan (slug, title, sections, imported) VALUES (?, ?, ?, ?) ON CONFLICT (slug) DO UPDATE SET"
      " title = excluded.title, sections = excluded.sections",
      plan.id, plan.title, to_column(plan.sections), now);
  const std::int64_t row = stored.row ? *stored.row : change.last_row();
  remember_parties(change, world.directory());
  Rows changed;
  // A plan has few different owner cells, so each is resolved once.
  std::map<std::string, Resolved> cells;
  std::set<ActionRow> touched;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const plan::Action& action = plan.actions[i];
    const auto [action_row, is_changed] =
        take_action(change, stored, row, action, static_cast<std::int32_t>(i), actor, now);
    const auto [cell, is_new] = cells.try_emplace(to_column(action.owners));
    if (is_new) cell->second = resolve(action.owners, plan.id, world);
    const bool is_reassigned = assign(change, action_row, cell->second, world, now);
    if (!is_changed && !is_reassigned) continue;
    look_now(change, action_row, now);
    touched.insert(action_row);
    if (is_changed) changed.push_back(action_row);
  }
  drop_missing(change, stored, plan, now);
  for (const ActionRow action_row : changed) wake_connected(change, action_row, now);
  add_change_events(change, plan, result, std::move(touched), actor, now);
  raise_high_water(change, now);
  change.commit();
  return result;
}

ActionRow SqliteStore::add_action(Transaction& change, std::int64_t plan, const plan::Action& action,
                                  std::int32_t position, Instant now) {
  const plan::Timescale& when = action.timescale;
  change.run(
      "INSERT INTO action (plan, name, position, section, title, text, owners_verbatim, owners, verbatim, kind, "
      "start_day,"
      " due_day, precision, convention, ambiguous, alternative, problem, document_status, status, unowned, tags,"
      " milestones, cadence_months, other, first_due, imported) VALUES"
      " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)",
      plan, action.id, position, action.section, action.title, action.text, action.owners_verbatim,
      to_column(action.owners), when.verbatim, plan::name_of(when.kind), when.start, when.due,
      plan::name_of(when.precision), when.convention, when.ambiguous, to_column(when.alternative), when.problem,
      action.status, action.status, to_column(action.tags), to_column(action.milestones), action.cadence_months,
      to_column(action.other), when.due, now);
  const ActionRow row = change.last_row();
  change.run("INSERT INTO look (action, next_look) VALUES (?, ?)", row, now);
  take_supplement(change, row, action);
  return row;
}

/// What Chaser has learnt of an action stays on a re-import: its status unless the document says another one than
/// before, its first date for ever, its answers.
std::pair<ActionRow, bool> SqliteStore::take_action(Transaction& change, const StoredPlan& stored, std::int64_t plan,
                                                    const plan::Action& action, std::int32_t position,
                                                    std::string_view actor, Instant now) {
  const auto found = stored.actions.find(action.id);
  if (found == stored.actions.end()) return {add_action(change, plan, action, position, now), true};
  const StoredPlan::Place& known = found->second;
  const bool is_same = !known.dropped && is_same_document(known.action, action);
  if (is_same && known.position == position) return {known.row, false};
  const plan::Timescale& before = known.action.timescale;
  const plan::Timescale& when = action.timescale;
  const bool re_dated = is_re_dated(before, when);
  const bool has_new_status = action.status != known.action.status;
  const std::optional<std::string> status = has_new_status ? std::optional(action.status) : std::nullopt;
  const std::optional<Instant> updated = re_dated || has_new_status ? std::optional(now) : std::nullopt;
  change.run(
      "UPDATE action SET position = ?2, section = ?3, title = ?4, text = ?5, owners_verbatim = ?6, owners = ?7,"
      " verbatim = ?8, kind = ?9, start_day = ?10, due_day = ?11, precision = ?12, convention = ?13, ambiguous = ?14,"
      " alternative = ?15, problem = ?16, document_status = ?17, status = coalesce(?18, status), tags = ?19,"
      " milestones = ?20, cadence_months = ?21, other = ?22, first_due = coalesce(first_due, ?11), slips = slips +"
      " (?23 AND coalesce(?11 > coalesce(extended_day, due_day, first_due), 0)),"
      " extended_day = iif(?23, NULL, extended_day),"
      " updated = coalesce(?24, updated), dropped = 0 WHERE id = ?1",
      known.row, position, action.section, action.title, action.text, action.owners_verbatim, to_column(action.owners),
      when.verbatim, plan::name_of(when.kind), when.start, when.due, plan::name_of(when.precision), when.convention,
      when.ambiguous, to_column(when.alternative), when.problem, action.status, status, to_column(action.tags),
      to_column(action.milestones), action.cadence_months, to_column(action.other), re_dated, updated);
  if (before.due != when.due) record_re_dating(change, known.row, before.due, when.due, "import", actor, now);
  take_supplement(change, known.row, action);
  return {known.row, !is_same};
}

std::size_t SqliteStore::drop_missing(Transaction& change, const StoredPlan& stored, const plan::Plan& plan,
                                      Instant now) {
  std::vector<std::string_view> present;
  for (const auto& action : plan.actions) present.emplace_back(action.id);
  std::sort(present.begin(), present.end());
  std::size_t dropped = 0;
  for (const auto& [name, place] : stored.actions) {
    if (place.dropped || std::binary_search(present.begin(), present.end(), std::string_view(name))) continue;
    change.run("UPDATE action SET dropped = 1 WHERE id = ?", place.row);
    look_now(change, place.row, now);
    wake_connected(change, place.row, now);
    ++dropped;
  }
  return dropped;
}

ActionRow SqliteStore::action_row(Transaction& reading, std::string_view plan, std::string_view action) {
  Query query = reading.query("SELECT a.id FROM action a JOIN plan p ON p.id = a.plan WHERE p.slug = ? AND a.name = ?",
                              plan, action);
  return query.next() ? query.integer(0) : 0;
}

/// Owners are named by their parties alone: an owner cell may hold people's names.
void SqliteStore::add_change_events(Transaction& change, const plan::Plan& plan, const ImportResult& result,
                                    std::set<ActionRow> touched, std::string_view actor, Instant now) {
  JsonObject summary;
  summary.add("actions", static_cast<std::int64_t>(plan.actions.size()));
  summary.add("changes", static_cast<std::int64_t>(result.changes.changes.size()));
  summary.add("first", std::int64_t{result.first ? 1 : 0});
  add_event(change, now, "import", plan.id, "", actor, summary.text());
  for (const auto& item : result.changes.changes) {
    JsonObject line;
    std::string words;
    line.add("change", plan::name_of(item.kind));
    if (item.kind == plan::ChangeKind::re_dated || item.kind == plan::ChangeKind::reworded) {
      // The plan's sentences may name people; its dates do not.
      if (item.kind == plan::ChangeKind::reworded) {
        words = item.before + "\n" + item.after;
      } else {
        line.add("before", item.before).add("after", item.after);
      }
    }
    if (item.kind == plan::ChangeKind::added || item.kind == plan::ChangeKind::re_led) {
      std::vector<std::string> parties;
      Query query = change.query(
          "SELECT s.party FROM plan p JOIN action a ON a.plan = p.id JOIN assignment s ON s.action = a.id"
          " WHERE p.slug = ? AND a.name = ? AND s.gone IS NULL ORDER BY s.position",
          plan.id, item.action);
      while (query.next()) parties.push_back(query.text(0));
      line.add("parties", parties);
    }
    const ActionRow row = action_row(change, plan.id, item.action);
    touched.erase(row);
    line.add_raw("now", facts_of(change, row));
    add_event(change, now, "import", plan.id, item.action, actor, line.text(), words);
  }
  for (const ActionRow row : touched) {
    std::string name;
    {
      Query query = change.query("SELECT name FROM action WHERE id = ?", row);
      if (query.next()) name = query.text(0);
    }
    JsonObject line;
    line.add("change", plan::name_of(plan::ChangeKind::other)).add_raw("now", facts_of(change, row));
    add_event(change, now, "import", plan.id, name, actor, line.text());
  }
}

void SqliteStore::remember_parties(Transaction& change, const plan::Directory& directory) {
  for (const auto& [id, party] : directory.parties()) {
    change.run(
        "INSERT INTO party (id, name, email, teams) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name,"
        " email = excluded.email, teams = excluded.teams",
        id, party.contact.name, party.contact.email, party.contact.teams);
  }
}

}  // namespace chaser::store
