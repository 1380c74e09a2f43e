#include "plan/change_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

std::string dates_of(const Timescale& timescale) {
  if (timescale.due) return fmt::format("due {}", calendar::short_day(*timescale.due));
  return std::string{name_of(timescale.kind)};
}

std::string words_of(const Timescale& timescale) {
  return fmt::format("\"{}\" ({})", timescale.verbatim, dates_of(timescale));
}

std::string words_of(const std::vector<OwnerToken>& owners) {
  std::vector<std::string> words;
  for (const OwnerToken& owner : owners) {
    words.push_back(owner.role == Role::support ? owner.name + " (support)" : owner.name);
  }
  return words.empty() ? "nobody" : fmt::format("{}", fmt::join(words, ", "));
}

bool is_re_dated(const Timescale& before, const Timescale& after) {
  return before.kind != after.kind || before.start != after.start || before.due != after.due ||
         before.precision != after.precision || documents::folded(before.verbatim) != documents::folded(after.verbatim);
}

std::string words_of_cadence(const Action& action) {
  const Cadence cadence{action.cadence_months, action.recurrence};
  return cadence == Cadence{} ? "by the rule" : words_of(cadence);
}

std::string words_of(const Reading& reading) {
  return fmt::format("{} on {}", quantity_words(reading.value), calendar::iso_day(reading.on));
}

std::string words_of_measure(const Action& action) {
  if (!action.measure) return "";
  const Measure& measure = *action.measure;
  std::string words = fmt::format("{} {}, from {} to {}", measure.name, measure.unit, words_of(measure.baseline),
                                  words_of(measure.target));
  for (const Reading& point : measure.points) words += ", by way of " + words_of(point);
  if (measure.months) words += fmt::format(", by months {}", fmt::join(*measure.months, " "));
  for (const Reading& reading : measure.readings) words += ", read " + words_of(reading);
  return words;
}

