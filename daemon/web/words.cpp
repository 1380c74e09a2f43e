#include "web/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "calendar/time.h"
#include "web/exchange.h"

namespace chaser::web {

std::string day_words(std::optional<CivilDay> day) {
  return day ? calendar::short_day(*day) : "";
}

std::string time_words(std::optional<Instant> at, const calendar::Zone& zone) {
  return at && *at < absl::InfiniteFuture() ? absl::FormatTime("%a %-d %b %Y, %H:%M", *at, zone) : "";
}

std::string near_time_words(Instant at, Instant now, const calendar::Zone& zone) {
  const CivilDay day = calendar::day_of(at, zone);
  const CivilDay today = calendar::day_of(now, zone);
  const std::string time = absl::FormatTime("%H:%M", at, zone);
  if (day == today) return "today at " + time;
  if (day == today + 1) return "tomorrow at " + time;
  if (day == today - 1) return "yesterday at " + time;
  return absl::FormatTime(day.year() == today.year() ? "%a %-d %b, %H:%M" : "%a %-d %b %Y, %H:%M", at, zone);
}

std::string days_left_words(std::optional<CivilDay> due, CivilDay today) {
  if (!due) return "";
  const auto days = *due - today;
  if (days == 0) return "today";
  if (days < 0) return counted(static_cast<std::size_t>(-days), "day") + " late";
  if (days <= 90) return "in " + counted(static_cast<std::size_t>(days), "day");
  return "in " + counted(static_cast<std::size_t>((days + 15) / 30), "month");
}

std::string status_words(std::string_view status) {
  std::string words(status);
  std::replace(words.begin(), words.end(), '_', ' ');
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string party_name(std::string_view party, const chase::World& world) {
  const chase::PartyIndex index = world.find_party(party);
  if (index == chase::no_party || world.person(index).name.empty()) return std::string(party);
  return world.person(index).name;
}

calendar::Zone zone_of(std::string_view plan, const chase::World& world) {
  const chase::PlanContext* const context = world.find_plan(plan);
  return context == nullptr ? home_zone(world) : context->zone;
}

calendar::Zone home_zone(const chase::World& world) {
  return world.plans().empty() ? absl::UTCTimeZone() : world.plans().front().zone;
}

std::string action_path(std::string_view plan, std::string_view action) {
  return "/plan/" + url_part(plan) + "/action/" + url_part(action);
}

}  // namespace chaser::web
