#include "rulebook/cel_conformance.h"

#include <absl/strings/charconv.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "rulebook/cel_evaluation.h"
#include "rulebook/cel_program.h"
#include "rulebook/cel_time.h"

namespace chaser::rulebook::cel {
namespace {

using nlohmann::json;
using Kind = Value::Kind;

/// Why a line is no case; caught in run_case alone.
struct BadCase : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A binding of a type that conditions do not have; caught in run_case alone.
struct OutsideType {
  std::string type;
};

const json& member(const json& object, const char* name) {
  if (!object.is_object()) throw BadCase(fmt::format("expected an object with \"{}\"", name));
  const auto found = object.find(name);
  if (found == object.end()) throw BadCase(fmt::format("\"{}\" is missing", name));
  return *found;
}

const std::string& text_of(const json& value) {
  if (!value.is_string()) throw BadCase("expected a text");
  return value.get_ref<const std::string&>();
}

template <class T>
T whole_number(const json& value) {
  const std::string& text = text_of(value);
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) throw BadCase("expected a whole number as text");
  return number;
}

double decimal_number(const json& value) {
  const std::string& text = text_of(value);
  double number = 0;
  const auto [end, error] = absl::from_chars(text.data(), text.data() + text.size(), number);
  const bool unreadable = error == std::errc::invalid_argument || end != text.data() + text.size();
  if (unreadable) throw BadCase("expected a decimal number as text");
  return number;
}

/// Builds the values of a case and keeps what they borrow.
class Values {
 public:
  Value value(const json& typed, int depth = 0) {
    if (depth > case_depth_most) throw BadCase("the values are nested too deeply");
    const std::string& type = text_of(member(typed, "t"));
    const json& content = member(typed, "v");
    if (type == "null") return null_value();
    if (type == "bool" && content.is_boolean()) return boolean_value(content.get<bool>());
    if (type == "int") return integer_value(whole_number<std::int64_t>(content));
    if (type == "uint") return natural_value(whole_number<std::uint64_t>(content));
    if (type == "double") return real_value(decimal_number(content));
    if (type == "string") return text_value(texts_.emplace_back(text_of(content)));
    if (type == "list") return list(content, depth);
    if (type == "map") return map(content, depth);
    if (type == "timestamp") return moment(parse_timestamp(text_of(content)));
    if (type == "duration") return moment(parse_duration(text_of(content)));
    if (type == "bool") throw BadCase("expected true or false");
    throw OutsideType{type};
  }

 private:
  static Value moment(const std::optional<Value>& read) {
    if (!read || read->is_problem()) throw BadCase("expected a date with a time, or a length of time, as text");
    return *read;
  }

  Value list(const json& content, int depth) {
    if (!content.is_array()) throw BadCase("expected a list");
    std::vector<Value> items;
    for (const json& each : content) items.push_back(value(each, depth + 1));
    const std::vector<Value>& kept = lists_.emplace_back(std::move(items));
    return list_value(kept.data(), kept.size());
  }

  Value map(const json& content, int depth) {
    if (!content.is_array()) throw BadCase("expected a list of [key, value]");
    std::vector<MapEntry> entries;
    for (const json& each : content) {
      if (!each.is_array() || each.size() != 2) throw BadCase("expected [key, value]");
      entries.push_back({value(each[0], depth + 1), value(each[1], depth + 1)});
    }
    const std::vector<MapEntry>& kept = maps_.emplace_back(std::move(entries));
    return map_value(kept.data(), kept.size());
  }

  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> lists_;
  std::deque<std::vector<MapEntry>> maps_;
};

bool same(const Value& wanted, const Value& got);

bool same_maps(const Value& wanted, const Value& got) {
  return wanted.size == got.size &&
         std::all_of(wanted.entries, wanted.entries + wanted.size, [&](const MapEntry& entry) {
           return std::any_of(got.entries, got.entries + got.size, [&](const MapEntry& other) {
             return same(entry.key, other.key) && same(entry.value, other.value);
           });
         });
}

/// Stricter than the language's own equality: 1, 1u and 1.0 differ; a NaN is the same as another.
bool same(const Value& wanted, const Value& got) {
  if (wanted.kind != got.kind) return false;
  switch (wanted.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return wanted.boolean == got.boolean;
    case Kind::unsigned_integer:
      return wanted.natural == got.natural;
    case Kind::real:
      return wanted.real == got.real || (std::isnan(wanted.real) && std::isnan(got.real));
    case Kind::text:
      return wanted.text() == got.text();
    case Kind::timestamp:
      return wanted.integer == got.integer && wanted.size == got.size;
    case Kind::list:
      return wanted.size == got.size &&
             std::equal(wanted.items, wanted.items + wanted.size, got.items, got.items + got.size, same);
    case Kind::map:
      return same_maps(wanted, got);
    default:
      return wanted.integer == got.integer;
  }
}

/// A value for the report, as conditions write it; cut off, since a result can be much larger than its condition.
class Written {
 public:
  explicit Written(const Value& value) { write(value); }
  std::string text() && { return std::move(text_); }

 private:
  static constexpr std::size_t size_most = 300;

