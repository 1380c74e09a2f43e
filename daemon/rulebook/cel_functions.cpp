#include "rulebook/cel_functions.h"

#include <absl/strings/charconv.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "calendar/working_calendar.h"
#include "documents/characters.h"
#include "rulebook/cel_evaluation.h"
#include "rulebook/cel_time.h"

namespace chaser::rulebook::cel {
namespace {

using Arguments = std::span<const Value>;
using Kind = Value::Kind;

constexpr Value no_overload() {
  return problem_value(problem::no_overload);
}
bool is_moment(const Value& value) {
  return value.is(Kind::day) || value.is(Kind::timestamp);
}
Value moment(const Value& value, const Evaluation& evaluation) {
  return value.is(Kind::day) ? evaluation.days().timestamp(value) : value;
}

template <class T>
Value checked(std::string_view name, T a, T b, Value (*make)(T)) {
  T result{};
  bool overflows = false;
  if (name == "_+_") overflows = __builtin_add_overflow(a, b, &result);
  if (name == "_-_") overflows = __builtin_sub_overflow(a, b, &result);
  if (name == "_*_") overflows = __builtin_mul_overflow(a, b, &result);
  if (name == "_/_" || name == "_%_") {
    if (b == 0) return problem_value(problem::division);
    if (std::numeric_limits<T>::is_signed && a == std::numeric_limits<T>::min() && b + 1 == 0) {
      return problem_value(problem::overflow);
    }
    result = name == "_/_" ? a / b : a % b;
  }
  return overflows ? problem_value(problem::overflow) : make(result);
}

Value real_arithmetic(std::string_view name, double a, double b) {
  if (name == "_+_") return real_value(a + b);
  if (name == "_-_") return real_value(a - b);
  if (name == "_*_") return real_value(a * b);
  if (name == "_/_") return real_value(a / b);
  return no_overload();
}

Value arithmetic(std::string_view name, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.kind != b.kind) return no_overload();
  if (a.is(Kind::integer)) {
    return checked<std::int64_t>(name, a.integer, b.integer, [](std::int64_t n) { return integer_value(n); });
  }
  if (a.is(Kind::unsigned_integer)) return checked<std::uint64_t>(name, a.natural, b.natural, natural_value);
  if (a.is(Kind::real)) return real_arithmetic(name, a.real, b.real);
  return no_overload();
}

Value joined_texts(const Value& a, const Value& b, Evaluation& evaluation) {
  char* const into = evaluation.allocate<char>(a.size + b.size);
  if (into == nullptr) return problem_value(problem::memory);
  std::copy_n(a.characters, a.size, into);
  std::copy_n(b.characters, b.size, into + a.size);
  return text_value({into, a.size + b.size});
}

Value joined_lists(const Value& a, const Value& b, Evaluation& evaluation) {
  Value* const into = evaluation.allocate<Value>(a.size + b.size);
  if (into == nullptr) return problem_value(problem::memory);
  for (std::size_t i = 0; i < a.size; ++i) into[i] = a.item(i);
  for (std::size_t i = 0; i < b.size; ++i) into[a.size + i] = b.item(i);
  return list_value(into, a.size + b.size);
}

Value duration_sum(const Value& a, const Value& b, bool minus) {
  std::int64_t sum = 0;
  const bool overflows =
      minus ? __builtin_sub_overflow(a.integer, b.integer, &sum) : __builtin_add_overflow(a.integer, b.integer, &sum);
  return overflows ? problem_value(problem::range) : duration_value(sum);
}

Value sum(std::string_view name, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.is(Kind::text) && b.is(Kind::text)) return joined_texts(a, b, evaluation);
  if (a.is_list() && b.is_list()) return joined_lists(a, b, evaluation);
  if (a.is(Kind::duration) && b.is(Kind::duration)) return duration_sum(a, b, false);
  if (is_moment(a) && b.is(Kind::duration)) return add_duration(moment(a, evaluation), b, 1);
  if (a.is(Kind::duration) && is_moment(b)) return add_duration(moment(b, evaluation), a, 1);
  return arithmetic(name, arguments, evaluation);
}

