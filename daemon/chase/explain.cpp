#include "chase/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "chase/condition_words.h"
#include "chase/respond.h"
#include "documents/characters.h"

namespace chaser::chase {
namespace {

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string reading(const plan::Timescale& timescale) {
  std::string text;
  if (timescale.due)
    text = "due " + calendar::short_day(*timescale.due);
  else
    text = std::string(plan::name_of(timescale.kind));
  text += fmt::format(", read from \"{}\"", timescale.verbatim);
  if (!timescale.convention.empty()) text += " as " + timescale.convention;
  if (timescale.ambiguous && timescale.alternative && timescale.alternative->due) {
    text += "; it could also mean " + calendar::short_day(*timescale.alternative->due);
  }
  return text;
}

class Explainer {
 public:
  Explainer(const ActionState& state, const World& world, Instant now, const Brakes& brakes)
      : state_(state), world_(world), now_(now), brakes_(brakes) {
    collect_facts(state, world, now, facts_);
  }

  Explanation explain(std::size_t next_most) {
    result_.action = state_.facts.id + "  " + state_.facts.title;
    result_.headline = spaced(state_.facts.status) + owners();
    say_facts();
    for (const CaseState& known : state_.cases) say_history(known);
    std::stable_sort(result_.lines.begin(), result_.lines.end(),
                     [](const ExplainLine& a, const ExplainLine& b) { return a.at < b.at; });
    say_guards();
    say_holds();
    say_pauses();
    say_next(next_most);
    say_rules();
    return std::move(result_);
  }

 private:
  std::string owners() const {
    std::string leads;
    for (const AssignmentState& assignment : state_.assignments) {
      if (assignment.holder() == no_party || assignment.role != plan::Role::lead) continue;
      leads += (leads.empty() ? ", lead " : " and ") + world_.person(assignment.holder()).name;
      if (assignment.delegate != no_party && assignment.party != no_party)
        leads += " for " + world_.person(assignment.party).name;
    }
    return leads.empty() ? ", no lead that the directory knows" : leads;
  }

  void say_facts() {
    const ActionFacts& facts = state_.facts;
    result_.facts.push_back(reading(facts.timescale));
    if (facts.first_due && facts.timescale.due && *facts.first_due != *facts.timescale.due) {
      result_.facts.push_back(fmt::format("first date {}, moved later {} time{}", calendar::short_day(*facts.first_due),
                                          facts.slips, facts.slips == 1 ? "" : "s"));
    } else if (facts.first_due) {
      result_.facts.push_back("first date unchanged");
    }
    result_.facts.push_back(facts.updated ? "last update " +
                                                calendar::short_day(calendar::day_of(*facts.updated, state_.plan->zone))
                                          : "no update yet");
    if (facts.percent) result_.facts.push_back(fmt::format("{} % done", *facts.percent));
    if (facts.unowned) result_.facts.push_back("an owner is missing or not in the directory");
    for (const Lineage& lineage : facts.lineage) {
      const std::string_view how = lineage.how == ResponseKind::superseded ? "superseded by"
                                   : lineage.how == ResponseKind::split    ? "split into"
                                                                           : "merged into";
      result_.facts.push_back(fmt::format("{} {}", how, lineage.action));
    }
    for (const Blocking& other : state_.blocked_by) result_.facts.push_back("waits for " + other.action);
    for (const Blocking& other : state_.blocks) result_.facts.push_back(other.action + " waits for it");
    for (const Request& request : state_.requests) result_.facts.push_back(request_words(request));
  }

  std::string name_of_party(PartyIndex party) const {
    if (party == no_party) return "nobody";
    return world_.person(party).name.empty() ? world_.person(party).id : world_.person(party).name;
  }

  /// "Dover asks for a later date, 30 Jun 2027, since 3 May 2027: waits for the word of the coordinator".
  std::string request_words(const Request& request) const {
    const std::string due = request.due ? ", " + calendar::short_day(*request.due) : "";
    return fmt::format("{} {}{}, since {}: waits for the word of {}", name_of_party(request.by), words_of(request.kind),
                       due, calendar::short_day(calendar::day_of(request.asked, state_.plan->zone)),
                       name_of_party(request.decider));
  }

  /// The ledger of pauses: what each lead has used of them, and what is left.
  void say_pauses() {
    for (const CaseState& known : state_.cases) {
      if (known.status != CaseStatus::open) continue;
      for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
        const auto lead = static_cast<AssignmentIndex>(i);
        const std::string words = ledger(known, lead);
        if (words.empty()) continue;
        result_.lines.push_back(
            {"pauses", std::nullopt, known.rule->rule->name, name_of_party(state_.assignments[i].holder()), "", words});
      }
    }
  }

