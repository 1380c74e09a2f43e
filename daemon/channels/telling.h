#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "channels/render.h"
#include "channels/wording.h"

namespace chaser::channels {

/// What the reader is to the action an item is about.
enum class Relation : unsigned char { lead, support, superior, deputy, coordinator, sponsor, approver, other };

/// An item with all that deciding its words needs, looked up once.
struct Telling {
  const store::TellingItem* item = nullptr;
  const rulebook::Step* step = nullptr;  // nullptr: the rule is no longer known
  const calendar::WorkingCalendar* calendar = nullptr;
  rulebook::Anchor anchor = rulebook::Anchor::due;
  rulebook::OffsetUnit unit = rulebook::OffsetUnit::working_days;
  Relation relation = Relation::other;
  std::vector<std::string> leads;  // names of those it is about, the reader left out
  std::string asker;               // who asked, of a request
  std::string decider;             // whose word it waits for, "" if the reader's
  std::string through;             // the party (class, team) that the reader answers for, "" if themselves
  std::string instead_of;          // who is away and was meant, by name; "" if the reader. The relation is theirs
  CivilDay today;                  // the reader's
  Urgency urgency = Urgency::due_later;
  bool last_step = false;  // nothing but reports follows it

  bool is_above_leads() const { return relation != Relation::lead && relation != Relation::support; }
};

Telling telling_of(const store::TellingItem& item, chase::PartyIndex reader, const RenderContext& context);

/// "Due in 5 working days", or "Needs your attention" for those above the leads.
std::string headline_of(const Telling& telling);
/// "For Climate Change Network: " of what is read for somebody who is away, else "".
std::string for_whom(const Telling& telling);
/// What follows the title in a subject to those above the leads: "nobody answered", "no update since ..."; "" for
/// leads.
std::string tail_of(const Telling& telling);
/// "Action 2.1 of "Plan" is due on Thursday 31 December 2026. You lead it."
std::string sentence_of(const Telling& telling);
/// The first half of that: what is so, without the reader's part in it.
std::string fact_of(const Telling& telling);
/// One line of a digest, after the title: "due on 31 December 2026, in 60 working days".
std::string state_of(const Telling& telling);
/// What is asked, as a sentence.
std::string ask_of(const Telling& telling);
/// The rule and the step in words: "You get this because you lead 2.1 and rule "deadline" speaks 5 working days before
/// ...".
std::string why_of(const Telling& telling);
/// What is special about this one: late, repeated, told after a pause, a first meeting; "" if nothing.
std::string note_of(const Telling& telling);

}  // namespace chaser::channels
