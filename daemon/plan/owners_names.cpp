#include "plan/owners_names.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "plan/owners_roster.h"
#include "plan/timescale_text.h"

namespace chaser::plan {
namespace {

constexpr std::string_view bodies =
    "|council|association|company|university|trust|ltd|limited|plc|agency|authority|commission|corporation|foundation|"
    "institute|society|federation|union|partnership|network|college|school|gmbh|cic|llp|inc|hospital|alliance|"
    "charity|organisation|organization|england|scotland|wales|ireland|municipality|consortium|enterprise|exchange|";
constexpr std::string_view parts =
    "|department|dept|office|unit|team|board|committee|sector|division|section|directorate|service|group|panel|forum|"
    "cabinet|centre|center|administration|bureau|branch|secretariat|programme|";
constexpr std::string_view roles =
    "|engineer|manager|officer|director|lead|leader|head|coordinator|chair|executive|member|champion|adviser|advisor|"
    "planner|surveyor|secretary|minister|councillor|mayor|treasurer|consultant|representative|operator|provider|"
    "contractor|supplier|landowner|developer|partner|stakeholder|resident|farmer|grower|volunteer|";
/// Bodies that are not named after a theme ("Health and Safety Executive"), so that a long name of one stands alone.
constexpr std::string_view proper_bodies = "|council|university|ltd|limited|plc|gmbh|agency|commission|";
constexpr std::string_view generic_beginnings =
    "|the|other|others|all|partners|partner|residents|stakeholders|local|schools|landowners|communities|relevant|"
    "external|various|wider|community|volunteers|businesses|";

/// Places whose name holds a separator, by the words beside it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 34> place_pairs{{
    {"tonbridge", "malling"},   {"folkestone", "hythe"},    {"kent", "medway"},        {"brighton", "hove"},
    {"windsor", "maidenhead"},  {"hammersmith", "fulham"},  {"kensington", "chelsea"}, {"barking", "dagenham"},
    {"bath", "north"},          {"basingstoke", "deane"},   {"reigate", "banstead"},   {"nuneaton", "bedworth"},
    {"hinckley", "bosworth"},   {"oadby", "wigston"},       {"newark", "sherwood"},    {"lynn", "west"},
    {"epsom", "ewell"},         {"west", "chester"},        {"redcar", "cleveland"},   {"telford", "wrekin"},
    {"adur", "worthing"},       {"dumfries", "galloway"},   {"perth", "kinross"},      {"argyll", "bute"},
    {"christchurch", "poole"},  {"blackburn", "darwen"},    {"england", "wales"},      {"yorkshire", "the"},
    {"norfolk", "suffolk"},     {"devon", "cornwall"},      {"hampshire", "isle"},     {"ards", "north"},
    {"lisburn", "castlereagh"}, {"antrim", "newtownabbey"},
}};

bool is_listed(std::string_view list, std::string_view word) {
  return list.contains("|" + std::string(word) + "|");
}

/// "teams" is in a list that has "team"; "agencies" in one that has "agency".
bool is_noun_of(std::string_view list, const std::string& word) {
  if (is_listed(list, word)) return true;
  if (word.ends_with("ies")) return is_listed(list, word.substr(0, word.size() - 3) + "y");
  if (word.ends_with("es") && is_listed(list, word.substr(0, word.size() - 2))) return true;
  return word.ends_with('s') && is_listed(list, word.substr(0, word.size() - 1));
}

std::string last_word(std::string_view name) {
  const auto words = name_words(name);
  return words.empty() ? "" : words.back().folded;
}

}  // namespace

bool is_acronym(std::string_view name) {
  const auto words = name_words(name);
  if (words.size() != 1) return false;
  const std::string_view word = name.substr(words[0].begin, words[0].end - words[0].begin);
  const auto capitals = std::ranges::count_if(word, [](unsigned char c) { return absl::ascii_isupper(c); });
  const auto small = std::ranges::count_if(word, [](unsigned char c) { return absl::ascii_islower(c); });
  return capitals >= 2 && capitals >= small;
}

bool is_complete_name(std::string_view name) {
  const std::size_t end = name.find_last_not_of(" .");
  if (end != name.npos && name[end] == ')') return true;
  const auto words = name_words(name);
  if (words.empty()) return false;
  const std::string& last = words.back().folded;
  if (is_acronym(name.substr(words.back().begin, words.back().end - words.back().begin))) return true;
  return is_noun_of(bodies, last) || is_noun_of(parts, last) || is_noun_of(roles, last);
}

bool is_part_of_body(std::string_view name) {
  return is_noun_of(parts, last_word(name));
}

bool are_two_names(std::string_view left, std::string_view right) {
  if (is_complete_name(left) || is_acronym(right)) return true;
  const auto words = name_words(right);
  if (words.empty()) return false;
  if (is_listed(generic_beginnings, words.front().folded)) return true;
  return words.size() >= 3 && is_noun_of(proper_bodies, words.back().folded);
}

bool is_place_pair(std::string_view left, std::string_view right) {
  const auto before = name_words(left);
  const auto after = name_words(right);
  if (before.empty() || after.empty()) return false;
  return std::ranges::find(place_pairs, std::pair<std::string_view, std::string_view>(
                                            before.back().folded, after.front().folded)) != place_pairs.end();
}

bool says_no_owner(std::string_view cell) {
  constexpr std::string_view whole =
      "|tbc|tbd|tba|t b c|n a|na|none|nil|nobody|no one|no owner|no lead|unknown|not known|not applicable|unassigned|"
      "unallocated|vacant|not assigned|not allocated|not yet assigned|not yet allocated|not yet known|not yet agreed|"
      "not yet identified|pending|blank|owner tbc|lead tbc|owner to be confirmed|lead to be confirmed|";
  constexpr std::string_view anywhere =
      "will be identified|to be identified|to be agreed|to be confirmed|to be determined|to be decided|to be assigned|"
      "to be allocated|to be appointed|to be advised|to be announced|will be confirmed|will be agreed|"
      "will be determined|will be appointed|yet to be";
  const std::string words = folded_name(cell);
  if (words.empty() || is_listed(whole, words)) return true;
  const std::string padded = " " + words + " ";
  // Beside a name ("KCC, others to be agreed") the words speak of others; alone, or as a sentence, of the owner.
  if (!has_any(padded, anywhere)) return false;
  const auto named = name_words(cell);
  const bool has_name = std::ranges::any_of(named, [&](const NameWord& word) {
    const std::string_view text = cell.substr(word.begin, word.end - word.begin);
    return is_acronym(text) || (word.begin > 0 && absl::ascii_isupper(static_cast<unsigned char>(text[0])));
  });
  return !has_name;
}

}  // namespace chaser::plan
