#include "store/encoding.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <nlohmann/json.hpp>

#include "store/database.h"

namespace chaser::store {

namespace {

using nlohmann::json;

/// Texts come from documents in any state; what is no UTF-8 becomes U+FFFD rather than an exception in a transaction.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Columns were written by this file, so a broken one is a broken database.
json parse(std::string_view column) {
  json value = json::parse(column, nullptr, false);
  if (value.is_discarded() || !value.is_array()) {
    throw StoreError(StoreFault::corrupt, "a list in the database is no list: " + std::string(column.substr(0, 60)));
  }
  return value;
}

bool is_empty_list(std::string_view column) {
  return column.empty() || column == "[]";
}

json day_json(const std::optional<CivilDay>& day) {
  return day ? json(calendar::day_number(*day)) : json(nullptr);
}
std::optional<CivilDay> day_from(const json& value) {
  if (value.is_null()) return std::nullopt;
  return from_day_number(value.get<std::int64_t>());
}

json reading_json(const plan::Reading& reading) {
  return json::array({calendar::day_number(reading.on), reading.value});
}
plan::Reading reading_from(const json& value) {
  return {from_day_number(value.at(0).get<std::int64_t>()), value.at(1).get<double>()};
}

json readings_json(const std::vector<plan::Reading>& readings) {
  json list = json::array();
  for (const plan::Reading& reading : readings) list.push_back(reading_json(reading));
  return list;
}
std::vector<plan::Reading> readings_from(const json& list) {
  std::vector<plan::Reading> readings;
  for (const json& item : list) readings.push_back(reading_from(item));
  return readings;
}

}  // namespace

std::string to_column(std::span<const std::string> texts) {
  if (texts.empty()) return "[]";
  json list = json::array();
  for (const auto& text : texts) list.push_back(text);
  return dump(list);
}

std::vector<std::string> texts_of(std::string_view column) {
  if (is_empty_list(column)) return {};
  return parse(column).get<std::vector<std::string>>();
}

std::string to_column(std::span<const plan::OwnerToken> owners) {
  if (owners.empty()) return "[]";
  json list = json::array();
  for (const auto& owner : owners) list.push_back(json::array({owner.name, std::string(plan::name_of(owner.role))}));
  return dump(list);
}

std::vector<plan::OwnerToken> owners_of(std::string_view column) {
  if (is_empty_list(column)) return {};
  std::vector<plan::OwnerToken> owners;
  for (const auto& item : parse(column)) {
    const auto role = item.at(1) == plan::name_of(plan::Role::support) ? plan::Role::support : plan::Role::lead;
    owners.push_back({item.at(0).get<std::string>(), role});
  }
  return owners;
}

std::string to_column(std::span<const plan::Milestone> milestones) {
  if (milestones.empty()) return "[]";
  json list = json::array();
  for (const auto& milestone : milestones) {
    list.push_back(json::array({milestone.id, milestone.name, day_json(milestone.due), milestone.done}));
  }
  return dump(list);
}

std::vector<plan::Milestone> milestones_of(std::string_view column) {
  if (is_empty_list(column)) return {};
  std::vector<plan::Milestone> milestones;
  for (const auto& item : parse(column)) {
    milestones.push_back({item.at(0).get<std::string>(), item.at(1).get<std::string>(),
                          from_day_number(item.at(2).get<std::int64_t>()), item.at(3).get<bool>()});
  }
  return milestones;
}

std::string to_column(const std::optional<plan::Measure>& measure) {
  if (!measure) return "";
  json months = json::array();
  if (measure->months) months = *measure->months;
  return dump(json::array({measure->name, measure->unit, reading_json(measure->baseline), reading_json(measure->target),
                           readings_json(measure->points), std::move(months), readings_json(measure->readings)}));
}

std::optional<plan::Measure> measure_of(std::string_view column) {
  if (column.empty()) return std::nullopt;
  const json item = parse(column);
  plan::Measure measure{item.at(0).get<std::string>(), item.at(1).get<std::string>(), reading_from(item.at(2)),
                        reading_from(item.at(3)),      readings_from(item.at(4)),     std::nullopt,
                        readings_from(item.at(6))};
  if (!item.at(5).empty()) measure.months = item.at(5).get<std::array<double, 12>>();
  return measure;
}

std::string to_column(std::span<const std::pair<std::string, std::string>> pairs) {
  if (pairs.empty()) return "[]";
  json list = json::array();
  for (const auto& [name, value] : pairs) list.push_back(json::array({name, value}));
  return dump(list);
}

std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view column) {
  if (is_empty_list(column)) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& item : parse(column)) {
    pairs.emplace_back(item.at(0).get<std::string>(), item.at(1).get<std::string>());
  }
  return pairs;
}

