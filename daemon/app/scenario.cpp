#include "app/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "app/scenario_file.h"

namespace chaser::app {
namespace {

using calendar::CivilDay;
using calendar::Instant;

constexpr const char* plan_name = "scenario";

calendar::Zone zone_named(const std::string& name) {
  calendar::Zone zone;
  if (!absl::LoadTimeZone(name, &zone)) throw std::runtime_error("no time zone \"" + name + "\"");
  return zone;
}

/// "2026-10-06T09:00+01:00" in the recipient's zone.
std::string local_minute(Instant at, const calendar::Zone& zone) {
  return absl::FormatTime("%Y-%m-%dT%H:%M%Ez", at, zone);
}

/// Spaces and commas alike, so that lists may be written either way.
std::string normal(std::string_view line) {
  std::string text;
  for (const char c : line) {
    const char kept = c == ',' ? ' ' : c;
    if (kept == ' ' && (text.empty() || text.back() == ' ')) continue;
    text += kept;
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string sorted_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ')
      word += c;
    else if (!word.empty())
      words.push_back(std::exchange(word, ""));
  }
  std::sort(words.begin(), words.end());
  return fmt::format("{}", fmt::join(words, " "));
}

/// A line with its actions, and the leads it is about, in order of name: what is compared.
std::string comparable(const std::string& line) {
  const std::size_t colon = line.rfind(": ");
  if (colon == std::string::npos) return line;
  std::string head = line.substr(0, colon);
  if (const std::size_t about = head.find(" about "); about != std::string::npos) {
    const std::size_t end = std::min(head.find(" in ", about), head.size());
    head = head.substr(0, about + 7) + sorted_words(head.substr(about + 7, end - about - 7)) + head.substr(end);
  }
  return head + ": " + sorted_words(line.substr(colon + 2));
}

class Player {
 public:
  Player(Scenario scenario, const calendar::Zone& zone) : scenario_(std::move(scenario)), zone_(zone) {
    worlds_.push_back(make_world());
  }

  void play() {
    chase::Rehearsal rehearsal(*worlds_.front(), scenario_.from);
    for (const Scenario::Action& action : scenario_.actions) rehearsal.add(state_of(action));
    std::size_t next_event = 0;
    const auto events_until = [&](Instant until, bool asleep) {
      while (next_event < scenario_.events.size() && scenario_.events[next_event].at < until) {
        const ScenarioEvent& event = scenario_.events[next_event++];
        if (asleep)
          rehearsal.sleep_until(event.at);
        else
          rehearsal.run_until(event.at);
        happen(event, rehearsal);
      }
    };
    for (const auto& [down, up] : scenario_.down) {
      events_until(down, false);
      rehearsal.run_until(down - absl::Microseconds(1));
      events_until(up, true);
      rehearsal.sleep_until(up);
    }
    events_until(scenario_.to, false);
    rehearsal.run_until(scenario_.to);
    collect(rehearsal);
  }

  std::vector<std::string> lines;
  struct HoldLine {
    std::string text;
    CivilDay from;
    CivilDay to;
    std::string rest;  // "action rule/step occurrence recipient"
    std::string reason;
  };
  std::vector<HoldLine> holds;

 private:
  std::unique_ptr<chase::World> make_world() {
    chase::WorldParts parts;
    parts.directory = scenario_.directory;
    if (scenario_.shipped_workflow) parts.workflow = plan::Workflow::shipped();
    documents::Problems problems;
    const std::vector<documents::Source> files{documents::Source("rules", scenario_.rules)};
    rulebook::RuleContext context;
    for (const auto& [id, party] : scenario_.directory.parties()) context.parties.push_back(id);
    auto rulebook = rulebook::read_rule_files(files, context, problems);
    if (!rulebook || problems.has_errors()) {
      std::string text;
      for (const auto& problem : problems.sorted()) text += documents::describe(problem);
      throw std::runtime_error("the rules do not load:\n" + text);
    }
    parts.rulebook = *std::move(rulebook);
    calendar::CalendarDefinition england = calendar::england_and_wales();
    for (const CivilDay day : holidays_) england.moves.push_back({std::nullopt, day, "added holiday"});
    parts.calendars = {england, calendar::scotland(), calendar::northern_ireland()};
    parts.zones["Europe/London"] = zone_named("Europe/London");
    for (const auto& [id, party] : scenario_.directory.parties()) {
      if (!party.contact.zone.empty()) parts.zones[party.contact.zone] = zone_named(party.contact.zone);
    }
    parts.plans.push_back({plan_name, plan_name, "Europe/London"});
    return std::make_unique<chase::World>(std::move(parts));
  }

