#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chaser::web {

/// What a template may name: texts, flags and lists of more of the same. An empty text is false where a template asks.
struct View {
  std::map<std::string, std::string> texts;
  std::map<std::string, bool> flags;
  std::map<std::string, std::vector<View>> lists;

  View& text(std::string name, std::string value) {
    texts[std::move(name)] = std::move(value);
    return *this;
  }
  View& flag(std::string name, bool value = true) {
    flags[std::move(name)] = value;
    return *this;
  }
  View& list(std::string name, std::vector<View> values) {
    lists[std::move(name)] = std::move(values);
    return *this;
  }
};

/// The Mustache template of web/assets by its name ("today"), filled; texts are escaped for HTML, in quoted attributes
/// too. Three braces put a text as it is: for pieces that were rendered before, `body` and `svg` alone. A template
/// includes another by {{> name}}. Assert: there is a template of that name.
std::string render(std::string_view name, const View& view);

/// A file of web/assets, such as "style.css"; "" if there is none.
std::string_view asset(std::string_view file);

}  // namespace chaser::web
