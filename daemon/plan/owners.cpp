#include "plan/owners.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "plan/owners_names.h"
#include "plan/owners_roster.h"
#include "plan/timescale_text.h"

namespace chaser::plan {
namespace {

/// Longer cells are no list of owners: they stay whole.
constexpr std::size_t cell_size_max = 4000;

/// What parts two pieces. strong: ; bullets and the like; doubtful until the pieces are looked at: the others.
enum class Sign : std::uint8_t { none, strong, bullet, line, comma, word_and, slash, spaced_slash, with, support };

/// Text up to the next sign, and the sign before it.
struct Piece {
  Sign sign = Sign::none;
  std::string text;
  Role role = Role::lead;
  std::string gap;      // the sign as written, with its blanks
  bool headed = false;  // "Support:" stood here: the sign before it parts roles, not a list
};

bool is_blank(char c) {
  return c == ' ';
}

std::string_view trimmed(std::string_view text, std::string_view signs = " ") {
  const std::size_t begin = text.find_first_not_of(signs);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(signs) - begin + 1);
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](unsigned char c) { return absl::ascii_tolower(c); },
      [](unsigned char c) { return absl::ascii_tolower(c); });
}
bool starts_without_case(std::string_view text, std::string_view start) {
  return equal_without_case(text.substr(0, start.size()), start);
}

/// Replaces all of one text by another.
void replace_all(std::string& text, std::string_view what, std::string_view by) {
  std::string result;
  std::size_t from = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, from)) {
    result.append(text, from, at - from).append(by);
    from = at + what.size();
  }
  text = result.append(text, from);
}

/// Marks for notes and list signs out of the way; all blanks are ' ', all line ends '\n', all bullets '\x01'.
std::string cleaned(std::string_view cell) {
  std::string text(cell);
  replace_all(text, "\r\n", "\n");
  for (const std::string_view line : {"<br>", "<br/>", "<br />", "<BR>", "\r", "\u2028"}) replace_all(text, line, "\n");
  text = without_markup(text);
  for (const std::string_view mark : {"*", "†", "‡", "¹", "²", "³", "§"}) replace_all(text, mark, "");
  for (const std::string_view bullet : {"•", "·", "▪", "◦", "●", "‣"}) replace_all(text, bullet, "\x01");
  for (const std::string_view blank : {"\u00a0", "\u2009", "\u202f", "\u200b", "\ufeff", "\t"})
    replace_all(text, blank, " ");
  for (const std::string_view dash : {" – ", " — "}) replace_all(text, dash, " - ");
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\x01') c = ' ';
  std::string single;
  for (const char c : text)
    if (!is_blank(c) || single.empty() || !is_blank(single.back())) single += c;
  return single;
}

/// Brackets without a partner are slips: blanks.
void drop_lone_brackets(std::string& text) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') open.push_back(i);
    if (text[i] != ')') continue;
    if (open.empty())
      text[i] = ' ';
    else
      open.pop_back();
  }
  for (const std::size_t at : open) text[at] = ' ';
}

struct Joiner {
  std::string_view words;
  Sign sign;
};

/// The longer ones first: "together with" before "with".
constexpr std::array<Joiner, 15> joiners{{{"in partnership with", Sign::with},
                                          {"in collaboration with", Sign::with},
                                          {"in consultation with", Sign::with},
                                          {"in conjunction with", Sign::with},
                                          {"together with", Sign::with},
                                          {"working with", Sign::with},
                                          {"along with", Sign::with},
                                          {"alongside", Sign::with},
                                          {"with support from", Sign::support},
                                          {"supported by", Sign::support},
                                          {"as well as", Sign::with},
                                          {"and/or", Sign::word_and},
                                          {"and", Sign::word_and},
                                          {"plus", Sign::word_and},
                                          {"with", Sign::with}}};

/// A sign at a place of the text, and its bytes.
struct FoundSign {
  Sign sign;
  std::size_t size;
};

