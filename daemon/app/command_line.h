#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chaser::app {

/// What the program tells its caller. Source: design.md §8.
enum class Exit : int { fine = 0, problems = 1, usage = 2, environment = 3 };

struct Option {
  std::string_view name;   // "--config"
  std::string_view value;  // "F"; "" is a flag
  std::string_view help;
  bool required = false;
};

/// What the user typed, checked against the table of verbs.
struct Invocation {
  std::string verb;
  std::vector<std::string> words;  // the arguments that are no options, in order
  std::map<std::string, std::string, std::less<>> values;

  bool has(std::string_view option) const { return values.contains(option); }
  std::optional<std::string> value(std::string_view option) const;
  bool wants_json() const { return value("--format") == "json"; }
};

/// Where a verb speaks: answers to `out`, problems and progress to `err`.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
};

enum class Access : unsigned char {
  none,    // needs no store
  reads,   // opens the database read-only, beside a running service
  writes,  // through the service's control socket while it runs, else with the lock
};

/// A verb of the program. Parsing, help and completion follow from the table alone.
struct Verb {
  std::string_view name;       // "plan import"
  std::string_view arguments;  // "FILE"; a trailing "..." takes any number, [..] may be left out
  std::string_view about;
  std::vector<Option> options;
  Access access = Access::none;
  Exit (*run)(const Invocation& invocation, Terminal& terminal) = nullptr;
};

/// All verbs, in the order of the help.
std::span<const Verb> verbs();

/// A wrong word or value of the command line; the message says what would be right.
struct UsageError {
  std::string message;
};
/// Thrown by verbs for what the table cannot check.
[[noreturn]] void refuse(std::string message);

/// Parses, runs and reports. Exceptions end here: the environment's as exit 3 with what was attempted.
Exit run_program(std::span<const std::string> arguments, Terminal& terminal);

/// The overview, or one verb's help.
std::string overview(std::span<const Verb> verbs);
std::string help_of(const Verb& verb);
/// A script for bash: `source <(chaser completion)`.
std::string bash_completion(std::span<const Verb> verbs);

}  // namespace chaser::app
