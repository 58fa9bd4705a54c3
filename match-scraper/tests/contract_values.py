"""Documents for contract tests: what a JSON Schema allows, and what sets validators and models at odds."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""How a model says what a contract says by `not` and `#/$defs/control`."""
FACETS = ("enum", "minLength", "maxLength", "minimum", "maximum", "format", "pattern", "minItems", "maxItems")

generated = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def values(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values that `rule`, the schema of one field, allows."""
    if "$ref" in rule:
        return values(referred(rule, schema), schema)
    known = {*FACETS, "type", "not", "anyOf", "items", "required", "properties", "additionalProperties"}
    assert rule.keys() <= known | {"description", "title", "default", "examples"}, (
        f"a keyword that nothing is generated for: {rule}"
    )
    if "anyOf" in rule:
        return st.one_of([values(branch, schema) for branch in rule["anyOf"]])
    allowed = Draft202012Validator({"$defs": schema.get("$defs", {}), **rule}, format_checker=FormatChecker())
    types = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    if "array" in types:
        most = min(rule["maxItems"], rule["minItems"] + 3)
        return st.lists(values(rule["items"], schema), min_size=rule["minItems"], max_size=most)
    if "object" in types:
        return documents(rule, schema)
    kinds = {"string": texts, "integer": numbers, "null": nothing}
    one_of = st.sampled_from(rule["enum"]) if "enum" in rule else st.one_of([kinds[kind](rule) for kind in types])
    return one_of.filter(allowed.is_valid)


def referred(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rule that `rule` only points at: one of the schema's own definitions."""
    found: Mapping[str, Any] = schema["$defs"][rule["$ref"].removeprefix("#/$defs/")]
    return found


def texts(rule: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if rule.get("format") == "date":
        return st.dates().map(dt.date.isoformat)
    if rule.get("format") == "date-time":
        return instants()
    least, most = rule.get("minLength", 0), rule.get("maxLength", 3_000)
    without_control = "not" in rule or "pattern" in rule
    letters = st.characters(codec="utf-8", exclude_categories=["Cc"] if without_control else [])
    if "pattern" in rule and rule["pattern"] != NO_CONTROL_CHARACTERS:
        return st.from_regex(rule["pattern"], fullmatch=True, alphabet=letters)
    limits = st.sampled_from(sorted({least, most - 1, most}))
    return st.text(letters, min_size=least, max_size=min(most, 30)) | st.builds(str.__mul__, letters, limits)


def nothing(_: Mapping[str, Any]) -> st.SearchStrategy[None]:
    return st.none()


def instants() -> st.SearchStrategy[str]:
    moments = st.datetimes() | st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1))
    zones = st.sampled_from(["Z", "+00:00", "-00:00"]) | st.from_regex(
        r"[+-]([01][0-9]|2[0-3]):[0-5][0-9]", fullmatch=True
    )
    return st.builds(lambda moment, zone: moment.isoformat() + zone, moments, zones)


def numbers(rule: Mapping[str, Any]) -> st.SearchStrategy[float]:
    whole = st.integers(rule.get("minimum"), rule.get("maximum"))
    return whole | whole.filter(lambda number: abs(number) < 2**53).map(float)