Value subtraction(std::string_view name, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.is(Kind::duration) && b.is(Kind::duration)) return duration_sum(a, b, true);
  if (is_moment(a) && b.is(Kind::duration)) return add_duration(moment(a, evaluation), b, -1);
  if (is_moment(a) && is_moment(b)) return difference(moment(a, evaluation), moment(b, evaluation));
  return arithmetic(name, arguments, evaluation);
}

Value opposite(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  if (a.is(Kind::real)) return real_value(-a.real);
  if (!a.is(Kind::integer)) return no_overload();
  if (a.integer == std::numeric_limits<std::int64_t>::min()) return problem_value(problem::overflow);
  return integer_value(-a.integer);
}

Value size(std::string_view, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  if (a.is(Kind::text) && !evaluation.spend(a.size / 64)) return problem_value(problem::cost);
  if (a.is(Kind::text)) return integer_value(static_cast<std::int64_t>(documents::character_count(a.text())));
  if (a.is_list() || a.is(Kind::map)) return integer_value(static_cast<std::int64_t>(a.size));
  return no_overload();
}

Value text_question(std::string_view name, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (!a.is(Kind::text) || !b.is(Kind::text)) return no_overload();
  const bool is_search = name == "contains";  // which can look at each place anew
  if (!evaluation.spend(is_search ? a.size * b.size / 64 : b.size / 64)) return problem_value(problem::cost);
  if (name == "startsWith") return boolean_value(a.text().starts_with(b.text()));
  if (name == "endsWith") return boolean_value(a.text().ends_with(b.text()));
  return boolean_value(a.text().find(b.text()) != std::string_view::npos);
}

inline constexpr std::size_t number_size_most = 400;  // longer texts are no numbers: it bounds the cost of trying

/// A sign before a number is read by std::from_chars if it is "-" alone.
std::string_view without_plus(std::string_view text) {
  if (text.size() > number_size_most) return {};
  const bool has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  return has_plus ? text.substr(1) : text;
}

