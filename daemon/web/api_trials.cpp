#include <mutex>
#include <set>

#include "web/api.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t document_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t rules_bytes_max = 768 * 1024;
constexpr int tried_days = 365;

/// Only one client at a time may have the service think for long.
std::unique_lock<std::mutex> alone(const ApiRequest& request) {
  std::unique_lock lock(request.staff.long_work(), std::try_to_lock);
  if (!lock.owns_lock()) throw ApiProblem(503, "Something else that takes long is under way. Ask again in a moment.");
  return lock;
}

/// What the command line prints by that verb, as JSON.
Json printed(const ApiRequest& request, Command command) {
  const auto lock = alone(request);
  const CommandAnswer answer = request.site().doors().look_up(command);
  switch (answer.end) {
    case CommandAnswer::End::done:
      return Json::parse(answer.said);
    case CommandAnswer::End::refused:
      throw ApiProblem(409, answer.said);
    case CommandAnswer::End::misused:
      throw ApiProblem(422, answer.said);
    case CommandAnswer::End::failed:
      break;
  }
  throw ApiProblem(503, answer.said);
}

/// The options of a verb that the query has: what is true is a flag, what is false is none.
Command command_of(const ApiRequest& request, std::string verb) {
  Command command{std::move(verb), {}, {}, "", request.who.actor()};
  for (const auto& [name, value] : request.http.query) {
    if (value != "false") command.options["--" + name] = value == "true" ? "" : value;
  }
  return command;
}

Response forecast(const ApiRequest& request) {
  return api_page(request, printed(request, command_of(request, "forecast")), "");
}

Response check(const ApiRequest& request) {
  return api_answer(request, printed(request, command_of(request, "check")));
}

Response migration(const ApiRequest& request) {
  return api_answer(request, printed(request, command_of(request, "rules migrate")));
}

Response verification(const ApiRequest& request) {
  return api_answer(request, printed(request, command_of(request, "log verify")));
}

const rulebook::RuleText* find_text(const chase::World& world, const std::string& file) {
  for (const rulebook::RuleText& text : world.rulebook().texts()) {
    if (text.file == file) return &text;
  }
  return nullptr;
}

Response rule_files(const ApiRequest& request) {
  const auto world = request.site().world();
  Json items = Json::array();
  std::set<std::string> seen;
  for (const auto& rule : world->rulebook().rules()) {
    const rulebook::RuleText* const text = find_text(*world, rule->file);
    if (text == nullptr || !seen.insert(rule->file).second) continue;
    items.push_back({{"file", text->file}, {"version", text->hash}, {"text", text->text}});
  }
  return api_page(request, std::move(items), "");
}

Response try_rules(const ApiRequest& request) {
  const auto world = request.site().world();
  const std::string file = request.text("file");
  if (find_text(*world, file) == nullptr) throw ApiProblem(404, "There is no rule file \"" + file + "\".");
  const Instant now = request.site().now();
  const calendar::CivilDay today = calendar::day_of(now, home_zone(*world));
  const calendar::CivilDay to = calendar::parse_iso_day(request.text("to")).value_or(today + tried_days);
  if (to < today || to > today + 10 * tried_days) throw ApiProblem(422, "\"to\" is a day of the next ten years.");
  const auto lock = alone(request);
  const RuleTrial trial = request.site().doors().try_rules(file, request.text("text"), now, to);
  return api_answer(request, {{"file", file},
                              {"has_errors", trial.has_errors},
                              {"problems", trial.problems},
                              {"changes", Json::parse(trial.changes)}});
}

Response rule_tests(const ApiRequest& request) {
  const auto lock = alone(request);
  const RuleTests tests = request.site().doors().rule_tests();
  return api_answer(request, {{"passed", tests.passed}, {"said", tests.said}});
}

Response try_import(const ApiRequest& request) {
  if (request.site().world()->find_plan(request.place(0)) == nullptr)
    throw ApiProblem(404, "There is no plan \"" + request.place(0) + "\".");
  ImportTrial trial;
  request.site().on_loop([&](store::Store&, const chase::World&, Instant) {
    trial = request.site().doors().import(request.place(0), request.text("document"), false, request.who.actor());
  });
  return api_answer(request, {{"has_errors", trial.has_errors},
                              {"problems", trial.problems},
                              {"changes", shape_of(trial.changes)},
                              {"reading", trial.reading.empty() ? Json(nullptr) : Json::parse(trial.reading)}});
}

ApiCall trial(std::string path, std::string id, std::string about, std::string gives,
              std::function<Response(const ApiRequest&)> answer, std::vector<ApiField> body, std::size_t body_max) {
  ApiCall call{"POST",           std::move(path),  Role::coordinator, std::move(id),
               std::move(about), std::move(gives), std::move(answer), {},
               std::move(body)};
  call.body_max = body_max;
  call.changes = false;
  return call;
}

}  // namespace

void add_trial_calls(std::vector<ApiCall>& calls) {
  calls.push_back({"GET", "/rule-files", Role::viewer, "listRuleFiles", "The rule files in force, with their text.",
                   "RuleFiles", rule_files});
  calls.push_back({"GET", "/rule-tests", Role::viewer, "runRuleTests", "What the tests beside the rule files say.",
                   "RuleTests", rule_tests});
  calls.push_back(trial("/rule-trials", "tryRules",
                        "What another text of a rule file would change in the forecast, and every problem of it. "
                        "Nothing is saved.",
                        "RuleTrial", try_rules,
                        {{"file", ApiType::text, "One of the rule files in force.", true},
                         {"text", ApiType::text, "Its text, changed.", true},
                         {"to", ApiType::day, "How far it is looked ahead; a year if not said."}},
                        rules_bytes_max));
  calls.push_back({"GET",
                   "/rule-migration",
                   Role::viewer,
                   "previewMigration",
                   "Which open cases keep an older version of their rule, and what moving them would change.",
                   "Migration",
                   migration,
                   {{"to", ApiType::day, "How far it is looked ahead; two years if not said."}}});
  calls.push_back(trial("/plans/{plan}/import-trials", "tryImport",
                        "What a document says, every problem of it, and what importing it would change. Nothing is "
                        "changed.",
                        "ImportTrial", try_import, {{"document", ApiType::text, "The document's text.", true}},
                        document_bytes_max));
  calls.push_back({"GET",
                   "/forecast",
                   Role::viewer,
                   "forecast",
                   "Who will get what, and when, as chaser forecast prints it.",
                   "Forecast",
                   forecast,
                   {{"from", ApiType::day, "The first day.", true},
                    {"to", ApiType::day, "The last day.", true},
                    {"fresh", ApiType::truth, "true: not from the stored state, but from the plan's files."},
                    {"assume", ApiType::text, "How leads answer: silent, prompt or typical."}}});
  calls.push_back({"GET", "/check", Role::coordinator, "check",
                   "Every problem of settings, directory, plans, rules and templates as they are on the disk now.",
                   "Check", check});
  calls.push_back({"GET",
                   "/log/verification",
                   Role::viewer,
                   "verifyLog",
                   "Whether the whole log is as it was written.",
                   "LogVerification",
                   verification,
                   {{"head", ApiType::text, "A head noted elsewhere, which must be in it."},
                    {"replay", ApiType::truth, "true: it is played again and compared with the tables."}}});
}

}  // namespace chaser::web
