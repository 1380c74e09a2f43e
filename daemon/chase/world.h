#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/sending_window.h"
#include "calendar/time.h"
#include "calendar/working_calendar.h"
#include "calendar/zone_days.h"
#include "chase/rag.h"
#include "plan/directory.h"
#include "plan/meetings.h"
#include "plan/workflow.h"
#include "rulebook/rulebook.h"

namespace chaser::chase {

using calendar::CivilDay;
using calendar::Instant;
using calendar::Zone;

/// A party's place in the World. Indices are of one World only; what is stored or printed is the party's id.
using PartyIndex = std::uint32_t;
inline constexpr PartyIndex no_party = 0xffffffff;

/// When a recipient may be written to: window, zone and holidays in one, with the openings of 2020-2045 looked up.
class Schedule {
 public:
  Schedule(calendar::SendingWindow window, const calendar::ZoneDays& days, const calendar::WorkingCalendar& calendar);
  Instant opening_on_or_after(CivilDay day) const;
  Instant next_opening(Instant from) const;
  CivilDay day_of(Instant at) const { return days_.day_of(at); }
  const Zone& zone() const { return days_.zone(); }
  const calendar::SendingWindow& window() const { return window_; }
  const calendar::WorkingCalendar& calendar() const { return calendar_; }

 private:
  calendar::SendingWindow window_;
  const calendar::ZoneDays& days_;
  const calendar::WorkingCalendar& calendar_;
  std::vector<Instant> openings_;
};

/// A party as deciding needs it. A `report:NAME` is one too: it has no contact and the plan's zone.
struct Person {
  plan::PartyId id;  // or "report:exceptions"
  std::string name;
  plan::Contact contact;
  bool is_report = false;
  bool vacant = false;
  std::vector<PartyIndex> recipients;  // by whose contact it is reached; {} if in no way
  PartyIndex superior = no_party;
  PartyIndex deputy = no_party;
  std::vector<plan::Absence> absences;     // by their first day
  const Schedule* own_schedule = nullptr;  // by its own window, if it has one, else nullptr: the rule's window
  Zone zone;

  bool has(std::string_view channel) const;
};

/// The last day for what is to be reported to a meeting.
struct Cutoff {
  CivilDay day;
  CivilDay meeting;
  std::string name;  // the meeting's
};

/// A plan's part of the settings and the directory.
struct PlanContext {
  std::string id;
  std::string title;
  Zone zone;
  const calendar::ZoneDays* days = nullptr;  // of its zone
  PartyIndex coordinator = no_party;
  PartyIndex sponsor = no_party;
  PartyIndex approver = no_party;
  const Schedule* schedule = nullptr;  // office hours in the plan's zone
  RagScheme rag;
  std::vector<Cutoff> cutoffs;  // by day, each day once
};

/// A rule ready to be decided: its calendar found, its audiences' parties and each person's schedule under its window
/// looked up.
struct CompiledRule {
  const rulebook::Rule* rule = nullptr;
  const calendar::WorkingCalendar* calendar = nullptr;
  std::size_t order = 0;                       // among the current rules' files, for ties
  std::size_t decide_order = 0;                // a rule is decided after those that silence it
  bool removed = false;                        // no current rule has its name: its cases close
  std::vector<std::string> silenced_by;        // names of rules
  std::vector<const Schedule*> schedules;      // by PartyIndex
  std::vector<std::vector<PartyIndex>> named;  // per step, per audience entry: party:ID and report:NAME, else no_party
  const Schedule& schedule(PartyIndex party) const { return *schedules[party]; }
};

/// Zones by name, given by the shell; the core loads none. Throws nothing: an unknown name is a nullptr.
using Zones = std::map<std::string, Zone, std::less<>>;

/// What a World is made of.
struct WorldParts {
  plan::Directory directory;
  plan::Workflow workflow;
  rulebook::Rulebook rulebook;
  std::vector<calendar::CalendarDefinition> calendars;  // at least those the rules name
  std::map<std::string, calendar::SendingWindow, std::less<>> windows{{"office-hours", calendar::office_hours()}};
  Zones zones;  // every zone that directory and plans name
  struct PlanPart {
    std::string id;
    std::string title;
    std::string zone = "Europe/London";
    RagScheme rag = {};
    std::vector<plan::Meeting> meetings = {};
    rulebook::Offset cutoff{-5, rulebook::OffsetUnit::working_days};  // of a meeting that names no day of its own
  };
  std::vector<PlanPart> plans;
};

/// Everything deciding looks at beside the action: one immutable snapshot, made at start and at each reload.
/// Not copyable or movable (it points into itself); const use is thread-safe.
class World {
 public:
  explicit World(WorldParts parts);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const plan::Directory& directory() const { return parts_.directory; }
  const plan::Workflow& workflow() const { return parts_.workflow; }
  const rulebook::Rulebook& rulebook() const { return parts_.rulebook; }

