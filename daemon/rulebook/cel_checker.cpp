#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "documents/problems.h"
#include "rulebook/cel_program.h"
#include "rulebook/cel_time.h"
#include "rulebook/vocabulary.h"

namespace chaser::rulebook::cel {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

struct OperatorWords {
  std::string_view function;
  std::string_view sign;
};
constexpr std::array<OperatorWords, 6> arithmetic_words{
    {{"_+_", "+"}, {"_-_", "-"}, {"_*_", "*"}, {"_/_", "/"}, {"_%_", "%"}, {"-_", "-"}}};

std::string_view sign_of(std::string_view function) {
  for (const OperatorWords& words : arithmetic_words) {
    if (words.function == function) return words.sign;
  }
  return function;
}

class Checker {
 public:
  Checker(const Environment& environment, std::vector<Complaint>& complaints)
      : environment_(environment), complaints_(complaints) {}

  Type check(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::literal:
        return literal(expr);
      case ExprKind::name:
      case ExprKind::select:
        return reference(expr);
      case ExprKind::presence:
        return presence(expr);
      case ExprKind::call:
        return call(expr);
      case ExprKind::list:
        return list(expr);
      case ExprKind::map:
        return map(expr);
      case ExprKind::conditional:
        return conditional(expr);
      case ExprKind::all_of:
      case ExprKind::any_of:
        for (const auto& part : expr.args) expect_boolean(*part, expr.kind == ExprKind::all_of ? "&&" : "||");
        return {Tag::boolean};
      case ExprKind::macro:
        return macro(expr);
    }
    return {};
  }

 private:
  Type complain(Span at, std::string message, std::vector<std::string> notes = {}) {
    complaints_.push_back({at, std::move(message), std::move(notes)});
    return {Tag::problem};
  }

  static Type literal(const Expr& expr) {
    switch (expr.literal.kind) {
      case Value::Kind::null:
        return {Tag::null};
      case Value::Kind::boolean:
        return {Tag::boolean};
      case Value::Kind::integer:
        return {Tag::integer};
      case Value::Kind::unsigned_integer:
        return {Tag::natural};
      case Value::Kind::real:
        return {Tag::real};
      default:
        return {Tag::text};
    }
  }

  /// Of `expr`, whose dotted name is `name`.
  std::optional<Type> variable(const Expr& expr, std::string_view name) const {
    const Resolution found = resolve(name, environment_, locals_for(expr, locals_));
    switch (found.kind) {
      case Resolution::Kind::local:
        return local_types_[found.slot];
      case Resolution::Kind::fact:
        return type_of(vocabulary()[found.slot]);
      case Resolution::Kind::binding:
        return Type{};
      case Resolution::Kind::unknown:
        break;
    }
    return std::nullopt;
  }

  Type reference(const Expr& expr) {
    const std::string name = dotted_name(expr);
    if (!name.empty()) {
      if (std::optional<Type> type = variable(expr, name)) return *std::move(type);
    }
    if (is_outside(expr, environment_, locals_)) return {Tag::problem};
    if (expr.kind == ExprKind::name) return unknown_name(expr);
    if (is_subject_of_facts(*expr.args.front())) return unknown_fact(expr, name);
    const Type object = check(*expr.args.front());
    if (object.is(Tag::map)) return object.item();
    if (object.is_open()) return object;
    return complain(expr.token, fmt::format("{} has no fields such as \"{}\"", describe(object), expr.name));
  }

  /// Whether it is `action`, `action.measure`, `plan` or `case` itself.
  bool is_subject_of_facts(const Expr& expr) const {
    const std::string name = environment_.facts ? dotted_name(expr) : "";
    return !name.empty() && is_subject(name) && !variable(expr, name);
  }

