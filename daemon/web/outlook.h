#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "chase/rehearsal.h"
#include "web/site.h"

namespace chaser::web {

/// What will be told if nobody answers, as it was played ahead at `as_of`.
struct Ahead {
  Instant as_of;
  std::vector<chase::Telling> tellings;       // of `days` days, in order of time
  bool cut = false;                           // there were more than tellings_max
  absl::Duration took;                        // playing it
  std::shared_ptr<const chase::World> world;  // whose parties the tellings name

  static constexpr int days = 92;
  static constexpr std::size_t tellings_max = 20'000;
};

/// Plays ahead in a thread of its own, when a page asks and what it has is old; pages get what there is. Thread-safe.
class Outlook {
 public:
  explicit Outlook(Site& site);
  ~Outlook();

  /// The latest, however old; waits a moment for the first, and for a true one where that is quick. Nothing: it is
  /// still being played.
  std::shared_ptr<const Ahead> latest();
  /// What there is is no longer true: the next to ask has it played again.
  void outdated();

  static constexpr absl::Duration age_max = absl::Minutes(1);
  static constexpr absl::Duration first_patience = absl::Milliseconds(400);
  /// What takes longer is not waited for again, and not played again before ten times as long has passed: while much
  /// happens, looking ahead costs a tenth of a processor at most.
  static constexpr absl::Duration quick_max = absl::Milliseconds(100);
  static constexpr int rest = 10;

 private:
  void work();
  std::shared_ptr<const Ahead> play() const;

  Site& site_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const Ahead> latest_;
  bool wanted_ = false;
  bool old_ = false;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace chaser::web
