#include "chase/rule_trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "chase/fresh.h"
#include "chase/rehearsal.h"

namespace chaser::chase {
namespace {

using rulebook::ExpectedHold;
using rulebook::ExpectedTelling;
using rulebook::TestEvent;

/// One step about one action to one party on one day; the unit that is compared.
struct Line {
  CivilDay day;
  std::string rule;
  std::string step;
  std::string to;
  std::string action;
  std::optional<std::chrono::minutes> time;
  std::set<std::string> via;
  std::optional<rulebook::Deliver> deliver;
  std::string occurrence;
  documents::Position at;

  auto key() const { return std::tie(day, rule, step, to, action); }
};

std::string text_of(const Line& line) {
  std::string text = fmt::format("{} {}/{} to {}", calendar::iso_day(line.day), line.rule, line.step, line.to);
  if (!line.action.empty()) text += " about " + line.action;
  if (line.time) text += fmt::format(" at {:02}:{:02}", line.time->count() / 60, line.time->count() % 60);
  if (!line.via.empty()) text += fmt::format(" by {}", fmt::join(line.via, " and "));
  if (line.deliver) text += line.deliver == rulebook::Deliver::digest ? ", digest" : ", direct";
  if (!line.occurrence.empty() && line.occurrence != "0") text += ", occurrence " + line.occurrence;
  return text;
}

std::vector<Line> expected_lines(const rulebook::RuleTest& test) {
  std::vector<Line> lines;
  for (const ExpectedTelling& expected : test.expected) {
    for (const auto& to : expected.to) {
      for (const auto& action : expected.actions) {
        const std::set<std::string> via(expected.via.begin(), expected.via.end());
        lines.push_back({expected.on, expected.rule, expected.step.text, to.text, action.text, expected.time, via,
                         expected.deliver, expected.occurrence, expected.at});
      }
    }
  }
  return lines;
}

/// What went out, the channels of one telling together.
std::vector<Line> got_lines(const Rehearsal& rehearsal, const World& world) {
  std::vector<Line> lines;
  for (const Telling& told : rehearsal.tellings()) {
    const PartyIndex party = world.find_party(told.to);
    const Zone& zone = party == no_party ? world.plans().front().zone : world.person(party).zone;
    const absl::CivilMinute local = absl::ToCivilMinute(told.at, zone);
    const std::chrono::minutes time{local.hour() * 60 + local.minute()};
    Line line{CivilDay(local),
              told.rule,
              told.step,
              told.to,
              told.action,
              time,
              {told.channel},
              told.deliver,
              to_string(told.occurrence),
              {}};
    const auto same = std::find_if(lines.begin(), lines.end(), [&](const Line& other) {
      return other.key() == line.key() && other.occurrence == line.occurrence;
    });
    if (same == lines.end()) {
      lines.push_back(std::move(line));
    } else {
      same->via.insert(told.channel);
    }
  }
  return lines;
}

/// Whether `got` is what `wanted` says; what it does not say is not compared.
bool is_met(const Line& wanted, const Line& got) {
  return wanted.key() == got.key() && (!wanted.time || wanted.time == got.time) &&
         (wanted.via.empty() || wanted.via == got.via) && (!wanted.deliver || wanted.deliver == got.deliver) &&
         (wanted.occurrence.empty() || wanted.occurrence == got.occurrence);
}

/// The first of `left` that fits, taken out.
template <typename Fits>
std::optional<Line> take(std::vector<Line>& left, Fits fits) {
  const auto found = std::find_if(left.begin(), left.end(), fits);
  if (found == left.end()) return std::nullopt;
  Line line = std::move(*found);
  left.erase(found);
  return line;
}

std::vector<TrialLine> compare(std::vector<Line> expected, std::vector<Line> got) {
  std::vector<TrialLine> lines;
  std::vector<Line> unmet;
  for (Line& wanted : expected) {
    const auto met = take(got, [&](const Line& line) { return is_met(wanted, line); });
    if (met) lines.push_back({wanted.day, text_of(wanted), text_of(*met), true, wanted.at});
    if (!met) unmet.push_back(std::move(wanted));
  }
  for (const Line& wanted : unmet) {
    const auto other = take(got, [&](const Line& line) { return line.key() == wanted.key(); });
    lines.push_back({wanted.day, text_of(wanted), other ? text_of(*other) : "", false, wanted.at});
  }
  for (const Line& line : got) lines.push_back({line.day, "", text_of(line), false, {}});
  std::stable_sort(lines.begin(), lines.end(), [](const TrialLine& a, const TrialLine& b) { return a.day < b.day; });
  return lines;
}

struct HoldSpan {
  CivilDay from;
  CivilDay to;
  const Silence* silence;
};

HoldSpan span_of(const Silence& silence, const Zone& zone) {
  const CivilDay from = calendar::day_of(silence.at, zone);
  const bool ends = silence.until && *silence.until < absl::InfiniteFuture();
  return {from, calendar::day_of(ends ? *silence.until : silence.last, zone), &silence};
}

std::string text_of(const Silence& silence) {
  std::string text = silence.rule;
  if (!silence.step.empty()) text += "/" + silence.step;
  if (!silence.recipient.empty()) text += " to " + silence.recipient;
  return fmt::format("{} about {}: {}", text, silence.action, describe(silence.reason));
}

std::string text_of(const ExpectedHold& hold) {
  std::string text = hold.rule;
  if (!hold.step.text.empty()) text += "/" + hold.step.text;
  if (!hold.to.text.empty()) text += " to " + hold.to.text;
  if (!hold.action.text.empty()) text += " about " + hold.action.text;
  return fmt::format("{} {}: {}", calendar::iso_day(hold.on), text, hold.reason.text);
}

bool is_of(const ExpectedHold& hold, const Silence& silence) {
  return silence.rule == hold.rule && (hold.step.text.empty() || silence.step == hold.step.text) &&
         (hold.action.text.empty() || silence.action == hold.action.text);
}

std::vector<TrialLine> compare_holds(const rulebook::RuleTest& test, const Rehearsal& rehearsal, const Zone& zone) {
  std::vector<HoldSpan> spans;
  for (const Silence& silence : rehearsal.silences()) spans.push_back(span_of(silence, zone));
  std::vector<TrialLine> lines;
  for (const ExpectedHold& hold : test.holds) {
    std::string others;
    const bool is_held = std::any_of(spans.begin(), spans.end(), [&](const HoldSpan& span) {
      if (hold.on < span.from || span.to < hold.on || !is_of(hold, *span.silence)) return false;
      others = text_of(*span.silence);
      return (hold.to.text.empty() || span.silence->recipient.empty() || span.silence->recipient == hold.to.text) &&
             describe(span.silence->reason).starts_with(hold.reason.text);
    });
    lines.push_back({hold.on, text_of(hold), others, is_held, hold.at});
  }
  return lines;
}

/// The holds that coverage counts, by the words of all_of; "" for one that no word of a rule file makes.
std::string covered_hold(const Silence& silence) {
  switch (silence.reason.code) {
    case ReasonCode::silenced:
      return fmt::format("{} silenced by {}", silence.rule, silence.reason.detail);
    case ReasonCode::frozen:
      return fmt::format("freeze: {}", silence.reason.detail);
    case ReasonCode::limited:
      return "over the limit of people";
    case ReasonCode::lapsed_in_pause:
    case ReasonCode::waits_for_pause:
    case ReasonCode::answered:
    case ReasonCode::all_answered:
    case ReasonCode::settled:
      return fmt::format("{} paused by an answer", silence.rule);
    default:
      return "";
  }
}

class Trial {
 public:
  Trial(const rulebook::RuleTest& test, const TrialStage& stage, const World& world)
      : test_(test),
        stage_(stage),
        world_(world),
        zone_(world.plans().front().zone),
        rehearsal_(world, calendar::local_instant(test.from.day, std::chrono::minutes{0}, zone_)) {}