  chase::ActionState state_of(const Scenario::Action& action) const {
    const chase::World& world = *worlds_.back();
    chase::ActionState state;
    state.plan = world.find_plan(plan_name);
    state.facts = action.facts;
    state.facts.imported = action.imported.value_or(scenario_.from);
    for (const std::string& owner : action.owners) {
      state.facts.owners.push_back(owner);
      const plan::Party* party = scenario_.directory.resolve(owner, plan_name);
      if (party == nullptr || party->vacant) {
        state.facts.unowned = true;
        continue;
      }
      for (const auto& assignee : scenario_.directory.assignees(*party)) {
        state.assignments.push_back({world.find_party(assignee), plan::Role::lead, owner, state.facts.imported});
      }
    }
    if (state.assignments.empty()) state.facts.unowned = true;
    return state;
  }

  void happen(const ScenarioEvent& event, chase::Rehearsal& rehearsal) {
    if (event.response == "holiday") {
      holidays_.push_back(event.day.value());
      worlds_.push_back(make_world());
      rehearsal.change_world(*worlds_.back());
    } else if (event.response == "status") {
      rehearsal.set_status(plan_name, event.action, event.value);
    } else if (event.response == "redate") {
      rehearsal.redate(plan_name, event.action, event.due.value(), event.precision);
    } else {
      const auto kind = chase::response_kind(event.response);
      if (!kind) throw std::runtime_error("unknown response \"" + event.response + "\"");
      chase::Response response;
      response.kind = *kind;
      response.party = event.party;
      response.until = event.until;
      response.due = event.due;
      response.to = event.to;
      response.others = event.others;
      response.note = event.note;
      rehearsal.respond(plan_name, event.action, response);
    }
  }

  void collect(const chase::Rehearsal& rehearsal) {
    const chase::World& world = *worlds_.back();
    std::map<std::string, std::vector<std::pair<std::int32_t, std::string>>> grouped;
    std::map<std::string, Instant> at;
    for (const chase::Telling& told : rehearsal.tellings()) {
      const chase::PartyIndex party = world.find_party(told.to);
      const calendar::Zone& local = party == chase::no_party ? zone_ : world.person(party).zone;
      const std::string deliver = told.channel == "report" ? "report" : std::string(rulebook::name_of(told.deliver));
      std::string line = fmt::format("{}  {}/{} {}  {} {} {}", local_minute(told.at, local), told.rule, told.step,
                                     to_string(told.occurrence), told.to, told.channel, deliver);
      if (!told.about.empty()) line += fmt::format(" about {}", fmt::join(told.about, " "));
      if (!told.instead_of.empty()) line += " for " + told.instead_of;
      if (!told.carrier.empty()) line += " in " + told.carrier;
      grouped[line].emplace_back(told.position, told.action);
      at.emplace(line, told.at);
    }
    std::vector<std::pair<Instant, std::string>> ordered;
    for (auto& [prefix, actions] : grouped) {
      std::sort(actions.begin(), actions.end());
      std::string line = prefix + ":";
      for (const auto& [position, action] : actions) line += " " + action;
      ordered.emplace_back(at.at(prefix), line);
    }
    std::sort(ordered.begin(), ordered.end());
    for (auto& [when, line] : ordered) lines.push_back(std::move(line));
    for (const chase::Silence& silence : rehearsal.silences()) {
      HoldLine hold;
      hold.from = calendar::day_of(silence.at, zone_);
      hold.to = calendar::day_of(
          silence.until && *silence.until < absl::InfiniteFuture() ? *silence.until : silence.last, zone_);
      hold.rest =
          fmt::format("{} {}{}{} {}{}", silence.action, silence.rule, silence.step.empty() ? "" : "/", silence.step,
                      silence.step.empty() ? "" : to_string(silence.occurrence) + " ", silence.recipient);
      while (hold.rest.ends_with(' ')) hold.rest.pop_back();
      hold.reason = describe(silence.reason);
      hold.text = fmt::format("{} {}: {}", calendar::iso_day(hold.from), hold.rest, hold.reason);
      holds.push_back(std::move(hold));
    }
  }