/// The whole of `text` as a number, else nothing.
template <class T>
std::optional<T> number(std::string_view text) {
  text = without_plus(text);
  T result{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return result;
}

/// As number(); what is too small for a double is 0.
std::optional<double> decimal(std::string_view text) {
  text = without_plus(text);
  double result = 0;
  const auto [rest, error] = absl::from_chars(text.data(), text.data() + text.size(), result);
  const bool too_small = error == std::errc::result_out_of_range && std::abs(result) < 1;
  if ((error != std::errc{} && !too_small) || rest != text.data() + text.size()) return std::nullopt;
  return result;
}

std::string decimal_text(double real) {
  if (std::isnan(real)) return "NaN";
  if (std::isinf(real)) return real < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{}", real);
}

Value to_integer(std::string_view, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  switch (a.kind) {
    case Kind::integer:
      return a;
    case Kind::unsigned_integer:
      if (a.natural > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return problem_value(problem::range);
      }
      return integer_value(static_cast<std::int64_t>(a.natural));
    case Kind::real:
      // Both ends are refused, as the specification's tests ask: a double cannot tell them from what lies outside.
      if (!(a.real > -0x1p63 && a.real < 0x1p63)) return problem_value(problem::range);
      return integer_value(static_cast<std::int64_t>(a.real));
    case Kind::text: {
      const std::optional<std::int64_t> parsed = number<std::int64_t>(a.text());
      return parsed ? integer_value(*parsed) : problem_value(problem::conversion);
    }
    case Kind::day:
    case Kind::timestamp:
      return integer_value(moment(a, evaluation).integer);
    default:
      return no_overload();
  }
}

Value to_natural(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  switch (a.kind) {
    case Kind::unsigned_integer:
      return a;
    case Kind::integer:
      if (a.integer < 0) return problem_value(problem::range);
      return natural_value(static_cast<std::uint64_t>(a.integer));
    case Kind::real:
      if (!(a.real >= 0 && a.real < 0x1p64)) return problem_value(problem::range);
      return natural_value(static_cast<std::uint64_t>(a.real));
    case Kind::text: {
      const std::optional<std::uint64_t> parsed = number<std::uint64_t>(a.text());
      return parsed ? natural_value(*parsed) : problem_value(problem::conversion);
    }
    default:
      return no_overload();
  }
}

Value to_real(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  switch (a.kind) {
    case Kind::real:
      return a;
    case Kind::integer:
      return real_value(static_cast<double>(a.integer));
    case Kind::unsigned_integer:
      return real_value(static_cast<double>(a.natural));
    case Kind::text: {
      const std::optional<double> parsed = decimal(a.text());
      return parsed ? real_value(*parsed) : problem_value(problem::conversion);
    }
    default:
      return no_overload();
  }
}

Value to_text(std::string_view, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  switch (a.kind) {
    case Kind::text:
      return a;
    case Kind::boolean:
      return text_value(a.boolean ? "true" : "false");
    case Kind::integer:
      return evaluation.text(std::to_string(a.integer));
    case Kind::unsigned_integer:
      return evaluation.text(std::to_string(a.natural));
    case Kind::real:
      return evaluation.text(decimal_text(a.real));
    case Kind::day:
    case Kind::timestamp:
      return evaluation.text(timestamp_text(moment(a, evaluation)));
    case Kind::duration:
      return evaluation.text(duration_text(a));
    default:
      return no_overload();
  }
}

Value to_boolean(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  if (a.is(Kind::boolean)) return a;
  if (!a.is(Kind::text)) return no_overload();
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (a.text() == word) return boolean_value(true);
  }
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (a.text() == word) return boolean_value(false);
  }
  return problem_value(problem::conversion);
}

inline constexpr std::size_t moment_size_most = 400;  // longer texts are no dates and no lengths of time

Value to_timestamp(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  if (is_moment(a)) return a;
  if (a.is(Kind::integer)) return timestamp_value(a.integer, 0);
  if (!a.is(Kind::text)) return no_overload();
  if (a.size > moment_size_most) return problem_value(problem::conversion);
  return parse_timestamp(a.text()).value_or(problem_value(problem::conversion));
}

Value to_duration(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  if (a.is(Kind::duration)) return a;
  if (!a.is(Kind::text)) return no_overload();
  if (a.size > moment_size_most) return problem_value(problem::conversion);
  return parse_duration(a.text()).value_or(problem_value(problem::conversion));
}

Value to_dyn(std::string_view, Arguments arguments, Evaluation&) {
  return arguments[0];
}