  TrialResult play(TrialCoverage& coverage) {
    add_actions();
    TrialResult result;
    for (const TestEvent& event : test_.events) happen(event, result);
    rehearsal_.run_until(calendar::local_instant(test_.to + 1, std::chrono::minutes{0}, zone_) - absl::Microseconds(1));
    result.lines = compare(expected_lines(test_), got_lines(rehearsal_, world_));
    result.holds = compare_holds(test_, rehearsal_, zone_);
    for (const Telling& told : rehearsal_.tellings()) coverage.steps.insert(told.rule + "/" + told.step);
    for (const Silence& silence : rehearsal_.silences()) {
      if (std::string hold = covered_hold(silence); !hold.empty()) coverage.holds.insert(std::move(hold));
    }
    return result;
  }

 private:
  void add_actions() {
    std::int32_t position = 0;
    for (const plan::Action& action : stage_.plan.actions) {
      const auto imported = stage_.imported.find(action.id);
      const CivilDay day = imported == stage_.imported.end() ? test_.from.day : imported->second;
      const Instant at = calendar::local_instant(day, std::chrono::minutes{0}, zone_);
      rehearsal_.add(fresh_state(stage_.plan, action, position++, world_, at));
    }
  }

  void happen(const TestEvent& event, TrialResult& result) {
    constexpr std::chrono::minutes noon{12 * 60};
    rehearsal_.run_until(calendar::local_instant(event.when.day, event.when.time.value_or(noon), zone_));
    const std::string& plan = stage_.plan.id;
    if (event.answer.text.empty()) {
      if (event.due) rehearsal_.redate(plan, event.action.text, *event.due, std::nullopt);
      if (!event.status.text.empty()) rehearsal_.set_status(plan, event.action.text, event.status.text);
      return;
    }
    Response response;
    response.kind = response_kind(event.answer.text).value_or(ResponseKind::update);
    response.party = event.party.text;
    response.until = event.until;
    response.note = event.note.text;
    response.due = event.due;
    response.to = event.to.text;
    response.evidence = event.evidence.text;
    response.percent = event.percent;
    for (const auto& other : event.by) response.others.push_back(other.text);
    if (!event.request.text.empty()) response.request = response_kind(event.request.text);
    if (!event.status.text.empty()) response.status = event.status.text;
    response.value = event.value;
    response.read_on = event.read_on;
    if (!event.claimed.empty()) response.claimed = rag(event.claimed);
    response.milestone = event.milestone;
    const ResponseEffect effect = rehearsal_.respond(plan, event.action.text, response);
    if (effect.accepted != event.refused) return;
    result.refused.push_back(fmt::format("{} {} of {} about {} is {}: {}", calendar::iso_day(event.when.day),
                                         event.answer.text, event.party.text, event.action.text,
                                         effect.accepted ? "accepted" : "refused", effect.answer));
  }

