#include "sources/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace chaser::sources {
namespace {

constexpr std::string_view last_of_core = "chase";
constexpr std::string_view clock_owner = "app";

/// What the core may not include: input and output, threads, clocks, and the libraries that bring them.
const std::vector<std::string_view>& shell_headers() {
  static const std::vector<std::string_view> headers = {"<thread>",       "<mutex>",
                                                        "<shared_mutex>", "<condition_variable>",
                                                        "<future>",       "<atomic>",
                                                        "<fstream>",      "<filesystem>",
                                                        "<iostream>",     "<stop_token>",
                                                        "<semaphore>",    "<ctime>",
                                                        "<time.h>",       "<unistd.h>",
                                                        "<fcntl.h>",      "<sys/",
                                                        "<boost/",        "<spdlog/",
                                                        "<sqlite3.h>",    "<curl/",
                                                        "<httplib.h>",    "<gmime/",
                                                        "<systemd/",      "<csignal>",
                                                        "<signal.h>",     "<absl/time/clock.h>",
                                                        "<openssl/ssl.h>"};
  return headers;
}

/// Ways to ask the machine what time it is, or in which zone it stands.
constexpr std::string_view clock_words[] = {
    "system_clock::now",   "steady_clock::now", "high_resolution_clock", "absl::Now",    "clock_gettime",
    "gettimeofday",        "std::time",         "time(nullptr)",         "time(NULL)",   "time(0)",
    "localtime",           "localtime_r",       "LocalTimeZone",         "LoadTimeZone", "CLOCK_REALTIME",
    "GetCurrentTimeNanos", "timespec_get"};

constexpr std::string_view words_anywhere[] = {"std::regex", "std::basic_regex"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether `word` stands in `line` as a word of its own.
bool mentions(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(line[at - 1]);
    const bool ends = end == line.size() || !is_word(line[end]) || !is_word(word.back());
    if (begins && ends) return true;
  }
  return false;
}

std::optional<std::size_t> layer_of(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto found = std::find(layers().begin(), layers().end(), path.substr(0, slash));
  if (found == layers().end()) return std::nullopt;
  return static_cast<std::size_t>(found - layers().begin());
}

bool is_core(std::size_t layer) {
  return layer <=
         static_cast<std::size_t>(std::find(layers().begin(), layers().end(), last_of_core) - layers().begin());
}

/// What an #include line names, with its quotes or brackets, or nothing.
std::string_view included(std::string_view line) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || line[hash] != '#') return {};
  const std::size_t word = line.find("include", hash);
  const std::size_t open = line.find_first_of("\"<", hash);
  if (word == std::string_view::npos || open == std::string_view::npos) return {};
  const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
  return close == std::string_view::npos ? std::string_view{} : line.substr(open, close - open + 1);
}

/// What is wrong with including `name` in a file of `layer`, or nothing. The program's main file includes what it
/// likes.
std::string wrong_include(std::string_view name, std::optional<std::size_t> layer) {
  if (name == "<regex>") return "<regex> overflows the stack on long input: RE2 instead";
  if (name.front() == '"') {
    const std::string_view path = name.substr(1, name.size() - 2);
    const std::optional<std::size_t> other = layer_of(path);
    if (!other)
      return fmt::format("{} names no layer: includes are written from daemon/, as \"calendar/time.h\"", name);
    if (layer && *other > *layer) return fmt::format("{} is below {} in the order of layers", name, layers()[*layer]);
    return {};
  }
  if (!layer || !is_core(*layer)) return {};
  for (const std::string_view header : shell_headers()) {
    if (name.starts_with(header)) return fmt::format("{} belongs to the shell: the core is pure", name);
  }
  return {};
}

std::vector<std::string> wrong_words(std::string_view line, std::optional<std::size_t> layer) {
  std::vector<std::string> wrong;
  for (const std::string_view word : words_anywhere) {
    if (mentions(line, word)) wrong.push_back(fmt::format("{} overflows the stack on long input: RE2 instead", word));
  }
  if (!layer || layers()[*layer] == clock_owner) return wrong;
  for (const std::string_view word : clock_words) {
    if (mentions(line, word)) wrong.push_back(fmt::format("{} asks the clock: only app/ does, and passes `now`", word));
  }
  return wrong;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

/// Where what begins at `at` ends: a comment or a literal; or `at` itself if neither begins there.
std::size_t end_of_uncode(std::string_view text, std::size_t at) {
  const auto past = [&](std::string_view closing, std::size_t from) {
    const std::size_t found = text.find(closing, from);
    return found == std::string_view::npos ? text.size() : found + closing.size();
  };
  if (text.substr(at, 2) == "//") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) == "/*") return past("*/", at + 2);
  if (text.substr(at, 2) == "R\"" && (at == 0 || !is_word(text[at - 1]))) {
    const std::size_t open = text.find('(', at);
    if (open == std::string_view::npos) return at;
    return past(")" + std::string(text.substr(at + 2, open - at - 2)) + "\"", open);
  }
  const bool digit_separator = text[at] == '\'' && at > 0 && is_word(text[at - 1]);
  if (text[at] != '"' && (text[at] != '\'' || digit_separator)) return at;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != text[at] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

}  // namespace

const std::vector<std::string>& layers() {
  static const std::vector<std::string> order = {"calendar", "documents", "plan", "rulebook", "chase",
                                                 "store",    "channels",  "web",  "app"};
  return order;
}

std::string code_of(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_uncode(text, at);
    for (std::size_t i = at; i < end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

std::vector<std::string> breaches(std::string_view path, std::string_view text) {
  std::vector<std::string> found;
  const std::optional<std::size_t> layer = layer_of(path);
  if (!layer && path != "main.cpp") found.push_back(fmt::format("{}:1: lies in no layer", path));
  if (path.ends_with(".h") && !text.starts_with("#pragma once\n")) {
    found.push_back(fmt::format("{}:1: a header begins with #pragma once", path));
  }
  const std::string code = code_of(text);
  const std::vector<std::string_view> written = lines_of(text);
  const std::vector<std::string_view> coded = lines_of(code);
  for (std::size_t line = 0; line < written.size(); ++line) {
    const auto add = [&](const std::string& wrong) {
      found.push_back(fmt::format("{}:{}: {}", path, line + 1, wrong));
    };
    // An #include inside a comment has no '#' left in the code.
    if (coded[line].find('#') != std::string_view::npos) {
      if (const std::string_view name = included(written[line]); !name.empty()) {
        if (const std::string wrong = wrong_include(name, layer); !wrong.empty()) add(wrong);
      }
    }
    for (const std::string& wrong : wrong_words(coded[line], layer)) add(wrong);
  }
  return found;
}

}  // namespace chaser::sources
