#include "channels/letter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "channels/telling.h"

namespace chaser::channels {
namespace {

using chase::PartyIndex;
using chase::World;

constexpr std::size_t title_characters = 90;
constexpr std::size_t text_characters = 2'000;
constexpr std::size_t note_characters = 300;
constexpr std::size_t ids_in_subject = 6;

/// One action of the message: what is said first, and what else is said of it.
struct Told {
  Telling main;
  std::vector<Telling> riders;
};

std::string name_line(const store::TellingItem& item) {
  const std::string title = one_line(item.title.empty() ? item.text : item.title);
  return one_line(item.action) + (title.empty() ? "" : " " + shortened(title, title_characters));
}

// Items of one action make one block, under the item whose step carries it; a digest's most urgent first.
std::vector<Told> told_of(const store::OutboxMessage& message, PartyIndex reader, const RenderContext& context) {
  std::vector<Told> all;
  for (const bool riding : {false, true}) {
    for (const store::TellingItem& item : message.items) {
      const bool rides = item.carried_by != 0 && item.carried_by != item.notification;
      if (rides != riding) continue;
      const auto same = std::find_if(all.begin(), all.end(), [&](const Told& told) {
        return told.main.item->plan == item.plan && told.main.item->action == item.action;
      });
      Telling telling = telling_of(item, reader, context);
      if (same == all.end()) {
        all.push_back({std::move(telling), {}});
      } else if (message.kind != chase::MessageKind::direct && telling.urgency < same->main.urgency) {
        same->riders.push_back(std::exchange(same->main, std::move(telling)));
      } else {
        same->riders.push_back(std::move(telling));
      }
    }
  }
  if (message.kind != chase::MessageKind::direct) {
    std::stable_sort(all.begin(), all.end(), [](const Told& a, const Told& b) {
      return a.main.urgency != b.main.urgency ? a.main.urgency < b.main.urgency
                                              : a.main.item->anchor_day < b.main.item->anchor_day;
    });
  }
  return all;
}

// For templates in any language.
std::string numeric_day(CivilDay day) {
  return fmt::format("{:02}/{:02}/{}", day.day(), day.month(), day.year());
}

std::string status_words(std::string_view status) {
  std::string words(status);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string last_heard(const store::TellingItem& item, const calendar::Zone& zone) {
  const std::string note = shortened(one_line(item.last_note), note_characters);
  if (!item.updated) return note.empty() ? "" : "\"" + note + "\"";
  const std::string day = plain_day(calendar::day_of(*item.updated, zone));
  return note.empty() ? day : fmt::format("{}: \"{}\"", day, note);
}

std::string next_words(const store::TellingItem& item, const std::map<std::int64_t, std::string>& next,
                       const calendar::Zone& zone) {
  const auto found = next.find(item.notification);
  if (found != next.end()) return one_line(found->second);
  return item.next_step_at ? "we write again on " + plain_day(calendar::day_of(*item.next_step_at, zone)) : "";
}

bool has_links(const RenderContext& context) {
  return !context.public_url.empty() && !context.link_keys.empty();
}

std::string url_of(const RenderContext& context, std::string_view path, const Link& link, LinkPurpose purpose) {
  const std::string_view base = context.public_url;
  return fmt::format("{}/{}/{}", base.substr(0, base.find_last_not_of('/') + 1), path,
                     mint(link, purpose, context.link_keys));
}

std::uint32_t token_epoch(const RenderContext& context, const std::string& party) {
  const auto found = context.token_epochs.find(party);
  return found == context.token_epochs.end() ? 1 : found->second;
}

// Who leads it may say anything about it by a link; others no more than that they have seen it, and a word.
std::uint8_t allowed_to(const Telling& telling) {
  const auto bit = [](LinkResponse response) { return static_cast<unsigned>(response); };
  unsigned allowed = bit(LinkResponse::acknowledge) | bit(LinkResponse::update);
  if (!telling.is_above_leads())
    allowed |= bit(LinkResponse::snooze) | bit(LinkResponse::done) | bit(LinkResponse::blocked) |
               bit(LinkResponse::extension) | bit(LinkResponse::not_mine);
  return static_cast<std::uint8_t>(allowed);
}

// "" where nothing takes answers, and for the rare action whose id no link has room for.
std::string answer_url(const Telling& telling, const store::OutboxMessage& message, const RenderContext& context) {
  const store::TellingItem& item = *telling.item;
  if (!has_links(context)) return "";
  if (std::max({message.recipient.size(), item.plan.size(), item.action.size()}) > link_id_characters_max) return "";
  Link link;
  link.delivery = message.key.substr(0, 32);
  link.recipient = message.recipient;
  link.plan = item.plan;
  link.action = item.action;
  link.epoch = static_cast<std::uint32_t>(item.epoch);
  link.token_epoch = token_epoch(context, message.recipient);
  link.allowed = allowed_to(telling);
  link.expires = link_expiry(absl::FromCivil(item.anchor_day, absl::UTCTimeZone()), context.now);
  return url_of(context, "a", link, LinkPurpose::answer);
}

std::string mute_url_of(const store::OutboxMessage& message, const RenderContext& context) {
  if (message.kind != chase::MessageKind::digest || !has_links(context)) return "";
  if (message.recipient.size() > link_id_characters_max) return "";
  Link link;
  link.delivery = message.key.substr(0, 32);
  link.recipient = message.recipient;
  link.token_epoch = token_epoch(context, message.recipient);
  link.expires = context.now + absl::Hours(24 * 90);
  return url_of(context, "u", link, LinkPurpose::mute);
}

// All of the reader's actions; without links there is no such page.
std::string mine_url_of(const store::OutboxMessage& message, const RenderContext& context) {
  if (!has_links(context) || message.recipient.size() > link_id_characters_max) return "";
  Link link;
  link.delivery = message.key.substr(0, 32);
  link.recipient = message.recipient;
  link.token_epoch = token_epoch(context, message.recipient);
  link.expires = context.now + absl::Hours(24 * 90);
  return url_of(context, "m", link, LinkPurpose::mine);
}

ItemWords item_words(const Told& told, const std::map<std::int64_t, std::string>& next, const calendar::Zone& zone,
                     const std::string& link) {
  const store::TellingItem& item = *told.main.item;
  ItemWords words;
  std::string why = why_of(told.main);
  std::string also;
  for (const Telling& rider : told.riders) {
    also += (also.empty() ? "" : " ") + fact_of(rider);
    if (const std::string its = why_of(rider); why.find(its) == std::string::npos) why += " " + its;
  }
  words.texts = {{"id", one_line(item.action)},
                 {"title", shortened(one_line(item.title.empty() ? item.text : item.title), title_characters)},
                 {"name", name_line(item)},
                 {"text", shortened(one_line(item.text), text_characters)},
                 {"section", one_line(item.section)},
                 {"plan", one_line(item.plan_title.empty() ? item.plan : item.plan_title)},
                 {"owners", one_line(item.owners)},
                 {"timescale", one_line(item.timescale.verbatim)},
                 {"day", calendar::long_day(item.anchor_day)},
                 {"date", numeric_day(item.anchor_day)},
                 {"status", status_words(item.status)},
                 {"headline", for_whom(told.main) + headline_of(told.main)},
                 {"state", state_of(told.main)},
                 {"sentence", sentence_of(told.main)},
                 {"asks", ask_of(told.main)},
                 {"also", also},
                 {"note", note_of(told.main)},
                 {"last_heard", item.rule == rulebook::reply_rule ? "" : last_heard(item, zone)},
                 {"next", next_words(item, next, zone)},
                 {"why", why},
                 {"link", link},
                 {"rule", item.rule},
                 {"step", item.step}};
  const auto said = [&](std::string_view name) { return !words.texts.find(name)->second.empty(); };
  words.flags = {{"has_also", said("also")},
                 {"has_note", said("note")},
                 {"has_next", said("next")},
                 {"has_last_heard", said("last_heard")},
                 {"has_text", said("text")},
                 {"has_link", said("link")},
                 {"above_leads", told.main.is_above_leads()},
                 {"late", item.late},
                 {"first_meeting", item.first_meeting}};
  return words;
}

std::string summary_of(const std::vector<Told>& all) {
  std::map<Urgency, int> counts;
  for (const Told& told : all) ++counts[told.main.urgency];
  std::string words;
  for (const auto& [urgency, count] : counts) words += (words.empty() ? "" : ", ") + counted(count, urgency);
  return words;
}

// Whether all of it only says that something is over, or another's.
bool asks_nothing(const std::vector<Told>& all) {
  return !all.empty() && std::all_of(all.begin(), all.end(), [](const Told& told) {
    return told.main.urgency == Urgency::closed || told.main.urgency == Urgency::handed_over;
  });
}

std::string ids_of(const std::vector<Told>& all) {
  std::string ids;
  for (std::size_t i = 0; i < all.size() && i < ids_in_subject; ++i) {
    ids += (i == 0 ? "" : ", ") + shortened(one_line(all[i].main.item->action), 20);
  }
  return all.size() > ids_in_subject ? ids + ", \xe2\x80\xa6" : ids;
}

// What all actions of one step share; where they differ (other dates), what begins the first one's words.
std::string shared_headline(const std::vector<Told>& all) {
  std::string first = headline_of(all.front().main);
  const bool same =
      std::all_of(all.begin(), all.end(), [&](const Told& told) { return headline_of(told.main) == first; });
  if (same) return first;
  return first.substr(0, first.find(' '));
}

// For whom all of it is read, if it is one who is away.
std::string shared_for(const std::vector<Told>& all) {
  const std::string first = for_whom(all.front().main);
  const bool same = std::all_of(all.begin(), all.end(), [&](const Told& told) { return for_whom(told.main) == first; });
  return same ? first : "";
}

std::string subject_of(const std::vector<Told>& all, chase::MessageKind kind) {
  if (all.empty()) return "Nothing to tell any more";
  const bool late = kind == chase::MessageKind::catch_up;
  if (all.size() == 1) {
    const std::string tail = tail_of(all.front().main);
    const std::string subject =
        shared_for(all) + headline_of(all.front().main) + ": " + name_line(*all.front().main.item);
    return tail.empty() ? subject : subject + ": " + tail;
  }
  if (kind != chase::MessageKind::direct) return (late ? "Sent late: " : "") + summary_of(all);
  const std::string tail = tail_of(all.front().main);
  return fmt::format("{}{}: {} ({}){}", shared_for(all), shared_headline(all),
                     counted(static_cast<int>(all.size()), "action"), ids_of(all), tail.empty() ? "" : ": " + tail);
}

std::string how_to_answer(const Letter& letter, bool reader_coordinates, const std::vector<Told>& all) {
  if (reader_coordinates && !all.empty()) {
    return fmt::format("You coordinate this plan: record what is decided with \"chaser answer {}/{}\".",
                       all.front().main.item->plan, one_line(all.front().main.item->action));
  }
  const std::string who = letter.reply_to_name.empty() ? "" : ": " + letter.reply_to_name + ", the plan's coordinator";
  return fmt::format("To answer, simply reply to this message; a person reads it{}.", who);
}

// The first of a party's ways to be reached by email.
const chase::Person* reachable_by_email(const World& world, PartyIndex party) {
  if (party == chase::no_party) return nullptr;
  const chase::Person& person = world.person(party);
  if (!person.contact.email.empty()) return &person;
  for (const PartyIndex member : person.recipients) {
    if (!world.person(member).contact.email.empty()) return &world.person(member);
  }
  return nullptr;
}

void set_reply_to(Letter& letter, const store::OutboxMessage& message, const World& world) {
  for (const store::TellingItem& item : message.items) {
    const chase::PlanContext* plan = world.find_plan(item.plan);
    const chase::Person* coordinator = plan == nullptr ? nullptr : reachable_by_email(world, plan->coordinator);
    if (coordinator == nullptr || coordinator->contact.email == letter.email) continue;
    letter.reply_to_name = one_line(coordinator->name);
    letter.reply_to = coordinator->contact.email;
    return;
  }
}

// Whoever answers an answer that was passed on writes to the person it came from.
void set_answer_to(Letter& letter, const store::OutboxMessage& message, const World& world) {
  for (const store::TellingItem& item : message.items) {
    const PartyIndex writer = item.rule == rulebook::reply_rule ? world.find_party(item.wrote) : chase::no_party;
    const chase::Person* person = reachable_by_email(world, writer);
    if (person == nullptr || person->contact.email == letter.email) continue;
    letter.answer_to_name = one_line(person->name);
    letter.answer_to = person->contact.email;
    return;
  }
}

bool coordinates(const World& world, const store::OutboxMessage& message, PartyIndex reader) {
  return std::any_of(message.items.begin(), message.items.end(), [&](const store::TellingItem& item) {
    const chase::PlanContext* plan = world.find_plan(item.plan);
    return plan != nullptr && plan->coordinator == reader;
  });
}

std::vector<std::string> templates_for(const store::OutboxMessage& message, const std::vector<Told>& all) {
  if (message.kind == chase::MessageKind::digest) return {"digest"};
  if (message.kind == chase::MessageKind::catch_up) return {"catch_up"};
  std::vector<std::string> names;
  if (!all.empty()) {
    const Telling& main = all.front().main;
    if (main.step != nullptr && !main.step->template_.empty()) names.push_back(main.step->template_);
    names.push_back(main.item->rule + "/" + main.item->step);
  }
  names.emplace_back("direct");
  return names;
}

void set_message_words(Letter& letter, const store::OutboxMessage& message, const std::vector<Told>& all,
                       bool reader_coordinates) {
  MessageWords& words = letter.words;
  const std::string summary = all.empty() ? "" : summary_of(all);
  words.texts = {{"subject", subject_of(all, message.kind)},
                 {"summary", summary},
                 {"count", counted(static_cast<int>(all.size()), "action")},
                 {"recipient", letter.recipient_name},
                 {"coordinator", letter.reply_to_name},
                 {"coordinator_address", letter.reply_to},
                 {"how_to_answer", how_to_answer(letter, reader_coordinates, all)},
                 {"reference", message.key.substr(0, 8)},
                 {"page", letter.mine_url},
                 {"mute_link", letter.mute_url},
                 {"more", ""}};
  words.flags = {{"one", all.size() == 1},
                 {"several", all.size() > 1},
                 {"for_information", asks_nothing(all)},
                 {"has_page", !letter.mine_url.empty()},
                 {"has_mute_link", !letter.mute_url.empty()},
                 {"has_coordinator", !letter.reply_to.empty()},
                 {"has_more", false}};
}

}  // namespace

Letter letter_of(const store::OutboxMessage& message, const RenderContext& context,
                 const std::map<std::int64_t, std::string>& next) {
  assert(context.world != nullptr);
  const World& world = *context.world;
  const PartyIndex reader = world.find_party(message.recipient);
  if (reader == chase::no_party)
    throw std::invalid_argument("the directory does not know \"" + message.recipient + "\"");
  const chase::Person& person = world.person(reader);
  const std::vector<Told> all = told_of(message, reader, context);
  Letter letter;
  letter.recipient_name = one_line(person.name);
  letter.email = person.contact.email;
  letter.teams = person.contact.teams;
  letter.teams_upn = person.contact.teams_upn;
  letter.templates = templates_for(message, all);
  set_reply_to(letter, message, world);
  set_answer_to(letter, message, world);
  if (message.kind == chase::MessageKind::direct && !all.empty()) {
    letter.thread_root = all.front().main.item->thread_root;
    letter.important = all.front().main.last_step && all.front().main.is_above_leads();
    letter.urgent = all.front().main.is_above_leads() || all.front().main.urgency == Urgency::overdue;
  }
  letter.mine_url = mine_url_of(message, context);
  letter.mute_url = mute_url_of(message, context);
  set_message_words(letter, message, all, coordinates(world, message, reader));
  for (const Told& told : all) {
    const std::string link = answer_url(told.main, message, context);
    if (all.size() == 1 && !link.empty()) letter.buttons.push_back({"Answer", link});
    letter.words.items.push_back(item_words(told, next, person.zone, link));
  }
  if (!letter.mine_url.empty()) letter.buttons.push_back({"All your actions", letter.mine_url});
  return letter;
}

}  // namespace chaser::channels