  std::string ledger(const CaseState& known, AssignmentIndex lead) const {
    const rulebook::PauseLimits& limits = known.rule->rule->pauses;
    const std::pair<ResponseKind, const rulebook::PauseLimit*> kinds[] = {
        {ResponseKind::acknowledge, &limits.acknowledge},
        {ResponseKind::update, &limits.update},
        {ResponseKind::snooze, &limits.snooze},
        {ResponseKind::blocked, &limits.blocked},
        {ResponseKind::extension, &limits.extension}};
    std::string text;
    for (const auto& [kind, limit] : kinds) {
      const PauseUse use = pause_use(state_, known, lead, kind);
      if (use.answers == 0) continue;
      text += fmt::format("{}{}: {} used", text.empty() ? "" : "; ", name_of(kind), days_words(use.days));
      const bool in_total = kind != ResponseKind::acknowledge && kind != ResponseKind::update;
      if (limit->times) {
        text += fmt::format(", {} of {} answers left", std::max(0, *limit->times - use.answers), *limit->times);
      } else if (in_total && limit->up_to.unit == rulebook::OffsetUnit::working_days) {
        text += fmt::format(", {} left", days_words(std::max(0, limit->up_to.count - use.days)));
      }
    }
    return text;
  }

  static std::string days_words(int days) { return fmt::format("{} working day{}", days, days == 1 ? "" : "s"); }

  static std::string tag_of(NotificationState state) {
    switch (state) {
      case NotificationState::delivered:
      case NotificationState::recorded:
        return "sent";
      case NotificationState::pending:
      case NotificationState::composed:
        return "waits";
      case NotificationState::unreachable:
        return "failed";
      default:
        return "passed";
    }
  }

  void say_history(const CaseState& known) {
    const rulebook::Rule& rule = *known.rule->rule;
    std::map<std::string, std::size_t> shown;  // the same step for several recipients is one line
    for (const Firing& firing : known.firings) {
      if (firing.recipient == no_party) continue;
      const rulebook::Step& step = rule.steps[firing.step];
      ExplainLine line;
      line.tag = tag_of(firing.state);
      line.at = firing.sent_at.value_or(firing.opening);
      line.what = rule.name + "/" + step.name + occurrence_words(firing.occurrence);
      line.to = world_.person(firing.recipient).name;
      const PartyIndex reader = firing.read_by == no_party ? firing.recipient : firing.read_by;
      if (reader != firing.recipient) line.to = world_.person(reader).name + " for " + line.to;
      line.how = fmt::format("{}", fmt::join(resolve_channels(step.via, world_.person(reader)), ", "));
      if (firing.deliver == rulebook::Deliver::digest) line.how += ", in the digest";
      if (firing.state == NotificationState::delivered) {
        line.remark = "accepted " + absl::FormatTime("%H:%M:%S", *line.at, state_.plan->zone) + "; ";
      } else if (firing.reason.code != ReasonCode::none) {
        line.remark = describe(firing.reason) + "; ";
      }
      line.remark += why(pending_item(state_, known, firing, world_), world_);
      const std::string group = line.tag + line.what + absl::FormatTime(*line.at) + line.remark + line.how;
      const auto [found, is_new] = shown.emplace(group, result_.lines.size());
      if (is_new)
        result_.lines.push_back(std::move(line));
      else
        result_.lines[found->second].to += ", " + line.to;
    }
    if (known.status == CaseStatus::open) return;
    result_.lines.push_back({"ended", known.closed_at, rule.name, "", "", describe(known.closed_by)});
  }

  static std::string occurrence_words(Occurrence occurrence) {
    return occurrence == Occurrence{} ? "" : " " + to_string(occurrence);
  }

  /// What is held at large and would hold this action too.
  void say_guards() {
    const auto say = [&](std::string what, const Reason& reason, std::optional<Instant> until) {
      result_.lines.push_back({"held", until, std::move(what), "", "", describe(reason)});
    };
    const auto names = [](const std::vector<std::string>& stopped, const std::string& name) {
      return std::find(stopped.begin(), stopped.end(), name) != stopped.end();
    };
    if (brakes_.clock_held) say("everything", {ReasonCode::clock, {}}, std::nullopt);
    if (brakes_.stopped_all) say("everything", {ReasonCode::stopped, "everything"}, std::nullopt);
    if (names(brakes_.stopped_plans, state_.plan->id))
      say("the plan", {ReasonCode::stopped, state_.plan->id}, std::nullopt);
    for (const CaseState& known : state_.cases) {
      const std::string& rule = known.rule->rule->name;
      if (known.status != CaseStatus::open) continue;
      if (names(brakes_.stopped_rules, rule)) say(rule, {ReasonCode::stopped, rule}, std::nullopt);
      for (const Brakes::Over& over : brakes_.over_limit) {
        const bool waits =
            over.rule == rule && std::any_of(known.firings.begin(), known.firings.end(), [&](const Firing& firing) {
              return firing.state == NotificationState::pending && firing.nominal == over.nominal;
            });
        if (waits) say(rule, {ReasonCode::limited, rule}, std::nullopt);
      }
    }
    say_absences();
    for (const AssignmentState& assignment : state_.assignments) {
      if (assignment.holder() == no_party) continue;
      const Person& person = world_.person(assignment.holder());
      if (names(brakes_.stopped_parties, person.id)) say(person.name, {ReasonCode::stopped, person.id}, std::nullopt);
    }
    if (brakes_.freeze_released) return;
    const CivilDay today = calendar::day_of(now_, state_.plan->zone);
    if (const rulebook::Freeze* const freeze = world_.rulebook().freeze_on(today)) {
      const Instant end = calendar::first_instant(freeze->to + 1, state_.plan->zone);
      say("everything", {ReasonCode::frozen, freeze->name}, state_.plan->schedule->next_opening(end));
    }
  }

