#include "channels/courier.h"

#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "channels/delivering.h"
#include "support/catch.h"
#include "support/workflow_peer.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

/// What the courier handed back, from all of its threads.
class Ledger {
 public:
  channels::Courier::Callbacks callbacks() {
    return {[this](store::MessageRow) {
              const std::lock_guard lock(mutex_);
              ++begun_;
              return true;
            },
            [this](store::MessageRow row, const store::Outcome& outcome, bool) {
              const std::lock_guard lock(mutex_);
              ++finished_[row];
              if (outcome.kind == OutcomeKind::accepted) ++accepted_;
              changed_.notify_all();
            },
            [this](store::MessageRow row) {
              const std::lock_guard lock(mutex_);
              returned_.insert(row);
              changed_.notify_all();
            }};
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_.size() + returned_.size() >= count; });
  }
  std::size_t accepted() const { return read(accepted_); }
  std::size_t begun() const { return read(begun_); }
  std::set<store::MessageRow> returned() const {
    const std::lock_guard lock(mutex_);
    return returned_;
  }
  std::map<store::MessageRow, int> finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

 private:
  std::size_t read(const std::size_t& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  std::size_t accepted_ = 0;
  std::map<store::MessageRow, int> finished_;
  std::set<store::MessageRow> returned_;
};

/// Where so many threads meet, time and again; nobody waits longer than ten seconds.
class Rendezvous {
 public:
  explicit Rendezvous(int all) : all_(all) {}
  void meet() {
    std::unique_lock lock(mutex_);
    const int mine = came_++ / all_;
    if (came_ % all_ == 0) ++met_;
    here_.notify_all();
    here_.wait_for(lock, std::chrono::seconds(10), [&] { return met_ > mine; });
  }
  int met() const {
    const std::lock_guard lock(mutex_);
    return met_;
  }

 private:
  const int all_;
  mutable std::mutex mutex_;
  std::condition_variable here_;
  int came_ = 0;
  int met_ = 0;
};

std::vector<std::unique_ptr<channels::Channel>> one(std::unique_ptr<channels::Channel> channel) {
  std::vector<std::unique_ptr<channels::Channel>> list;
  list.push_back(std::move(channel));
  return list;
}

}  // namespace

TEST_CASE("courier: parcels reach their channel on several sessions, each finished once") {
  const SmtpPeer peer;
  Ledger ledger;
  channels::Courier courier(one(channels::make_smtp(settings_for(peer))), ledger.callbacks());
  CHECK(courier.channels() == std::vector<std::string>{"email"});
  constexpr store::MessageRow all = 100;
  store::MessageRow next = 1;
  while (next <= all) {
    for (std::size_t free = courier.free_slots("email"); free > 0 && next <= all; --free)
      courier.carry("email", parcel(next++));
    ledger.wait_for(static_cast<std::size_t>(next - 1));
  }
  courier.stop();
  CHECK(ledger.accepted() == 100);
  CHECK(ledger.begun() == 100);
  CHECK(ledger.finished().size() == 100);
  CHECK(peer.count() == 100);
  CHECK(peer.connections() <= 2);
}

TEST_CASE("courier: told to use one session it keeps one connection and ends the others, until it may use all again") {
  constexpr int all = 3;
  Rendezvous together(all);
  SmtpScript too_many;
  too_many.faults["."] = {"432 4.3.2 Concurrent connections limit exceeded", SmtpFault::Then::go_on, all, false,
                          [&] { together.meet(); }};
  SmtpPeer peer(too_many);
  channels::SmtpSettings settings = settings_for(peer);
  settings.sessions = all;
  settings.reply_timeout = std::chrono::seconds{20};
  Ledger ledger;
  channels::Courier courier(one(channels::make_smtp(settings)), ledger.callbacks());
  const auto carry = [&](store::MessageRow first, store::MessageRow last) {
    for (store::MessageRow row = first; row <= last; ++row) courier.carry("email", parcel(row));
    ledger.wait_for(static_cast<std::size_t>(last));
  };
  carry(1, all);
  CHECK(together.met() == 1);
  CHECK(ledger.accepted() == 0);
  courier.use_sessions("email", 0);  // one at least
  carry(all + 1, 20);
  CHECK(ledger.accepted() == 17);
  std::set<int> connections;
  for (const Received& received : peer.received()) connections.insert(received.connection);
  CHECK(connections.size() == 1);
  CHECK(peer.connections() == all);
  courier.use_sessions("email", all);
  peer.set_script(too_many);
  carry(21, 20 + all);
  CHECK(together.met() == 2);
  CHECK(peer.connections() == 2 * all - 1);  // the other two had been ended
}

