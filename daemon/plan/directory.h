#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/sending_window.h"
#include "calendar/time.h"
#include "documents/problems.h"
#include "documents/yaml.h"

namespace chaser::plan {

using PartyId = std::string;  // slug: "ccn", "hr-ashford"

enum class PartyKind : std::uint8_t { organisation, network, team, role, person, party_class };
std::string_view name_of(PartyKind kind);  // "organisation" ... "class"

/// How a party is reached. Empty strings mean: lacks that channel.
struct Contact {
  std::string name;                               // for people: "Kent County Council"
  std::string email;                              // one ASCII addr-spec, checked at the door (see is_address)
  std::string teams;                              // the name of a Teams channel of the settings
  std::string teams_upn;                          // for a mention, if known
  std::string zone;                               // IANA name; empty: the plan's
  std::optional<calendar::SendingWindow> window;  // none: the rule's

  bool is_reachable() const { return !email.empty() || !teams.empty(); }
  bool operator==(const Contact&) const = default;
};

struct Absence {
  calendar::CivilDay from;
  calendar::CivilDay to;  // inclusive
  bool operator==(const Absence&) const = default;
};

/// Who can own an action. A class ("HR Teams") has members and no contact: it becomes one assignment per member.
struct Party {
  PartyId id;
  PartyKind kind = PartyKind::organisation;
  Contact contact;
  std::vector<PartyId> members;
  std::optional<PartyId> superior;
  std::optional<PartyId> deputy;
  std::vector<Absence> absences;
  bool vacant = false;
  documents::Position at;  // where the directory says it

  bool operator==(const Party&) const = default;
};

/// What a directory says for one plan.
struct PlanRoles {
  std::map<std::string, PartyId> aliases;  // as written: "CCN" -> ccn
  std::optional<PartyId> coordinator;
  std::optional<PartyId> sponsor;
  std::optional<PartyId> approver;  // none: the coordinator
};

/// All parties, and per plan the aliases, coordinator and sponsor. A value; ids are checked when it is read.
class Directory {
 public:
  void add(Party party);                              // assert: the id is new
  void set_roles(std::string plan, PlanRoles roles);  // plan "" holds for every plan that has none of its own

  const Party* find(std::string_view id) const;
  const std::map<PartyId, Party, std::less<>>& parties() const { return parties_; }
  const std::map<std::string, PlanRoles, std::less<>>& all_roles() const { return roles_; }
  /// The plan's roles, "" filling what it does not say itself.
  PlanRoles roles(std::string_view plan) const;

  /// The party an owner token means in a plan: by alias, id or name, without case; nothing if unknown.
  const Party* resolve(std::string_view token, std::string_view plan) const;
  /// Every name that split_owners must not cut in that plan.
  std::vector<std::string> known_names(std::string_view plan) const;
  /// A class stands for its members (classes within classes too, each once); every other party for itself.
  std::vector<PartyId> assignees(const Party& party) const;
  /// The parties by whose contact `party` is reached: itself if it has one, else each member that can be (each once).
  std::vector<PartyId> recipients(std::string_view party) const;
  /// How many parties have a contact of their own.
  std::size_t contact_count() const;

 private:
  /// Folded name -> party; an empty id where two parties share the name.
  using Names = std::map<std::string, PartyId, std::less<>>;

  const Party* by_alias(const std::string& folded, std::string_view plan) const;

  std::map<PartyId, Party, std::less<>> parties_;
  std::map<std::string, PlanRoles, std::less<>> roles_;
  Names names_;
  std::map<std::string, Names, std::less<>> aliases_;
};

inline constexpr std::size_t parties_max = 100'000;

/// One ASCII addr-spec as delivery.md B2 allows: no CR, LF, NUL, blanks, quotes or angle brackets; local part <= 64,
/// whole <= 254; the domain may be an IDN.
bool is_address(std::string_view text);

/// Why `text` is no address, in words to follow the address; empty if it is one.
std::string why_no_address(std::string_view text);

/// Reads directory.yaml; its shape is described in the one shipped in config/. Errors: unknown keys, unknown parties in
/// members, superior, deputy, aliases and roles; a party that can be reached in no way (no contact, no reachable
/// member) unless vacant; bad addresses, zones' syntax, windows; superior and member cycles; an alias for two parties.
/// Channels' names are checked by the settings. With errors the directory holds what was readable, so that plans can be
/// checked against it too; nothing if it is no YAML mapping.
std::optional<Directory> read_directory(const documents::Source& source, documents::Problems& problems);
/// The same of a directory that stands inside another document of `source`.
std::optional<Directory> read_directory(const documents::YamlNode& root, const documents::Source& source,
                                        documents::Problems& problems);

}  // namespace chaser::plan
