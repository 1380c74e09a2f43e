#include "app/calendar_files.h"

#include <fmt/format.h>

#include <set>

#include "app/settings_reader.h"
#include "documents/yaml.h"

namespace chaser::app {

using documents::MappingReader;
using documents::Problems;
using documents::Source;
using documents::YamlNode;

namespace {

std::optional<int> weekday(std::string_view name) {
  constexpr std::string_view names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  for (int i = 0; i < 7; ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

/// "12-25", a day that exists in some year.
std::optional<calendar::FixedDay> fixed_day(const std::string& text) {
  const auto day = calendar::parse_iso_day("2024-" + text);
  if (!day) return std::nullopt;
  return calendar::FixedDay{day->month(), day->day()};
}

std::optional<calendar::NthWeekday> nth_weekday(MappingReader& reader) {
  const auto month = reader.integer("month", 1, 12);
  const auto name = reader.text("weekday");
  const auto nth = reader.integer("nth", -1, 4);
  const auto day = name ? weekday(*name) : std::nullopt;
  if (name && !day) reader.error_at("weekday", fmt::format("\"weekday\" is Mon to Sun; got \"{}\"", *name));
  if (nth && *nth == 0) reader.error_at("nth", "\"nth\" is 1 to 4, or -1 for the month's last");
  if (!month && !day && !nth) return std::nullopt;
  if (!month || !day || !nth) {
    reader.error_at("month", "a holiday on a weekday needs \"month\", \"weekday\" and \"nth\"");
    return std::nullopt;
  }
  return calendar::NthWeekday{static_cast<int>(*month), *day, static_cast<int>(*nth)};
}

calendar::HolidayRule read_holiday(const YamlNode& node, const Source& source, Problems& problems) {
  MappingReader reader(node, source, problems, "a holiday");
  calendar::HolidayRule rule{"", calendar::EasterOffset{0}};
  if (!reader.is_valid()) return rule;
  rule.name = reader.required_text("name").value_or("");
  int ways = 0;
  if (const auto date = reader.text("date")) {
    const auto day = fixed_day(*date);
    if (day) rule.on = *day;
    if (!day) reader.error_at("date", fmt::format("\"date\" is a month and a day, such as 12-25; got \"{}\"", *date));
    ++ways;
  }
  if (const auto days = reader.integer("easter", -366, 366)) {
    rule.on = calendar::EasterOffset{static_cast<int>(*days)};
    ++ways;
  }
  if (const auto nth = nth_weekday(reader)) {
    rule.on = *nth;
    ++ways;
  }
  if (ways != 1) reader.error_at("name", "a holiday needs one of: date; easter; month, weekday and nth");
  if (reader.boolean("substitute").value_or(false)) rule.substitute = calendar::Substitute::next_free_weekday;
  rule.first_year = static_cast<int>(reader.integer("from", 1900, 9999).value_or(1900));
  rule.last_year = static_cast<int>(reader.integer("to", 1900, 9999).value_or(9999));
  reader.finish();
  return rule;
}

calendar::HolidayMove read_move(const YamlNode& node, const Source& source, Problems& problems) {
  MappingReader reader(node, source, problems, "a move");
  calendar::HolidayMove move;
  if (!reader.is_valid()) return move;
  move.name = reader.required_text("name").value_or("");
  const auto day = [&](std::string_view key) -> std::optional<calendar::CivilDay> {
    const auto text = reader.text(key);
    if (!text) return std::nullopt;
    const auto read = calendar::parse_iso_day(*text);
    if (!read) reader.error_at(key, fmt::format("\"{}\" must be a day such as 2026-05-04; got \"{}\"", key, *text));
    return read;
  };
  move.from = day("from");
  move.to = day("to");
  if (node.find("from") == nullptr && node.find("to") == nullptr) {
    reader.error_at("name", "a move needs \"from\" (no holiday that day), \"to\" (a holiday that day) or both");
  }
  reader.finish();
  return move;
}

const std::vector<YamlNode>& list(MappingReader& reader, std::string_view key) {
  static const std::vector<YamlNode> none;
  const YamlNode* const node = reader.optional(key);
  if (node == nullptr) return none;
  if (!node->is_sequence()) reader.error_at(key, fmt::format("\"{}\" must be a list", key));
  return node->items;
}

void read_weekend(MappingReader& reader, const Source& source, Problems& problems,
                  calendar::CalendarDefinition& calendar) {
  if (reader.optional("weekend") == nullptr) return;
  unsigned days = 0;
  for (const YamlNode* const name : reader.one_or_more("weekend")) {
    if (const auto day = weekday(name->scalar)) {
      days |= 1u << *day;
    } else {
      problems.error(source, name->at, fmt::format("a weekday is Mon to Sun; got \"{}\"", name->scalar));
    }
  }
  calendar.weekend = static_cast<std::uint8_t>(days);
}

std::optional<calendar::CalendarDefinition> read_calendar(const YamlNode& node, const Source& source,
                                                          Problems& problems) {
  const std::size_t errors_before = problems.errors_met();
  MappingReader reader(node, source, problems, "a calendar");
  if (!reader.is_valid()) return std::nullopt;
  calendar::CalendarDefinition calendar;
  const std::string name = reader.required_text("calendar").value_or("");
  if (const auto base = reader.text("extends")) {
    const auto shipped = calendar::shipped_calendar(*base);
    const std::string known[] = {"england-and-wales", "scotland", "northern-ireland"};
    if (shipped) calendar = *shipped;
    if (!shipped) {
      reader.error_at("extends",
                      fmt::format("unknown calendar \"{}\"{}", *base, documents::did_you_mean(*base, known)));
    }
  }
  calendar.name = name;
  if (!name.empty() && !is_slug(name)) reader.error_at("calendar", "a calendar's name is a slug (a-z, 0-9, -)");
  if (calendar::shipped_calendar(name))
    reader.error_at("calendar", fmt::format("\"{}\" is a calendar that Chaser brings", name));
  read_weekend(reader, source, problems, calendar);
  for (const YamlNode& item : list(reader, "holidays")) calendar.rules.push_back(read_holiday(item, source, problems));
  for (const YamlNode& item : list(reader, "moves")) calendar.moves.push_back(read_move(item, source, problems));
  reader.finish();
  if (problems.errors_met() > errors_before) return std::nullopt;
  if (const auto wrong = calendar::what_is_wrong(calendar)) {
    problems.error(source, node.at, fmt::format("calendar \"{}\" cannot be used: {}", name, *wrong));
    return std::nullopt;
  }
  return calendar;
}

}  // namespace

std::vector<calendar::CalendarDefinition> read_calendars(const Source& source, Problems& problems) {
  std::vector<calendar::CalendarDefinition> calendars;
  const auto document = documents::parse_yaml(source, problems);
  if (!document) return calendars;
  MappingReader reader(*document, source, problems, "a calendar file");
  std::set<std::string> seen;
  for (const YamlNode& item : list(reader, "calendars")) {
    auto calendar = read_calendar(item, source, problems);
    if (!calendar) continue;
    if (!seen.insert(calendar->name).second) {
      problems.error(source, item.at, fmt::format("two calendars have the name \"{}\"", calendar->name));
      continue;
    }
    calendars.push_back(std::move(*calendar));
  }
  reader.finish();
  return calendars;
}

}  // namespace chaser::app
