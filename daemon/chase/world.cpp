#include "chase/world.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace chaser::chase {
namespace {

constexpr std::string_view default_zone = "Europe/London";
constexpr std::string_view default_calendar = "england-and-wales";

bool is_superset_of_rules(const rulebook::Rulebook& rulebook, const rulebook::Rule& rule) {
  const rulebook::Rule* current = rulebook.find(rule.name);
  return current != nullptr;
}

/// The one that all rules name; where they differ, or there is none, England's.
std::string usual_calendar_of(const rulebook::Rulebook& rulebook) {
  std::string usual;
  for (const auto& rule : rulebook.rules()) {
    if (!usual.empty() && rule->calendar != usual) return std::string(default_calendar);
    usual = rule->calendar;
  }
  return usual.empty() ? std::string(default_calendar) : usual;
}

/// Meetings that share a cut-off share its case.
std::vector<Cutoff> cutoffs_of(const WorldParts::PlanPart& part, const calendar::WorkingCalendar& calendar) {
  std::vector<Cutoff> cutoffs;
  for (const plan::Meeting& meeting : part.meetings) {
    const CivilDay day = meeting.cutoff.value_or(rulebook::apply(part.cutoff, meeting.day, calendar));
    cutoffs.push_back({day, meeting.day, meeting.name});
  }
  std::stable_sort(cutoffs.begin(), cutoffs.end(), [](const Cutoff& a, const Cutoff& b) { return a.day < b.day; });
  std::vector<Cutoff> merged;
  for (Cutoff& cutoff : cutoffs) {
    if (merged.empty() || merged.back().day != cutoff.day)
      merged.push_back(std::move(cutoff));
    else if (merged.back().name != cutoff.name)
      merged.back().name += ", " + cutoff.name;
  }
  return merged;
}

}  // namespace

bool Person::has(std::string_view channel) const {
  if (channel == "email") return !contact.email.empty();
  if (channel == "teams") return !contact.teams.empty();
  return false;
}

World::World(WorldParts parts) : parts_(std::move(parts)) {
  const bool has_default = std::any_of(parts_.calendars.begin(), parts_.calendars.end(),
                                       [](const auto& definition) { return definition.name == default_calendar; });
  if (!has_default) parts_.calendars.push_back(*calendar::shipped_calendar(default_calendar));
  make_calendar(default_calendar);
  make_calendar(usual_calendar_of(parts_.rulebook));
  add_persons();
  add_reports();
  add_plans();
  add_rules();
  order_rules();
}

const Zone& World::zone(std::string_view name) const {
  const auto found = parts_.zones.find(name.empty() ? default_zone : name);
  static const Zone utc = absl::UTCTimeZone();
  return found == parts_.zones.end() ? utc : found->second;
}

const calendar::SendingWindow& World::window(std::string_view name) const {
  static const calendar::SendingWindow office = calendar::office_hours();
  const auto found = parts_.windows.find(name);
  return found == parts_.windows.end() ? office : found->second;
}

/// A calendar's tables take a millisecond: only those that a rule names are made.
const calendar::WorkingCalendar& World::make_calendar(std::string_view name) {
  const auto given = std::find_if(parts_.calendars.rbegin(), parts_.calendars.rend(),
                                  [&](const auto& definition) { return definition.name == name; });
  const bool is_new = given != parts_.calendars.rend() && !calendars_.contains(name);
  if (is_new) calendars_.emplace(given->name, std::make_unique<calendar::WorkingCalendar>(*given));
  return calendar(name);
}

const calendar::WorkingCalendar& World::calendar(std::string_view name) const {
  auto found = calendars_.find(name);
  if (found == calendars_.end()) found = calendars_.find(default_calendar);
  assert(found != calendars_.end());
  return *found->second;
}

const calendar::ZoneDays& World::days_of(const Zone& zone) {
  for (const auto& made : all_days_) {
    if (made->zone() == zone) return *made;
  }
  all_days_.push_back(std::make_unique<calendar::ZoneDays>(zone));
  return *all_days_.back();
}