  Type unknown_name(const Expr& expr) {
    if (is_subject_of_facts(expr)) {
      const std::string first = expr.name == "action" ? "action.status" : fact_names(expr.name + ".").front();
      return complain(expr.token, fmt::format("name one fact of it, such as {}", first),
                      {"facts: " + listed(fact_names(expr.name + "."))});
    }
    if (environment_.facts && find_fact("action." + expr.name) != nullptr) {
      return complain(expr.token, fmt::format("unknown name \"{0}\"; did you mean action.{0}?", expr.name));
    }
    for (const Domain domain : {Domain::status, Domain::kind, Domain::precision}) {
      const std::vector<std::string> words = words_of(domain, environment_.statuses);
      if (std::find(words.begin(), words.end(), expr.name) == words.end()) continue;
      return complain(expr.token, fmt::format("a text goes in quotes: \"{}\"", expr.name));
    }
    std::vector<std::string> known(locals_.begin(), locals_.end());
    known.insert(known.end(), {"action", "plan", "case", "now", "today"});
    std::string meant = documents::did_you_mean(expr.name, known);
    if (meant.empty()) meant = documents::did_you_mean("action." + expr.name, fact_names("action."));
    return complain(expr.token, fmt::format("unknown name \"{}\"{}", expr.name, meant),
                    {"a condition speaks of action, plan, case, now and today; texts go in quotes"});
  }

  Type unknown_fact(const Expr& expr, const std::string& name) {
    const std::vector<std::string> known = fact_names(dotted_name(*expr.args.front()) + ".");
    return complain(expr.token, fmt::format("there is no {}{}", name, documents::did_you_mean(name, known)),
                    {"facts: " + listed(known)});
  }

  Type presence(const Expr& expr) {
    const Expr& object = *expr.args.front();
    if (is_subject_of_facts(object)) {
      const std::string subject = dotted_name(object);
      const std::string name = subject + "." + expr.name;
      if (find_fact(name) != nullptr) return {Tag::boolean};
      const std::vector<std::string> known = fact_names(subject + ".");
      complain(expr.token, fmt::format("there is no {}{}", name, documents::did_you_mean(name, known)),
               {"facts: " + listed(known)});
      return {Tag::boolean};
    }
    const Type type = check(object);
    if (!type.is(Tag::map) && !type.is_open()) {
      complain(expr.token, fmt::format("{} has no fields such as \"{}\"", describe(type), expr.name));
    }
    return {Tag::boolean};
  }

  void expect_boolean(const Expr& expr, std::string_view sign) {
    const Type type = check(expr);
    if (type.is(Tag::boolean) || type.is_open()) return;
    complain(expr.whole, fmt::format("\"{}\" needs true or false on both sides; this is {}", sign, describe(type)));
  }

  Type list(const Expr& expr) {
    std::optional<Type> item;
    for (const auto& each : expr.args) {
      const Type type = check(*each);
      item = item ? joined(*item, type) : type;
    }
    return list_of(item.value_or(Type{}));
  }

