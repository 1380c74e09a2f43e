#include <fmt/format.h>

#include <algorithm>

#include "app/clock.h"
#include "app/commands.h"
#include "app/forecasting.h"
#include "app/loading.h"
#include "app/message_check.h"
#include "app/opening.h"
#include "app/reporting.h"
#include "plan/dependencies.h"

namespace chaser::app {

namespace {

const FileReader from_disk = [](const std::string& path) { return read_file(path); };

/// What was read, in a line a plan: "kent-medway: 24 actions in 9 sections, 12 of them dated".
std::string summary(const Inputs& inputs, const std::vector<plan::Plan>& plans) {
  std::string text;
  for (const plan::Plan& plan : plans) {
    std::size_t dated = 0;
    for (const plan::Action& action : plan.actions)
      dated += action.timescale.kind == plan::TimescaleKind::dated ? 1 : 0;
    text += fmt::format("{}: {} in {}, {} dated\n", plan.id, counted(plan.actions.size(), "action"),
                        counted(plan.sections.size(), "section"), dated);
  }
  text += fmt::format(
      "{} in {}, {} in the directory, {} with a contact\n", counted(inputs.rulebook.rules().size(), "rule"),
      counted(inputs.settings.rules.size(), "file"),
      inputs.directory.parties().size() == 1 ? "1 party" : fmt::format("{} parties", inputs.directory.parties().size()),
      inputs.directory.contact_count());
  return text;
}

/// What waits for another plan's action: that there is one, and that none waits for itself in the end.
void check_waiting(const plan::Plan& plan, const std::vector<plan::Plan>& plans, const Inputs& inputs,
                   documents::Problems& problems) {
  const auto settings = std::find_if(inputs.settings.plans.begin(), inputs.settings.plans.end(),
                                     [&](const PlanSettings& each) { return each.id == plan.id; });
  std::vector<plan::Dependency> beside;
  for (const plan::Plan& other : plans) {
    if (other.id == plan.id) continue;
    for (plan::Dependency& each : plan::dependencies_of(other)) beside.push_back(std::move(each));
  }
  plan::check_dependencies(plan, beside, settings->supplement, problems);
  for (const plan::Dependency& each : plan::dependencies_of(plan)) {
    const std::size_t slash = each.blocker.find('/');
    const auto other = std::find_if(plans.begin(), plans.end(), [&](const plan::Plan& candidate) {
      return candidate.id == each.blocker.substr(0, slash);
    });
    if (other != plans.end() && other->find(each.blocker.substr(slash + 1)) != nullptr) continue;
    problems.error(settings->supplement, fmt::format("{} waits for {}, which no plan has", each.waiting, each.blocker));
  }
}

}  // namespace

Exit check_command(const Invocation& invocation, Terminal& terminal) {
  documents::Problems problems;
  LoadOptions options{*invocation.value("--config"), invocation.value("--state"), false};
  const auto inputs = load_inputs(options, from_disk, problems);
  std::vector<plan::Plan> plans;
  if (inputs) {
    for (const PlanSettings& settings : inputs->settings.plans) {
      if (settings.file.empty()) continue;
      if (auto plan = load_plan(settings, *inputs, from_disk, problems)) plans.push_back(std::move(*plan));
    }
  }
  for (const plan::Plan& plan : plans) check_waiting(plan, plans, *inputs, problems);
  const Instant now = clock_of(invocation).now();
  if (inputs && !problems.has_errors()) check_messages(*inputs, plans, now, problems);
  if (inputs && !problems.has_errors()) check_budget(*inputs, now, problems);
  const bool failed = problems.has_errors() || (invocation.has("--strict") && problems.warnings() > 0);
  if (invocation.has("--workflow") && inputs && !problems.has_errors()) {
    terminal.out << plan::to_mermaid(inputs->workflow);
    return Exit::fine;
  }
  if (invocation.wants_json()) {
    terminal.out << problems_json(problems);
    return failed ? Exit::problems : Exit::fine;
  }
  terminal.out << describe_all(problems);
  if (!problems.empty()) terminal.out << "\n";
  if (inputs && !problems.has_errors()) terminal.out << summary(*inputs, plans);
  terminal.out << count_words(problems)
               << (failed ? ". Nothing was changed; the running rules stay as they are.\n" : ".\n");
  return failed ? Exit::problems : Exit::fine;
}

}  // namespace chaser::app
