#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chase/decide.h"
#include "store/store.h"

namespace given {

using namespace chaser;
using calendar::CivilDay;
using calendar::Instant;

/// A directory of its own, gone with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path() const { return path_; }

 private:
  std::string path_;
};

/// How a call ended that must not succeed: what the store said, and which kind of fault it called it.
struct Refusal {
  std::optional<store::StoreFault> fault;
  std::string words;
  bool says(const std::string& part) const { return words.find(part) != std::string::npos; }
};
/// Nothing and "" if the call went through.
Refusal refusal_of(const std::function<void()>& call);

/// As what a store is opened: to write by the real clock, to write by --now, or to read beside either.
enum class Opening : std::uint8_t { service, scripted, reader };

/// A kind of store that is held to the contract: how it is opened (again) over what lies in a directory. A further
/// store is one more of these in store_kinds(), and every test that asks for any_store() runs over it too.
struct StoreKind {
  const char* name;
  std::function<std::unique_ptr<store::Store>(const std::string& directory, Opening opening)> open;
};
const std::vector<StoreKind>& store_kinds();
/// The test case runs once with each kind.
StoreKind any_store();

Instant at(const char* rfc3339);
CivilDay day(const char* iso);

/// KCC (boss: kcc-boss), CCN, the class HR Teams with two members, a coordinator, a sponsor, a vacant party.
plan::Directory directory();
/// Without one of them; the owner cells that name it mean nobody.
plan::Directory directory_without(const std::string& party);
/// deadline (due; five steps, repeats, superior, coordinator, report), stalled (last_update; silenced by deadline),
/// unowned (first_seen; without end).
chase::WorldParts parts();
std::unique_ptr<chase::World> world();
std::unique_ptr<chase::World> world_without(const std::string& party);
/// The same with rule files of another text.
std::unique_ptr<chase::World> world_with_version(const std::string& version);

struct Row {
  std::string id;
  std::string owners;  // "KCC;CCN", "CCN(support)"
  const char* due = nullptr;
  std::string status = "not_started";
};
plan::Plan plan_of(const std::vector<Row>& rows);

/// A store of a kind over a folder, with the plan `county` of `rows` imported.
struct Desk {
  explicit Desk(const StoreKind& kind, const std::vector<Row>& rows = {}, const char* now = "2026-09-01T08:00:00Z");

  store::Store& operator*() const { return *store; }
  store::Store* operator->() const { return store.get(); }
  void reopen();
  store::LoadedAction load(const std::string& action) const;
  /// Decides all that is due and records it; how many actions were looked at.
  std::size_t decide(Instant now);
  /// Decides and composes until nothing is due.
  void pass(Instant now);
  std::vector<store::OutboxMessage> queued(Instant now) const;
  /// Passes every morning from `now` on until a message is queued; `now` becomes that morning.
  store::OutboxMessage await_message(Instant& now);
  std::optional<store::OutboxMessage> find(store::MessageRow row) const;
  store::MessageState state_of(store::MessageRow row) const;
  /// The state of a notification, "" if there is none.
  std::string told_state(std::int64_t notification) const;
  bool claim(store::MessageRow row, Instant now, Instant lease_until) const;
  bool begin_body(store::MessageRow row, Instant now) const;
  void finish(store::MessageRow row, Instant now, store::OutcomeKind outcome, store::MessageState state) const;
  /// All events of a kind, in order.
  std::vector<store::Event> events(const std::string& event_kind) const;
  /// Claims, begins and finishes one message.
  void deliver(const store::OutboxMessage& message, Instant now,
               store::OutcomeKind outcome = store::OutcomeKind::accepted,
               store::MessageState state = store::MessageState::accepted);

  StoreKind kind;
  Folder folder;
  std::unique_ptr<chase::World> world;
  std::unique_ptr<store::Store> store;
};

}  // namespace given
