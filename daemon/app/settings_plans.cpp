#include <absl/time/time.h>
#include <fmt/format.h>

#include <charconv>
#include <set>

#include "app/settings_reader.h"
#include "plan/plan.h"

namespace chaser::app {

using documents::MappingReader;
using documents::YamlNode;

namespace {

PlanSettings read_plan_settings(const YamlNode& node, const SettingsReading& reading) {
  MappingReader reader(node, reading.source, reading.problems, "a plan");
  PlanSettings plan;
  plan.at = node.at;
  plan.zone_at = node.at;
  if (!reader.is_valid()) return plan;
  plan.id = reader.required_text("id").value_or("");
  if (!plan.id.empty() && !is_slug(plan.id)) {
    reader.error_at("id", fmt::format("a plan's id is a slug (a-z, 0-9, -); got \"{}\"", plan.id), {"such as kent-medway"});
  }
  if (const auto file = reader.required_text("file")) plan.file = reading.path(*file);
  plan.title = reader.text("title").value_or("");
  if (const auto zone = reader.text("zone")) {
    plan.zone = *zone;
    plan.zone_at = node.find("zone")->at;
  }
  if (const auto supplement = reader.text("supplement")) plan.supplement = reading.path(*supplement);
  if (reader.optional("conventions") != nullptr) {
    plan.conventions = plan::read_conventions(node, reading.source, reading.problems);
  }
  reader.finish();
  return plan;
}

/// "9:00" or "09:00" up to 24:00.
std::optional<std::chrono::minutes> time_of_day(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() != colon + 3) return std::nullopt;
  int hour = 0;
  int minute = 0;
  const char* const middle = text.data() + colon;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), middle, hour);
  const auto second = std::from_chars(middle + 1, end, minute);
  const bool whole = first.ptr == middle && second.ptr == end && first.ec == std::errc{} && second.ec == std::errc{};
  if (!whole || hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return std::chrono::minutes(hour * 60 + minute);
}

/// "Mon-Fri", "Mon,Wed,Fri", "Sun-Thu" as bits, Monday the lowest; nothing if it is no such list.
std::optional<std::uint8_t> weekdays(std::string_view text) {
  constexpr std::string_view names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const auto index = [&](std::string_view name) -> int {
    for (int i = 0; i < 7; ++i) {
      if (names[i] == name) return i;
    }
    return -1;
  };
  unsigned days = 0;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    const std::size_t dash = part.find('-');
    const int first = index(part.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : index(part.substr(dash + 1));
    if (first < 0 || last < 0) return std::nullopt;
    for (int day = first;; day = (day + 1) % 7) {
      days |= 1u << day;
      if (day == last) break;
    }
  }
  if (days == 0) return std::nullopt;
  return static_cast<std::uint8_t>(days);
}

void read_hour(MappingReader& reader, std::string_view key, std::chrono::minutes& value) {
  const auto text = reader.text(key);
  if (!text) return;
  if (const auto time = time_of_day(*text)) {
    value = *time;
  } else {
    reader.error_at(key, fmt::format("\"{}\" must be a time of day such as 09:00; got \"{}\"", key, *text));
  }
}

}  // namespace

std::optional<calendar::SendingWindow> read_window(const YamlNode& node, const SettingsReading& reading) {
  MappingReader reader(node, reading.source, reading.problems, "a window");
  if (!reader.is_valid()) return std::nullopt;
  calendar::SendingWindow window;
  if (const auto text = reader.text("days")) {
    if (const auto days = weekdays(*text)) {
      window.weekdays = *days;
    } else {
      reader.error_at("days", fmt::format("\"days\" must be weekdays such as Mon-Fri or Mon,Wed; got \"{}\"", *text));
    }
  }
  read_hour(reader, "open", window.open);
  read_hour(reader, "close", window.close);
  if (window.open >= std::chrono::hours(24)) reader.error_at("open", "a window opens before 24:00");
  window.on_holidays = reader.boolean("on_holidays").value_or(false);
  reader.finish();
  return window;
}

void read_plans(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  constexpr std::size_t plans_max = 1000;
  if (!node.is_sequence() || node.items.empty()) {
    reading.error(node, "\"plans\" must be a list of at least one plan",
                  {"such as plans: [{ id: kent-medway, file: plans/kent-medway.txt }]"});
    return;
  }
  if (node.items.size() > plans_max) reading.error(node, fmt::format("at most {} plans", plans_max));
  std::set<std::string> seen;
  for (const YamlNode& item : node.items) {
    PlanSettings plan = read_plan_settings(item, reading);
    if (!plan.id.empty() && !seen.insert(plan.id).second) {
      reading.error(item, fmt::format("two plans have the id \"{}\"", plan.id));
    }
    settings.plans.push_back(std::move(plan));
  }
}

}  // namespace chaser::app
