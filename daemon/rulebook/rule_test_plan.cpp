#include <fmt/format.h>

#include <utility>

#include "documents/table.h"
#include "rulebook/rule_test.h"

namespace chaser::rulebook {
namespace {

using documents::Cell;
using documents::MappingReader;
using documents::Row;
using documents::Source;
using documents::YamlEntry;
using documents::YamlNode;

/// What of a row is added to the plan as its supplement would.
constexpr std::string_view supplement_keys[] = {"title",      "status",  "tags",      "cadence",
                                                "milestones", "measure", "blocked_by"};

YamlNode scalar_node(std::string text, documents::Position at) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.scalar = std::move(text);
  node.at = at;
  return node;
}

YamlNode mapping_node(documents::Position at) {
  YamlNode node;
  node.kind = YamlNode::Kind::mapping;
  node.at = at;
  return node;
}

/// A test's actions as the document they stand for: a table with a header, and a supplement.
class InlinePlan {
 public:
  InlinePlan(const Source& source, documents::Problems& problems) : source_{source}, problems_{problems} {
    actions_.kind = YamlNode::Kind::mapping;
  }

  void read(const YamlNode& rows) {
    if (!rows.is_sequence() || rows.items.empty()) {
      problems_.error(source_, rows.at, "\"plan\" is a file's name, or a list of at least one action",
                      {"such as: plan: [{ id: \"2.1\", lead: CCN, timescale: 31 Dec 2026 }]"});
      return;
    }
    add_row(rows.at, {"ID", "Action", "Lead", "Timescale"});
    for (const YamlNode& item : rows.items) read_row(item);
  }

  const documents::Table& table() const { return table_; }
  YamlNode supplement() const {
    YamlNode root = mapping_node(actions_.at);
    root.entries.push_back({scalar_node("actions", actions_.at), actions_});
    return root;
  }

 private:
  void add_row(documents::Position at, std::vector<std::string> texts) {
    Row row;
    row.line = at.line;
    for (std::string& text : texts) row.cells.push_back(Cell{std::move(text), at});
    table_.rows.push_back(std::move(row));
  }

  void read_row(const YamlNode& node) {
    MappingReader keys{node, source_, problems_, "an action"};
    if (!keys.is_valid()) return;
    const std::string id = keys.required_text("id").value_or("");
    const std::string text = keys.text("action").value_or("Action " + id);
    const std::string lead = keys.text("lead").value_or("");
    const std::string timescale = keys.text("timescale").value_or("");
    const std::string section = keys.text("section").value_or(section_);
    if (keys.optional("imported") != nullptr) check_imported(keys);
    YamlNode added = mapping_node(node.at);
    for (const std::string_view key : supplement_keys) {
      if (const YamlNode* const value = keys.optional(key)) {
        added.entries.push_back({scalar_node(std::string(key), value->at), *value});
      }
    }
    keys.finish();
    if (id.empty()) return;
    if (section != section_) add_row(node.at, {section});
    section_ = section;
    add_row(node.at, {id, text, lead, timescale});
    actions_.entries.push_back({scalar_node(id, node.at), std::move(added)});
  }

  void check_imported(MappingReader& keys) {
    const auto text = keys.text("imported");
    if (!text || calendar::parse_iso_day(*text)) return;
    keys.error_at("imported", fmt::format("\"imported\" is a day, written as in 2026-12-22; got \"{}\"", *text));
  }

  const Source& source_;
  documents::Problems& problems_;
  documents::Table table_;
  std::string section_;
  YamlNode actions_;
};

}  // namespace

plan::Plan read_inline_plan(const YamlNode& rows, const Source& source, const plan::Directory& directory,
                            const plan::Workflow& workflow, documents::Problems& problems) {
  constexpr const char* id = "test";
  const std::size_t before = problems.errors_met();
  InlinePlan given{source, problems};
  given.read(rows);
  documents::Problems found;
  auto plan = plan::read_plan(given.table(), source, id, {}, &directory, workflow, found);
  if (plan) plan::apply_supplement(given.supplement(), source, workflow, {}, *plan, found, &directory);
  if (problems.errors_met() == before) {
    for (const documents::Problem& problem : found.in_order()) {
      if (problem.severity == documents::Severity::error) problems.add(problem);
    }
  }
  plan::Plan result = plan ? *std::move(plan) : plan::Plan{};
  result.id = id;
  return result;
}

std::optional<CivilDay> imported_of(const YamlNode& rows, std::string_view action) {
  for (const YamlNode& row : rows.items) {
    const YamlNode* const id = row.find("id");
    const YamlNode* const imported = row.find("imported");
    if (id != nullptr && imported != nullptr && id->scalar == action) return calendar::parse_iso_day(imported->scalar);
  }
  return std::nullopt;
}

}  // namespace chaser::rulebook
