#include "web/idempotency.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rulebook/rulebook.h"

namespace chaser::web {
namespace {

using nlohmann::json;

/// One value of the store: the newest few keys whose hashes begin alike, oldest first.
class Bucket {
 public:
  Bucket(store::Store& store, const std::string& hash, calendar::Instant now)
      : store_(store), name_("once:" + hash.substr(0, 2)), now_(absl::ToUnixSeconds(now)) {
    const auto kept = store.kept(name_);
    entries_ = kept ? json::parse(*kept, nullptr, false) : json::array();
    if (!entries_.is_array()) entries_ = json::array();
  }

  const json* find(const std::string& hash) const {
    for (const json& entry : entries_) {
      const bool is_fresh = now_ - entry.at("at").get<std::int64_t>() < absl::ToInt64Seconds(idempotency_age_max);
      if (entry.at("key") == hash && is_fresh) return &entry;
    }
    return nullptr;
  }

  void put(json entry) {
    entry["at"] = now_;
    forget(entry.at("key"));
    entries_.push_back(std::move(entry));
    while (entries_.size() > idempotency_keys_of_bucket) entries_.erase(entries_.begin());
    write();
  }
  void drop(const std::string& hash) {
    forget(hash);
    write();
  }

 private:
  void forget(const json& hash) {
    json rest = json::array();
    for (json& each : entries_) {
      if (each.at("key") != hash) rest.push_back(std::move(each));
    }
    entries_ = std::move(rest);
  }
  void write() { store_.keep(name_, entries_.dump(-1, ' ', false, json::error_handler_t::replace)); }

  store::Store& store_;
  const std::string name_;
  const std::int64_t now_;
  json entries_;
};

}  // namespace

Done once(store::Store& store, const std::string& key, const std::string& call, calendar::Instant now,
          const std::function<Done()>& work) {
  if (key.empty()) return work();
  const std::string hash = rulebook::sha256_hex(key);
  const std::string call_hash = rulebook::sha256_hex(call);
  Bucket bucket(store, hash, now);
  if (const json* const known = bucket.find(hash)) {
    if (known->at("call") != call_hash) return {422, "This Idempotency-Key was used for another call."};
    if (!known->contains("status"))
      return {409, "A call with this Idempotency-Key was begun and its end is not known: look before you repeat it."};
    return {known->at("status").get<int>(), known->at("said").get<std::string>()};
  }
  bucket.put({{"key", hash}, {"call", call_hash}});
  const Done done = work();
  // What failed of itself changed nothing and may be tried again.
  if (done.status >= 500) {
    bucket.drop(hash);
  } else {
    bucket.put({{"key", hash}, {"call", call_hash}, {"status", done.status}, {"said", done.said}});
  }
  return done;
}

}  // namespace chaser::web
