#!/usr/bin/env python3
"""What a scenario must send, worked out instant by instant from the words of the design, slowly and plainly.

`oracle.py FILE...` compares the lines that each file expects with what it works out; `oracle.py --simulated FOLDER`
does so with what the simulation's calm seeds sent. It shares no code with the
program. Where the words do not decide it raises `Silent`.
"""
import os
import sys
from collections import Counter
from multiprocessing import Pool
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from composing import Closing, Notification, compose
from days import DAY, Calendar, Window, add, add_months, instant, offset
from scenario import OWN, Silent, leads_of, listed, load, rules_of

PLAN_ZONE = "Europe/London"
FINISHED = ("done", "cancelled", "superseded")
ENDS = {"done": "done", "cancelled": "cancelled", "superseded": "superseded", "merged": "superseded", "split": "superseded"}
WEEKLY_FIRSTS = 10
DECIDED_LEAST = 50  # of a hundred simulated seeds: fewer, and it proves too little


class Pause:
    def __init__(self, kind, start, day, last, end):
        self.kind, self.start, self.day, self.last, self.end = kind, start, day, last, end
        self.answered = self.over = False


class Request:
    """Somebody's word is awaited: a later date, an end, an owner, whoever takes it over."""

    def __init__(self, kind, party, due=None):
        self.kind, self.party, self.due = kind, party, due
        self.pauses = []  # what it paused, until the word


class Lead:
    """One assignment in one case."""

    def __init__(self, name):
        self.name = name
        self.pauses = []
        self.used = {}          # kind of answer -> how often
        self.got = []           # indices of the steps that reached it, in order
        self.lapsed = set()     # indices of its own steps that lapsed
        self.in_pause = set()   # of these, in the present pause
        self.again = None       # the step that fires once more
        self.again_from = None
        self.rounds = {}
        self.forced = None      # when its own step went because one above was due: that one waits five working days
        self.first = None       # (step, entering) of a first meeting, until it goes
        self.entered = None     # the day that counts as the anchor
        self.above_gone = False

    def paused(self, now):
        return any(pause.start <= now < pause.end for pause in self.pauses)


