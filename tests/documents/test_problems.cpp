#include <string>

#include "documents/characters.h"
#include "documents/markup.h"
#include "documents/problems.h"
#include "support/catch.h"

using namespace chaser::documents;

namespace {

std::string described(const std::string& text, Position at, const std::string& message) {
  Problems problems;
  problems.error(Source{"f.yaml", text}, at, message);
  return describe(problems.in_order().front());
}

}  // namespace

TEST_CASE("problems: a description has the place, the line, a caret under the token and the notes") {
  Problems problems;
  problems.error(Source{"rules/d.yaml", "a\n  when: bad\n"}, {2, 9, 3}, "unknown word \"bad\"", {"known: good"});
  CHECK(describe(problems.in_order().front()) ==
        "rules/d.yaml:2:9: error: unknown word \"bad\"\n"
        "   2 |   when: bad\n"
        "     |         ^^^\n"
        "     | known: good\n");
}

TEST_CASE("problems: tabs before the token are repeated so that the caret stands under it at any tab width") {
  CHECK(described("\ta\tbad\n", {1, 4, 3}, "x") == "f.yaml:1:4: error: x\n   1 | \ta\tbad\n     | \t \t^^^\n");
}

TEST_CASE("problems: wide characters take two columns and combining ones none") {
  CHECK(described("\u65e5\u672c bad", {1, 4, 3}, "x").ends_with("     |      ^^^\n"));
  CHECK(described("e\u0301 bad", {1, 4, 3}, "x").ends_with("     |   ^^^\n"));
  CHECK(described("a \u65e5\u672c", {1, 3, 2}, "x").ends_with("     |   ^^^^\n"));
}

TEST_CASE("problems: a caret behind the end of the line is shown there") {
  CHECK(described("abc", {1, 4, 1}, "x").ends_with("   1 | abc\n     |    ^\n"));
}

TEST_CASE("problems: a long line is shown around its token") {
  std::string text(603, 'a');
  text.replace(300, 3, "bad");
  const std::string shown = described(text, {1, 301, 3}, "x");
  const std::size_t line = shown.find("| ") + 2;
  const std::size_t carets = shown.find("| ", line) + 2;
  CHECK(shown.size() < 500);
  // The mark of what was cut is one column and three bytes.
  CHECK(shown.find("bad") - line - 2 == shown.find("^^^") - carets);
}

TEST_CASE("problems: control characters never reach the terminal") {
  const std::string shown = described("a\x1B[31mb", {1, 1, 1}, "got \"\x1B[2J\"");
  CHECK(shown.find('\x1B') == std::string::npos);
}

TEST_CASE("problems: a file as a whole has no line") {
  Problems problems;
  problems.error("plans/x.txt", "cannot be read");
  CHECK(describe(problems.in_order().front()) == "plans/x.txt: error: cannot be read\n");
}

TEST_CASE("problems: the same problem twice is kept once") {
  const Source source{"f", "abc\n"};
  Problems problems;
  problems.error(source, {1, 1, 1}, "x");
  problems.error(source, {1, 1, 1}, "x");
  problems.warning(source, {1, 1, 1}, "x");
  CHECK(problems.errors() == 1);
  CHECK(problems.warnings() == 1);
}

TEST_CASE("problems: sorted by file, line and column") {
  Problems problems;
  problems.error(Source{"b", "x\n"}, {1, 1, 1}, "3");
  problems.error(Source{"a", "x\ny\n"}, {2, 1, 1}, "2");
  problems.error(Source{"a", "xx\n"}, {1, 2, 1}, "1");
  CHECK(problems.sorted()[0].message == "1");
  CHECK(problems.sorted()[1].message == "2");
  CHECK(problems.sorted()[2].message == "3");
}

TEST_CASE("problems: at most 1,000 are kept, the rest counted, and no warning hides an error") {
  Problems problems;
  for (std::size_t i = 0; i < Problems::kept_max; ++i) problems.warning("f", "warning " + std::to_string(i));
  CHECK(problems.dropped() == 0);
  problems.error("f", "the error");
  CHECK(problems.dropped() == 1);
  CHECK(problems.has_errors());
  CHECK(problems.in_order().size() == Problems::kept_max);
  CHECK(problems.warnings() == Problems::kept_max - 1);
  problems.warning("f", "one more");
  CHECK(problems.dropped() == 2);
}

TEST_CASE("problems: the excerpt of a very long line is left out, its place is not") {
  const std::string text(Problems::excerpt_bytes_max + 1, 'a');
  CHECK(described(text, {1, 5, 1}, "x") == "f.yaml:1:5: error: x\n");
}

