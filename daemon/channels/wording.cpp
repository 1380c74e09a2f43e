#include "channels/wording.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "chase/compose.h"
#include "chase/why.h"

namespace chaser::channels {
namespace {

using rulebook::Anchor;
using rulebook::Offset;
using rulebook::OffsetUnit;

struct Decoded {
  char32_t character;
  std::size_t bytes;
};

// One character of UTF-8; anything invalid is U+FFFD and one byte.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t index) -> std::uint32_t { return static_cast<unsigned char>(text[index]); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {0xfffd, 1};
  std::uint32_t character = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {0xfffd, 1};
    character = character << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < smallest[length] || character > 0x10ffff || surrogate) return {0xfffd, 1};
  return {character, length};
}

bool is_blank(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xa0 || c == 0x2028 || c == 0x2029;
}

// Direction overrides and isolates let a title rewrite the words beside it.
bool is_dropped(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

std::string_view unit_name(OffsetUnit unit) {
  switch (unit) {
    case OffsetUnit::days:
      return "day";
    case OffsetUnit::working_days:
      return "working day";
    case OffsetUnit::weeks:
      return "week";
    case OffsetUnit::months:
      return "month";
  }
  std::abort();
}

std::string due_headline(std::string_view noun, std::string_view overdue, CivilDay day, CivilDay today, OffsetUnit unit,
                         const calendar::WorkingCalendar* calendar) {
  if (day < today) return fmt::format("{} {}", overdue, plain_day(day));
  const std::string words = distance(today, day, unit, calendar);
  return words.empty() ? fmt::format("{} on {}", noun, plain_day(day)) : fmt::format("{} {}", noun, words);
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  bool blank = false;
  while (!text.empty()) {
    const Decoded next = decode(text);
    const std::string_view bytes = text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
    if (is_blank(next.character)) {
      blank = !line.empty();
    } else if (!is_dropped(next.character)) {
      if (blank) line += ' ';
      blank = false;
      line += next.character == 0xfffd ? std::string_view("\xef\xbf\xbd") : bytes;
    }
  }
  return line;
}

std::string shortened(std::string_view text, std::size_t characters_max) {
  std::size_t at = 0;
  std::size_t last_fit = 0;
  for (std::size_t count = 0; at < text.size(); ++count) {
    if (count + 1 == characters_max) last_fit = at;
    if (count == characters_max) {
      std::string_view kept = text.substr(0, last_fit);
      while (kept.ends_with(' ')) kept.remove_suffix(1);
      return std::string(kept) + "\xe2\x80\xa6";
    }
    at += decode(text.substr(at)).bytes;
  }
  return std::string(text);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::string listed_shortly(const std::vector<std::string>& names) {
  if (names.size() <= listed_names_max) return listed(names);
  std::vector<std::string> first(names.begin(), names.begin() + (listed_names_max - 1));
  first.push_back(fmt::format("{} others", names.size() - first.size()));
  return listed(first);
}

std::string counted(int count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string plain_day(CivilDay day) {
  const std::string words = calendar::long_day(day);
  const std::size_t blank = words.find(' ');
  return words.substr(blank + 1);
}

std::string length_of(Offset offset) {
  return counted(std::abs(offset.count), unit_name(offset.unit));
}

std::string place_of_step(Offset at, Anchor anchor) {
  return chase::when_words(anchor, at);
}

Anchor anchor_of(std::string_view instance) {
  const std::string_view kind = instance.substr(0, instance.find(':'));
  for (const Anchor anchor : {Anchor::due, Anchor::start, Anchor::first_seen, Anchor::last_update, Anchor::next_review,
                              Anchor::milestone, Anchor::report_cutoff, Anchor::asked, Anchor::blocking}) {
    if (kind == rulebook::name_of(anchor)) return anchor;
  }
  return kind == "cutoff" ? Anchor::report_cutoff : Anchor::due;
}

std::string distance(CivilDay today, CivilDay day, OffsetUnit unit, const calendar::WorkingCalendar* calendar) {
  const auto days = static_cast<int>(calendar::day_number(day) - calendar::day_number(today));
  if (days < 0) return "";
  if (days == 0) return "today";
  if (days == 1) return "tomorrow";
  if (unit == OffsetUnit::working_days && calendar != nullptr) {
    const int working = calendar->working_days_after(today, day);
    return working >= 1 && working <= 20 ? "in " + counted(working, "working day") : "";
  }
  if (unit == OffsetUnit::weeks && days % 7 == 0 && days <= 84) return "in " + counted(days / 7, "week");
  if (unit == OffsetUnit::months) {
    for (int months = 1; months <= 3; ++months) {
      if (calendar::add_months(today, months) == day) return "in " + counted(months, "month");
    }
  }
  return days <= 90 ? "in " + counted(days, "day") : "";
}

std::string headline(Anchor anchor, CivilDay anchor_day, CivilDay today, OffsetUnit unit,
                     const calendar::WorkingCalendar* calendar) {
  switch (anchor) {
    case Anchor::due:
      return due_headline("Due", "Overdue since", anchor_day, today, unit, calendar);
    case Anchor::milestone:
      return due_headline("Milestone due", "Milestone overdue since", anchor_day, today, unit, calendar);
    case Anchor::start:
      return due_headline("Starts", "Was to start on", anchor_day, today, unit, calendar);
    case Anchor::report_cutoff:
      return due_headline("Report closes", "Report closed on", anchor_day, today, unit, calendar);
    case Anchor::last_update:
      return fmt::format("No update since {}", plain_day(anchor_day));
    case Anchor::next_review: {
      const std::string words = distance(today, anchor_day, unit, calendar);
      if (anchor_day < today) return fmt::format("Review awaited since {}", plain_day(anchor_day));
      return anchor_day == today ? "Review" : words.empty() ? "Review on " + plain_day(anchor_day) : "Review " + words;
    }
    case Anchor::first_seen:
      return "Has no owner";
    case Anchor::asked:
      return fmt::format("Waits for your word since {}", plain_day(anchor_day));
    case Anchor::blocking:
      return fmt::format("Another action waits for it since {}", plain_day(anchor_day));
  }
  std::abort();
}

Urgency urgency_of(std::string_view rule, Anchor anchor, CivilDay anchor_day, CivilDay today) {
  if (rule == rulebook::exhausted_rule || rule == rulebook::limit_rule) return Urgency::ended;
  if (rule == rulebook::unreachable_rule) return Urgency::unreachable;
  if (rule == rulebook::reply_rule) return Urgency::answered;
  if (rule == rulebook::inherited_rule) return Urgency::inherited;
  if (rule == rulebook::handed_over_rule) return Urgency::handed_over;
  if (rule == rulebook::closed_rule) return Urgency::closed;
  switch (anchor) {
    case Anchor::first_seen:
      return Urgency::unowned;
    case Anchor::last_update:
      return Urgency::stalled;
    case Anchor::next_review:
      return Urgency::review;
    case Anchor::start:
      return Urgency::starting;
    case Anchor::asked:
      return Urgency::asked;
    case Anchor::blocking:
      return Urgency::blocking;
    case Anchor::due:
    case Anchor::milestone:
    case Anchor::report_cutoff:
      break;
  }
  if (anchor_day < today) return Urgency::overdue;
  if (anchor_day == today) return Urgency::due_today;
  const bool this_month = anchor_day.year() == today.year() && anchor_day.month() == today.month();
  return this_month ? Urgency::due_this_month : Urgency::due_later;
}

std::string counted(int count, Urgency urgency) {
  switch (urgency) {
    case Urgency::overdue:
      return fmt::format("{} overdue", count);
    case Urgency::unowned:
      return fmt::format("{} without an owner", count);
    case Urgency::asked:
      return fmt::format("{} waiting for your word", count);
    case Urgency::blocking:
      return fmt::format("{} holding others up", count);
    case Urgency::ended:
      return fmt::format("{} unanswered to the end", count);
    case Urgency::unreachable:
      return fmt::format("{} not reached", count);
    case Urgency::answered:
      return counted(count, "answer");
    case Urgency::due_today:
      return fmt::format("{} due today", count);
    case Urgency::due_this_month:
      return fmt::format("{} due this month", count);
    case Urgency::due_later:
      return fmt::format("{} due later", count);
    case Urgency::stalled:
      return fmt::format("{} without news", count);
    case Urgency::review:
      return counted(count, "review");
    case Urgency::starting:
      return fmt::format("{} to start", count);
    case Urgency::inherited:
      return fmt::format("{} yours now", count);
    case Urgency::handed_over:
      return fmt::format("{} no longer yours", count);
    case Urgency::closed:
      return fmt::format("{} closed", count);
  }
  std::abort();
}

}  // namespace chaser::channels