class Case:
    def __init__(self, sim, rule, order, action, anchor, instance, began, leads):
        self.sim, self.rule, self.order, self.action = sim, rule, order, action
        self.anchor, self.instance, self.began = anchor, instance, began
        self.leads = {name: Lead(name) for name in leads}
        self.gone = set()       # (recipient, lead or "", step, occurrence): fired, superseded or lapsed
        self.open = True
        self.fired = None       # the instant of the first firing
        self.last = None        # the recipient's day of the last firing
        self.last_run_silenced = False
        self.days = {}          # nominal days worked out before
        self.reaches = {}       # whom a step reaches, worked out before
        self.steps = [(i, step) for i, step in enumerate(rule["steps"])
                      if "precision" not in step or action.get("precision", "day") in listed(step["precision"])]

    # --- days -----------------------------------------------------------------------------------------------------

    def paused_days(self, lead):
        days = set()
        for pause in lead.pauses:
            days |= self.sim.cal.between(pause.day, pause.last)
        return days

    def nominal(self, step, occurrence, lead=None):
        """Worked out once for as long as nothing that it depends on changes."""
        pauses = tuple((pause.day, pause.last) for pause in lead.pauses) if lead and lead.pauses else ()
        key = (id(step), occurrence, lead and lead.name, lead and lead.entered, pauses, len(self.sim.cal.added))
        if key not in self.days:
            self.days[key] = self.work_out(step, occurrence, lead)
        return self.days[key]

    def work_out(self, step, occurrence, lead):
        cal = self.sim.cal
        anchor = lead.entered if lead and lead.entered else self.anchor
        count, unit = offset(step["at"])
        if occurrence:
            every, of = offset(step["repeat"]["every"])
            if count and of != unit:
                raise Silent("a repeat in another unit")
            count, unit = count + occurrence * every, of
        paused = {day for day in self.paused_days(lead) if day > anchor} if lead else set()
        if count <= 0:
            return cal.roll(add(cal, anchor, count, unit), -DAY)
        if unit == "wd":
            return cal.plus(anchor, count, paused)
        start = day = cal.roll(add(cal, anchor, count, unit), DAY)
        while True:
            moved = cal.plus(start, len([one for one in paused if one <= day]))
            if moved == day:
                return day
            day = moved

    def due(self, step, today, lead=None):
        """The occurrences whose day has come."""
        times = step.get("repeat", {}).get("times") if "repeat" in step else 1
        occurrence, found = 0, []
        while (times is None or occurrence < times) and self.nominal(step, occurrence, lead) <= today:
            found.append(occurrence)
            occurrence += 1
        return found

    # --- audiences ------------------------------------------------------------------------------------------------

    def above(self, index):
        return not set(self.rule["steps"][index]["to"]) <= OWN

    def of_leads(self, step):
        return "leads" in step["to"]

    def over(self, lead, step):
        """Who stands above a lead, or stands in for it, in a step's audience."""
        key = (id(step), lead.name)
        if key not in self.reaches:
            party = self.sim.parties[lead.name]
            self.reaches[key] = [party[what] for what in ("superior", "deputy")
                                 if "leads." + what in step["to"] and party.get(what)]
        return self.reaches[key]

    def others(self, step):
        if id(step) not in self.reaches:
            self.reaches[id(step)] = self.name_others(step)
        return self.reaches[id(step)]

    def name_others(self, step):
        found = []
        for word in step["to"]:
            if word in ("coordinator", "sponsor"):
                found.append(self.sim.directory.get(word))
            elif word.startswith("party:"):
                found.append(word[6:])
            elif word.startswith("report:"):
                found.append(word)
        return [one for one in dict.fromkeys(found) if one]

    def silent(self, lead, now):
        return not self.settled(lead) and not lead.paused(now) and not (lead.first and lead.first[1])

    def answering(self):
        mode = self.rule.get("answers", "all")
        return mode

    def settled(self, lead):
        return lead.name in self.sim.done.get(self.action["id"], ())

    def reached(self, lead, index):
        """Whether a step above the leads may speak of this lead."""
        if not any(not self.above(i) and self.of_leads(step) for i, step in self.steps if i < index):
            return True
        return any(i < index for i in lead.got)

    # --- what may go ----------------------------------------------------------------------------------------------

    def held(self, now):
        return not self.sim.matches(self.rule, self.action) or self.sim.inhibited(self)

    def after_anchor(self, index, occurrence):
        count = offset(self.rule["steps"][index]["at"])[0]
        return count > 0 or (isinstance(occurrence, int) and occurrence > 0)

    def floor(self, recipient):
        sent = self.sim.direct.get((self.rule["rule"], self.action["id"], recipient))
        return self.sim.cal.plus(sent, 5) if sent else date.min

    def handed(self, lead, recipient):
        """The day from which the next step after the anchor may go once a lead asked another to take it over."""
        asked = lead and self.sim.delegated.get((self.action["id"], lead.name))
        return self.sim.cal.plus(self.sim.window(recipient).today(asked), 3) if asked else date.min

    def gate(self, lead, recipient):
        """The day from which a step above the leads may go, by the clock of whom it reaches."""
        return self.sim.cal.plus(self.sim.window(recipient).today(lead.forced), 5) if lead.forced else date.min

    def candidates(self, recipient, about, lead, today, wanted):
        return [(i, occurrence) for i, step in self.steps if wanted(step)
                for occurrence in self.due(step, today, lead) if (recipient, about, i, occurrence) not in self.gone]

    def lapse_in_pauses(self, lead, now):
        window = self.sim.window(lead.name)
        for i, step in self.steps:
            if offset(step["at"])[0] > 0 or not self.of_leads(step) or (lead.name, "", i, 0) in self.gone:
                continue
            if lead.first and lead.first[0] == i:
                continue
            opening = window.first(self.nominal(step, 0, lead))
            for pause in lead.pauses:
                if pause.start <= opening <= now and opening < pause.end:
                    self.gone.add((lead.name, "", i, 0))
                    lead.lapsed.add(i)
                    lead.in_pause.add(i)
                    self.last_run_silenced = False

    def end_pauses(self, lead, now):
        for pause in lead.pauses:
            if pause.over or now < pause.end:
                continue
            pause.over = True
            if pause.answered:
                continue
            if lead.in_pause:
                lead.again = max(lead.in_pause)
            elif lead.got:
                lead.again = lead.got[-1]
            lead.again_from = pause.end
            lead.in_pause = set()

    def above_due(self, lead, today, now):
        """The day of a step above the leads that is due about this lead, by its recipient's own clock, and has not gone."""
        for i, step in self.steps:
            if not self.above(i) or self.reached(lead, i):
                continue
            for occurrence in self.due(step, today, lead):
                day = self.nominal(step, occurrence, lead)
                for one in self.over(lead, step):
                    if (one, lead.name, i, occurrence) not in self.gone and self.sim.window(one).first(day) <= now:
                        return day
                if self.of_leads(step) and (lead.name, "", i, occurrence) not in self.gone:
                    return day
                for one in self.others(step):
                    if ((one, "", i, occurrence) not in self.gone and self.sim.window(one).first(day) <= now
                            and self.followed(step, occurrence, now) is lead):
                        return day
        return None

    def followed(self, step, occurrence, now):
        silent = [lead for lead in self.leads.values() if self.silent(lead, now)]
        if not silent:
            return None
        index = self.rule["steps"].index(step)
        return min(silent, key=lambda lead: (self.nominal(step, occurrence, lead), not self.reached(lead, index)))

    def to_lead(self, lead, now):
        sim, window = self.sim, self.sim.window(lead.name)
        if not window.open(now):
            return
        today = window.today(now)
        if self.settled(lead) or lead.paused(now):
            return
        held = self.held(now)
        if lead.first:
            index, entering = lead.first
            if entering:
                if held:
                    raise Silent("a first meeting while silenced")
                if sim.may_meet(self, lead, now):
                    self.enter(lead, index, today, now)
                return
        cands = self.candidates(lead.name, "", lead, today, self.of_leads)
        if lead.again is not None:
            cands.append((lead.again, -1))
        if held:
            for index, occurrence in cands:
                self.lapse(lead, index, occurrence)
            lead.again = None
            return
        own = [one for one in cands if not self.above(one[0])]
        forced = self.above_due(lead, today, now)
        if forced:
            pick = max(own) if own else (max(lead.lapsed), -1) if lead.lapsed else None
        else:
            gated = today < self.gate(lead, lead.name)
            allowed = own if gated else cands
            pick = max(allowed) if allowed else None
        if pick is None:
            return
        index, occurrence = pick
        step = self.rule["steps"][index]
        deliver = step.get("deliver", "direct")
        first = bool(lead.first and lead.first[0] == index and occurrence == 0)
        if first:
            deliver = "digest"
            if not sim.may_meet(self, lead, now):
                return
        if deliver == "digest":
            if not sim.may_digest(lead.name, now):
                return
        elif self.after_anchor(index, occurrence) and today < max(self.floor(lead.name), self.handed(lead, lead.name)):
            return
        ready = self.nominal(step, occurrence, lead) if occurrence >= 0 else forced
        waits = self.after_anchor(index, occurrence)
        late = False if first else self.late(lead.name, ready, now, lead, waits)
        if occurrence < 0:
            lead.rounds[index] = lead.rounds.get(index, 0) + 1
            label = "r%d" % lead.rounds[index]
        else:
            label = occurrence
        for one in cands:
            if one <= pick and one[1] >= 0:
                self.gone.add((lead.name, "") + one)
        lead.again = lead.again_from = None
        lead.first = None
        lead.got.append(index)
        if forced:
            lead.forced = now
        if self.above(index):
            lead.above_gone = True
        sim.send(self, index, label, lead.name, deliver, now, late=late)
        if first:
            sim.met(lead.name, today)

    def lapse(self, lead, index, occurrence):
        if occurrence >= 0:
            self.gone.add((lead.name, "", index, occurrence))
        if not self.above(index):
            lead.lapsed.add(index)
        self.last_run_silenced = True

    def enter(self, lead, index, today, now):
        step = self.rule["steps"][index]
        count, unit = offset(step["at"])
        if unit == "mo" and count:
            raise Silent("entering at a step in months")
        lead.entered = add(self.sim.cal, today, -count, unit)
        lead.first = None
        self.gone.add((lead.name, "", index, 0))
        lead.got.append(index)
        self.sim.send(self, index, 0, lead.name, "digest", now)
        self.sim.met(lead.name, today)

    def late(self, recipient, ready, now, lead=None, waits=True):
        """Whether the opening at which it would have gone passed while the service was down."""
        window = self.sim.window(recipient)
        days = [self.floor(recipient)] if waits else [date.min]
        if ready:
            days.append(ready)
        if lead:
            days.append(self.gate(lead, recipient))
            days.append(self.handed(lead, recipient) if waits else date.min)
        day = max(days)
        opening = window.first(day) if day > date.min else self.began
        opening = max([opening, self.began] + ([window.first_from(pause.end) for pause in lead.pauses
                                                if pause.end <= now] if lead else []))
        opening = window.first_from(opening)
        return any(start <= opening < end for start, end in self.sim.downs)

    def to_superiors(self, now):
        groups = {}
        for lead in self.leads.values():
            if not self.silent(lead, now):
                continue
            for one in {who for _, step in self.steps for who in self.over(lead, step)}:
                window = self.sim.window(one)
                if not window.open(now):
                    continue
                today = window.today(now)
                cands = self.candidates(one, lead.name, lead, today, lambda step: one in self.over(lead, step))
                if self.held(now):
                    for cand in cands:
                        self.gone.add((one, lead.name) + cand)
                        self.last_run_silenced = True
                    continue
                if not cands:
                    continue
                top = max(cands)
                if not self.reached(lead, top[0]) or today < self.gate(lead, one):
                    continue
                if self.after_anchor(*top) and today < max(self.floor(one), self.handed(lead, one)):
                    continue
                groups.setdefault(one, []).append((top, lead, cands))
        for one, found in groups.items():
            tops = {top for top, _, _ in found}
            if len(tops) > 1:
                raise Silent("one person above two leads at different steps")
            top = tops.pop()
            step = self.rule["steps"][top[0]]
            deliver = step.get("deliver", "direct")
            if deliver == "digest" and not self.sim.may_digest(one, now):
                continue
            waits = self.after_anchor(*top)
            late = any(self.late(one, self.nominal(step, top[1], lead), now, lead, waits) for _, lead, _ in found)
            for _, lead, cands in found:
                lead.above_gone = True
                for cand in cands:
                    self.gone.add((one, lead.name) + cand)
            self.sim.send(self, top[0], top[1], one, deliver, now, [lead.name for _, lead, _ in found], late)

    def to_others(self, now):
        for one in dict.fromkeys(who for _, step in self.steps for who in self.others(step)):
            window = self.sim.window(one)
            if not window.open(now):
                continue
            today = window.today(now)
            cands = []
            for i, step in self.steps:
                if one not in self.others(step):
                    continue
                times = step["repeat"].get("times") if "repeat" in step else 1
                occurrence = 0
                while times is None or occurrence < times:
                    lead = self.followed(step, occurrence, now)
                    if (self.leads and lead is None) or self.nominal(step, occurrence, lead) > today:
                        break
                    if (one, "", i, occurrence) not in self.gone:
                        cands.append((i, occurrence, lead))
                    occurrence += 1
            if self.held(now):
                for i, occurrence, _ in cands:
                    self.gone.add((one, "", i, occurrence))
                    self.last_run_silenced = True
                continue
            if not cands:
                continue
            i, occurrence, lead = max(cands, key=lambda cand: cand[:2])
            step = self.rule["steps"][i]
            if lead and (not self.reached(lead, i) or today < self.gate(lead, one)):
                continue
            report = one.startswith("report:")
            deliver = "report" if report else step.get("deliver", "direct")
            if deliver == "digest" and not self.sim.may_digest(one, now):
                continue
            if report and today < self.handed(lead, one):
                raise Silent("a report within three days of a delegation")
            if deliver == "direct" and self.after_anchor(i, occurrence) and today < max(self.floor(one),
                                                                                        self.handed(lead, one)):
                continue
            waits = self.after_anchor(i, occurrence)
            late = not report and self.late(one, self.nominal(step, occurrence, lead), now, lead, waits)
            for cand in cands:
                self.gone.add((one, "") + cand[:2])
            for other in self.leads.values():
                if self.silent(other, now) or self.above(i):
                    other.above_gone = True
            self.sim.send(self, i, occurrence, one, deliver, now, late=late)

    # --- beginning and end ----------------------------------------------------------------------------------------

    def lapse_past(self, now):
        """A new epoch with a later date: what is past lapses."""
        for i, step in self.steps:
            for lead in self.leads.values():
                for one, about in [(lead.name, "")] * self.of_leads(step) + [(o, lead.name) for o in self.over(lead, step)]:
                    for occurrence in self.past(step, one, now):
                        self.gone.add((one, about, i, occurrence))
                        if not self.above(i):
                            lead.lapsed.add(i)
            for one in self.others(step):
                for occurrence in self.past(step, one, now):
                    self.gone.add((one, "", i, occurrence))

    def past(self, step, recipient, now):
        window = self.sim.window(recipient)
        found = self.due(step, window.today(now))
        if found and self.nominal(step, found[-1]) == window.today(now):
            raise Silent("a step on the day the epoch begins")
        return [occurrence for occurrence in found if window.first(self.nominal(step, occurrence)) <= now]

    def meet(self, now):
        """The first meeting of a rule and an action."""
        for lead in self.leads.values():
            today = self.sim.window(lead.name).today(now)
            missed = [i for i, step in self.steps if self.nominal(step, 0) < today]
            if any(self.nominal(step, 0) == today for _, step in self.steps) and now > self.sim.window(lead.name).at(
                    today, "00:00"):
                raise Silent("a step on the day of the first start")
            if not missed:
                continue
            if self.anchor >= today:
                newest = max(missed)
                if self.above(newest):
                    raise Silent("a first meeting above the leads")
                lead.first = (newest, False)
                skip = [(i, 0) for i in missed if i != newest]
            else:
                later = [i for i, step in self.steps if offset(step["at"])[0] >= 0]
                if not later or self.above(later[0]) or later[0] not in missed:
                    raise Silent("no step to enter at")
                lead.first = (later[0], True)
                skip = [(i, 0) for i, step in self.steps if i < later[0]]
            for i, occurrence in skip:
                self.gone.add((lead.name, "", i, occurrence))
                lead.lapsed.add(i)
        if not self.leads and any(self.nominal(step, 0) < self.sim.window(one).today(now) for _, step in self.steps
                                  for one in self.others(step)):
            raise Silent("a first meeting above the leads")

    def can_fire(self, now):
        for i, step in self.steps:
            times = step["repeat"].get("times") if "repeat" in step else 1
            who = [(one, "") for one in self.others(step)]
            live = [lead for lead in self.leads.values() if not self.settled(lead)]
            if self.leads and not live:
                return False
            for lead in live:
                who += [(lead.name, "")] * self.of_leads(step) + [(one, lead.name) for one in self.over(lead, step)]
            if who and times is None:
                return True
            if any((one, about, i, k) not in self.gone for one, about in who for k in range(times or 0)):
                return True
        return any((lead.again is not None or lead.paused(now)) for lead in self.leads.values()
                   if not self.settled(lead))

    def exhaust(self, now):
        if not self.open or self.can_fire(now):
            return
        if self.fired is None or self.last_run_silenced:
            self.open = False
            return
        day = self.sim.cal.plus(self.last, 1)
        if self.sim.plan_window.today(now) >= day:
            if self.held(now):
                raise Silent("exhausted while silenced")
            self.open = False
            self.sim.items.append(self)


