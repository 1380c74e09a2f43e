#include "app/clock.h"

#include <absl/time/clock.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

namespace chaser::app {

Instant Clock::now() const {
  if (scripted_) return *scripted_;
  // The store keeps microseconds: what is read back must compare equal.
  return absl::FromUnixMicros(absl::GetCurrentTimeNanos() / 1000);
}

absl::Duration Clock::since_boot() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return absl::DurationFromTimespec(time);
}

bool clock_is_synchronised() {
  struct stat status{};
  if (::stat("/run/systemd/timesync/synchronized", &status) == 0) return true;
  timex kernel{};
  const int answer = ::adjtimex(&kernel);
  if (answer >= 0) return answer != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
  // The sandbox denies the kernel's word: a time service that runs but has not set the clock is the other sign.
  return ::stat("/run/systemd/timesync", &status) != 0;
}

namespace {

bool year_is_sane(Instant wall) {
  const auto year = absl::ToCivilYear(wall, absl::UTCTimeZone()).year();
  return year >= 2020 && year <= 2100;
}

}  // namespace

ClockGuard::ClockGuard(const Reading& reading, std::optional<Instant> high_water, bool held_before) : good_(reading) {
  if (!year_is_sane(reading.wall)) {
    hold("the clock's year is outside 2020-2100");
  } else if (!reading.synchronised && high_water && absl::AbsDuration(reading.wall - *high_water) > jump_max) {
    until_synchronised_ =
        hold("the clock follows no time source and is " +
             absl::FormatDuration(absl::Trunc(reading.wall - *high_water, absl::Hours(1))) + " from where it was last");
  } else if (!reading.synchronised && held_before) {
    until_synchronised_ = hold("the clock was not to be trusted before and follows no time source");
  }
}

bool ClockGuard::hold(std::string reason) {
  held_ = true;
  reason_ = std::move(reason);
  return true;
}

ClockGuard::Judgement ClockGuard::observe(const Reading& reading) {
  const absl::Duration off = (reading.wall - good_.wall) - (reading.boot - good_.boot);
  const bool jumped = !until_synchronised_ && off > jump_max;
  const bool believable = year_is_sane(reading.wall) && !jumped && (!until_synchronised_ || reading.synchronised);
  if (believable) {
    const bool was_held = held_;
    held_ = false;
    until_synchronised_ = false;
    reason_.clear();
    good_ = reading;
    if (was_held) return Judgement::let_go;
    return absl::AbsDuration(off) > step_min ? Judgement::stepped : Judgement::steady;
  }
  if (held_) return Judgement::steady;
  if (!year_is_sane(reading.wall)) {
    hold("the clock's year is outside 2020-2100");
  } else {
    hold("the clock jumped on by " + absl::FormatDuration(absl::Trunc(off, absl::Minutes(1))));
  }
  return Judgement::held;
}

void ClockGuard::release(const Reading& reading) {
  held_ = false;
  until_synchronised_ = false;
  reason_.clear();
  good_ = reading;
}

}  // namespace chaser::app
