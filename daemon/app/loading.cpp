#include "app/loading.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "app/calendar_files.h"
#include "documents/table.h"
#include "documents/yaml.h"

namespace chaser::app {

using documents::Problems;
using documents::Source;

namespace {

/// Reads one input and remembers its text; a file that cannot be had is a problem.
std::optional<Source> read_input(const std::string& path, const FileReader& read, Inputs& inputs, Problems& problems) {
  auto bytes = read(path);
  if (!bytes) {
    problems.error(path, bytes.error());
    return std::nullopt;
  }
  inputs.texts[path] = *bytes;
  return Source(path, std::move(*bytes));
}

void load_calendars(const FileReader& read, Inputs& inputs, Problems& problems) {
  inputs.calendars = {calendar::england_and_wales(), calendar::scotland(), calendar::northern_ireland()};
  for (const std::string& path : inputs.settings.calendars) {
    const auto source = read_input(path, read, inputs, problems);
    if (!source) continue;
    for (auto& calendar : read_calendars(*source, problems)) {
      const bool known = std::any_of(inputs.calendars.begin(), inputs.calendars.end(),
                                     [&](const auto& other) { return other.name == calendar.name; });
      if (known) problems.error(path, fmt::format("another file has a calendar \"{}\" too", calendar.name));
      if (!known) inputs.calendars.push_back(std::move(calendar));
    }
  }
}

void load_zone(const std::string& name, const std::function<void(std::string)>& complain, Inputs& inputs) {
  if (name.empty() || inputs.zones.contains(name)) return;
  if (const auto zone = find_zone(name)) {
    inputs.zones.emplace(name, *zone);
  } else {
    complain(
        fmt::format("unknown time zone \"{}\"; it must be a name of the tz database, such as Europe/London", name));
  }
}

/// A contact's Teams channel must be one of the settings'. Without any Teams channel the contacts' are left unused.
void check_teams(const Source& source, Inputs& inputs, Problems& problems) {
  const auto& teams = inputs.settings.teams;
  std::vector<std::string> known;
  if (teams) {
    for (const auto& [name, flow] : teams->workflows.channels) known.push_back(name);
  }
  plan::Directory adjusted;
  std::size_t unused = 0;
  for (const auto& [id, party] : inputs.directory.parties()) {
    plan::Party kept = party;
    if (!kept.contact.teams.empty() && !teams) {
      kept.contact.teams.clear();
      ++unused;
    } else if (!kept.contact.teams.empty() && teams->type == TeamsChannel::Type::workflows &&
               std::find(known.begin(), known.end(), kept.contact.teams) == known.end()) {
      problems.error(source, party.at,
                     fmt::format("{} is reached by the Teams channel \"{}\", which the settings do not have{}", id,
                                 kept.contact.teams, documents::did_you_mean(kept.contact.teams, known)));
    }
    adjusted.add(std::move(kept));
  }
  for (const auto& [plan, roles] : inputs.directory.all_roles()) adjusted.set_roles(plan, roles);
  inputs.directory = std::move(adjusted);
  if (unused > 0) {
    problems.warning(source.name(),
                     fmt::format("{} contacts have a Teams channel, but the settings have no \"teams\" channel: "
                                 "they are reached by email alone",
                                 unused));
  }
}

void load_directory(const FileReader& read, Inputs& inputs, Problems& problems) {
  if (inputs.settings.directory.empty()) return;
  const auto source = read_input(inputs.settings.directory, read, inputs, problems);
  if (!source) return;
  auto directory = plan::read_directory(*source, problems);
  if (!directory) return;
  inputs.directory = std::move(*directory);
  inputs.has_directory = true;
  for (const auto& [id, party] : inputs.directory.parties()) {
    const auto complain = [&](const std::string& message) { problems.error(*source, party.at, id + ": " + message); };
    load_zone(party.contact.zone, complain, inputs);
  }
  check_teams(*source, inputs, problems);
}

void load_workflow(const FileReader& read, Inputs& inputs, Problems& problems) {
  if (inputs.settings.workflow.empty()) return;
  const auto source = read_input(inputs.settings.workflow, read, inputs, problems);
  if (!source) return;
  if (auto workflow = plan::read_workflow(*source, problems)) inputs.workflow = std::move(*workflow);
}

rulebook::RuleContext rule_context(const Inputs& inputs) {
  rulebook::RuleContext context;
  context.calendars.clear();
  for (const auto& calendar : inputs.calendars) context.calendars.push_back(calendar.name);
  for (const auto& [name, window] : inputs.settings.windows) context.windows.push_back(name);
  for (const auto& [id, party] : inputs.directory.parties()) context.parties.push_back(id);
  context.statuses = inputs.workflow.names();
  context.zones = find_zone;
  return context;
}

void load_rules(const FileReader& read, Inputs& inputs, Problems& problems, const std::set<std::string>& without = {}) {
  std::vector<Source> sources;
  for (const std::string& path : inputs.settings.rules) {
    if (without.contains(path)) continue;
    if (auto source = read_input(path, read, inputs, problems)) sources.push_back(std::move(*source));
  }
  if (auto rulebook = rulebook::read_rule_files(sources, rule_context(inputs), problems))
    inputs.rulebook = std::move(*rulebook);
}

void load_templates(const FileReader& read, Inputs& inputs, Problems& problems) {
  std::map<std::string, std::string> overrides;
  const std::string& folder = inputs.settings.templates;
  std::error_code failure;
  if (!folder.empty()) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".mustache")) continue;
      if (const auto source = read_input(entry.path().string(), read, inputs, problems))
        overrides[name] = source->text();
    }
    if (failure) problems.error(folder, "the templates' folder cannot be read: " + failure.message());
  }
  inputs.templates.emplace(std::move(overrides), problems);
}

