#include "channels/telling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "chase/compose.h"

namespace chaser::channels {
namespace {

using chase::PartyIndex;
using chase::World;
using rulebook::Anchor;
using rulebook::Audience;

constexpr std::size_t said_characters = 2'000;

bool is_or_answers_for(const World& world, PartyIndex party, PartyIndex reader) {
  if (party == chase::no_party) return false;
  if (party == reader) return true;
  const std::vector<PartyIndex>& recipients = world.person(party).recipients;
  return std::find(recipients.begin(), recipients.end(), reader) != recipients.end();
}

bool speaks_to(const rulebook::Step* step, Audience::Who who, Audience::Relation relation) {
  return step != nullptr && std::any_of(step->to.begin(), step->to.end(), [&](const Audience& audience) {
           return audience.who == who && audience.relation == relation;
         });
}

bool speaks_to_relation(const rulebook::Step* step, Audience::Relation relation) {
  return step != nullptr && std::any_of(step->to.begin(), step->to.end(),
                                        [&](const Audience& audience) { return audience.relation == relation; });
}

Relation own_relation(const rulebook::Step* step) {
  const bool leads = step == nullptr || speaks_to(step, Audience::Who::leads, Audience::Relation::self);
  return leads || !speaks_to(step, Audience::Who::supports, Audience::Relation::self) ? Relation::lead
                                                                                      : Relation::support;
}

// What the plan's roles make of the reader, as far as the step speaks to that role.
Relation role_in_plan(const World& world, std::string_view plan, const rulebook::Step* step, PartyIndex reader) {
  const chase::PlanContext* context = world.find_plan(plan);
  if (context == nullptr) return Relation::other;
  struct Role {
    Audience::Who who;
    PartyIndex party;
    Relation relation;
  };
  for (const Role& role : {Role{Audience::Who::coordinator, context->coordinator, Relation::coordinator},
                           Role{Audience::Who::sponsor, context->sponsor, Relation::sponsor},
                           Role{Audience::Who::approver, context->approver, Relation::approver}}) {
    const bool asked = step == nullptr || speaks_to(step, role.who, Audience::Relation::self);
    if (asked && is_or_answers_for(world, role.party, reader)) return role.relation;
  }
  return Relation::other;
}

Relation relation_to(const World& world, const store::TellingItem& item, const rulebook::Step* step,
                     PartyIndex reader) {
  const bool to_assigned = step == nullptr || speaks_to(step, Audience::Who::leads, Audience::Relation::self) ||
                           speaks_to(step, Audience::Who::supports, Audience::Relation::self);
  bool about_reader = false;
  bool superior = false;
  bool deputy = false;
  for (const std::string& id : item.about) {
    const PartyIndex party = world.find_party(id);
    if (party == chase::no_party) continue;
    about_reader = about_reader || is_or_answers_for(world, party, reader);
    superior = superior || is_or_answers_for(world, world.person(party).superior, reader);
    deputy = deputy || is_or_answers_for(world, world.person(party).deputy, reader);
  }
  if (about_reader && to_assigned) return own_relation(step);
  if (superior && speaks_to_relation(step, Audience::Relation::superior)) return Relation::superior;
  if (deputy && speaks_to_relation(step, Audience::Relation::deputy)) return Relation::deputy;
  const Relation role = role_in_plan(world, item.plan, step, reader);
  if (role != Relation::other) return role;
  // What goes to the leads themselves names nobody it is about.
  const bool to_themselves = item.about.empty() && to_assigned && step != nullptr && !rulebook::is_built_in(item.rule);
  return about_reader || to_themselves ? own_relation(step) : Relation::other;
}

bool is_last_step(const rulebook::Rule& rule, const rulebook::Step& step) {
  const auto speaks_to_people = [](const rulebook::Step& other) {
    return std::any_of(other.to.begin(), other.to.end(),
                       [](const Audience& audience) { return audience.who != Audience::Who::report; });
  };
  return std::none_of(rule.steps.begin(), rule.steps.end(),
                      [&](const rulebook::Step& other) { return &other > &step && speaks_to_people(other); });
}

std::string title_of(const store::TellingItem& item) {
  const std::string plan = one_line(item.plan_title.empty() ? item.plan : item.plan_title);
  return fmt::format("Action {} of \"{}\"", one_line(item.action), shortened(plan, 80));
}

std::string as_the_plan_says(const store::TellingItem& item) {
  const std::string verbatim = shortened(one_line(item.timescale.verbatim), 60);
  const bool to_the_day = item.timescale.precision == plan::Precision::day || verbatim.empty();
  return to_the_day ? "" : fmt::format(" (the plan says \"{}\")", verbatim);
}

std::string due_sentence(const Telling& telling, std::string_view subject) {
  const store::TellingItem& item = *telling.item;
  const std::string day = calendar::long_day(item.anchor_day);
  const std::string said = telling.anchor == Anchor::due ? as_the_plan_says(item) : "";
  if (item.anchor_day == telling.today) return fmt::format("{} is due today, {}{}.", subject, day, said);
  if (item.anchor_day > telling.today) return fmt::format("{} is due on {}{}.", subject, day, said);
  const int late = telling.calendar != nullptr ? telling.calendar->working_days_after(item.anchor_day, telling.today)
                                               : static_cast<int>(telling.today - item.anchor_day);
  const std::string_view noun = telling.calendar != nullptr ? "working day" : "day";
  const std::string count = late > 0 ? ": " + counted(late, noun) + " late" : "";
  return fmt::format("{} was due on {}{} and is not done{}.", subject, day, said, count);
}

/// "Dover asks for a later date of action 5.3 ...: 30 June 2027 instead of 31 March 2027. "Survey delayed.""
std::string asked_sentence(const Telling& telling, const std::string& subject) {
  const store::TellingItem& item = *telling.item;
  const std::string of = "a" + subject.substr(1);
  if (!item.request) return fmt::format("Something about {} waits for your word.", of);
  const store::RequestRecord& request = *item.request;
  const std::string who = telling.asker.empty() ? "Somebody" : telling.asker;
  std::string text;
  switch (request.kind) {
    case chase::ResponseKind::extension:
      text = fmt::format("{} asks for a later date of {}: {} instead of {}.", who, of,
                         request.due ? calendar::long_day(*request.due) : "another day",
                         item.timescale.due ? calendar::long_day(*item.timescale.due) : "none");
      break;
    case chase::ResponseKind::done:
      text = fmt::format("{} says that {} is done.", who, of);
      break;
    case chase::ResponseKind::delegate:
      text = fmt::format("{} asks {} to take over {}.", who, telling.decider.empty() ? "you" : telling.decider, of);
      break;
    case chase::ResponseKind::cancelled:
      text = fmt::format("{} asks to cancel {}.", who, of);
      break;
    default:
      text = fmt::format("{} says that {} is {}{}{}.", who, of, chase::name_of(request.kind),
                         request.kind == chase::ResponseKind::superseded ? " by " : " into ",
                         listed_shortly(request.others));
      break;
  }
  if (!request.note.empty()) text += fmt::format(" They write: \"{}\"", shortened(one_line(request.note), 300));
  if (!request.evidence.empty()) text += fmt::format(" Evidence: {}", shortened(one_line(request.evidence), 300));
  if (!telling.decider.empty()) {
    text += fmt::format(" It has waited for the word of {} since {}.", telling.decider,
                        calendar::long_day(item.anchor_day));
  }
  return text;
}

// Whom an item of a rule of Chaser's own is about.
std::string person_of(const Telling& telling) {
  return telling.leads.empty() ? "somebody" : telling.leads.front();
}

/// "is done", "is no longer in the plan".
std::string end_words(const store::TellingItem& item) {
  if (item.step == "dropped") return "is no longer in the plan";
  std::string status = one_line(item.step);
  std::replace(status.begin(), status.end(), '_', ' ');
  return "is " + status;
}

std::string built_in_fact(const Telling& telling, const std::string& subject) {
  const store::TellingItem& item = *telling.item;
  if (item.rule == rulebook::inherited_rule) {
    return fmt::format(
        "{} is yours from now on; until now {} led it. It goes on as it stood: what was sent and said "
        "before counts.",
        subject, person_of(telling));
  }
  if (item.rule == rulebook::handed_over_rule) {
    return telling.leads.empty() ? fmt::format("{} is no longer yours.", subject)
                                 : fmt::format("{} is no longer yours: {} leads it now.", subject, person_of(telling));
  }
  if (item.rule == rulebook::closed_rule) return fmt::format("{} {}.", subject, end_words(item));
  if (item.rule == rulebook::reply_rule) return fmt::format("{}: {} answered by mail.", subject, person_of(telling));
  if (item.rule == rulebook::unreachable_rule) {
    return fmt::format("{} cannot be reached: what was sent about {} did not arrive.", person_of(telling),
                       "a" + subject.substr(1));
  }
  if (item.rule == rulebook::limit_rule) {
    return fmt::format("Rule \"{}\" would write to more people for {} than its limit allows, so nothing of it goes.",
                       item.step, calendar::long_day(item.nominal));
  }
  return fmt::format("{} is still open, and rule \"{}\" has nothing more to send about it.", subject, item.step);
}

std::string fact_sentence(const Telling& telling) {
  const store::TellingItem& item = *telling.item;
  const std::string subject = title_of(item);
  const std::string day = calendar::long_day(item.anchor_day);
  if (rulebook::is_built_in(item.rule)) return built_in_fact(telling, subject);
  switch (telling.anchor) {
    case Anchor::due:
      return due_sentence(telling, subject);
    case Anchor::milestone: {
      const std::size_t colon = item.anchor.find(':');
      const std::string name = colon == std::string::npos ? "" : " \"" + one_line(item.anchor.substr(colon + 1)) + "\"";
      return due_sentence(telling, fmt::format("The milestone{} of {}", name, "a" + subject.substr(1)));
    }
    case Anchor::start:
      return fmt::format("{} {} on {}.", subject, item.anchor_day < telling.today ? "was to start" : "starts", day);
    case Anchor::report_cutoff:
      return fmt::format("The report on {} closes on {}.", "a" + subject.substr(1), day);
    case Anchor::last_update:
      return fmt::format("{} has had no update since {}.", subject, day);
    case Anchor::next_review:
      return fmt::format("{} is ongoing, and its review {} {}.", subject,
                         item.anchor_day < telling.today ? "has been due since" : "is due on", day);
    case Anchor::asked:
      return asked_sentence(telling, subject);
    case Anchor::blocking: {
      const std::size_t colon = item.anchor.find(':');
      const std::string other = colon == std::string::npos ? "" : one_line(item.anchor.substr(colon + 1));
      return fmt::format("{} holds up action {} of the same plan, which has waited for it since {}.", subject, other,
                         day);
    }
    case Anchor::first_seen: {
      const std::string owners = shortened(one_line(item.owners), 120);
      return owners.empty() ? fmt::format("{} has no owner: the plan names none.", subject)
                            : fmt::format("{} has an owner whom nobody knows how to reach: the plan says \"{}\".",
                                          subject, owners);
    }
  }
  std::abort();
}

std::string have(const std::vector<std::string>& names, std::string_view one, std::string_view many) {
  return std::string(names.size() == 1 ? one : many);
}

/// " until 14 August 2026"; "" if nobody knows.
std::string until_words(const Telling& telling) {
  return telling.item->away_until ? " until " + plain_day(*telling.item->away_until) : "";
}

/// "leads 2.1 and is away until 14 August 2026": who it is meant for.
std::string away_clause(const Telling& telling, std::string_view what) {
  const std::string does = telling.relation == Relation::lead      ? fmt::format("leads {} and ", what)
                           : telling.relation == Relation::support ? fmt::format("supports {} and ", what)
                                                                   : "";
  return fmt::format("{}is away{}", does, until_words(telling));
}

std::string stand_in_sentence(const Telling& telling) {
  return fmt::format(" {} {}: you stand in.", telling.instead_of, away_clause(telling, "it"));
}

std::string role_sentence(const Telling& telling) {
  const std::vector<std::string>& leads = telling.leads;
  if (!telling.instead_of.empty() && (leads.empty() || !telling.is_above_leads())) return stand_in_sentence(telling);
  if (rulebook::is_built_in(telling.item->rule) || telling.anchor == Anchor::first_seen ||
      telling.anchor == Anchor::asked) {
    return "";
  }
  if (!telling.is_above_leads()) {
    const std::string as = telling.through.empty() ? "" : " as part of " + telling.through;
    const std::string with = leads.empty() ? "" : ", with " + listed_shortly(leads);
    return telling.relation == Relation::lead ? fmt::format(" You lead it{}{}.", as, with)
                                              : fmt::format(" You support it{}.", as);
  }
  if (leads.empty()) return " Nobody who leads it has answered.";
  return fmt::format(" {} {} it and {} not answered.{}", listed_shortly(leads), have(leads, "leads", "lead"),
                     have(leads, "has", "have"), telling.instead_of.empty() ? "" : stand_in_sentence(telling));
}

std::string because(const Telling& telling) {
  const std::string id = one_line(telling.item->action);
  const std::string leads = telling.leads.empty() ? std::string("its lead") : listed_shortly(telling.leads);
  const std::string_view reports = telling.leads.size() > 1 ? "report" : "reports";
  if (!telling.instead_of.empty()) {
    return fmt::format("you stand in for {}, who {},", telling.instead_of, away_clause(telling, id));
  }
  switch (telling.relation) {
    case Relation::lead:
      return telling.through.empty() ? fmt::format("you lead {}", id)
                                     : fmt::format("you are part of {}, which leads {}", telling.through, id);
    case Relation::support:
      return fmt::format("you support {}", id);
    case Relation::superior:
      return fmt::format("{}, leading {}, {} to you", leads, id, reports);
    case Relation::deputy:
      return fmt::format("you stand in for {}, leading {}", leads, id);
    case Relation::coordinator:
      return "you coordinate this plan";
    case Relation::sponsor:
      return "you sponsor this plan";
    case Relation::approver:
      return telling.anchor == Anchor::asked ? "it waits for your word" : "you approve changes to this plan";
    case Relation::other:
      return fmt::format("you are named to hear about {}", id);
  }
  std::abort();
}

std::string repeats(const Telling& telling) {
  const rulebook::Step* step = telling.step;
  if (step == nullptr || !step->repeat || telling.item->occurrence.refired || telling.item->occurrence.ordinal == 0)
    return "";
  const int time = telling.item->occurrence.ordinal + 1;
  const std::string of = step->repeat->times > 0 ? fmt::format(" of {}", step->repeat->times) : "";
  return fmt::format(", then every {}; this is time {}{}", length_of(step->repeat->every), time, of);
}

std::vector<std::string> names_about(const World& world, const store::TellingItem& item, PartyIndex reader,
                                     std::string& through) {
  std::vector<std::string> names;
  for (const std::string& id : item.about) {
    const PartyIndex party = world.find_party(id);
    if (party == reader) continue;
    const std::string name = one_line(party == chase::no_party ? id : world.person(party).name);
    if (party != chase::no_party && is_or_answers_for(world, party, reader)) {
      through = name;
    } else {
      names.push_back(name.empty() ? id : name);
    }
  }
  return names;
}

std::string name_of_party(const World& world, const std::string& id) {
  const PartyIndex party = world.find_party(id);
  const std::string name = party == chase::no_party ? "" : one_line(world.person(party).name);
  return name.empty() ? id : name;
}

void take_request(const World& world, const store::RequestRecord& request, PartyIndex reader, Telling& telling) {
  telling.asker = name_of_party(world, request.asker);
  const PartyIndex decider = world.find_party(request.decider);
  if (decider != chase::no_party && is_or_answers_for(world, decider, reader)) {
    telling.relation = Relation::approver;
  } else {
    telling.decider = name_of_party(world, request.decider);
  }
}

}  // namespace

Telling telling_of(const store::TellingItem& item, PartyIndex reader, const RenderContext& context) {
  const World& world = *context.world;
  Telling telling;
  telling.item = &item;
  telling.anchor = anchor_of(item.anchor);
  telling.today = calendar::day_of(context.now, world.person(reader).zone);
  const chase::CompiledRule* rule = world.find_rule(item.rule, item.rule_version);
  if (rule == nullptr) rule = world.find_rule(item.rule);
  if (rule != nullptr && rule->rule != nullptr) {
    telling.calendar = rule->calendar;
    telling.step = rule->rule->find(item.step);
    if (telling.step != nullptr) telling.last_step = is_last_step(*rule->rule, *telling.step);
    if (telling.step != nullptr && telling.step->at.count != 0) telling.unit = telling.step->at.unit;
  }
  const PartyIndex meant = item.instead_of.empty() ? chase::no_party : world.find_party(item.instead_of);
  const PartyIndex told = meant == chase::no_party ? reader : meant;
  if (!item.instead_of.empty()) telling.instead_of = name_of_party(world, item.instead_of);
  telling.relation = relation_to(world, item, telling.step, told);
  if (telling.anchor == Anchor::asked && item.request) take_request(world, *item.request, told, telling);
  telling.leads = names_about(world, item, told, telling.through);
  if (item.rule == rulebook::inherited_rule) telling.relation = Relation::lead;
  telling.urgency = urgency_of(item.rule, telling.anchor, item.anchor_day, telling.today);
  return telling;
}

namespace {

std::string asked_headline(chase::ResponseKind kind) {
  if (kind == chase::ResponseKind::extension) return "A later date is asked for";
  if (kind == chase::ResponseKind::delegate) return "You are asked to take over";
  if (kind == chase::ResponseKind::done) return "Said to be done";
  return "Waits for your word";
}

std::string asked_of(chase::ResponseKind kind) {
  if (kind == chase::ResponseKind::delegate) return "Accept it, or decline. Until you accept, it stays where it is.";
  if (kind == chase::ResponseKind::extension) return "Approve the later date, or refuse it.";
  return "Approve it, or refuse it.";
}

}  // namespace

std::string headline_of(const Telling& telling) {
  const std::string& own = telling.item->rule;
  if (own == rulebook::exhausted_rule) return "Unanswered to the end";
  if (own == rulebook::limit_rule) return fmt::format("Rule \"{}\" is held", telling.item->step);
  if (own == rulebook::reply_rule) return "Answer from " + person_of(telling);
  if (own == rulebook::unreachable_rule) return "Cannot reach " + person_of(telling);
  if (own == rulebook::inherited_rule) return "Yours from now on";
  if (own == rulebook::handed_over_rule) return "No longer yours";
  if (own == rulebook::closed_rule) return "Closed";
  if (telling.anchor == Anchor::asked && telling.item->request) {
    return telling.decider.empty() ? asked_headline(telling.item->request->kind)
                                   : "Waits for the word of " + telling.decider;
  }
  if (telling.is_above_leads() && telling.anchor != Anchor::first_seen) {
    return telling.step != nullptr && telling.step->asks == "decision" ? "Needs your decision" : "Needs your attention";
  }
  return headline(telling.anchor, telling.item->anchor_day, telling.today, telling.unit, telling.calendar);
}

std::string for_whom(const Telling& telling) {
  return telling.instead_of.empty() ? "" : "For " + telling.instead_of + ": ";
}

std::string tail_of(const Telling& telling) {
  if (!telling.is_above_leads() || rulebook::is_built_in(telling.item->rule)) return "";
  if (telling.anchor == Anchor::first_seen || telling.anchor == Anchor::asked) return "";
  if (telling.anchor == Anchor::last_update) return "no update since " + plain_day(telling.item->anchor_day);
  return telling.anchor == Anchor::next_review ? "nobody has reviewed it" : "nobody answered";
}

std::string fact_of(const Telling& telling) {
  return fact_sentence(telling);
}

std::string sentence_of(const Telling& telling) {
  return fact_sentence(telling) + role_sentence(telling);
}

std::string state_of(const Telling& telling) {
  const store::TellingItem& item = *telling.item;
  if (item.rule == rulebook::limit_rule) {
    return fmt::format("rule \"{}\" is held: more people on {} than its limit", item.step, plain_day(item.nominal));
  }
  if (item.rule == rulebook::exhausted_rule)
    return fmt::format("still open; rule \"{}\" has nothing more to send", item.step);
  if (item.rule == rulebook::reply_rule) return person_of(telling) + " answered by mail";
  if (item.rule == rulebook::unreachable_rule) return person_of(telling) + " cannot be reached";
  if (item.rule == rulebook::inherited_rule) return "yours from now on, with what was sent before";
  if (item.rule == rulebook::handed_over_rule) {
    return telling.leads.empty() ? "no longer yours" : "no longer yours; " + person_of(telling) + " leads it now";
  }
  if (item.rule == rulebook::closed_rule) return end_words(item);
  std::string words = headline(telling.anchor, item.anchor_day, telling.today, telling.unit, telling.calendar);
  const bool counted_down = item.anchor_day > telling.today && words.find(" on ") == std::string::npos;
  if (counted_down && telling.anchor != Anchor::first_seen) words += ", on " + plain_day(item.anchor_day);
  if (!words.empty() && words[0] >= 'A' && words[0] <= 'Z') words[0] = static_cast<char>(words[0] - 'A' + 'a');
  if (telling.is_above_leads() && !telling.leads.empty() && telling.anchor != Anchor::first_seen) {
    words += fmt::format("; {} {} not answered", listed_shortly(telling.leads), have(telling.leads, "has", "have"));
  }
  if (!telling.instead_of.empty()) words += fmt::format("; for {}, who is away", telling.instead_of);
  return words;
}

std::string ask_of(const Telling& telling) {
  const std::string_view asks = telling.step != nullptr ? std::string_view(telling.step->asks) : std::string_view();
  const std::string leads = telling.leads.empty() ? std::string("whoever leads it") : listed_shortly(telling.leads);
  if (asks == "decision") return "Decide what happens: give it more time, hand it to somebody else, or stop it.";
  const std::string& own = telling.item->rule;
  if (own == rulebook::limit_rule) {
    return fmt::format(
        "See who it would write to (chaser outbox, chaser explain), then let it go with \"chaser release limit {}\", "
        "or mend the rule.",
        telling.item->step);
  }
  if (own == rulebook::exhausted_rule) return "Decide what happens now: nobody will be written to about it any more.";
  if (own == rulebook::reply_rule)
    return "Record what it means, if it means something: by itself it has changed nothing.";
  if (own == rulebook::unreachable_rule) return "Correct the address in the directory, or tell them another way.";
  if (own == rulebook::handed_over_rule || own == rulebook::closed_rule) return "Nothing more is asked of you.";
  if (asks == "update" && !telling.is_above_leads()) return "Say how it stands.";
  if (!asks.empty() && asks != "update") return one_line(asks);
  if (telling.anchor == Anchor::first_seen) return "Name an owner in the directory, or correct the plan.";
  if (telling.anchor == Anchor::asked && telling.item->request) {
    if (!telling.decider.empty()) return fmt::format("See that {} says yes or no.", telling.decider);
    return asked_of(telling.item->request->kind);
  }
  if (telling.is_above_leads())
    return fmt::format("See that {} {}: how it stands, or what stands in its way.", leads,
                       telling.leads.size() > 1 ? "answer" : "answers");
  switch (telling.anchor) {
    case Anchor::due:
    case Anchor::milestone:
      return "Say how it stands, or that it is done.";
    case Anchor::start:
      return "Say whether it has started, or what it waits for.";
    case Anchor::blocking:
      return "Say when they can go on, or what it waits for itself.";
    case Anchor::next_review:
      return "Review it: say how it stands and whether it is still right.";
    default:
      return "Say how it stands.";
  }
}

std::string why_of(const Telling& telling) {
  const store::TellingItem& item = *telling.item;
  if (item.rule == rulebook::limit_rule) {
    return fmt::format("You get this, once, because {} and the limit of people holds rule \"{}\".", because(telling),
                       item.step);
  }
  if (item.rule == rulebook::reply_rule) {
    return fmt::format("You get this because {} and {} answered a message about {}.", because(telling),
                       person_of(telling), one_line(item.action));
  }
  if (item.rule == rulebook::unreachable_rule) {
    return fmt::format("You get this because {} and no channel reached {}.", because(telling), person_of(telling));
  }
  if (item.rule == rulebook::inherited_rule) {
    return fmt::format("You get this, once, because you lead {} now.", one_line(item.action));
  }
  if (item.rule == rulebook::handed_over_rule) {
    return fmt::format("You get this, once, because you were written to about {} while you led it.",
                       one_line(item.action));
  }
  if (item.rule == rulebook::closed_rule) {
    return fmt::format("You get this, once, because you were written to about {}.", one_line(item.action));
  }
  if (item.rule == rulebook::exhausted_rule) {
    return fmt::format("You get this because {} and rule \"{}\" ended without an answer about {}.", because(telling),
                       item.step, one_line(item.action));
  }
  if (telling.step == nullptr) {
    return fmt::format("You get this because {}; it comes from rule \"{}\", step \"{}\".", because(telling), item.rule,
                       item.step);
  }
  return fmt::format("You get this because {} and rule \"{}\" speaks {}{} (step \"{}\").", because(telling), item.rule,
                     place_of_step(telling.step->at, telling.anchor), repeats(telling), item.step);
}

namespace {

/// What was asked for was refused, so the reminders go on; with the words of whoever refused.
std::string refused_note(const store::RequestRecord& request) {
  const std::string_view what = request.kind == chase::ResponseKind::extension ? "The later date was refused"
                                : request.kind == chase::ResponseKind::done    ? "That it is done was not accepted"
                                                                               : "What was asked for was refused";
  const std::string words = request.note.empty() ? "" : fmt::format(": \"{}\"", shortened(one_line(request.note), 300));
  return fmt::format("{}{}{} So this is said once more.", what, words, words.empty() ? "." : "");
}

}  // namespace

std::string note_of(const Telling& telling) {
  const store::TellingItem& item = *telling.item;
  if (item.rule == rulebook::reply_rule)
    return "They wrote: \"" + shortened(one_line(item.said), said_characters) + "\"";
  if (item.rule == rulebook::inherited_rule && !item.said.empty()) return "What was sent before: " + item.said + ".";
  if (item.late && item.nominal < telling.today) {
    return fmt::format("This is late: it was to go on {}, while Chaser was out of service.", plain_day(item.nominal));
  }
  if (item.first_meeting) return "Chaser has only just begun to follow this action.";
  if (item.occurrence.refired && item.request) return refused_note(*item.request);
  if (item.occurrence.refired) return "The pause after the last answer is over, so this is said once more.";
  return "";
}

}  // namespace chaser::channels
