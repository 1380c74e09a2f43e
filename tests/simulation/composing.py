"""Notifications of one instant as the lines of a scenario: what rides under what, and which actions share a line."""


class Closing:
    """That an action has ended, told to one who was written to about it."""

    def __init__(self, action, status, recipient, occurrence, day):
        self.action, self.status, self.recipient, self.occurrence, self.day = action, status, recipient, occurrence, day
        self.order, self.rule = 0, {"rule": "closed"}


class Notification:
    def __init__(self, case, step, occurrence, recipient, deliver, about=(), late=False):
        self.case, self.step, self.occurrence, self.recipient = case, step, occurrence, recipient
        self.deliver, self.about, self.late = deliver, list(about), late
        self.rule = case.rule["rule"] if occurrence != "exhausted" else "exhausted"
        if isinstance(case, Closing):
            self.rule = "closed"
        self.name = "%s/%s" % (self.rule, step["step"])


def heads(notes):
    """Of one person and channel: the highest direct step of each action (widest audience, then earlier rule)."""
    found = {}
    for note in notes:
        if note.deliver == "direct":
            rank = (-len(note.step["to"]), note.case.order)
            best = found.get(note.case.action["id"])
            if best is None or rank < best[0]:
                found[note.case.action["id"]] = (rank, note)
    return {action: note for action, (_, note) in found.items()}


def channels(note, parties):
    if note.recipient.startswith("report:"):
        return ["report"]
    return [via for via in note.step["via"] if via in parties[note.recipient]]


def compose(now, notes, parties, zone_of, places):
    """The lines of an instant, and whom a digest reaches."""
    lines, digests = {}, set()
    for recipient in {note.recipient for note in notes}:
        own = [note for note in notes if note.recipient == recipient]
        late = any(note.late for note in own if note.deliver == "direct")
        for channel in {via for note in own for via in channels(note, parties)}:
            here = [note for note in own if channel in channels(note, parties)]
            head = heads(here)
            for note in here:
                above = head.get(note.case.action["id"])
                under = ""
                if late and above is not None:
                    under = " in catch-up"
                elif above is not None and above is not note:
                    under = " in " + above.name
                if note.deliver == "digest" and not under:
                    digests.add(recipient)
                occurrence = 0 if note.occurrence == "exhausted" else note.occurrence
                about = " about " + " ".join(sorted(note.about)) if note.about else ""
                local = now.astimezone(zone_of(recipient)).isoformat(timespec="minutes")
                line = "%s  %s %s  %s %s %s%s%s" % (local, note.name, occurrence, recipient, channel,
                                                    note.deliver, about, under)
                lines.setdefault(line, []).append(note.case.action["id"])
    return [line + ": " + " ".join(sorted(ids, key=places.get)) for line, ids in lines.items()], digests
