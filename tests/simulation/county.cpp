#include "simulation/county.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plan/workflow.h"

namespace chaser::simulation {

namespace {

constexpr std::array<const char*, 7> day_names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<const char*, 12> month_names{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

std::vector<Person> make_people(Mood mood, Dice& dice) {
  std::vector<Person> people;
  const int leads = dice.between(2, 4);
  for (int i = 1; i <= leads; ++i) {
    Person person;
    person.id = fmt::format("lead-{}", i);
    person.has_teams = dice.chance(500);
    person.superior = dice.chance(800) ? (dice.chance(500) ? "head-1" : "head-2") : "";
    if (mood == Mood::wild && dice.chance(400)) person.deputy = "head-2";
    if (dice.chance(300)) {
      person.has_own_hours = true;
      person.hours = {dice.chance(500) ? "America/New_York" : "Australia/Sydney", dice.between(7, 10),
                      dice.between(12, 18), dice.between(0, 2), dice.between(3, 4)};
    }
    people.push_back(person);
  }
  if (dice.chance(300)) {
    Person members;
    members.id = "teams";
    members.members = {"lead-1", "lead-2"};
    people.push_back(members);
  }
  for (const char* id : {"head-1", "head-2", "keeper", "sponsor"}) {
    Person person;
    person.id = id;
    person.has_teams = dice.chance(300);
    people.push_back(person);
  }
  return people;
}

json step(const char* name, const std::string& at, json to) {
  return {{"step", name}, {"at", at}, {"to", std::move(to)}};
}

json deadline_rule(Dice& dice) {
  json steps = json::array();
  if (dice.chance(600)) {
    json first = step("heads-up", fmt::format("-{}wd", dice.between(20, 60)), "leads");
    first["deliver"] = "digest";
    if (dice.chance(500)) first["precision"] = {"month", "quarter", "year", "span"};
    steps.push_back(first);
  }
  if (dice.chance(800)) steps.push_back(step("due-soon", fmt::format("-{}wd", dice.between(2, 8)), "leads"));
  json due = step("due", "0d", "leads");
  if (dice.chance(500)) due["via"] = {"email", "teams"};
  steps.push_back(due);
  json overdue = step("overdue", fmt::format("+{}wd", dice.between(5, 8)), "leads");
  if (dice.chance(700)) {
    overdue["repeat"] = {{"every", fmt::format("{}wd", dice.between(5, 10))}, {"times", dice.between(2, 3)}};
  }
  steps.push_back(overdue);
  const int superior = dice.between(12, 25);
  steps.push_back(step("superior", fmt::format("+{}wd", superior), {"leads", "leads.superior"}));
  if (dice.chance(700)) {
    steps.push_back(step("keeper", fmt::format("+{}wd", superior + dice.between(10, 20)), {"coordinator", "sponsor"}));
  }
  if (dice.chance(300)) steps.push_back(step("exceptions", fmt::format("+{}wd", superior + 40), "report:exceptions"));
  const char* const answers[] = {"all", "any", "lead_first"};
  return {{"rule", "deadline"},
          {"when", {{"kind", "dated"}, {"status", {"not_started", "in_progress", "blocked"}}}},
          {"anchor", "due"},
          {"answers", answers[dice.below(3)]},
          {"steps", steps},
          {"pauses", {{"acknowledge", {{"up_to", fmt::format("{}wd", dice.between(5, 12))}, {"times", 2}}}}}};
}

json stalled_rule(Dice& dice) {
  const int first = dice.between(40, 70);
  return {{"rule", "stalled"},
          {"when", {{"kind", "dated"}, {"status", {"not_started", "in_progress", "blocked"}}}},
          {"anchor", "last_update"},
          {"steps",
           {step("stalled", fmt::format("+{}wd", first), "leads"),
            step("superior", fmt::format("+{}wd", first + 10), {"leads", "leads.superior"}),
            step("keeper", fmt::format("+{}wd", first + 25), "coordinator")}}};
}

json reviews_rule(Dice& dice) {
  return {{"rule", "reviews"},
          {"when", {{"kind", "ongoing"}, {"status", {"not_started", "in_progress", "blocked"}}}},
          {"anchor", "next_review"},
          {"cadence", 3 * dice.between(1, 2)},
          {"steps",
           {step("review", "0d", "leads"), step("reminder", fmt::format("+{}wd", dice.between(5, 10)), "leads"),
            step("keeper", "+2mo", "coordinator")}}};
}

/// Who has to say yes or no is chased too.
json approvals_rule() {
  json again = step("asked-again", "+5wd", "approver");
  again["repeat"] = {{"every", "5wd"}, {"times", 2}};
  return {{"rule", "approvals"},
          {"when", {{"asked", true}}},
          {"anchor", "asked"},
          {"steps",
           {step("asked", "0d", "approver"), again,
            step("late", "+15wd", {"approver", "approver.superior", "coordinator"})}}};
}

/// Who holds another one up hears of it.
json blocking_rule() {
  return {
      {"rule", "blocking"},
      {"when", {{"blocks", true}}},
      {"anchor", "blocking"},
      {"steps",
       {step("nudge", "0d", "leads"), step("nudge-again", "+10wd", "leads"), step("keeper", "+20wd", "coordinator")}}};
}

std::string offset_of_months(const json& months) {
  return fmt::format("{}mo", months.get<int>());
}

std::string condition_of(const json& when) {
  if (when.contains("unowned")) return "action.unowned";
  for (const char* list : {"asked", "blocks"}) {
    if (when.contains(list)) return fmt::format("size(action.{}) > 0", list);
  }
  std::string text;
  for (const auto& [field, value] : when.items()) {
    if (!text.empty()) text += " && ";
    text += value.is_array() ? fmt::format("action.{} in {}", field, value.dump())
                             : fmt::format("action.{} == {}", field, value.dump());
  }
  return text;
}

std::string name_of(const std::string& id) {
  return "Office " + id;
}

void add_contact(const Person& one, json& party) {
  if (one.members.empty()) {
    party["email"] = one.id + "@county.example";
    if (one.has_teams) party["teams"] = one.id;
  }
  if (!one.superior.empty()) party["superior"] = one.superior;
  if (!one.deputy.empty()) party["deputy"] = one.deputy;
}

}  // namespace

void date_promise(Promise& promise, const std::string& precision, CivilDay about) {
  promise.kind = "dated";
  promise.precision = precision;
  if (precision == "day") {
    promise.start = promise.due = about;
    promise.timescale =
        fmt::format("{} {} {}", about.day(), month_names[static_cast<std::size_t>(about.month() - 1)], about.year());
  } else if (precision == "month") {
    const absl::CivilMonth month(about);
    promise.start = CivilDay(month);
    promise.due = CivilDay(month + 1) - 1;
    promise.timescale = fmt::format("{} {}", month_names[static_cast<std::size_t>(about.month() - 1)], about.year());
  } else {
    promise.start = CivilDay(about.year(), 1, 1);
    promise.due = CivilDay(about.year(), 12, 31);
    promise.timescale = fmt::format("{}", about.year());
  }
}

County::County(Mood mood, Dice& dice, CivilDay first_day) : people(make_people(mood, dice)) {
  std::vector<std::string> owners;
  for (const Person& one : people) {
    if (one.id.starts_with("lead-") || one.id == "teams") owners.push_back(one.id);
  }
  const int plan_count = mood == Mood::wild ? dice.between(2, 3) : 1;
  for (int p = 1; p <= plan_count; ++p) {
    PlanOfSim plan;
    plan.id = fmt::format("plan-{}", p);
    const int count = mood == Mood::wild ? dice.between(1, 3) : dice.between(2, 5);
    for (int i = 1; i <= count; ++i) {
      Promise promise;
      promise.id = fmt::format("{}.{}", p, i);
      promise.owners.push_back(dice.pick(owners));
      if (dice.chance(300)) {
        const std::string other = dice.pick(owners);
        const bool is_class = other == "teams" || promise.owners[0] == "teams";
        if (other != promise.owners[0] && !is_class) promise.owners.push_back(other);
      }
      if (mood == Mood::wild && dice.chance(60)) promise.owners = {"nobody"};
      if (dice.chance(250)) {
        promise.kind = "ongoing";
        promise.precision = "none";
        promise.timescale = "Ongoing";
      } else {
        const int kind = dice.below(10);
        const int ahead = mood == Mood::wild ? dice.between(-200, 600) : dice.between(40, 500);
        date_promise(promise, kind < 6 ? "day" : kind < 8 ? "month" : "year", first_day + ahead);
      }
      plan.promises.push_back(promise);
    }
    plans.push_back(plan);
  }
  rules = {{"rules", json::array({deadline_rule(dice), stalled_rule(dice), reviews_rule(dice)})},
           {"inhibits", json::array({{{"rule", "deadline"}, {"silences", "stalled"}}})}};
  ends_are_approved = dice.chance(500);
  if (mood == Mood::wild) {
    rules["rules"].push_back(approvals_rule());
    rules["rules"].push_back(blocking_rule());
    rules["rules"].push_back(
        {{"rule", "unowned"},
         {"when", {{"unowned", true}}},
         {"anchor", "first_seen"},
         {"steps",
          json::array({{{"step", "unowned"}, {"at", "0d"}, {"to", "coordinator"}, {"repeat", {{"every", "10wd"}}}}})}});
    if (dice.chance(300)) {
      const CivilDay from = first_day + dice.between(30, 400);
      freezes.push_back({{"name", "Election period"},
                         {"from", calendar::iso_day(from)},
                         {"to", calendar::iso_day(from + dice.between(5, 45))}});
    }
  }
}

Person& County::person(const std::string& id) {
  return *std::find_if(people.begin(), people.end(), [&](const Person& one) { return one.id == id; });
}
const Person& County::person(const std::string& id) const {
  return const_cast<County*>(this)->person(id);
}

calendar::Zone County::zone_of(const std::string& party) const {
  std::string name = "Europe/London";
  for (const Person& one : people) {
    if (one.id == party && one.has_own_hours) name = one.hours.zone;
  }
  calendar::Zone zone;
  absl::LoadTimeZone(name, &zone);
  return zone;
}

std::vector<std::string> County::leads_of(const Promise& promise) const {
  std::vector<std::string> leads;
  for (const std::string& owner : promise.owners) {
    const auto found = std::find_if(people.begin(), people.end(), [&](const Person& one) { return one.id == owner; });
    if (found == people.end() || found->has_left) continue;
    std::vector<std::string> named = found->members.empty() ? std::vector<std::string>{owner} : found->members;
    for (const std::string& one : named) {
      if (!person(one).has_left && std::find(leads.begin(), leads.end(), one) == leads.end()) leads.push_back(one);
    }
  }
  return leads;
}

std::string County::document(const PlanOfSim& plan) const {
  std::string text = "ID\tAction\tLead\tTimescale\tStatus\n";
  for (const Promise& promise : plan.promises) {
    if (promise.dropped) continue;
    std::string owners;
    for (const std::string& owner : promise.owners) owners += (owners.empty() ? "" : " & ") + name_of(owner);
    text += fmt::format("{}\tPromise {} of the county\t{}\t{}\t{}\n", promise.id, promise.id, owners, promise.timescale,
                        promise.status);
  }
  return text;
}

std::string County::directory_text() const {
  json parties = json::object();
  for (const Person& one : people) {
    if (one.has_left) continue;
    json party{{"name", name_of(one.id)}};
    if (!one.members.empty()) {
      party["kind"] = "class";
      party["members"] = json::array();
      for (const std::string& member : one.members) {
        if (!person(member).has_left) party["members"].push_back(member);
      }
      if (party["members"].empty()) continue;
    }
    add_contact(one, party);
    if (one.has_own_hours) {
      party["zone"] = one.hours.zone;
      party["window"] = {{"days", fmt::format("{}-{}", day_names[static_cast<std::size_t>(one.hours.first_day)],
                                              day_names[static_cast<std::size_t>(one.hours.last_day)])},
                         {"open", fmt::format("{:02}:00", one.hours.open)},
                         {"close", fmt::format("{:02}:00", one.hours.close)}};
    }
    for (const auto& [from, to] : one.absences) {
      party["absences"].push_back({{"from", calendar::iso_day(from)}, {"to", calendar::iso_day(to)}});
    }
    parties[one.id] = party;
  }
  return json{{"version", 1}, {"coordinator", "keeper"}, {"sponsor", "sponsor"}, {"parties", parties}}.dump(1) + "\n";
}

std::string County::rules_text() const {
  json list = json::array();
  for (json rule : rules.at("rules")) {
    rule["when"] = condition_of(rule.at("when"));
    if (rule.contains("cadence")) rule["cadence"] = offset_of_months(rule["cadence"]);
    list.push_back(rule);
  }
  json inhibits = rules.at("inhibits");
  for (json& one : inhibits) one["same"] = "action";
  json file{{"version", 1},
            {"defaults", {{"calendar", "county"}, {"window", "office-hours"}}},
            {"rules", list},
            {"inhibits", inhibits}};
  if (!freezes.empty()) file["freezes"] = freezes;
  return fmt::format("# edition {}\n{}\n", edition, file.dump(1));
}

std::string County::calendars_text() const {
  json moves = json::array();
  for (const CivilDay day : added_holidays) {
    moves.push_back({{"name", "a day given by the county"}, {"to", calendar::iso_day(day)}});
  }
  return json{
             {"calendars", json::array({{{"calendar", "county"}, {"extends", "england-and-wales"}, {"moves", moves}}})}}
             .dump(1) +
         "\n";
}

std::map<std::string, std::string> County::files() const {
  std::map<std::string, std::string> files;
  json plan_list = json::array();
  for (const PlanOfSim& plan : plans) {
    files["/county/" + plan.id + ".txt"] = document(plan);
    plan_list.push_back({{"id", plan.id}, {"file", plan.id + ".txt"}});
  }
  files["/county/directory.yaml"] = directory_text();
  files["/county/rules.yaml"] = rules_text();
  files["/county/calendar.yaml"] = calendars_text();
  json settings{
      {"state_directory", "state"},
      {"plans", plan_list},
      {"directory", "directory.yaml"},
      {"rules", "rules.yaml"},
      {"calendars", "calendar.yaml"},
      {"channels",
       {{"email", {{"type", "maildir"}, {"folder", "mail"}}}, {"teams", {{"type", "folder"}, {"folder", "cards"}}}}},
      {"mail", {{"from_address", "chaser@county.example"}}},
      {"log", "error"}};
  if (ends_are_approved) {
    settings["workflow"] = "workflow.yaml";
    files["/county/workflow.yaml"] = std::string(plan::Workflow::shipped_text());
  }
  files["/county/chaser.yaml"] = settings.dump(1) + "\n";
  return files;
}

json County::scenario_directory() const {
  json parties = json::object();
  for (const Person& one : people) {
    json party = json::object();
    if (!one.members.empty()) {
      party = {{"kind", "class"}, {"members", one.members}};
    }
    add_contact(one, party);
    if (one.has_own_hours) {
      party["zone"] = one.hours.zone;
      json days = json::array();
      for (int day = one.hours.first_day; day <= one.hours.last_day; ++day) days.push_back(day);
      party["window"] = {{"days", days},
                         {"open", fmt::format("{:02}:00", one.hours.open)},
                         {"close", fmt::format("{:02}:00", one.hours.close)}};
    }
    parties[one.id] = party;
  }
  return {{"coordinator", "keeper"}, {"sponsor", "sponsor"}, {"parties", parties}};
}

json County::scenario_plan(const PlanOfSim& plan) const {
  json list = json::array();
  for (const Promise& promise : plan.promises) {
    json action{
        {"id", promise.id}, {"owners", promise.owners}, {"kind", promise.kind}, {"precision", promise.precision}};
    if (promise.start) action["start"] = calendar::iso_day(*promise.start);
    if (promise.due) action["due"] = calendar::iso_day(*promise.due);
    list.push_back(action);
  }
  return list;
}

}  // namespace chaser::simulation
