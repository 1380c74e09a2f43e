#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "documents/characters.h"
#include "documents/yaml.h"
#include "plan/workflow.h"

namespace chaser::plan {
namespace {

using documents::MappingReader;
using documents::Position;
using documents::Problems;
using documents::Source;
using documents::YamlNode;

constexpr std::size_t status_name_max = 60;
constexpr std::array<std::string_view, 5> ends{"done", "cancelled", "superseded", "merged", "split"};
constexpr std::array<std::string_view, 4> words_of_deciders{"approve", "refuse", "accept", "decline"};

template <typename List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The names of an enumeration from 0 to `last`.
template <typename Word>
std::vector<std::string> names_up_to(Word last) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) names.emplace_back(name_of(static_cast<Word>(i)));
  return names;
}

bool is_status_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= status_name_max && std::all_of(text.begin(), text.end(), fits);
}

/// One reading of one file.
class WorkflowReader {
 public:
  WorkflowReader(const Source& source, Problems& problems) : source_(source), problems_(problems) {
    for (const std::string_view answer : answer_names()) {
      if (!holds(words_of_deciders, answer)) answers_.emplace_back(answer);
    }
  }

  std::optional<Workflow> read() {
    const std::size_t before = problems_.errors_met();
    const std::optional<YamlNode> root = documents::parse_yaml(source_, problems_);
    if (!root) return std::nullopt;
    MappingReader keys{*root, source_, problems_, "a workflow"};
    if (!keys.is_valid()) return std::nullopt;
    if (const YamlNode* const version = keys.required("version"); version != nullptr && version->scalar != "1") {
      keys.error_at("version", fmt::format("this Chaser reads version: 1 of a workflow; got \"{}\"", version->scalar));
    }
    if (const YamlNode* const node = list(keys, "statuses", statuses_max, "- { status: done, kind: finished }")) {
      for (const YamlNode& item : node->items) read_status(item);
    }
    if (const YamlNode* const node = list(keys, "transitions", transitions_max, "- { answer: done, from: .. }")) {
      for (const YamlNode& item : node->items) read_transition(item);
    }
    keys.finish();
    if (problems_.errors_met() == before) check(*root);
    if (problems_.errors_met() != before) return std::nullopt;
    return Workflow(std::move(statuses_), std::move(transitions_));
  }

 private:
  void error(Position at, std::string message, std::vector<std::string> notes = {}) {
    problems_.error(source_, at, std::move(message), std::move(notes));
  }

  const YamlNode* list(MappingReader& keys, std::string_view key, std::size_t most, std::string_view example) {
    const YamlNode* const node = keys.required(key);
    if (node == nullptr) return nullptr;
    if (!node->is_sequence() || node->items.empty()) {
      error(node->at, fmt::format("\"{}\" is a list of at least one: {}", key, example));
      return nullptr;
    }
    if (node->items.size() <= most) return node;
    error(node->at, fmt::format("a workflow has at most {} {}; this one has {}", most, key, node->items.size()));
    return nullptr;
  }

  std::optional<std::string> word(const YamlNode& node, std::string_view what, const std::vector<std::string>& known) {
    if (node.is_scalar() && holds(known, node.scalar)) return node.scalar;
    error(node.at, fmt::format("unknown {} \"{}\"{}", what, node.scalar, documents::did_you_mean(node.scalar, known)),
          {fmt::format("one of: {}", fmt::join(known, ", "))});
    return std::nullopt;
  }

  std::vector<std::string> words(MappingReader& keys, std::string_view key, std::string_view what,
                                 const std::vector<std::string>& known) {
    std::vector<std::string> found;
    for (const YamlNode* const node : keys.one_or_more(key)) {
      const auto each = word(*node, what, known);
      if (!each) continue;
      if (holds(found, *each)) error(node->at, fmt::format("\"{}\" is named twice", *each));
      found.push_back(*each);
    }
    return found;
  }

  std::vector<std::string> status_names() const {
    std::vector<std::string> names;
    for (const Status& status : statuses_) names.push_back(status.name);
    return names;
  }