  /// Who is away of those whom the action concerns, and who reads what is for them.
  void say_absences() {
    const Absences absences(world_, brakes_.seem_away, now_);
    std::set<PartyIndex> concerned;
    for (const AssignmentState& assignment : state_.assignments) concerned.insert(assignment.holder());
    for (const PartyIndex role : {state_.plan->coordinator, state_.plan->sponsor, state_.plan->approver}) {
      concerned.insert(role);
    }
    concerned.erase(no_party);
    std::set<PartyIndex> reached;
    for (const PartyIndex party : concerned) {
      const auto& recipients = world_.person(party).recipients;
      reached.insert(recipients.begin(), recipients.end());
    }
    for (const PartyIndex party : reached) {
      const Away* const away = absences.find(party);
      if (away == nullptr) continue;
      const PartyIndex reader = absences.reader_of(party);
      const std::string then =
          reader == party
              ? fmt::format("and nobody stands in: what is for them waits up to {} working days", absence_days_max)
              : name_of_party(reader) + " reads what is for them";
      result_.lines.push_back(
          {"away", std::nullopt, name_of_party(party), "", "", fmt::format("away {}; {}", away_words(*away), then)});
    }
  }

  void say_holds() {
    Verdict verdict;
    decide(state_, world_, Look{now_, now_}, verdict);
    std::set<std::string> said;
    for (const Hold& hold : verdict.holds) {
      ExplainLine line;
      line.tag = "held";
      line.at = hold.until && *hold.until < absl::InfiniteFuture() ? hold.until : std::nullopt;
      if (hold.index != no_case) {
        const CaseState& known = hold.index < state_.cases.size() ? state_.cases[hold.index]
                                                                  : verdict.opened[hold.index - state_.cases.size()];
        line.what = known.rule->rule->name;
        if (hold.step != no_step) line.what += "/" + known.rule->rule->steps[hold.step].name;
      }
      if (hold.recipient != no_party) line.to = world_.person(hold.recipient).name;
      line.remark = describe(hold.reason);
      if (hold.reason.code == ReasonCode::dormant) line.remark = "not now: " + why_false(hold.reason.detail, facts_);
      if (said.insert(line.what + "|" + line.to + "|" + line.remark).second) result_.lines.push_back(std::move(line));
    }
    for (const CaseState& known : state_.cases) {
      if (known.status == CaseStatus::open) say_if_silenced(known);
    }
  }

  void say_if_silenced(const CaseState& known) {
    for (const std::string& by : known.rule->silenced_by) {
      for (const CaseState& other : state_.cases) {
        if (other.rule->rule->name != by || other.status != CaseStatus::open) continue;
        std::optional<Instant> since;
        for (const Firing& firing : other.firings) {
          if (firing.state == NotificationState::lapsed || firing.state == NotificationState::withdrawn) continue;
          since = since ? std::min(*since, firing.opening) : firing.opening;
        }
        if (!since || *since > now_) continue;
        ExplainLine line{"held", std::nullopt, known.rule->rule->name,
                         "",     "",           "silenced by " + by + ", whose case is open"};
        line.since = since;
        result_.lines.push_back(std::move(line));
      }
    }
  }

  void say_next(std::size_t most) {
    const std::vector<Telling> next = next_tellings(state_, world_, now_, most, absl::Hours(24 * 366 * 3), brakes_);
    std::map<std::pair<Instant, std::string>, std::size_t> shown;
    for (const Telling& told : next) {
      const std::string what = told.rule + "/" + told.step + occurrence_words(told.occurrence);
      const std::string name = world_.person(told.recipient).name;
      const auto [found, is_new] = shown.emplace(std::pair(told.at, what), result_.lines.size());
      if (is_new) {
        ExplainLine line{"next", told.at, what, name, told.channel, told.reason};
        if (told.deliver == rulebook::Deliver::digest) line.how += ", in the digest";
        result_.lines.push_back(std::move(line));
        continue;
      }
      ExplainLine& line = result_.lines[found->second];
      if (line.to.find(name) == std::string::npos) line.to += ", " + name;
      if (line.how.find(told.channel) == std::string::npos) line.how += ", " + told.channel;
    }
    if (next.empty()) result_.lines.push_back({"next", std::nullopt, "", "", "", "nothing, as things stand"});
  }

