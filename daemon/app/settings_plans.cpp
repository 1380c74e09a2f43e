#include <fmt/format.h>

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
