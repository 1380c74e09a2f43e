#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chaser::rulebook::cel {

struct MapEntry;

/// A CEL value at run time: 24 bytes, trivially copied, borrowing its texts, lists and maps from the program, the facts
/// or the evaluation's arena. A `day` is a timestamp at 00:00 of the plan's zone, kept as a day number so that
/// comparing days needs no zone; `texts` is a list over a borrowed array of strings.
struct Value {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    unsigned_integer,
    real,
    text,
    list,
    texts,
    map,
    day,
    timestamp,
    duration,
    problem
  };

  Kind kind;
  union {
    bool boolean;
    std::int64_t integer;  // also: day number since 1970-01-01, timestamp's seconds since 1970, duration's nanoseconds
    std::uint64_t natural;
    double real;
    const char* characters;
    const Value* items;
    const std::string* strings;
    const MapEntry* entries;
    const char* message;  // of a problem: static text in the coordinator's words
  };
  std::size_t size;  // of text in bytes, of list and map in items; a timestamp's nanoseconds

  std::string_view text() const { return {characters, size}; }
  bool is(Kind other) const { return kind == other; }
  bool is_problem() const { return kind == Kind::problem; }
  bool is_true() const { return kind == Kind::boolean && boolean; }
  bool is_false() const { return kind == Kind::boolean && !boolean; }
  bool is_list() const { return kind == Kind::list || kind == Kind::texts; }
  bool is_number() const { return kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::real; }
  /// Of a list; `index` < size.
  Value item(std::size_t index) const;
};

struct MapEntry {
  Value key;
  Value value;
};

constexpr Value null_value() {
  Value value{};
  value.kind = Value::Kind::null;
  return value;
}
constexpr Value boolean_value(bool boolean) {
  Value value{};
  value.kind = Value::Kind::boolean;
  value.boolean = boolean;
  return value;
}
constexpr Value integer_value(std::int64_t integer, Value::Kind kind = Value::Kind::integer) {
  Value value{};
  value.kind = kind;
  value.integer = integer;
  return value;
}
constexpr Value natural_value(std::uint64_t natural) {
  Value value{};
  value.kind = Value::Kind::unsigned_integer;
  value.natural = natural;
  return value;
}
constexpr Value real_value(double real) {
  Value value{};
  value.kind = Value::Kind::real;
  value.real = real;
  return value;
}
constexpr Value text_value(std::string_view text) {
  Value value{};
  value.kind = Value::Kind::text;
  value.characters = text.data();
  value.size = text.size();
  return value;
}
constexpr Value list_value(const Value* items, std::size_t size) {
  Value value{};
  value.kind = Value::Kind::list;
  value.items = items;
  value.size = size;
  return value;
}
constexpr Value map_value(const MapEntry* entries, std::size_t size) {
  Value value{};
  value.kind = Value::Kind::map;
  value.entries = entries;
  value.size = size;
  return value;
}
/// `message` must be static text.
constexpr Value problem_value(const char* message) {
  Value value{};
  value.kind = Value::Kind::problem;
  value.message = message;
  return value;
}

namespace problem {
inline constexpr const char* no_overload = "it mixes kinds of values that do not go together";
inline constexpr const char* absent = "it compares a date or a text that is not there";
inline constexpr const char* overflow = "a number becomes too large";
inline constexpr const char* division = "it divides by zero";
inline constexpr const char* no_key = "a map has no such key";
inline constexpr const char* no_field = "a value has no such field";
inline constexpr const char* no_index = "a list has no item at that position";
inline constexpr const char* repeated_key = "a map has the same key twice";
inline constexpr const char* bad_key = "a map's key is neither a text, a whole number nor true or false";
inline constexpr const char* conversion = "a value cannot be converted";
inline constexpr const char* range = "a value is out of range";
inline constexpr const char* zone = "a time zone is not known";
inline constexpr const char* pattern = "a pattern of matches() cannot be read";
inline constexpr const char* no_calendar = "working days are counted where no calendar is known";
inline constexpr const char* cost = "it takes too many steps";
inline constexpr const char* memory = "it needs too much memory";
inline constexpr const char* unknown_function = "it calls a function that does not exist";
inline constexpr const char* unknown_name = "it uses a name that does not exist";
inline constexpr const char* not_boolean = "it is neither true nor false";
}  // namespace problem

struct DayReader;

/// What an equality may cost, since values that share their parts can be far larger than the memory they take.
struct Comparison {
  const DayReader& days;      // turns a day into the timestamp that it stands for
  std::size_t steps_left;     // one for each pair of values looked at, and for each 64 bytes of text
  bool is_exhausted = false;  // then the answer means nothing

  bool spend(std::size_t steps) {
    is_exhausted = is_exhausted || steps > steps_left;
    steps_left -= is_exhausted ? 0 : steps;
    return !is_exhausted;
  }
};

/// CEL's equality over any two values that are no problems: numbers by their value, maps unordered, different kinds
/// unequal.
bool equal(const Value& left, const Value& right, Comparison& comparison);

/// CEL's order: -1, 0 or 1; `incomparable` for kinds that have none together, and 2 for a NaN.
inline constexpr int incomparable = 3;
inline constexpr int unordered = 2;
int compare(const Value& left, const Value& right, const DayReader& days);

}  // namespace chaser::rulebook::cel