  Scenario scenario_;
  const calendar::Zone& zone_;
  std::vector<CivilDay> holidays_;
  std::vector<std::unique_ptr<chase::World>> worlds_;
};

bool is_held(const std::string& expected, const std::vector<Player::HoldLine>& holds) {
  const std::string line = normal(expected);
  const auto day = calendar::parse_iso_day(line.substr(0, 10));
  const std::size_t colon = line.find(": ");
  if (!day || colon == std::string::npos || colon < 11) return false;
  const std::string rest = line.substr(11, colon - 11);
  const std::string reason = line.substr(colon + 2);
  return std::any_of(holds.begin(), holds.end(), [&](const auto& hold) {
    return hold.from <= *day && *day <= hold.to && normal(hold.rest) == rest && hold.reason.starts_with(reason);
  });
}

}  // namespace

ScenarioResult run_scenario(const std::string& file, const ReadFile& read) {
  ScenarioResult result;
  result.file = file;
  try {
    const calendar::Zone zone = zone_named("Europe/London");
    Scenario scenario = read_scenario(file, read, zone);
    result.about = scenario.about;
    const std::vector<std::string> expected = scenario.expected;
    const std::vector<std::string> expected_holds = scenario.expected_holds;
    Player player(std::move(scenario), zone);
    player.play();
    result.got = player.lines;
    for (const auto& hold : player.holds) result.got_holds.push_back(hold.text);
    std::multimap<std::string, std::string> left;
    for (const std::string& line : player.lines) left.emplace(comparable(normal(line)), line);
    for (const std::string& line : expected) {
      const auto found = left.find(comparable(normal(line)));
      if (found == left.end())
        result.missing.push_back(line);
      else
        left.erase(found);
    }
    for (const auto& [key, line] : left) result.unexpected.push_back(line);
    for (const std::string& line : expected_holds) {
      if (!is_held(line, player.holds)) result.missing_holds.push_back(line);
    }
  } catch (const std::exception& error) {
    result.problem = error.what();
  }
  return result;
}

bool run_scenarios(const std::vector<std::string>& files, bool verbose, const ReadFile& read, std::string& out) {
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const std::string& file : files) {
    const ScenarioResult result = run_scenario(file, read);
    (result.passed() ? passed : failed) += 1;
    out += fmt::format("{} {}  {}\n", result.passed() ? "ok  " : "FAIL", file, result.about);
    if (!result.problem.empty()) out += "  " + result.problem + "\n";
    if (!result.passed() || verbose) {
      for (const std::string& line : result.missing) out += "  expected  " + line + "\n";
      for (const std::string& line : result.unexpected) out += "  got       " + line + "\n";
      for (const std::string& line : result.missing_holds) out += "  expected hold  " + line + "\n";
      if (!result.missing_holds.empty() || verbose) {
        for (const std::string& line : result.got_holds) out += "  hold           " + line + "\n";
      }
    }
    if (verbose) {
      for (const std::string& line : result.got) out += "  went out  " + line + "\n";
    }
  }
  out += fmt::format("{} passed, {} failed\n", passed, failed);
  return failed == 0;
}

}  // namespace chaser::app
