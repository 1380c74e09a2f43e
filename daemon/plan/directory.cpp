#include "plan/directory.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

/// Visits the members of `party` depth first, each once; `visit` says whether to go on into that member.
template <typename Visit>
void walk_members(const Directory& directory, const Party& party, std::set<PartyId>& seen, const Visit& visit) {
  for (const PartyId& id : party.members) {
    const Party* const member = directory.find(id);
    if (member == nullptr || !seen.insert(id).second) continue;
    if (visit(*member)) walk_members(directory, *member, seen, visit);
  }
}

}  // namespace

std::string_view name_of(PartyKind kind) {
  switch (kind) {
    case PartyKind::organisation:
      return "organisation";
    case PartyKind::network:
      return "network";
    case PartyKind::team:
      return "team";
    case PartyKind::role:
      return "role";
    case PartyKind::person:
      return "person";
    case PartyKind::party_class:
      return "class";
  }
  return "";
}

void Directory::add(Party party) {
  const PartyId id = party.id;
  const std::string name = documents::folded(party.contact.name);
  if (!name.empty()) {
    const auto [known, is_new] = names_.try_emplace(name, id);
    if (!is_new) known->second.clear();
  }
  const bool is_new = parties_.emplace(id, std::move(party)).second;
  assert(is_new);
}

void Directory::set_roles(std::string plan, PlanRoles roles) {
  Names& aliases = aliases_[plan];
  aliases.clear();
  for (const auto& [alias, party] : roles.aliases) aliases[documents::folded(alias)] = party;
  roles_[std::move(plan)] = std::move(roles);
}

const Party* Directory::find(std::string_view id) const {
  const auto party = parties_.find(id);
  return party == parties_.end() ? nullptr : &party->second;
}

PlanRoles Directory::roles(std::string_view plan) const {
  PlanRoles roles;
  if (const auto own = roles_.find(plan); own != roles_.end()) roles = own->second;
  const auto common = roles_.find("");
  if (common == roles_.end()) return roles;
  for (const auto& [alias, party] : common->second.aliases) roles.aliases.try_emplace(alias, party);
  if (!roles.coordinator) roles.coordinator = common->second.coordinator;
  if (!roles.sponsor) roles.sponsor = common->second.sponsor;
  if (!roles.approver) roles.approver = common->second.approver;
  return roles;
}

const Party* Directory::by_alias(const std::string& folded, std::string_view plan) const {
  const auto aliases = aliases_.find(plan);
  if (aliases == aliases_.end()) return nullptr;
  const auto alias = aliases->second.find(folded);
  return alias == aliases->second.end() ? nullptr : find(alias->second);
}

const Party* Directory::resolve(std::string_view token, std::string_view plan) const {
  const std::string folded = documents::folded(token);
  if (folded.empty()) return nullptr;
  if (const Party* const party = by_alias(folded, plan)) return party;
  if (const Party* const party = by_alias(folded, "")) return party;
  if (const Party* const party = find(folded)) return party;
  const auto name = names_.find(folded);
  return name == names_.end() ? nullptr : find(name->second);
}

std::vector<std::string> Directory::known_names(std::string_view plan) const {
  std::vector<std::string> names;
  for (const auto& [alias, party] : roles(plan).aliases) names.push_back(alias);
  for (const auto& [id, party] : parties_) {
    names.push_back(id);
    if (!party.contact.name.empty()) names.push_back(party.contact.name);
  }
  return names;
}

std::vector<PartyId> Directory::assignees(const Party& party) const {
  if (party.kind != PartyKind::party_class) return {party.id};
  std::vector<PartyId> assignees;
  std::set<PartyId> seen{party.id};
  walk_members(*this, party, seen, [&](const Party& member) {
    const bool is_class = member.kind == PartyKind::party_class;
    if (!is_class) assignees.push_back(member.id);
    return is_class;
  });
  return assignees;
}

std::vector<PartyId> Directory::recipients(std::string_view party) const {
  const Party* const root = find(party);
  if (root == nullptr) return {};
  if (root->contact.is_reachable()) return {root->id};
  std::vector<PartyId> recipients;
  std::set<PartyId> seen{root->id};
  walk_members(*this, *root, seen, [&](const Party& member) {
    const bool is_reachable = member.contact.is_reachable();
    if (is_reachable) recipients.push_back(member.id);
    return !is_reachable;
  });
  return recipients;
}

std::size_t Directory::contact_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(parties_, [](const auto& entry) { return entry.second.contact.is_reachable(); }));
}

}  // namespace chaser::plan
