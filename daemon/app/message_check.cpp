#include "app/message_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/forecasting.h"
#include "channels/template_data.h"
#include "chase/forecast.h"
#include "chase/fresh.h"

namespace chaser::app {

namespace {

using chase::Telling;

/// As many instants ahead as a message tells of.
constexpr std::size_t told_ahead = 4;

using ActionName = std::pair<std::string, std::string>;  // plan, id

/// What a template cannot do, where it was met first, and how often.
struct Met {
  std::string first;
  std::size_t times = 0;
};

/// Plays the plans ahead and writes what would be sent.
class MessageCheck {
 public:
  MessageCheck(const Inputs& inputs, std::span<const plan::Plan> plans, Instant from)
      : inputs_(inputs), world_(make_world(inputs, {}, ignored_)), rehearsal_(*world_, from) {
    for (const plan::Plan& plan : plans) {
      for (std::size_t i = 0; i < plan.actions.size(); ++i) {
        const plan::Action& action = plan.actions[i];
        actions_[{plan.id, action.id}] = {&plan, &action, {}};
        rehearsal_.add(chase::fresh_state(plan, action, static_cast<std::int32_t>(i), *world_, from));
      }
    }
    chase::play(rehearsal_, *world_, chase::Assumption::silent, from + foresight);
    context_ = render_context(inputs.settings, *world_, from);
  }

  std::map<channels::TemplateFault, Met> run() {
    const std::vector<Telling>& told = rehearsal_.tellings();
    for (const Telling& each : told) actions_.at({each.plan, each.action}).told.push_back(&each);
    // A message's items were told one after the other.
    for (std::size_t begin = 0; begin < told.size();) {
      std::size_t end = begin + 1;
      while (end < told.size() && is_same_message(told[begin], told[end])) ++end;
      look_at(std::span(told).subspan(begin, end - begin));
      begin = end;
    }
    return std::move(met_);
  }

 private:
  struct Known {
    const plan::Plan* plan = nullptr;
    const plan::Action* action = nullptr;
    std::vector<const Telling*> told;  // in order of time
  };

  static bool is_same_message(const Telling& first, const Telling& other) {
    if (first.at != other.at || first.recipient != other.recipient || first.channel != other.channel) return false;
    if (first.kind != other.kind) return false;
    const bool starts_another = other.carrier.empty() && (first.rule != other.rule || first.step != other.step);
    return first.kind != chase::MessageKind::direct || !starts_another;
  }

  /// Once for each action, channel, template and reader: another repeat or step would fill the same with other dates.
  void look_at(std::span<const Telling> told) {
    const std::string& channel = told.front().channel;
    if (channel != "email" && (channel != "teams" || takes_json(told.front()))) return;
    std::set<ActionName> actions;
    for (const Telling& each : told) {
      const bool is_last = actions_.at({each.plan, each.action}).told.back()->at == each.at;
      const std::string key =
          fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}{}", each.plan, each.action, channel, static_cast<int>(each.kind),
                      template_of(each), each.carrier, each.about.empty(), is_last);
      if (seen_.insert(key).second) actions.insert({each.plan, each.action});
    }
    std::vector<const Telling*> fresh;
    for (const Telling& each : told) {
      if (actions.contains({each.plan, each.action})) fresh.push_back(&each);
    }
    if (fresh.empty()) return;
    write(message_of(fresh, told.front().kind), fresh);
    look_at_late(fresh);
  }

  /// A step's own template: what its step names, or that of its rule and step; "" if it has none.
  const std::string& template_of(const Telling& told) {
    const std::string name = told.rule + "/" + told.step;
    const auto [known, is_new] = own_templates_.try_emplace(name);
    if (!is_new) return known->second;
    const chase::CompiledRule* const rule = world_->find_rule(told.rule);
    const rulebook::Step* const step = rule == nullptr ? nullptr : rule->rule->find(told.step);
    const std::string named = step == nullptr ? "" : step->template_;
    for (const std::string& candidate : {named, name}) {
      for (const channels::Form form :
           {channels::Form::subject, channels::Form::text, channels::Form::html, channels::Form::card}) {
        const bool has = !candidate.empty() && !channels::file_for(*inputs_.templates, {candidate}, form).empty();
        if (has && known->second.empty()) known->second = candidate;
      }
    }
    return known->second;
  }

  /// Once for each action and channel: what would be said after the service was down.
  void look_at_late(const std::vector<const Telling*>& told) {
    std::vector<const Telling*> fresh;
    for (const Telling* each : told) {
      if (seen_.insert(fmt::format("{}\n{}\n{}", each->plan, each->action, each->channel)).second)
        fresh.push_back(each);
    }
    if (fresh.empty()) return;
    store::OutboxMessage message = message_of(fresh, chase::MessageKind::catch_up);
    for (store::TellingItem& item : message.items) item.late = true;
    write(message, fresh);
  }

  bool takes_json(const Telling& told) const {
    return app::takes_json(inputs_.settings, world_->person(told.recipient).contact.teams);
  }

