#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/scenario.h"

namespace chaser::app {

/// One thing that happens in a scenario.
struct ScenarioEvent {
  calendar::Instant at;
  std::string action;
  std::string party;
  std::string response;  // acknowledge snooze blocked update done status redate holiday
  std::string value;     // of status
  std::optional<calendar::CivilDay> until;
  std::optional<calendar::CivilDay> due;
  std::optional<calendar::CivilDay> day;  // of holiday
  std::optional<plan::Precision> precision;
};

/// A scenario file, read.
struct Scenario {
  std::string about;
  calendar::Instant from;
  calendar::Instant to;  // the last instant of its last day
  plan::Directory directory;
  std::string rules;  // a rule file's text
  struct Action {
    chase::ActionFacts facts;
    std::vector<std::string> owners;
    std::optional<calendar::Instant> imported;
  };
  std::vector<Action> actions;
  std::vector<ScenarioEvent> events;  // in order of time
  std::vector<std::pair<calendar::Instant, calendar::Instant>> down;
  std::vector<std::string> expected;
  std::vector<std::string> expected_holds;
};

/// Throws std::runtime_error with what is wrong.
Scenario read_scenario(const std::string& file, const ReadFile& read, const calendar::Zone& zone);

}  // namespace chaser::app
