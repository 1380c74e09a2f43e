#!/usr/bin/env python3
"""Validates YAML files against a schema of docs/schema with the independent validator python3-jsonschema.

validate_schemas.py SCHEMA FILE...   prints "ok FILE" or "broken FILE: ..." a line, in order.
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's core words, as editors and Chaser read them: days and times are text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]*$", "-+0123456789"),
]:
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    errors = sorted(validator.iter_errors(yaml.load(pathlib.Path(path).read_text(), Loader)), key=str)
    print(f"broken {path}: {errors[0].message[:200]}" if errors else f"ok {path}")