std::optional<FoundSign> joiner_at(std::string_view text, std::size_t at) {
  const bool begins = at == 0 || std::string_view(" \n,;()\x01").contains(text[at - 1]);
  if (!begins) return std::nullopt;
  for (const auto& [words, sign] : joiners) {
    if (!starts_without_case(text.substr(at), words)) continue;
    const std::size_t end = at + words.size();
    if (end < text.size() && std::string_view(" \n:").contains(text[end])) return FoundSign{sign, words.size()};
  }
  return std::nullopt;
}

/// "KCC (with CCN)": brackets that hold more owners are none.
void open_joining_brackets(std::string& text) {
  for (std::size_t open = text.find('('); open != text.npos; open = text.find('(', open + 1)) {
    const std::size_t close = text.find(')', open);
    if (close == text.npos || !joiner_at(text, open + 1)) continue;
    text[open] = text[close] = ' ';
  }
}

/// "1. KCC 2. CCN": the numbers of a list that begins with 1 are its bullets.
void read_list_numbers(std::string& text) {
  if (!text.starts_with("1.") && !text.starts_with("1)")) return;
  for (int number = 2; number < 100; ++number) {
    const std::size_t before = text.size();
    for (const std::string_view end : {". ", ") "})
      replace_all(text, " " + std::to_string(number) + std::string(end), " \x01 ");
    if (text.size() == before) return;
  }
}

/// Which bytes are inside known names of more than one word, or in brackets: nothing parts there.
std::vector<bool> protected_bytes(std::string_view text, const Roster& roster) {
  std::vector<bool> held(text.size(), false);
  const auto words = name_words(text);
  for (std::size_t i = 0; i < words.size();) {
    const std::size_t count = roster.longest_at(words, i);
    if (count > 0)
      std::fill(held.begin() + static_cast<std::ptrdiff_t>(words[i].begin),
                held.begin() + static_cast<std::ptrdiff_t>(words[i + count - 1].end), true);
    i += std::max<std::size_t>(count, 1);
  }
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (depth > 0) held[i] = true;
    if (text[i] == ')') --depth;
  }
  return held;
}

std::optional<FoundSign> sign_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == ';' || c == '|') return FoundSign{Sign::strong, 1};
  if (c == '\x01') return FoundSign{Sign::bullet, 1};
  if (c == '\n') return FoundSign{Sign::line, 1};
  if (c == ',') return FoundSign{Sign::comma, 1};
  if (c == '&' || (c == '+' && at > 0 && is_blank(text[at - 1]))) return FoundSign{Sign::word_and, 1};
  if (c == '/') {
    const bool spaced = at > 0 && is_blank(text[at - 1]) && at + 1 < text.size() && is_blank(text[at + 1]);
    return FoundSign{spaced ? Sign::spaced_slash : Sign::slash, 1};
  }
  return joiner_at(text, at);
}

/// Cuts at every sign outside the protected bytes. Where two signs meet (", and") the weightier is kept.
std::vector<Piece> pieces_of(std::string_view text, const Roster& roster) {
  const std::vector<bool> held = protected_bytes(text, roster);
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < text.size();) {
    const auto found = held[i] ? std::nullopt : sign_at(text, i);
    if (!found) {
      pieces.back().text += text[i++];
      continue;
    }
    const bool empty = trimmed(pieces.back().text).empty();
    if (empty && pieces.size() > 1) {
      if (found->sign != Sign::comma && pieces.back().sign != Sign::strong && pieces.back().sign != Sign::bullet)
        pieces.back().sign =
            pieces.back().sign == Sign::comma && found->sign == Sign::word_and ? Sign::with : found->sign;
    } else if (empty) {
      pieces.back().sign = found->sign;
    } else {
      const bool blank = is_blank(pieces.back().text.back());
      pieces.push_back({found->sign, "", Role::lead, blank ? " " : ""});
    }
    if (pieces.size() > 1) pieces.back().gap += pieces.back().text + std::string(text.substr(i, found->size));
    pieces.back().text.clear();
    i += found->size;
  }
  if (trimmed(pieces.back().text).empty()) pieces.pop_back();
  for (Piece& piece : pieces) {
    if (piece.text.starts_with(' ')) piece.gap += ' ';
    replace_all(piece.gap, "\x01", "•");
  }
  return pieces;
}

