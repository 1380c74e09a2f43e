#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "app/files.h"
#include "app/settings.h"
#include "calendar/working_calendar.h"
#include "channels/render.h"
#include "chase/world.h"
#include "documents/problems.h"
#include "plan/plan.h"

namespace chaser::app {

/// Everything that the settings name, read. What had errors is left at its default (no directory, no rules), so that
/// the rest is still checked; only inputs without errors are run on.
struct Inputs {
  Settings settings;
  plan::Directory directory;
  bool has_directory = false;
  plan::Workflow workflow;
  rulebook::Rulebook rulebook;
  std::vector<calendar::CalendarDefinition> calendars;  // the shipped ones and the settings'
  chase::Zones zones;
  std::map<std::string, std::vector<plan::Meeting>> meetings;  // by plan
  std::optional<channels::Templates> templates;
  /// Each text read (but plans and secrets), by path: what a failed reload falls back on.
  std::map<std::string, std::string> texts;
};

struct LoadOptions {
  std::string config;
  std::optional<std::string> state_directory;
  bool secrets_required = true;
  /// Rule files that are left out: new ones with errors, of which there is no good version yet.
  std::set<std::string> without = {};
};

/// Reads settings, calendars, directory, rules and templates; every problem of every file is in `problems`. Nothing
/// only if the settings are no YAML mapping at all.
std::optional<Inputs> load_inputs(const LoadOptions& options, const FileReader& read, documents::Problems& problems);

/// Other rules into read inputs: those of these files, checked against the same directory, calendars and workflow.
void take_rules(std::vector<std::string> files, const FileReader& read, Inputs& inputs, documents::Problems& problems);

/// One plan by its settings: document, supplement, conventions. `text` stands for the file's if given.
std::optional<plan::Plan> load_plan(const PlanSettings& settings, const Inputs& inputs, const FileReader& read,
                                    documents::Problems& problems,
                                    const std::optional<std::string>& text = std::nullopt);

/// SHA-256 over all that load_plan would read and the directory's names: the same means that an import would change
/// nothing.
std::string plan_fingerprint(const PlanSettings& settings, const Inputs& inputs, const FileReader& read);

/// SHA-256 over everything that steers deciding: settings, directory, rules, calendars (the shipped ones too). Another
/// one means that every action must be looked at anew.
std::string inputs_fingerprint(const Inputs& inputs);

/// The world that these inputs make. `pinned` are older rule texts that open cases keep; one that cannot be read any
/// more is left out and named in `problems`.
std::shared_ptr<const chase::World> make_world(const Inputs& inputs, std::span<const rulebook::RuleText> pinned,
                                               documents::Problems& problems);

/// What writing messages needs of these inputs. Nobody's links have been revoked in it.
channels::RenderContext render_context(const Settings& settings, const chase::World& world, calendar::Instant now);

/// A reload after an edit: all files are read. A file with errors is replaced by its last good text, each by itself, so
/// that what is good of an edit is taken; a rule file that was never good is left out. Only if errors are left then (a
/// settings file that names a file that is not there) nothing is taken. `problems` says what was wrong either way.
struct Reloaded {
  std::optional<Inputs> inputs;         // nothing: all stays as it is
  std::vector<std::string> kept_files;  // whose last good text stays
  std::vector<std::string> left_out;    // rule files without a good version
};
Reloaded reload_inputs(const LoadOptions& options, const FileReader& read, const Inputs& last_good,
                       documents::Problems& problems);

/// "rules/deadlines.yaml is broken: its last good version stays", for the log and the service's status; "" if all is
/// well.
std::string alarm_of(const Reloaded& reloaded);

/// The zone by its name, or nothing.
std::optional<chase::Zone> find_zone(const std::string& name);

}  // namespace chaser::app
