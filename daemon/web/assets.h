#pragma once

#include <span>
#include <string_view>

namespace chaser::web {

/// A file of daemon/web/assets, part of the program: cmake/embed.cmake makes their list.
struct Asset {
  std::string_view name;
  std::string_view text;
};
std::span<const Asset> assets();

}  // namespace chaser::web