  void read_status(const YamlNode& node) {
    MappingReader keys{node, source_, problems_, "a status"};
    if (!keys.is_valid()) return;
    Status status;
    status.name = keys.required_text("status").value_or("");
    if (keys.required("kind") != nullptr) {
      const std::vector<std::string> kinds = names_up_to(StatusKind::finished);
      if (const auto kind = word(*keys.optional("kind"), "kind of status", kinds)) {
        status.kind = static_cast<StatusKind>(std::find(kinds.begin(), kinds.end(), *kind) - kinds.begin());
      }
    }
    status.about = keys.text("about").value_or("");
    if (keys.optional("words") != nullptr) {
      for (const YamlNode* const each : keys.one_or_more("words")) read_synonym(*each, status);
    }
    keys.finish();
    if (status.name.empty()) return;
    if (!is_status_name(status.name)) {
      keys.error_at("status",
                    fmt::format("a status is named in small letters, digits and _, such as in_progress; got \"{}\"",
                                status.name));
    } else if (holds(status_names(), status.name)) {
      keys.error_at("status", fmt::format("the status \"{}\" is there twice", status.name));
    }
    statuses_.push_back(std::move(status));
    places_.push_back(node.at);
  }

  void read_synonym(const YamlNode& node, Status& status) {
    const std::string folded = documents::folded(node.scalar);
    if (!synonyms_.insert(folded).second) {
      error(node.at, fmt::format("\"{}\" already stands for a status of this workflow", node.scalar));
    }
    status.synonyms.push_back(node.scalar);
  }

  void read_transition(const YamlNode& node) {
    static const std::vector<std::string> actors = names_up_to(Actor::sponsor);
    static const std::vector<std::string> deciders{"coordinator", "sponsor", "approver"};
    static const std::vector<std::string> asked{"note", "evidence"};
    MappingReader keys{node, source_, problems_, "a transition"};
    if (!keys.is_valid()) return;
    Transition transition;
    if (const YamlNode* const answer = keys.required("answer")) read_answer(*answer, transition);
    keys.required("from");
    transition.from = words(keys, "from", "status", status_names());
    transition.to = words(keys, "to", "status", status_names());
    keys.required("by");
    for (const std::string& name : words(keys, "by", "actor", actors)) {
      transition.by.push_back(static_cast<Actor>(std::find(actors.begin(), actors.end(), name) - actors.begin()));
    }
    for (const std::string& what : words(keys, "asks", "thing to ask for", asked)) {
      (what == "note" ? transition.asks_note : transition.asks_evidence) = true;
    }
    if (const YamlNode* const approval = keys.optional("approval")) {
      if (const auto name = word(*approval, "approver", deciders)) transition.approval = actor(*name);
    }
    keys.finish();
    check_target(transition, keys);
    transitions_.push_back(std::move(transition));
    transition_places_.push_back(node.at);
  }

  static Actor actor(std::string_view name) {
    return name == "coordinator" ? Actor::coordinator : name == "sponsor" ? Actor::sponsor : Actor::approver;
  }

  void read_answer(const YamlNode& node, Transition& transition) {
    if (node.is_scalar() && holds(words_of_deciders, node.scalar)) {
      return error(node.at,
                   fmt::format("\"{}\" is the word that a request waits for; it needs no transition", node.scalar));
    }
    transition.answer = word(node, "answer", answers_).value_or("");
  }

  StatusKind kind_of(const std::string& name) const {
    return std::find_if(statuses_.begin(), statuses_.end(), [&](const Status& status) { return status.name == name; })
        ->kind;
  }

  /// Whether the transition ends where its answer says.
  void check_target(const Transition& transition, MappingReader& keys) {
    const std::string& answer = transition.answer;
    if (answer.empty()) return;
    const bool ends_it = holds(ends, answer);
    if ((ends_it || answer == "reopen") && transition.to.size() != 1) {
      return keys.error_at("to",
                           fmt::format("\"{}\" leads to one status: to: {}", answer, ends_it ? "done" : "in_progress"));
    }
    if (!ends_it && answer != "reopen" && answer != "update" && !transition.to.empty()) {
      return keys.error_at("to", fmt::format("\"{}\" does not change the status; leave \"to\" out", answer));
    }
    for (const std::string& name : transition.to) {
      const bool finished = kind_of(name) == StatusKind::finished;
      if (finished == ends_it) continue;
      keys.error_at(
          "to", finished
                    ? fmt::format("\"{}\" does not finish an action, but \"{}\" is finished", answer, name)
                    : fmt::format("\"{}\" finishes an action, but \"{}\" is {}", answer, name, name_of(kind_of(name))));
    }
    for (const std::string& name : transition.from) {
      const bool finished = kind_of(name) == StatusKind::finished;
      if (finished == (answer == "reopen")) continue;
      keys.error_at("from", finished
                                ? fmt::format("nothing but reopen is answered to what is finished, as \"{}\" is", name)
                                : fmt::format("\"{}\" is open; only what is finished can be reopened", name));
    }
  }

