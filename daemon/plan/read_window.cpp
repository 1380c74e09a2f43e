#include "plan/read_window.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

constexpr std::array<std::string_view, 7> day_names = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

/// "Mon", "mon", "Monday": 0..6.
std::optional<unsigned> weekday(std::string_view text) {
  const std::string name = documents::folded(text);
  for (unsigned day = 0; day < day_names.size(); ++day) {
    if (name == day_names[day] || name == day_names[day].substr(0, 3)) return day;
  }
  return std::nullopt;
}

/// The days of "Mon-Fri" or "Sat" as bits; over the week's end too ("Sat-Mon").
std::optional<unsigned> day_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<unsigned> first = weekday(text.substr(0, dash));
  const std::optional<unsigned> last = dash == std::string_view::npos ? first : weekday(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  unsigned bits = 1U << *last;
  for (unsigned day = *first; day != *last; day = (day + 1) % 7) bits |= 1U << day;
  return bits;
}

std::optional<unsigned> days_of(std::string_view text) {
  unsigned bits = 0;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::optional<unsigned> range = day_range(text.substr(0, comma));
    if (!range) return std::nullopt;
    bits |= *range;
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "9:00", "09:30", "24:00".
std::optional<std::chrono::minutes> time_of_day(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != 1 && colon != 2) return std::nullopt;
  if (text.size() != colon + 3) return std::nullopt;
  const bool has_digits =
      is_digit(text[0]) && is_digit(text[colon - 1]) && is_digit(text[colon + 1]) && is_digit(text[colon + 2]);
  if (!has_digits) return std::nullopt;
  const int hours = colon == 1 ? text[0] - '0' : (text[0] - '0') * 10 + text[1] - '0';
  const int minutes = (text[colon + 1] - '0') * 10 + text[colon + 2] - '0';
  if (minutes > 59 || hours * 60 + minutes > 24 * 60) return std::nullopt;
  return std::chrono::minutes{hours * 60 + minutes};
}

class WindowReader {
 public:
  WindowReader(const documents::YamlNode& node, const documents::Source& source, documents::Problems& problems)
      : source_{source}, problems_{problems}, keys_{node, source, problems, "a window"} {}

  calendar::SendingWindow read() {
    read_days();
    read_time("open", window_.open);
    read_time("close", window_.close);
    if (window_.open == std::chrono::hours{24}) keys_.error_at("open", "a window opens before 24:00");
    if (const auto on_holidays = keys_.boolean("on_holidays")) window_.on_holidays = *on_holidays;
    keys_.finish();
    return window_;
  }

 private:
  void read_days() {
    unsigned bits = 0;
    for (const documents::YamlNode* const node : keys_.one_or_more("days")) {
      const std::optional<unsigned> days = days_of(node->scalar);
      if (days) bits |= *days;
      if (days) continue;
      problems_.error(source_, node->at, fmt::format("\"{}\" are no weekdays", node->scalar),
                      {"write Mon-Fri, or Mon, Wed, Fri"});
    }
    if (bits != 0) window_.weekdays = static_cast<std::uint8_t>(bits);
    const documents::YamlNode* const given = keys_.optional("days");
    const bool is_empty_list = given != nullptr && given->is_sequence() && given->items.empty();
    if (is_empty_list) keys_.error_at("days", "a window needs at least one weekday, or it never opens");
  }

  void read_time(std::string_view key, std::chrono::minutes& to) {
    const std::optional<std::string> text = keys_.text(key);
    if (!text) return;
    if (const auto time = time_of_day(*text)) {
      to = *time;
    } else {
      keys_.error_at(key, fmt::format("\"{}\" must be a time of day such as 09:00; got \"{}\"", key, *text));
    }
  }

  const documents::Source& source_;
  documents::Problems& problems_;
  documents::MappingReader keys_;
  calendar::SendingWindow window_ = calendar::office_hours();
};

}  // namespace

std::optional<calendar::SendingWindow> read_window(const documents::YamlNode& node, const documents::Source& source,
                                                   documents::Problems& problems) {
  if (node.is_scalar() && node.scalar == "office-hours") return calendar::office_hours();
  if (node.is_scalar()) {
    problems.error(source, node.at, fmt::format("\"{}\" is no window", node.scalar),
                   {"write office-hours, or { days: Mon-Fri, open: 09:00, close: 17:00 }"});
    return std::nullopt;
  }
  documents::Problems found;
  const calendar::SendingWindow window = WindowReader{node, source, found}.read();
  for (const documents::Problem& problem : found.in_order()) problems.add(problem);
  if (found.has_errors()) return std::nullopt;
  return window;
}

}  // namespace chaser::plan