  std::span<const Person> persons() const { return persons_; }
  const Person& person(PartyIndex index) const { return persons_[index]; }
  PartyIndex find_party(std::string_view id) const;  // no_party if unknown
  const PlanContext* find_plan(std::string_view id) const;
  std::span<const PlanContext> plans() const { return plans_; }

  /// Current rules so ordered that a rule comes after those that silence it; ties in the files' order.
  std::span<const CompiledRule* const> rules() const { return in_order_; }
  /// A version, current or pinned; nullptr if it was never given.
  const CompiledRule* find_rule(std::string_view name, std::string_view version) const;
  /// The current version; nullptr if there is none.
  const CompiledRule* find_rule(std::string_view name) const;
  /// One that a rule names; else that of England and Wales.
  const calendar::WorkingCalendar& calendar(std::string_view name) const;
  /// The schedule for what no rule sends (closing notes, a recipient's digest as such): its own window, else office
  /// hours, by the calendar that all current rules share; where they differ by that of England and Wales.
  const Schedule& schedule(PartyIndex party) const { return *default_schedules_[party]; }
  std::size_t contact_count() const { return contact_count_; }
  /// Those for whom the directory knows an absence, ever.
  std::span<const PartyIndex> absent_at_times() const { return absent_at_times_; }
  /// Whether the condition of any rule, current or pinned, speaks of it: what costs to find out is found out only then.
  bool mentions(rulebook::Fact fact) const { return mentioned_.test(static_cast<std::size_t>(fact)); }

 private:
  void add_persons();
  void add_reports();
  void add_plans();
  void add_rules();
  void order_rules();
  CompiledRule compile(const rulebook::Rule& rule);
  PartyIndex add_person(Person person);
  const Zone& zone(std::string_view name) const;
  const calendar::WorkingCalendar& make_calendar(std::string_view name);
  const calendar::SendingWindow& window(std::string_view name) const;
  const calendar::ZoneDays& days_of(const Zone& zone);
  const Schedule* make_schedule(const calendar::SendingWindow& window, const Zone& zone,
                                const calendar::WorkingCalendar& calendar);
  WorldParts parts_;
  std::map<std::string, std::unique_ptr<calendar::WorkingCalendar>, std::less<>> calendars_;
  std::vector<std::unique_ptr<calendar::ZoneDays>> all_days_;
  std::vector<std::unique_ptr<Schedule>> all_schedules_;
  std::vector<Person> persons_;
  std::map<std::string, PartyIndex, std::less<>> index_;
  std::vector<PlanContext> plans_;
  std::vector<std::unique_ptr<CompiledRule>> rules_;
  std::vector<const CompiledRule*> in_order_;
  std::size_t current_count_ = 0;
  std::vector<const Schedule*> default_schedules_;
  std::size_t contact_count_ = 0;
  std::vector<PartyIndex> absent_at_times_;
  std::bitset<static_cast<std::size_t>(rulebook::Fact::count_)> mentioned_;
};

}  // namespace chaser::chase
