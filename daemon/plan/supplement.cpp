#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "documents/characters.h"
#include "plan/action_reader.h"
#include "plan/dependencies.h"
#include "plan/measure_reader.h"
#include "plan/plan.h"

namespace chaser::plan {
namespace {

using documents::MappingReader;
using documents::Problems;
using documents::Source;
using documents::YamlNode;

constexpr std::size_t milestones_max = 200;
constexpr std::size_t tags_max = 100;
constexpr std::size_t key_words_max = 200;

/// One of several words, each with what it stands for; an error names them all.
template <typename Value>
std::optional<Value> choice(MappingReader& keys, std::string_view key,
                            const std::vector<std::pair<std::string, Value>>& choices) {
  const std::optional<std::string> text = keys.text(key);
  if (!text) return std::nullopt;
  std::vector<std::string> words;
  for (const auto& [word, value] : choices) {
    if (*text == word) return value;
    words.push_back(word);
  }
  keys.error_at(key, fmt::format("\"{}\" is {}; got \"{}\"{}", key, fmt::join(words, " or "), *text,
                                 documents::did_you_mean(*text, words)));
  return std::nullopt;
}

void read_key(const YamlNode* node, const Source& source, Problems& problems, Conventions& conventions) {
  if (node == nullptr) return;
  if (!node->is_mapping() || node->entries.size() > key_words_max) {
    problems.error(source, node->at, fmt::format("\"key\" must be a mapping of up to {} words", key_words_max),
                   {"such as key: { Short term: \"2027\", Long term: \"2030\" }"});
    return;
  }
  for (const auto& [word, meaning] : node->entries) {
    if (!meaning.is_scalar()) {
      problems.error(source, meaning.at,
                     fmt::format("\"{}\" must stand for a timescale such as \"2027\"", word.scalar));
      continue;
    }
    if (read_timescale(meaning.scalar, {}).kind == TimescaleKind::unreadable) {
      problems.error(source, meaning.at, fmt::format("\"{}\" cannot be read as a timescale", meaning.scalar));
    }
    conventions.key[word.scalar] = meaning.scalar;
  }
}

/// Keeps what the document said where the supplement says otherwise.
void keep_original(Action& action, std::string_view what, const std::string& verbatim) {
  action.other.emplace_back(fmt::format("{} in the document", what), verbatim);
}

class SupplementReader {
 public:
  SupplementReader(ReadingContext context, Plan& plan)
      : context_{std::move(context)}, source_{context_.source}, problems_{context_.problems}, plan_{plan} {}

  void read(const YamlNode& root);

 private:
  void read_actions(const YamlNode& node);
  void read_action(const YamlNode& node, Action& action);
  void read_title(MappingReader& keys, Action& action);
  void read_status(MappingReader& keys, Action& action);
  void read_cadence(MappingReader& keys, Action& action);
  void read_timescale_of(MappingReader& keys, Action& action);
  void read_owners(MappingReader& keys, Action& action);
  void read_milestones(MappingReader& keys, Action& action);
  void read_milestone(const YamlNode& node, Action& action);
  void read_blockers(MappingReader& keys, Action& action);
  void check_blocker(const YamlNode& node, const std::string& blocker);
  void check_cycles();