class Simulation:
    def __init__(self, scenario):
        self.cal = Calendar()
        self.scenario, self.directory = scenario, scenario["directory"]
        self.parties = self.directory["parties"]
        self.rules = rules_of(scenario)
        self.inhibits = scenario["rules"].get("inhibits", [])
        names = [rule["rule"] for rule in self.rules]
        self.orders = sorted(range(len(names)),
                             key=lambda i: (not any(names[i] == one["rule"] for one in self.inhibits), i))
        if scenario.get("waits_for_a_person"):
            raise Silent("a message whose fate is unknown waits for a person")
        self.start = instant(scenario["from"], PLAN_ZONE)
        self.end = instant(scenario["to"][:10] + "T23:59:59", PLAN_ZONE)
        self.downs = [tuple(instant(one, PLAN_ZONE) for one in down) for down in scenario.get("down", [])]
        self.plan_window = Window({}, self.cal)
        self.windows = {name: Window(party, self.cal) for name, party in self.parties.items()}
        self.actions = [dict(action) for action in scenario["plan"]]
        self.places = {action["id"]: i for i, action in enumerate(self.actions)}
        self.cases, self.items, self.notes, self.lines = [], [], [], []
        self.done, self.direct, self.digested, self.weeks, self.updated, self.reviewed = {}, {}, {}, {}, {}, {}
        self.allowed = set()
        self.delegated = {}     # (action, lead) -> when another was asked to take it over
        self.requests = {}      # action -> what waits for somebody's word
        self.ends_are_approved = scenario.get("workflow") == "shipped"
        self.far = self.end.date() + DAY * 400  # the last day of a pause that has none
        self.chased, self.closings, self.closed = {}, [], {}

    def window(self, name):
        return self.windows.get(name, self.plan_window)

    def matches(self, rule, action):
        for field, wanted in rule.get("when", {}).items():
            value = action.get(field, {"kind": "dated", "status": "not_started", "precision": "day"}.get(field))
            if value not in listed(wanted):
                return False
        return True

    def inhibited(self, case):
        names = [one["rule"] for one in self.inhibits if one["silences"] == case.rule["rule"]]
        return any(other.open and other.fired and other.rule["rule"] in names and
                   other.action["id"] == case.action["id"] for other in self.cases)

    # --- sending --------------------------------------------------------------------------------------------------

    def may_digest(self, name, now):
        sent = self.digested.get((name, self.window(name).today(now)))
        return sent is None or sent == now

    def may_meet(self, case, lead, now):
        return self.may_digest(lead.name, now) and (case, lead.name) in self.allowed

    def met(self, name, day):
        week = (name,) + tuple(day.isocalendar())[:2]
        self.weeks[week] = self.weeks.get(week, 0) + 1

    def allow_firsts(self, now):
        """Which first meetings may go now: ten a person a calendar week, the oldest anchor first."""
        self.allowed = set()
        waiting = {}
        for case in self.cases:
            for lead in case.leads.values():
                if case.open and lead.first and self.window(lead.name).open(now) and not case.settled(lead):
                    waiting.setdefault(lead.name, []).append(case)
        for name, cases in waiting.items():
            week = (name,) + tuple(self.window(name).today(now).isocalendar())[:2]
            room = WEEKLY_FIRSTS - self.weeks.get(week, 0)
            cases.sort(key=lambda case: (case.anchor, case.order, self.places[case.action["id"]]))
            self.allowed |= {(case, name) for case in cases[:max(room, 0)]}

    def send(self, case, index, occurrence, recipient, deliver, now, about=(), late=False):
        step = case.rule["steps"][index]
        self.notes.append(Notification(case, step, occurrence, recipient, deliver, about, late))
        today = self.window(recipient).today(now)
        if deliver == "direct":
            self.direct[(case.rule["rule"], case.action["id"], recipient)] = today
            self.chased.setdefault(case.action["id"], set()).add(recipient)
        case.fired = case.fired or now
        case.last = max(case.last or today, today)
        case.last_run_silenced = False

    # --- cases ----------------------------------------------------------------------------------------------------

    def anchors(self, rule, action):
        """Anchor instance -> day."""
        kind = rule["anchor"]
        imported = date.fromisoformat(action.get("imported", self.scenario["from"])[:10])
        if kind in ("due", "start"):
            return {kind: date.fromisoformat(action[kind])} if action.get(kind) else {}
        if kind == "milestone":
            return {"milestone:" + one["id"]: date.fromisoformat(one["due"]) for one in action.get("milestones", [])}
        if kind == "first_seen":
            return {kind: imported}
        if kind == "last_update":
            days = [imported] + self.updated.get(action["id"], [])
            if action.get("start"):
                days.append(date.fromisoformat(action["start"]))
            return {kind: max(days)}
        if kind == "next_review":
            if action.get("kind") != "ongoing":
                return {}
            cadence = action.get("cadence", rule.get("cadence"))
            return {kind: add_months(self.reviewed.get(action["id"], imported), cadence)}
        raise Silent("anchor " + kind)

    def begin(self, now, first=False, action_id=None, fresh=False):
        """Opens what must be open, and a new epoch where an anchor's date has changed."""
        for order in self.orders:
            rule = self.rules[order]
            for action in self.actions:
                if action_id not in (None, action["id"]) or action.get("status") in FINISHED:
                    continue
                if not fresh and not first and action["id"] not in {case.action["id"] for case in self.cases}:
                    continue
                for name, day in self.anchors(rule, action).items():
                    self.begin_one(now, rule, order, action, name, day, first, fresh)
        self.cases.sort(key=lambda case: (self.orders.index(case.order), self.places[case.action["id"]]))

    def begin_one(self, now, rule, order, action, name, day, first, fresh):
        before = [case for case in self.cases
                  if case.rule is rule and case.action is action and case.instance == name]
        if before and before[-1].anchor == day and not fresh:
            return
        if not before and not first and not fresh:
            return
        if first and not self.matches(rule, action):
            if all(action.get(key, "dated") in listed(value) for key, value in rule["when"].items() if key == "kind"):
                raise Silent("a condition that is false at the first meeting")
            return
        if any(request.pauses for request in self.requests.get(action["id"], ())):
            raise Silent("a new case while a word is awaited")
        case = Case(self, rule, order, action, day, name, now, leads_of(action, self.directory))
        if before:
            before[-1].open = False
        self.cases.append(case)
        if first:
            case.meet(now)
        elif fresh or day > before[-1].anchor:
            case.lapse_past(now)

    # --- answers --------------------------------------------------------------------------------------------------

    def happen(self, event, now):
        kind = event["response"]
        if kind == "holiday":
            self.cal.added.add(date.fromisoformat(event["day"]))
            return
        action = self.actions[self.places[event["action"]]]
        today = self.plan_window.today(now)
        if kind == "redate":
            self.redate(action, event, now, today)
        elif kind == "status":
            self.change_status(action, event["value"], now, today)
        elif kind == "reopen":
            if action.get("status") in FINISHED:
                self.done.pop(action["id"], None)
                self.change_status(action, "in_progress", now, today)
        elif action.get("status") in FINISHED:
            return  # what is finished is not answered any more
        elif kind in ("approve", "refuse", "accept", "decline"):
            self.give_word(action, event, now, today)
        elif event["party"] in self.done.get(action["id"], ()):
            raise Silent("an answer after a lead was done")
        elif kind == "delegate":
            self.ask(action, event, now, today, pauses=False)
            self.delegated[(action["id"], event["party"])] = now
        elif kind == "extension":
            if action.get("due") and event["due"] > action["due"] and event["due"] > today.isoformat():
                self.ask(action, event, now, today)
        elif kind == "not_mine" or kind in ENDS and self.ends_are_approved:
            self.ask(action, event, now, today)
        elif kind in ENDS:
            self.finish(action, ENDS[kind], event["party"], now, today)
        else:
            self.answer(action, event, now, today)
            if kind == "update":
                self.updated.setdefault(action["id"], []).append(today)
                if action.get("kind") == "ongoing":
                    if len(leads_of(action, self.directory)) > 1:
                        raise Silent("a review by one of several")
                    self.reviewed[action["id"]] = today
                self.begin(now, action_id=action["id"])

    def redate(self, action, event, now, today):
        if self.done.get(action["id"]):
            raise Silent("a new date after a lead was done")
        action["due"] = event["due"]
        if "start" in event:
            action["start"] = event["start"]
        if "precision" in event:
            action["precision"] = event["precision"]
        self.updated.setdefault(action["id"], []).append(today)
        self.begin(now, action_id=action["id"])

    # --- what waits for somebody's word ---------------------------------------------------------------------------

    def ask(self, action, event, now, today, pauses=True):
        """Nobody who asks is reminded until the word is given; a later date is thought about for ten days at most."""
        kind, party = event["response"], event["party"]
        waiting = self.requests.setdefault(action["id"], [])
        if any(request.party == party for request in waiting):
            raise Silent("asked twice")
        request = Request(kind, party, event.get("due"))
        waiting.append(request)
        if not pauses:
            return
        for case in self.open_of(action):
            for name in self.spoken_for(case, party):
                lead = case.leads.get(name)
                if lead is None or case.settled(lead):
                    continue
                before = list(lead.pauses)
                if kind == "extension":
                    self.pause(case, lead, event, now, today)
                else:
                    self.pause_for_the_word(lead, kind, now, today)
                request.pauses += [(lead, pause) for pause in lead.pauses if pause not in before]

    def pause_for_the_word(self, lead, kind, now, today):
        if lead.first:
            raise Silent("an answer before the first meeting's item")
        if any(pause.last == self.far for pause in lead.pauses if pause.start <= now < pause.end):
            raise Silent("asked within what waits for a word")
        for pause in lead.pauses:
            if pause.start <= now < pause.end:
                pause.answered = True
        lead.again = lead.again_from = None
        lead.pauses.append(Pause(kind, now, today, self.far, instant(self.far.isoformat(), PLAN_ZONE)))

    def give_word(self, action, event, now, today):
        """The word of whoever is asked about what this lead asked for, if it waits still."""
        waiting = self.requests.get(action["id"], [])
        found = [one for one in waiting if one.kind == event["request"] and one.party == event["to"]]
        if not found or (event["response"] == "approve" and event["request"] == "not_mine"):
            return
        waiting.remove(found[0])
        if event["response"] == "accept":
            raise Silent("somebody else took it over")
        if event["response"] in ("refuse", "decline"):
            self.cut(found[0], now, today)
        elif found[0].kind == "extension":
            if any(request.kind == "extension" for request in waiting):
                raise Silent("one later date is granted, another is awaited")
            if found[0].due <= action["due"]:
                return waiting.append(found[0])  # it is no later date any more
            self.redate(action, {"due": found[0].due, "precision": "day"}, now, today)
        else:
            self.finish(action, ENDS[found[0].kind], found[0].party, now, today, event["party"])

    def cut(self, request, now, today):
        for lead, pause in request.pauses:
            if now >= pause.end:
                continue
            if any(other is not pause and other.start <= now < other.end for other in lead.pauses):
                raise Silent("a word within another pause")
            pause.last, pause.end = max(today, pause.day), now

    def finish(self, action, status, party, now, today, said_by=None):
        """One lead is done; or the action ends as a whole. Whoever says so knows it."""
        if status != "done":
            return self.change_status(action, status, now, today, said_by or party)
        done = self.done.setdefault(action["id"], set())
        done.add(party)
        for case in self.open_of(action):
            self.settle(case, party)
        if done >= set(leads_of(action, self.directory)):
            action["status"] = "done"
            self.close(action, "done", now, said_by or party)
            for case in self.open_of(action):
                case.open = False

    def open_of(self, action):
        return [case for case in self.cases if case.open and case.action is action]

    def change_status(self, action, value, now, today, said_by=None):
        if self.done.get(action["id"]):
            raise Silent("a status after a lead was done")
        if self.requests.get(action["id"]) and value not in FINISHED:
            raise Silent("a status while a word is awaited")
        if value in FINISHED:
            self.requests.pop(action["id"], None)
        was = action.get("status", "not_started") in FINISHED
        action["status"] = value
        self.updated.setdefault(action["id"], []).append(today)
        if value in FINISHED:
            self.close(action, value, now, said_by)
            for case in self.open_of(action):
                case.open = False
        elif was:
            if any(one.action is action for one in self.closings):
                raise Silent("open again before it was told that it ended")
            self.done.pop(action["id"], None)
            self.begin(now, action_id=action["id"], fresh=True)
        else:
            self.begin(now, action_id=action["id"])

    def close(self, action, status, now, said_by):
        """Those who had a direct message about it hear with their next day's digest that it has ended."""
        for one in sorted(self.chased.pop(action["id"], set()) - {said_by}):
            window, key = self.window(one), (action["id"], one)
            self.closed[key] = self.closed.get(key, -1) + 1
            day = self.cal.roll(window.today(now) + DAY, DAY)
            self.closings.append(Closing(action, status, one, self.closed[key], day))

    def tell_closings(self, now):
        if not self.scenario.get("closing_notes"):
            return
        for one in list(self.closings):
            window = self.window(one.recipient)
            if window.open(now) and window.today(now) >= one.day and self.may_digest(one.recipient, now):
                step = {"step": one.status, "to": ["chased"], "via": ["email"]}
                self.notes.append(Notification(one, step, one.occurrence, one.recipient, "digest"))
                self.closings.remove(one)

    def spoken_for(self, case, party):
        """The leads for whom an answer of this one counts."""
        mode, names = case.rule.get("answers", "all"), list(case.leads)
        if mode == "any" or (mode == "lead_first" and names and names[0] == party):
            return names
        return [party]

    def settle(self, case, party):
        covered = self.spoken_for(case, party)
        if len(covered) == len(case.leads) or all(case.settled(lead) for lead in case.leads.values()):
            case.open = False

    def answer(self, action, event, now, today):
        """What is refused in one case is refused: it is one answer, in all of them or in none."""
        if event["response"] == "snooze" and self.refuses_snooze(action, event["party"]):
            return
        for case in self.open_of(action):
            if event["response"] == "update" and case.rule["anchor"] not in ("due", "milestone", "report_cutoff"):
                continue
            for name in self.spoken_for(case, event["party"]):
                if name in case.leads and not case.settled(case.leads[name]):
                    self.pause(case, case.leads[name], event, now, today)

    def refuses_snooze(self, action, party):
        """A step above the leads has gone about this one; where only about another for whom it speaks, who knows?"""
        cases = [case for case in self.open_of(action) if party in case.leads]
        if any(case.leads[party].above_gone for case in cases):
            return True
        if any(case.leads[name].above_gone for case in cases for name in self.spoken_for(case, party)):
            raise Silent("a snooze for another lead about whom a superior was told")
        return False

    def pause(self, case, lead, event, now, today):
        if lead.first:
            raise Silent("an answer before the first meeting's item")
        kind = event["response"]
        terms = case.rule["pauses"][kind]
        count, unit = offset(terms["up_to"])
        before = [pause for pause in lead.pauses if pause.kind == kind]
        inside = [pause for pause in lead.pauses if pause.start <= now < pause.end]
        refused = False
        if kind in ("acknowledge", "update"):
            refused = len(before) >= terms.get("times", 10 ** 6)
        else:
            if unit != "wd":
                raise Silent("a total in other days")
            count -= sum(len(self.cal.between(pause.day, pause.last)) for pause in before)
            refused = count <= 0
        if refused:
            if inside:
                raise Silent("a refused answer within a pause")
            return
        last = add(self.cal, today, count, unit)
        if event.get("until"):
            last = min(last, date.fromisoformat(event["until"]))
        if last <= today:
            raise Silent("a pause of no days")
        if any(pause.last >= last for pause in inside):
            raise Silent("a pause within another")
        for pause in inside:
            pause.answered = True
        end = instant(last.isoformat(), PLAN_ZONE)
        lead.again = lead.again_from = None
        lead.pauses.append(Pause(kind, now, today, last, end))

    # --- time -----------------------------------------------------------------------------------------------------

    def instants(self):
        found = {self.start} | {instant(event["at"], PLAN_ZONE) for event in self.scenario.get("events", [])}
        found |= {end for _, end in self.downs}
        day, last = self.start.date() - DAY, self.end.date() + DAY
        while day <= last:
            found.add(instant(day.isoformat(), PLAN_ZONE))
            for window in list(self.windows.values()) + [self.plan_window]:
                if day.weekday() in window.window["days"]:
                    found.add(window.at(day, window.window["open"]))
            day += DAY
        return sorted(one for one in found if self.start <= one <= self.end)

    def running(self, now):
        return not any(start <= now < end for start, end in self.downs)

    def look(self, now):
        for case in [case for case in self.cases if case.open]:
            for lead in case.leads.values():
                case.lapse_in_pauses(lead, now)
                case.end_pauses(lead, now)
            case.exhaust(now)
        self.allow_firsts(now)
        for case in self.cases:
            if not case.open:
                continue
            for lead in case.leads.values():
                case.to_lead(lead, now)
            case.to_superiors(now)
            case.to_others(now)
        coordinator = self.directory.get("coordinator")
        if self.items and self.window(coordinator).open(now) and self.may_digest(coordinator, now):
            for case in self.items:
                step = {"step": case.rule["rule"], "to": ["coordinator"], "via": ["email"]}
                self.notes.append(Notification(case, step, "exhausted", coordinator, "digest"))
            self.items = []
        self.tell_closings(now)
        lines, digests = compose(now, self.notes, self.parties, lambda name: self.window(name).zone, self.places)
        self.lines += lines
        for name in digests:
            self.digested[(name, self.window(name).today(now))] = now
        self.notes = []

    def run(self):
        events = sorted(((instant(event["at"], PLAN_ZONE), i, event)
                         for i, event in enumerate(self.scenario.get("events", []))), key=lambda one: one[:2])
        for now in self.instants():
            if now == self.start:
                self.begin(now, first=True)
            for at, _, event in events:
                if at == now:
                    if not self.running(now):
                        raise Silent("an answer while the service is down")
                    self.happen(event, now)
            if self.running(now):
                self.look(now)
        return self.lines


