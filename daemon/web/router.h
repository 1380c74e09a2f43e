#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/exchange.h"

namespace chaser::web {

/// Who may: each may what those before may too.
enum class Role : std::uint8_t {
  anybody,      // without signing in: health, the style sheet, the sign-in page, answers by link
  viewer,       // reads
  coordinator,  // answers for people, imports, decides, retries, stops
  admin,        // accounts, tokens, revoking links
};
std::string_view name_of(Role role);
std::optional<Role> role(std::string_view name);

/// Who asks, as the staff's listener knows them.
struct Principal {
  std::string name;  // of the account, the token or the proxy's user; "" is nobody
  Role role = Role::anybody;
  std::string means;  // "session", "token", "proxy", "guest"; "" is nobody
  std::string csrf;   // what forms of this principal must bring back; "" where none is needed
  /// For the event log: "session:anna".
  std::string actor() const { return means.empty() ? "nobody" : means + ":" + name; }
};

/// Bodies of forms; an upload's route says how much more it takes.
inline constexpr std::size_t form_bytes_max = 64 * 1024;

/// One page or call. A handler runs on a thread of the listener's pool, several at once.
struct Route {
  using Handler = std::function<Response(const Request& request, const Principal& who)>;
  std::string method;   // "GET" answers HEAD too
  std::string pattern;  // "/plan/{plan}/action/{action}"
  Role role = Role::viewer;
  Handler handler;
  std::size_t body_max = form_bytes_max;
  bool kept = false;  // its answer may be shown again for a moment: see KeptPages
};

/// The routes of one listener. Filled before it listens, read by all its threads then.
class Router {
 public:
  void add(Route route);
  /// The pages at these patterns, which GET alone asks for, may be kept for a moment.
  void keep(std::initializer_list<std::string_view> patterns);

  /// Where a path leads. `allow`: the methods it knows, if the path is known by others alone.
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> places;
    std::string allow;
  };
  /// `path` is as it was sent, undecoded: a %2F stays within its place.
  Match find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace chaser::web
