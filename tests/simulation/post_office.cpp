#include "simulation/post_office.h"

namespace chaser::simulation {

namespace {

using store::Outcome;
using store::OutcomeKind;

class FakeSession : public channels::Session {
 public:
  FakeSession(PostOffice& office, std::string_view channel) : office_(office), channel_(channel) {}
  Outcome deliver(const channels::Parcel& parcel, const channels::BeginBody& begin_body) override {
    return office_.deliver(channel_, parcel, begin_body);
  }

 private:
  PostOffice& office_;
  std::string channel_;
};

class FakeChannel : public channels::Channel {
 public:
  FakeChannel(PostOffice& office, std::string_view name) : office_(office), name_(name) {}
  std::string_view name() const override { return name_; }
  int workers() const override { return 2; }
  std::unique_ptr<channels::Session> make_session() override { return std::make_unique<FakeSession>(office_, name_); }

 private:
  PostOffice& office_;
  std::string name_;
};

Outcome outcome(OutcomeKind kind, int code, const char* text) {
  return {kind, code, "", text, {}};
}

}  // namespace

std::vector<std::unique_ptr<channels::Channel>> PostOffice::channels() {
  std::vector<std::unique_ptr<channels::Channel>> made;
  made.push_back(std::make_unique<FakeChannel>(*this, "email"));
  made.push_back(std::make_unique<FakeChannel>(*this, "teams"));
  return made;
}

Outcome PostOffice::deliver(std::string_view channel, const channels::Parcel& parcel,
                            const channels::BeginBody& begin_body) {
  const Outcome nobody_knows = outcome(OutcomeKind::unknown, 0, "the connection was lost");
  if (crashes_.is_dead()) return outcome(OutcomeKind::temporary, 0, "nobody carries any more");
  const int luck = dice_.below(1000);
  int edge = 0;
  const auto falls = [&](int share) { return luck < (edge += share); };
  if (falls(weather_.refused_now)) return outcome(OutcomeKind::temporary, 451, "try again");
  if (falls(weather_.refused_for_good)) return outcome(OutcomeKind::permanent, 550, "no such mailbox");
  if (falls(weather_.broken)) return outcome(OutcomeKind::channel_broken, 535, "not let in");
  if (falls(weather_.slow)) time_.pass(absl::Minutes(dice_.between(1, 25)));
  if (!begin_body(parcel.message)) return outcome(OutcomeKind::temporary, 0, "fenced");
  if (crashes_.is_dead()) return nobody_knows;  // it died when it was about to write the body
  if (falls(weather_.dies_before)) {
    ++doubtful_;
    crashes_.die();
    return nobody_knows;
  }
  if (falls(weather_.lost_before)) {
    ++doubtful_;
    return nobody_knows;
  }
  const bool is_lost = falls(weather_.lost_after);
  const bool dies = falls(weather_.dies_after);
  arrivals_.push_back(
      {parcel.message, parcel.key, std::string(channel), parcel.destination, time_.wall, !is_lost && !dies});
  if (on_arrival_) on_arrival_(arrivals_.back());
  if (is_lost || dies) ++doubtful_;
  if (dies) crashes_.die();
  return is_lost || dies ? nobody_knows : outcome(OutcomeKind::accepted, 250, "taken");
}

}  // namespace chaser::simulation
