#pragma once

#include <cstddef>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>

#include "rulebook/cel_program.h"
#include "rulebook/cel_time.h"
#include "rulebook/condition.h"

namespace chaser::rulebook::cel {

/// One evaluation of a program. It allocates only where a value must be built (a text joined, a list filtered) and
/// stops with a problem at its limits of steps and memory. What it returns borrows from it, the program and the facts.
class Evaluation {
 public:
  static constexpr std::size_t steps_most = 1'000'000;
  static constexpr std::size_t bytes_most = std::size_t{1} << 20U;

  Evaluation(const Program& program, const Facts* facts, std::span<const Binding> bindings)
      : program_(program), facts_(facts), bindings_(bindings) {
    if (facts != nullptr) days_.zone = &facts->zone;
  }
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  Value value(const Code& code);
  Truth truth(const Code& code);

  const DayReader& days() const { return days_; }
  const Facts* facts() const { return facts_; }
  /// The zone of that name: fixed, or named in the program; nothing if it is neither.
  std::optional<calendar::Zone> zone(std::string_view name) const;
  /// False when the limit is passed.
  bool spend(std::size_t steps);
  /// Memory that lives as long as the evaluation; nullptr past the limit.
  template <class T>
  T* allocate(std::size_t count) {
    return static_cast<T*>(bytes(count * sizeof(T), alignof(T)));
  }
  Value text(std::string_view copied);

 private:
  void* bytes(std::size_t size, std::size_t alignment);
  Value fact(std::size_t slot) const;
  bool fact_is(const Code& code) const;
  bool fact_among(const Code& code) const;
  Truth all_of(const Code& code);
  Truth any_of(const Code& code);
  Value field(const Value& object, std::string_view name);
  Value presence(const Code& code);
  /// Nothing when the limit of steps is passed.
  std::optional<bool> are_equal(const Value& left, const Value& right);
  Value item(const Value& list, const Value& position) const;
  Value index(const Code& code);
  Value membership(const Code& code);
  Value equality(const Code& code);
  Value ordering(const Code& code);
  Value matching(const Code& code);
  Value call(const Code& code);
  Value list(const Code& code);
  Value map(const Code& code);
  Value macro(const Code& code);
  Value quantified(const Code& code, const Value& range);
  Value exactly_one(const Code& code, const Value& range);
  Value filtered(const Code& code, const Value& range);
  Value transformed(const Code& code, const Value& range);

  const Program& program_;
  const Facts* facts_;
  std::span<const Binding> bindings_;
  DayReader days_;
  std::size_t steps_ = 0;
  std::size_t allocated_ = 0;
  std::optional<std::pmr::monotonic_buffer_resource> arena_;
  Value locals_[locals_most];
};

}  // namespace chaser::rulebook::cel
