#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/time.h"
#include "rulebook/cel_types.h"
#include "rulebook/cel_value.h"

namespace re2 {
class RE2;
}

namespace chaser::rulebook::cel {

class Evaluation;

/// Finds a named time zone; app/ gives one, since the core loads none.
using ZoneLookup = std::function<std::optional<calendar::Zone>(const std::string&)>;

/// One way to call a function; `dyn` takes anything. A member's receiver is its first parameter.
struct Signature {
  bool member = false;
  std::vector<Tag> parameters;
  Tag result = Tag::dyn;
};

/// A function or operator of the language. `call` sees no problems among its arguments and answers `no_overload` for
/// kinds that it has no signature for.
struct Function {
  std::string_view name;
  Value (*call)(std::string_view name, std::span<const Value> arguments, Evaluation& evaluation);
  std::vector<Signature> signatures;
  bool own = false;    // Chaser's, not CEL's
  bool daily = false;  // its value depends on today
};

/// nullptr if there is none. Operators are "_+_", "_-_", "_*_", "_/_", "_%_", "-_".
const Function* find_function(std::string_view name);
/// The names that can be called, for suggestions.
std::vector<std::string> function_names();

inline constexpr std::size_t pattern_size_most = 1000;
inline constexpr std::int64_t pattern_memory_most = std::int64_t{1} << 20;

/// What matching costs: RE2 is linear in the text, times the pattern's size where its automaton outgrows its memory.
std::size_t pattern_steps(std::size_t text_size, const re2::RE2& pattern);

/// A pattern for matches(); not ok() if it cannot be read, is too long or needs too much memory.
std::shared_ptr<const re2::RE2> compile_pattern(std::string_view pattern);

}  // namespace chaser::rulebook::cel
