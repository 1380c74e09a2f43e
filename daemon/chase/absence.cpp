#include "chase/absence.h"

#include <fmt/format.h>

#include <algorithm>

namespace chaser::chase {
namespace {

/// Absences that touch or overlap are one.
std::optional<CivilDay> last_day_of(std::span<const plan::Absence> absences, CivilDay today) {
  std::optional<CivilDay> last;
  for (const plan::Absence& absence : absences) {
    const CivilDay asked = last ? *last + 1 : today;
    if (absence.from <= asked && asked <= absence.to) last = absence.to;
  }
  return last;
}

}  // namespace

Absences::Absences(const World& world, std::span<const SeemsAway> hints, Instant now) {
  for (const PartyIndex party : world.absent_at_times()) {
    const Person& person = world.person(party);
    const auto last = last_day_of(person.absences, calendar::day_of(now, person.zone));
    if (last) entries_.push_back({party, {*last, false, *last + 1}, party});
  }
  for (const SeemsAway& hint : hints) {
    const Person& person = world.person(hint.party);
    const CivilDay heard = calendar::day_of(hint.heard, person.zone);
    const CivilDay last = world.schedule(hint.party).calendar().add_working_days(heard, absence_days_max) - 1;
    const CivilDay today = calendar::day_of(now, person.zone);
    if (today < heard || today > last || hint.heard > now) continue;
    const auto known =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.party == hint.party; });
    if (known == entries_.end()) entries_.push_back({hint.party, {last, true, last + 1}, hint.party});
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.party < b.party; });
  for (Entry& entry : entries_) find_reader(world, entry);
}

const Absences::Entry* Absences::entry(PartyIndex party) const {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), party,
                                      [](const Entry& entry, PartyIndex wanted) { return entry.party < wanted; });
  return found == entries_.end() || found->party != party ? nullptr : &*found;
}

const Away* Absences::find(PartyIndex party) const {
  const Entry* const found = entry(party);
  return found == nullptr ? nullptr : &found->away;
}

PartyIndex Absences::reader_of(PartyIndex party) const {
  const Entry* const found = entry(party);
  return found == nullptr ? party : found->reader;
}

std::vector<PartyIndex> Absences::read_by(PartyIndex reader) const {
  std::vector<PartyIndex> parties;
  for (const Entry& entry : entries_) {
    if (entry.reader == reader && entry.party != reader) parties.push_back(entry.party);
  }
  return parties;
}

/// From deputy to deputy until somebody is there; a circle of deputies ends where it began.
void Absences::find_reader(const World& world, Entry& away) const {
  std::vector<PartyIndex> asked{away.party};
  PartyIndex deputy = world.person(away.party).deputy;
  while (deputy != no_party && std::find(asked.begin(), asked.end(), deputy) == asked.end()) {
    asked.push_back(deputy);
    for (const PartyIndex recipient : world.person(deputy).recipients) {
      if (recipient == away.party) continue;
      const Away* const theirs = find(recipient);
      if (theirs == nullptr) {
        away.reader = recipient;
        return;
      }
      away.away.somebody_back = std::min(away.away.somebody_back, theirs->last + 1);
    }
    deputy = world.person(deputy).deputy;
  }
}

bool stands_in_for(const World& world, PartyIndex deputy, PartyIndex party) {
  std::vector<PartyIndex> asked{party};
  for (PartyIndex next = world.person(party).deputy; next != no_party; next = world.person(next).deputy) {
    if (std::find(asked.begin(), asked.end(), next) != asked.end()) return false;
    asked.push_back(next);
    const std::vector<PartyIndex>& reached = world.person(next).recipients;
    if (next == deputy || std::find(reached.begin(), reached.end(), deputy) != reached.end()) return true;
  }
  return false;
}

std::string away_words(const Away& away) {
  return away.is_hinted ? "as an automatic answer says" : "until " + calendar::short_day(away.last);
}

std::string stands_in_words(const Person& meant, const Away& away) {
  return fmt::format("for {}, who is away {}", meant.name.empty() ? meant.id : meant.name, away_words(away));
}

}  // namespace chaser::chase
