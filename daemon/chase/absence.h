#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chase/world.h"

namespace chaser::chase {

/// An automatic answer came back from a party: it seems to be away. Nobody knows until when.
struct SeemsAway {
  PartyIndex party = no_party;
  Instant heard;
};

/// Working days for which an absence holds what nobody stands in for, and for which an automatic answer counts.
/// Source: design.md §6, first table.
inline constexpr int absence_days_max = 5;

/// One party's absence, as it stands at an instant.
struct Away {
  CivilDay last;           // the last day of it, in the party's zone; of an automatic answer: as long as it counts
  bool is_hinted = false;  // only an automatic answer says so
  CivilDay somebody_back;  // the first day on which the party, or who could stand in, may be back
  bool operator==(const Away&) const = default;
};

/// Who is away at one instant, and who reads what is for them: absences of the directory, and automatic answers. An
/// absence answers nothing and changes no age; it only changes who reads.
class Absences {
 public:
  /// Everybody is there.
  Absences() = default;
  /// Costs next to nothing where nobody is ever away.
  Absences(const World& world, std::span<const SeemsAway> hints, Instant now);

  /// nullptr if the party is there.
  const Away* find(PartyIndex party) const;
  /// Who reads what is for the party: itself, unless it is away and somebody stands in: its deputy, or whoever of a
  /// deputy that is a group is there, or the deputy's deputy. Itself too if all of them are away.
  PartyIndex reader_of(PartyIndex party) const;
  /// Those who are away and whose mail this party reads, in order of their index.
  std::vector<PartyIndex> read_by(PartyIndex reader) const;

 private:
  struct Entry {
    PartyIndex party = no_party;
    Away away;
    PartyIndex reader = no_party;
  };
  const Entry* entry(PartyIndex party) const;
  void find_reader(const World& world, Entry& away) const;

  std::vector<Entry> entries_;  // by party
};

/// Whether `deputy` is the party's deputy, one by whom that is reached, or the same of the deputy's deputy: who may
/// read what is for the party while it is away, and answer it.
bool stands_in_for(const World& world, PartyIndex deputy, PartyIndex party);
/// "until 14 Aug 2026", or "as an automatic answer says".
std::string away_words(const Away& away);
/// "for Climate Change Network, who is away until 14 Aug 2026".
std::string stands_in_words(const Person& meant, const Away& away);

}  // namespace chaser::chase
