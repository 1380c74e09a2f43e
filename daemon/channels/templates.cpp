#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "channels/template_data.h"

namespace chaser::channels {
namespace {

using kainjow::mustache::basic_context;
using kainjow::mustache::data;
using kainjow::mustache::mustache;

constexpr std::size_t template_bytes_max = 65'536;
constexpr std::size_t templates_max = 500;
constexpr std::string_view suffix = ".mustache";

std::string escaped_html(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

/// A message's words as templates ask for them: each value is made when its name is first met, so that a digest of a
/// hundred actions costs what its template shows of them. Remembers the names that are missing. Knows no partials:
/// kainjow would read any text value as a template.
class WordsContext : public basic_context<std::string> {
 public:
  WordsContext(const MessageWords& words, Form form, std::size_t items_max)
      : words_(words), form_(form), shown_(std::min(items_max, words.items.size())), items_(data::type::list) {
    for (std::size_t i = 0; i < shown_; ++i) items_.push_back(data(true));
    if (shown_ < words.items.size()) more_ = value_of(fmt::format("and {} more", words.items.size() - shown_));
  }

  void push(const data* pushed) override { sections_.push_back(pushed); }
  void pop() override { sections_.pop_back(); }

  /// An action's own names first, within its section; then the message's.
  const data* get(const std::string& name) const override {
    const auto item = this->item();
    const data* found = nullptr;
    if (item) found = name == "first" ? truth(*item == 0) : find(words_.items[*item], *item + 1, name);
    if (found == nullptr) found = of_message(name);
    if (found == nullptr) missing_.insert(name);
    return found;
  }
  const data* get_partial(const std::string& name) const override {
    partials_.insert(name);
    return nullptr;
  }
  const std::set<std::string>& missing() const { return missing_; }
  const std::set<std::string>& partials() const { return partials_; }

 private:
  /// Whose section this is, if it is within one of "items".
  std::optional<std::size_t> item() const {
    if (shown_ == 0) return std::nullopt;
    const data* const first = items_.list_value().data();
    for (auto section = sections_.rbegin(); section != sections_.rend(); ++section) {
      if (std::less_equal<>()(first, *section) && std::less<>()(*section, first + shown_)) {
        return static_cast<std::size_t>(*section - first);
      }
    }
    return std::nullopt;
  }

  const data* of_message(const std::string& name) const {
    if (name == "items") return &items_;
    if (more_ && name == "more") return &*more_;
    if (more_ && name == "has_more") return truth(true);
    return find(words_, 0, name);
  }

  template <typename Words>
  const data* find(const Words& words, std::size_t owner, const std::string& name) const {
    if (const auto flag = words.flags.find(name); flag != words.flags.end()) return truth(flag->second);
    const auto text = words.texts.find(name);
    if (text == words.texts.end()) return nullptr;
    const auto [made, is_new] = made_.try_emplace({owner, name}, "");
    if (is_new) made->second = value_of(text->second);
    return &made->second;
  }

  // Values are escaped here and not by the template, so that {{{name}}} cannot undo it.
  data value_of(const std::string& text) const { return data(form_ == Form::html ? escaped_html(text) : text); }
  const data* truth(bool flag) const { return flag ? &true_ : &false_; }

  const MessageWords& words_;
  Form form_;
  std::size_t shown_;
  data items_;  // one element an action; what it says is looked up in words_
  data true_{true};
  data false_{false};
  std::optional<data> more_;
  std::vector<const data*> sections_;
  mutable std::map<std::pair<std::size_t, std::string>, data> made_;  // 0: the message's; n + 1: of action n
  mutable std::set<std::string> missing_;
  mutable std::set<std::string> partials_;
};

// kainjow leaves an empty line where a section that stands on lines of its own is not shown, and drops wanted ones
// after a section that is. So it sees no lines at all: this stands for their ends, and no value can hold it.
constexpr char line_end = '\x1e';

// A line that is a section's tag or a comment and nothing else is no line of the result (the Mustache manual's
// "standalone").
bool is_tag_alone(std::string_view line) {
  if (line.size() < 6 || !line.starts_with("{{") || !line.ends_with("}}")) return false;
  const bool tag = line[2] == '#' || line[2] == '^' || line[2] == '/' || line[2] == '!';
  return tag && line.find("}}") == line.size() - 2;
}

std::string without_lines(std::string_view text) {
  std::string joined;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t begin = line.find_first_not_of(" \t");
    const std::string_view trimmed =
        begin == std::string_view::npos ? "" : line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
    joined += is_tag_alone(trimmed) ? trimmed : line;
    if (!is_tag_alone(trimmed) && end != std::string_view::npos) joined += line_end;
  }
  return joined;
}

std::string render_lines(const std::string& text, WordsContext& watched) {
  mustache parsed(without_lines(text));
  parsed.set_custom_escape([](const std::string& value) { return value; });
  return parsed.render(watched);
}

std::string render(const std::string& text, WordsContext& watched) {
  std::string lines = render_lines(text, watched);
  std::replace(lines.begin(), lines.end(), line_end, '\n');
  return lines;
}

// Everything set or nothing set, so that both sides of each section are walked.
MessageWords sample(bool full) {
  MessageWords words;
  for (const std::string_view name : message_text_names()) words.texts.emplace(name, full ? "x" : "");
  for (const std::string_view name : message_flag_names()) words.flags.emplace(name, full);
  ItemWords item;
  for (const std::string_view name : item_text_names()) item.texts.emplace(name, full ? "x" : "");
  for (const std::string_view name : item_flag_names()) item.flags.emplace(name, full);
  words.items.assign(2, item);
  return words;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names{"items", "first"};
  for (const auto& list : {message_text_names(), message_flag_names(), item_text_names(), item_flag_names()}) {
    names.insert(names.end(), list.begin(), list.end());
  }
  return names;
}

bool is_form(std::string_view word) {
  return word == "txt" || word == "html" || word == "subject" || word == "card";
}

// The name before the form is a slug, or a rule's and a step's with a dot or a slash between them.
bool is_file_name(std::string_view file) {
  if (!file.ends_with(suffix)) return false;
  file.remove_suffix(suffix.size());
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || !is_form(file.substr(dot + 1))) return false;
  const std::string_view name = file.substr(0, dot);
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/' || c == '.';
  });
}

