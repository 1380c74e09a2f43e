#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "rulebook/rule_test.h"

namespace chaser::rulebook {
namespace {

using documents::Problems;
using documents::Source;

std::vector<std::string> rule_names(const Rulebook& rulebook) {
  std::vector<std::string> names;
  for (const auto& rule : rulebook.rules()) names.push_back(rule->name);
  return names;
}

/// Every step as "rule/step"; what the coordinator is told of a rule that has run out as "exhausted/rule", of one that
/// the limit holds as "limit/rule".
std::vector<std::string> step_names(const Rulebook& rulebook) {
  std::vector<std::string> names;
  for (const auto& rule : rulebook.rules()) {
    for (const Step& step : rule->steps) names.push_back(fmt::format("{}/{}", rule->name, step.name));
    for (const auto own : {exhausted_rule, limit_rule}) names.push_back(fmt::format("{}/{}", own, rule->name));
  }
  return names;
}

class TestNames {
 public:
  TestNames(const Rulebook& rulebook, const plan::Plan& plan, const plan::Directory& directory,
            const plan::Workflow& workflow, const Source& source, Problems& problems)
      : rulebook_{rulebook},
        plan_{plan},
        directory_{directory},
        workflow_{workflow},
        source_{source},
        problems_{problems},
        rules_{rule_names(rulebook)},
        steps_{step_names(rulebook)} {
    for (const plan::Action& action : plan.actions) actions_.push_back(action.id);
    for (const auto& [id, party] : directory.parties()) parties_.push_back(id);
    for (const std::string& step : steps_) bare_steps_.push_back(step.substr(step.find('/') + 1));
  }

  void check(TestEvent& event) {
    find_action(event.action, event.at);
    if (!event.party.text.empty()) find_party(event.party);
    if (!event.to.text.empty()) find_party(event.to);
    if (event.status.text.empty() || workflow_.find(event.status.text) != nullptr) return;
    const std::vector<std::string> known = workflow_.names();
    error(event.status.at,
          fmt::format("unknown status \"{}\"{}", event.status.text, documents::did_you_mean(event.status.text, known)),
          {fmt::format("statuses of this workflow: {}", fmt::join(known, ", "))});
  }

  void check(ExpectedTelling& expected) {
    find_step(expected.step, expected.rule);
    if (expected.actions.empty()) expected.actions.push_back({"", expected.at});
    for (PlacedText& action : expected.actions) find_action(action, expected.at);
    for (const PlacedText& party : expected.to) {
      if (!party.text.starts_with("report:")) find_party(party);
    }
  }

  void check(ExpectedHold& hold) {
    if (hold.step.text.empty()) {
      find_rule({hold.rule, hold.step.at});
    } else {
      find_step(hold.step, hold.rule);
    }
    if (!hold.action.text.empty() || actions_.size() == 1) find_action(hold.action, hold.at);
    if (!hold.to.text.empty() && !hold.to.text.starts_with("report:")) find_party(hold.to);
  }

 private:
  void error(documents::Position at, std::string message, std::vector<std::string> notes = {}) {
    problems_.error(source_, at, std::move(message), std::move(notes));
  }

  void find_rule(const PlacedText& rule) {
    if (std::find(rules_.begin(), rules_.end(), rule.text) != rules_.end()) return;
    error(rule.at, fmt::format("there is no rule \"{}\"{}", rule.text, documents::did_you_mean(rule.text, rules_)),
          {fmt::format("rules of this test: {}", fmt::join(rules_, ", "))});
  }

