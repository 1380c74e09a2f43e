#pragma once

#include <string>
#include <vector>

#include "store/sqlite_class.h"

namespace chaser::store {

/// An owner cell's token as one party: a class is one of these for each member, all with the verbatim token.
struct SqliteStore::Owner {
  plan::PartyId party;
  plan::Role role = plan::Role::lead;
  std::string token;
  bool operator==(const Owner&) const = default;
};

/// What an owner cell means by a directory: the assignments in the cell's order, and whether somebody is missing.
struct SqliteStore::Resolved {
  std::vector<Owner> owners;
  bool unowned = false;  // no lead, or a token that is unknown or vacant

  std::vector<std::string> parties() const {
    std::vector<std::string> ids;
    for (const auto& owner : owners) ids.push_back(owner.party);
    return ids;
  }
};

}  // namespace chaser::store