struct RoleMark {
  std::string_view words;
  Role role;
};

constexpr std::array<RoleMark, 26> role_marks{{{"lead", Role::lead},
                                               {"leads", Role::lead},
                                               {"leading", Role::lead},
                                               {"lead officer", Role::lead},
                                               {"lead partner", Role::lead},
                                               {"lead organisation", Role::lead},
                                               {"lead authority", Role::lead},
                                               {"lead agency", Role::lead},
                                               {"lead body", Role::lead},
                                               {"joint lead", Role::lead},
                                               {"co lead", Role::lead},
                                               {"owner", Role::lead},
                                               {"responsible", Role::lead},
                                               {"primary", Role::lead},
                                               {"main", Role::lead},
                                               {"support", Role::support},
                                               {"supports", Role::support},
                                               {"supporting", Role::support},
                                               {"supported by", Role::support},
                                               {"supporter", Role::support},
                                               {"supporters", Role::support},
                                               {"partner", Role::support},
                                               {"partners", Role::support},
                                               {"delivery partners", Role::support},
                                               {"supporting partners", Role::support},
                                               {"contributors", Role::support}}};

std::optional<Role> role_named(std::string_view text) {
  const std::string folded = folded_name(text);
  for (const auto& [words, role] : role_marks)
    if (folded == words) return role;
  return std::nullopt;
}

/// Puts a strong sign before "Support:" where none is, so that "Lead: KCC Support: CCN" is two pieces.
std::string with_role_headings_apart(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t colon = text.find(':', i);
    const bool word_begins = i == 0 || is_blank(text[i - 1]) || text[i - 1] == '\n';
    const bool near = colon != text.npos && colon - i <= 22;
    if (word_begins && near && i > 0 && role_named(text.substr(i, colon - i))) {
      // "lead officer:" is one heading: begin it at its first word only.
      const std::size_t before = text.find_last_of(" ;,\n", i >= 2 ? i - 2 : 0);
      const std::size_t longer = before == text.npos ? 0 : before + 1;
      if (longer >= i || !role_named(text.substr(longer, colon - longer))) result += ';';
    }
    result += text[i];
  }
  return result;
}

/// Takes "lead:" or "Support -" off the front of a piece.
std::optional<Role> take_heading(std::string& text) {
  const std::string_view view = trimmed(text);
  const std::size_t colon = view.find(':');
  const std::size_t dash = view.find(" - ");
  const std::size_t end = std::min(colon, dash);
  if (end == view.npos) return std::nullopt;
  const auto role = role_named(view.substr(0, end));
  if (role) text = std::string(trimmed(view.substr(end + (end == colon ? 1 : 3))));
  return role;
}

/// Takes "(support)", " - lead" and remarks such as "(possibly)" off the end.
std::optional<Role> take_tail(std::string& text) {
  std::optional<Role> role;
  for (;;) {
    text = std::string(trimmed(text, " ,"));
    const std::size_t open = text.ends_with(')') || text.ends_with(").") ? text.rfind('(') : text.npos;
    const std::size_t dash = text.rfind(" - ");
    if (open != text.npos && open > 0) {
      const std::string inside = text.substr(open + 1);
      const auto named = role_named(inside);
      const bool remark = !inside.empty() && absl::ascii_islower(static_cast<unsigned char>(inside[0]));
      if (!named && !remark) return role;
      role = named ? named : role;
      text.resize(open);
    } else if (dash != text.npos && role_named(std::string_view(text).substr(dash))) {
      role = role_named(std::string_view(text).substr(dash));
      text.resize(dash);
    } else {
      return role;
    }
  }
}

