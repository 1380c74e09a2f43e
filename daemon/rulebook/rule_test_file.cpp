#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "rulebook/rule_test.h"

namespace chaser::rulebook {
namespace {

using documents::MappingReader;
using documents::Problems;
using documents::Source;
using documents::YamlNode;

/// "9:00" to "23:59".
std::optional<std::chrono::minutes> time_of_day(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon > 2 || text.size() != colon + 3) return std::nullopt;
  int hour = 0;
  int minute = 0;
  const char* const middle = text.data() + colon;
  const char* const end = text.data() + text.size();
  const bool whole =
      std::from_chars(text.data(), middle, hour).ptr == middle && std::from_chars(middle + 1, end, minute).ptr == end;
  if (!whole || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  return std::chrono::minutes(hour * 60 + minute);
}

class TestFileReader {
 public:
  TestFileReader(const Source& source, Problems& problems) : source_{source}, problems_{problems} {}

  std::optional<RuleTestFile> read();

 private:
  void error(const YamlNode& node, std::string message, std::vector<std::string> notes = {}) const {
    problems_.error(source_, node.at, std::move(message), std::move(notes));
  }
  PlacedText placed(MappingReader& keys, std::string_view key);
  std::vector<PlacedText> placed_list(MappingReader& keys, std::string_view key);
  std::optional<CivilDay> day_of(const YamlNode& node, std::string_view key);
  std::optional<CivilDay> day(MappingReader& keys, std::string_view key);
  std::optional<std::chrono::minutes> time(MappingReader& keys, std::string_view key);
  void read_given(MappingReader& keys, TestGiven& given);
  void read_test(const YamlNode& node, const TestGiven& given);
  bool read_span(MappingReader& keys, RuleTest& test);
  std::span<const YamlNode> items(MappingReader& keys, std::string_view key, std::string_view example);
  void read_answer(const YamlNode& node, RuleTest& test);
  void check_answer(const TestEvent& event, MappingReader& keys);
  void read_reported(MappingReader& keys, TestEvent& event);
  void read_change(const YamlNode& node, RuleTest& test);
  void read_expected(const YamlNode& node, RuleTest& test);
  void read_hold(const YamlNode& node, RuleTest& test);
  void check_within(const YamlNode* node, CivilDay day, const RuleTest& test);

