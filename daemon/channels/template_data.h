#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "channels/render.h"

namespace chaser::channels {

/// What one action's line or block in a message may name. Every template sees the same names, so that a coordinator who
/// changes a template has one list to choose from (docs/TEMPLATES.md).
struct ItemWords {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, bool, std::less<>> flags;
};

/// What a message as a whole may name, and its items in the order they are told.
struct MessageWords {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, bool, std::less<>> flags;
  std::vector<ItemWords> items;
};

/// The names, in one place: the sample that templates are checked with is made of them, and so is every message.
std::vector<std::string_view> item_text_names();
std::vector<std::string_view> item_flag_names();
std::vector<std::string_view> message_text_names();
std::vector<std::string_view> message_flag_names();

/// How a template's text is meant, and thus how what people wrote is escaped in it.
enum class Form : unsigned char { text, html, subject, card };
std::string_view name_of(Form form);  // "txt", "html", "subject", "card": as in file names

/// Renders the first of `names` that there is a template for in that form ("deadline/due", else "direct"). Values are
/// escaped for the form and never read as a template. Only the first `items_max` items are told.
std::string fill(const Templates& templates, const std::vector<std::string>& names, Form form,
                 const MessageWords& words, std::size_t items_max);

/// The file that `fill` takes, as it is called in its folder.
std::string file_for(const Templates& templates, const std::vector<std::string>& names, Form form);

/// The templates that come with the program, by file name ("direct.txt.mustache").
const std::map<std::string, std::string, std::less<>>& built_in_templates();

}  // namespace chaser::channels