def expected(scenario):
    return sorted(Simulation(scenario).run())


def main(paths):
    failed = 0
    for path in paths:
        scenario = load(path)
        try:
            got = expected(scenario)
        except Silent as silent:
            print("silent", path, silent)
            failed += 1
            continue
        want = sorted(scenario["expected"])
        if got != want:
            failed += 1
            print("FAIL", path)
            for line in want:
                if line not in got:
                    print("  expected ", line)
            for line in got:
                if line not in want:
                    print("  got      ", line)
    print("%d passed, %d failed" % (len(paths) - failed, failed))
    return 1 if failed else 0


def comparable(line, to_the_day):
    """Where the service died and came back, the day is compared and not the minute."""
    return line[:10] + line[line.index("  "):] if to_the_day else line


def judge(path):
    """What it says of one simulated seed: the difference, the number of lines, or why it says nothing."""
    scenario = load(path)
    try:
        worked_out = expected(scenario)
    except Silent as silent:
        return path, None, 0, str(silent)
    to_the_day = scenario["to_the_day"]
    got = sorted(comparable(line, to_the_day) for line in scenario["expected"])
    want = sorted(comparable(line, to_the_day) for line in worked_out)
    differs = ["  not sent  " + line for line in want if line not in got]
    differs += ["  sent      " + line for line in got if line not in want]
    if got != want and not differs:
        differs = ["  a line came twice"]
    return path, differs, len(got), ""


def simulated(folder):
    """Exit 1 if a seed differs, or if too few of them say anything."""
    names = sorted(os.listdir(folder), key=lambda one: int(one.split(".")[0]))
    same = differing = lines = 0
    silences = Counter()
    with Pool() as pool:
        for path, differs, count, silence in pool.imap(judge, [os.path.join(folder, name) for name in names], 4):
            if differs is None:
                silences[silence] += 1
            elif not differs:
                same += 1
                lines += count
            else:
                differing += 1
                print("chaser-sim --seed %s" % os.path.basename(path).split(".")[0])
                print("\n".join(differs))
    decided = 100 * (same + differing) // max(len(names), 1)
    print("oracle: %d calm seeds the same, %d lines; %d differ; decided %d %%" % (same, lines, differing, decided))
    for silence, times in silences.most_common():
        print("  undecided %d: %s" % (times, silence))
    return 1 if differing or decided < DECIDED_LEAST else 0


if __name__ == "__main__":
    sys.exit(simulated(sys.argv[2]) if sys.argv[1] == "--simulated" else main(sys.argv[1:]))
