#include "web/meters.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

namespace chaser::web {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;

const prometheus::Histogram::BucketBoundaries pass_seconds{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60};

constexpr std::array<std::string_view, 3> result_names{"taken", "partly", "refused"};

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

/// Families as members: each series is made before it is first counted, so that a rate has a nought to begin with.
struct Meters::Counted {
  prometheus::Registry registry;
  Counter& looks = counters(registry, "chaser_looks_total", "Actions looked at.").Add({});
  Family<Counter>& decisions =
      counters(registry, "chaser_decisions_total", "Decisions: to notify, to hold, or none because deciding failed.");
  Counter& notified = decisions.Add({{"decision", "notify"}});
  Counter& held = decisions.Add({{"decision", "hold"}});
  Counter& failed = decisions.Add({{"decision", "failed"}});
  Counter& composed = counters(registry, "chaser_messages_composed_total", "Messages put into the outbox.").Add({});
  Family<Counter>& attempts =
      counters(registry, "chaser_delivery_attempts_total", "Tries at delivering a message, by channel and outcome.");
  Family<Counter>& reloads = counters(registry, "chaser_reloads_total", "Reloads of rules, directory and settings.");
  prometheus::Histogram& pass_duration = BuildHistogram()
                                             .Name("chaser_pass_duration_seconds")
                                             .Help("How long passes took that had something to do.")
                                             .Register(registry)
                                             .Add({}, pass_seconds);
  prometheus::Gauge& reload_good = BuildGauge()
                                       .Name("chaser_last_reload_successful")
                                       .Help("1 if the last start or reload took every file as it is, else 0.")
                                       .Register(registry)
                                       .Add({});
  prometheus::Gauge& reload_time = BuildGauge()
                                       .Name("chaser_last_reload_timestamp_seconds")
                                       .Help("When files were read last, at a start or a reload.")
                                       .Register(registry)
                                       .Add({});
  prometheus::Gauge& tick_time = BuildGauge()
                                     .Name("chaser_scheduler_last_tick_timestamp_seconds")
                                     .Help("When the scheduler last looked at what is due.")
                                     .Register(registry)
                                     .Add({});

  Counted() {
    for (const std::string_view result : result_names) reloads.Add({{"result", std::string(result)}});
  }
};

Meters::Meters() : counted_(std::make_unique<Counted>()) {}
Meters::~Meters() = default;

void Meters::note_tick(calendar::Instant now) {
  counted_->tick_time.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
  const std::lock_guard lock(mutex_);
  last_tick_ = now;
}

void Meters::note_pass(const PassMeter& pass) {
  const auto add = [](Counter& counter, std::size_t count) { counter.Increment(static_cast<double>(count)); };
  add(counted_->looks, pass.looked);
  add(counted_->notified, pass.notified);
  add(counted_->held, pass.held);
  add(counted_->failed, pass.failed);
  add(counted_->composed, pass.messages);
  counted_->pass_duration.Observe(absl::ToDoubleSeconds(pass.took));
}

void Meters::note_attempt(std::string_view channel, std::string_view outcome) {
  counted_->attempts.Add({{"channel", std::string(channel)}, {"outcome", std::string(outcome)}}).Increment();
}

void Meters::note_reload(ReloadResult result, calendar::Instant now) {
  counted_->reloads.Add({{"result", std::string(result_names[static_cast<std::size_t>(result)])}}).Increment();
  note_start(result == ReloadResult::taken, now);
}

void Meters::note_start(bool well, calendar::Instant now) {
  counted_->reload_good.Set(well ? 1 : 0);
  counted_->reload_time.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
}

std::optional<calendar::Instant> Meters::last_tick() const {
  const std::lock_guard lock(mutex_);
  return last_tick_;
}

std::vector<prometheus::MetricFamily> Meters::collect() const {
  return counted_->registry.Collect();
}

}  // namespace chaser::web