/// A heading holds for what follows it, a tail for its own piece.
void read_roles(std::vector<Piece>& pieces) {
  Role heading = Role::lead;
  for (Piece& piece : pieces) {
    if (piece.sign == Sign::support) heading = Role::support;
    const auto own = take_heading(piece.text);
    piece.headed = own.has_value();
    heading = own.value_or(heading);
    piece.role = heading;
    if (const auto role = take_tail(piece.text)) piece.role = *role;
  }
}

bool ends_with_abbreviation(std::string_view text) {
  constexpr std::array<std::string_view, 9> kept{"ltd.",  "inc.", "co.", "dept.", "assoc.",
                                                 "corp.", "e.v.", "st.", "s.a."};
  const std::string small = absl::AsciiStrToLower(std::string(text));
  return std::ranges::any_of(kept, [&](std::string_view end) { return small.ends_with(end); });
}

/// The name without article, list number, quotes, stray dashes and final stop.
std::string bare_name(std::string_view text) {
  std::string_view name = trimmed(text, " \"\n-–:_");
  if (name.starts_with("the ") || name.starts_with("The ")) name.remove_prefix(4);
  std::size_t digits = 0;
  while (digits < name.size() && absl::ascii_isdigit(static_cast<unsigned char>(name[digits]))) ++digits;
  const bool numbered = digits > 0 && digits <= 2 && digits + 1 < name.size() &&
                        (name[digits] == '.' || name[digits] == ')') && is_blank(name[digits + 1]);
  if (numbered) name.remove_prefix(digits + 2);
  while (name.ends_with('.') && !ends_with_abbreviation(name)) name.remove_suffix(1);
  return std::string(trimmed(name, " \"\n"));
}

bool is_relative_clause(std::string_view text) {
  const auto words = name_words(text);
  return !words.empty() && (words[0].folded == "which" || words[0].folded == "who" || words[0].folded == "whose");
}

/// Decides which signs part owners, and joins the pieces at those that do not.
class Joints {
 public:
  Joints(std::vector<Piece>& pieces, const Roster& roster) : pieces_(pieces), roster_(roster) {
    list_ = std::ranges::any_of(pieces, [](const Piece& piece) {
      return !piece.headed && (piece.sign == Sign::strong || piece.sign == Sign::bullet);
    });
  }

  std::vector<Piece> joined() const {
    std::vector<Piece> result;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const Piece& piece = pieces_[i];
      if (i == 0 || parts(result.back().text, i)) {
        result.push_back(piece);
        continue;
      }
      result.back().text = std::string(trimmed(result.back().text)) + piece.gap + std::string(trimmed(piece.text));
      if (piece.role == Role::support) result.back().role = Role::support;
    }
    return result;
  }

 private:
  bool is_known(std::string_view text) const { return roster_.find(bare_name(text)) != nullptr; }

  /// Whether the sign before piece i parts it from what has been joined so far.
  bool parts(std::string_view left, std::size_t i) const {
    const Piece& piece = pieces_[i];
    if (piece.sign == Sign::bullet) return !is_unit_of(left);
    if (piece.sign == Sign::strong || piece.sign == Sign::line || piece.sign == Sign::support) return true;
    if (piece.sign == Sign::with || piece.sign == Sign::word_and)
      if (is_place_pair(left, piece.text)) return false;
    if (is_known(left) || is_known(piece.text)) return true;
    if (list_ && piece.sign != Sign::with) return is_acronym(bare_name(left)) && is_acronym(bare_name(piece.text));
    switch (piece.sign) {
      case Sign::comma:
        return !is_continued(left, i);
      case Sign::word_and:
        return are_two_names(bare_name(left), piece.text);
      case Sign::slash:
        return is_complete_name(bare_name(left)) && is_complete_name(bare_name(piece.text));
      default:
        return true;
    }
  }

  /// "Barcelona City Council • Mobility Department": the bullet puts a part behind its body.
  bool is_unit_of(std::string_view left) const {
    const auto is_bullet = [](const Piece& piece) { return piece.sign == Sign::bullet; };
    return std::ranges::count_if(pieces_, is_bullet) == 1 && !is_bullet(pieces_[0]) && !is_part_of_body(left) &&
           is_part_of_body(pieces_.back().text);
  }

  /// Whether the comma before piece i may be inside a name: "Department of Housing, Local Government and Heritage",
  /// "Sustainability Office, City of Münster".
  bool is_continued(std::string_view left, std::size_t i) const {
    const std::string_view right = trimmed(pieces_[i].text);
    if (starts_without_case(right, "in particular ")) return true;
    if (is_part_of_body(left) && (right.starts_with("City of ") || right.starts_with("Municipality of "))) return true;
    if (is_complete_name(bare_name(left)) || i + 1 >= pieces_.size()) return false;
    const Piece& next = pieces_[i + 1];
    return next.sign == Sign::word_and && !is_known(next.text) && !is_place_pair(right, next.text) &&
           !are_two_names(bare_name(right), next.text);
  }

  std::vector<Piece>& pieces_;
  const Roster& roster_;
  bool list_ = false;
};