const Schedule* World::make_schedule(const calendar::SendingWindow& wanted, const Zone& in,
                                     const calendar::WorkingCalendar& by) {
  for (const auto& made : all_schedules_) {
    if (made->window() == wanted && made->zone() == in && made->calendar().name() == by.name()) return made.get();
  }
  all_schedules_.push_back(std::make_unique<Schedule>(wanted, days_of(in), by));
  return all_schedules_.back().get();
}

PartyIndex World::add_person(Person person) {
  const auto index = static_cast<PartyIndex>(persons_.size());
  index_.emplace(person.id, index);
  persons_.push_back(std::move(person));
  return index;
}

void World::add_persons() {
  for (const auto& [id, party] : parts_.directory.parties()) {
    Person person;
    person.id = id;
    person.name = party.contact.name.empty() ? id : party.contact.name;
    person.contact = party.contact;
    person.vacant = party.vacant;
    person.zone = zone(party.contact.zone);
    if (party.contact.is_reachable()) ++contact_count_;
    add_person(std::move(person));
  }
  const auto& usual = calendar(usual_calendar_of(parts_.rulebook));
  for (Person& person : persons_) {
    const plan::Party& party = *parts_.directory.find(person.id);
    for (const auto& reached : parts_.directory.recipients(person.id)) person.recipients.push_back(find_party(reached));
    if (party.superior) person.superior = find_party(*party.superior);
    if (party.deputy) person.deputy = find_party(*party.deputy);
    person.absences = party.absences;
    std::sort(person.absences.begin(), person.absences.end(),
              [](const plan::Absence& a, const plan::Absence& b) { return a.from < b.from; });
    if (!person.absences.empty()) absent_at_times_.push_back(find_party(person.id));
    if (party.contact.window) person.own_schedule = make_schedule(*party.contact.window, person.zone, usual);
    default_schedules_.push_back(person.own_schedule != nullptr
                                     ? person.own_schedule
                                     : make_schedule(calendar::office_hours(), person.zone, usual));
  }
}

void World::add_reports() {
  const auto& usual = calendar(usual_calendar_of(parts_.rulebook));
  const auto add = [&](const rulebook::Rule& rule) {
    for (const auto& step : rule.steps) {
      for (const auto& audience : step.to) {
        if (audience.who != rulebook::Audience::Who::report) continue;
        Person report;
        report.id = "report:" + audience.name;
        report.name = audience.name;
        report.is_report = true;
        report.zone = zone(parts_.plans.empty() ? default_zone : std::string_view(parts_.plans.front().zone));
        if (index_.contains(report.id)) continue;
        const PartyIndex index = add_person(std::move(report));
        persons_[index].recipients.push_back(index);
        default_schedules_.push_back(make_schedule(calendar::office_hours(), persons_[index].zone, usual));
      }
    }
  };
  for (const auto& rule : parts_.rulebook.rules()) add(*rule);
  for (const auto& rule : parts_.rulebook.pinned()) add(*rule);
}

void World::add_plans() {
  const auto& usual = calendar(usual_calendar_of(parts_.rulebook));
  for (const auto& part : parts_.plans) {
    PlanContext context;
    context.id = part.id;
    context.title = part.title;
    context.zone = zone(part.zone);
    context.days = &days_of(context.zone);
    const plan::PlanRoles roles = parts_.directory.roles(part.id);
    if (roles.coordinator) context.coordinator = find_party(*roles.coordinator);
    if (roles.sponsor) context.sponsor = find_party(*roles.sponsor);
    context.approver = roles.approver ? find_party(*roles.approver) : context.coordinator;
    context.schedule = make_schedule(calendar::office_hours(), context.zone, usual);
    context.rag = part.rag;
    context.cutoffs = cutoffs_of(part, usual);
    plans_.push_back(std::move(context));
  }
}