  ReadingContext context_;
  const Source& source_;
  Problems& problems_;
  Plan& plan_;
  std::map<std::string, documents::Position> blocked_at_;  // by "plan/action"
};

void SupplementReader::read(const YamlNode& root) {
  if (root.is_null()) return;
  MappingReader keys{root, source_, problems_, "the supplement"};
  if (!keys.is_valid()) return;
  keys.integer("version", 1, 1);
  keys.optional("conventions");
  if (const YamlNode* const actions = keys.optional("actions")) read_actions(*actions);
  keys.finish();
  check_cycles();
}

void SupplementReader::read_actions(const YamlNode& node) {
  if (!node.is_mapping()) {
    problems_.error(source_, node.at, "\"actions\" must be a mapping from actions' ids to what is added to them",
                    {"such as actions: { \"2.1\": { status: in_progress } }"});
    return;
  }
  std::vector<std::string> ids;
  std::map<std::string_view, Action*> by_id;
  for (Action& action : plan_.actions) {
    ids.push_back(action.id);
    by_id.emplace(action.id, &action);
  }
  for (const auto& [key, value] : node.entries) {
    const auto action = by_id.find(key.scalar);
    if (action == by_id.end()) {
      problems_.error(source_, key.at,
                      fmt::format("plan {} has no action \"{}\"{}", plan_.id, key.scalar,
                                  documents::did_you_mean(key.scalar, ids)));
      continue;
    }
    read_action(value, *action->second);
  }
}

void SupplementReader::read_action(const YamlNode& node, Action& action) {
  MappingReader keys{node, source_, problems_, "action " + action.id};
  if (!keys.is_valid()) return;
  read_title(keys, action);
  read_status(keys, action);
  for (const YamlNode* const tag : keys.one_or_more("tags")) action.tags.push_back(tag->scalar);
  if (action.tags.size() > tags_max) {
    keys.error_at("tags", fmt::format("more than {} tags", tags_max));
    action.tags.resize(tags_max);
  }
  read_cadence(keys, action);
  read_timescale_of(keys, action);
  read_owners(keys, action);
  read_milestones(keys, action);
  if (const YamlNode* const measure = keys.optional("measure")) {
    action.measure = read_measure(*measure, context_);
  }
  read_blockers(keys, action);
  keys.finish();
}

void SupplementReader::read_title(MappingReader& keys, Action& action) {
  const std::optional<std::string> title = keys.text("title");
  if (!title) return;
  const bool has_line_break = title->find_first_of("\r\n") != std::string::npos;
  const std::string_view shown = documents::trimmed(*title);
  if (has_line_break || shown.empty() || documents::character_count(shown) > 120) {
    keys.error_at("title", "a title is one line of at most 120 characters");
    return;
  }
  action.title = std::string{shown};
}

void SupplementReader::read_status(MappingReader& keys, Action& action) {
  const std::optional<std::string> text = keys.text("status");
  if (!text) return;
  if (const Status* const status = context_.workflow.find(*text)) {
    action.status = status->name;
    return;
  }
  const std::vector<std::string> names = context_.workflow.names();
  keys.error_at("status", fmt::format("unknown status \"{}\"{}", *text, documents::did_you_mean(*text, names)),
                {fmt::format("statuses of this workflow: {}", fmt::join(names, ", "))});
}

void SupplementReader::read_cadence(MappingReader& keys, Action& action) {
  const std::optional<std::string> text = keys.text("cadence");
  if (!text) return;
  auto cadence = plan::read_cadence(*text);
  if (!cadence) return keys.error_at("cadence", fmt::format("\"{}\" {}", *text, cadence.error()));
  action.cadence_months = cadence->months;
  action.recurrence = std::move(cadence->recurrence);
}

void SupplementReader::read_timescale_of(MappingReader& keys, Action& action) {
  const std::optional<std::string> text = keys.text("timescale");
  if (!text) return;
  keep_original(action, "Timescale", action.timescale.verbatim);
  action.timescale = read_timescale(*text, context_.conventions);
  if (action.timescale.kind != TimescaleKind::unreadable) return;
  keys.error_at("timescale", fmt::format("\"{}\" cannot be read as a timescale{}{}", *text,
                                         action.timescale.problem.empty() ? "" : ": ", action.timescale.problem));
}

void SupplementReader::read_owners(MappingReader& keys, Action& action) {
  const YamlNode* const node = keys.optional("owners");
  const std::vector<const YamlNode*> scalars = keys.one_or_more("owners");
  if (node == nullptr || scalars.empty()) return;
  keep_original(action, "Lead", action.owners_verbatim);
  action.owners.clear();
  for (const YamlNode* const scalar : scalars) {
    // A list's entries are whole names; they are split no further than their role marks ask for.
    std::vector<std::string> whole = context_.known_names;
    if (node->is_sequence()) whole.push_back(scalar->scalar);
    for (OwnerToken& owner : split_owners(scalar->scalar, whole)) {
      check_owner(action.id, owner, scalar->at, context_);
      action.owners.push_back(std::move(owner));
    }
  }
}

void SupplementReader::read_milestones(MappingReader& keys, Action& action) {
  const YamlNode* const node = keys.optional("milestones");
  if (node == nullptr) return;
  if (!node->is_sequence() || node->items.size() > milestones_max) {
    keys.error_at("milestones", fmt::format("\"milestones\" must be a list of up to {}", milestones_max),
                  {"such as milestones: [{ id: draft, name: First draft, due: 2026-06-30 }]"});
    return;
  }
  for (const YamlNode& item : node->items) read_milestone(item, action);
}

void SupplementReader::read_milestone(const YamlNode& node, Action& action) {
  MappingReader keys{node, source_, problems_, "a milestone"};
  if (!keys.is_valid()) return;
  const std::optional<std::string> id = keys.required_text("id");
  const std::optional<std::string> name = keys.text("name");
  const std::optional<std::string> due = keys.required_text("due");
  const std::optional<bool> done = keys.boolean("done");
  keys.finish();
  if (!id || !due) return;
  const std::optional<CivilDay> day = day_of_words(*due, context_.conventions);
  if (!day) {
    keys.error_at("due",
                  fmt::format("\"due\" is a date such as 2026-12-31 or \"end of March 2027\"; got \"{}\"", *due));
  }
  const bool is_slug =
      !id->empty() && id->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
  if (!is_slug) keys.error_at("id", fmt::format("\"{}\" is no id of a milestone: use a-z, 0-9 and '-'", *id));
  const bool is_known = std::ranges::find(action.milestones, *id, &Milestone::id) != action.milestones.end();
  if (is_known) keys.error_at("id", fmt::format("milestone \"{}\" is given twice", *id));
  if (!day || !is_slug || is_known) return;
  action.milestones.push_back({*id, name.value_or(*id), *day, done.value_or(false)});
}

/// "4.1" is of this plan, "other-plan/2.1" of another.
void SupplementReader::read_blockers(MappingReader& keys, Action& action) {
  for (const YamlNode* const node : keys.one_or_more("blocked_by")) {
    const std::string& text = node->scalar;
    const std::string blocker = text.find('/') == std::string::npos ? plan_.id + "/" + text : text;
    if (std::ranges::find(action.blocked_by, blocker) != action.blocked_by.end()) {
      problems_.error(source_, node->at, fmt::format("\"{}\" is given twice", text));
      continue;
    }
    check_blocker(*node, blocker);
    action.blocked_by.push_back(blocker);
  }
  if (!action.blocked_by.empty()) blocked_at_[plan_.id + "/" + action.id] = keys.optional("blocked_by")->at;
  if (action.blocked_by.size() <= blockers_max) return;
  keys.error_at("blocked_by", fmt::format("an action waits for at most {} others", blockers_max));
  action.blocked_by.resize(blockers_max);
}

/// Actions of other plans are checked where all plans are known.
void SupplementReader::check_blocker(const YamlNode& node, const std::string& blocker) {
  const std::size_t slash = blocker.find('/');
  const std::string id = blocker.substr(slash + 1);
  if (slash == 0 || id.empty()) {
    problems_.error(source_, node.at,
                    fmt::format("\"{}\" is no action: write its id, or plan/id for one of another plan", node.scalar));
    return;
  }
  if (blocker.substr(0, slash) != plan_.id || plan_.find(id) != nullptr) return;
  std::vector<std::string> ids;
  for (const Action& action : plan_.actions) ids.push_back(action.id);
  problems_.error(
      source_, node.at,
      fmt::format("plan {} has no action \"{}\" to wait for{}", plan_.id, id, documents::did_you_mean(id, ids)));
}

void SupplementReader::check_cycles() {
  const std::vector<Dependency> dependencies = dependencies_of(plan_);
  for (const std::vector<std::string>& path : cycles_of(dependencies)) {
    problems_.error(source_, blocked_at_[path.front()],
                    fmt::format("actions wait for each other in a circle: {}", cycle_words(path)),
                    {"none of them could ever go on: take one \"blocked_by\" away"});
  }
}

}  // namespace

std::optional<Conventions> read_conventions(const YamlNode& supplement, const Source& source, Problems& problems) {
  const YamlNode* const node = supplement.find("conventions");
  if (node == nullptr) return Conventions{};
  Problems found;
  Conventions conventions;
  MappingReader keys{*node, source, found, "conventions"};
  if (keys.is_valid()) {
    const auto year = choice<Conventions::Year>(
        keys, "year", {{"calendar", Conventions::Year::calendar}, {"financial", Conventions::Year::financial}});
    if (year) conventions.year = *year;
    const auto range = choice<Conventions::YearRange>(
        keys, "year-range",
        {{"financial", Conventions::YearRange::financial}, {"calendar", Conventions::YearRange::calendar}});
    conventions.year_range_settled = range.has_value();
    if (range) conventions.year_range = *range;
    const auto order = choice<Conventions::DateOrder>(
        keys, "dates",
        {{"day-first", Conventions::DateOrder::day_first}, {"month-first", Conventions::DateOrder::month_first}});
    if (order) conventions.date_order = *order;
    read_key(keys.optional("key"), source, found, conventions);
    keys.finish();
  }
  for (const documents::Problem& problem : found.in_order()) problems.add(problem);
  if (found.has_errors()) return std::nullopt;
  return conventions;
}

void apply_supplement(const YamlNode& supplement, const Source& source, const Workflow& workflow,
                      const Conventions& conventions, Plan& plan, Problems& problems, const Directory* directory) {
  ReadingContext context{source, plan.id, conventions, directory, workflow, problems, {}, {}};
  if (directory != nullptr) context.known_names = directory->known_names(plan.id);
  context.roster = Roster(context.known_names);
  SupplementReader{std::move(context), plan}.read(supplement);
}

}  // namespace chaser::plan