TEST_CASE("courier: sessions that are not used hand back at a stop what nobody carried") {
  SmtpScript script;
  script.faults["CONNECT"] = {"", SmtpFault::Then::hang};
  const SmtpPeer peer(script);
  Ledger ledger;
  channels::Courier courier(one(channels::make_smtp(settings_for(peer))), ledger.callbacks());
  courier.use_sessions("email", 1);
  for (store::MessageRow row = 1; row <= 4; ++row) courier.carry("email", parcel(row));
  courier.stop();
  CHECK(ledger.finished().size() + ledger.returned().size() == 4);
  CHECK(peer.connections() <= 1);
}

TEST_CASE("courier: a channel takes as many parcels as it has slots") {
  SmtpScript script;
  script.faults["CONNECT"] = {"", SmtpFault::Then::hang};
  const SmtpPeer peer(script);
  Ledger ledger;
  channels::Courier courier(one(channels::make_smtp(settings_for(peer))), ledger.callbacks());
  const std::size_t slots = courier.free_slots("email");
  REQUIRE(slots > 0);
  for (std::size_t i = 0; i < slots; ++i) courier.carry("email", parcel(static_cast<store::MessageRow>(i + 1)));
  CHECK(courier.free_slots("email") == 0);
  courier.stop();
  CHECK(courier.has_stopped());
  CHECK(ledger.finished().size() + ledger.returned().size() == slots);
}

TEST_CASE("courier: stopping hands back what was not begun and waits for what is under way") {
  SmtpScript script;
  script.faults["."] = {"", SmtpFault::Then::hang};
  const SmtpPeer peer(script);
  Ledger ledger;
  channels::SmtpSettings settings = settings_for(peer);
  settings.sessions = 1;
  channels::Courier courier(one(channels::make_smtp(settings)), ledger.callbacks());
  for (store::MessageRow row = 1; row <= 4; ++row) courier.carry("email", parcel(row));
  while (ledger.begun() == 0) std::this_thread::yield();
  courier.begin_stop();
  CHECK(courier.free_slots("email") == 0);
  courier.stop();
  CHECK(ledger.finished() == std::map<store::MessageRow, int>{{1, 1}});
  CHECK(ledger.returned() == std::set<store::MessageRow>{2, 3, 4});
  CHECK(ledger.begun() == 1);
}

TEST_CASE("courier: one that never carried anything stops at once") {
  const TemporaryDirectory directory;
  Ledger ledger;
  channels::Courier courier(one(channels::make_maildir("email", directory.path())), ledger.callbacks());
  courier.stop();
  courier.stop();
  CHECK(ledger.finished().empty());
}

