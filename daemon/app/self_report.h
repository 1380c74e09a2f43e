#pragma once

#include <optional>
#include <string>

#include "app/engine.h"
#include "app/log.h"

namespace chaser::app {

/// A message that waits this long although nothing holds it is stuck, however often it is tried.
inline constexpr absl::Duration stuck_after = absl::Hours(24);
inline constexpr absl::Duration stuck_told_every = absl::Hours(24);

/// What is stuck, in a sentence for ops; "" if nothing is. Pure.
std::string stuck_words(const store::StoreStatus& status, const std::string& inbox_trouble, Instant now);

/// Tells ops once a day while something is stuck, by ways that need no channel: the journal at priority "error", the
/// unit's status, and /readyz, which fails while a message needs a person. Wakes nobody while nothing is stuck. Source:
/// research/delivery.md A7 ("if Teams is the broken thing, it has no voice").
class SelfReport {
 public:
  SelfReport(Engine& engine, Log& log);
  /// After a pass; looks at most once an hour unless something `failed` in it.
  void look(Instant now, bool failed);
  /// When to look again although nothing else happens.
  std::optional<Instant> next() const;
  /// "" if nothing is stuck.
  const std::string& words() const { return words_; }

 private:
  Engine& engine_;
  Log& log_;
  std::string words_;
  Instant looked_ = absl::InfinitePast();
  Instant told_ = absl::InfinitePast();
};

}  // namespace chaser::app
