#include "rulebook/cel_evaluation.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>

namespace chaser::rulebook::cel {
namespace {

using Kind = Value::Kind;
constexpr std::size_t arguments_most = 4;

Truth truth_of(const Value& value) {
  if (value.is(Kind::boolean)) return {value.boolean, nullptr};
  return {false, value.is_problem() ? value.message : problem::not_boolean};
}

Value value_of(const Truth& truth) {
  return truth.problem != nullptr ? problem_value(truth.problem) : boolean_value(truth.value);
}

bool same(std::string_view left, std::string_view right) {
  return left.size() == right.size() && std::memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

std::optional<calendar::Zone> Evaluation::zone(std::string_view name) const {
  for (const auto& [known, zone] : program_.zones) {
    if (known == name) return zone;
  }
  return fixed_zone(name);
}

bool Evaluation::spend(std::size_t steps) {
  steps_ += steps;
  return steps_ <= steps_most;
}

void* Evaluation::bytes(std::size_t size, std::size_t alignment) {
  allocated_ += size;
  if (allocated_ > bytes_most || !spend(size / 64)) return nullptr;
  if (!arena_) arena_.emplace(1024);
  return arena_->allocate(std::max<std::size_t>(size, 1), alignment);
}

Value Evaluation::text(std::string_view copied) {
  char* const into = allocate<char>(copied.size());
  if (into == nullptr) return problem_value(problem::memory);
  std::copy(copied.begin(), copied.end(), into);
  return text_value({into, copied.size()});
}

Value Evaluation::fact(std::size_t slot) const {
  if (facts_ == nullptr) return problem_value(problem::unknown_name);
  const FactValue& fact = facts_->values[slot];
  switch (fact.kind) {
    case FactValue::Kind::null:
      return null_value();
    case FactValue::Kind::boolean:
      return boolean_value(fact.integer != 0);
    case FactValue::Kind::integer:
      return integer_value(fact.integer);
    case FactValue::Kind::real:
      return real_value(fact.real());
    case FactValue::Kind::text:
      return text_value(fact.text);
    case FactValue::Kind::texts: {
      Value value{};
      value.kind = Kind::texts;
      value.strings = fact.texts.data();
      value.size = fact.texts.size();
      return value;
    }
    case FactValue::Kind::day:
      return integer_value(fact.integer, Kind::day);
    case FactValue::Kind::instant: {
      constexpr std::int64_t second = 1'000'000;
      const std::int64_t rest = ((fact.integer % second) + second) % second;
      return timestamp_value((fact.integer - rest) / second, rest * 1000);
    }
  }
  return null_value();
}

bool Evaluation::fact_is(const Code& code) const {
  const FactValue& fact = facts_->values[code.slot];
  return fact.kind == FactValue::Kind::text && same(fact.text, code.constant.text());
}

bool Evaluation::fact_among(const Code& code) const {
  const FactValue& fact = facts_->values[code.slot];
  if (fact.kind != FactValue::Kind::text) return false;
  for (const std::string_view text : code.texts) {
    if (same(fact.text, text)) return true;
  }
  return false;
}

Truth Evaluation::truth(const Code& code) {
  switch (code.op) {
    case Op::fact_is:
      return {fact_is(code), nullptr};
    case Op::fact_is_not:
      return {!fact_is(code), nullptr};
    case Op::fact_among:
      return {fact_among(code), nullptr};
    case Op::all_of:
      return all_of(code);
    case Op::any_of:
      return any_of(code);
    case Op::negation: {
      const Truth inner = truth(code.args[0]);
      return {inner.problem == nullptr && !inner.value, inner.problem};
    }
    default:
      return truth_of(value(code));
  }
}

Truth Evaluation::all_of(const Code& code) {
  const char* problem = nullptr;
  for (const Code& part : code.args) {
    const Truth each = truth(part);
    if (each.problem != nullptr) {
      if (problem == nullptr) problem = each.problem;
    } else if (!each.value) {
      return {false, nullptr};
    }
  }
  return {problem == nullptr, problem};
}

Truth Evaluation::any_of(const Code& code) {
  const char* problem = nullptr;
  for (const Code& part : code.args) {
    const Truth each = truth(part);
    if (each.problem != nullptr) {
      if (problem == nullptr) problem = each.problem;
    } else if (each.value) {
      return {true, nullptr};
    }
  }
  return {false, problem};
}

Value Evaluation::value(const Code& code) {
  switch (code.op) {
    case Op::constant:
      return code.constant;
    case Op::fact:
      return fact(code.slot);
    case Op::binding:
      return bindings_[code.slot].value;
    case Op::local:
      return locals_[code.slot];
    case Op::select: {
      const Value object = value(code.args[0]);
      return object.is_problem() ? object : field(object, code.constant.text());
    }
    case Op::presence:
      return presence(code);
    case Op::fact_presence:
      return boolean_value(facts_ != nullptr && facts_->values[code.slot].kind != FactValue::Kind::null);
    case Op::conditional: {
      const Truth condition = truth(code.args[0]);
      if (condition.problem != nullptr) return problem_value(condition.problem);
      return value(code.args[condition.value ? 1 : 2]);
    }
    case Op::call:
      return call(code);
    case Op::list:
      return list(code);
    case Op::map:
      return map(code);
    case Op::equals:
    case Op::differs:
      return equality(code);
    case Op::less:
    case Op::less_or_equal:
    case Op::greater:
    case Op::greater_or_equal:
      return ordering(code);
    case Op::in:
      return membership(code);
    case Op::index:
      return index(code);
    case Op::matches:
      return matching(code);
    case Op::fact_is:
    case Op::fact_is_not:
    case Op::fact_among:
    case Op::all_of:
    case Op::any_of:
    case Op::negation:
      return value_of(truth(code));
    case Op::all:
    case Op::exists:
    case Op::exists_one:
    case Op::filter:
    case Op::transform:
      return macro(code);
  }
  return problem_value(problem::no_overload);
}

Value Evaluation::field(const Value& object, std::string_view name) {
  if (!object.is(Kind::map)) return problem_value(problem::no_field);
  if (!spend(object.size)) return problem_value(problem::cost);
  for (std::size_t i = 0; i < object.size; ++i) {
    const MapEntry& entry = object.entries[i];
    if (entry.key.is(Kind::text) && entry.key.text() == name) return entry.value;
  }
  return problem_value(problem::no_key);
}

Value Evaluation::presence(const Code& code) {
  const Value object = value(code.args[0]);
  if (object.is_problem()) return object;
  const Value found = field(object, code.constant.text());
  if (found.is_problem() && found.message != problem::no_key) return found;
  return boolean_value(!found.is_problem());
}

Value Evaluation::index(const Code& code) {
  const Value object = value(code.args[0]);
  if (object.is_problem()) return object;
  const Value key = value(code.args[1]);
  if (key.is_problem()) return key;
  if (!object.is(Kind::map)) return item(object, key);
  for (std::size_t i = 0; i < object.size; ++i) {
    const std::optional<bool> found = are_equal(object.entries[i].key, key);
    if (!found) return problem_value(problem::cost);
    if (*found) return object.entries[i].value;
  }
  return problem_value(problem::no_key);
}

Value Evaluation::item(const Value& list, const Value& position) const {
  if (!list.is_list() || !position.is_number()) return problem_value(problem::no_overload);
  const Value length = integer_value(static_cast<std::int64_t>(list.size));
  if (compare(position, integer_value(0), days_) < 0 || compare(position, length, days_) != -1) {
    return problem_value(problem::no_index);
  }
  if (!position.is(Kind::real)) return list.item(static_cast<std::size_t>(position.natural));
  const auto whole = static_cast<std::size_t>(position.real);
  return static_cast<double>(whole) == position.real ? list.item(whole) : problem_value(problem::no_index);
}

std::optional<bool> Evaluation::are_equal(const Value& left, const Value& right) {
  const std::size_t steps_left = steps_most - std::min(steps_, steps_most);
  Comparison comparison{days_, steps_left};
  const bool result = equal(left, right, comparison);
  if (comparison.is_exhausted || !spend(steps_left - comparison.steps_left)) return std::nullopt;
  return result;
}

Value Evaluation::membership(const Code& code) {
  const Value needle = value(code.args[0]);
  if (needle.is_problem()) return needle;
  const Value range = value(code.args[1]);
  if (range.is_problem()) return range;
  if (!range.is_list() && !range.is(Kind::map)) return problem_value(problem::no_overload);
  for (std::size_t i = 0; i < range.size; ++i) {
    const std::optional<bool> found = are_equal(needle, range.is(Kind::map) ? range.entries[i].key : range.item(i));
    if (!found) return problem_value(problem::cost);
    if (*found) return boolean_value(true);
  }
  return boolean_value(false);
}

Value Evaluation::equality(const Code& code) {
  const Value left = value(code.args[0]);
  if (left.is_problem()) return left;
  const Value right = value(code.args[1]);
  if (right.is_problem()) return right;
  const std::optional<bool> result = are_equal(left, right);
  return result ? boolean_value(*result == (code.op == Op::equals)) : problem_value(problem::cost);
}

Value Evaluation::ordering(const Code& code) {
  const Value left = value(code.args[0]);
  if (left.is_problem()) return left;
  const Value right = value(code.args[1]);
  if (right.is_problem()) return right;
  const bool are_texts = left.is(Kind::text) && right.is(Kind::text);
  if (are_texts && !spend(std::min(left.size, right.size) / 64)) return problem_value(problem::cost);
  const int order = compare(left, right, days_);
  if (order == incomparable) {
    const bool is_absent = left.is(Kind::null) || right.is(Kind::null);
    return problem_value(is_absent ? problem::absent : problem::no_overload);
  }
  if (order == unordered) return boolean_value(false);
  switch (code.op) {
    case Op::less:
      return boolean_value(order < 0);
    case Op::less_or_equal:
      return boolean_value(order <= 0);
    case Op::greater:
      return boolean_value(order > 0);
    default:
      return boolean_value(order >= 0);
  }
}

Value Evaluation::matching(const Code& code) {
  const Value text = value(code.args[0]);
  if (text.is_problem()) return text;
  if (!text.is(Kind::text)) return problem_value(problem::no_overload);
  if (!spend(pattern_steps(text.size, *code.pattern))) return problem_value(problem::cost);
  return boolean_value(re2::RE2::PartialMatch(re2::StringPiece(text.characters, text.size), *code.pattern));
}

Value Evaluation::call(const Code& code) {
  if (code.function == nullptr || code.args.size() > arguments_most) return problem_value(problem::unknown_function);
  Value arguments[arguments_most];
  for (std::size_t i = 0; i < code.args.size(); ++i) {
    arguments[i] = value(code.args[i]);
    if (arguments[i].is_problem()) return arguments[i];
  }
  const Value result = code.function->call(code.function->name, {arguments, code.args.size()}, *this);
  const bool refused = result.is_problem() && result.message == problem::no_overload;
  const auto is_null = [](const Value& argument) { return argument.is(Kind::null); };
  if (refused && std::any_of(arguments, arguments + code.args.size(), is_null)) return problem_value(problem::absent);
  return result;
}

Value Evaluation::list(const Code& code) {
  Value* const items = allocate<Value>(code.args.size());
  if (items == nullptr) return problem_value(problem::memory);
  for (std::size_t i = 0; i < code.args.size(); ++i) {
    items[i] = value(code.args[i]);
    if (items[i].is_problem()) return items[i];
  }
  return list_value(items, code.args.size());
}

Value Evaluation::map(const Code& code) {
  const std::size_t size = code.args.size() / 2;
  MapEntry* const entries = allocate<MapEntry>(size);
  if (entries == nullptr) return problem_value(problem::memory);
  for (std::size_t i = 0; i < size; ++i) {
    const Value key = value(code.args[2 * i]);
    if (key.is_problem()) return key;
    const bool is_key =
        key.is(Kind::text) || key.is(Kind::integer) || key.is(Kind::unsigned_integer) || key.is(Kind::boolean);
    if (!is_key) return problem_value(problem::bad_key);
    entries[i] = {key, value(code.args[2 * i + 1])};
    if (entries[i].value.is_problem()) return entries[i].value;
    for (std::size_t j = 0; j < i; ++j) {
      const std::optional<bool> is_repeated = are_equal(key, entries[j].key);
      if (!is_repeated) return problem_value(problem::cost);
      if (*is_repeated) return problem_value(problem::repeated_key);
    }
  }
  return map_value(entries, size);
}

Value Evaluation::macro(const Code& code) {
  const Value range = value(code.args[0]);
  if (range.is_problem()) return range;
  if (!range.is_list() && !range.is(Kind::map)) return problem_value(problem::no_overload);
  switch (code.op) {
    case Op::all:
    case Op::exists:
      return quantified(code, range);
    case Op::exists_one:
      return exactly_one(code, range);
    case Op::filter:
      return filtered(code, range);
    default:
      return transformed(code, range);
  }
}

namespace {
Value element(const Value& range, std::size_t index) {
  return range.is(Kind::map) ? range.entries[index].key : range.item(index);
}
}  // namespace

Value Evaluation::quantified(const Code& code, const Value& range) {
  const bool wanted = code.op == Op::exists;  // the answer that one element settles
  const char* problem = nullptr;
  for (std::size_t i = 0; i < range.size; ++i) {
    if (!spend(code.weight)) return problem_value(problem::cost);
    locals_[code.slot] = element(range, i);
    const Truth each = truth(code.args[1]);
    if (each.problem != nullptr) {
      if (problem == nullptr) problem = each.problem;
    } else if (each.value == wanted) {
      return boolean_value(wanted);
    }
  }
  return problem != nullptr ? problem_value(problem) : boolean_value(!wanted);
}

Value Evaluation::exactly_one(const Code& code, const Value& range) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < range.size; ++i) {
    if (!spend(code.weight)) return problem_value(problem::cost);
    locals_[code.slot] = element(range, i);
    const Truth each = truth(code.args[1]);
    if (each.problem != nullptr) return problem_value(each.problem);
    found += each.value ? 1 : 0;
  }
  return boolean_value(found == 1);
}

Value Evaluation::filtered(const Code& code, const Value& range) {
  Value* const items = allocate<Value>(range.size);
  if (items == nullptr) return problem_value(problem::memory);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < range.size; ++i) {
    if (!spend(code.weight)) return problem_value(problem::cost);
    locals_[code.slot] = element(range, i);
    const Truth each = truth(code.args[1]);
    if (each.problem != nullptr) return problem_value(each.problem);
    if (each.value) items[kept++] = element(range, i);
  }
  return list_value(items, kept);
}

Value Evaluation::transformed(const Code& code, const Value& range) {
  Value* const items = allocate<Value>(range.size);
  if (items == nullptr) return problem_value(problem::memory);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < range.size; ++i) {
    if (!spend(code.weight)) return problem_value(problem::cost);
    locals_[code.slot] = element(range, i);
    if (code.args.size() == 3) {
      const Truth each = truth(code.args[1]);
      if (each.problem != nullptr) return problem_value(each.problem);
      if (!each.value) continue;
    }
    items[kept] = value(code.args.back());
    if (items[kept].is_problem()) return items[kept];
    ++kept;
  }
  return list_value(items, kept);
}

}  // namespace chaser::rulebook::cel