  /// An edited rule speaks to its open case only once that has been moved.
  std::string version_words(const CompiledRule& rule) const {
    for (const CaseState& known : state_.cases) {
      if (known.status == CaseStatus::open && known.rule != &rule && known.rule->rule->name == rule.rule->name) {
        return "; its open case keeps the version it began with (see \"chaser rules migrate\")";
      }
    }
    return "";
  }

  void say_rules() {
    std::vector<AnchorInstance> instances;
    for (const CompiledRule* rule : world_.rules()) {
      const rulebook::Truth truth = rule->rule->when.evaluate(facts_);
      anchor_instances(state_, *rule, calendar::day_of(now_, state_.plan->zone), instances);
      ExplainLine line{"rule", std::nullopt, rule->rule->name, "", "", ""};
      if (truth.problem != nullptr)
        line.remark = std::string("cannot be told: ") + truth.problem;
      else if (!truth.value)
        line.remark = "does not apply: " + why_false(rule->rule->when.false_part(facts_), facts_);
      else if (instances.empty())
        line.remark = "applies, but there is no date to count from";
      else
        line.remark = fmt::format("applies, counting from {}{}", calendar::short_day(instances.front().day),
                                  version_words(*rule));
      result_.lines.push_back(std::move(line));
    }
  }

  const ActionState& state_;
  const World& world_;
  Instant now_;
  const Brakes& brakes_;
  rulebook::Facts facts_;
  Explanation result_;
};

}  // namespace

Explanation explain(const ActionState& state, const World& world, Instant now, std::size_t next_most,
                    const Brakes& brakes) {
  return Explainer(state, world, now, brakes).explain(next_most);
}

namespace {

std::string when_of(const ExplainLine& line, const Zone& zone) {
  if (line.since) return "since " + absl::FormatTime("%e %b %Y", *line.since, zone);
  if (!line.at) return "";
  return (line.tag == "held" ? "until " : "      ") + absl::FormatTime("%e %b %Y", *line.at, zone);
}

}  // namespace

std::string to_text(const Explanation& explanation, const Zone& zone) {
  constexpr std::size_t column_max = 40;
  std::size_t widths[3] = {0, 0, 0};
  for (const ExplainLine& line : explanation.lines) {
    const std::string* const cells[3] = {&line.what, &line.to, &line.how};
    for (std::size_t i = 0; i < 3; ++i)
      widths[i] = std::max(widths[i], std::min(column_max, documents::display_width(*cells[i])));
  }
  std::string text = fmt::format("{}   {}\n", explanation.action, explanation.headline);
  text += fmt::format("{}\n\n", fmt::join(explanation.facts, " · "));
  std::string last_tag;
  for (const ExplainLine& line : explanation.lines) {
    std::string row =
        documents::padded(line.tag == last_tag ? "" : line.tag, 8) + documents::padded(when_of(line, zone), 19);
    row += documents::padded(line.what, widths[0]) + "  ";
    // Silences and rules tell what they are about and why; recipient and channel are of messages.
    if (line.tag != "held" && line.tag != "pauses" && line.tag != "rule" && line.tag != "ended" && line.tag != "away")
      row += documents::padded(line.to, widths[1]) + "  " + documents::padded(line.how, widths[2]) + "  ";
    else if (!line.to.empty())
      row += line.to + ": ";
    row += line.remark;
    while (row.ends_with(' ')) row.pop_back();
    text += row + "\n";
    last_tag = line.tag;
  }
  return text;
}

std::string to_json(const Explanation& explanation, const Zone& zone) {
  nlohmann::ordered_json root;
  root["action"] = explanation.action;
  root["headline"] = explanation.headline;
  root["facts"] = explanation.facts;
  root["lines"] = nlohmann::ordered_json::array();
  for (const ExplainLine& line : explanation.lines) {
    nlohmann::ordered_json entry{{"tag", line.tag}};
    entry["at"] = line.at ? nlohmann::ordered_json(calendar::rfc3339(*line.at, zone)) : nlohmann::ordered_json();
    if (line.since) entry["since"] = calendar::rfc3339(*line.since, zone);
    entry["what"] = line.what;
    entry["to"] = line.to;
    entry["how"] = line.how;
    entry["remark"] = line.remark;
    root["lines"].push_back(std::move(entry));
  }
  return root.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace chaser::chase