  store::OutboxMessage message_of(const std::vector<const Telling*>& told, chase::MessageKind kind) {
    store::OutboxMessage message;
    message.row = ++rows_;
    message.recipient = told.front()->to;
    message.channel = told.front()->channel;
    message.kind = kind;
    message.created = told.front()->at;
    std::vector<std::string> keys;
    for (const Telling* each : told) {
      message.items.push_back(item_of(*each, static_cast<std::int64_t>(message.items.size()) + 1));
      keys.push_back(message.items.back().key);
    }
    // What rides lies under its own action's first item.
    for (std::size_t i = 0; i < told.size(); ++i) {
      const auto carrier = std::find_if(told.begin(), told.end(), [&](const Telling* other) {
        return other->carrier.empty() && other->plan == told[i]->plan && other->action == told[i]->action;
      });
      if (told[i]->carrier.empty() || carrier == told.end()) continue;
      message.items[i].carried_by = (carrier - told.begin()) + 1;
    }
    message.key = chase::message_key(std::move(keys), message.channel);
    return message;
  }

  store::TellingItem item_of(const Telling& told, std::int64_t row) const {
    const Known& known = actions_.at({told.plan, told.action});
    store::TellingItem item;
    item.notification = item.carried_by = row;
    item.key = fmt::format("{}/{}/{}/{}/{}/{}", told.plan, told.action, told.rule, told.step,
                           chase::to_string(told.occurrence), told.to);
    item.plan = told.plan;
    item.plan_title = known.plan->title;
    item.action = told.action;
    item.section = known.action->section;
    item.title = known.action->title;
    item.text = known.action->text;
    item.owners = known.action->owners_verbatim;
    item.timescale = known.action->timescale;
    item.status = known.action->status;
    item.rule = told.rule;
    item.step = told.step;
    item.anchor_day = told.anchor_day;
    item.occurrence = told.occurrence;
    item.deliver = told.deliver;
    item.about = told.about;
    item.nominal = told.nominal;
    item.opening = told.at;
    item.instead_of = told.instead_of;
    add_case(told, item);
    return item;
  }

  /// What the case and the firing know and the telling does not.
  void add_case(const Telling& told, store::TellingItem& item) const {
    const chase::ActionState* const state = rehearsal_.find(told.plan, told.action);
    const std::string& rule = rulebook::is_built_in(told.rule) ? told.step : told.rule;
    for (const chase::CaseState& each : state->cases) {
      if (each.rule->rule->name != rule || each.anchor_day != told.anchor_day) continue;
      item.rule_version = each.rule->rule->version;
      item.anchor = each.anchor;
      item.epoch = each.epoch;
      for (const chase::Firing& firing : each.firings) {
        if (firing.step >= each.rule->rule->steps.size() || each.rule->rule->steps[firing.step].name != told.step)
          continue;
        if (firing.occurrence != told.occurrence) continue;
        item.first_meeting = firing.first_meeting;
        item.late = firing.late;
      }
      return;
    }
  }

  /// What comes after it, in the words of each item.
  std::map<std::int64_t, std::string> next_of(const std::vector<const Telling*>& told,
                                              const store::OutboxMessage& message) const {
    std::map<std::int64_t, std::string> next;
    for (std::size_t i = 0; i < told.size(); ++i) {
      const std::vector<const Telling*>& all = actions_.at({told[i]->plan, told[i]->action}).told;
      std::vector<Telling> following;
      std::set<Instant> instants;
      for (auto each = std::partition_point(all.begin(), all.end(),
                                            [&](const Telling* other) { return other->at <= told[i]->at; });
           each != all.end(); ++each) {
        instants.insert((*each)->at);
        if (instants.size() > told_ahead) break;
        following.push_back(**each);
      }
      next[message.items[i].notification] = chase::consequences(following, told[i]->recipient, *world_);
    }
    return next;
  }

  void write(const store::OutboxMessage& message, const std::vector<const Telling*>& told) {
    context_.now = message.created;
    const bool is_card = message.channel == "teams";
    const channels::Templates& templates = *inputs_.templates;
    const auto next = next_of(told, message);
    try {
      is_card ? channels::render_teams(message, context_, templates, next)
              : channels::render_email(message, context_, templates, next);
    } catch (const std::exception& failure) {
      note({inputs_.settings.file, failure.what()}, message);
    }
    for (const channels::TemplateFault& fault : templates.take_faults()) note(fault, message);
  }

  void note(const channels::TemplateFault& fault, const store::OutboxMessage& message) {
    Met& met = met_[fault];
    if (++met.times > 1) return;
    const store::TellingItem& item = message.items.front();
    met.first = fmt::format(
        "met in a {}{} about {}/{} to {} (rule \"{}\", step \"{}\")",
        message.kind == chase::MessageKind::direct ? "" : std::string(chase::name_of(message.kind)) + " ",
        message.channel == "teams" ? "card" : "mail", item.plan, item.action, message.recipient, item.rule, item.step);
  }

  const Inputs& inputs_;
  documents::Problems ignored_;
  std::shared_ptr<const chase::World> world_;
  chase::Rehearsal rehearsal_;
  channels::RenderContext context_;
  std::map<ActionName, Known> actions_;
  std::set<std::string> seen_;
  std::map<std::string, std::string> own_templates_;  // by rule and step
  store::MessageRow rows_ = 0;
  std::map<channels::TemplateFault, Met> met_;
};

}  // namespace

void check_messages(const Inputs& inputs, std::span<const plan::Plan> plans, Instant from,
                    documents::Problems& problems) {
  for (const auto& [fault, met] : MessageCheck(inputs, plans, from).run()) {
    const std::string others =
        met.times < 2 ? "" : fmt::format(", and in {} more", met.times == 2 ? "one" : std::to_string(met.times - 1));
    problems.error(fault.file, fmt::format("{}: {}{}", fault.what, met.first, others));
  }
}

}  // namespace chaser::app
