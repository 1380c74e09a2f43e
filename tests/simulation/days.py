"""Civil days: working days of England and Wales, offsets, zones and sending windows."""
import calendar
import re
from functools import lru_cache
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
OFFICE = {"days": [0, 1, 2, 3, 4], "open": "09:00", "close": "17:00"}


def easter(year):
    """The Gregorian Easter Sunday (Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    l = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * l) // 451
    month, day = divmod(h + l - 7 * m + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year):
    days = {easter(year) - 2 * DAY, easter(year) + DAY}
    first = date(year, 5, 1)
    days.add(first + DAY * (-first.weekday() % 7))
    for last in (date(year, 5, 31), date(year, 8, 31)):
        days.add(last - DAY * last.weekday())
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.weekday() > 4 or fixed in days:  # a substitute day
            fixed += DAY
        days.add(fixed)
    return days


class Calendar:
    def __init__(self):
        self.added = set()
        self.years = {}

    def holiday(self, day):
        if day.year not in self.years:
            self.years[day.year] = bank_holidays(day.year)
        return day in self.years[day.year] or day in self.added

    def working(self, day):
        return day.weekday() < 5 and not self.holiday(day)

    def plus(self, day, count, skip=()):
        """`count` working days from `day`, itself not counted, leaving out the days in `skip`."""
        step = DAY if count > 0 else -DAY
        for _ in range(abs(count)):
            day += step
            while not self.working(day) or day in skip:
                day += step
        return day

    def between(self, after, last):
        """The working days after one day, up to and with another."""
        days, day = set(), after + DAY
        while day <= last:
            if self.working(day):
                days.add(day)
            day += DAY
        return days

    def roll(self, day, step):
        while not self.working(day):
            day += step
        return day


@lru_cache(maxsize=None)
def offset(text):
    found = re.fullmatch(r"([+-]?)(\d+)(d|wd|w|mo)", str(text))
    if not found:
        raise ValueError("no offset: %r" % text)
    count = int(found[2]) * (-1 if found[1] == "-" else 1)
    return (count * 7, "d") if found[3] == "w" else (count, found[3])


def add_months(day, count):
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add(cal, day, count, unit):
    if unit == "wd":
        return cal.plus(day, count)
    return day + DAY * count if unit == "d" else add_months(day, count)


def instant(text, zone):
    """An instant from a day or a local time of the zone; a gap shifts on, of a repeat the first."""
    local = datetime.fromisoformat(text)
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).astimezone(timezone.utc)


class Window:
    def __init__(self, party, cal):
        self.zone = ZoneInfo(party.get("zone", "Europe/London"))
        window = party.get("window", OFFICE)
        self.window = OFFICE if isinstance(window, str) else window
        self.cal = cal
        self.opened = {}    # day and how many holidays were added by then -> the instant at which it opens, or None
        self.days = {}      # instant -> its day here

    def at(self, day, text):
        return datetime.combine(day, time.fromisoformat(text), self.zone).astimezone(timezone.utc)

    def today(self, now):
        if now not in self.days:
            self.days[now] = now.astimezone(self.zone).date()
        return self.days[now]

    def opens(self, day):
        """The instant at which it opens on a day, or None."""
        key = (day, len(self.cal.added))
        if key not in self.opened:
            is_shut = day.weekday() not in self.window["days"] or self.cal.holiday(day)
            self.opened[key] = None if is_shut else self.at(day, self.window["open"])
        return self.opened[key]

    def open(self, now):
        day = self.today(now)
        start = self.opens(day)
        return start is not None and start <= now < self.at(day, self.window["close"])

    def first(self, day):
        """The first opening on or after a day."""
        while self.opens(day) is None:
            day += DAY
        return self.opens(day)

    def first_from(self, now):
        """The first instant at or after `now` that is an opening."""
        if self.open(now):
            return now
        day = self.today(now)
        while self.opens(day) is None or self.opens(day) < now:
            day += DAY
        return self.opens(day)