  const rulebook::RuleTest& test_;
  const TrialStage& stage_;
  const World& world_;
  const Zone& zone_;
  Rehearsal rehearsal_;
};

}  // namespace

bool TrialResult::passed() const {
  const auto agrees = [](const TrialLine& line) { return line.agree; };
  return refused.empty() && std::all_of(lines.begin(), lines.end(), agrees) &&
         std::all_of(holds.begin(), holds.end(), agrees);
}

TrialResult play(const rulebook::RuleTest& test, const TrialStage& stage, const World& world, TrialCoverage& coverage) {
  return Trial(test, stage, world).play(coverage);
}

TrialCoverage all_of(const rulebook::Rulebook& rulebook) {
  TrialCoverage all;
  for (const auto& rule : rulebook.rules()) {
    for (const rulebook::Step& step : rule->steps) all.steps.insert(rule->name + "/" + step.name);
    const bool asks_leads = std::any_of(rule->steps.begin(), rule->steps.end(), [](const rulebook::Step& step) {
      return std::any_of(step.to.begin(), step.to.end(),
                         [](const rulebook::Audience& audience) { return audience.follows_assignments(); });
    });
    if (asks_leads) all.holds.insert(fmt::format("{} paused by an answer", rule->name));
  }
  for (const rulebook::Inhibit& inhibit : rulebook.inhibits()) {
    all.holds.insert(fmt::format("{} silenced by {}", inhibit.silences, inhibit.rule));
  }
  for (const rulebook::Freeze& freeze : rulebook.freezes()) all.holds.insert(fmt::format("freeze: {}", freeze.name));
  if (rulebook.limit_people()) all.holds.insert("over the limit of people");
  return all;
}

}  // namespace chaser::chase
