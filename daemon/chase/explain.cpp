#include "chase/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace chaser::chase {
namespace {

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string reading(const plan::Timescale& timescale) {
  std::string text;
  if (timescale.due) text = "due " + calendar::short_day(*timescale.due);
  else text = std::string(plan::name_of(timescale.kind));
  text += fmt::format(", read from \"{}\"", timescale.verbatim);
  if (!timescale.convention.empty()) text += " as " + timescale.convention;
  if (timescale.ambiguous && timescale.alternative && timescale.alternative->due) {
    text += "; it could also mean " + calendar::short_day(*timescale.alternative->due);
  }
  return text;
}

class Explainer {
 public:
  Explainer(const ActionState& state, const World& world, Instant now) : state_(state), world_(world), now_(now) {
    collect_facts(state, world, now, facts_);
  }

  Explanation explain(std::size_t next_most) {
    result_.action = state_.facts.id + "  " + state_.facts.title;
    result_.headline = spaced(state_.facts.status) + owners();
    say_facts();
    for (const CaseState& known : state_.cases) say_history(known);
    std::stable_sort(result_.lines.begin(), result_.lines.end(),
                     [](const ExplainLine& a, const ExplainLine& b) { return a.at < b.at; });
    say_holds();
    say_next(next_most);
    say_rules();
    return std::move(result_);
  }

 private:
  std::string owners() const {
    std::string leads;
    for (const AssignmentState& assignment : state_.assignments) {
      if (assignment.party == no_party || assignment.role != plan::Role::lead) continue;
      leads += (leads.empty() ? ", lead " : " and ") + world_.person(assignment.party).name;
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
    result_.facts.push_back(facts.updated ? "last update " + calendar::short_day(calendar::day_of(*facts.updated, state_.plan->zone))
                                          : "no update yet");
    if (facts.unowned) result_.facts.push_back("an owner is missing or not in the directory");
  }

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
      line.how = fmt::format("{}", fmt::join(resolve_channels(step.via, world_.person(firing.recipient)), ", "));
      if (firing.deliver == rulebook::Deliver::digest) line.how += ", in the digest";
      if (firing.state == NotificationState::delivered) {
        line.remark = "accepted " + absl::FormatTime("%H:%M:%S", *line.at, state_.plan->zone);
      } else {
        line.remark = describe(firing.reason);
      }
      const std::string group = line.tag + line.what + absl::FormatTime(*line.at) + line.remark + line.how;
      const auto [found, is_new] = shown.emplace(group, result_.lines.size());
      if (is_new) result_.lines.push_back(std::move(line));
      else result_.lines[found->second].to += ", " + line.to;
    }
    if (known.status == CaseStatus::open) return;
    result_.lines.push_back({"ended", known.closed_at, rule.name, "", "", describe(known.closed_by)});
  }

  static std::string occurrence_words(Occurrence occurrence) {
    return occurrence == Occurrence{} ? "" : " " + to_string(occurrence);
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
        const CaseState& known =
            hold.index < state_.cases.size() ? state_.cases[hold.index] : verdict.opened[hold.index - state_.cases.size()];
        line.what = known.rule->rule->name;
        if (hold.step != no_step) line.what += "/" + known.rule->rule->steps[hold.step].name;
      }
      if (hold.recipient != no_party) line.to = world_.person(hold.recipient).name;
      line.remark = describe(hold.reason);
      if (line.at) line.remark += ", until then";
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
        result_.lines.push_back({"held", since, known.rule->rule->name, "", "", "silenced by " + by + ", whose case is open"});
      }
    }
  }

  void say_next(std::size_t most) {
    const std::vector<Telling> next = next_tellings(state_, world_, now_, most);
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

  void say_rules() {
    std::vector<AnchorInstance> instances;
    for (const CompiledRule* rule : world_.rules()) {
      const rulebook::Truth truth = rule->rule->when.evaluate(facts_);
      anchor_instances(state_, *rule->rule, instances);
      ExplainLine line{"rule", std::nullopt, rule->rule->name, "", "", ""};
      if (truth.problem != nullptr) line.remark = std::string("cannot be told: ") + truth.problem;
      else if (!truth.value) line.remark = "does not apply: " + rule->rule->when.false_part(facts_) + " is false";
      else if (instances.empty()) line.remark = "applies, but there is no date to count from";
      else line.remark = fmt::format("applies, counting from {}", calendar::short_day(instances.front().day));
      result_.lines.push_back(std::move(line));
    }
  }

  const ActionState& state_;
  const World& world_;
  Instant now_;
  rulebook::Facts facts_;
  Explanation result_;
};

}  // namespace

Explanation explain(const ActionState& state, const World& world, Instant now, std::size_t next_most) {
  return Explainer(state, world, now).explain(next_most);
}

std::string to_text(const Explanation& explanation, const Zone& zone) {
  std::string text = fmt::format("{:<72} {}\n", explanation.action, explanation.headline);
  text += fmt::format("{}\n\n", fmt::join(explanation.facts, " · "));
  std::string last_tag;
  for (const ExplainLine& line : explanation.lines) {
    const std::string tag = line.tag == last_tag ? "" : line.tag;
    last_tag = line.tag;
    const std::string at = line.at ? absl::FormatTime("%e %b %Y", *line.at, zone) : "";
    std::string row = fmt::format("{:<7} {:>11}  {:<24} {:<24} {:<22} {}", tag, at, line.what, line.to, line.how, line.remark);
    while (row.ends_with(' ')) row.pop_back();
    text += row + "\n";
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
    entry["what"] = line.what;
    entry["to"] = line.to;
    entry["how"] = line.how;
    entry["remark"] = line.remark;
    root["lines"].push_back(std::move(entry));
  }
  return root.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace chaser::chase
