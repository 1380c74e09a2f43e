#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "documents/characters.h"
#include "plan/directory.h"
#include "plan/directory_check.h"
#include "plan/read_window.h"

namespace chaser::plan {
namespace {

using calendar::CivilDay;
using documents::MappingReader;
using documents::Problems;
using documents::Source;
using documents::YamlNode;

constexpr std::size_t name_max = 200;
constexpr std::size_t id_max = 64;
constexpr std::size_t absences_max = 1000;
constexpr PartyKind kinds[] = {PartyKind::organisation, PartyKind::network, PartyKind::team,
                               PartyKind::role,         PartyKind::person,  PartyKind::party_class};

bool is_slug(std::string_view text) {
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= id_max && std::ranges::all_of(text, is_part) && !text.starts_with('-') &&
         !text.ends_with('-');
}

bool is_zone_name(std::string_view text) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
           c == '-' || c == '/';
  };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, is_part) && !text.starts_with('/') &&
         !text.ends_with('/') && text.find("//") == std::string_view::npos;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

class DirectoryReader {
 public:
  DirectoryReader(const Source& source, Problems& problems) : source_{source}, problems_{problems} {}

  std::optional<Directory> read(const YamlNode& root);

 private:
  void read_parties(const YamlNode* node);
  void read_party(const YamlNode& key, const YamlNode& node);
  void read_kind(MappingReader& keys, Party& party);
  void read_contact(MappingReader& keys, Party& party);
  void read_absences(MappingReader& keys, Party& party);
  void read_absence(const YamlNode& node, Party& party);
  std::optional<CivilDay> read_day(MappingReader& keys, std::string_view key);
  std::string read_label(MappingReader& keys, std::string_view key);
  std::string read_address(MappingReader& keys, std::string_view key);
  std::optional<PartyId> read_reference(MappingReader& keys, std::string_view key);
  void read_plans(const YamlNode* node);
  void read_roles(MappingReader& keys, const std::string& plan);
  void read_aliases(const YamlNode* node, PlanRoles& roles);

  const Source& source_;
  Problems& problems_;
  Directory directory_;
  DirectoryCheck check_{source_, problems_};
};

std::optional<Directory> DirectoryReader::read(const YamlNode& root) {
  MappingReader keys{root, source_, problems_, "the directory"};
  if (!keys.is_valid()) return std::nullopt;
  keys.integer("version", 1, 1);
  read_parties(keys.required("parties"));
  read_plans(keys.optional("plans"));
  read_roles(keys, "");
  keys.finish();
  check_.finish(directory_);
  return std::move(directory_);
}

void DirectoryReader::read_parties(const YamlNode* node) {
  if (node == nullptr) return;
  if (!node->is_mapping()) {
    problems_.error(source_, node->at, "\"parties\" must be a mapping from ids to parties",
                    {"such as: parties: { kcc: { name: Kent County Council, email: kcc@kent.example } }"});
    return;
  }
  if (node->entries.size() > parties_max) {
    problems_.error(source_, node->at, fmt::format("more than {} parties", parties_max));
    return;
  }
  for (const auto& [key, value] : node->entries) read_party(key, value);
}

void DirectoryReader::read_party(const YamlNode& key, const YamlNode& node) {
  if (!is_slug(key.scalar)) {
    problems_.error(source_, key.at, fmt::format("\"{}\" is no id of a party", key.scalar),
                    {"an id is made of a-z, 0-9 and '-', at most 64; what people call the party goes to name"});
  }
  Party party;
  party.id = key.scalar;
  party.at = key.at;
  MappingReader keys{node, source_, problems_, "party " + key.scalar};
  if (keys.is_valid()) {
    read_kind(keys, party);
    read_contact(keys, party);
    for (const YamlNode* const member : keys.one_or_more("members")) {
      party.members.push_back(member->scalar);
      check_.reference(member->scalar, member->at, fmt::format("a member of {}", party.id));
    }
    party.superior = read_reference(keys, "superior");
    party.deputy = read_reference(keys, "deputy");
    read_absences(keys, party);
    party.vacant = keys.boolean("vacant").value_or(false);
    keys.finish();
    check_.party(party, node);
  }
  if (party.contact.name.empty()) party.contact.name = party.id;
  if (directory_.find(party.id) == nullptr) directory_.add(std::move(party));
}

void DirectoryReader::read_kind(MappingReader& keys, Party& party) {
  const std::optional<std::string> text = keys.text("kind");
  if (!text) return;
  std::vector<std::string> names;
  for (const PartyKind kind : kinds) {
    names.emplace_back(name_of(kind));
    if (*text == names.back()) {
      party.kind = kind;
      return;
    }
  }
  keys.error_at("kind", fmt::format("unknown kind \"{}\"{}", *text, documents::did_you_mean(*text, names)),
                {"kinds: organisation, network, team, role, person, class"});
}

void DirectoryReader::read_contact(MappingReader& keys, Party& party) {
  Contact& contact = party.contact;
  contact.name = read_label(keys, "name");
  contact.email = read_address(keys, "email");
  contact.teams = read_label(keys, "teams");
  contact.teams_upn = read_address(keys, "teams_upn");
  if (const std::optional<std::string> zone = keys.text("zone")) {
    if (is_zone_name(*zone)) {
      contact.zone = *zone;
    } else {
      keys.error_at("zone", fmt::format("\"{}\" is no time zone", *zone), {"write its IANA name: Europe/London"});
    }
  }
  if (const YamlNode* const window = keys.optional("window")) contact.window = read_window(*window, source_, problems_);
}

