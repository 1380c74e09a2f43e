#include "web/muting.h"

#include <nlohmann/json.hpp>

namespace chaser::web {
namespace {

using nlohmann::json;

constexpr const char* kept_name = "muted";

}  // namespace

Muted read_muted(store::Store& store) {
  Muted muted;
  const auto kept = store.kept(kept_name);
  if (!kept) return muted;
  const json root = json::parse(*kept);
  for (const auto& [party, since] : root.items()) muted[party] = absl::FromUnixSeconds(since.get<std::int64_t>());
  return muted;
}

void set_muted(store::Store& store, const std::string& party, bool muted, std::string_view actor,
               calendar::Instant now) {
  Muted all = read_muted(store);
  if (all.contains(party) == muted) return;
  if (muted)
    all[party] = now;
  else
    all.erase(party);
  json root = json::object();
  for (const auto& [each, since] : all) root[each] = absl::ToUnixSeconds(since);
  store.keep(kept_name, root.dump());
  store::Event event;
  event.at = now;
  event.kind = "digests";
  event.actor = actor;
  event.json = json{{"party", party}, {"digests", muted ? "off" : "on"}}.dump();
  store.note_event(event);
}

}  // namespace chaser::web