TEST_CASE("source: lines end in LF, CR LF or CR; the last may lack its end") {
  const Source source{"f", "one\r\ntwo\rthree\n\nfive"};
  CHECK(source.line_count() == 5);
  CHECK(source.line(1) == "one");
  CHECK(source.line(2) == "two");
  CHECK(source.line(3) == "three");
  CHECK(source.line(4).empty());
  CHECK(source.line(5) == "five");
  CHECK(source.line(0).empty());
  CHECK(source.line(6).empty());
  CHECK(source.position(5) == Position{2, 1, 1});
  CHECK(source.position(source.text().size()) == Position{5, 5, 1});
}

TEST_CASE("source: columns count characters, not bytes") {
  const Source source{"f", "\u00e9\u65e5x\n"};
  CHECK(source.position(5).column == 3);
  CHECK(source.position(7) == Position{2, 1, 1});
  CHECK(Source{"f", ""}.position(0) == Position{1, 1, 1});
}

TEST_CASE("source: UTF-16 by its mark and Windows-1252 by its bytes become UTF-8") {
  CHECK(Source{"f", std::string("\xFF\xFE\xE9\0=\xD8\0\xDE", 8)}.text() == "\u00e9\U0001F600");
  CHECK(Source{"f", std::string("\xFE\xFF\0\xE9", 4)}.text() == "\u00e9");
  CHECK(Source{"f",
               "caf\xE9 \x96 \x80"
               "5"}
            .text() == "caf\u00e9 \u2013 \u20ac5");
  CHECK(Source{"f", "caf\xE9"}.encoding() == Encoding::windows_1252);
  CHECK(Source{"f", "\u00e9 \xE9"}.encoding() == Encoding::invalid);
  CHECK(Source{"f", "\u00e9"}.encoding() == Encoding::utf8);
}

TEST_CASE("nearest: a typing slip finds its word, another word does not") {
  const std::vector<std::string> known = {"in_progress", "blocked", "done", "not_started"};
  CHECK(nearest("in_progres", known) == "in_progress");
  CHECK(nearest("In Progress", known) == "in_progress");
  CHECK(nearest("bolcked", known) == "blocked");
  CHECK(nearest("dnoe", known) == "done");
  CHECK_FALSE(nearest("paused", known));
  CHECK_FALSE(nearest("x", known));
  CHECK_FALSE(nearest("", known));
  CHECK_FALSE(nearest(std::string(1000, 'a'), known));
  CHECK(did_you_mean("done.", known) == "; did you mean \"done\"?");
  CHECK(did_you_mean("zzzzz", known).empty());
}

TEST_CASE("characters: blanks of every kind are trimmed, words are not cut") {
  CHECK(trimmed(" \t\u00a0x y\u00a0\u200b\r\n") == "x y");
  CHECK(trimmed(" \u00e9 ") == "\u00e9");
  CHECK(trimmed("\u00a0").empty());
  CHECK(folded("  Local\n Authority\u00a0 TEAMS ") == "local authority teams");
  CHECK(first_characters("\u00e9\u00e9x", 2) == "\u00e9\u00e9");
  CHECK(character_count("\u00e9\xE9x") == 3);
}

TEST_CASE("problems: errors met are counted, those too that were there already or found no place") {
  Problems problems;
  problems.error("a.yaml", "x");
  problems.error("a.yaml", "x");
  problems.warning("a.yaml", "y");
  CHECK(problems.errors() == 1);
  CHECK(problems.errors_met() == 2);
  for (std::size_t i = 0; i < Problems::kept_max; ++i) problems.error("a.yaml", std::to_string(i));
  const std::size_t kept = problems.errors();
  const std::size_t met = problems.errors_met();
  problems.error("a.yaml", "one more");
  CHECK(problems.errors() == kept);
  CHECK(problems.errors_met() == met + 1);
}

TEST_CASE("characters: a text is padded by the columns it takes, a wider one is left alone") {
  CHECK(padded("né", 4) == "né  ");
  CHECK(padded("e\xcc\x81", 3) == "e\xcc\x81  ");  // a combining accent takes none
  CHECK(padded("木", 3) == "木 ");
  CHECK(padded("four", 4) == "four");
  CHECK(padded("longer", 4) == "longer");
}

TEST_CASE("markup: the five characters of HTML and XML are entities, controls are blanks, line ends and tabs stay") {
  CHECK(escaped_markup("<a href=\"x\">'&'</a>") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  CHECK(escaped_markup("a\x01\x1b\nb\r\n\tc") == "a  \nb\r\n\tc");
  CHECK(escaped_markup("Bäume 木") == "Bäume 木");
}
