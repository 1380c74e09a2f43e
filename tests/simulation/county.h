#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "calendar/time.h"
#include "simulation/dice.h"

namespace chaser::simulation {

using calendar::CivilDay;
using calendar::Instant;
using nlohmann::json;

/// What a seed is about: a calm county is one whose every notification the oracle can foretell; in a wild one channels
/// fail, clocks jump, people leave and rules are edited, and the invariants alone are held.
enum class Mood : unsigned char { calm, wild };

/// When a party can be written to, by its own clock.
struct Hours {
  std::string zone = "Europe/London";
  int open = 9;
  int close = 17;
  int first_day = 0;  // Monday is 0
  int last_day = 4;
};

struct Person {
  std::string id;
  bool has_teams = false;
  Hours hours;
  bool has_own_hours = false;
  std::string superior;
  std::string deputy;
  std::vector<std::string> members;  // of a class
  bool has_left = false;
  std::vector<std::pair<CivilDay, CivilDay>> absences;
};

struct Promise {
  std::string id;
  std::vector<std::string> owners;
  std::string kind = "dated";  // ongoing, unscheduled
  std::string precision = "day";
  std::optional<CivilDay> start;
  std::optional<CivilDay> due;
  std::string timescale;  // as the document says it
  std::string status = "not_started";
  bool dropped = false;
};

struct PlanOfSim {
  std::string id;
  std::vector<Promise> promises;
};

/// People, promises and rules, made of a seed: as the files that the service reads, and as the oracle's scenario.
struct County {
  County(Mood mood, Dice& dice, CivilDay first_day);

  std::vector<Person> people;  // those who can lead first
  std::vector<PlanOfSim> plans;
  json rules;  // as in a scenario: `when` is {field: values}
  json freezes = json::array();
  std::vector<CivilDay> added_holidays;
  int edition = 0;                 // of the rule file: another text, another version
  bool ends_are_approved = false;  // by the shipped workflow; else what says it is done is done

  Person& person(const std::string& id);
  const Person& person(const std::string& id) const;
  /// A person's own; the plans' for a report and for nobody.
  calendar::Zone zone_of(const std::string& party) const;
  /// Who answers for an owner: a class's members, else itself.
  std::vector<std::string> leads_of(const Promise& promise) const;

  /// Path -> text of every file of the site.
  std::map<std::string, std::string> files() const;
  std::string document(const PlanOfSim& plan) const;
  json scenario_directory() const;
  json scenario_plan(const PlanOfSim& plan) const;

 private:
  std::string directory_text() const;
  std::string rules_text() const;
  std::string calendars_text() const;
};

/// A timescale of a precision that ends on or about a day: its words, and how they are read.
void date_promise(Promise& promise, const std::string& precision, CivilDay about);

}  // namespace chaser::simulation