/// The directory's name where the cell's differs by more than case, so that it is found; else the cell's own.
std::string as_known(std::string_view written_name, const std::string& known) {
  return equal_without_case(written_name, known) ? std::string(written_name) : known;
}

std::string singular(std::string_view text) {
  return std::string(text.ends_with('s') ? text.substr(0, text.size() - 1) : text);
}

/// "the municipal waste company NSR", "Local Authorities - District Councils": a known name behind words that only
/// describe it or head its group; or before such words.
std::optional<std::string> described_name(std::string_view text, const Roster& roster) {
  if (const std::size_t dash = text.rfind(" - "); dash != text.npos)
    if (const std::string* const known = roster.find(text.substr(dash + 3))) return *known;
  const auto words = name_words(text);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!absl::ascii_islower(static_cast<unsigned char>(text[words[i - 1].begin]))) return std::nullopt;
    if (const std::string* const known = roster.find_exactly(text.substr(words[i].begin))) return *known;
  }
  return std::nullopt;
}

/// "CIO and Chief Data Officer Councils": the last word of the next name belongs to this one too.
std::optional<std::string> with_shared_end(std::string_view name, std::string_view next, const Roster& roster) {
  const auto words = name_words(next);
  if (words.empty()) return std::nullopt;
  const std::string end(next.substr(words.back().begin));
  for (const std::string& word : {end, singular(end)})
    if (const std::string* const known = roster.find_exactly(std::string(name) + " " + word)) return *known;
  return std::nullopt;
}

/// "City of Rzeszow - MZD, ZTM": the beginning of the name before belongs to this one too.
std::optional<std::string> with_shared_beginning(std::string_view previous, std::string_view name,
                                                 const Roster& roster) {
  const auto words = name_words(previous);
  for (std::size_t count = words.size(); count-- > 1;) {
    const std::string whole = std::string(previous.substr(0, words[count - 1].end)) + " " + std::string(name);
    if (const std::string* const known = roster.find_exactly(whole)) return *known;
  }
  return std::nullopt;
}

/// The owners that a joined piece names by the directory; itself if the directory does not help.
std::vector<std::string> names_of(const std::string& name, std::string_view previous, std::string_view next,
                                  const Roster& roster) {
  if (roster.empty()) return {name};
  if (const std::string* const known = roster.find_exactly(name)) return {as_known(name, *known)};
  if (auto segments = roster.segments(name); !segments.empty()) return segments;
  if (const std::string* const known = roster.find(name)) return {*known};
  if (const auto shared = with_shared_end(name, next, roster)) return {*shared};
  if (const auto shared = with_shared_beginning(previous, name, roster)) return {*shared};
  if (const std::string* const known = roster.find_exactly(singular(name))) return {*known};
  if (const auto described = described_name(name, roster)) return {*described};
  return {name};
}