Value part(std::string_view name, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  if (a.is(Kind::duration) && arguments.size() == 1) return duration_part(name, a);
  if (!is_moment(a)) return no_overload();
  if (arguments.size() == 1) {
    // A day without a zone asked for means itself, whatever its 00:00 is in UTC.
    if (!a.is(Kind::day)) return timestamp_part(name, a, absl::UTCTimeZone());
    return timestamp_part(name, timestamp_value(a.integer * 86'400, 0), absl::UTCTimeZone());
  }
  if (!arguments[1].is(Kind::text)) return no_overload();
  const std::optional<calendar::Zone> zone = evaluation.zone(arguments[1].text());
  if (!zone) return problem_value(problem::zone);
  return timestamp_part(name, moment(a, evaluation), *zone);
}

/// Of a pattern that is not written out in the condition: compiling one can take milliseconds.
inline constexpr std::size_t pattern_compilation_steps = 10'000;

Value matches(std::string_view, Arguments arguments, Evaluation& evaluation) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (!a.is(Kind::text) || !b.is(Kind::text)) return no_overload();
  if (!evaluation.spend(pattern_compilation_steps)) return problem_value(problem::cost);
  const std::shared_ptr<const re2::RE2> pattern = compile_pattern(b.text());
  if (!pattern->ok()) return problem_value(problem::pattern);
  if (!evaluation.spend(pattern_steps(a.size, *pattern))) return problem_value(problem::cost);
  return boolean_value(re2::RE2::PartialMatch({a.characters, a.size}, *pattern));
}

Value date(std::string_view, Arguments arguments, Evaluation&) {
  const Value& a = arguments[0];
  if (!a.is(Kind::text)) return no_overload();
  const std::optional<calendar::CivilDay> day = calendar::parse_iso_day(a.text());
  if (!day) return problem_value(problem::conversion);
  return integer_value(*day - calendar::CivilDay(1970, 1, 1), Kind::day);
}

/// Whole days between today and the day of the argument, in the plan's zone; by the calendar or in working days.
Value day_count(std::string_view name, Arguments arguments, Evaluation& evaluation) {
  const Facts* const facts = evaluation.facts();
  if (facts == nullptr || (*facts)[Fact::today].kind != FactValue::Kind::day)
    return problem_value(problem::unknown_name);
  const Value& a = arguments[0];
  if (!is_moment(a)) return a.is(Kind::null) ? problem_value(problem::absent) : no_overload();
  const std::int64_t day = a.is(Kind::day)
                               ? a.integer
                               : calendar::day_number(calendar::day_of(absl::FromUnixSeconds(a.integer), facts->zone));
  const std::int64_t today = (*facts)[Fact::today].integer;
  const bool until = name.ends_with("until");
  const std::int64_t from = until ? today : day;
  const std::int64_t to = until ? day : today;
  if (!name.starts_with("working")) return integer_value(to - from);
  if (facts->calendar == nullptr) return problem_value(problem::no_calendar);
  const calendar::CivilDay epoch(1970, 1, 1);
  return integer_value(facts->calendar->working_days_after(epoch + from, epoch + to));
}

std::vector<Signature> numbers(bool with_real) {
  std::vector<Signature> signatures{{false, {Tag::integer, Tag::integer}, Tag::integer},
                                    {false, {Tag::natural, Tag::natural}, Tag::natural}};
  if (with_real) signatures.push_back({false, {Tag::real, Tag::real}, Tag::real});
  return signatures;
}

std::vector<Signature> sums() {
  std::vector<Signature> signatures = numbers(true);
  signatures.push_back({false, {Tag::text, Tag::text}, Tag::text});
  signatures.push_back({false, {Tag::list, Tag::list}, Tag::list});
  signatures.push_back({false, {Tag::timestamp, Tag::duration}, Tag::timestamp});
  signatures.push_back({false, {Tag::duration, Tag::timestamp}, Tag::timestamp});
  signatures.push_back({false, {Tag::duration, Tag::duration}, Tag::duration});
  return signatures;
}

std::vector<Signature> subtractions() {
  std::vector<Signature> signatures = numbers(true);
  signatures.push_back({false, {Tag::timestamp, Tag::duration}, Tag::timestamp});
  signatures.push_back({false, {Tag::timestamp, Tag::timestamp}, Tag::duration});
  signatures.push_back({false, {Tag::duration, Tag::duration}, Tag::duration});
  return signatures;
}

std::vector<Signature> from(std::initializer_list<Tag> tags, Tag result) {
  std::vector<Signature> signatures;
  for (const Tag tag : tags) signatures.push_back({false, {tag}, result});
  return signatures;
}

std::vector<Signature> accessor(bool of_durations) {
  std::vector<Signature> signatures{{true, {Tag::timestamp}, Tag::integer},
                                    {true, {Tag::timestamp, Tag::text}, Tag::integer}};
  if (of_durations) signatures.push_back({true, {Tag::duration}, Tag::integer});
  return signatures;
}

std::vector<Function> table() {
  const std::vector<Signature> text_questions{{true, {Tag::text, Tag::text}, Tag::boolean}};
  const std::vector<Signature> day_counts{{false, {Tag::timestamp}, Tag::integer}};
  std::vector<Function> functions{
      {"_+_", sum, sums()},
      {"_-_", subtraction, subtractions()},
      {"_*_", arithmetic, numbers(true)},
      {"_/_", arithmetic, numbers(true)},
      {"_%_", arithmetic, numbers(false)},
      {"-_", opposite, {{false, {Tag::integer}, Tag::integer}, {false, {Tag::real}, Tag::real}}},
      {"size", size, {}},
      {"contains", text_question, text_questions},
      {"startsWith", text_question, text_questions},
      {"endsWith", text_question, text_questions},
      {"matches",
       matches,
       {{true, {Tag::text, Tag::text}, Tag::boolean}, {false, {Tag::text, Tag::text}, Tag::boolean}}},
      {"int", to_integer, from({Tag::integer, Tag::natural, Tag::real, Tag::text, Tag::timestamp}, Tag::integer)},
      {"uint", to_natural, from({Tag::integer, Tag::natural, Tag::real, Tag::text}, Tag::natural)},
      {"double", to_real, from({Tag::integer, Tag::natural, Tag::real, Tag::text}, Tag::real)},
      {"string", to_text,
       from({Tag::text, Tag::boolean, Tag::integer, Tag::natural, Tag::real, Tag::timestamp, Tag::duration},
            Tag::text)},
      {"bool", to_boolean, from({Tag::boolean, Tag::text}, Tag::boolean)},
      {"dyn", to_dyn, from({Tag::dyn}, Tag::dyn)},
      {"timestamp", to_timestamp, from({Tag::text, Tag::integer, Tag::timestamp}, Tag::timestamp)},
      {"duration", to_duration, from({Tag::text, Tag::duration}, Tag::duration)},
      {"date", date, from({Tag::text}, Tag::timestamp), true},
      {"days_until", day_count, day_counts, true, true},
      {"days_since", day_count, day_counts, true, true},
      {"working_days_until", day_count, day_counts, true, true},
      {"working_days_since", day_count, day_counts, true, true},
  };
  for (const Tag tag : {Tag::text, Tag::list, Tag::map}) {
    for (const bool member : {false, true}) functions[6].signatures.push_back({member, {tag}, Tag::integer});
  }
  for (const char* name : {"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfYear", "getDayOfWeek"}) {
    functions.push_back({name, part, accessor(false)});
  }
  for (const char* name : {"getHours", "getMinutes", "getSeconds", "getMilliseconds"}) {
    functions.push_back({name, part, accessor(true)});
  }
  return functions;
}

const std::vector<Function>& functions() {
  static const std::vector<Function> all = table();
  return all;
}

}  // namespace

const Function* find_function(std::string_view name) {
  const auto found = std::find_if(functions().begin(), functions().end(),
                                  [&](const Function& function) { return function.name == name; });
  return found == functions().end() ? nullptr : &*found;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names{"has"};
  for (const Function& function : functions()) {
    if (function.name.find('_') != 0 && function.name != "-_") names.emplace_back(function.name);
  }
  return names;
}

std::size_t pattern_steps(std::size_t text_size, const re2::RE2& pattern) {
  const auto pattern_size = static_cast<std::size_t>(std::max(pattern.ProgramSize(), 1));
  return 1 + text_size / 8 * (1 + pattern_size / 64);
}

std::shared_ptr<const re2::RE2> compile_pattern(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory_most);
  const bool too_long = pattern.size() > pattern_size_most;
  return std::make_shared<const re2::RE2>(
      too_long ? re2::StringPiece("(") : re2::StringPiece(pattern.data(), pattern.size()), options);
}

}  // namespace chaser::rulebook::cel
