#include <absl/time/time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "rulebook/cel_conformance.h"
#include "rulebook/cel_evaluation.h"
#include "rulebook/cel_program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::rulebook;

namespace {

const cel::ZoneLookup zones = [](const std::string& name) -> std::optional<calendar::Zone> {
  calendar::Zone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
};

std::string file(const std::string& name) {
  std::ifstream stream(std::string(CHASER_SOURCE_DIR) + "/tests/rulebook/" + name);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The expression as a JSON text.
std::string quoted(const std::string& expression) {
  std::string text = "\"";
  for (const char c : expression) text += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return text + '"';
}

cel::CaseReport run(const std::string& line) {
  const cel::ConformanceReport report = cel::run_conformance(line, zones);
  REQUIRE(report.cases.size() == 1);
  return report.cases.front();
}

cel::CaseReport expect_true(const std::string& expression, bool checked = true) {
  const std::string mode = checked ? "" : R"(, "disable_check": true)";
  return run(R"({"expr": )" + quoted(expression) + R"(, "expect": {"t": "bool", "v": true})" + mode + "}");
}

std::string ending(const std::string& expression) {
  const cel::CaseReport report = expect_true(expression);
  return report.outcome == cel::Outcome::passed ? "true" : report.got;
}

const std::string too_costly = std::string("an error: ") + cel::problem::cost;
const std::string too_large = std::string("an error: ") + cel::problem::memory;

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("cel: every case of the project's own file comes out as the specification says") {
  const cel::ConformanceReport report = cel::run_conformance(file("cel_cases.jsonl"), zones);
  INFO(cel::describe(report));
  CHECK(report.failed == 0);
  CHECK(report.refused == 0);
  CHECK(report.passed > 600);
}

TEST_CASE("cel: the project's own cases use every function, operator and macro") {
  std::string expressions;
  for (const cel::CaseReport& each : cel::run_conformance(file("cel_cases.jsonl"), zones).cases) {
    if (each.expected != "an error") expressions += each.expression + "\n";
  }
  for (const std::string& name : cel::function_names()) {
    const cel::Function* const function = cel::find_function(name);
    if (function != nullptr && function->own) continue;  // condition_test.cpp: they need a today
    INFO(name);
    CHECK(expressions.find(name + "(") != std::string::npos);
  }
  for (const char* use :
       {" + ",      " - ",   " * ",  " / ",  " % ",  "!",   "--",  " == ", " != ",  " < ",      " <= ",
        " > ",      " >= ",  " in ", " && ", " || ", " ? ", "[0]", ".a",   ".all(", ".exists(", ".exists_one(",
        ".filter(", ".map(", "has(", "'''",  "r'",   "0x",  "u",   "null", "//",    ".`"}) {
    INFO(use);
    CHECK(expressions.find(use) != std::string::npos);
  }
}

TEST_CASE("cel: what conditions leave out is refused at load by its name, checked or not") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"b'a' == b'a'", R"x(bytes (b"...") are not part of conditions here: write a text, "...")x"},
      {"bR'a' == b'a'", R"x(bytes (b"...") are not part of conditions here: write a text, "...")x"},
      {"size(bytes('a')) == 1 || true", "bytes() is not part of conditions here"},
      {"type(1) == type(2) || true", "type() is not part of conditions here"},
      {"dyn(1) == int || true", "types as values (int) are not part of conditions here"},
      {"dyn(1) == null_type || true", "types as values (null_type) are not part of conditions here"},
      {"google.protobuf.NullValue.NULL_VALUE == 0 || true",
       "messages and their types (google.protobuf.NullValue.NULL_VALUE) are not part of conditions here"},
      {"google.protobuf.Duration{seconds: 1} == duration('1s')",
       "building messages with {...} is not part of conditions here"},
      {"TestAllTypes{}.single_int64 == 0", "building messages with {...} is not part of conditions here"},
      {"optional.of(1).hasValue() || true", ".hasValue() is not part of conditions here"},
      {"optional.none() == optional.none() || true", "optional.none() is not part of conditions here"},
      {"{'a': 1}.?a == 1 || true", "optional values (.?) are not part of conditions here"},
      {"[1][?0] == 1 || true", "optional values ([?...]) are not part of conditions here"},
      {"[?1] == [1] || true", "optional values ([?...]) are not part of conditions here"},
      {"{?'a': 1} == {} || true", "optional values ({?...}) are not part of conditions here"},
      {"[1].all(i, v, i < v)", "macros with two variables are not part of conditions here"},
      {"[1].transformList(i, v, v) == [1] || true", ".transformList() is not part of conditions here"},
      {"math.greatest(1, 2) == 2 || true", "math.greatest() is not part of conditions here"},
      {"sets.contains([1], [1]) || true", "sets.contains() is not part of conditions here"},
      {"base64.encode('a') == 'YQ==' || true", "base64.encode() is not part of conditions here"},
      {"cel.bind(x, 1, x == 1) || true", "cel.bind() is not part of conditions here"},
      {"'a'.upperAscii() == 'A' || true", ".upperAscii() is not part of conditions here"},
      {"[1].exists(x, 'a,b'.split(',').size() == 2) || true", ".split() is not part of conditions here"},
  };
  for (const auto& [expression, message] : table) {
    for (const bool checked : {true, false}) {
      INFO(expression);
      const cel::CaseReport report = expect_true(expression, checked);
      CHECK(report.outcome == cel::Outcome::refused);
      CHECK(report.got == message);
    }
  }
}

