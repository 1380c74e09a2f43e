#include "app/web_doors.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "app/commands.h"
#include "app/forecasting.h"
#include "app/pass.h"
#include "app/reporting.h"
#include "app/rule_tests.h"
#include "app/writing.h"
#include "chase/forecast_difference.h"

namespace chaser::app {

namespace {

std::vector<std::string> described(const documents::Problems& problems) {
  std::vector<std::string> words;
  for (const documents::Problem& problem : problems.sorted()) words.push_back(documents::describe(problem));
  return words;
}

/// On the loop's thread.
web::ImportTrial import_document(Engine& engine, const std::string& id, const std::string& text, bool apply,
                                 const std::string& actor, Instant now) {
  web::ImportTrial trial;
  const PlanSettings* const settings = engine.find_plan(id);
  documents::Problems problems;
  const auto plan =
      settings == nullptr ? std::nullopt : load_plan(*settings, engine.inputs(), engine.reader(), problems, text);
  trial.problems = described(problems);
  trial.has_errors = !plan || problems.has_errors();
  if (plan && !apply) trial.reading = plan::to_json(*plan, problems);
  if (trial.has_errors) return trial;
  if (!apply) {
    trial.changes = engine.store().preview(*plan);
    return trial;
  }
  trial.changes = engine.store().import(*plan, engine.world(), now, actor).changes;
  engine.note_imported(*settings, text);
  trial.taken = true;
  return trial;
}

/// Reads everything anew with another text for one file, as an edit and a reload would, and plays both ahead.
web::RuleTrial try_rule_text(const LoadOptions& options, const FileReader& read, const std::string& file,
                             const std::string& text, Instant from, calendar::CivilDay to) {
  web::RuleTrial trial;
  documents::Problems problems;
  const FileReader edited = [&](const std::string& path) {
    return path == file ? std::expected<std::string, std::string>(text) : read(path);
  };
  documents::Problems before_problems;
  const auto before = load_inputs(options, read, before_problems);
  const auto after = load_inputs(options, edited, problems);
  for (const documents::Problem& problem : problems.sorted()) {
    if (problem.file == file) trial.problems.push_back(documents::describe(problem));
  }
  trial.has_errors = !before || !after || problems.has_errors();
  if (trial.has_errors) {
    if (trial.problems.empty()) trial.problems = described(problems);
    return trial;
  }
  const calendar::Zone zone = after->zones.empty() ? absl::UTCTimeZone() : after->zones.begin()->second;
  ForecastRange range;
  range.from = from;
  range.to = calendar::first_instant(to + 1, zone) - absl::Microseconds(1);
  documents::Problems played;
  const Forecast old = play_forecast(*before, range, played);
  range.migrated = true;
  const Forecast fresh = play_forecast(*after, range, played);
  const auto changes = chase::difference(old.tellings, fresh.tellings, from);
  if (!changes.empty()) trial.difference = chase::difference_table(changes, *old.world, *fresh.world);
  trial.changes = chase::difference_json(changes, *old.world, *fresh.world);
  return trial;
}

web::RuleTests run_tests(const std::vector<std::string>& rules, const FileReader& read) {
  std::set<std::string> files;
  for (const std::string& rule : rules) {
    for (std::string& file : rule_test_files(folder_of(rule))) files.insert(std::move(file));
  }
  const RuleTestRun run = run_rule_tests({files.begin(), files.end()}, "", shipped_surroundings(), read);
  return {describe(run, false), run.passed() && !run.outcomes.empty()};
}

/// Runs a verb that only reads, in this process; its readers are its own.
web::CommandAnswer look_up(const LoadOptions& options, const web::Command& asked) {
  using End = web::CommandAnswer::End;
  const auto verb =
      std::find_if(verbs().begin(), verbs().end(), [&](const Verb& each) { return each.name == asked.verb; });
  if (verb == verbs().end()) return {End::misused, "there is no verb \"" + asked.verb + "\""};
  Invocation invocation{asked.verb, asked.words, asked.options};
  invocation.values["--config"] = options.config;
  if (options.state_directory) invocation.values["--state"] = *options.state_directory;
  invocation.values["--format"] = "json";
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err};
  try {
    const Exit exit = verb->run(invocation, terminal);
    const bool has_printed = !out.str().empty() && (exit == Exit::fine || exit == Exit::problems);
    return has_printed ? web::CommandAnswer{End::done, out.str()} : web::CommandAnswer{End::refused, err.str()};
  } catch (const UsageError& wrong) {
    return {End::misused, wrong.message};
  } catch (const std::exception& failure) {  // the page or the call says so; the service goes on
    return {End::failed, failure.what()};
  }
}

web::CommandAnswer command(Engine& engine, const web::Command& asked, Instant now) {
  using End = web::CommandAnswer::End;
  const WriteAnswer answer = carry_out(engine, {asked.verb, asked.words, asked.options, asked.text, asked.actor}, now);
  std::string said = answer.exit == Exit::fine ? answer.out : answer.err + answer.out;
  if (said.starts_with("chaser: ")) said.erase(0, 8);
  while (said.ends_with('\n')) said.pop_back();
  switch (answer.exit) {
    case Exit::fine:
      return {End::done, std::move(said)};
    case Exit::problems:
      return {End::refused, std::move(said)};
    case Exit::usage:
      return {End::misused, std::move(said)};
    case Exit::environment:
      break;
  }
  return {End::failed, std::move(said)};
}

}  // namespace

web::ServerSettings web_settings(const Settings& settings) {
  const HttpSettings& http = settings.http.value();
  web::ServerSettings wanted;
  wanted.staff = http.staff;
  wanted.answers = http.answers;
  wanted.threads = http.threads;
  wanted.site = {settings.state_directory, settings.public_url,
                 settings.link_keys,       http.access,
                 absl::Seconds(1),         absl::FromChrono(settings.dead_address_for)};
  return wanted;
}

web::Doors web_doors(Engine& engine, std::function<Instant()> now, Post post, std::function<void()> after) {
  web::Doors doors;
  doors.now = now;
  doors.post = [&engine, now, post = std::move(post), after = std::move(after)](web::Work work) {
    post([&engine, now, after, work = std::move(work)] {
      work(engine.store(), engine.world(), now());
      after();
    });
  };
  doors.brakes = [](store::Store& store, const chase::World& world, Instant at) {
    return brakes_of(store, world, store.kept("clock_held") == "yes", at);
  };
  doors.import = [&engine, now](const std::string& plan, const std::string& text, bool apply,
                                const std::string& actor) {
    return import_document(engine, plan, text, apply, actor, now());
  };
  // What a reload may change under another thread's eyes is read from the disk, never from the engine.
  const LoadOptions options{engine.inputs().settings.file, engine.inputs().settings.state_directory, false, {}};
  doors.try_rules = [options, read = engine.reader()](const std::string& file, const std::string& text, Instant from,
                                                      calendar::CivilDay to) {
    return try_rule_text(options, read, file, text, from, to);
  };
  doors.rule_tests = [rules = engine.inputs().settings.rules, read = engine.reader()] {
    return run_tests(rules, read);
  };
  doors.look_up = [options](const web::Command& asked) { return look_up(options, asked); };
  doors.carry_out = [&engine, now](const web::Command& asked) { return command(engine, asked, now()); };
  return doors;
}

}  // namespace chaser::app