std::string words_of_milestones(const Action& action) {
  std::vector<std::string> words;
  for (const Milestone& milestone : action.milestones) {
    words.push_back(
        fmt::format("{} {}{}", milestone.id, calendar::iso_day(milestone.due), milestone.done ? " done" : ""));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string words_of_other(const Action& action) {
  std::vector<std::string> words;
  for (const auto& [column, text] : action.other) words.push_back(fmt::format("{}: {}", column, text));
  return fmt::format("{}", fmt::join(words, "; "));
}

class Comparison {
 public:
  explicit Comparison(ChangeSet& to) : to_{to} {}

  void compare(const Action& before, const Action& after) {
    if (documents::trimmed(before.text) != documents::trimmed(after.text)) {
      add(ChangeKind::reworded, after.id, before.text, after.text);
    }
    if (is_re_dated(before.timescale, after.timescale)) {
      add(ChangeKind::re_dated, after.id, words_of(before.timescale), words_of(after.timescale));
    }
    if (before.owners != after.owners) {
      add(ChangeKind::re_led, after.id, words_of(before.owners), words_of(after.owners));
    }
    compare_other("section ", after.id, before.section, after.section);
    compare_other("status ", after.id, before.status, after.status);
    if (before.text == after.text) compare_other("title ", after.id, before.title, after.title);
    compare_other("tags ", after.id, fmt::format("{}", fmt::join(before.tags, ", ")),
                  fmt::format("{}", fmt::join(after.tags, ", ")));
    compare_other("review ", after.id, words_of_cadence(before), words_of_cadence(after));
    compare_other("measure ", after.id, words_of_measure(before), words_of_measure(after));
    compare_other("waits for ", after.id, fmt::format("{}", fmt::join(before.blocked_by, ", ")),
                  fmt::format("{}", fmt::join(after.blocked_by, ", ")));
    compare_other("milestones ", after.id, words_of_milestones(before), words_of_milestones(after));
    compare_other("", after.id, words_of_other(before), words_of_other(after));
  }

  void add(ChangeKind kind, const std::string& action, std::string before, std::string after) {
    to_.changes.push_back({kind, action, std::move(before), std::move(after)});
  }

 private:
  void compare_other(std::string_view what, const std::string& action, std::string_view before,
                     std::string_view after) {
    if (before == after) return;
    add(ChangeKind::other, action, fmt::format("{}{}", what, before.empty() ? "(none)" : before),
        fmt::format("{}{}", what, after.empty() ? "(none)" : after));
  }

  ChangeSet& to_;
};

std::string summary(const Action& action) {
  return fmt::format("{} [{}; {}]", action.title, words_of(action.owners), words_of(action.timescale));
}

std::string shortened(std::string_view text) {
  constexpr std::size_t shown_max = 70;
  const std::string line = [&] {
    std::string one{text};
    std::ranges::replace(one, '\n', ' ');
    return one;
  }();
  const std::string_view shown = documents::first_characters(line, shown_max);
  return fmt::format("{}{}", shown, shown.size() < line.size() ? "\u2026" : "");
}

/// A long text is shown from shortly before its first difference on.
std::size_t first_difference(std::string_view a, std::string_view b) {
  const std::size_t same = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  if (same < 40) return 0;
  const std::size_t blank = a.rfind(' ', same - 20);
  return blank == std::string_view::npos ? 0 : blank + 1;
}

std::string row_of(const Change& change) {
  const std::size_t from = first_difference(change.before, change.after);
  const std::string_view sign = from > 0 ? "\u2026" : "";
  const std::string before =
      change.before.empty() ? "" : fmt::format("{}{}", sign, shortened(change.before.substr(from)));
  const std::string after = change.after.empty() ? "" : fmt::format("{}{}", sign, shortened(change.after.substr(from)));
  std::string row = fmt::format("{:<9} {:<8} ", name_of(change.kind), change.action);
  if (change.kind == ChangeKind::added) return row + after + "\n";
  if (change.kind == ChangeKind::dropped) return row + before + "\n";
  return row + fmt::format("{}\n{:>20} {}\n", before, "\u2192", after);
}

}  // namespace

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added:
      return "added";
    case ChangeKind::dropped:
      return "dropped";
    case ChangeKind::reworded:
      return "reworded";
    case ChangeKind::re_dated:
      return "re-dated";
    case ChangeKind::re_led:
      return "re-led";
    case ChangeKind::other:
      return "other";
  }
  return "";
}

ChangeSet difference(const Plan& stored, const Plan& imported) {
  std::map<std::string_view, const Action*> before;
  for (const Action& action : stored.actions) before.emplace(action.id, &action);
  ChangeSet set;
  Comparison comparison{set};
  for (const Action& action : imported.actions) {
    const auto known = before.find(action.id);
    if (known == before.end()) {
      comparison.add(ChangeKind::added, action.id, "", summary(action));
      continue;
    }
    comparison.compare(*known->second, action);
    before.erase(known);
  }
  for (const Action& action : stored.actions) {
    if (before.contains(action.id)) comparison.add(ChangeKind::dropped, action.id, summary(action), "");
  }
  return set;
}

std::string to_table(const ChangeSet& changes) {
  if (changes.empty()) return "No change: the document says what the stored plan says.\n";
  std::map<ChangeKind, std::size_t> counts;
  std::string table;
  for (const Change& change : changes.changes) {
    table += row_of(change);
    ++counts[change.kind];
  }
  std::vector<std::string> totals;
  for (const auto& [kind, count] : counts) totals.push_back(fmt::format("{} {}", count, name_of(kind)));
  return table + fmt::format("\n{}\n", fmt::join(totals, ", "));
}

std::string to_json(const ChangeSet& changes) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Change& change : changes.changes) {
    list.push_back({{"kind", name_of(change.kind)},
                    {"action", change.action},
                    {"before", change.before},
                    {"after", change.after}});
  }
  return nlohmann::ordered_json{{"changes", std::move(list)}}.dump(2, ' ', false,
                                                                   nlohmann::json::error_handler_t::replace);
}

}  // namespace chaser::plan
