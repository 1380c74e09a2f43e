#include "rulebook/cel_types.h"

#include <utility>

namespace chaser::rulebook::cel {
namespace {

std::string plural(const Type& type) {
  switch (type.tag) {
    case Tag::integer:
    case Tag::natural:
    case Tag::real:
      return "numbers";
    case Tag::text:
      return "texts";
    case Tag::timestamp:
      return "dates";
    case Tag::list:
      return "lists";
    case Tag::map:
      return "maps";
    default:
      return "values";
  }
}

}  // namespace

Type list_of(Type item) {
  Type type{Tag::list};
  type.of.push_back(std::move(item));
  return type;
}

Type map_of(Type key, Type value) {
  Type type{Tag::map};
  type.of.push_back(std::move(key));
  type.of.push_back(std::move(value));
  return type;
}

bool comparable(const Type& left, const Type& right) {
  if (left.is_open() || right.is_open()) return true;
  if (left.is(Tag::null) || right.is(Tag::null)) {
    const Type& other = left.is(Tag::null) ? right : left;
    return other.is(Tag::null) || other.may_be_absent || other.is(Tag::timestamp) || other.is(Tag::duration);
  }
  if (left.tag != right.tag) return false;
  for (std::size_t i = 0; i < left.of.size() && i < right.of.size(); ++i) {
    if (!comparable(left.of[i], right.of[i])) return false;
  }
  return true;
}

Type joined(const Type& left, const Type& right) {
  if (left.is(Tag::problem)) return left;
  if (right.is(Tag::problem)) return right;
  if (left.tag != right.tag) {
    Type absent = left.is(Tag::null) ? right : left;
    absent.may_be_absent = true;
    const bool one_is_null = left.is(Tag::null) || right.is(Tag::null);
    return one_is_null && absent.is(Tag::timestamp) ? absent : Type{};
  }
  Type result{left.tag};
  result.may_be_absent = left.may_be_absent || right.may_be_absent;
  if (left.domain == right.domain) result.domain = left.domain;
  for (std::size_t i = 0; i < left.of.size() && i < right.of.size(); ++i) {
    result.of.push_back(joined(left.of[i], right.of[i]));
  }
  return result;
}

std::string describe(const Type& type) {
  switch (type.tag) {
    case Tag::null:
      return "null (nothing)";
    case Tag::boolean:
      return "true or false";
    case Tag::integer:
      return "a whole number";
    case Tag::natural:
      return "an unsigned whole number";
    case Tag::real:
      return "a decimal number";
    case Tag::text:
      return "a text";
    case Tag::list:
      return "a list of " + plural(type.item());
    case Tag::map:
      return "a map";
    case Tag::timestamp:
      return "a date";
    case Tag::duration:
      return "a length of time";
    default:
      return "any value";
  }
}

}  // namespace chaser::rulebook::cel
