#include <string>

#include "channels/render.h"
#include "channels/template_data.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;

namespace {

std::vector<std::string> problems_of(const std::string& file, const std::string& text) {
  documents::Problems problems;
  const Templates templates({{file, text}}, problems);
  std::vector<std::string> messages;
  for (const documents::Problem& problem : problems.sorted()) messages.push_back(problem.message);
  return messages;
}

MessageWords words_with(const std::string& title) {
  MessageWords words;
  for (const std::string_view name : message_text_names()) words.texts.emplace(name, "");
  for (const std::string_view name : message_flag_names()) words.flags.emplace(name, false);
  ItemWords item;
  for (const std::string_view name : item_text_names()) item.texts.emplace(name, "");
  for (const std::string_view name : item_flag_names()) item.flags.emplace(name, false);
  item.texts["title"] = title;
  words.items.assign(3, item);
  return words;
}

std::string filled(const std::string& form, Form kind, const std::string& text, const std::string& title,
                   std::size_t items = 9) {
  documents::Problems problems;
  const Templates templates({{"mine." + form + ".mustache", text}}, problems);
  REQUIRE(problems.empty());
  return fill(templates, {"rule/step", "mine", "direct"}, kind, words_with(title), items);
}

}  // namespace

TEST_CASE("templates: the built-in ones pass their own check") {
  documents::Problems problems;
  const Templates templates({built_in_templates().begin(), built_in_templates().end()}, problems);
  CHECK(problems.empty());
  CHECK(built_in_templates().size() == 12);
}

TEST_CASE("templates: a name that there is not is a problem, also in a section that is not shown") {
  const auto shown = problems_of("direct.txt.mustache", "{{#items}}{{titel}}{{/items}}");
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].find("\"titel\"") == 0);
  CHECK(shown[0].find("did you mean \"title\"?") != std::string::npos);
  CHECK(problems_of("direct.txt.mustache", "{{#several}}{{nope}}{{/several}}").size() == 1);
  CHECK(problems_of("direct.txt.mustache", "{{^several}}{{nope}}{{/several}}").size() == 1);
  CHECK(problems_of("direct.txt.mustache", "{{^several}}{{subject}}{{/several}}").empty());
}

TEST_CASE("templates: broken syntax, partials, odd file names and big texts are problems") {
  CHECK(problems_of("direct.txt.mustache", "{{#items}}").size() == 1);
  CHECK(problems_of("direct.txt.mustache", "{{subject").size() == 1);
  CHECK(problems_of("direct.txt.mustache", "{{> subject}}").size() == 1);
  CHECK(problems_of("direct.pdf.mustache", "x").size() == 1);
  CHECK(problems_of("Direct now.txt.mustache", "x").size() == 1);
  CHECK(problems_of("deadline/due-soon.subject.mustache", "{{subject}}").empty());
  CHECK(problems_of("direct.txt.mustache", std::string(65'536, 'x')).empty());
  CHECK(problems_of("direct.txt.mustache", std::string(65'537, 'x')).size() == 1);
}

TEST_CASE("templates: what people wrote is escaped in HTML, left alone in text, and never read as a template") {
  const std::string evil = "<b>\"{{subject}}' & {{{text}}}";
  CHECK(filled("html", Form::html, "{{#items}}{{title}}|{{/items}}", evil, 1) ==
        "&lt;b&gt;&quot;{{subject}}&#39; &amp; {{{text}}}|");
  CHECK(filled("html", Form::html, "{{#items}}{{{title}}}{{/items}}", "<i>", 1) == "&lt;i&gt;");
  CHECK(filled("txt", Form::text, "{{#items}}{{title}}|{{/items}}", evil, 1) == evil + "|");
}

TEST_CASE("templates: a rule's step has its own template, by a file named with a dot or a slash") {
  const std::string file = GENERATE("deadline.due-soon.txt.mustache", "deadline/due-soon.txt.mustache");
  documents::Problems problems;
  const Templates templates({{file, "mine"}}, problems);
  CHECK(problems.empty());
  CHECK(fill(templates, {"deadline/due-soon", "direct"}, Form::text, words_with(""), 9) == "mine");
  CHECK(fill(templates, {"deadline/due", "direct"}, Form::text, words_with(""), 9) != "mine");
}

TEST_CASE("templates: tags on lines of their own leave no empty lines, and wanted ones stay") {
  CHECK(filled("txt", Form::text, "a\n{{#several}}\nb\n{{/several}}\n\nc\n  {{! words }}\nd\n", "") == "a\n\nc\nd\n");
  CHECK(filled("txt", Form::text, "{{#items}}\nx\n\n{{/items}}\n\ny\n", "", 2) == "x\n\nx\n\n\ny\n");
}

TEST_CASE("templates: of more items than are shown, the rest is counted") {
  CHECK(filled("txt", Form::text, "{{#items}}x{{/items}}{{#has_more}} {{more}}{{/has_more}}", "", 1) == "x and 2 more");
  CHECK(filled("txt", Form::text, "{{#items}}x{{/items}}{{#has_more}} {{more}}{{/has_more}}", "", 3) == "xxx");
}
