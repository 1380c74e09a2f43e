#include "app/commands.h"

namespace chaser::app {

namespace {

const Option config{"--config", "F", "the settings file; every key is explained in config/chaser.yaml", true};
const Option state{"--state", "DIR", "this state directory instead of the settings'"};
const Option format{"--format", "table|json", "a table for people (default) or JSON for programs"};
const Option as_of{"--now", "T", "as at this time (RFC 3339) instead of the clock's"};

}  // namespace

Exit completion_command(const Invocation&, Terminal& terminal) {
  terminal.out << bash_completion(verbs());
  return Exit::fine;
}

std::span<const Verb> verbs() {
  static const std::vector<Verb> table = {
      {"run", "", "The service, in the foreground: decides, sends, listens, until it is told to stop.",
       {config, state, {"--once", "", "one pass: decide, send what is due, and end"},
        {"--now", "T", "a scripted clock that stands still at T (RFC 3339); only with --once"}},
       Access::writes, run_command},
      {"check", "", "Every problem of settings, directory, plans, rules and templates, at once; changes nothing.",
       {config, state, {"--strict", "", "warnings are problems too (exit 1)"}, format}, Access::none, check_command},
      {"plan read", "FILE", "What a plan document says and how its timescales are read, offline; - reads standard input.",
       {{"--directory", "F", "the directory whose names and aliases the owners are split by"},
        {"--supplement", "F", "the plan's supplement (conventions, status, milestones)"},
        {"--plan", "ID", "the plan's id, for the directory's aliases of that plan"}, format},
       Access::none, plan_read_command},
      {"plan import", "FILE", "What a new version of a plan would change; --apply takes the changes, all or none.",
       {config, state, {"--plan", "ID", "the plan's id in the settings", true},
        {"--apply", "", "take the changes"}, format}, Access::writes, writing_command},
      {"forecast", "", "Who will get what, and when, as far as the rules say: the real decisions, played ahead.",
       {config, state, {"--from", "D", "the first day to print", true}, {"--to", "D", "the last day", true},
        {"--fresh", "", "not from the stored state: the plan's files, applied on --from"},
        {"--assume", "HOW", "how leads answer: silent (default), prompt or typical; docs/RULES.md says what each means"},
        {"--by", "WHAT", "the table's order: day (default), person (each person's weeks) or action"},
        {"--against", "RULES", "other rule files or a folder: print what appears, vanishes and moves"}, format},
       Access::reads, forecast_command},
      {"rules migrate", "", "Which open cases keep an older version of their rule, and what moving them would change.",
       {config, state, {"--apply", "", "move them: they go on under the loaded version, nothing is sent back in time"},
        {"--to", "D", "how far ahead the change is shown (default: two years)"}, as_of, format},
       Access::writes, migrate_command},
      {"explain", "PLAN/ACTION", "What happened about an action, what is held and why, and what comes next.",
       {config, state, as_of, format}, Access::reads, explain_command},
      {"test", "PATH...", "Plays rule tests (*.test.yaml; folders are searched), prints expected beside got and what none reaches.",
       {{"--run", "PATTERN", "only the tests whose name this regular expression finds"},
        {"--junit", "FILE", "write the outcome as JUnit XML too, for CI"},
        {"--config", "F", "the settings whose calendars, windows and directory the tests may name"},
        {"--scenario", "", "the paths are dated scenarios in JSON"},
        {"--cel", "", "the paths are cases of the condition language, one a line in JSON"},
        {"--verbose", "", "print all that went out and was held"}},
       Access::none, test_command},
      {"status", "", "How the service stands: counts, what waits, what comes next.", {config, state, format},
       Access::reads, status_command},
      {"log", "", "What was decided and sent, and what was not and why.",
       {config, state, {"--plan", "ID", "of one plan"}, {"--action", "ID", "of one action (with --plan)"},
        {"--after", "N", "events after this number"}, {"--limit", "N", "at most so many (default 200)"}, format},
       Access::reads, log_command},
      {"outbox retry", "MESSAGE", "Tries a message again that needs attention.", {config, state, as_of}, Access::writes, writing_command},
      {"outbox drop", "MESSAGE", "Gives a message up; its notifications are withdrawn.", {config, state, as_of}, Access::writes,
       writing_command},
      {"outbox", "", "The messages that are not settled yet.",
       {config, state, {"--all", "", "settled ones too"}, {"--limit", "N", "at most so many (default 200)"}, format},
       Access::reads, outbox_command},
      {"answer", "PLAN/ACTION RESPONSE", "Records a response: acknowledge, update or done.",
       {config, state, {"--party", "ID", "whose answer it is; needed where several lead"},
        {"--until", "DAY", "of acknowledge: back by this day"}, {"--status", "STATUS", "of update: the new status"},
        {"--note", "TEXT", "what they said"}, as_of}, Access::writes, writing_command},
      {"stop", "[WHAT]", "Sends nothing any more: all, or one plan, rule or person (plan:ID, rule:NAME, party:ID).",
       {config, state, as_of}, Access::writes, writing_command},
      {"release", "limit|stop|freeze|clock [WHAT]", "Lets go what the limit, a stop, a freeze or the clock's guard holds.",
       {config, state, as_of}, Access::writes, writing_command},
      {"backup", "FILE", "A complete, checked copy of all that Chaser remembers, taken while it runs.", {config, state},
       Access::writes, writing_command},
      {"completion", "", "Completion for bash: source <(chaser completion).", {}, Access::none, completion_command},
  };
  return table;
}

}  // namespace chaser::app