// "deadline.due.txt.mustache" is "deadline/due.txt.mustache" in a folder that has no folders.
std::string with_slash(std::string file) {
  const std::size_t form = file.rfind('.', file.size() - suffix.size() - 1);
  std::replace(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(form), '.', '/');
  return file;
}

void check_names(const std::string& file, const WordsContext& watched, documents::Problems& problems) {
  for (const std::string& name : watched.missing()) {
    problems.error(file, fmt::format("\"{}\" is no name that a template knows{}", name,
                                     documents::did_you_mean(name, known_names())));
  }
  for (const std::string& name : watched.partials()) {
    problems.error(file, fmt::format("{{{{> {}}}}}: templates cannot include others; write its text here", name));
  }
}

bool check(const std::string& file, const std::string& text, documents::Problems& problems) {
  const std::size_t before = problems.errors_met();
  if (!is_file_name(file)) {
    problems.error(
        file,
        "is no template's name: NAME.FORM.mustache, FORM being txt, html, subject or card, NAME such as direct, "
        "digest, catch_up or RULE.STEP");
    return false;
  }
  if (text.size() > template_bytes_max) {
    problems.error(file, fmt::format("is {} bytes long; a template may have {}", text.size(), template_bytes_max));
    return false;
  }
  const mustache parsed(text);
  if (!parsed.is_valid()) {
    problems.error(file, fmt::format("is no Mustache template: {} (counted in bytes)", parsed.error_message()));
    return false;
  }
  for (const bool full : {true, false}) {
    const MessageWords words = sample(full);
    WordsContext watched(words, Form::text, full ? 1 : 2);
    static_cast<void>(render(text, watched));
    check_names(file, watched, problems);
  }
  return problems.errors_met() == before;
}

}  // namespace

std::string_view name_of(Form form) {
  switch (form) {
    case Form::text:
      return "txt";
    case Form::html:
      return "html";
    case Form::subject:
      return "subject";
    case Form::card:
      return "card";
  }
  std::abort();
}

std::vector<std::string_view> item_text_names() {
  return {"id",         "title",  "name",     "text",  "section",  "plan", "owners", "timescale",
          "day",        "status", "headline", "state", "sentence", "asks", "also",   "note",
          "last_heard", "next",   "why",      "rule",  "step",     "link"};
}
std::vector<std::string_view> item_flag_names() {
  return {"has_also", "has_note",    "has_next", "has_last_heard", "has_text",
          "has_link", "above_leads", "late",     "first_meeting"};
}
std::vector<std::string_view> message_text_names() {
  return {"subject",       "summary",   "count", "recipient", "coordinator", "coordinator_address",
          "how_to_answer", "reference", "page",  "more",      "mute_link"};
}
std::vector<std::string_view> message_flag_names() {
  return {"one", "several", "has_page", "has_coordinator", "has_more", "has_mute_link"};
}

struct Templates::Impl {
  std::map<std::string, std::string, std::less<>> texts;  // by file name
};

Templates::Templates(std::map<std::string, std::string> overrides, documents::Problems& problems)
    : impl_(std::make_unique<Impl>()) {
  impl_->texts = built_in_templates();
  if (overrides.size() > templates_max) {
    problems.error("templates", fmt::format("are {}; there may be {}", overrides.size(), templates_max));
    return;
  }
  for (auto& [file, text] : overrides) {
    if (check(file, text, problems)) impl_->texts[with_slash(file)] = std::move(text);
  }
}

Templates::~Templates() = default;
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;

std::string fill(const Templates& templates, const std::vector<std::string>& names, Form form,
                 const MessageWords& words, std::size_t items_max) {
  for (const std::string& name : names) {
    const auto found = templates.impl().texts.find(fmt::format("{}.{}{}", name, name_of(form), suffix));
    if (found == templates.impl().texts.end()) continue;
    WordsContext watched(words, form, items_max);
    return render(found->second, watched);
  }
  assert(false && "the built-in templates cover every kind and form");
  return "";
}

}  // namespace chaser::channels
