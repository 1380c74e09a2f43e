#include <fmt/format.h>
#include <re2/re2.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "channels/template_data.h"
#include "documents/markup.h"

namespace chaser::channels {
namespace {

using kainjow::mustache::basic_context;
using kainjow::mustache::data;
using kainjow::mustache::mustache;

constexpr std::size_t template_bytes_max = 65'536;
constexpr std::size_t templates_max = 500;
/// How deep templates may include one another, and how long one may become by it.
constexpr int partials_depth_max = 8;
constexpr std::size_t whole_bytes_max = 4 * template_bytes_max;
constexpr std::string_view suffix = ".mustache";

/// A message's words as templates ask for them: each value is made when its name is first met, so that a digest of a
/// hundred actions costs what its template shows of them. Remembers the names that are missing.
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
  // Partials are put in place before (whole_text), where they can be checked.
  const data* get_partial(const std::string&) const override { return nullptr; }
  const std::set<std::string>& missing() const { return missing_; }

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
  data value_of(const std::string& text) const {
    return data(form_ == Form::html ? documents::escaped_markup(text) : text);
  }
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

/// Ready to be rendered many times.
mustache parsed(const std::string& text) {
  mustache made(without_lines(text));
  made.set_custom_escape([](const std::string& value) { return value; });
  return made;
}

std::string render(mustache& made, WordsContext& watched) {
  std::string lines = made.render(watched);
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

using Texts = std::map<std::string, std::string, std::less<>>;

std::string file_of(std::string_view name, std::string_view form) {
  return fmt::format("{}.{}{}", name, form, suffix);
}

/// The text behind `{{> name}}`: a template of the same form, or, by "built-in/NAME", one that comes with the program.
const std::string* find_partial(const Texts& texts, std::string_view name, std::string_view form) {
  constexpr std::string_view own = "built-in/";
  const bool is_built_in = name.starts_with(own);
  const Texts& among = is_built_in ? built_in_templates() : texts;
  const auto found = among.find(file_of(is_built_in ? name.substr(own.size()) : name, form));
  return found == among.end() ? nullptr : &found->second;
}

/// Puts partials in their places, as text: they see the names of where they stand, and what people wrote is never read
/// as one. `body` is what `{{> body}}` in a layout stands for. What is wrong is told in `wrong`.
class Inclusion {
 public:
  Inclusion(const Texts& texts, std::string_view form, const std::string* body, std::string& wrong)
      : texts_(texts), form_(form), body_(body), wrong_(wrong) {}

  std::string whole(std::string_view text, int depth = 0) {
    static const RE2 tag("\\{\\{> *([^{}]*[^{} ]) *\\}\\}");
    std::string whole;
    re2::StringPiece rest(text.data(), text.size());
    re2::StringPiece name;
    while (wrong_.empty() && RE2::PartialMatch(rest, tag, &name)) {
      const std::size_t begin = static_cast<std::size_t>(name.data() - rest.data());
      const std::size_t open = std::string_view(rest.data(), begin).rfind("{{>");
      const std::size_t close = std::string_view(rest.data(), rest.size()).find("}}", begin) + 2;
      whole.append(rest.data(), open);
      const bool ends_line = close < rest.size() && rest[close] == '\n';
      whole += partial(std::string(name), depth);
      // A partial on a line of its own ends with its own line end.
      const bool double_end = ends_line && whole.ends_with('\n');
      rest.remove_prefix(close + (double_end ? 1 : 0));
      if (whole.size() > whole_bytes_max)
        wrong_ = fmt::format("becomes longer than {} bytes by what it includes", whole_bytes_max);
    }
    whole.append(rest.data(), rest.size());
    return whole;
  }

 private:
  std::string partial(const std::string& name, int depth) {
    if (name == "body" && body_ != nullptr) return whole(*body_, depth + 1);
    const std::string* const text = find_partial(texts_, name, form_);
    if (text == nullptr) {
      wrong_ = fmt::format("{{{{> {}}}}}: there is no \"{}\" to include", name, file_of(name, form_));
    } else if (depth >= partials_depth_max) {
      wrong_ = fmt::format("{{{{> {}}}}}: templates include one another too deep, or in a circle", name);
    }
    return wrong_.empty() ? whole(*text, depth + 1) : "";
  }

  const Texts& texts_;
  std::string form_;
  const std::string* body_;
  std::string& wrong_;
};

/// A template with its partials, within the layout of its form if there is one.
std::string whole_text(const Texts& texts, std::string_view form, const std::string& text) {
  std::string wrong;  // each part has been checked
  const std::string* const layout = find_partial(texts, "layout", form);
  return Inclusion(texts, form, layout == nullptr ? nullptr : &text, wrong).whole(layout == nullptr ? text : *layout);
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

std::string_view form_of(std::string_view file) {
  file.remove_suffix(suffix.size());
  return file.substr(file.rfind('.') + 1);
}

/// Whether the file may stand among the templates at all.
bool may_stand(const std::string& file, const std::string& text, documents::Problems& problems) {
  if (!is_file_name(file)) {
    problems.error(
        file,
        "is no template's name: NAME.FORM.mustache, FORM being txt, html, subject or card, NAME such as direct, "
        "digest, catch_up, layout or RULE.STEP");
    return false;
  }
  if (text.size() > template_bytes_max) {
    problems.error(file, fmt::format("is {} bytes long; a template may have {}", text.size(), template_bytes_max));
    return false;
  }
  return true;
}

/// Whether any template of its form includes the one of this file.
bool is_part(std::string_view file, const Texts& texts) {
  const std::string_view form = form_of(file);
  const std::string name(file.substr(0, file.size() - suffix.size() - form.size() - 1));
  const RE2 tag("\\{\\{> *" + RE2::QuoteMeta(name) + " *\\}\\}");
  return std::any_of(texts.begin(), texts.end(), [&](const auto& each) {
    return form_of(each.first) == form && RE2::PartialMatch(each.second, tag);
  });
}

std::string unknown_name(const std::string& name) {
  return fmt::format("\"{}\" is no name that a template knows{}", name, documents::did_you_mean(name, known_names()));
}

/// By rendering it with everything set and with nothing set. A part may stand within an action, and name what is its.
void check(const std::string& file, const std::string& text, const std::string* body, const Texts& texts,
           documents::Problems& problems) {
  std::string wrong;
  std::string whole = Inclusion(texts, form_of(file), body, wrong).whole(text);
  if (!wrong.empty()) return problems.error(file, wrong);
  if (is_part(file, texts)) whole = "{{#items}}" + whole + "{{/items}}";
  const mustache read(whole);
  if (!read.is_valid()) {
    return problems.error(file, fmt::format("is no Mustache template: {} (counted in bytes)", read.error_message()));
  }
  std::set<std::string> missing;
  for (const bool full : {true, false}) {
    const MessageWords words = sample(full);
    WordsContext watched(words, Form::text, full ? 1 : 2);
    mustache made = parsed(whole);
    static_cast<void>(render(made, watched));
    missing.insert(watched.missing().begin(), watched.missing().end());
  }
  for (const std::string& name : missing) problems.error(file, unknown_name(name));
}

bool is_layout(std::string_view file) {
  return file.starts_with("layout.");
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
  return {"id",   "title",      "name",   "text",     "section", "plan",     "owners", "timescale",
          "day",  "date",       "status", "headline", "state",   "sentence", "asks",   "also",
          "note", "last_heard", "next",   "why",      "rule",    "step",     "link"};
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
  return {"one", "several", "for_information", "has_page", "has_coordinator", "has_more", "has_mute_link"};
}

struct Templates::Impl {
  Texts texts;                                            // by file name
  std::map<std::string, std::string, std::less<>> named;  // what a text's file is called in its folder, if otherwise
  // Parsed when first wanted, within their layout: reading one costs more than filling it.
  mutable std::mutex mutex = {};
  mutable std::map<std::string, mustache> made = {};
  mutable std::set<TemplateFault> faults = {};

  /// The first of `names` that there is a template for.
  Texts::const_iterator find(const std::vector<std::string>& names, Form form) const {
    for (const std::string& name : names) {
      const auto found = texts.find(file_of(name, name_of(form)));
      if (found != texts.end()) return found;
    }
    return texts.end();
  }
  const std::string& called(const std::string& file) const {
    const auto found = named.find(file);
    return found == named.end() ? file : found->second;
  }
};

Templates::Templates(std::map<std::string, std::string> overrides, documents::Problems& problems)
    : impl_(std::make_unique<Impl>()) {
  impl_->texts = built_in_templates();
  if (overrides.size() > templates_max) {
    problems.error("templates", fmt::format("are {}; there may be {}", overrides.size(), templates_max));
    return;
  }
  std::vector<std::string> taken;
  for (auto& [file, text] : overrides) {
    if (!may_stand(file, text, problems)) continue;
    impl_->texts[with_slash(file)] = std::move(text);
    impl_->named[with_slash(file)] = file;
    taken.push_back(file);
  }
  for (const std::string& file : taken) {
    const std::string& text = impl_->texts[with_slash(file)];
    // A layout stands around a message: it is looked at around one.
    const std::string* const around = is_layout(file) ? find_partial(impl_->texts, "direct", form_of(file)) : nullptr;
    check(file, text, around, impl_->texts, problems);
  }
}

std::set<TemplateFault> Templates::take_faults() const {
  const std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->faults, {});
}

Templates::~Templates() = default;
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;

std::string fill(const Templates& templates, const std::vector<std::string>& names, Form form,
                 const MessageWords& words, std::size_t items_max) {
  const Templates::Impl& impl = templates.impl();
  const auto found = impl.find(names, form);
  assert(found != impl.texts.end() && "the built-in templates cover every kind and form");
  WordsContext watched(words, form, items_max);
  const std::lock_guard lock(impl.mutex);
  auto made = impl.made.find(found->first);
  if (made == impl.made.end()) {
    made = impl.made.emplace(found->first, parsed(whole_text(impl.texts, name_of(form), found->second))).first;
  }
  std::string text = render(made->second, watched);
  for (const std::string& name : watched.missing()) impl.faults.insert({impl.called(found->first), unknown_name(name)});
  const bool is_blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
  if (is_blank && items_max > 0) impl.faults.insert({impl.called(found->first), "says nothing"});
  return text;
}

std::string file_for(const Templates& templates, const std::vector<std::string>& names, Form form) {
  const Templates::Impl& impl = templates.impl();
  const auto found = impl.find(names, form);
  return found == impl.texts.end() ? "" : impl.called(found->first);
}

}  // namespace chaser::channels
