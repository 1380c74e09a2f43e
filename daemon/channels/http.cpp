#include "channels/http.h"

#include <algorithm>
#include <cctype>

#include "channels/wording.h"

namespace chaser::channels {
namespace {

constexpr std::size_t answer_bytes_max = 65'536;
constexpr std::size_t header_characters_max = 200;
constexpr std::size_t headers_max = 100;
// Servers let go of an idle connection after five seconds (Node, Apache) or more: ours must not be the one on its way.
constexpr long idle_seconds_max = 4;

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* context) {
  std::string& body = static_cast<PostAnswer*>(context)->body;
  body.append(bytes, std::min(size * count, answer_bytes_max - body.size()));
  return size * count;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  PostAnswer& answer = *static_cast<PostAnswer*>(context);
  const std::string_view line(bytes, size * count);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || answer.headers.size() >= headers_max) return size * count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  answer.headers[shortened(one_line(name), header_characters_max)] =
      shortened(one_line(line.substr(colon + 1)), header_characters_max);
  return size * count;
}

/// One request on its way.
struct Posting {
  const Post* what = nullptr;
  PostAnswer* answer = nullptr;
  bool again = false;  // libcurl wanted to post it once more
};

int before_request(void* context, char*, char*, int, int) {
  Posting& posting = *static_cast<Posting*>(context);
  posting.again = posting.answer->begun;
  if (posting.again) return CURL_PREREQFUNC_ABORT;  // the first may have been taken
  posting.answer->begun = !posting.what->begin || posting.what->begin();
  posting.answer->fenced = !posting.answer->begun;
  return posting.answer->fenced ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void prepare(CURL* curl, const Post& what) {
  set_option(curl, CURLOPT_URL, what.url.c_str());
  set_option(curl, CURLOPT_PROTOCOLS_STR, what.plain_allowed ? "http,https" : "https");
  set_option(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(curl, CURLOPT_FRESH_CONNECT, what.keep_connection ? 0L : 1L);
  set_option(curl, CURLOPT_FORBID_REUSE, what.keep_connection ? 0L : 1L);
  set_option(curl, CURLOPT_MAXAGE_CONN, idle_seconds_max);
  set_option(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set_option(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(what.connect_timeout.count()));
  set_option(curl, CURLOPT_TIMEOUT, static_cast<long>((what.connect_timeout + what.answer_timeout).count()));
  set_option(curl, CURLOPT_NOSIGNAL, 1L);
  set_option(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set_option(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!what.ca_file.empty()) set_option(curl, CURLOPT_CAINFO, what.ca_file.c_str());
  set_option(curl, CURLOPT_POST, 1L);
  set_option(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.body.size()));
  set_option(curl, CURLOPT_POSTFIELDS, what.body.data());
  set_option(curl, CURLOPT_WRITEFUNCTION, &take_body);
  set_option(curl, CURLOPT_HEADERFUNCTION, &take_header);
}

}  // namespace

std::string PostAnswer::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

PostAnswer post(const Post& what) {
  CurlHandle handle;
  return post(what, handle);
}

PostAnswer post(const Post& what, CurlHandle& handle) {
  if (!handle) handle = make_curl();
  CURL* const curl = handle.get();
  curl_easy_reset(curl);  // keeps connections
  PostAnswer answer;
  Posting posting{&what, &answer, false};
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : what.headers) list = curl_slist_append(list, header.c_str());
  const CurlList headers(list);
  prepare(curl, what);
  set_option(curl, CURLOPT_HTTPHEADER, headers.get());
  set_option(curl, CURLOPT_PREREQFUNCTION, &before_request);
  set_option(curl, CURLOPT_PREREQDATA, static_cast<void*>(&posting));
  set_option(curl, CURLOPT_WRITEDATA, static_cast<void*>(&answer));
  set_option(curl, CURLOPT_HEADERDATA, static_cast<void*>(&answer));
  answer.curl = curl_easy_perform(curl);
  if (posting.again) answer.curl = CURLE_GOT_NOTHING;  // what the first one ended with
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace chaser::channels
