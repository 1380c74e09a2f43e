"""A scenario file, in the format of the dated scenarios, with the files beside it that it names."""
import json
import os

OWN = {"leads"}
DEFAULT_PAUSES = {"acknowledge": {"up_to": "10wd", "times": 2}, "snooze": {"up_to": "20wd"},
                  "blocked": {"up_to": "20wd"}, "update": {"up_to": "10wd", "times": 1}, "extension": {"up_to": "10wd"}}


def listed(value):
    return value if isinstance(value, list) else [value]


class Silent(Exception):
    """The design does not say what must happen here: the scenario is no test of anything."""


def load(path):
    def beside(value):
        if not isinstance(value, str):
            return value
        with open(os.path.join(os.path.dirname(path), value), encoding="utf-8") as file:
            return json.load(file)
    with open(path, encoding="utf-8") as file:
        scenario = json.load(file)
    for key in ("plan", "directory", "rules"):
        scenario[key] = beside(scenario[key])
    return scenario


def rules_of(scenario):
    """The rules in the order of the file, with what is left out filled in."""
    rules = []
    for rule in scenario["rules"]["rules"]:
        if "use" in scenario and rule["rule"] not in scenario["use"]:
            continue
        rule = dict(rule)
        rule["pauses"] = {**DEFAULT_PAUSES, **rule.get("pauses", {})}
        rule["steps"] = [{**step, "to": listed(step["to"]), "via": listed(step.get("via", ["email"]))}
                         for step in rule["steps"]]
        rules.append(rule)
    return rules


def leads_of(action, directory):
    parties, leads = directory["parties"], []
    for owner in action.get("owners", []):
        party = parties.get(owner)
        members = party["members"] if party and party.get("kind") == "class" else [owner] if party else []
        leads += [member for member in members if member not in leads]
    return leads
