#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/cel_types.h"
#include "rulebook/condition.h"

namespace chaser::rulebook {

/// One fact that conditions may speak of.
struct FactEntry {
  Fact fact;
  std::string_view name;  // "action.status"
  cel::Tag type;
  cel::Domain domain = cel::Domain::none;
  bool may_be_absent = false;
  std::string_view meaning;
};

/// The one table of names, types and meanings; in the order of Fact.
std::span<const FactEntry> vocabulary();
const FactEntry* find_fact(std::string_view name);
const FactEntry& entry_of(Fact fact);
cel::Type type_of(const FactEntry& entry);
/// Whether facts begin with "NAME.": action, plan, case.
bool is_subject(std::string_view name);
/// All names of facts that begin with `prefix`.
std::vector<std::string> fact_names(std::string_view prefix = "");

/// The words of a fixed set: those of the timescale kinds or the precisions; of statuses, those given.
std::vector<std::string> words_of(cel::Domain domain, std::span<const std::string> statuses);

}  // namespace chaser::rulebook
