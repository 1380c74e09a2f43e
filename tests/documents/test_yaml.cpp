#include <string>

#include "documents/yaml.h"
#include "support/catch.h"

using namespace chaser::documents;

namespace {

struct Reading {
  std::optional<YamlNode> root;
  Problems problems;
};

Reading read(const std::string& text) {
  Reading reading;
  reading.root = parse_yaml(Source{"f.yaml", text}, reading.problems);
  return reading;
}

/// "line:column message" of the only problem.
std::string only_problem(const Reading& reading) {
  if (reading.problems.in_order().size() != 1) return std::to_string(reading.problems.in_order().size()) + " problems";
  const Problem& problem = reading.problems.in_order().front();
  return std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + " " + problem.message;
}

}  // namespace

TEST_CASE("yaml: scalars, lists and mappings keep their places in characters") {
  const Reading reading = read("a: one\nb:\n  - \"t\u00fcr\"\n  - two # not this\n\u00e9\u00e9: {c: x}\n");
  REQUIRE(reading.root);
  CHECK(reading.problems.empty());
  CHECK(reading.root->find("a")->at == Position{1, 4, 3});
  const YamlNode& list = *reading.root->find("b");
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].scalar == "t\u00fcr");
  CHECK(list.items[0].quoted);
  CHECK(list.items[0].at == Position{3, 5, 5});
  CHECK(list.items[1].at == Position{4, 5, 3});
  CHECK(reading.root->find("\u00e9\u00e9")->find("c")->at == Position{5, 9, 1});
  CHECK(reading.root->find("zz") == nullptr);
}

TEST_CASE("yaml: a byte order mark, CR LF and wide characters do not move places") {
  const Reading reading = read(
      "\xEF\xBB\xBF"
      "a: \u65e5\u672c\r\nb: [x, y]\r\n");
  REQUIRE(reading.root);
  CHECK(reading.root->find("a")->at == Position{1, 4, 2});
  CHECK(reading.root->find("b")->items[1].at == Position{2, 8, 1});
}

TEST_CASE("yaml: places stay right far into a file with many wide characters") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "- \u00e9\u00e9\u00e9\n";
  const Reading reading = read(text + "- end\n");
  REQUIRE(reading.root);
  CHECK(reading.root->items.back().at == Position{501, 3, 3});
}

TEST_CASE("yaml: an empty file and empty values are null, quoted ones are text") {
  CHECK(read("").root->is_null());
  CHECK(read("# nothing\n").root->is_null());
  const Reading reading = read("a:\nb: ~\nc: \"\"\nd: null\n");
  CHECK(reading.root->find("a")->is_null());
  CHECK(reading.root->find("b")->is_null());
  CHECK(reading.root->find("c")->is_scalar());
  CHECK(reading.root->find("d")->is_null());
}

TEST_CASE("yaml: an unterminated quote is reported where it opened") {
  CHECK(only_problem(read("a: 1\nb: \"two\nc: 3\n")) == "2:4 this quote is never closed");
  CHECK(only_problem(read("a: 'one\n")) == "1:4 this quote is never closed");
  CHECK(only_problem(read("a: \"one\nb: \"two\"\n")) == "1:4 this quote is not closed before line 2");
  CHECK(only_problem(read("- \"one\n- x\n- \"two\"\n")) == "1:3 this quote is not closed before line 3");
}

TEST_CASE("yaml: an unterminated bracket is reported where it opened") {
  CHECK(only_problem(read("a: [x, y\nb: 2\n")) == "1:4 this '[' is never closed with ']'");
  CHECK(only_problem(read("a: {x: y\n")) == "1:4 this '{' is never closed with '}'");
}

