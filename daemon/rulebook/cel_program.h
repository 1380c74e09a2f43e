#pragma once

#include <bitset>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rulebook/cel_ast.h"
#include "rulebook/cel_functions.h"
#include "rulebook/cel_value.h"
#include "rulebook/condition.h"

namespace re2 {
class RE2;
}

namespace chaser::rulebook::cel {

/// A name given from outside the vocabulary (conformance cases): its value, of type dyn to the checker.
struct Binding {
  std::string name;
  Value value;
};

/// What a condition may speak of. The referred outlive the compilation.
struct Environment {
  bool facts = true;  // the vocabulary of vocabulary.h
  bool own_functions = true;
  bool checked = true;           // false: types are left to the evaluation, as for `disable_check` cases
  bool literals_checked = true;  // false: so are dates, patterns and zones that are written out wrongly
  std::span<const std::string> statuses;
  std::span<const Binding> bindings;
  const ZoneLookup* zones = nullptr;  // for named time zones; nullptr: only UTC and fixed offsets
};

enum class Op : std::uint8_t {
  constant,
  fact,
  binding,
  local,
  select,
  presence,
  fact_presence,
  call,
  list,
  map,
  conditional,
  all_of,
  any_of,
  negation,
  equals,
  differs,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in,
  index,
  matches,
  fact_is,
  fact_is_not,
  fact_among,
  all,
  exists,
  exists_one,
  filter,
  transform,
};

/// A node of a compiled condition.
struct Code {
  Op op = Op::constant;
  std::uint16_t slot = 0;    // of fact, binding, local and of the variable of a macro
  std::uint32_t weight = 1;  // nodes in it, for the limit on cost
  Value constant{};          // of constant; the text of fact_is; the field's name of select and presence
  const Function* function = nullptr;
  std::vector<Code> args;
  std::vector<std::string_view> texts;      // of fact_among
  std::shared_ptr<const re2::RE2> pattern;  // of matches
};

/// A compiled condition with all it refers to.
struct Program {
  Syntax syntax;
  Code root;
  std::deque<std::vector<Value>> lists;
  std::deque<std::vector<MapEntry>> maps;
  std::vector<std::pair<std::string, calendar::Zone>> zones;  // named ones, looked up once
  std::bitset<static_cast<std::size_t>(Fact::count_)> mentions;
};

/// Complaints about parts of CEL that conditions leave out, by name: the complaints' `outside`. The syntax tree knows
/// some more of them. Source: docs/decisions, "What conditions leave out of CEL".
void refuse_outside(const Expr& root, const Environment& environment, std::vector<Complaint>& complaints);
/// Whether refuse_outside complains about this very call or name.
bool is_outside(const Expr& expr, const Environment& environment, std::span<const std::string> locals);

/// Complaints of types and names; the condition's own type. Source: google/cel-spec, "Type checking".
Type check(const Expr& root, const Environment& environment, std::vector<Complaint>& complaints);

/// All of it: parses, refuses what is outside, checks if `environment` says so, and compiles. nullptr if anything is
/// complained about. `type`, if given, becomes the condition's own type.
std::shared_ptr<const Program> build(std::string_view text, const Environment& environment,
                                     std::vector<Complaint>& complaints, Type* type = nullptr);

/// Compiles a syntax tree; complains about literals that cannot be read (dates, patterns, zones).
std::shared_ptr<const Program> compile(Syntax syntax, const Environment& environment,
                                       std::vector<Complaint>& complaints);

/// What a name or dotted name stands for. A macro's variable hides facts and bindings.
struct Resolution {
  enum class Kind : std::uint8_t { unknown, fact, binding, local } kind = Kind::unknown;
  std::size_t slot = 0;
};
/// `name` is dotted; `locals` are the macros' variables in force, innermost last.
Resolution resolve(std::string_view name, const Environment& environment, std::span<const std::string> locals);
/// "a.b.c" of nested selections that begin with a name; "" of all else, and where parentheses part them.
std::string dotted_name(const Expr& expr);
/// Those of `locals` that the dotted name `expr` can mean: none if it is written ".a.b".
std::span<const std::string> locals_for(const Expr& expr, std::span<const std::string> locals);

}  // namespace chaser::rulebook::cel
