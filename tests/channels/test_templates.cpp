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
  const Templates templates({{"mine." + form + ".mustache", text}, {"layout.html.mustache", "{{> body}}"}}, problems);
  REQUIRE(problems.empty());
  return fill(templates, {"rule/step", "mine", "direct"}, kind, words_with(title), items);
}

}  // namespace

TEST_CASE("templates: the built-in ones pass their own check") {
  documents::Problems problems;
  const Templates templates({built_in_templates().begin(), built_in_templates().end()}, problems);
  CHECK(problems.empty());
  CHECK(built_in_templates().size() == 13);
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

TEST_CASE("templates: one includes another of its form, and one that comes with the program") {
  const auto with = [](std::map<std::string, std::string> files, Form form, const std::string& title) {
    documents::Problems problems;
    const Templates templates(std::move(files), problems);
    REQUIRE(problems.empty());
    return fill(templates, {"mine"}, form, words_with(title), 1);
  };
  CHECK(
      with({{"mine.txt.mustache", "a\n{{#items}}\n{{> part}}\n{{/items}}\nz\n"}, {"part.txt.mustache", "{{title}}!\n"}},
           Form::text, "T") == "a\nT!\nz\n");
  CHECK(with({{"mine.txt.mustache", "{{> part}} and {{>part}}"}, {"part.txt.mustache", "x"}}, Form::text, "") ==
        "x and x");
  CHECK(with({{"mine.subject.mustache", "Croeso: {{> built-in/direct}}"}}, Form::subject, "") == "Croeso: ");
  // What people wrote is no template, whatever it includes.
  CHECK(with({{"mine.txt.mustache", "{{#items}}{{title}}{{/items}}"}, {"part.txt.mustache", "x"}}, Form::text,
             "{{> part}}") == "{{> part}}");
}

TEST_CASE("templates: a layout stands around every message of its form, and can be another") {
  documents::Problems problems;
  const Templates templates(
      {{"layout.html.mustache", "<main lang=\"cy\">{{> body}}</main>"}, {"mine.html.mustache", "x"}}, problems);
  CHECK(problems.empty());
  CHECK(fill(templates, {"mine"}, Form::html, words_with(""), 1) == "<main lang=\"cy\">x</main>");
  documents::Problems none;
  const Templates own({{"mine.html.mustache", "x"}}, none);
  CHECK(fill(own, {"mine"}, Form::html, words_with(""), 1).starts_with("<!doctype html>"));
  CHECK(filled("txt", Form::text, "x", "") == "x");
}

TEST_CASE("templates: including what there is not, or in a circle, or too much, is a problem") {
  CHECK(problems_of("direct.txt.mustache", "{{> nowhere}}") ==
        std::vector<std::string>{"{{> nowhere}}: there is no \"nowhere.txt.mustache\" to include"});
  const auto circle = problems_of("direct.txt.mustache", "{{> direct}}");
  REQUIRE(circle.size() == 1);
  CHECK(circle[0].find("in a circle") != std::string::npos);
  documents::Problems problems;
  std::string many;
  for (int i = 0; i < 9; ++i) many += "{{> part}}";
  const Templates templates({{"direct.txt.mustache", many}, {"part.txt.mustache", std::string(60'000, 'x')}}, problems);
  CHECK(problems.errors() == 1);
  CHECK(problems_of("layout.html.mustache", "{{> body}}{{nope}}").size() == 1);
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