TEST_CASE("cel: a name of what is left out can still be a variable or a map's key") {
  CHECK(run(R"({"expr": "type + math.x", "bindings": {"type": {"t": "int", "v": "1"}, )"
            R"("math": {"t": "map", "v": [[{"t": "string", "v": "x"}, {"t": "int", "v": "2"}]]}}, )"
            R"("expect": {"t": "int", "v": "3"}})")
            .outcome == cel::Outcome::passed);
  CHECK(ending("[1].all(int, int == 1)") == "true");
  CHECK(ending("{'type': 1}.type == 1 && {'format': true}.format") == "true");
}

TEST_CASE("cel: a case passes for its value and its type alone") {
  const auto outcome = [](const std::string& expression, const std::string& expected) {
    return run(R"({"expr": ")" + expression + R"(", "expect": )" + expected + "}").outcome;
  };
  CHECK(outcome("1", R"({"t": "int", "v": "1"})") == cel::Outcome::passed);
  CHECK(outcome("1", R"({"t": "int", "v": "2"})") == cel::Outcome::failed);
  CHECK(outcome("1", R"({"t": "uint", "v": "1"})") == cel::Outcome::failed);
  CHECK(outcome("1", R"({"t": "double", "v": "1"})") == cel::Outcome::failed);
  CHECK(outcome("0.0 / 0.0", R"({"t": "double", "v": "NaN"})") == cel::Outcome::passed);
  CHECK(outcome("1 / 0", R"({"t": "int", "v": "0"})") == cel::Outcome::failed);
  CHECK(outcome("{1: 2, 3: 4}", R"({"t": "map", "v": [[{"t":"int","v":"3"},{"t":"int","v":"4"}],)"
                                R"([{"t":"int","v":"1"},{"t":"int","v":"2"}]]})") == cel::Outcome::passed);
  CHECK(outcome("1", R"({"t": "bytes", "v": "1"})") == cel::Outcome::failed);
  CHECK(run(R"({"expr": "1 / 0", "error": ["divide by zero"]})").outcome == cel::Outcome::passed);
  CHECK(run(R"({"expr": "1 + 'a'", "error": ["no overload"]})").outcome == cel::Outcome::passed);
  CHECK(run(R"({"expr": "1 / 1", "error": ["divide by zero"]})").outcome == cel::Outcome::failed);
}

TEST_CASE("cel: a line that is no case has failed; a binding of a type left out is refused") {
  for (const char* line :
       {"nonsense", "[]", "1", R"({"expr": "1"})", R"({"expect": {"t": "int", "v": "1"}})",
        R"({"expr": 1, "error": []})", R"({"expr": "1", "expect": {"t": "int", "v": 1}})",
        R"({"expr": "1", "expect": {"t": "int", "v": "1x"}})", R"({"expr": "x", "bindings": [], "error": []})",
        R"({"expr": "x", "bindings": {"x": 1}, "error": []})", R"({"expr": "1", "disable_check": 1, "error": []})"}) {
    INFO(line);
    CHECK(run(line).outcome == cel::Outcome::failed);
  }
  const cel::CaseReport report =
      run(R"j({"id": "a", "expr": "size(x)", "bindings": {"x": {"t": "bytes", "v": "YQ=="}}, "error": []})j");
  CHECK(report.outcome == cel::Outcome::refused);
  CHECK(report.got == "values of type bytes are not part of conditions here");
}

TEST_CASE("cel: the report names the line of what did not pass and ends with the counts") {
  const std::string lines = R"({"id": "a/1", "expr": "1 + 1", "expect": {"t": "int", "v": "2"}})"
                            "\n\n"
                            R"({"id": "a/2", "expr": "1 + 1", "expect": {"t": "list", "v": [{"t": "int", "v": "3"}]}})"
                            "\n"
                            R"j({"id": "a/3", "expr": "type(1)", "error": []})j"
                            "\n";
  CHECK(cel::describe(cel::run_conformance(lines, zones)) ==
        "failed: line 3: a/2\n  1 + 1\n  expected [3]\n  got 2\n"
        "refused: line 4: a/3: type() is not part of conditions here\n"
        "1 passed, 1 failed, 1 refused\n");
}

