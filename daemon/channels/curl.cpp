#include "channels/curl.h"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "channels/wording.h"

namespace chaser::channels {

CurlHandle make_curl() {
  static const CURLcode begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (begun != CURLE_OK) throw std::runtime_error("cannot set up libcurl");
  CurlHandle handle(curl_easy_init());
  if (!handle) throw std::runtime_error("cannot make a libcurl handle");
  return handle;
}

void close_quickly(CurlHandle& handle) {
  if (!handle) return;
  // A socket that reads no more answers at once, and the goodbye still goes out.
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle.get(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RD);
  handle.reset();
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  const bool numeric = std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return numeric && host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3;
}

std::string curl_words(CURLcode code, const char* error_buffer) {
  const std::string_view own = error_buffer;
  return shortened(one_line(own.empty() ? std::string_view(curl_easy_strerror(code)) : own), 300);
}

}  // namespace chaser::channels
