#pragma once

#include <curl/curl.h>

#include <cassert>
#include <memory>
#include <string>
#include <string_view>

namespace chaser::channels {

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, FreeCurl>;

struct FreeSlist {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, FreeSlist>;

/// A handle of libcurl, which is set up once for the process. Throws std::runtime_error if it cannot be.
CurlHandle make_curl();

/// Lets go of a handle whose protocol says goodbye (QUIT, LOGOUT): without this it waits two minutes for the answer,
/// whatever the options say, since libcurl closes with a handle of its own.
void close_quickly(CurlHandle& handle);

/// One option; a refused option is a bug (assert): the library lacks what it was built to have.
template <typename Value>
void set_option(CURL* handle, CURLoption option, Value value) {
  const CURLcode result = curl_easy_setopt(handle, option, value);
  assert(result == CURLE_OK);
  static_cast<void>(result);
}

/// Whether a host is this machine by its name alone: localhost, 127.x.x.x, ::1.
bool is_loopback(std::string_view host);

/// What the library said, of one line: its own error text if it has one, else the code's.
std::string curl_words(CURLcode code, const char* error_buffer);

}  // namespace chaser::channels
