#include "calendar/recurrence.h"

#include <libical/ical.h>
#include <re2/re2.h>

#include <memory>

namespace chaser::calendar {
namespace {

constexpr std::size_t recurrence_bytes_max = 500;
constexpr int years_ahead_max = 200;

struct IteratorEnd {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using Iterator = std::unique_ptr<icalrecur_iterator, IteratorEnd>;

icaltimetype ical_day(CivilDay day) {
  icaltimetype time = icaltime_null_time();  // icaltime_null_date() has hours of -1
  time.year = static_cast<int>(day.year());
  time.month = day.month();
  time.day = day.day();
  time.is_date = 1;
  return time;
}

/// Only months and years have days that others lack; elsewhere the extension would be refused.
std::string without_skipping(std::string_view recurrence) {
  const bool may_skip = recurrence.find("FREQ=MONTHLY") != std::string_view::npos ||
                        recurrence.find("FREQ=YEARLY") != std::string_view::npos;
  const bool says_itself = recurrence.find("RSCALE=") != std::string_view::npos;
  if (!may_skip || says_itself) return std::string(recurrence);
  return "RSCALE=GREGORIAN;SKIP=BACKWARD;" + std::string(recurrence);
}

/// Its FREQ is ICAL_NO_RECURRENCE if the text is malformed. To be released: libical leaves what RSCALE allocates to us.
icalrecurrencetype parsed(std::string_view recurrence) {
  return icalrecurrencetype_from_string(without_skipping(recurrence).c_str());
}

void release(icalrecurrencetype& rule) {
  if (rule.rscale != nullptr) icalmemory_free_buffer(rule.rscale);
  rule.rscale = nullptr;
}

/// The parts that a cycle of days may have. Some others never come together, and libical would look for them for ever;
/// so it would for the 30th of February by days, and for the fifth Monday that is the first of a month.
std::string why_not_understood(std::string_view recurrence) {
  static const RE2 part(
      "(FREQ=(?:WEEKLY|MONTHLY|YEARLY)|INTERVAL=[1-9][0-9]{0,2}|BYMONTH=(?:1[0-2]|[1-9])(?:,(?:1[0-2]|[1-9]))*|"
      "BYMONTHDAY=-?[0-9]{1,2}(?:,-?[0-9]{1,2})*|BYDAY=(?:[+-]?[1-5])?[A-Z]{2}(?:,(?:[+-]?[1-5])?[A-Z]{2})*|WKST=[A-Z]{"
      "2})"
      "(?:;|$)");
  re2::StringPiece rest(recurrence.data(), recurrence.size());
  while (!rest.empty()) {
    if (!RE2::Consume(&rest, part)) {
      return "is no review cycle: it has FREQ (WEEKLY, MONTHLY or YEARLY), and may have INTERVAL, BYMONTH, BYMONTHDAY "
             "or BYDAY, as "
             "in FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1";
    }
  }
  const bool has_both =
      recurrence.find("BYMONTHDAY") != std::string_view::npos && recurrence.find("BYDAY") != std::string_view::npos;
  return has_both ? "has BYMONTHDAY and BYDAY: give one of them" : "";
}

}  // namespace

std::string why_no_recurrence(std::string_view recurrence) {
  if (recurrence.size() > recurrence_bytes_max) return "is longer than 500 characters";
  if (std::string why = why_not_understood(recurrence); !why.empty()) return why;
  icalrecurrencetype rule = parsed(recurrence);
  const auto freq = rule.freq;
  release(rule);
  if (freq == ICAL_NO_RECURRENCE) return "is no recurrence of RFC 5545, such as FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1";
  const CivilDay any(2026, 1, 1);
  if (!next_instance(recurrence, any, any)) return "never comes";
  return "";
}

std::optional<CivilDay> next_instance(std::string_view recurrence, CivilDay begin, CivilDay after) {
  icalrecurrencetype rule = parsed(recurrence);
  if (rule.freq == ICAL_NO_RECURRENCE) return std::nullopt;
  const Iterator iterator{icalrecur_iterator_new(rule, ical_day(begin))};
  release(rule);
  if (!iterator) return std::nullopt;
  // From the beginning on: a start in between would lose the phase of "every second month".
  while (true) {
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(next) != 0 || next.year > after.year() + years_ahead_max) return std::nullopt;
    const CivilDay day(next.year, next.month, next.day);
    if (day > after) return day;
  }
}

}  // namespace chaser::calendar
