#include "rulebook/cel_value.h"

#include <cmath>

#include "rulebook/cel_time.h"

namespace chaser::rulebook::cel {
namespace {

template <class T>
int order(T left, T right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

double to_real(const Value& number) {
  if (number.kind == Value::Kind::integer) return static_cast<double>(number.integer);
  if (number.kind == Value::Kind::unsigned_integer) return static_cast<double>(number.natural);
  return number.real;
}

/// By value across kinds. A whole number beside a double is compared as a double, as the specification's
/// implementations do.
int compare_numbers(const Value& left, const Value& right) {
  using Kind = Value::Kind;
  if (left.kind == Kind::real || right.kind == Kind::real) {
    const double a = to_real(left);
    const double b = to_real(right);
    return std::isnan(a) || std::isnan(b) ? unordered : order(a, b);
  }
  if (left.kind == right.kind) {
    return left.kind == Kind::integer ? order(left.integer, right.integer) : order(left.natural, right.natural);
  }
  if (left.kind == Kind::integer) {
    return left.integer < 0 ? -1 : order(static_cast<std::uint64_t>(left.integer), right.natural);
  }
  return right.integer < 0 ? 1 : order(left.natural, static_cast<std::uint64_t>(right.integer));
}

bool is_moment(const Value& value) {
  return value.is(Value::Kind::day) || value.is(Value::Kind::timestamp);
}

int compare_moments(const Value& left, const Value& right, const DayReader& days) {
  if (left.kind == right.kind && left.is(Value::Kind::day)) return order(left.integer, right.integer);
  const Value a = left.is(Value::Kind::day) ? days.timestamp(left) : left;
  const Value b = right.is(Value::Kind::day) ? days.timestamp(right) : right;
  if (a.is_problem() || b.is_problem()) return incomparable;
  return a.integer != b.integer ? order(a.integer, b.integer) : order(a.size, b.size);
}

bool equal_lists(const Value& left, const Value& right, Comparison& comparison) {
  if (left.size != right.size) return false;
  for (std::size_t i = 0; i < left.size; ++i) {
    if (!equal(left.item(i), right.item(i), comparison)) return false;
  }
  return true;
}

bool equal_maps(const Value& left, const Value& right, Comparison& comparison) {
  if (left.size != right.size) return false;
  for (std::size_t i = 0; i < left.size; ++i) {
    const Value* found = nullptr;
    for (std::size_t j = 0; j < right.size && found == nullptr && !comparison.is_exhausted; ++j) {
      if (equal(left.entries[i].key, right.entries[j].key, comparison)) found = &right.entries[j].value;
    }
    if (found == nullptr || !equal(left.entries[i].value, *found, comparison)) return false;
  }
  return true;
}

}  // namespace

Value Value::item(std::size_t index) const {
  return kind == Kind::list ? items[index] : text_value(strings[index]);
}

bool equal(const Value& left, const Value& right, Comparison& comparison) {
  using Kind = Value::Kind;
  if (!comparison.spend(1)) return false;
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) == 0;
  if (is_moment(left) && is_moment(right)) return compare_moments(left, right, comparison.days) == 0;
  if (left.is_list() && right.is_list()) return equal_lists(left, right, comparison);
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return left.boolean == right.boolean;
    case Kind::text:
      return left.size == right.size && comparison.spend(left.size / 64) && left.text() == right.text();
    case Kind::duration:
      return left.integer == right.integer;
    case Kind::map:
      return equal_maps(left, right, comparison);
    default:
      return false;
  }
}

int compare(const Value& left, const Value& right, const DayReader& days) {
  using Kind = Value::Kind;
  if (left.is_number() && right.is_number()) return compare_numbers(left, right);
  if (is_moment(left) && is_moment(right)) return compare_moments(left, right, days);
  if (left.kind != right.kind) return incomparable;
  switch (left.kind) {
    case Kind::boolean:
      return order(left.boolean, right.boolean);
    case Kind::text:
      return order(left.text().compare(right.text()), 0);
    case Kind::duration:
      return order(left.integer, right.integer);
    default:
      return incomparable;
  }
}

}  // namespace chaser::rulebook::cel