  const Source& source_;
  Problems& problems_;
  RuleTestFile file_;
};

PlacedText TestFileReader::placed(MappingReader& keys, std::string_view key) {
  const YamlNode* const node = keys.optional(key);
  std::optional<std::string> text = keys.text(key);
  return text ? PlacedText{*std::move(text), node->at} : PlacedText{};
}

std::vector<PlacedText> TestFileReader::placed_list(MappingReader& keys, std::string_view key) {
  std::vector<PlacedText> list;
  for (const YamlNode* const each : keys.one_or_more(key)) list.push_back({each->scalar, each->at});
  return list;
}

std::optional<CivilDay> TestFileReader::day_of(const YamlNode& node, std::string_view key) {
  const std::optional<CivilDay> day = node.is_scalar() ? calendar::parse_iso_day(node.scalar) : std::nullopt;
  if (!day) error(node, fmt::format("\"{}\" is a day, written as in 2026-12-22; got \"{}\"", key, node.scalar));
  return day;
}

std::optional<CivilDay> TestFileReader::day(MappingReader& keys, std::string_view key) {
  const YamlNode* const node = keys.optional(key);
  return node == nullptr ? std::nullopt : day_of(*node, key);
}

std::optional<std::chrono::minutes> TestFileReader::time(MappingReader& keys, std::string_view key) {
  const std::optional<std::string> text = keys.text(key);
  if (!text) return std::nullopt;
  const auto time = time_of_day(*text);
  if (!time) keys.error_at(key, fmt::format("\"{}\" is a time of day, such as 09:00; got \"{}\"", key, *text));
  return time;
}

void TestFileReader::read_given(MappingReader& keys, TestGiven& given) {
  if (auto rules = placed_list(keys, "rules"); !rules.empty()) given.rules = std::move(rules);
  if (auto only = placed_list(keys, "only"); !only.empty()) given.only = std::move(only);
  if (const YamlNode* const node = keys.optional("directory")) given.directory = node;
  if (const YamlNode* const node = keys.optional("plan")) given.plan = node;
  if (const YamlNode* const node = keys.optional("supplement")) given.supplement = node;
  if (PlacedText workflow = placed(keys, "workflow"); !workflow.text.empty()) given.workflow = std::move(workflow);
  if (keys.optional("cutoffs") != nullptr) given.cutoffs.clear();
  for (const YamlNode* const each : keys.one_or_more("cutoffs")) {
    if (const auto cutoff = day_of(*each, "cutoffs")) given.cutoffs.push_back(*cutoff);
  }
  if (PlacedText zone = placed(keys, "zone"); !zone.text.empty()) given.zone = std::move(zone);
}

std::span<const YamlNode> TestFileReader::items(MappingReader& keys, std::string_view key, std::string_view example) {
  const YamlNode* const node = keys.optional(key);
  if (node == nullptr) return {};
  if (!node->is_sequence()) {
    error(*node, fmt::format("\"{}\" is a list, each line beginning with \"- \": {}", key, example));
    return {};
  }
  if (node->items.size() > expectations_most) {
    error(*node, fmt::format("at most {} of \"{}\"; this has {}", expectations_most, key, node->items.size()));
    return {};
  }
  return node->items;
}

void TestFileReader::check_within(const YamlNode* node, CivilDay day, const RuleTest& test) {
  if (node == nullptr || (test.from.day <= day && day <= test.to)) return;
  error(*node, fmt::format("{} lies outside the test, which plays {} to {}", calendar::iso_day(day),
                           calendar::iso_day(test.from.day), calendar::iso_day(test.to)));
}

/// False if the days of the test are not known, so that nothing can be said of the days within.
bool TestFileReader::read_span(MappingReader& keys, RuleTest& test) {
  const YamlNode* const from = keys.required("from");
  const YamlNode* const to = keys.required("to");
  const std::optional<CivilDay> first = from == nullptr ? std::nullopt : day_of(*from, "from");
  const std::optional<CivilDay> last = to == nullptr ? std::nullopt : day_of(*to, "to");
  if (!first || !last) return false;
  test.from.day = *first;
  test.to = *last;
  if (*last < *first) error(*to, "the test ends before it begins");
  if (*last > calendar::add_months(*first, 12 * test_years_most)) {
    error(*to, fmt::format("a test plays at most {} years", test_years_most));
  }
  return *first <= *last;
}

void TestFileReader::read_reported(MappingReader& keys, TestEvent& event) {
  if (const auto text = keys.text("value")) {
    event.value = plan::read_quantity(*text);
    if (!event.value) keys.error_at("value", fmt::format("\"value\" is a number, such as 410000; got \"{}\"", *text));
  }
  event.read_on = day(keys, "read_on");
  event.claimed = keys.text("rag").value_or("");
  static const std::vector<std::string> colours{"red", "amber", "green"};
  if (!event.claimed.empty() && std::find(colours.begin(), colours.end(), event.claimed) == colours.end()) {
    keys.error_at("rag", fmt::format("\"rag\" is red, amber or green; got \"{}\"", event.claimed));
  }
  event.milestone = keys.text("milestone").value_or("");
}

void TestFileReader::read_answer(const YamlNode& node, RuleTest& test) {
  MappingReader keys{node, source_, problems_, "an answer"};
  if (!keys.is_valid()) return;
  TestEvent event;
  event.at = node.at;
  keys.required("on");
  keys.required("answer");
  keys.required("party");
  const std::optional<CivilDay> on = day(keys, "on");
  event.when.time = time(keys, "at");
  event.party = placed(keys, "party");
  event.answer = placed(keys, "answer");
  event.action = placed(keys, "action");
  event.until = day(keys, "until");
  event.status = placed(keys, "status");
  event.due = day(keys, "due");
  event.to = placed(keys, "to");
  event.by = placed_list(keys, "by");
  event.note = placed(keys, "note");
  event.evidence = placed(keys, "evidence");
  event.request = placed(keys, "request");
  if (const auto percent = keys.integer("percent", 0, 100)) event.percent = static_cast<int>(*percent);
  read_reported(keys, event);
  event.refused = keys.boolean("refused").value_or(false);
  keys.finish();
  check_answer(event, keys);
  if (!on) return;
  check_within(node.find("on"), *on, test);
  event.when.day = *on;
  test.events.push_back(std::move(event));
}

void TestFileReader::check_answer(const TestEvent& event, MappingReader& keys) {
  const std::vector<std::string> answers(plan::answer_names().begin(), plan::answer_names().end());
  const std::string& answer = event.answer.text;
  if (!answer.empty() && std::find(answers.begin(), answers.end(), answer) == answers.end()) {
    keys.error_at("answer", fmt::format("unknown answer \"{}\"{}", answer, documents::did_you_mean(answer, answers)),
                  {fmt::format("one of: {}", fmt::join(answers, ", "))});
  }
  for (const std::string_view key : {"status", "value", "read_on", "rag", "milestone"}) {
    if (keys.optional(key) == nullptr || answer == "update") continue;
    keys.error_at(key, fmt::format("\"{}\" is what an update may say; answer: update", key));
  }
  const std::string& request = event.request.text;
  if (!request.empty() && std::find(answers.begin(), answers.end(), request) == answers.end()) {
    keys.error_at("request",
                  fmt::format("unknown request \"{}\"{}", request, documents::did_you_mean(request, answers)));
  }
}

void TestFileReader::read_change(const YamlNode& node, RuleTest& test) {
  MappingReader keys{node, source_, problems_, "a change"};
  if (!keys.is_valid()) return;
  TestEvent event;
  event.at = node.at;
  keys.required("on");
  const std::optional<CivilDay> on = day(keys, "on");
  event.when.time = time(keys, "at");
  event.action = placed(keys, "action");
  event.status = placed(keys, "status");
  event.due = day(keys, "due");
  keys.finish();
  if (keys.optional("status") == nullptr && keys.optional("due") == nullptr) {
    error(node, "a change says \"status\" (the action's new one) or \"due\" (its new date)");
  }
  if (!on) return;
  check_within(node.find("on"), *on, test);
  event.when.day = *on;
  test.events.push_back(std::move(event));
}

void TestFileReader::read_expected(const YamlNode& node, RuleTest& test) {
  MappingReader keys{node, source_, problems_, "an expectation"};
  if (!keys.is_valid()) return;
  ExpectedTelling telling;
  telling.at = node.at;
  keys.required("on");
  keys.required("step");
  keys.required("to");
  const std::vector<const YamlNode*> days = keys.one_or_more("on");
  telling.time = time(keys, "at");
  telling.step = placed(keys, "step");
  telling.to = placed_list(keys, "to");
  telling.actions = placed_list(keys, "action");
  for (PlacedText& via : placed_list(keys, "via")) telling.via.push_back(std::move(via.text));
  std::sort(telling.via.begin(), telling.via.end());
  if (const auto deliver = keys.text("deliver")) {
    if (*deliver == "digest") telling.deliver = Deliver::digest;
    if (*deliver == "direct") telling.deliver = Deliver::direct;
    if (!telling.deliver)
      keys.error_at("deliver", fmt::format("\"deliver\" is direct or digest; got \"{}\"", *deliver));
  }
  telling.occurrence = keys.text("occurrence").value_or("");
  keys.finish();
  for (const YamlNode* const each : days) {
    const std::optional<CivilDay> on = day_of(*each, "on");
    if (!on) continue;
    check_within(each, *on, test);
    telling.on = *on;
    test.expected.push_back(telling);
  }
}

void TestFileReader::read_hold(const YamlNode& node, RuleTest& test) {
  MappingReader keys{node, source_, problems_, "a hold"};
  if (!keys.is_valid()) return;
  ExpectedHold hold;
  hold.at = node.at;
  keys.required("on");
  keys.required("reason");
  const std::vector<const YamlNode*> days = keys.one_or_more("on");
  hold.step = placed(keys, "step");
  const PlacedText rule = placed(keys, "rule");
  if (hold.step.text.empty() == rule.text.empty())
    error(node, "a hold names the \"step\" that is held, or the \"rule\"");
  if (!rule.text.empty()) hold.rule = rule.text;
  if (hold.step.text.empty()) hold.step.at = rule.at;
  hold.to = placed(keys, "to");
  hold.action = placed(keys, "action");
  hold.reason = placed(keys, "reason");
  keys.finish();
  for (const YamlNode* const each : days) {
    const std::optional<CivilDay> on = day_of(*each, "on");
    if (!on) continue;
    check_within(each, *on, test);
    hold.on = *on;
    test.holds.push_back(hold);
  }
}

void TestFileReader::read_test(const YamlNode& node, const TestGiven& given) {
  MappingReader keys{node, source_, problems_, "a test"};
  if (!keys.is_valid()) return;
  const std::size_t before = problems_.errors_met();
  RuleTest test;
  test.at = node.at;
  test.given = given;
  test.name = keys.required_text("test").value_or("");
  test.about = keys.text("about").value_or("");
  read_given(keys, test.given);
  const bool has_span = read_span(keys, test);
  const auto answers = items(keys, "answers", "- { on: 2026-12-23, party: ccn, answer: acknowledge }");
  const auto changes = items(keys, "changes", "- { on: 2026-12-23, status: done }");
  keys.required("expected");
  const auto expected = items(keys, "expected", "- { on: 2026-12-22, step: due-soon, to: ccn }");
  const auto holds = items(keys, "holds", "- { on: 2026-12-22, step: due-soon, reason: floor }");
  if (has_span) {
    for (const YamlNode& item : answers) read_answer(item, test);
    for (const YamlNode& item : changes) read_change(item, test);
    for (const YamlNode& item : expected) read_expected(item, test);
    for (const YamlNode& item : holds) read_hold(item, test);
  }
  keys.finish();
  if (test.given.plan == nullptr) error(node, "a test needs a \"plan\", of its own or of its file");
  constexpr std::chrono::minutes noon{12 * 60};
  std::stable_sort(test.events.begin(), test.events.end(), [&](const TestEvent& a, const TestEvent& b) {
    return std::pair(a.when.day, a.when.time.value_or(noon)) < std::pair(b.when.day, b.when.time.value_or(noon));
  });
  const auto twice = std::find_if(file_.tests.begin(), file_.tests.end(),
                                  [&](const RuleTest& other) { return other.name == test.name; });
  if (!test.name.empty() && twice != file_.tests.end()) {
    keys.error_at("test",
                  fmt::format("the test \"{}\" is there twice; the other is on line {}", test.name, twice->at.line));
  }
  if (problems_.errors_met() == before) file_.tests.push_back(std::move(test));
}

std::optional<RuleTestFile> TestFileReader::read() {
  std::optional<YamlNode> parsed = documents::parse_yaml(source_, problems_);
  if (!parsed) return std::nullopt;
  file_.root = std::make_unique<YamlNode>(*std::move(parsed));
  MappingReader keys{*file_.root, source_, problems_, "a test file"};
  if (!keys.is_valid()) return std::nullopt;
  keys.required("version");
  keys.integer("version", 1, 1);
  TestGiven given;
  read_given(keys, given);
  keys.required("tests");
  const auto tests = items(keys, "tests", "- test: silence climbs");
  if (tests.size() > tests_most) {
    keys.error_at("tests", fmt::format("a file has at most {} tests; this one has {}", tests_most, tests.size()));
  } else {
    for (const YamlNode& node : tests) read_test(node, given);
  }
  keys.finish();
  return std::move(file_);
}

}  // namespace

std::optional<RuleTestFile> read_rule_test_file(const Source& source, Problems& problems) {
  return TestFileReader{source, problems}.read();
}

}  // namespace chaser::rulebook