TEST_CASE("yaml: mistakes of syntax say what would be right") {
  CHECK(only_problem(read("a: b: c\n")) == "1:5 a ':' is not expected here");
  CHECK(only_problem(read("a:\n\tb: c\n")) == "2:1 a tab cannot indent YAML; use spaces");
  CHECK(only_problem(read("a: 1\n  b: 2\n")) == "2:4 a ':' is not expected here");
  CHECK(only_problem(read("a:\n  b: 2\n c: 3\n")) == "3:2 expected a key here, as far in as the keys above it");
  CHECK(only_problem(read("a: @x\n")) == "1:4 text cannot begin with '@'; put it in quotes");
  CHECK(only_problem(read("a: \"x\" y\n")) == "1:6 text goes on after this closing quote");
  CHECK(only_problem(read("a: \"x\\q\"\n")).starts_with("1:6 this escape is unknown"));
  CHECK(only_problem(read("a: 1\nb\nc: 2\n")) == "2:1 a key must be followed by ': ' and its value");
  CHECK_FALSE(read("a: b: c\n").root);
}

TEST_CASE("yaml: every duplicate key is reported, and the first value stays") {
  const Reading reading = read("a: 1\nb: {x: 1, x: 2}\na: 3\na: 4\n");
  REQUIRE(reading.problems.in_order().size() == 3);
  CHECK(reading.problems.sorted()[0].at == Position{2, 11, 1});
  CHECK(reading.problems.sorted()[1].message == "\"a\" is given twice; it already stands on line 1");
  CHECK(reading.root->find("a")->scalar == "1");
}

TEST_CASE("yaml: aliases, anchors, tags, merge keys, several documents and complex keys are refused") {
  CHECK(read("a: &x 1\nb: *x\n").problems.errors() == 2);
  CHECK(only_problem(read("a: !!str 1\n")).starts_with("1:4 tags are not used here"));
  CHECK(only_problem(read("<<: {a: 1}\n")).starts_with("1:1 merge keys"));
  CHECK(only_problem(read("a: 1\n---\nb: 2\n")).starts_with("2:1 a second document begins here"));
  CHECK(only_problem(read("{a: 1}: 2\n")).starts_with("1:1 a key is a word"));
}

TEST_CASE("yaml: NUL, other control characters and what is not UTF-8 are refused at their place") {
  CHECK(only_problem(read(std::string("a: b\nc: d\0e\n", 12))) ==
        "2:5 control character U+0000 in the file; remove it");
  CHECK(only_problem(read("a: b\x01\n")) == "1:5 control character U+0001 in the file; remove it");
  CHECK(only_problem(read("a: \u00e9\xE9\n")) == "1:5 these bytes are not UTF-8; save the file as UTF-8");
  CHECK(only_problem(read("a: caf\xE9\n")).starts_with("1:7 this file is not UTF-8 (it looks like Windows-1252)"));
}

TEST_CASE("yaml: 64 levels are read, 65 are refused") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(read(nested(yaml_depth_max)).problems.empty());
  CHECK(only_problem(read(nested(yaml_depth_max + 1))) == "1:65 nested more than 64 levels deep");
}

TEST_CASE("yaml: the limit of values in a file holds on both sides") {
  std::string text;
  for (std::size_t i = 0; i + 1 < yaml_nodes_max; ++i) text += "- x\n";
  CHECK(read(text).problems.empty());
  CHECK(only_problem(read(text + "- x\n")).find("more than 200000 values") != std::string::npos);
}

TEST_CASE("yaml: a file over 8 MiB is refused unread") {
  const std::string text = "a: " + std::string(yaml_bytes_max, 'x');
  CHECK(only_problem(read(text)) == "0:0 larger than 8 MiB; split it");
}

