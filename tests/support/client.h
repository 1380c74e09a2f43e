#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chaser::test {

/// A client's end of a connection, which says what it is told to, byte by byte, and waits with a deadline: no test
/// hangs.
class Client {
 public:
  static constexpr std::chrono::seconds patience{20};

  static Client unix_socket(const std::string& path);
  static Client tcp(int port);
  Client(Client&& from) noexcept : descriptor_(from.descriptor_) { from.descriptor_ = -1; }
  Client& operator=(Client&&) = delete;
  ~Client() { leave(); }

  /// False if the other end has gone before it took all.
  bool say(std::string_view bytes) const;
  /// Says nothing more; the other way stays open.
  void end_saying() const;
  /// All that comes until the other end closes; nothing if it does not within `patience`.
  std::optional<std::string> hear_all(std::chrono::milliseconds within = patience) const;
  /// All that comes until and with `end`; nothing if the other end closes before or does not say it within `patience`.
  std::optional<std::string> hear_until(std::string_view end) const;
  void leave();

 private:
  explicit Client(int descriptor) : descriptor_(descriptor) {}
  /// The next bytes: none when the other end has closed, nothing when it says nothing until then.
  std::optional<std::string> hear(std::chrono::steady_clock::time_point deadline, std::size_t bytes) const;
  int descriptor_;
};

}  // namespace chaser::test
