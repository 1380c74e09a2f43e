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
  std::string response;  // a response, or status, redate, holiday
  std::string value;     // of status
  std::optional<calendar::CivilDay> until;
  std::optional<calendar::CivilDay> due;
  std::optional<calendar::CivilDay> day;  // of holiday
  std::optional<plan::Precision> precision;
  std::string to;                   // of delegate, approve, refuse
  std::vector<std::string> others;  // "by": of blocked, superseded, merged, split
  std::string note;
};

/// A scenario file, read.
struct Scenario {
  std::string about;
  bool shipped_workflow = false;  // "workflow": "shipped"; else what says it is done is done
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
