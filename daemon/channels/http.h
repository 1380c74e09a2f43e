#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "channels/curl.h"

namespace chaser::channels {

/// One POST. No redirect is followed and no certificate taken on trust. Source: research/delivery.md §0.3, A7.
struct Post {
  std::string url;
  std::string_view body;             // outlives the call
  std::vector<std::string> headers;  // "Name: value"
  std::string ca_file;               // "" is the system's
  bool plain_allowed = false;        // http:// too; the caller has checked whereto
  /// On a connection that an earlier post of the same handle left open, and leaves it open; else on one of its own.
  bool keep_connection = false;
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds answer_timeout{30};
  /// Called when the connection stands, before the request's first byte; false: nothing goes. Empty: it goes.
  std::function<bool()> begin = {};
};

/// What came back, or how it failed. Headers by lower-case name, one line each; body and headers cut to what is read.
struct PostAnswer {
  int curl = 0;  // CURLcode
  long status = 0;
  std::string body;
  std::map<std::string, std::string, std::less<>> headers;
  bool begun = false;   // the request's bytes had begun to go
  bool fenced = false;  // `begin` said no

  std::string header(std::string_view name) const;  // "" if absent
};

/// Blocks. Throws std::runtime_error only when libcurl itself cannot be used. A request goes out once at most, also
/// where a kept connection turns out dead: libcurl would post it again on its own account.
PostAnswer post(const Post& what);
/// The same by a handle that is kept from post to post; it is made if there is none.
PostAnswer post(const Post& what, CurlHandle& handle);

}  // namespace chaser::channels
