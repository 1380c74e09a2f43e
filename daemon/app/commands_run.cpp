#include <fmt/format.h>

#include "app/commands.h"
#include "app/control.h"
#include "app/opening.h"
#include "app/reporting.h"
#include "app/service.h"
#include "app/writing.h"
#include "chase/forecast.h"
#include "store/sqlite_store.h"

#include <pwd.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

namespace chaser::app {

namespace {

const FileReader from_disk = [](const std::string& path) { return read_file(path); };

void tell_start(const Engine& engine, const Engine::Taken& taken, const documents::Problems& problems, Log& log) {
  for (const documents::Problem& problem : problems.sorted()) {
    if (problem.severity == documents::Severity::error)
      log.error(documents::describe(problem));
    else
      log.warning(fmt::format("{}:{}: {}", problem.file, problem.at.line, problem.message));
  }
  for (const std::string& plan : taken.imported) log.info("plan " + plan + " imported");
  for (const std::string& plan : taken.differing) {
    log.warning("the file of plan " + plan + " differs from what was imported; see \"chaser plan import\"");
  }
  if (taken.looked_anew) log.info("rules, directory or calendars changed: every action is looked at anew");
  log.info(fmt::format("started rules={} parties={}", engine.world().rules().size(), engine.world().persons().size()));
}

/// Why nothing went out: what is decided waits for its window, or no step's day has come.
std::string why_nothing(const store::StoreStatus& status, Instant now) {
  const auto at = [](Instant instant) {
    return absl::FormatTime("%a %e %b %Y, %H:%M", instant, absl::LocalTimeZone());
  };
  if (status.pending > 0 && status.next_compose && *status.next_compose > now) {
    return fmt::format("Nothing goes out now: {} wait for sending windows, the first of which opens {}.\n",
                       counted(status.pending, "notification"), at(*status.next_compose));
  }
  if (status.next_look)
    return fmt::format("Nothing is due now: the day of no step has come; the next look is {}.\n",
                       at(*status.next_look));
  return "Nothing is due now, and no step of any rule lies ahead.\n";
}

std::string what_went(const PassCounts& first, const store::StoreStatus& status, Instant now) {
  if (first.sent == 0 && status.queued == 0) return why_nothing(status, now);
  std::string words = fmt::format("Sent {} just now.\n", counted(first.sent, "message"));
  if (status.queued > 0)
    words += fmt::format("{} still to go: see \"chaser outbox\".\n", counted(status.queued, "message"));
  return words;
}

/// What a person at the terminal wants to know once the service stands.
void tell_overview(Engine& engine, const Clock& clock, const PassCounts& first, Terminal& terminal) {
  const Instant now = clock.now();
  terminal.out << what_went(first, engine.store().status(), now);
  const auto next = upcoming(engine.store(), engine.world(), now, 5);
  if (!next.empty())
    terminal.out << "\nThe next events, if nobody answers:\n" << chase::forecast_table(next, engine.world(), now);
  if (const auto& http = engine.inputs().settings.http; http && http->staff.socket.empty()) {
    terminal.out << fmt::format("\nThe pages: http://{}:{}/\n", http->staff.address, http->staff.port);
  }
  terminal.out.flush();
}

std::string actor() {
  const passwd* user = ::getpwuid(::getuid());
  return std::string("cli:") + (user != nullptr ? user->pw_name : std::to_string(::getuid()));
}

/// A line of standard input; typed, it is not shown.
std::string read_password() {
  termios shown{};
  const bool is_terminal = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (is_terminal) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    std::cerr << "Password: " << std::flush;
  }
  std::string line;
  std::getline(std::cin, line);
  if (is_terminal) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    std::cerr << "\n";
  }
  return line;
}

}  // namespace

Exit run_command(const Invocation& invocation, Terminal& terminal) {
  const bool once = invocation.has("--once");
  const Clock clock = clock_of(invocation);
  if (clock.is_scripted() && !once) refuse("--now needs --once: the service runs on the real clock");
  std::string alarm;
  auto inputs = open_inputs_or_last_good(invocation, terminal, true, alarm);
  if (!inputs) return Exit::problems;
  const LoadOptions options{*invocation.value("--config"), invocation.value("--state"), true, {}};
  Log log(inputs->settings.log_level);
  auto store = store::open_sqlite(inputs->settings.state_directory, {store::OpenMode::write, clock.is_scripted()});
  Engine engine(*std::move(inputs), std::move(store), from_disk);
  documents::Problems problems;
  const Engine::Taken taken = engine.start(clock.now(), problems);
  tell_start(engine, taken, problems, log);
  if (!alarm.empty()) log.error(alarm);
  if (engine.store().kept("alarm").value_or("") != alarm) engine.store().keep("alarm", alarm);
  if (problems.has_errors()) return Exit::problems;
  Service service(engine, clock, log, [&](const Inputs& last_good, documents::Problems& found) {
    return reload_inputs(options, from_disk, last_good, found);
  });
  if (once) {
    const PassCounts counts = service.once();
    terminal.out << fmt::format("{}: {} at actions, {} decided, {} sent\n",
                                calendar::rfc3339(clock.now(), absl::LocalTimeZone()), counted(counts.looked, "look"),
                                counted(counts.notified, "notification"), counted(counts.sent, "message"));
    return counts.failed > 0 ? Exit::problems : Exit::fine;
  }
  service.run([&](const PassCounts& first) { tell_overview(engine, clock, first, terminal); });
  return Exit::fine;
}

Exit writing_command(const Invocation& invocation, Terminal& terminal) {
  WriteRequest request;
  request.verb = invocation.verb;
  request.words = invocation.words;
  request.options = invocation.values;
  request.actor = actor();
  if (request.verb == "backup") request.words.at(0) = std::filesystem::absolute(request.words.at(0)).string();
  if (request.verb == "account set") request.text = read_password();
  if (request.verb == "plan import") {
    auto text = read_document(invocation.words.at(0));
    if (!text) {
      terminal.err << "chaser: " << invocation.words[0] << ": " << text.error() << "\n";
      return Exit::environment;
    }
    request.text = *std::move(text);
  }
  std::string alarm;
  auto inputs = open_inputs_or_last_good(invocation, terminal, false, alarm);
  if (!inputs) return Exit::problems;
  const Clock clock = clock_of(invocation);
  WriteAnswer answer;
  // The service has the real clock: a scripted one goes to the store alone, whose lock then tells that somebody else
  // has it.
  const auto told = clock.is_scripted() ? std::nullopt
                                        : ask_service(control_path(inputs->settings.state_directory), to_json(request));
  if (told) {
    answer = read_answer(*told);
  } else {
    auto store = store::open_sqlite(inputs->settings.state_directory, {store::OpenMode::write, clock.is_scripted()});
    Engine engine(*std::move(inputs), std::move(store), from_disk);
    documents::Problems problems;
    engine.start(clock.now(), problems);
    answer = carry_out(engine, request, clock.now());
  }
  terminal.out << answer.out;
  terminal.err << answer.err;
  return answer.exit;
}

}  // namespace chaser::app
