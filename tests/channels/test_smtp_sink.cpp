// Mail to Postfix's smtp-sink with its own faults, as research/delivery.md §C lists them.
#include <unistd.h>

#include "channels/delivering.h"
#include "support/catch.h"
#include "support/skip.h"
#include "support/smtp_sink_peer.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

/// How smtp-sink is told to behave, how long an answer is waited for, and what comes of it.
struct Sunk {
  std::vector<std::string> options;
  std::chrono::seconds reply_timeout;
  OutcomeKind kind;
  int code;
  int begun;
  std::optional<std::int64_t> retry_after = {};
};

}  // namespace

TEST_CASE("smtp-sink: what it drops, refuses, puts off or is slow with ends as it must", "[outside][smtp-sink]") {
  if (::access(SmtpSinkPeer::program, X_OK) != 0) return skip("Postfix's smtp-sink is not installed");
  using std::chrono::seconds;
  const std::vector<Sunk> all{
      {{}, seconds{10}, OutcomeKind::accepted, 250, 1},
      {{"-q", "."}, seconds{10}, OutcomeKind::unknown, 354, 1},
      {{"-Q", "."}, seconds{10}, OutcomeKind::temporary, 421, 1},
      {{"-r", "."}, seconds{10}, OutcomeKind::temporary, 450, 1},
      // 500 5.3.0: about the system, so not for good
      {{"-f", "RCPT"}, seconds{10}, OutcomeKind::temporary, 500, 0, 1'800},
      {{"-f", "RCPT", "-B", "550 5.1.1 no such user"}, seconds{10}, OutcomeKind::permanent, 550, 0},
      {{"-q", "DATA"}, seconds{10}, OutcomeKind::temporary, 250, 0},
      // slow, within the time and beyond it: after DATA nothing has gone, after the dot all has
      {{"-W", "DATA:1"}, seconds{20}, OutcomeKind::accepted, 250, 1},
      {{"-W", ".:1"}, seconds{20}, OutcomeKind::accepted, 250, 1},
      {{"-W", "DATA:60"}, seconds{1}, OutcomeKind::temporary, 250, 0},
      {{"-W", ".:60"}, seconds{1}, OutcomeKind::unknown, 354, 1},
  };
  for (const Sunk& sunk : all) {
    std::string told;
    for (const std::string& option : sunk.options) told += option + " ";
    INFO("smtp-sink " << told << "with " << sunk.reply_timeout.count() << " s to answer");
    const SmtpSinkPeer peer(sunk.options);
    channels::SmtpSettings settings;
    settings.host = "127.0.0.1";
    settings.port = peer.port();
    settings.tls = channels::Tls::none;
    settings.envelope_from = "bounces@chaser.example";
    settings.reply_timeout = sunk.reply_timeout;
    const auto channel = channels::make_smtp(settings);
    const OneDelivery result = deliver(*channel->make_session(), parcel());
    CHECK(result.outcome.kind == sunk.kind);
    CHECK(result.outcome.code == sunk.code);
    CHECK(result.outcome.retry_after_seconds == sunk.retry_after);
    CHECK(result.begun == sunk.begun);
  }
}
