#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "documents/characters.h"

namespace chaser::documents {

/// A place in a source: 1-based line and column (in characters, not bytes), and how many characters are meant.
/// Line 0 means the file as a whole.
struct Position {
  int line = 0;
  int column = 0;
  int length = 1;

  bool operator==(const Position&) const = default;
};

/// A named text in lines, which end in LF, CR LF or CR. The name is what the user typed (a path, "-", "inline").
/// The bytes are decoded once (see decode()); all places and excerpts are of the decoded text.
class Source {
 public:
  Source(std::string name, std::string bytes);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  Encoding encoding() const { return encoding_; }
  int line_count() const { return static_cast<int>(starts_.size()); }
  /// Without its line end and byte order mark; empty outside 1..line_count().
  std::string_view line(int number) const;
  /// Byte offset -> position with column in characters. The end of the text is a place too.
  Position position(std::size_t offset, int length = 1) const;

 private:
  std::string name_;
  std::string text_;
  Encoding encoding_;
  std::vector<std::size_t> starts_;
};

enum class Severity : std::uint8_t { error, warning };

/// What is wrong, exactly where, and what would be right. `message` has no file and no final stop.
struct Problem {
  Severity severity = Severity::error;
  std::string file;
  Position at;
  std::string message;
  std::string excerpt;             // the source line, empty if none or if longer than 8 KiB
  std::vector<std::string> notes;  // "to settle it for the whole plan: ..."

  bool operator==(const Problem&) const = default;
};

/// Collects every problem of every file in one run. Adding the same problem twice keeps one.
/// At most 1,000 are kept; what follows is counted (`dropped()`). An error takes a warning's place then, so that
/// warnings never hide one.
class Problems {
 public:
  static constexpr std::size_t kept_max = 1000;
  static constexpr std::size_t excerpt_bytes_max = 8192;

  void add(Problem problem);
  void error(const Source& source, Position at, std::string message, std::vector<std::string> notes = {});
  void warning(const Source& source, Position at, std::string message, std::vector<std::string> notes = {});
  /// A problem of a file as a whole, or of something without a text (a missing file, a credential).
  void error(std::string file, std::string message);
  void warning(std::string file, std::string message);

  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return all_.size() - errors_; }
  std::size_t dropped() const { return dropped_; }
  bool empty() const { return all_.empty(); }
  /// Every error ever added, those too that were there already or found no place: whether a reader met one is to be
  /// asked of this before and after, never of errors().
  std::size_t errors_met() const { return errors_met_; }
  /// Sorted by file, line, column.
  std::vector<Problem> sorted() const;
  const std::vector<Problem>& in_order() const { return all_; }

 private:
  std::vector<Problem> all_;
  std::size_t errors_ = 0;
  std::size_t errors_met_ = 0;
  std::size_t dropped_ = 0;
};

/// file:line:column: error: message, the line, a caret under the exact token, the notes. Ends with a line end. Long
/// lines are shown around the token; control characters and invalid bytes are shown as U+FFFD, so that a terminal is
/// safe.
std::string describe(const Problem& problem);

/// The known word that `got` most likely meant (edit distance, case, separators), or nothing.
std::optional<std::string> nearest(std::string_view got, std::span<const std::string> known);
/// "; did you mean \"x\"?" or "" - to be appended to a message.
std::string did_you_mean(std::string_view got, std::span<const std::string> known);

}  // namespace chaser::documents
