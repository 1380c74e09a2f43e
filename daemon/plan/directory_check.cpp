#include "plan/directory_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

using Next = std::function<std::vector<PartyId>(const Party&)>;

/// Finds each cycle of a relation once, as the path from the party whose id is least in it.
class CycleSearch {
 public:
  CycleSearch(const Directory& directory, Next next) : directory_{directory}, next_{std::move(next)} {}

  std::vector<std::vector<PartyId>> cycles() {
    for (const auto& [id, party] : directory_.parties()) search_from(id);
    return std::move(cycles_);
  }

 private:
  struct Visit {
    PartyId id;
    std::vector<PartyId> next;
    std::size_t taken = 0;
  };

  // With a stack of its own: a chain of a hundred thousand superiors is an input, not a reason to crash.
  void search_from(const PartyId& start) {
    if (!enter(start)) return;
    while (!path_.empty()) {
      Visit& visit = path_.back();
      if (visit.taken == visit.next.size()) {
        on_path_.erase(visit.id);
        path_.pop_back();
        continue;
      }
      const PartyId id = visit.next[visit.taken++];
      if (on_path_.contains(id)) {
        note_cycle(id);
      } else {
        enter(id);
      }
    }
  }

  bool enter(const PartyId& id) {
    const Party* const party = directory_.find(id);
    if (party == nullptr || !seen_.insert(id).second) return false;
    on_path_.insert(id);
    path_.push_back({id, next_(*party), 0});
    return true;
  }

  void note_cycle(const PartyId& first) {
    const auto start = std::ranges::find(path_, first, &Visit::id);
    std::vector<PartyId> cycle;
    for (auto visit = start; visit != path_.end(); ++visit) cycle.push_back(visit->id);
    cycles_.push_back(std::move(cycle));
  }

  const Directory& directory_;
  Next next_;
  std::set<PartyId> seen_;
  std::set<PartyId> on_path_;
  std::vector<Visit> path_;
  std::vector<std::vector<PartyId>> cycles_;
};

std::vector<std::string> ids_of(const Directory& directory) {
  std::vector<std::string> ids;
  for (const auto& [id, party] : directory.parties()) ids.push_back(id);
  return ids;
}

std::string round_trip(std::vector<PartyId> cycle) {
  cycle.push_back(cycle.front());
  return fmt::format("{}", fmt::join(cycle, " \u2192 "));
}

}  // namespace

void DirectoryCheck::party(const Party& party, const documents::YamlNode& node) {
  const documents::YamlNode* const email = node.find("email");
  const documents::YamlNode* const teams = node.find("teams");
  if (email != nullptr || teams != nullptr) with_contact_.insert(party.id);
  if (const documents::YamlNode* const superior = node.find("superior")) superiors_.emplace(party.id, superior->at);
  if (const documents::YamlNode* const members = node.find("members")) members_.emplace(party.id, members->at);
  if (const documents::YamlNode* const absences = node.find("absences")) absences_.emplace(party.id, absences->at);
  if (party.deputy == party.id) {
    problems_.error(source_, node.find("deputy")->at, fmt::format("{} cannot be its own deputy", party.id));
  }
  if (party.kind != PartyKind::party_class) return;
  const documents::YamlNode* const contact = email != nullptr ? email : teams;
  if (contact != nullptr) {
    problems_.error(source_, contact->at,
                    fmt::format("{} is a class, which is reached by its members; give this to one of them", party.id),
                    {"a party with members and an address of its own is a network, an organisation or a team"});
  }
}

void DirectoryCheck::reference(const std::string& id, documents::Position at, std::string what) {
  references_.push_back({id, at, std::move(what)});
}

void DirectoryCheck::alias(const documents::YamlNode& alias, const documents::YamlNode& party) {
  reference(party.scalar, party.at, fmt::format("the party of alias \"{}\"", alias.scalar));
  aliases_.push_back({alias.scalar, party.scalar, alias.at});
  const auto [known, is_new] = folded_aliases_.try_emplace(documents::folded(alias.scalar), party);
  if (is_new || known->second.scalar == party.scalar) return;
  problems_.error(source_, alias.at,
                  fmt::format("alias \"{}\" is for two parties: {} here, and {} on line {}", alias.scalar, party.scalar,
                              known->second.scalar, known->second.at.line),
                  {"aliases are compared without case and extra blanks"});
}