def documents(rule: Mapping[str, Any], schema: Mapping[str, Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that `rule` allows, without unknown fields; `schema` is the whole of which it is a part."""
    needed = set(rule["required"])
    each = {name: values(field, schema or rule) for name, field in rule["properties"].items()}
    return st.fixed_dictionaries(
        {name: strategy for name, strategy in each.items() if name in needed},
        optional={name: strategy for name, strategy in each.items() if name not in needed},
    )


def odd_values(fields: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Values near every limit of `fields`, and those that validators and models like to disagree about."""
    odd: list[Any] = [None, True, False, [], ["x"], {}, {"x": 1}]
    odd += [2.0, 2.5, -0.0, 1e300, math.inf, -math.inf, math.nan, 10**30, -(10**30), 10**400]
    odd += ["", " ", "x", "2", "²", "\u2028", "\ufeff", "\U0001f600", "e\u0301"]
    odd += [
        f"x{control}x" for control in ("\0", "\t", "\n", "\r", "\x1f", "\x7f", "\x80", "\x85", "\x9f", "\xa0", "\xad")
    ]
    for rule in fields.values():
        if "maximum" in rule:
            limits = (rule["minimum"], rule["maximum"])
            odd += [kind(limit + step) for limit in limits for step in (-1, 0, 1) for kind in (int, float, str)]
        if "maxLength" in rule:
            odd += [letter * (rule["maxLength"] + step) for letter in ("x", "\U0001f600") for step in (-1, 0, 1)]
        for word in rule.get("enum", []):
            odd += [word] if word is None else [word, word.upper(), f"{word} ", f"{word}\n"]
    days = [
        "2026-10-05",
        "0001-01-01",
        "9999-12-31",
        "2024-02-29",
        "2023-02-29",
        "0000-01-01",
        "2026-13-01",
        "2026-1-1",
    ]
    days += ["20261005", "2026-W40-1", "2026-278", "26-10-05", "+2026-10-05", "12026-10-05", "2026/10/05"]
    days += ["２０２６-10-05", " 2026-10-05"]
    clocks = ["00:00", "23:59", "24:00", "12:60", "7:30", "07.30", "0730", "07:30:00", "07:3０", "noon"]
    instants = [
        "2026-10-05T04:40:03" + zone for zone in ("Z", "z", "", "+00:00", "-00:00", "+23:59", "+24:00", "+0000", "+00")
    ]
    instants += ["2026-10-05T04:40:03" + part + "Z" for part in (".1", ".123456", ".1234567", ".", ",1")]
    instants += [
        f"{moment}{zone}"
        for moment in ("1900-01-01T00:00:00", "2999-12-31T23:59:59", "1900-01-02T00:00:00", "2999-12-30T23:59:59")
        for zone in ("Z", "+00:00", "+23:59", "-23:59")
    ]
    instants += ["1899-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-02-29T00:00:00Z"]
    instants += ["2026-10-05t04:40:03Z", "2026-10-05 04:40:03Z", "2026-10-05T24:00:00Z", "2016-12-31T23:59:60Z"]
    instants += ["2026-10-05T04:40Z", "2026-10-05T04:40:03Z\0", "２026-10-05T04:40:03Z"]
    odd += days + clocks + instants
    odd += [f"{text}\n" for text in ("", "x", days[0], clocks[0], instants[0])]
    odd += [f" {text}" for text in (days[0], clocks[0], instants[0])]
    return odd


def any_json(odd: list[Any]) -> st.SearchStrategy[Any]:
    """Any JSON, most of all the values of `odd`."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(odd),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
        max_leaves=4,
    )


@st.composite
def mutated(
    draw: st.DrawFn, documents: st.SearchStrategy[dict[str, Any]], fields: list[str], odd: list[Any]
) -> dict[str, Any]:
    """One of `documents` in which one to three of `fields` are missing, or not what they should be."""
    document = draw(documents)
    for field in draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique=True)):
        how = draw(st.sampled_from(["missing", "another", "longer", "broken", "as text"]))
        value = document.pop(field, None)
        if how == "another":
            document[field] = draw(any_json(odd))
        elif how == "longer":
            document[field] = f"{value}" * draw(st.integers(2, 300))
        elif how == "broken":
            at = draw(st.integers(0, len(str(value))))
            document[field] = str(value)[:at] + draw(st.characters(codec="utf-8")) + str(value)[at:]
        elif how == "as text":
            document[field] = str(value)
    return document


def facets(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What a field's schema limits, in one form for both: null as a type, and no word about control characters."""
    branches = rule.get("anyOf", [rule])
    found: dict[str, Any] = {"type": set()}
    for branch in branches:
        found["type"] |= {branch["type"]} if isinstance(branch["type"], str) else set(branch["type"])
        found |= {facet: branch[facet] for facet in FACETS if facet in branch}
    if "enum" in found:
        found["enum"] = set(found["enum"]) - {None}
    if found.get("pattern") == NO_CONTROL_CHARACTERS:
        del found["pattern"]
    return found