  Type map(const Expr& expr) {
    std::optional<Type> key;
    std::optional<Type> value;
    for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
      const Type each = check(*expr.args[i]);
      const bool is_key = each.is_open() || each.is(Tag::text) || each.is(Tag::integer) || each.is(Tag::natural) ||
                          each.is(Tag::boolean);
      if (!is_key) complain(expr.args[i]->whole, "a map's key is a text, a whole number, or true or false");
      key = key ? joined(*key, each) : each;
      const Type content = check(*expr.args[i + 1]);
      value = value ? joined(*value, content) : content;
    }
    return map_of(key.value_or(Type{}), value.value_or(Type{}));
  }

  Type conditional(const Expr& expr) {
    const Type condition = check(*expr.args[0]);
    if (!condition.is(Tag::boolean) && !condition.is_open()) {
      complain(expr.args[0]->whole, fmt::format("before \"?\" stands true or false; this is {}", describe(condition)));
    }
    const Type yes = check(*expr.args[1]);
    const Type no = check(*expr.args[2]);
    if (!yes.is_open() && !no.is_open() && joined(yes, no).is(Tag::dyn)) {
      return complain(expr.token, fmt::format("both sides of \":\" must be of one kind; these are {} and {}",
                                              describe(yes), describe(no)));
    }
    return joined(yes, no);
  }

  Type macro(const Expr& expr) {
    const Type range = check(*expr.args[0]);
    if (!range.is_open() && !range.is(Tag::list) && !range.is(Tag::map)) {
      return complain(expr.token, fmt::format("{}() goes through a list; this is {}", expr.name, describe(range)));
    }
    if (locals_.size() >= locals_most) {
      return complain(expr.token, fmt::format("at most {} of these may stand within each other", locals_most));
    }
    Type element = range.is(Tag::list) ? range.item() : range.is(Tag::map) ? range.of.front() : Type{};
    locals_.push_back(expr.variable);
    local_types_.push_back(element);
    const bool transforms = expr.name == "map";
    if (!transforms || expr.args.size() == 3) {
      const Type predicate = check(*expr.args[1]);
      if (!predicate.is(Tag::boolean) && !predicate.is_open()) {
        complain(expr.args[1]->whole,
                 fmt::format("{}() asks a question of each item; this is {}", expr.name, describe(predicate)));
      }
    }
    const Type result = transforms ? list_of(check(*expr.args.back())) : Type{Tag::boolean};
    locals_.pop_back();
    local_types_.pop_back();
    return expr.name == "filter" ? list_of(element) : result;
  }

  Type call(const Expr& expr) {
    if (expr.name == "_==_" || expr.name == "_!=_") return equality(expr);
    if (expr.name == "_<_" || expr.name == "_<=_" || expr.name == "_>_" || expr.name == "_>=_") return ordering(expr);
    if (expr.name == "_in_") return membership(expr);
    if (expr.name == "_[_]") return index(expr);
    if (expr.name == "!_") {
      const Type type = check(*expr.args[0]);
      if (!type.is(Tag::boolean) && !type.is_open()) {
        complain(expr.args[0]->whole, fmt::format("\"!\" needs true or false; this is {}", describe(type)));
      }
      return {Tag::boolean};
    }
    if (is_outside(expr, environment_, locals_)) return outside_call(expr);
    std::vector<Type> types;
    for (const auto& each : expr.args) types.push_back(check(*each));
    const Function* const function = find_function(expr.name);
    if (function == nullptr || (function->own && !environment_.own_functions)) return unknown_function(expr);
    check_zone(expr, *function);
    return overload(expr, *function, types);
  }

  /// The call itself is complained about already; its arguments may hold mistakes of their own.
  Type outside_call(const Expr& expr) {
    const bool is_library = expr.member && expr.args.front()->kind == ExprKind::name;
    for (std::size_t i = is_library ? 1 : 0; i < expr.args.size(); ++i) check(*expr.args[i]);
    return {Tag::problem};
  }

  Type unknown_function(const Expr& expr) {
    return complain(expr.token, fmt::format("unknown function \"{}\"{}", expr.name,
                                            documents::did_you_mean(expr.name, function_names())));
  }

  static bool accepts(const Signature& signature, bool member, const std::vector<Type>& types) {
    if (signature.member != member || signature.parameters.size() != types.size()) return false;
    for (std::size_t i = 0; i < types.size(); ++i) {
      const Tag wanted = signature.parameters[i];
      if (wanted != Tag::dyn && !types[i].is_open() && !types[i].is(wanted)) return false;
    }
    return true;
  }

  Type overload(const Expr& expr, const Function& function, const std::vector<Type>& types) {
    std::optional<Type> result;
    for (const Signature& signature : function.signatures) {
      if (!accepts(signature, expr.member, types)) continue;
      result = result ? joined(*result, Type{signature.result}) : Type{signature.result};
    }
    if (result && result->is(Tag::list)) result->of.push_back(joined(types[0].item(), types[1].item()));
    if (result) return *result;
    return complain(expr.token, mismatch(expr, function, types), hint(expr, types));
  }

  static std::string mismatch(const Expr& expr, const Function& function, const std::vector<Type>& types) {
    const std::string_view sign = sign_of(expr.name);
    if (sign != expr.name) {
      if (types.size() == 1) return fmt::format("\"{}\" cannot be put before {}", sign, describe(types[0]));
      return fmt::format("\"{}\" cannot join {} and {}", sign, describe(types[0]), describe(types[1]));
    }
    const auto is_member = [](const Signature& signature) { return signature.member; };
    const auto& signatures = function.signatures;
    if (expr.member && std::none_of(signatures.begin(), signatures.end(), is_member)) {
      return fmt::format("write {0}(...), not something.{0}(...)", expr.name);
    }
    if (!expr.member && std::all_of(signatures.begin(), signatures.end(), is_member)) {
      return fmt::format("write something.{0}(...), not {0}(...)", expr.name);
    }
    std::string got;
    for (const Type& type : types) got += (got.empty() ? "" : ", ") + describe(type);
    return fmt::format("{}() cannot be used with {}", expr.name, got.empty() ? "nothing" : got);
  }

  static std::vector<std::string> hint(const Expr& expr, const std::vector<Type>& types) {
    const bool date_and_number = types.size() == 2 && (expr.name == "_+_" || expr.name == "_-_") &&
                                 (types[0].is(Tag::timestamp) || types[1].is(Tag::timestamp));
    if (date_and_number) return {"to count days: days_until(action.due) < 30; to add hours: now + duration(\"48h\")"};
    return {};
  }

  Type equality(const Expr& expr) {
    const Type left = check(*expr.args[0]);
    const Type right = check(*expr.args[1]);
    check_words(left, *expr.args[1]);
    check_words(right, *expr.args[0]);
    if (!comparable(left, right)) complain_of_comparison(expr, left, right);
    return {Tag::boolean};
  }

  Type ordering(const Expr& expr) {
    const Type left = check(*expr.args[0]);
    const Type right = check(*expr.args[1]);
    const auto has_order = [](const Type& type) {
      return !type.is(Tag::list) && !type.is(Tag::map) && !type.is(Tag::null);
    };
    const bool numbers = left.is_number() && right.is_number();
    if (has_order(left) && has_order(right) && (numbers || comparable(left, right))) return {Tag::boolean};
    complain_of_comparison(expr, left, right);
    return {Tag::boolean};
  }

  void complain_of_comparison(const Expr& expr, const Type& left, const Type& right) {
    std::vector<std::string> notes;
    const auto is_date_and = [&](Tag tag) {
      return (left.is(Tag::timestamp) && right.is(tag)) || (right.is(Tag::timestamp) && left.is(tag));
    };
    if (is_date_and(Tag::text)) notes.emplace_back("to name a day: date(\"2026-12-31\")");
    if (is_date_and(Tag::integer)) notes.emplace_back("to count days: days_until(action.due) < 30");
    complain(expr.token, fmt::format("{} cannot be compared with {}", describe(left), describe(right)),
             std::move(notes));
  }

  Type membership(const Expr& expr) {
    const Type needle = check(*expr.args[0]);
    const Type range = check(*expr.args[1]);
    const Expr& right = *expr.args[1];
    if (right.kind == ExprKind::list) {
      for (const auto& item : right.args) check_words(needle, *item);
    }
    if (range.is_open()) return {Tag::boolean};
    if (!range.is(Tag::list) && !range.is(Tag::map)) {
      std::vector<std::string> notes;
      if (range.is(Tag::text)) notes.emplace_back("to look inside a text: action.text.contains(\"grant\")");
      complain(expr.token, fmt::format("after \"in\" stands a list, as in [\"a\", \"b\"]; this is {}", describe(range)),
               std::move(notes));
      return {Tag::boolean};
    }
    const Type element = range.is(Tag::map) ? range.of.front() : range.item();
    if (!comparable(needle, element)) complain_of_comparison(expr, needle, element);
    return {Tag::boolean};
  }

  Type index(const Expr& expr) {
    if (is_subject_of_facts(*expr.args[0])) {
      const Expr& key = *expr.args[1];
      const bool is_text = key.kind == ExprKind::literal && key.literal.is(Value::Kind::text);
      return complain(expr.token, fmt::format("write {}.{}", expr.args[0]->name,
                                              is_text ? std::string(key.literal.text()) : "status"));
    }
    const Type object = check(*expr.args[0]);
    const Type key = check(*expr.args[1]);
    if (object.is_open()) return {};
    if (object.is(Tag::map)) {
      if (!comparable(key, object.of.front())) complain_of_comparison(expr, key, object.of.front());
      return object.item();
    }
    if (!object.is(Tag::list)) {
      return complain(expr.token, fmt::format("only lists and maps have items; this is {}", describe(object)));
    }
    if (!key.is_open() && !key.is(Tag::integer) && !key.is(Tag::natural)) {
      complain(expr.args[1]->whole, fmt::format("an item's position is a whole number; this is {}", describe(key)));
    }
    return object.item();
  }

  /// A text compared with a status, kind or precision must be one of its words.
  void check_words(const Type& type, const Expr& other) {
    if (type.domain == Domain::none || other.kind != ExprKind::literal || !other.literal.is(Value::Kind::text)) return;
    const std::vector<std::string> words = words_of(type.domain, environment_.statuses);
    const std::string got(other.literal.text());
    if (words.empty() || std::find(words.begin(), words.end(), got) != words.end()) return;
    const auto& [noun, note] = type.domain == Domain::status ? std::pair{"status", "statuses of this workflow: "}
                               : type.domain == Domain::kind ? std::pair{"kind", "kinds of timescale: "}
                               : type.domain == Domain::rag  ? std::pair{"colour", "colours: "}
                                                             : std::pair{"precision", "precisions: "};
    complain(other.whole, fmt::format("unknown {} \"{}\"{}", noun, got, documents::did_you_mean(got, words)),
             {note + listed(words)});
  }

  /// A time zone by name is found at load; every other would be a surprise later.
  void check_zone(const Expr& expr, const Function& function) {
    if (!function.name.starts_with("get") || expr.args.size() != 2) return;
    const Expr& zone = *expr.args[1];
    if (!environment_.literals_checked || zone.kind != ExprKind::literal || !zone.literal.is(Value::Kind::text)) return;
    const std::string name(zone.literal.text());
    if (fixed_zone(name) || (environment_.zones != nullptr && *environment_.zones && (*environment_.zones)(name)))
      return;
    complain(zone.whole, fmt::format("unknown time zone \"{}\"", name),
             {"zones are named as in \"Europe/London\", \"UTC\" or \"+01:00\""});
  }

  const Environment& environment_;
  std::vector<Complaint>& complaints_;
  std::vector<std::string> locals_;
  std::vector<Type> local_types_;
};

}  // namespace

