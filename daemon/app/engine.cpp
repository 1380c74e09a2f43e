#include "app/engine.h"

#include <algorithm>

namespace chaser::app {

Engine::Engine(Inputs inputs, std::unique_ptr<store::Store> store, FileReader read)
    : inputs_(std::move(inputs)), store_(std::move(store)), read_(std::move(read)) {}

const PlanSettings* Engine::find_plan(std::string_view id) const {
  for (const PlanSettings& plan : inputs_.settings.plans) {
    if (plan.id == id) return &plan;
  }
  return nullptr;
}

Engine::Taken Engine::start(Instant now, documents::Problems& problems) {
  Taken taken;
  const std::vector<plan::Plan> missing = read_missing(problems);
  for (PlanSettings& plan : inputs_.settings.plans) {
    if (plan.title.empty()) plan.title = store_->plan_title(plan.id).value_or("");
    for (const plan::Plan& read : missing) {
      if (read.id == plan.id && plan.title.empty()) plan.title = read.title;
    }
  }
  const auto pinned = store_->remember_rules(inputs_.rulebook.texts(), now);
  world_ = make_world(inputs_, pinned, problems);
  keep_good_rules();
  look_anew_if_changed(now, taken);
  import_missing(now, missing, taken);
  compare_files(taken);
  return taken;
}

Engine::Taken Engine::take(Inputs inputs, Instant now, documents::Problems& problems) {
  inputs_ = std::move(inputs);
  return start(now, problems);
}

/// What a start with a broken file falls back on.
void Engine::keep_good_rules() {
  for (const std::string& path : inputs_.settings.rules) {
    const auto text = inputs_.texts.find(path);
    if (text == inputs_.texts.end()) continue;
    const std::string name = "good:" + path;
    if (store_->kept(name) != text->second) store_->keep(name, text->second);
  }
}

std::vector<plan::Plan> Engine::read_missing(documents::Problems& problems) {
  std::vector<plan::Plan> plans;
  for (const PlanSettings& settings : inputs_.settings.plans) {
    if (store_->plan_title(settings.id)) continue;
    documents::Problems own;
    auto plan = load_plan(settings, inputs_, read_, own);
    if (plan) {
      std::vector<plan::Dependency> beside = store_->dependencies_beside(plan->id);
      for (const plan::Plan& other : plans) {
        for (plan::Dependency& each : plan::dependencies_of(other)) beside.push_back(std::move(each));
      }
      plan::check_dependencies(*plan, beside, settings.supplement, own);
    }
    for (const documents::Problem& problem : own.in_order()) problems.add(problem);
    if (plan && !own.has_errors()) plans.push_back(std::move(*plan));
  }
  return plans;
}

void Engine::import_missing(Instant now, const std::vector<plan::Plan>& plans, Taken& taken) {
  for (const plan::Plan& plan : plans) {
    store_->import(plan, *world_, now, "chaser");
    note_imported(*find_plan(plan.id), std::nullopt);
    taken.imported.push_back(plan.id);
  }
}

void Engine::compare_files(Taken& taken) {
  for (const PlanSettings& plan : inputs_.settings.plans) {
    if (std::find(taken.imported.begin(), taken.imported.end(), plan.id) != taken.imported.end()) continue;
    const auto kept = store_->kept("plan:" + plan.id);
    if (kept && *kept != plan_fingerprint(plan, inputs_, read_)) taken.differing.push_back(plan.id);
  }
}

void Engine::look_anew_if_changed(Instant now, Taken& taken) {
  const std::string fingerprint = inputs_fingerprint(inputs_);
  if (store_->kept("inputs") == fingerprint) return;
  const bool is_first = store_->status().actions == 0;
  if (!is_first) {
    store_->reassign(*world_, now);
    store_->look_at_all(now);
    taken.looked_anew = true;
  }
  store_->keep("inputs", fingerprint);
}

void Engine::note_imported(const PlanSettings& plan, const std::optional<std::string>& text) {
  const FileReader reader = [&](const std::string& path) {
    return text && path == plan.file ? std::expected<std::string, std::string>(*text) : read_(path);
  };
  store_->keep("plan:" + plan.id, plan_fingerprint(plan, inputs_, reader));
}

}  // namespace chaser::app
