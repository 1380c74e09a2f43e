#include "app/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "documents/problems.h"
#include "store/store.h"

namespace chaser::app {

std::optional<std::string> Invocation::value(std::string_view option) const {
  const auto found = values.find(option);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

void refuse(std::string message) {
  throw UsageError{std::move(message)};
}

namespace {

struct Arity {
  std::size_t least = 0;
  std::size_t most = 0;
};

/// "FILE", "PLAN/ACTION RESPONSE", "[WHAT]", "PATH...".
Arity arity_of(std::string_view arguments) {
  Arity arity;
  while (!arguments.empty()) {
    const std::size_t blank = arguments.find(' ');
    const std::string_view word = arguments.substr(0, blank);
    arguments = blank == std::string_view::npos ? std::string_view{} : arguments.substr(blank + 1);
    if (!word.starts_with('[')) ++arity.least;
    ++arity.most;
    if (word.find("...") != std::string_view::npos) arity.most = static_cast<std::size_t>(-1);
  }
  return arity;
}

const Option* find_option(const Verb& verb, std::string_view name) {
  const auto found =
      std::find_if(verb.options.begin(), verb.options.end(), [&](const Option& o) { return o.name == name; });
  return found == verb.options.end() ? nullptr : &*found;
}

void take_option(const Verb& verb, std::span<const std::string> arguments, std::size_t& i, Invocation& invocation) {
  const std::string& given = arguments[i];
  const std::size_t equals = given.find('=');
  const std::string name = given.substr(0, equals);
  const Option* const option = find_option(verb, name);
  if (option == nullptr) {
    std::vector<std::string> known;
    for (const Option& each : verb.options) known.emplace_back(each.name);
    refuse(fmt::format("\"chaser {}\" has no option \"{}\"{}", verb.name, name, documents::did_you_mean(name, known)));
  }
  if (invocation.has(name)) refuse(fmt::format("{} is given twice", name));
  if (option->value.empty()) {
    if (equals != std::string::npos) refuse(fmt::format("{} takes no value", name));
    invocation.values.emplace(name, "");
  } else if (equals != std::string::npos) {
    invocation.values.emplace(name, given.substr(equals + 1));
  } else {
    if (i + 1 >= arguments.size()) refuse(fmt::format("{} needs a value: {} {}", name, name, option->value));
    invocation.values.emplace(name, arguments[++i]);
  }
}

void check_whole(const Verb& verb, const Invocation& invocation) {
  const Arity arity = arity_of(verb.arguments);
  if (invocation.words.size() < arity.least) refuse(fmt::format("\"chaser {}\" needs {}", verb.name, verb.arguments));
  if (invocation.words.size() > arity.most) {
    refuse(fmt::format("\"chaser {}\" has no use for \"{}\"", verb.name, invocation.words[arity.most]));
  }
  for (const Option& option : verb.options) {
    if (option.required && !invocation.has(option.name)) {
      refuse(fmt::format("\"chaser {}\" needs {} {}", verb.name, option.name, option.value));
    }
  }
  const auto format = invocation.value("--format");
  if (!format) return;
  // "table|json": the words that this verb takes.
  std::string known{find_option(verb, "--format")->value};
  const std::string taken = "|" + known + "|";
  if (!format->empty() && taken.find("|" + *format + "|") != std::string::npos) return;
  known.replace(known.rfind('|'), 1, " or ");
  for (std::size_t bar = known.find('|'); bar != std::string::npos; bar = known.find('|')) known.replace(bar, 1, ", ");
  refuse(fmt::format("--format is {}; got \"{}\"", known, *format));
}

/// The verb that the first one or two words name, and how many words that took.
const Verb* find_verb(std::span<const std::string> arguments, std::size_t& taken) {
  for (const std::size_t words : {std::size_t{2}, std::size_t{1}}) {
    if (arguments.size() < words) continue;
    const std::string name = words == 2 ? arguments[0] + " " + arguments[1] : arguments[0];
    const auto found =
        std::find_if(verbs().begin(), verbs().end(), [&](const Verb& verb) { return verb.name == name; });
    if (found == verbs().end()) continue;
    taken = words;
    return &*found;
  }
  return nullptr;
}

Exit run_verb(const Verb& verb, std::span<const std::string> arguments, Terminal& terminal) {
  Invocation invocation;
  invocation.verb = verb.name;
  bool only_words = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& given = arguments[i];
    if (!only_words && given == "--") {
      only_words = true;
    } else if (!only_words && (given == "--help" || given == "-h")) {
      terminal.out << help_of(verb);
      return Exit::fine;
    } else if (!only_words && given.starts_with("--")) {
      take_option(verb, arguments, i, invocation);
    } else {
      invocation.words.push_back(given);
    }
  }
  check_whole(verb, invocation);
  return verb.run(invocation, terminal);
}

[[noreturn]] void refuse_verb(const std::string& given) {
  std::vector<std::string> known;
  for (const Verb& verb : verbs()) known.emplace_back(verb.name);
  refuse(
      fmt::format("unknown verb \"{}\"{}; \"chaser --help\" lists them", given, documents::did_you_mean(given, known)));
}

Exit dispatch(std::span<const std::string> arguments, Terminal& terminal) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    (arguments.empty() ? terminal.err : terminal.out) << overview(verbs());
    return arguments.empty() ? Exit::usage : Exit::fine;
  }
  std::size_t taken = 0;
  const Verb* const verb = find_verb(arguments, taken);
  if (verb == nullptr) refuse_verb(arguments[0]);
  return run_verb(*verb, arguments.subspan(taken), terminal);
}

}  // namespace