std::string dotted_name(const Expr& expr) {
  if (expr.kind == ExprKind::name) return expr.name;
  const bool is_plain = expr.name.find_first_of(".-/ ") == std::string::npos;  // else it was written in backticks
  if (expr.kind != ExprKind::select || expr.args.front()->grouped || !is_plain) return "";
  const std::string before = dotted_name(*expr.args.front());
  return before.empty() ? "" : before + "." + expr.name;
}

std::span<const std::string> locals_for(const Expr& expr, std::span<const std::string> locals) {
  const Expr* first = &expr;
  while (first->kind == ExprKind::select) first = first->args.front().get();
  return first->rooted ? std::span<const std::string>{} : locals;
}

Resolution resolve(std::string_view name, const Environment& environment, std::span<const std::string> locals) {
  const std::string_view root = name.substr(0, name.find('.'));
  for (std::size_t i = locals.size(); i > 0; --i) {
    if (locals[i - 1] != root) continue;
    return name == root ? Resolution{Resolution::Kind::local, i - 1} : Resolution{};
  }
  for (std::size_t i = 0; i < environment.bindings.size(); ++i) {
    if (environment.bindings[i].name == name) return {Resolution::Kind::binding, i};
  }
  if (!environment.facts) return {};
  const FactEntry* const entry = find_fact(name);
  return entry == nullptr ? Resolution{} : Resolution{Resolution::Kind::fact, static_cast<std::size_t>(entry->fact)};
}

Type check(const Expr& root, const Environment& environment, std::vector<Complaint>& complaints) {
  return Checker{environment, complaints}.check(root);
}

}  // namespace chaser::rulebook::cel
