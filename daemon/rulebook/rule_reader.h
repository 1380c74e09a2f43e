#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"
#include "documents/yaml.h"
#include "rulebook/rulebook.h"

namespace chaser::rulebook {

/// What the readers of a rule file's parts share. The referred outlive it.
struct ReadingContext {
  const documents::Source& source;
  const RuleContext& rules;
  documents::Problems& problems;

  void error(documents::Position at, std::string message, std::vector<std::string> notes = {}) const {
    problems.error(source, at, std::move(message), std::move(notes));
  }
};

/// A name that identifies a rule, step or report: lower-case letters, digits, - and _; nothing and an error otherwise.
std::optional<std::string> read_slug(const documents::YamlNode& node, std::string_view key,
                                     const ReadingContext& context);
/// One of `known`; nothing and an error with a suggestion otherwise. `what` names the set: "anchor".
std::optional<std::string> read_word(const documents::YamlNode& node, std::string_view what,
                                     std::span<const std::string> known, const ReadingContext& context);
/// "+5wd"; nothing and an error that says what is missing otherwise.
std::optional<Offset> read_offset(const documents::YamlNode& node, std::string_view key, const ReadingContext& context);
/// An offset that is a length: from 1, without a minus.
std::optional<Offset> read_length(const documents::YamlNode& node, std::string_view key, const ReadingContext& context);
std::optional<Audience> read_audience(const documents::YamlNode& node, const ReadingContext& context);
std::optional<Step> read_step(const documents::YamlNode& node, const ReadingContext& context);
PauseLimits read_pauses(const documents::YamlNode& node, const ReadingContext& context);

}  // namespace chaser::rulebook