std::string to_column(const std::optional<plan::AlternativeReading>& alternative) {
  if (!alternative) return "";
  return dump(json::array({day_json(alternative->start), day_json(alternative->due), alternative->convention}));
}

std::optional<plan::AlternativeReading> alternative_of(std::string_view column) {
  if (column.empty()) return std::nullopt;
  const json item = parse(column);
  return plan::AlternativeReading{day_from(item.at(0)), day_from(item.at(1)), item.at(2).get<std::string>()};
}

plan::Timescale timescale_of(const Query& query, int column, Alternatives& known) {
  plan::Timescale timescale;
  timescale.verbatim = query.text(column);
  timescale.kind = plan::timescale_kind(query.view(column + 1)).value_or(plan::TimescaleKind::unreadable);
  timescale.start = query.maybe_day(column + 2);
  timescale.due = query.maybe_day(column + 3);
  timescale.precision = plan::precision(query.view(column + 4)).value_or(plan::Precision::none);
  timescale.convention = query.text(column + 5);
  timescale.ambiguous = query.truth(column + 6);
  const std::string_view alternative = query.view(column + 7);
  auto read = known.find(alternative);
  if (read == known.end()) read = known.emplace(alternative, alternative_of(alternative)).first;
  timescale.alternative = read->second;
  timescale.problem = query.text(column + 8);
  return timescale;
}

std::string to_column(std::span<const std::int64_t> rows) {
  std::string column;
  for (const std::int64_t row : rows) {
    if (!column.empty()) column += ',';
    column += std::to_string(row);
  }
  return column;
}

std::vector<std::int64_t> rows_of(std::string_view column) {
  std::vector<std::int64_t> rows;
  const char* at = column.data();
  const char* const end = at + column.size();
  while (at < end) {
    std::int64_t row = 0;
    const auto [next, error] = std::from_chars(at, end, row);
    if (error != std::errc()) throw StoreError(StoreFault::corrupt, "a list of rows is none: " + std::string(column));
    rows.push_back(row);
    at = next + 1;
  }
  return rows;
}

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::vector<std::string> split(std::string_view joined_names) {
  std::vector<std::string> names;
  while (!joined_names.empty()) {
    const auto comma = joined_names.find(',');
    names.emplace_back(joined_names.substr(0, comma));
    joined_names = comma == std::string_view::npos ? std::string_view() : joined_names.substr(comma + 1);
  }
  return names;
}

std::string bytes_of_hex(std::string_view hex) {
  assert(hex.size() % 2 == 0);
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    assert(error == std::errc() && end == hex.data() + i + 2);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::string hex_of_bytes(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += digits[value >> 4U];
    hex += digits[value & 15U];
  }
  return hex;
}

void JsonObject::name(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  text_ += '"';
  text_ += name;  // names are literals of this program
  text_ += "\":";
}

JsonObject& JsonObject::add(std::string_view name_of_value, std::string_view value) {
  name(name_of_value);
  // Ids and names of rules and steps nearly always are; a pass writes five of them for each notification.
  const bool is_plain =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (is_plain) {
    text_ += '"';
    text_ += value;
    text_ += '"';
  } else {
    text_ += dump(json(std::string(value)));
  }
  return *this;
}

JsonObject& JsonObject::add(std::string_view name_of_value, std::int64_t value) {
  name(name_of_value);
  text_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::add_real(std::string_view name_of_value, double value) {
  return add_raw(name_of_value, dump(json(value)));
}

JsonObject& JsonObject::add(std::string_view name_of_value, std::span<const std::string> values) {
  return add_raw(name_of_value, to_column(values));
}

JsonObject& JsonObject::add_raw(std::string_view name_of_value, std::string_view raw) {
  name(name_of_value);
  text_ += raw;
  return *this;
}

}  // namespace chaser::store
