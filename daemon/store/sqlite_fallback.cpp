#include "chase/compose.h"
#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

bool SqliteStore::fall_back(MessageRow message, std::string_view channel, std::string_view why, Instant now) {
  Transaction change{database_};
  if (!queue_fallback(change, message, channel, now)) return false;
  const int refused = change.run(
      "UPDATE message SET state = 'refused', settled = ?2, last_outcome = ?3 WHERE id = ?1 AND state = 'queued'",
      message, now, why);
  if (refused == 0) return false;
  change.commit();
  return true;
}

/// The notifications that no message of `channel` ever carried, as one message there. False: there is none to carry.
bool SqliteStore::queue_fallback(Transaction& change, MessageRow message, std::string_view channel, Instant now) {
  struct Place {
    std::int64_t notification;
    std::int64_t carried_by;
  };
  std::vector<Place> places;
  std::vector<std::string> keys;
  {
    Query query = change.query(
        "SELECT n.id, i.carried_by, n.key FROM message_item i JOIN notification n ON n.id = i.notification"
        " WHERE i.message = ?1 AND i.withdrawn = 0 AND n.state = 'composed' AND NOT EXISTS (SELECT 1 FROM message_item "
        "o"
        " JOIN message m ON m.id = o.message WHERE o.notification = n.id AND o.withdrawn = 0 AND m.channel = ?2)"
        " ORDER BY i.position",
        message, channel);
    while (query.next()) {
      places.push_back({query.integer(0), query.integer(1)});
      keys.push_back(hex_of_bytes(query.blob(2)));
    }
  }
  if (places.empty()) return false;
  const std::string key = chase::message_key(keys, channel);
  const int added = change.run(
      "INSERT INTO message (key, recipient, channel, kind, urgency, state, created, not_before)"
      " SELECT ?2, recipient, ?3, kind, urgency, 'queued', ?4, ?4 FROM message WHERE id = ?1 ON CONFLICT (key) DO "
      "NOTHING",
      message, Blob{bytes_of_hex(key)}, channel, now);
  if (added == 0) return false;
  const MessageRow other = change.last_row();
  for (std::size_t i = 0; i < places.size(); ++i) {
    change.run("INSERT INTO message_item (message, position, notification, carried_by) VALUES (?, ?, ?, ?)", other, i,
               places[i].notification, places[i].carried_by);
  }
  add_event(
      change, now, "fallback", "", "", "chaser",
      JsonObject().add("row", message).add("message", key).add("channel", channel).add("notifications", keys).text());
  return true;
}

}  // namespace chaser::store
