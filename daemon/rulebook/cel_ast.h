#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/cel_value.h"

namespace chaser::rulebook::cel {

/// Bytes [begin, end) of the condition's text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// What is wrong with a condition, and where in its text; compile_condition places it in the file.
struct Complaint {
  Span at;
  std::string message;
  std::vector<std::string> notes{};
  bool outside = false;  // it uses a part of CEL that conditions leave out
};

enum class ExprKind : std::uint8_t {
  literal,      // `literal`
  name,         // `name`: a variable, or the first part of a dotted one
  select,       // args[0] . name
  presence,     // has(args[0].name): args[0] is what stands before the dot
  call,         // name(args...) or args[0].name(rest...) if `member`; operators are "_+_", "-_", "!_", "_[_]", "_in_"
  list,         // args
  map,          // args: key, value, key, value ...
  conditional,  // args[0] ? args[1] : args[2]
  all_of,       // args[0] && args[1] && ...
  any_of,       // args[0] || args[1] || ...
  macro,        // args[0].name(variable, args[1..]): all, exists, exists_one, filter, map
};

/// A node of the syntax tree with its places.
struct Expr {
  ExprKind kind = ExprKind::literal;
  Span whole;            // from its first to its last token
  Span token;            // the token that stands for it: the operator, the name
  Value literal{};       // its texts live in the Syntax
  std::string name;      // variable, field, function or macro
  std::string variable;  // of a macro
  Span variable_at;      // of a macro
  bool member = false;   // of a call
  bool rooted = false;   // of a name: written .name, so that no variable of a macro is meant
  bool grouped = false;  // it stands in parentheses, so that it is no part of a dotted name
  int depth = 1;
  std::size_t macros = 0;  // that stand within each other in it, at most
  std::vector<std::unique_ptr<Expr>> args;
};

/// A parsed condition. Owns the texts of its literals.
struct Syntax {
  std::unique_ptr<Expr> root;
  std::deque<std::string> texts;
};

inline constexpr std::size_t text_size_most = 4096;
inline constexpr int depth_most = 100;
inline constexpr int nodes_most = 2000;
/// Macros within macros: how many of their variables can be alive at once.
inline constexpr std::size_t locals_most = 16;

/// Parses by the CEL grammar. On an error of syntax: no root, and exactly one complaint is added.
Syntax parse(std::string_view text, std::vector<Complaint>& complaints);

}  // namespace chaser::rulebook::cel