TEST_CASE("mapping reader: reads typed values and reports every wrong one at its place") {
  const Source source{"f.yaml", "name: [x]\nage: ten\nok: yes\nrate: 1.5\ntags: [a, {b: c}]\nlimit: 12\nempty:\n"};
  Problems problems;
  const YamlNode root = *parse_yaml(source, problems);
  MappingReader reader{root, source, problems, "a thing"};
  CHECK_FALSE(reader.text("name"));
  CHECK_FALSE(reader.integer("age", 0, 100));
  CHECK_FALSE(reader.boolean("ok"));
  CHECK(reader.number("rate") == 1.5);
  CHECK(reader.one_or_more("tags").size() == 1);
  CHECK_FALSE(reader.integer("limit", 1, 10));
  CHECK_FALSE(reader.text("empty"));
  CHECK_FALSE(reader.required_text("id"));
  reader.finish();
  const auto all = problems.sorted();
  REQUIRE(all.size() == 7);
  CHECK(all[0].message == "a thing needs \"id\"");
  CHECK(all[1].message == "\"name\" must be text, not a list");
  CHECK(all[2].message == "\"age\" must be a whole number from 0 to 100; got \"ten\"");
  CHECK(all[3].message == "\"ok\" must be true or false; got \"yes\"");
  CHECK(all[4].message == "\"tags\" lists texts; this is a mapping");
  CHECK(all[5].message == "\"limit\" must be a whole number from 1 to 10; got \"12\"");
  CHECK(all[6].message == "\"empty\" is empty; give it a value or remove it");
}

TEST_CASE("mapping reader: integers hold their bounds on both sides") {
  const Source source{"f.yaml", "a: 1\nb: 10\nc: 0\nd: 11\ne: \"5\"\n"};
  Problems problems;
  const YamlNode root = *parse_yaml(source, problems);
  MappingReader reader{root, source, problems, "a thing"};
  CHECK(reader.integer("a", 1, 10) == 1);
  CHECK(reader.integer("b", 1, 10) == 10);
  CHECK_FALSE(reader.integer("c", 1, 10));
  CHECK_FALSE(reader.integer("d", 1, 10));
  CHECK_FALSE(reader.integer("e", 1, 10));
  CHECK(problems.errors() == 3);
}

TEST_CASE("mapping reader: unknown keys are errors with a suggestion and the keys there are") {
  const Source source{"f.yaml", "emial: x\nzzz: 1\n"};
  Problems problems;
  const YamlNode root = *parse_yaml(source, problems);
  MappingReader reader{root, source, problems, "a party"};
  reader.text("email");
  reader.text("name");
  reader.finish();
  const auto all = problems.sorted();
  REQUIRE(all.size() == 2);
  CHECK(all[0].message == "unknown key \"emial\" in a party; did you mean \"email\"?");
  CHECK(all[0].at == Position{1, 1, 5});
  CHECK(all[0].notes == std::vector<std::string>{"keys of a party: email, name"});
  CHECK(all[1].message == "unknown key \"zzz\" in a party");
}

TEST_CASE("mapping reader: what is no mapping is reported once") {
  const Source source{"f.yaml", "[a, b]\n"};
  Problems problems;
  const YamlNode root = *parse_yaml(source, problems);
  MappingReader reader{root, source, problems, "the directory"};
  reader.required("parties");
  reader.text("x");
  reader.finish();
  REQUIRE(problems.errors() == 1);
  CHECK(problems.in_order()[0].message == "the directory must be a mapping (key: value), not a list");
}

TEST_CASE("mapping reader: a required key that is misspelt is one problem, one that is missing is said") {
  const Source source{"f.yaml", "stpe: x\nat: 1\n"};
  Problems problems;
  const YamlNode root = *parse_yaml(source, problems);
  MappingReader reader{root, source, problems, "a step"};
  reader.required("step");
  reader.required("at");
  reader.required("to");
  reader.finish();
  const auto all = problems.sorted();
  REQUIRE(all.size() == 2);
  CHECK(all[0].message == "a step needs \"to\"");
  CHECK(all[1].message == "unknown key \"stpe\" in a step; did you mean \"step\"?");
}

TEST_CASE("mapping reader: a required key is missed although a sound key resembles it") {
  const Source source{"f.yaml", "form: x\n"};
  Problems problems;
  const YamlNode root = *parse_yaml(source, problems);
  MappingReader reader{root, source, problems, "a thing"};
  reader.required("from");
  reader.optional("form");
  reader.finish();
  REQUIRE(problems.errors() == 1);
  CHECK(problems.in_order()[0].message == "a thing needs \"from\"");
}
