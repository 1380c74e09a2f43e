#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/cel_program.h"

namespace chaser::rulebook::cel {
namespace {

/// Types as values: int, type(1) == int.
constexpr std::array<std::string_view, 13> types{"bool", "bytes", "double",    "duration", "dyn",       "int", "uint",
                                                 "list", "map",   "null_type", "string",   "timestamp", "type"};
constexpr std::array<std::string_view, 2> functions{"type", "bytes"};
/// Before the dot of CEL's extension libraries: math.greatest(1, 2), optional.of(1).
constexpr std::array<std::string_view, 9> libraries{"base64", "cel",      "lists", "math",   "net",
                                                    "proto",  "optional", "sets",  "strings"};
/// Behind the dot: those of the extension libraries for texts, lists, optional values and macros.
constexpr std::array<std::string_view, 31> members{
    "charAt",   "distinct",  "existsOne",     "first",        "flatten",           "format",     "getExt",     "hasExt",
    "hasValue", "indexOf",   "join",          "last",         "lastIndexOf",       "lowerAscii", "optFlatMap", "optMap",
    "or",       "orValue",   "quote",         "replace",      "reverse",           "slice",      "sort",       "sortBy",
    "split",    "substring", "transformList", "transformMap", "transformMapEntry", "trim",       "upperAscii"};

template <std::size_t size>
bool is_among(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_known(const Expr& name, const Environment& environment, std::span<const std::string> locals) {
  return resolve(name.name, environment, locals_for(name, locals)).kind != Resolution::Kind::unknown;
}

const Expr& first_name(const Expr& expr) {
  const Expr* first = &expr;
  while (first->kind == ExprKind::select) first = first->args.front().get();
  return *first;
}

/// What to call the part of CEL that `expr` uses, such as "type() is"; "" if it is inside.
std::string outside_part(const Expr& expr, const Environment& environment, std::span<const std::string> locals) {
  if (expr.kind == ExprKind::name && is_among(types, expr.name) && !is_known(expr, environment, locals)) {
    return fmt::format("types as values ({}) are", expr.name);
  }
  if (expr.kind == ExprKind::select) {
    const std::string name = dotted_name(expr);
    const bool is_message = name.starts_with("google.protobuf.") || name.starts_with("google.rpc.");
    return is_message && !is_known(first_name(expr), environment, locals)
               ? fmt::format("messages and their types ({}) are", name)
               : "";
  }
  if (expr.kind != ExprKind::call) return "";
  if (!expr.member) return is_among(functions, expr.name) ? fmt::format("{}() is", expr.name) : "";
  const Expr& object = *expr.args.front();
  if (object.kind == ExprKind::name && is_among(libraries, object.name) && !is_known(object, environment, locals)) {
    return fmt::format("{}.{}() is", object.name, expr.name);
  }
  return is_among(members, expr.name) ? fmt::format(".{}() is", expr.name) : "";
}

class Refusal {
 public:
  Refusal(const Environment& environment, std::vector<Complaint>& complaints)
      : environment_(environment), complaints_(complaints) {}

  void look_at(const Expr& expr) {
    const std::string part = outside_part(expr, environment_, locals_);
    if (!part.empty()) {
      complaints_.push_back({expr.token, part + " not part of conditions here", {}, true});
      if (expr.kind == ExprKind::select) return;
    }
    const bool is_library = !part.empty() && expr.member && expr.args.front()->kind == ExprKind::name;
    for (std::size_t i = is_library ? 1 : 0; i < expr.args.size(); ++i) {
      if (expr.kind == ExprKind::macro && i == 1) locals_.push_back(expr.variable);
      look_at(*expr.args[i]);
    }
    if (expr.kind == ExprKind::macro) locals_.pop_back();
  }

 private:
  const Environment& environment_;
  std::vector<Complaint>& complaints_;
  std::vector<std::string> locals_;
};

}  // namespace

bool is_outside(const Expr& expr, const Environment& environment, std::span<const std::string> locals) {
  return !outside_part(expr, environment, locals).empty();
}

void refuse_outside(const Expr& root, const Environment& environment, std::vector<Complaint>& complaints) {
  Refusal{environment, complaints}.look_at(root);
}

}  // namespace chaser::rulebook::cel
