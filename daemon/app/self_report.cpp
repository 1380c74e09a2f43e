#include "app/self_report.h"

#include <fmt/format.h>

#include "app/reporting.h"

namespace chaser::app {

namespace {

constexpr absl::Duration looked_every = absl::Hours(1);
constexpr std::string_view told_in_store = "stuck_told";

}  // namespace

std::string stuck_words(const store::StoreStatus& status, const std::string& inbox_trouble, Instant now) {
  std::string words;
  const auto add = [&](const std::string& part) { words += (words.empty() ? "" : "; ") + part; };
  if (status.needs_attention > 0) {
    add(fmt::format("{} in need of a person (see \"chaser outbox\")", counted(status.needs_attention, "message")));
  }
  if (status.oldest_unsent && *status.oldest_unsent + stuck_after <= now) {
    add(fmt::format("{} not sent, the oldest since {}", counted(status.queued, "message"),
                    calendar::rfc3339(*status.oldest_unsent, absl::UTCTimeZone())));
  }
  if (!inbox_trouble.empty()) add("the inbox cannot be read: " + inbox_trouble);
  return words;
}

SelfReport::SelfReport(Engine& engine, Log& log) : engine_(engine), log_(log) {
  Instant at;
  std::string error;
  const auto kept = engine.store().kept(told_in_store);
  if (kept && absl::ParseTime(absl::RFC3339_full, *kept, &at, &error)) told_ = at;
}

void SelfReport::look(Instant now, bool failed) {
  if (!failed && now < looked_ + looked_every && now >= looked_) return;
  looked_ = now;
  words_ = stuck_words(engine_.store().status(), engine_.store().kept("inbox_trouble").value_or(""), now);
  if (words_.empty() || (now < told_ + stuck_told_every && now >= told_)) return;
  told_ = now;
  engine_.store().keep(told_in_store, calendar::rfc3339(now, absl::UTCTimeZone()));
  log_.error("stuck: " + words_);
}

std::optional<Instant> SelfReport::next() const {
  if (words_.empty()) return std::nullopt;
  return told_ + stuck_told_every;
}

}  // namespace chaser::app
