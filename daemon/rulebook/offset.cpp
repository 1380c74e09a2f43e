#include "rulebook/offset.h"

#include <array>
#include <charconv>
#include <utility>

namespace chaser::rulebook {
namespace {

constexpr int count_most = 10'000;

constexpr std::array<std::pair<std::string_view, OffsetUnit>, 4> units{
    {{"d", OffsetUnit::days}, {"wd", OffsetUnit::working_days}, {"w", OffsetUnit::weeks}, {"mo", OffsetUnit::months}}};

std::optional<OffsetUnit> unit_of(std::string_view text) {
  for (const auto& [name, unit] : units) {
    if (name == text) return unit;
  }
  return std::nullopt;
}

std::string_view name_of(OffsetUnit unit) {
  for (const auto& [name, named] : units) {
    if (named == unit) return name;
  }
  return "";
}

}  // namespace

std::optional<Offset> parse_offset(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  int count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count > count_most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  const std::optional<OffsetUnit> unit = unit_of(text);
  if (!unit) return std::nullopt;
  return Offset{negative ? -count : count, *unit};
}

std::string to_string(Offset offset) {
  std::string text = offset.count > 0 ? "+" : "";
  text += std::to_string(offset.count);
  text += name_of(offset.unit);
  return text;
}

calendar::CivilDay apply(Offset offset, calendar::CivilDay anchor, const calendar::WorkingCalendar& calendar) {
  switch (offset.unit) {
    case OffsetUnit::days:
      return anchor + offset.count;
    case OffsetUnit::working_days:
      return calendar.add_working_days(anchor, offset.count);
    case OffsetUnit::weeks:
      return anchor + 7 * offset.count;
    case OffsetUnit::months:
      return calendar::add_months(anchor, offset.count);
  }
  return anchor;
}

calendar::CivilDay nominal_day(Offset offset, calendar::CivilDay anchor, const calendar::WorkingCalendar& calendar) {
  const calendar::CivilDay day = apply(offset, anchor, calendar);
  return offset.count > 0 ? calendar.on_or_after(day) : calendar.on_or_before(day);
}

}  // namespace chaser::rulebook
