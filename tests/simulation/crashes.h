#pragma once

#include <cstdint>

namespace chaser::simulation {

/// The service's life as the database sees it, over SQLite's own hooks: every connection that is opened while this
/// lives. A crash happens before or after a commit; from then on no commit of that life succeeds and no channel
/// carries. One at a time.
class Crashes {
 public:
  Crashes();
  ~Crashes();
  Crashes(const Crashes&) = delete;
  Crashes& operator=(const Crashes&) = delete;

  enum class Where : unsigned char { before, after };
  /// The service dies at the commit that comes after `commits` more.
  void arm(std::int64_t commits, Where where);
  void disarm();
  /// The next commit fails, as on a disk that is full for a moment; the life goes on.
  void fail_once();
  void fail_never();
  /// Dies at once: in a channel, in the middle of a letter.
  void die();
  bool is_dead() const;
  /// Another life begins.
  void revive();
  std::int64_t commits() const;
  std::int64_t deaths() const;
  std::int64_t failures() const;
};

}  // namespace chaser::simulation
