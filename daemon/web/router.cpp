#include "web/router.h"

#include <algorithm>
#include <array>

namespace chaser::web {
namespace {

constexpr std::array<std::string_view, 4> role_names{"anybody", "viewer", "coordinator", "admin"};

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// Both begin with a slash or are empty.
std::optional<std::vector<std::string>> places_of(std::string_view pattern, std::string_view path) {
  std::vector<std::string> places;
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted.starts_with('{')) {
      auto place = url_decoded(given, false);
      if (!place || place->empty()) return std::nullopt;
      places.push_back(*std::move(place));
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  return pattern.empty() && path.empty() ? std::optional(places) : std::nullopt;
}

}  // namespace

std::string_view name_of(Role role) {
  return role_names[static_cast<std::size_t>(role)];
}

std::optional<Role> role(std::string_view name) {
  const auto found = std::find(role_names.begin(), role_names.end(), name);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<Role>(found - role_names.begin());
}

void Router::add(Route route) {
  routes_.push_back(std::move(route));
}

void Router::keep(std::initializer_list<std::string_view> patterns) {
  for (Route& route : routes_) {
    const bool is_named = std::find(patterns.begin(), patterns.end(), route.pattern) != patterns.end();
    if (route.method == "GET" && is_named) route.kept = true;
  }
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  for (const Route& route : routes_) {
    auto places = places_of(route.pattern, path);
    if (!places) continue;
    if (route.method == method || (route.method == "GET" && method == "HEAD")) return {&route, *std::move(places), ""};
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return match;
}

}  // namespace chaser::web
