#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "store/tallies.h"
#include "web/staff.h"

namespace chaser::web {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Series of one family whose names come from rule files and settings: what is beyond is counted together.
constexpr std::size_t series_max = 500;
constexpr const char* the_rest = "other";
/// Counting cases takes a while in a large store: whoever asks again within this gets the same numbers.
constexpr absl::Duration tallies_age_max = absl::Seconds(10);

using Labels = std::vector<ClientMetric::Label>;

/// The families of one exposition, filled one after the other.
class Families {
 public:
  explicit Families(std::vector<MetricFamily> begun) : families_(std::move(begun)) {}

  void begin(std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), MetricType::Gauge, {}});
  }
  void add(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  void single(std::string name, std::string help, double value) {
    begin(std::move(name), std::move(help));
    add({}, value);
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

double number(std::size_t count) {
  return static_cast<double>(count);
}

double seconds_since(const std::optional<Instant>& at, Instant now) {
  return at ? std::max(0.0, absl::ToDoubleSeconds(now - *at)) : 0.0;
}

/// By how much what is due has been waiting to be looked at or composed.
double scheduler_lag(const store::StoreStatus& status, Instant now) {
  return std::max(seconds_since(status.next_look, now), seconds_since(status.next_compose, now));
}

void add_counts(Families& families, const store::StoreStatus& status, Instant now) {
  families.single("chaser_plans", "Plans that were imported.", number(status.plans));
  families.single("chaser_actions", "Actions in all plans.", number(status.actions));
  families.single("chaser_notifications_pending", "Notifications decided that wait for their window.",
                  number(status.pending));
  families.single("chaser_messages_unsettled", "Messages on their way: queued, sent or tried again.",
                  number(status.queued));
  families.single("chaser_messages_needing_attention", "Messages that wait for a person's word.",
                  number(status.needs_attention));
  families.single("chaser_oldest_unsent_age_seconds", "Age of the oldest message not settled; 0: there is none.",
                  seconds_since(status.oldest_unsent, now));
  families.single("chaser_scheduler_lag_seconds", "For how long what is due has been waiting.",
                  scheduler_lag(status, now));
  if (status.next_look) {
    families.single("chaser_scheduler_next_look_timestamp_seconds", "When an action is looked at next.",
                    absl::ToDoubleSeconds(*status.next_look - absl::UnixEpoch()));
  }
}

void add_tallies(Families& families, const store::Tallies& tallies) {
  families.begin("chaser_cases", "Open cases by rule and the last step told.");
  double rest = 0;
  for (std::size_t i = 0; i < tallies.cases.size(); ++i) {
    const auto& cases = tallies.cases[i];
    if (i >= series_max) {
      rest += number(cases.count);
    } else {
      families.add({{"rule", cases.rule}, {"step", cases.step.empty() ? "none" : cases.step}}, number(cases.count));
    }
  }
  if (rest > 0) families.add({{"rule", the_rest}, {"step", the_rest}}, rest);
  families.begin("chaser_holds", "Decisions to stay silent that stand, by reason.");
  for (const auto& [reason, count] : tallies.holds) families.add({{"reason", reason}}, number(count));
  families.begin("chaser_messages", "Messages not settled by channel and state.");
  for (const auto& each : tallies.messages)
    families.add({{"channel", each.channel}, {"state", each.state}}, number(each.count));
}

/// Which texts are in force: one SHA-256 over all rule files, and what each plan was imported from.
void add_versions(Families& families, store::Store& store, const store::Tallies& tallies, const chase::World& world) {
  std::string hashes;
  for (const rulebook::RuleText& text : world.rulebook().texts()) hashes += text.file + " " + text.hash + "\n";
  families.begin("chaser_rulebook_info", "The rule files in force, by one hash over all.");
  families.add({{"hash", rulebook::sha256_hex(hashes)}}, 1);
  // The head's hash would be another series after every event; the service's log has it once a day.
  families.single("chaser_log_events", "Events in the audit trail; it never shrinks.",
                  static_cast<double>(store.log_head().events));
  families.single("chaser_rules", "Rules in force.", number(world.rulebook().rules().size()));
  families.begin("chaser_plan_info", "What each plan was imported from, by its hash.");
  for (std::size_t i = 0; i < tallies.plans.size() && i < series_max; ++i) {
    const auto kept = store.kept("plan:" + tallies.plans[i]);
    families.add({{"plan", tallies.plans[i]}, {"hash", kept.value_or("")}}, 1);
  }
}

void add_brakes(Families& families, store::Store& store) {
  const auto alarm = store.kept("alarm");
  families.single("chaser_files_broken", "1 while a broken file is replaced by its last good version.",
                  alarm && !alarm->empty() ? 1 : 0);
  families.begin("chaser_sending_held", "1 while sending is held by hand or because of the clock.");
  families.add({{"by", "stop"}}, store.stops().empty() ? 0 : 1);
  families.add({{"by", "clock"}}, store.kept("clock_held") == "yes" ? 1 : 0);
}

/// What is costly to count, and when it was counted.
class CountedTallies {
 public:
  store::Tallies of(const std::string& directory, Instant now) {
    const std::lock_guard lock(mutex_);
    if (!counted_ || now - at_ > tallies_age_max || now < at_) {
      counted_ = store::tallies_of(directory);
      at_ = now;
    }
    return *counted_;
  }

 private:
  std::mutex mutex_;
  std::optional<store::Tallies> counted_;
  Instant at_;
};

Response metrics(const Staff& staff, CountedTallies& counted) {
  const Site& site = staff.site();
  const Instant now = site.now();
  Families families(site.doors().meters == nullptr ? std::vector<MetricFamily>() : site.doors().meters->collect());
  const Site::Reader store = staff.site().reader();
  const store::Tallies tallies = counted.of(site.settings().state_directory, now);
  add_counts(families, store->status(), now);
  add_tallies(families, tallies);
  add_versions(families, *store, tallies, *site.world());
  add_brakes(families, *store);
  families.single("chaser_ready", "1 once the service has started.", site.is_ready() ? 1 : 0);
  return {200, "text/plain; version=0.0.4; charset=utf-8", families.text()};
}

}  // namespace

void add_metrics(Staff& staff) {
  const auto counted = std::make_shared<CountedTallies>();
  staff.router().add({"GET", "/metrics", Role::viewer,
                      [&staff, counted](const Request&, const Principal&) { return metrics(staff, *counted); }});
}

}  // namespace chaser::web
