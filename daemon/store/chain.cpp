#include "store/chain.h"

namespace chaser::store {

namespace {

void append(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

}  // namespace

std::string_view first_link() {
  return "0000000000000000000000000000000000000000000000000000000000000000";
}

std::string chain_hash(std::string_view previous, const Event& event) {
  std::string bytes;
  bytes.reserve(previous.size() + event.json.size() + 128);
  append(bytes, previous);
  append(bytes, std::to_string(event.sequence));
  append(bytes, std::to_string(absl::ToUnixMicros(event.at)));
  for (const std::string* part : {&event.kind, &event.plan, &event.action, &event.actor, &event.json, &event.seal}) {
    append(bytes, *part);
  }
  return rulebook::sha256_hex(bytes);
}

std::string seal_of(std::string_view salt, std::string_view words) {
  std::string bytes;
  append(bytes, salt);
  append(bytes, words);
  return rulebook::sha256_hex(bytes);
}

}  // namespace chaser::store
