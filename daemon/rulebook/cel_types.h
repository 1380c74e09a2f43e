#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chaser::rulebook::cel {

/// A type of the checker. `dyn` goes with everything; `problem` is what a reported error leaves, so that it is not
/// reported again further up.
enum class Tag : std::uint8_t {
  dyn,
  null,
  boolean,
  integer,
  natural,
  real,
  text,
  list,
  map,
  timestamp,
  duration,
  problem
};

/// Texts that come from a fixed set of words, so that a comparison with any other is a mistake.
enum class Domain : std::uint8_t { none, status, kind, precision, rag };

struct Type {
  Tag tag = Tag::dyn;
  std::vector<Type> of{};  // list: its items; map: keys and values
  Domain domain = Domain::none;
  bool may_be_absent = false;  // a fact that can be null

  bool is(Tag other) const { return tag == other; }
  bool is_open() const { return tag == Tag::dyn || tag == Tag::problem; }
  bool is_number() const { return tag == Tag::integer || tag == Tag::natural || tag == Tag::real; }
  Type item() const { return of.empty() ? Type{} : of.back(); }
};

Type list_of(Type item);
Type map_of(Type key, Type value);

/// Whether values of both can be equal: the same kind, or one of them open, or null beside what may be absent.
bool comparable(const Type& left, const Type& right);
/// What holds either: the same type, or `dyn` where they differ.
Type joined(const Type& left, const Type& right);
/// In the coordinator's words: "a date", "a list of texts".
std::string describe(const Type& type);

}  // namespace chaser::rulebook::cel