/// "Water Board - north, south": without a directory nothing tells a group's name from its members'.
bool is_group_with_members(std::string_view text, const std::vector<Piece>& pieces, const Roster& roster) {
  if (!text.contains(" - ") || pieces.size() < 2) return false;
  if (std::ranges::any_of(pieces, [](const Piece& piece) { return piece.sign == Sign::strong; })) return false;
  return std::ranges::any_of(pieces, [](const Piece& piece) { return piece.text.contains(" - "); }) &&
         std::ranges::none_of(pieces,
                              [&](const Piece& piece) { return roster.find(bare_name(piece.text)) != nullptr; });
}

/// "As a group the Transition Team could look at this": of a sentence, the capitalised name that does it.
std::string subject_of_sentence(const std::string& text) {
  constexpr std::string_view modals = "|could|will|would|should|must|shall|";
  const auto words = name_words(text);
  for (std::size_t i = 1; i + 3 < words.size(); ++i) {
    if (!modals.contains("|" + words[i].folded + "|") || text[words[i].begin] < 'a') continue;
    std::size_t first = i;
    const auto is_name_word = [&](std::size_t at) {
      return absl::ascii_isupper(static_cast<unsigned char>(text[words[at].begin])) && words[at].folded != "the";
    };
    while (first > 0 && is_name_word(first - 1)) --first;
    const bool whole = std::string_view(text).substr(0, words[first].begin).find_first_of(",&;/") == text.npos;
    if (first < i && whole && !has_any(words_of(text.substr(0, words[first].begin)), "and|with"))
      return text.substr(words[first].begin, words[i - 1].end - words[first].begin);
    return text;
  }
  return text;
}

void add_owner(std::vector<OwnerToken>& owners, std::string name, Role role) {
  if (name.empty() || says_no_owner(name)) return;
  const auto same = [&](const OwnerToken& owner) { return equal_without_case(owner.name, name); };
  if (std::ranges::none_of(owners, same)) owners.push_back({std::move(name), role});
}

}  // namespace

std::string_view name_of(Role role) {
  return role == Role::lead ? "lead" : "support";
}

std::vector<OwnerToken> split_owners(std::string_view cell, std::span<const std::string> known_names) {
  return split_owners(cell, Roster(known_names));
}

std::vector<OwnerToken> split_owners(std::string_view cell, const Roster& roster) {
  if (cell.size() > cell_size_max) return {{std::string(cell), Role::lead}};
  std::string text = cleaned(cell);
  if (roster.find_exactly(text) == nullptr && says_no_owner(text)) return {};
  drop_lone_brackets(text);
  open_joining_brackets(text);
  read_list_numbers(text);
  text = with_role_headings_apart(subject_of_sentence(text));
  if (!roster.empty()) replace_all(text, ", in particular ", ", ");
  std::vector<Piece> pieces = pieces_of(text, roster);
  if (!bare_name(text).empty() && is_group_with_members(text, pieces, roster) &&
      std::ranges::none_of(pieces, [](Piece piece) { return take_heading(piece.text) || take_tail(piece.text); }))
    return {{bare_name(text), Role::lead}};
  read_roles(pieces);
  std::erase_if(pieces,
                [](const Piece& piece) { return bare_name(piece.text).empty() || is_relative_clause(piece.text); });
  const std::vector<Piece> joined = Joints(pieces, roster).joined();
  std::vector<OwnerToken> owners;
  std::string previous;
  for (std::size_t i = 0; i < joined.size(); ++i) {
    const std::string next = i + 1 < joined.size() ? bare_name(joined[i + 1].text) : "";
    for (std::string& name : names_of(bare_name(joined[i].text), previous, next, roster)) {
      previous = name;
      add_owner(owners, std::move(name), joined[i].role);
    }
  }
  std::erase_if(owners, [](const OwnerToken& owner) { return owner.name.empty(); });
  return owners;
}

}  // namespace chaser::plan