Exit run_program(std::span<const std::string> arguments, Terminal& terminal) {
  try {
    return dispatch(arguments, terminal);
  } catch (const UsageError& wrong) {
    terminal.err << "chaser: " << wrong.message << "\n";
    return Exit::usage;
  } catch (const store::StoreError& failure) {
    terminal.err << "chaser: " << failure.what() << "\n";
    return Exit::environment;
  } catch (const std::exception& failure) {
    terminal.err << "chaser: " << failure.what() << "\n";
    return Exit::environment;
  }
}

std::string overview(std::span<const Verb> verbs) {
  std::string text = "Chaser reminds the leads of an action plan, escalates what stalls, and can always say why.\n\n";
  for (const Verb& verb : verbs) text += fmt::format("  chaser {:<13} {}\n", verb.name, verb.about);
  return text +
         "\n\"chaser VERB --help\" tells each verb's options. Exit status: 0 fine, 1 problems found, 2 usage, 3 "
         "environment.\n";
}

std::string help_of(const Verb& verb) {
  std::string text = fmt::format("chaser {}", verb.name);
  for (const Option& option : verb.options) {
    if (option.required) text += fmt::format(" {} {}", option.name, option.value);
  }
  if (!verb.arguments.empty()) text += fmt::format(" {}", verb.arguments);
  text += fmt::format("\n\n{}\n", verb.about);
  if (!verb.options.empty()) text += "\n";
  for (const Option& option : verb.options) {
    const std::string left =
        option.value.empty() ? std::string(option.name) : fmt::format("{} {}", option.name, option.value);
    text += fmt::format("  {:<22} {}\n", left, option.help);
  }
  return text;
}

std::string bash_completion(std::span<const Verb> verbs) {
  std::string first;
  std::string cases;
  for (const Verb& verb : verbs) {
    const std::string word(verb.name.substr(0, verb.name.find(' ')));
    if (first.find(word + " ") == std::string::npos) first += word + " ";
    std::string options;
    for (const Option& option : verb.options) options += fmt::format("{} ", option.name);
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", verb.name, options);
  }
  return fmt::format(R"(_chaser() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" verb="${{COMP_WORDS[1]}}" words=""
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "{}" -- "$word"))
    return
  fi
  if [ "$verb" = plan ]; then
    if [ "$COMP_CWORD" = 2 ]; then
      COMPREPLY=($(compgen -W "read import" -- "$word"))
      return
    fi
    verb="plan ${{COMP_WORDS[2]}}"
  fi
  case "$verb" in
{}  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}}
complete -F _chaser chaser
)",
                     first, cases);
}

}  // namespace chaser::app
