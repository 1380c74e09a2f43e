#include <fmt/format.h>

#include <set>

#include "app/settings_reader.h"
#include "plan/plan.h"

namespace chaser::app {

using documents::MappingReader;
using documents::YamlNode;

namespace {

/// "5wd": so long before.
std::optional<rulebook::Offset> read_length(MappingReader& reader, std::string_view key) {
  const auto text = reader.text(key);
  if (!text) return std::nullopt;
  const auto length = rulebook::parse_offset(*text);
  if (length && length->count >= 0) return length;
  reader.error_at(
      key, fmt::format("\"{}\" is a number of days (7d), working days (5wd), weeks (1w) or months (1mo); got \"{}\"",
                       key, *text));
  return std::nullopt;
}

chase::RagScheme read_rag(const YamlNode& node, const SettingsReading& reading) {
  chase::RagScheme scheme;
  MappingReader reader(node, reading.source, reading.problems, "rag");
  if (!reader.is_valid()) return scheme;
  if (const auto by = reader.required_text("by")) {
    if (const auto known = chase::rag_scheme(*by))
      scheme.by = *known;
    else
      reader.error_at("by", fmt::format("\"by\" is lateness, percent or hand; got \"{}\"", *by));
  }
  if (const auto after = read_length(reader, "red_after")) scheme.red_after = *after;
  if (const auto from = reader.integer("green_from", 70, 200)) scheme.green_from = static_cast<int>(*from);
  if (const auto below = reader.integer("red_below", 0, 70)) scheme.red_below = static_cast<int>(*below);
  reader.finish();
  return scheme;
}

PlanSettings read_plan_settings(const YamlNode& node, const SettingsReading& reading) {
  MappingReader reader(node, reading.source, reading.problems, "a plan");
  PlanSettings plan;
  plan.at = node.at;
  plan.zone_at = node.at;
  if (!reader.is_valid()) return plan;
  plan.id = reader.required_text("id").value_or("");
  if (!plan.id.empty() && !is_slug(plan.id)) {
    reader.error_at("id", fmt::format("a plan's id is a slug (a-z, 0-9, -); got \"{}\"", plan.id),
                    {"such as kent-medway"});
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
  if (const auto meetings = reader.text("meetings")) plan.meetings = reading.path(*meetings);
  if (const auto before = read_length(reader, "cutoff")) plan.cutoff = {-before->count, before->unit};
  if (const YamlNode* const rag = reader.optional("rag")) plan.rag = read_rag(*rag, reading);
  reader.finish();
  return plan;
}

}  // namespace

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