void load_meetings(const FileReader& read, Inputs& inputs, Problems& problems) {
  for (const PlanSettings& plan : inputs.settings.plans) {
    const auto zone = inputs.zones.find(plan.zone);
    if (plan.meetings.empty() || zone == inputs.zones.end()) continue;
    const auto source = read_input(plan.meetings, read, inputs, problems);
    if (source) inputs.meetings[plan.id] = plan::read_meetings(*source, zone->second, problems);
  }
}

std::optional<std::string> credentials_folder() {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return folder;
}

}  // namespace

std::optional<chase::Zone> find_zone(const std::string& name) {
  // Abseil would also take "file:" and "libc:" names, and paths that climb out of the tz database.
  if (name.empty() || name.size() > 64 || name.find("..") != std::string::npos || name.front() == '/')
    return std::nullopt;
  if (name.find(':') != std::string::npos) return std::nullopt;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

std::optional<Inputs> load_inputs(const LoadOptions& options, const FileReader& read, Problems& problems) {
  auto bytes = read(options.config);
  if (!bytes) {
    problems.error(options.config, bytes.error());
    return std::nullopt;
  }
  const SettingsContext context{options.config, options.state_directory, read_secrets(credentials_folder()),
                                options.secrets_required};
  const Source source(options.config, *bytes);
  auto settings = read_settings(source, context, problems);
  if (!settings) return std::nullopt;
  Inputs inputs;
  inputs.settings = std::move(*settings);
  inputs.texts[options.config] = std::move(*bytes);
  for (const PlanSettings& plan : inputs.settings.plans) {
    const auto complain = [&](std::string message) { problems.error(source, plan.zone_at, std::move(message)); };
    load_zone(plan.zone, complain, inputs);
  }
  load_zone("Europe/London", [&](std::string message) { problems.error(options.config, std::move(message)); }, inputs);
  load_calendars(read, inputs, problems);
  load_meetings(read, inputs, problems);
  load_directory(read, inputs, problems);
  load_workflow(read, inputs, problems);
  load_rules(read, inputs, problems, options.without);
  load_templates(read, inputs, problems);
  return inputs;
}

void take_rules(std::vector<std::string> files, const FileReader& read, Inputs& inputs, Problems& problems) {
  for (const std::string& path : inputs.settings.rules) inputs.texts.erase(path);
  inputs.settings.rules = std::move(files);
  load_rules(read, inputs, problems);
}

std::optional<plan::Plan> load_plan(const PlanSettings& settings, const Inputs& inputs, const FileReader& read,
                                    Problems& problems, const std::optional<std::string>& text) {
  auto bytes = text ? std::expected<std::string, std::string>(*text) : read(settings.file);
  if (!bytes) {
    problems.error(settings.file, bytes.error());
    return std::nullopt;
  }
  const Source source(settings.file, std::move(*bytes));
  std::optional<Source> extra;
  std::optional<documents::YamlNode> supplement;
  plan::Conventions conventions = settings.conventions.value_or(plan::Conventions{});
  if (!settings.supplement.empty()) {
    auto extra_bytes = read(settings.supplement);
    if (!extra_bytes) problems.error(settings.supplement, extra_bytes.error());
    if (extra_bytes) extra.emplace(settings.supplement, std::move(*extra_bytes));
    if (extra) supplement = documents::parse_yaml(*extra, problems);
  }
  if (supplement && supplement->find("conventions") != nullptr) {
    if (settings.conventions) {
      problems.error(*extra, supplement->find("conventions")->at,
                     "the settings have \"conventions\" for this plan already; say them in one place");
    }
    if (const auto read_here = plan::read_conventions(*supplement, *extra, problems)) conventions = *read_here;
  }
  const documents::Table table = documents::read_table(source, problems);
  const plan::Directory* const directory = inputs.has_directory ? &inputs.directory : nullptr;
  auto plan = plan::read_plan(table, source, settings.id, conventions, directory, inputs.workflow, problems);
  if (!plan) return std::nullopt;
  if (!settings.title.empty()) plan->title = settings.title;
  if (supplement) plan::apply_supplement(*supplement, *extra, inputs.workflow, conventions, *plan, problems, directory);
  return plan;
}

std::string plan_fingerprint(const PlanSettings& settings, const Inputs& inputs, const FileReader& read) {
  std::string parts;
  const auto add = [&](std::string_view part) { parts += fmt::format("{}:{};", part.size(), part); };
  add(settings.title);
  add(read(settings.file).value_or(""));
  if (!settings.supplement.empty()) add(read(settings.supplement).value_or(""));
  if (settings.conventions) {
    const plan::Conventions& taken = *settings.conventions;
    add(fmt::format("{}{}{}{}", static_cast<int>(taken.year), static_cast<int>(taken.year_range),
                    taken.year_range_settled ? "!" : "?", static_cast<int>(taken.date_order)));
    for (const auto& [name, meaning] : taken.key) add(name + "=" + meaning);
  }
  if (inputs.has_directory) {
    for (const std::string& name : inputs.directory.known_names(settings.id)) add(name);
  }
  return rulebook::sha256_hex(parts);
}

std::string inputs_fingerprint(const Inputs& inputs) {
  std::string parts;
  const auto add = [&](std::string_view part) { parts += fmt::format("{}:{};", part.size(), part); };
  for (const auto& [path, text] : inputs.texts) {
    add(path);
    add(text);
  }
  for (const calendar::CalendarDefinition& calendar : inputs.calendars) {
    add(calendar.name);
    add(std::to_string(calendar.rules.size()));
    for (const calendar::HolidayMove& move : calendar.moves) {
      add(move.from ? calendar::iso_day(*move.from) : "");
      add(move.to ? calendar::iso_day(*move.to) : "");
    }
  }
  return rulebook::sha256_hex(parts);
}

std::shared_ptr<const chase::World> make_world(const Inputs& inputs, std::span<const rulebook::RuleText> pinned,
                                               Problems& problems) {
  chase::WorldParts parts;
  parts.directory = inputs.directory;
  parts.workflow = inputs.workflow;
  parts.rulebook = inputs.rulebook;
  parts.calendars = inputs.calendars;
  for (const auto& [name, window] : inputs.settings.windows) parts.windows[name] = window;
  parts.zones = inputs.zones;
  for (const PlanSettings& plan : inputs.settings.plans) {
    const auto meetings = inputs.meetings.find(plan.id);
    parts.plans.push_back({plan.id, plan.title.empty() ? plan.id : plan.title, plan.zone, plan.rag,
                           meetings == inputs.meetings.end() ? std::vector<plan::Meeting>() : meetings->second,
                           plan.cutoff});
  }
  rulebook::RuleContext context = rule_context(inputs);
  context.parties.clear();  // an old version may name a party that has left since
  for (const rulebook::RuleText& text : pinned) {
    const Source source(text.file, text.text);
    Problems ignored;
    if (auto rules = rulebook::read_rules(source, context, ignored)) {
      parts.rulebook.add_pinned(text, std::move(*rules));
    } else {
      problems.warning(text.file,
                       "an older version that open cases keep cannot be read any more; those cases go on silently");
    }
  }
  return std::make_shared<const chase::World>(std::move(parts));
}

channels::RenderContext render_context(const Settings& settings, const chase::World& world, calendar::Instant now) {
  channels::RenderContext context;
  context.world = &world;
  context.identity = settings.mail;
  context.public_url = settings.public_url;
  context.link_keys = settings.link_keys;
  context.now = now;
  return context;
}

namespace {

std::set<std::string> files_with_errors(const Problems& problems) {
  std::set<std::string> files;
  for (const documents::Problem& problem : problems.in_order()) {
    if (problem.severity == documents::Severity::error) files.insert(problem.file);
  }
  return files;
}

/// What is wrong by itself: an error that a rule file only has because another is broken (an unknown rule of its
/// `inhibits`) does not cost it its edit.
std::set<std::string> broken_by_themselves(const Inputs& inputs, const FileReader& read,
                                           const std::set<std::string>& broken) {
  std::set<std::string> found;
  const std::vector<std::string>& rules = inputs.settings.rules;
  for (const std::string& path : broken) {
    const bool is_rule_file = std::find(rules.begin(), rules.end(), path) != rules.end();
    const auto text = is_rule_file ? read(path) : std::unexpected(std::string());
    Problems own;
    if (text) rulebook::read_rules(Source(path, *text), rule_context(inputs), own);
    if (!text || own.has_errors()) found.insert(path);
  }
  return found.empty() ? broken : found;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Reloaded reload_inputs(const LoadOptions& options, const FileReader& read, const Inputs& last_good,
                       Problems& problems) {
  auto inputs = load_inputs(options, read, problems);
  if (inputs && !problems.has_errors()) return {std::move(inputs), {}, {}};
  const std::vector<std::string> rule_files = inputs ? inputs->settings.rules : std::vector<std::string>();
  std::set<std::string> broken = files_with_errors(problems);
  if (inputs) broken = broken_by_themselves(*inputs, read, broken);
  const FileReader mixed = [&](const std::string& path) -> std::expected<std::string, std::string> {
    const auto kept = last_good.texts.find(path);
    if (broken.contains(path) && kept != last_good.texts.end()) return kept->second;
    return read(path);
  };
  // Each round keeps back at least one file more, or ends.
  while (true) {
    LoadOptions sparing = options;
    for (const std::string& path : broken) {
      const bool is_rule_file = std::find(rule_files.begin(), rule_files.end(), path) != rule_files.end();
      if (is_rule_file && !last_good.texts.contains(path)) sparing.without.insert(path);
    }
    Problems again;
    auto second = load_inputs(sparing, mixed, again);
    if (second && !again.has_errors()) {
      Reloaded reloaded{std::move(second), {}, {sparing.without.begin(), sparing.without.end()}};
      std::set_difference(broken.begin(), broken.end(), sparing.without.begin(), sparing.without.end(),
                          std::back_inserter(reloaded.kept_files));
      return reloaded;
    }
    const std::size_t before = broken.size();
    broken.merge(files_with_errors(again));
    if (broken.size() == before) return {};
  }
}

std::string alarm_of(const Reloaded& reloaded) {
  if (!reloaded.inputs) return "reload refused: the files have errors and all stays as it is; see \"chaser check\"";
  std::string text;
  if (!reloaded.kept_files.empty()) {
    text =
        joined(reloaded.kept_files) + (reloaded.kept_files.size() == 1 ? " is broken: its last good version stays"
                                                                       : " are broken: their last good versions stay");
  }
  if (!reloaded.left_out.empty()) {
    text += (text.empty() ? "" : "; ") + joined(reloaded.left_out) + " is broken and never was good: left out";
  }
  return text;
}

}  // namespace chaser::app