/// A line of text that may end up in a message's header.
std::string DirectoryReader::read_label(MappingReader& keys, std::string_view key) {
  const std::optional<std::string> text = keys.text(key);
  if (!text) return {};
  const std::string label{documents::trimmed(*text)};
  if (has_control_character(label)) {
    keys.error_at(key, fmt::format("\"{}\" holds a line break or another control character", key));
    return {};
  }
  if (documents::character_count(label) > name_max) {
    keys.error_at(key, fmt::format("\"{}\" is longer than {} characters", key, name_max));
    return {};
  }
  return label;
}

std::string DirectoryReader::read_address(MappingReader& keys, std::string_view key) {
  const std::optional<std::string> text = keys.text(key);
  if (!text) return {};
  const std::string why = why_no_address(*text);
  if (why.empty()) return *text;
  keys.error_at(key, fmt::format("\"{}\" is no address: {}", documents::first_characters(*text, 80), why),
                {"such as name@county.example"});
  return {};
}

std::optional<PartyId> DirectoryReader::read_reference(MappingReader& keys, std::string_view key) {
  const YamlNode* const node = keys.optional(key);
  std::optional<std::string> id = keys.text(key);
  if (id) check_.reference(*id, node->at, std::string{key});
  return id;
}

void DirectoryReader::read_absences(MappingReader& keys, Party& party) {
  const YamlNode* const node = keys.optional("absences");
  if (node == nullptr) return;
  if (!node->is_sequence()) {
    keys.error_at("absences", "\"absences\" must be a list such as [{ from: 2026-08-03, to: 2026-08-14 }]");
    return;
  }
  if (node->items.size() > absences_max) {
    keys.error_at("absences", fmt::format("more than {} absences", absences_max));
    return;
  }
  for (const YamlNode& item : node->items) read_absence(item, party);
}

void DirectoryReader::read_absence(const YamlNode& node, Party& party) {
  MappingReader keys{node, source_, problems_, "an absence"};
  if (!keys.is_valid()) return;
  const std::optional<CivilDay> from = read_day(keys, "from");
  const std::optional<CivilDay> to = read_day(keys, "to");
  keys.finish();
  if (!from || !to) return;
  if (*to < *from) {
    keys.error_at("to", fmt::format("the absence ends before it begins on {}", calendar::iso_day(*from)));
    return;
  }
  party.absences.push_back({*from, *to});
}

std::optional<CivilDay> DirectoryReader::read_day(MappingReader& keys, std::string_view key) {
  const std::optional<std::string> text = keys.required_text(key);
  if (!text) return std::nullopt;
  const std::optional<CivilDay> day = calendar::parse_iso_day(*text);
  if (!day) keys.error_at(key, fmt::format("\"{}\" must be a day such as 2026-12-31; got \"{}\"", key, *text));
  return day;
}

void DirectoryReader::read_plans(const YamlNode* node) {
  if (node == nullptr) return;
  if (!node->is_mapping()) {
    problems_.error(source_, node->at, "\"plans\" must be a mapping from plans' ids to their aliases and roles");
    return;
  }
  for (const auto& [key, value] : node->entries) {
    if (!is_slug(key.scalar)) {
      problems_.error(source_, key.at, fmt::format("\"{}\" is no id of a plan: use a-z, 0-9 and '-'", key.scalar));
      continue;
    }
    MappingReader keys{value, source_, problems_, "plan " + key.scalar};
    if (!keys.is_valid()) continue;
    read_roles(keys, key.scalar);
    keys.finish();
  }
}

void DirectoryReader::read_roles(MappingReader& keys, const std::string& plan) {
  PlanRoles roles;
  read_aliases(keys.optional("aliases"), roles);
  roles.coordinator = read_reference(keys, "coordinator");
  roles.sponsor = read_reference(keys, "sponsor");
  roles.approver = read_reference(keys, "approver");
  directory_.set_roles(plan, std::move(roles));
}

void DirectoryReader::read_aliases(const YamlNode* node, PlanRoles& roles) {
  if (node == nullptr) return;
  if (!node->is_mapping()) {
    problems_.error(source_, node->at,
                    "\"aliases\" must be a mapping from a plan's words to parties, such as { CCN: ccn }");
    return;
  }
  for (const auto& [key, value] : node->entries) {
    if (!value.is_scalar()) {
      problems_.error(source_, value.at, fmt::format("alias \"{}\" must name one party by its id", key.scalar));
      continue;
    }
    check_.alias(key, value);
    roles.aliases[key.scalar] = value.scalar;
  }
  check_.end_of_aliases();
}

}  // namespace

std::optional<Directory> read_directory(const Source& source, Problems& problems) {
  const std::optional<YamlNode> root = documents::parse_yaml(source, problems);
  return root ? read_directory(*root, source, problems) : std::nullopt;
}

std::optional<Directory> read_directory(const YamlNode& root, const Source& source, Problems& problems) {
  return DirectoryReader{source, problems}.read(root);
}

}  // namespace chaser::plan