  /// "rule/step", or a step that one rule alone has.
  void find_step(PlacedText& step, std::string& rule) {
    const std::size_t slash = step.text.find('/');
    if (slash != std::string::npos) {
      if (std::find(steps_.begin(), steps_.end(), step.text) == steps_.end()) {
        error(step.at, fmt::format("there is no step \"{}\"{}", step.text, documents::did_you_mean(step.text, steps_)));
      }
      rule = step.text.substr(0, slash);
      step.text.erase(0, slash + 1);
      return;
    }
    std::vector<std::string> having;
    for (const auto& each : rulebook_.rules()) {
      if (each->find(step.text) != nullptr) having.push_back(each->name);
    }
    if (having.size() == 1) {
      rule = having.front();
    } else if (having.empty()) {
      error(step.at,
            fmt::format("no rule has a step \"{}\"{}", step.text, documents::did_you_mean(step.text, bare_steps_)));
    } else {
      error(step.at, fmt::format("several rules have a step \"{0}\"; write {1}/{0}", step.text,
                                 fmt::join(having, fmt::format("/{} or ", step.text))));
    }
  }

  void find_action(PlacedText& action, documents::Position around) {
    if (action.text.empty()) {
      if (actions_.size() == 1) {
        action.text = actions_.front();
      } else {
        error(around, fmt::format("say which \"action\" this is about: the plan has {}", actions_.size()));
      }
      return;
    }
    if (plan_.find(action.text) != nullptr) return;
    error(action.at,
          fmt::format("the plan has no action \"{}\"{}", action.text, documents::did_you_mean(action.text, actions_)));
  }

  void find_party(const PlacedText& party) {
    if (directory_.find(party.text) != nullptr) return;
    error(party.at, fmt::format("the directory has no party \"{}\"{}", party.text,
                                documents::did_you_mean(party.text, parties_)));
  }

  const Rulebook& rulebook_;
  const plan::Plan& plan_;
  const plan::Directory& directory_;
  const plan::Workflow& workflow_;
  const Source& source_;
  Problems& problems_;
  std::vector<std::string> rules_;
  std::vector<std::string> steps_;
  std::vector<std::string> bare_steps_;
  std::vector<std::string> actions_;
  std::vector<std::string> parties_;
};

}  // namespace

bool check_rule_test(RuleTest& test, const Rulebook& rulebook, const plan::Plan& plan, const plan::Directory& directory,
                     const plan::Workflow& workflow, const Source& source, Problems& problems) {
  const std::size_t before = problems.errors_met();
  TestNames names{rulebook, plan, directory, workflow, source, problems};
  for (TestEvent& event : test.events) names.check(event);
  for (ExpectedTelling& expected : test.expected) names.check(expected);
  for (ExpectedHold& hold : test.holds) names.check(hold);
  return problems.errors_met() == before;
}

Rulebook rules_of_test(const Rulebook& rulebook, const TestGiven& given, const Source& source, Problems& problems) {
  const std::vector<std::string> names = rule_names(rulebook);
  for (const PlacedText& only : given.only) {
    if (rulebook.find(only.text) != nullptr) continue;
    problems.error(source, only.at,
                   fmt::format("there is no rule \"{}\"{}", only.text, documents::did_you_mean(only.text, names)));
  }
  const auto is_played = [&](const std::string& name) {
    return given.only.empty() ||
           std::any_of(given.only.begin(), given.only.end(), [&](const PlacedText& only) { return only.text == name; });
  };
  Rulebook played;
  std::vector<Inhibit> inhibits;
  for (const Inhibit& inhibit : rulebook.inhibits()) {
    if (is_played(inhibit.rule) && is_played(inhibit.silences)) inhibits.push_back(inhibit);
  }
  std::vector<Freeze> freezes(rulebook.freezes().begin(), rulebook.freezes().end());
  for (const RuleText& text : rulebook.texts()) {
    std::vector<Rule> rules;
    for (const auto& rule : rulebook.rules()) {
      if (rule->version == text.hash && is_played(rule->name)) rules.push_back(*rule);
    }
    played.add(text, std::move(rules), std::exchange(inhibits, {}), rulebook.limit_people(),
               std::exchange(freezes, {}));
  }
  played.add_budget(rulebook.budget());
  return played;
}

}  // namespace chaser::rulebook
