#include "documents/table.h"

#include <string>

#include "support/catch.h"

using namespace chaser::documents;
using Rows = std::vector<std::vector<std::string>>;

namespace {

struct Reading {
  Table table;
  Problems problems;
};

Reading read(const std::string& name, const std::string& text) {
  Reading reading;
  reading.table = read_table(Source{name, text}, reading.problems);
  return reading;
}

Rows rows(const Reading& reading) {
  Rows rows;
  for (const Row& row : reading.table.rows) {
    rows.emplace_back();
    for (const Cell& cell : row.cells) rows.back().push_back(cell.text);
  }
  return rows;
}

}  // namespace

TEST_CASE("table: tab-separated lines are rows, blank lines are none, empty cells keep their columns") {
  const Reading reading = read("p.txt", "Title\n\n a \tb\t\tc\n\t\t\t\nSection\t\t\t\nx\ty\n");
  CHECK(rows(reading) == Rows{{"Title"}, {"a", "b", "", "c"}, {"Section", "", "", ""}, {"x", "y"}});
  CHECK(reading.table.rows[1].line == 3);
  CHECK(reading.table.rows[1].cells[0].at == Position{3, 2, 1});
  CHECK(reading.table.rows[2].only_cell()->text == "Section");
  CHECK(reading.table.rows[1].only_cell() == nullptr);
}

TEST_CASE("table: CSV has quotes, doubled quotes, line breaks in cells and one of three separators") {
  CHECK(rows(read("p.csv",
                  "\xEF\xBB\xBF"
                  "a,\"b, \"\"c\"\"\",\"d\r\ne\"\r\nx,y,z\r\n")) == Rows{{"a", "b, \"c\"", "d\ne"}, {"x", "y", "z"}});
  CHECK(rows(read("p.csv", "a;b\n\"1,5\";2\n")) == Rows{{"a", "b"}, {"1,5", "2"}});
  CHECK(rows(read("p.csv", "a\tb\n1, 2\t3\n")) == Rows{{"a", "b"}, {"1, 2", "3"}});
}

TEST_CASE("table: an unterminated quote is an error at its opening, and the rows after it are read") {
  const Reading reading = read("p.csv", "a,b\n1,\"open\n2,x\n");
  REQUIRE(reading.problems.errors() == 1);
  CHECK(reading.problems.in_order()[0].at == Position{2, 3, 1});
  CHECK(reading.problems.in_order()[0].message == "this quote is never closed");
  CHECK(rows(reading).back() == std::vector<std::string>{"2", "x"});
}

TEST_CASE("table: Markdown is reduced to its words") {
  const Reading reading =
      read("p.md",
           "# The *plan*\n\n| A | B |\n|---|:-:|\n| **x** \\| y | [w](http://e.example) `c`<br>z |\n"
           "| snake_case_name | ~~2026~~ 2027 |\n");
  CHECK(rows(reading) == Rows{{"The plan"}, {"A", "B"}, {"x | y", "w c\nz"}, {"snake_case_name", "~~2026~~ 2027"}});
}

TEST_CASE("table: the format is told by the name, else by the text") {
  CHECK(guess_format(Source{"a.CSV", "x"}) == TableFormat::csv);
  CHECK(guess_format(Source{"a.md", "x"}) == TableFormat::markdown);
  CHECK(guess_format(Source{"-", "a\tb\nc\td\n"}) == TableFormat::tab_separated);
  CHECK(guess_format(Source{"-", "a,b\nc,d\n"}) == TableFormat::csv);
  CHECK(guess_format(Source{"-", "| a | b |\n|---|---|\n"}) == TableFormat::markdown);
}

TEST_CASE("table: NUL is refused at its place, Windows-1252 is read") {
  const Reading nul = read("p.txt", std::string("a\tb\nc\0d\n", 8));
  REQUIRE(nul.problems.errors() == 1);
  CHECK(nul.problems.in_order()[0].at.line == 2);
  CHECK(nul.problems.in_order()[0].at.column == 2);
  CHECK(rows(read("p.txt", "caf\xE9\tb\n")) == Rows{{"caf\u00e9", "b"}});
}

TEST_CASE("table: the limits of a cell and of a row's cells hold on both sides") {
  CHECK(read("p.txt", std::string(table_cell_bytes_max, 'x') + "\tb\n").problems.empty());
  CHECK(read("p.txt", std::string(table_cell_bytes_max + 1, 'x') + "\tb\n").problems.errors() == 1);
  CHECK(read("p.txt", "x" + std::string(table_columns_max - 1, '\t') + "\n").problems.empty());
  CHECK(read("p.txt", "x" + std::string(table_columns_max, '\t') + "\n").problems.errors() == 1);
}