  /// What only the whole can show. Statuses come from plans too, so one that no transition leads to may still be where
  /// an action begins: the first status is such, others need a way in.
  void check(const YamlNode& root) {
    if (kind_of(statuses_.front().name) == StatusKind::finished) {
      error(places_.front(), "the first status is where actions begin; it cannot be a finished one");
    }
    const bool ends_somewhere = std::any_of(statuses_.begin(), statuses_.end(),
                                            [](const Status& status) { return status.kind == StatusKind::finished; });
    if (!ends_somewhere) error(root.at, "no status is finished, so nothing would ever end");
    for (std::size_t i = 0; i < statuses_.size(); ++i) {
      const Status& status = statuses_[i];
      if (i > 0 && !reachable_from(statuses_.front().name).contains(status.name)) {
        error(places_[i], fmt::format("nothing leads to the status \"{}\"", status.name),
              {fmt::format("a transition with to: {}, from \"{}\" or from what that leads to", status.name,
                           statuses_.front().name)});
      }
      if (status.kind == StatusKind::finished || !ends_somewhere) continue;
      const std::set<std::string> after = reachable_from(status.name);
      const bool has_way_out = std::any_of(
          after.begin(), after.end(), [&](const std::string& name) { return kind_of(name) == StatusKind::finished; });
      if (!has_way_out) error(places_[i], fmt::format("there is no way from \"{}\" to a finished status", status.name));
    }
    check_overlaps();
  }

  std::set<std::string> reachable_from(const std::string& begin) const {
    std::set<std::string> found;
    std::vector<std::string> open{begin};
    while (!open.empty()) {
      const std::string at = std::move(open.back());
      open.pop_back();
      for (const Transition& transition : transitions_) {
        if (!holds(transition.from, at)) continue;
        for (const std::string& to : transition.to) {
          if (found.insert(to).second) open.push_back(to);
        }
      }
    }
    return found;
  }

  void check_overlaps() {
    const auto meet = [](const auto& a, const auto& b) {
      return std::any_of(a.begin(), a.end(),
                         [&](const auto& each) { return std::find(b.begin(), b.end(), each) != b.end(); });
    };
    for (std::size_t i = 0; i < transitions_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Transition& one = transitions_[i];
        const Transition& other = transitions_[j];
        if (one.answer != other.answer || !meet(one.from, other.from) || !meet(one.by, other.by)) continue;
        if (one.answer == "update" && !meet(one.to, other.to)) continue;
        error(transition_places_[i],
              fmt::format("another transition says what \"{}\" does from the same status by the same "
                          "people, at line {}",
                          one.answer, transition_places_[j].line));
      }
    }
  }

  const Source& source_;
  Problems& problems_;
  std::vector<std::string> answers_;
  std::vector<Status> statuses_;
  std::vector<Position> places_;  // of statuses_
  std::vector<Transition> transitions_;
  std::vector<Position> transition_places_;
  std::set<std::string> synonyms_;
};

}  // namespace

std::optional<Workflow> read_workflow(const Source& source, Problems& problems) {
  return WorkflowReader(source, problems).read();
}

std::string to_mermaid(const Workflow& workflow) {
  std::string text = "stateDiagram-v2\n";
  for (const Status& status : workflow.statuses()) {
    std::string words = status.name;
    std::replace(words.begin(), words.end(), '_', ' ');
    if (status.kind == StatusKind::paused) words += " (paused)";
    text += fmt::format("  {} : {}\n", status.name, words);
  }
  if (!workflow.statuses().empty()) text += fmt::format("  [*] --> {}\n", workflow.statuses().front().name);
  for (const Transition& transition : workflow.transitions()) {
    std::vector<std::string_view> by;
    for (const Actor actor : transition.by) by.push_back(name_of(actor));
    std::string label = fmt::format("{} by {}", transition.answer, fmt::join(by, ", "));
    if (transition.asks_note) label += ", with a note";
    if (transition.asks_evidence) label += ", with evidence";
    if (transition.approval) label += fmt::format(", approved by the {}", name_of(*transition.approval));
    for (const std::string& from : transition.from) {
      if (transition.to.empty()) text += fmt::format("  {} --> {} : {}\n", from, from, label);
      for (const std::string& to : transition.to) {
        if (from != to) text += fmt::format("  {} --> {} : {}\n", from, to, label);
      }
    }
  }
  for (const Status& status : workflow.statuses()) {
    if (status.kind == StatusKind::finished) text += fmt::format("  {} --> [*]\n", status.name);
  }
  return text;
}

}  // namespace chaser::plan
