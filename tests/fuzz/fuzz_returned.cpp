// Any bytes as a mail that came in: it is of some kind, within the limits, and reading it twice is the same.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "channels/returned_mail.h"

using namespace chaser::channels;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ReturnedMail mail = read_returned(bytes);
  assert(mail.identity.size() == 64);
  assert(mail.speaks_of.size() <= returned_ids_max);
  assert(mail.words.size() <= 4 * returned_words_max + 4);
  assert(mail.words.empty() || mail.kind == ReturnedKind::human);
  for (const std::string& id : mail.speaks_of) assert(is_message_token(std::string_view(id).substr(0, id.find('@'))));
  assert(read_returned(bytes).kind == mail.kind);
  return 0;
}
