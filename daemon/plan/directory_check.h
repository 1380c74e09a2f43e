#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"
#include "documents/yaml.h"
#include "plan/directory.h"

namespace chaser::plan {

/// For read_directory alone: what can be judged only when every party is known. The reader notes what it meets;
/// finish() reports what does not fit together.
class DirectoryCheck {
 public:
  DirectoryCheck(const documents::Source& source, documents::Problems& problems)
      : source_{source}, problems_{problems} {}

  /// A party as written; a node that tries to say how it is reached, however wrongly, counts as a contact.
  void party(const Party& party, const documents::YamlNode& node);
  /// An id that must be a party's; `what` it is there: "superior", "a member of hr-teams".
  void reference(const std::string& id, documents::Position at, std::string what);
  void alias(const documents::YamlNode& alias, const documents::YamlNode& party);
  /// Aliases are compared within one mapping.
  void end_of_aliases() { folded_aliases_.clear(); }

  void finish(const Directory& directory);

 private:
  struct Reference {
    std::string id;
    documents::Position at;
    std::string what;
  };
  struct Alias {
    std::string text;
    PartyId party;
    documents::Position at;
  };

  void check_references(const Directory& directory);
  void check_aliases(const Directory& directory);
  void check_reachable(const Directory& directory);
  void check_absences(const Directory& directory);
  void check_cycles(const Directory& directory);
  std::set<PartyId> with_contact_or_members(const Directory& directory) const;

  const documents::Source& source_;
  documents::Problems& problems_;
  std::vector<Reference> references_;
  std::vector<Alias> aliases_;
  std::map<std::string, documents::YamlNode> folded_aliases_;
  std::set<PartyId> with_contact_;
  std::map<PartyId, documents::Position> superiors_;
  std::map<PartyId, documents::Position> members_;
  std::map<PartyId, documents::Position> absences_;
};

}  // namespace chaser::plan