TEST_CASE("courier: a relay that does not answer delays no card") {
  const WorkflowPeer flow;
  constexpr std::size_t cards = 5;
  // The relay greets only when all cards have arrived: were they to wait for it, this would never end.
  SmtpScript script;
  SmtpFault slow{"220 peer.example ESMTP", SmtpFault::Then::go_on, -1, false, {}};
  slow.meanwhile = [&] {
    while (flow.posted().size() < cards) std::this_thread::yield();
  };
  script.faults["CONNECT"] = slow;
  const SmtpPeer relay(script);
  channels::SmtpSettings mail = settings_for(relay);
  mail.reply_timeout = std::chrono::seconds{60};
  channels::TeamsSettings teams;
  teams.channels["place"] = {{flow.url()}, "owner", false, {}};
  teams.allow_http_loopback = true;
  std::vector<std::unique_ptr<channels::Channel>> both = one(channels::make_smtp(mail));
  both.push_back(channels::make_teams(teams));
  Ledger ledger;
  channels::Courier courier(std::move(both), ledger.callbacks());
  for (store::MessageRow row = 1; row <= 10; ++row) courier.carry("email", parcel(row));
  for (store::MessageRow row = 11; row < 11 + static_cast<store::MessageRow>(cards); ++row) {
    channels::Parcel card = parcel(row);
    card.destination = "place";
    card.bytes = R"({"type":"message"})";
    courier.carry("teams", card);
  }
  ledger.wait_for(10 + cards);
  courier.stop();
  CHECK(ledger.accepted() == 10 + cards);
}

TEST_CASE("courier: one refused recipient of a hundred harms nobody") {
  SmtpScript script;
  script.faults["RCPT"] = {"550 5.1.1 no such user", SmtpFault::Then::go_on, 1};
  const SmtpPeer peer(script);
  Ledger ledger;
  channels::Courier courier(one(channels::make_smtp(settings_for(peer))), ledger.callbacks());
  for (store::MessageRow row = 1; row <= 100; ++row) {
    while (courier.free_slots("email") == 0) std::this_thread::yield();
    courier.carry("email", parcel(row));
  }
  ledger.wait_for(100);
  courier.stop();
  CHECK(ledger.accepted() == 99);
  CHECK(peer.count() == 99);
}

TEST_CASE("courier: an outcome comes with whether its session goes on to another parcel") {
  const TemporaryDirectory directory;
  std::vector<std::unique_ptr<channels::Channel>> folders;
  folders.push_back(channels::make_folder("teams", directory.path()));
  std::promise<void> all_are_queued;
  std::shared_future<void> queued = all_are_queued.get_future().share();
  std::promise<void> last_has_ended;
  std::vector<bool> went_on;
  channels::Courier::Callbacks callbacks;
  callbacks.begin_body = [&](store::MessageRow) {
    queued.wait();
    return true;
  };
  callbacks.finished = [&](store::MessageRow row, const store::Outcome&, bool goes_on) {
    went_on.push_back(goes_on);
    if (row == 3) last_has_ended.set_value();
  };
  callbacks.returned = [](store::MessageRow) {};
  channels::Courier courier(std::move(folders), callbacks);
  for (store::MessageRow row = 1; row <= 3; ++row) courier.carry("teams", parcel(row));
  all_are_queued.set_value();
  last_has_ended.get_future().wait();
  courier.stop();
  CHECK(went_on == std::vector<bool>{true, true, false});
}

TEST_CASE("courier: by hand it carries one parcel a call, on its owner's thread") {
  const TemporaryDirectory directory;
  std::vector<std::unique_ptr<channels::Channel>> folders;
  folders.push_back(channels::make_folder("teams", directory.path()));
  std::vector<store::MessageRow> finished;
  std::thread::id carrier;
  channels::Courier::Callbacks callbacks;
  callbacks.begin_body = [&](store::MessageRow) {
    carrier = std::this_thread::get_id();
    return true;
  };
  callbacks.finished = [&](store::MessageRow row, const store::Outcome&, bool goes_on) {
    CHECK_FALSE(goes_on);
    finished.push_back(row);
  };
  callbacks.returned = [](store::MessageRow) {};
  channels::Courier courier(std::move(folders), callbacks, channels::Carriage::by_hand);
  courier.carry("teams", parcel(1));
  courier.carry("teams", parcel(2));
  CHECK(finished.empty());
  CHECK(courier.carry_next());
  CHECK(finished == std::vector<store::MessageRow>{1});
  CHECK(carrier == std::this_thread::get_id());
  CHECK(courier.carry_next());
  CHECK_FALSE(courier.carry_next());
  CHECK(finished == std::vector<store::MessageRow>{1, 2});
  CHECK(courier.has_stopped());
}