void DirectoryCheck::finish(const Directory& directory) {
  check_references(directory);
  check_aliases(directory);
  check_reachable(directory);
  check_absences(directory);
  check_cycles(directory);
}

void DirectoryCheck::check_references(const Directory& directory) {
  const std::vector<std::string> ids = ids_of(directory);
  for (const Reference& reference : references_) {
    if (directory.find(reference.id) != nullptr) continue;
    problems_.error(source_, reference.at,
                    fmt::format("unknown party \"{}\" as {}{}", reference.id, reference.what,
                                documents::did_you_mean(reference.id, ids)),
                    {"parties are named here by their ids, the keys under parties"});
  }
}

void DirectoryCheck::check_aliases(const Directory& directory) {
  std::map<std::string, PartyId> names;
  for (const auto& [id, party] : directory.parties()) {
    names.try_emplace(id, id);
    names.try_emplace(documents::folded(party.contact.name), id);
  }
  for (const Alias& alias : aliases_) {
    const auto name = names.find(documents::folded(alias.text));
    if (name == names.end() || name->second == alias.party || directory.find(alias.party) == nullptr) continue;
    problems_.error(source_, alias.at,
                    fmt::format("alias \"{}\" is for {}, but it is also the id or the name of {}", alias.text,
                                alias.party, name->second));
  }
}

/// Who is reached by their own contact or by some member's. A member that is unknown has its own error; what it would
/// have been reached by is unknown too, so its networks count as reachable.
std::set<PartyId> DirectoryCheck::with_contact_or_members(const Directory& directory) const {
  std::map<PartyId, std::vector<PartyId>> networks_of;
  std::vector<PartyId> waiting{with_contact_.begin(), with_contact_.end()};
  for (const auto& [id, party] : directory.parties()) {
    for (const PartyId& member : party.members) {
      networks_of[member].push_back(id);
      if (directory.find(member) == nullptr) waiting.push_back(id);
    }
  }
  std::set<PartyId> reachable;
  while (!waiting.empty()) {
    const PartyId next = std::move(waiting.back());
    waiting.pop_back();
    if (!reachable.insert(next).second) continue;
    const auto networks = networks_of.find(next);
    if (networks != networks_of.end()) waiting.insert(waiting.end(), networks->second.begin(), networks->second.end());
  }
  return reachable;
}

void DirectoryCheck::check_reachable(const Directory& directory) {
  const std::set<PartyId> reachable = with_contact_or_members(directory);
  for (const auto& [id, party] : directory.parties()) {
    if (party.vacant || reachable.contains(id)) continue;
    const bool is_class = party.kind == PartyKind::party_class;
    problems_.error(source_, party.at,
                    is_class
                        ? fmt::format("{} has no member that can be reached: list its members", id)
                        : fmt::format("{} has no way to be reached: give it an email, a Teams channel or members", id),
                    {"or say vacant: true, if nobody holds it now"});
  }
}

/// Who is reached reads, and is away; a party that is reached through its members is never read for as a whole.
void DirectoryCheck::check_absences(const Directory& directory) {
  for (const auto& [id, at] : absences_) {
    const Party* const party = directory.find(id);
    if (party == nullptr || party->absences.empty() || with_contact_.contains(id)) continue;
    problems_.warning(source_, at,
                      party->members.empty()
                          ? fmt::format("absences of {} change nothing: nothing is sent to it", id)
                          : fmt::format("absences of {} change nothing: it is reached through its members", id),
                      {"say of each person or team with an address when it is away, and who its deputy is"});
  }
}

void DirectoryCheck::check_cycles(const Directory& directory) {
  const Next superior = [](const Party& party) {
    return party.superior ? std::vector<PartyId>{*party.superior} : std::vector<PartyId>{};
  };
  for (const auto& cycle : CycleSearch{directory, superior}.cycles()) {
    problems_.error(source_, superiors_[cycle.back()],
                    fmt::format("superiors go round in a circle: {}", round_trip(cycle)));
  }
  const Next members = [](const Party& party) { return party.members; };
  for (const auto& cycle : CycleSearch{directory, members}.cycles()) {
    problems_.error(source_, members_[cycle.back()],
                    fmt::format("{} is a member of itself: {}", cycle.front(), round_trip(cycle)));
  }
}

}  // namespace chaser::plan