TEST_CASE("cel: a file of cases and the values in them have limits") {
  const std::string line = R"({"expr": "true", "expect": {"t": "bool", "v": true}})"
                           "\n";
  std::string lines;
  for (std::size_t i = 0; i < cel::cases_most; ++i) lines += "1\n";
  CHECK(cel::run_conformance(lines, zones).failed == cel::cases_most);
  CHECK(cel::run_conformance(lines + line + line, zones).failed == cel::cases_most + 1);
  const auto nested = [](int depth) {
    return R"({"expr": "x == x", "bindings": {"x": )" + repeated(R"({"t": "list", "v": [)", depth) +
           R"({"t": "null", "v": null})" + repeated("]}", depth) + R"(}, "expect": {"t": "bool", "v": true}})";
  };
  CHECK(run(nested(cel::case_depth_most)).outcome == cel::Outcome::passed);
  CHECK(run(nested(cel::case_depth_most + 1)).outcome == cel::Outcome::failed);
}

TEST_CASE("cel: what the fuzzer keeps ends within the limits, checked or not") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CHASER_SOURCE_DIR "/tests/fuzz/corpus/condition")) {
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (const bool checked : {true, false}) {
      INFO(entry.path());
      cel::Environment environment;
      environment.checked = checked;
      environment.literals_checked = checked;
      std::vector<cel::Complaint> complaints;
      const auto program = cel::build(text, environment, complaints);
      CHECK((program == nullptr) == !complaints.empty());
      if (program == nullptr) continue;
      const Facts facts;
      cel::Evaluation evaluation{*program, &facts, {}};
      evaluation.value(program->root);
    }
    ++files;
  }
  CHECK(files > 50);
}

TEST_CASE("cel: as many macros stand within each other as there is room for variables") {
  const auto nested = [](std::size_t depth) {
    return repeated("[1].all(x, ", static_cast<int>(depth)) + "true" + std::string(depth, ')');
  };
  CHECK(ending(nested(cel::locals_most)) == "true");
  CHECK(ending(nested(cel::locals_most + 1)) ==
        "an error at load: too many macros stand within each other: at most 16");
  CHECK(ending("[1]" + repeated(".map(x, x)", 40) + " == [1]") == "true");  // one after another is another matter
}

TEST_CASE("cel: values that share their parts cost what they weigh when they are compared") {
  const auto doubled = [](int times) { return "[1]" + repeated(".map(x, [x, x])", times); };
  CHECK(ending(doubled(10) + " == " + doubled(10)) == "true");
  CHECK(ending(doubled(40) + " == " + doubled(40)) == too_costly);
  CHECK(ending(doubled(40) + " in [" + doubled(40) + "]") == too_costly);
}

TEST_CASE("cel: long texts cost what they weigh in every function that reads them") {
  const auto doubled = [](int times) { return "['a']" + repeated(".map(x, x + x)", times) + "[0]"; };
  const std::string ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
  const auto often = [&](const std::string& question) {
    return "[" + doubled(18) + "].all(t, " + ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, " + question + "))))";
  };
  CHECK(ending(doubled(18) + ".size() == 262144") == "true");
  CHECK(ending(doubled(20) + ".size() == 1048576") == too_large);
  for (const char* question :
       {"t == t", "t <= t", "size(t) > 0", "t.startsWith(t)", "t.endsWith(t)", "t.contains('b') || true",
        "t.matches('b') || true", "t.matches(string(a)) || true", "t in [t]", "{t: 1}[t] == 1"}) {
    INFO(question);
    const std::string end = ending(often(question));
    CHECK((end == too_costly || end == too_large));
  }
}

TEST_CASE("cel: a pattern has a limit of length and one of memory") {
  CHECK(ending("!'b'.matches('" + std::string(cel::pattern_size_most, 'a') + "')") == "true");
  const std::string unreadable = std::string("an error: ") + cel::problem::pattern;
  CHECK(ending("!'b'.matches('" + std::string(cel::pattern_size_most + 1, 'a') + "')") == unreadable);
  CHECK(ending("!'b'.matches('(a{100}){10}')") == "true");
  CHECK(ending(R"(!'b'.matches('((\\pL{100}){100}){10}'))") == unreadable);
}

TEST_CASE("cel: a text that is to be a number or a time has a limit of length") {
  CHECK(ending("int('" + std::string(399, '0') + "1') == 1") == "true");
  CHECK(ending("int('" + std::string(400, '0') + "1') == 1") == "an error: a value cannot be converted");
  CHECK(ending("duration('" + std::string(398, '0') + "1s') == duration('1s')") == "true");
  CHECK(ending("duration('" + std::string(399, '0') + "1s') == duration('1s')") ==
        "an error: a value cannot be converted");
}
