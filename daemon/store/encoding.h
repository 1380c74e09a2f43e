#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace chaser::store {

class Query;

// How lists and small structures are written into one column: JSON, so that people can read the database.

std::string to_column(std::span<const std::string> texts);
std::vector<std::string> texts_of(std::string_view column);

std::string to_column(std::span<const plan::OwnerToken> owners);
std::vector<plan::OwnerToken> owners_of(std::string_view column);

std::string to_column(std::span<const plan::Milestone> milestones);
std::vector<plan::Milestone> milestones_of(std::string_view column);

/// "" for none.
std::string to_column(const std::optional<plan::Measure>& measure);
std::optional<plan::Measure> measure_of(std::string_view column);

std::string to_column(std::span<const std::pair<std::string, std::string>> pairs);
std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view column);

/// "" for none.
std::string to_column(const std::optional<plan::AlternativeReading>& alternative);
std::optional<plan::AlternativeReading> alternative_of(std::string_view column);

/// Alternatives that were read already, by their column: the actions of a plan share a few.
using Alternatives = std::map<std::string, std::optional<plan::AlternativeReading>, std::less<>>;

/// A timescale's nine columns from `column` on: verbatim, kind, start_day, due_day, precision, convention, ambiguous,
/// alternative, problem.
plan::Timescale timescale_of(const Query& query, int column, Alternatives& known);

/// Row ids: "12,15".
std::string to_column(std::span<const std::int64_t> rows);
std::vector<std::int64_t> rows_of(std::string_view column);

/// Names without commas (channels): "email,teams".
std::string joined(std::span<const std::string> names);
std::vector<std::string> split(std::string_view joined_names);

/// 64 hex digits <-> 32 bytes.
std::string bytes_of_hex(std::string_view hex);
std::string hex_of_bytes(std::string_view bytes);

/// One flat JSON object, built part by part: an event's details.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view value);
  JsonObject& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  JsonObject& add(std::string_view name, std::int64_t value);
  JsonObject& add_real(std::string_view name, double value);
  JsonObject& add(std::string_view name, std::span<const std::string> values);
  /// `json` is valid JSON already.
  JsonObject& add_raw(std::string_view name, std::string_view json);
  std::string text() const { return text_ + "}"; }
  bool empty() const { return text_.size() == 1; }

 private:
  void name(std::string_view name);
  std::string text_ = "{";
};

}  // namespace chaser::store
