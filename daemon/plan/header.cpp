#include "plan/header.h"

#include <algorithm>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

struct Words {
  Column column;
  std::vector<std::string_view> whole;   // what the cell says
  std::vector<std::string_view> inside;  // what a longer cell says among other words
};

// In the order in which a cell with several of these words is decided: "Action owner" is the owner's column.
const std::vector<Words>& vocabulary() {
  static const std::vector<Words> words = {
      {Column::id,
       {"id",
        "ids",
        "#",
        "ref",
        "refs",
        "reference",
        "no",
        "nr",
        "number",
        "item",
        "item no",
        "action id",
        "action no",
        "action ref",
        "action reference",
        "action number",
        "code",
        "action code",
        "ref no",
        "reference number"},
       {"ref", "id", "reference"}},
      {Column::support,
       {"support", "supporting", "supported by", "supporting partners", "partners", "partner", "delivery partners",
        "key partners", "supporting organisations", "supporting organisation", "supporting team", "supporting teams",
        "with"},
       {"supporting", "partners", "support"}},
      {Column::owner,
       {"lead",
        "leads",
        "lead s",
        "owner",
        "owners",
        "responsible",
        "responsibility",
        "responsibilities",
        "lead officer",
        "lead officers",
        "action owner",
        "action lead",
        "who",
        "by whom",
        "led by",
        "assigned to",
        "assignee",
        "assignees",
        "accountable",
        "lead organisation",
        "lead organisations",
        "lead partner",
        "lead partners",
        "responsible officer",
        "responsible body",
        "responsible person",
        "responsible organisation",
        "lead team",
        "lead department",
        "lead body",
        "owned by",
        "delivered by"},
       {"lead", "leads", "owner", "owners", "responsible", "responsibility", "assigned", "assignee", "accountable"}},
      {Column::timescale,
       {"timescale",
        "timescales",
        "time scale",
        "deadline",
        "deadlines",
        "due",
        "due date",
        "due by",
        "by when",
        "when",
        "timeframe",
        "time frame",
        "timeline",
        "target date",
        "target",
        "completion date",
        "target completion",
        "target completion date",
        "end date",
        "finish date",
        "date",
        "timing",
        "year",
        "delivery date",
        "complete by",
        "completion",
        "period",
        "delivery timescale",
        "finish"},
       {"timescale", "timescales", "deadline", "due", "when", "timeframe", "timeline", "timing"}},
      {Column::status,
       {"status", "state", "current status", "action status", "progress status", "rag status"},
       {"status"}},
      {Column::title, {"title", "name", "action title", "action name", "short title"}, {}},
      {Column::action,
       {"action",
        "actions",
        "action detail",
        "action details",
        "detail",
        "details",
        "description",
        "action description",
        "objective",
        "objectives",
        "task",
        "tasks",
        "activity",
        "activities",
        "measure",
        "measures",
        "what",
        "what we will do",
        "deliverable",
        "commitment",
        "recommendation",
        "proposed action",
        "proposed actions",
        "text",
        "agreed action",
        "step"},
       {"action", "actions", "task", "activity", "description", "objective", "commitment"}},
      {Column::section,
       {"section", "theme", "themes", "category", "priority area", "workstream", "pillar", "topic", "area", "strand",
        "chapter", "heading"},
       {}},
  };
  return words;
}

// A header's cell names a column in a few words; what is longer is data.
constexpr std::size_t words_max = 6;
constexpr std::size_t characters_max = 48;

/// Letters and digits in lower case, the rest as single blanks; "#" alone stays.
std::string bare(std::string_view cell) {
  const std::string folded = documents::folded(cell);
  if (folded == "#") return "#";
  std::string bare;
  for (const char c : folded) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (is_word) {
      bare.push_back(c);
    } else if (!bare.empty() && bare.back() != ' ') {
      bare.push_back(' ');
    }
  }
  if (bare.ends_with(' ')) bare.pop_back();
  if (bare.ends_with(" s")) bare.resize(bare.size() - 2);  // "Lead(s)"
  return bare;
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == ' ';
    const bool ends = at + word.size() == text.size() || text[at + word.size()] == ' ';
    if (begins && ends) return true;
  }
  return false;
}

bool could_name_a_column(std::string_view cell) {
  return documents::character_count(cell) <= characters_max &&
         std::ranges::count(cell, ' ') < static_cast<std::ptrdiff_t>(words_max);
}

struct Naming {
  Column column;
  std::size_t rank;  // less is plainer: "Action" beats "Objective"
};

std::optional<Naming> naming_of(const std::string& cell, Match match) {
  if (cell.empty() || !could_name_a_column(cell)) return std::nullopt;
  for (const Words& words : vocabulary()) {
    const auto word = std::ranges::find(words.whole, cell);
    if (word != words.whole.end()) return Naming{words.column, static_cast<std::size_t>(word - words.whole.begin())};
  }
  if (match == Match::exact) return std::nullopt;
  for (const Words& words : vocabulary()) {
    const auto is_inside = [&](std::string_view word) { return has_word(cell, word); };
    if (std::ranges::any_of(words.inside, is_inside)) return Naming{words.column, words.whole.size()};
  }
  return std::nullopt;
}

/// Of several cells that name one kind of column the plainest has it, then the first; the others are columns without a
/// word. A plan without a column of actions has its titles in that place.
Header header_of(const documents::Row& row, Match match) {
  Header header;
  header.cells = row.cells;
  std::array<std::size_t, column_kinds> ranks{};
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::optional<Naming> naming = naming_of(bare(row.cells[i].text), match);
    if (!naming) continue;
    const auto kind = static_cast<std::size_t>(naming->column);
    if (header.at[kind] && ranks[kind] <= naming->rank) continue;
    header.at[kind] = i;
    ranks[kind] = naming->rank;
  }
  auto& action = header.at[static_cast<std::size_t>(Column::action)];
  auto& title = header.at[static_cast<std::size_t>(Column::title)];
  if (!action) action.swap(title);
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const bool is_known = std::ranges::find(header.at, i) != header.at.end();
    if (!is_known && !row.cells[i].text.empty()) header.unknown.push_back(i);
  }
  return header;
}

}  // namespace

std::string_view name_of(Column column) {
  switch (column) {
    case Column::id:
      return "ID";
    case Column::action:
      return "Action";
    case Column::owner:
      return "Lead";
    case Column::support:
      return "Support";
    case Column::timescale:
      return "Timescale";
    case Column::status:
      return "Status";
    case Column::section:
      return "Section";
    case Column::title:
      return "Title";
  }
  return "";
}

std::optional<Header> read_header(const documents::Row& row, Match match) {
  if (row.cells.size() < 2) return std::nullopt;
  Header header = header_of(row, match);
  const bool is_header =
      header.index(Column::action) && (header.index(Column::owner) || header.index(Column::timescale));
  if (!is_header) return std::nullopt;
  return header;
}

std::size_t columns_named(const documents::Row& row) {
  if (row.cells.size() < 2) return 0;
  const Header header = header_of(row, Match::loose);
  return static_cast<std::size_t>(
      std::ranges::count_if(header.at, [](const auto& index) { return index.has_value(); }));
}

std::vector<std::string> words_for(Column column) {
  const auto words = std::ranges::find(vocabulary(), column, &Words::column);
  return {words->whole.begin(), words->whole.end()};
}

}  // namespace chaser::plan
