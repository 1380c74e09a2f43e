#include "simulation/people.h"

#include <algorithm>
#include <vector>

namespace chaser::simulation {

namespace {

const std::vector<std::string>& kinds(Mood mood) {
  static const std::vector<std::string> calm{"acknowledge", "acknowledge", "acknowledge", "update",  "update",
                                             "snooze",      "blocked",     "done",        "done",    "extension",
                                             "extension",   "not_mine",    "cancelled",   "delegate"};
  static const std::vector<std::string> wild{
      "acknowledge", "acknowledge", "acknowledge", "update",   "update",     "update",    "snooze",    "snooze",
      "blocked",     "blocked",     "done",        "done",     "done",       "extension", "extension", "extension",
      "not_mine",    "cancelled",   "delegate",    "delegate", "superseded", "merged",    "split",     "reopen"};
  return mood == Mood::calm ? calm : wild;
}

/// Another promise of the plan; "" if it has none.
std::string another(const PlanOfSim& plan, const Promise& promise, Dice& dice) {
  std::vector<std::string> others;
  for (const Promise& other : plan.promises) {
    if (other.id != promise.id && !other.dropped) others.push_back(other.id);
  }
  return others.empty() ? "" : dice.pick(others);
}

Said said_by(const std::string& action, const std::string& party, const std::string& kind) {
  Said said;
  said.request.verb = "answer";
  said.request.words = {action, kind};
  said.request.options["--party"] = party;
  said.request.options["--note"] = "as " + party + " says";
  said.event = {{"party", party}, {"response", kind}};
  return said;
}

void add_day(Said& said, const std::string& name, CivilDay day) {
  said.request.options["--" + name] = calendar::iso_day(day);
  said.event[name] = calendar::iso_day(day);
}

}  // namespace

bool Said::asks_for_a_word() const {
  static const std::vector<std::string> asking{"done",     "extension",  "not_mine", "cancelled",
                                               "delegate", "superseded", "merged",   "split"};
  return std::find(asking.begin(), asking.end(), event.at("response").get<std::string>()) != asking.end();
}

Said something_said(const County& county, const PlanOfSim& plan, const Promise& promise, const std::string& lead,
                    Mood mood, Dice& dice, CivilDay today) {
  std::string kind = dice.pick(kinds(mood));
  const std::string other = another(plan, promise, dice);
  const bool needs_another = kind == "superseded" || kind == "merged" || kind == "split";
  if (needs_another && other.empty()) kind = "cancelled";
  Said said = said_by(plan.id + "/" + promise.id, lead, kind);
  if (kind == "acknowledge" || kind == "snooze" || kind == "blocked")
    add_day(said, "until", today + dice.between(4, 35));
  if (kind == "extension") add_day(said, "due", promise.due.value_or(today) + dice.between(-10, 200));
  if (kind == "delegate") {
    const std::string to = mood == Mood::calm || dice.chance(500) ? "head-1" : dice.pick(county.people).id;
    said.request.options["--to"] = to;
    said.event["to"] = to;
  }
  if (needs_another || (kind == "blocked" && mood == Mood::wild && !other.empty())) {
    said.request.options["--by"] = other;
  }
  return said;
}

Said word_about(const Said& asked, bool yes) {
  const std::string kind = asked.event.at("response");
  const bool is_delegated = kind == "delegate";
  const std::string word = is_delegated ? (yes ? "accept" : "decline") : (yes ? "approve" : "refuse");
  Said said =
      said_by(asked.request.words.front(), is_delegated ? asked.event.at("to").get<std::string>() : "keeper", word);
  said.event["to"] = asked.event.at("party");
  said.event["request"] = kind;
  if (is_delegated) return said;
  said.request.options["--to"] = asked.event.at("party");
  said.request.options["--request"] = kind;
  return said;
}

}  // namespace chaser::simulation