  void write(const Value& value) {
    if (text_.size() > size_most) return;
    switch (value.kind) {
      case Kind::null:
        text_ += "null";
        return;
      case Kind::boolean:
        text_ += value.boolean ? "true" : "false";
        return;
      case Kind::integer:
        text_ += std::to_string(value.integer);
        return;
      case Kind::unsigned_integer:
        text_ += std::to_string(value.natural) + "u";
        return;
      case Kind::real:
        text_ += fmt::format("{:#}", value.real);
        return;
      case Kind::text:
        text_ +=
            json(std::string(value.text().substr(0, size_most))).dump(-1, ' ', false, json::error_handler_t::replace);
        return;
      case Kind::list:
      case Kind::texts:
        return list(value);
      case Kind::map:
        return map(value);
      case Kind::timestamp:
        text_ += "timestamp(\"" + timestamp_text(value) + "\")";
        return;
      case Kind::duration:
        text_ += "duration(\"" + duration_text(value) + "\")";
        return;
      case Kind::day:
        text_ += "a day";
        return;
      case Kind::problem:
        text_ += std::string("an error: ") + value.message;
        return;
    }
  }

  void list(const Value& value) {
    text_ += '[';
    for (std::size_t i = 0; i < value.size && text_.size() <= size_most; ++i) {
      if (i > 0) text_ += ", ";
      write(value.item(i));
    }
    text_ += text_.size() > size_most ? "..." : "]";
  }

  void map(const Value& value) {
    text_ += '{';
    for (std::size_t i = 0; i < value.size && text_.size() <= size_most; ++i) {
      if (i > 0) text_ += ", ";
      write(value.entries[i].key);
      text_ += ": ";
      write(value.entries[i].value);
    }
    text_ += text_.size() > size_most ? "..." : "}";
  }

  std::string text_;
};

struct Case {
  Values values;
  std::string expression;
  std::vector<Binding> bindings;
  std::optional<Value> expected;  // none: an error
  bool expects_outside = false;   // a value of a type that conditions do not have
  bool checked = true;
};

void read_case(const std::string_view line, CaseReport& report, Case& into) {
  const json object = json::parse(line.begin(), line.end(), nullptr, false);
  if (object.is_discarded()) throw BadCase("this line is not JSON");
  if (object.is_object() && object.contains("id")) report.id = text_of(object["id"]);
  report.expression = into.expression = text_of(member(object, "expr"));
  into.checked = !object.value("disable_check", false);
  if (object.contains("bindings")) {
    const json& bindings = object["bindings"];
    if (!bindings.is_object()) throw BadCase("\"bindings\" is an object: {\"name\": {\"t\": ..., \"v\": ...}}");
    for (const auto& [name, value] : bindings.items()) into.bindings.push_back({name, into.values.value(value)});
  }
  report.expected = "an error";
  if (object.contains("error")) return;
  try {
    into.expected = into.values.value(member(object, "expect"));
    report.expected = Written{*into.expected}.text();
  } catch (const OutsideType& outside) {
    into.expects_outside = true;
    report.expected = "a value of type " + outside.type;
  }
}

void evaluate(const Case& each, const ZoneLookup& zones, CaseReport& report) {
  Environment environment;
  environment.facts = false;
  environment.own_functions = false;
  environment.checked = each.checked;
  environment.literals_checked = false;
  environment.bindings = each.bindings;
  environment.zones = &zones;
  std::vector<Complaint> complaints;
  const std::shared_ptr<const Program> program = build(each.expression, environment, complaints);
  const auto outside = std::find_if(complaints.begin(), complaints.end(), [](const auto& it) { return it.outside; });
  if (outside != complaints.end()) {
    report.outcome = Outcome::refused;
    report.got = outside->message;
    return;
  }
  if (!complaints.empty()) {
    report.outcome = each.expected || each.expects_outside ? Outcome::failed : Outcome::passed;
    report.got = "an error at load: " + complaints.front().message;
    return;
  }
  Evaluation evaluation{*program, nullptr, each.bindings};
  const Value value = evaluation.value(program->root);
  const bool right = each.expected ? same(*each.expected, value) : value.is_problem() && !each.expects_outside;
  report.outcome = right ? Outcome::passed : Outcome::failed;
  report.got = Written{value}.text();
}

CaseReport run_case(std::string_view line, const ZoneLookup& zones) {
  CaseReport report;
  Case each;
  try {
    read_case(line, report, each);
    evaluate(each, zones, report);
  } catch (const BadCase& bad) {
    report.got = bad.what();
  } catch (const json::exception& bad) {
    report.got = bad.what();
  } catch (const OutsideType& outside) {
    report.outcome = Outcome::refused;
    report.got = fmt::format("values of type {} are not part of conditions here", outside.type);
  }
  return report;
}

}  // namespace

ConformanceReport run_conformance(std::string_view lines, const ZoneLookup& zones) {
  ConformanceReport report;
  int number = 0;
  while (!lines.empty()) {
    ++number;
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    CaseReport each;
    if (report.cases.size() < cases_most) {
      each = run_case(line, zones);
    } else {
      each.got = fmt::format("not looked at, nor what follows: a file has at most {} cases", cases_most);
      lines = {};
    }
    each.line = number;
    (each.outcome == Outcome::passed   ? report.passed
     : each.outcome == Outcome::failed ? report.failed
                                       : report.refused)++;
    report.cases.push_back(std::move(each));
  }
  return report;
}

std::string describe(const ConformanceReport& report) {
  std::string text;
  for (const CaseReport& each : report.cases) {
    if (each.outcome == Outcome::failed) {
      text += fmt::format("failed: line {}: {}\n  {}\n  expected {}\n  got {}\n", each.line, each.id, each.expression,
                          each.expected, each.got);
    }
    if (each.outcome == Outcome::refused) {
      text += fmt::format("refused: line {}: {}: {}\n", each.line, each.id, each.got);
    }
  }
  return text + fmt::format("{} passed, {} failed, {} refused\n", report.passed, report.failed, report.refused);
}

}  // namespace chaser::rulebook::cel