CompiledRule World::compile(const rulebook::Rule& rule) {
  CompiledRule compiled;
  compiled.rule = &rule;
  compiled.calendar = &make_calendar(rule.calendar);
  compiled.order = parts_.rulebook.order_of(rule.name);
  compiled.removed = !is_superset_of_rules(parts_.rulebook, rule);
  for (const auto& inhibit : parts_.rulebook.inhibits()) {
    if (inhibit.silences == rule.name) compiled.silenced_by.push_back(inhibit.rule);
  }
  for (const Person& person : persons_) {
    compiled.schedules.push_back(
        person.contact.window ? make_schedule(*person.contact.window, person.zone, *compiled.calendar)
        : person.is_report    ? make_schedule(calendar::office_hours(), person.zone, *compiled.calendar)
                              : make_schedule(window(rule.window), person.zone, *compiled.calendar));
  }
  for (const auto& step : rule.steps) {
    std::vector<PartyIndex> named;
    for (const auto& audience : step.to) {
      using Who = rulebook::Audience::Who;
      named.push_back(audience.who == Who::party    ? find_party(audience.name)
                      : audience.who == Who::report ? find_party("report:" + audience.name)
                                                    : no_party);
    }
    compiled.named.push_back(std::move(named));
  }
  return compiled;
}

void World::add_rules() {
  for (const auto& rule : parts_.rulebook.rules()) rules_.push_back(std::make_unique<CompiledRule>(compile(*rule)));
  current_count_ = rules_.size();
  for (const auto& rule : parts_.rulebook.pinned()) rules_.push_back(std::make_unique<CompiledRule>(compile(*rule)));
  for (const auto& compiled : rules_) {
    for (std::size_t i = 0; i < mentioned_.size(); ++i) {
      if (compiled->rule->when.mentions(static_cast<rulebook::Fact>(i))) mentioned_.set(i);
    }
  }
}

void World::order_rules() {
  // Inhibits form no circle (the rulebook refuses one), so repeating until all are placed ends.
  std::vector<const CompiledRule*> waiting;
  for (std::size_t i = 0; i < current_count_; ++i) waiting.push_back(rules_[i].get());
  while (!waiting.empty()) {
    auto next = std::find_if(waiting.begin(), waiting.end(), [&](const CompiledRule* rule) {
      return std::none_of(waiting.begin(), waiting.end(), [&](const CompiledRule* other) {
        const auto& by = rule->silenced_by;
        return other != rule && std::find(by.begin(), by.end(), other->rule->name) != by.end();
      });
    });
    if (next == waiting.end()) next = waiting.begin();
    in_order_.push_back(*next);
    waiting.erase(next);
  }
  for (const auto& rule : rules_) {
    const auto at = std::find_if(in_order_.begin(), in_order_.end(),
                                 [&](const CompiledRule* placed) { return placed->rule->name == rule->rule->name; });
    rule->decide_order = static_cast<std::size_t>(at - in_order_.begin());
  }
}

PartyIndex World::find_party(std::string_view id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? no_party : found->second;
}

const PlanContext* World::find_plan(std::string_view id) const {
  const auto found = std::find_if(plans_.begin(), plans_.end(), [&](const auto& plan) { return plan.id == id; });
  return found == plans_.end() ? nullptr : &*found;
}

const CompiledRule* World::find_rule(std::string_view name, std::string_view version) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const auto& rule) {
    return rule->rule->name == name && rule->rule->version == version;
  });
  return found == rules_.end() ? nullptr : found->get();
}

const CompiledRule* World::find_rule(std::string_view name) const {
  const auto end = rules_.begin() + static_cast<std::ptrdiff_t>(current_count_);
  const auto found = std::find_if(rules_.begin(), end, [&](const auto& rule) { return rule->rule->name == name; });
  return found == end ? nullptr : found->get();
}

}  // namespace chaser::chase
