#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chaser::web {

/// A name without regard to case, as headers have.
struct HeaderLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

/// Names and values of a query or a form, in the order given; a name may come more than once.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A file that a form brought.
struct Upload {
  std::string field;
  std::string file_name;
  std::string content;
};

/// What a client asked. Everything in it is a stranger's word but `client`, which the proxy sets.
struct Request {
  std::string method;               // "GET" for HEAD too: handlers need not tell them apart
  std::string path;                 // decoded
  std::vector<std::string> places;  // what stood where the route's pattern has {names}, decoded
  Fields query;
  Fields form;
  std::vector<Upload> uploads;
  std::multimap<std::string, std::string, HeaderLess> headers;
  std::string body;    // as it came, unless it was a form
  std::string client;  // whom rate limits count: the address that the proxy names, else "local"

  /// The first of that name; "" if there is none.
  std::string field(std::string_view name) const;
  std::string query_field(std::string_view name) const;
  std::string header(std::string_view name) const;
  std::string cookie(std::string_view name) const;
};

/// What it gets. The listener adds the security headers and leaves the body out for HEAD.
struct Response {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Instead of `body`: called again and again with a way to send more, until one of them says false.
  std::function<bool(const std::function<bool(std::string_view)>& send)> stream = {};
  /// Instead of both: once the head is out, the connection is somebody else's, who writes chunks (RFC 9112 §7.1) to a
  /// descriptor of its own and closes it.
  std::function<void(int connection)> take_over = {};

  Response& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// 303: look there, with GET. `path` is one of ours, made of url_part()s.
Response see_other(std::string path);

/// One segment or value of a URL: everything but unreserved characters as %XX.
std::string url_part(std::string_view text);
/// %XX and, in forms and queries, + for a blank; nothing for a broken escape or a NUL.
std::optional<std::string> url_decoded(std::string_view text, bool plus_is_blank);
/// application/x-www-form-urlencoded, at most `fields_max` fields; nothing if it is none.
inline constexpr std::size_t fields_max = 2'000;
std::optional<Fields> parse_fields(std::string_view text);

}  // namespace chaser::web
