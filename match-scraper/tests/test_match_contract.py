"""The producer's model and the contract say the same, in both directions.

What is tried is generated: from the schema document for what may arrive, from the model for what may leave. Every
value that sets validators and models at odds (a trailing newline, True for 1, year 0 …) is put into every field.
"""

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from match_scraper.match_data import MatchData

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "schemas" / "match-message-schema.json").read_text(encoding="utf-8")
)
FIELDS: dict[str, Any] = SCHEMA["properties"]
CONTRACT = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
EXAMPLES: list[dict[str, Any]] = SCHEMA["examples"]
FULL = EXAMPLES[-1]
"""The example with the most fields, to put a single odd value into."""
NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""How a model says what the contract says by `not` and `#/$defs/control`."""
FACETS = ("enum", "minLength", "maxLength", "minimum", "maximum", "format", "pattern")

generated = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


# What the schema says, as values.


def values(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values that `rule`, the schema of one field, allows."""
    known = {"type", "enum", "minLength", "maxLength", "minimum", "maximum", "format", "pattern", "not", "anyOf"}
    assert rule.keys() <= known | {"description", "title", "default"}, (
        f"a keyword that nothing is generated for: {rule}"
    )
    if "anyOf" in rule:
        return st.one_of([values(branch, schema) for branch in rule["anyOf"]])
    allowed = Draft202012Validator({"$defs": schema.get("$defs", {}), **rule}, format_checker=FormatChecker())
    types = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    kinds = {"string": texts, "integer": numbers, "null": nothing}
    one_of = st.sampled_from(rule["enum"]) if "enum" in rule else st.one_of([kinds[kind](rule) for kind in types])
    return one_of.filter(allowed.is_valid)


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


def documents(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Messages that `schema` allows, without unknown fields."""
    needed = set(schema["required"])
    each = {name: values(rule, schema) for name, rule in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: strategy for name, strategy in each.items() if name in needed},
        optional={name: strategy for name, strategy in each.items() if name not in needed},
    )


MESSAGES = documents(SCHEMA)


# The rules between fields, which the schema describes in words and only code can keep.


def _sides(document: Mapping[str, Any], *names: str) -> list[bool]:
    return [document.get(name) is not None for name in names]


def _against_itself(document: Mapping[str, Any]) -> bool:
    if all(_sides(document, "home_team_id", "away_team_id")):
        return bool(document["home_team_id"] == document["away_team_id"])
    return bool(document["home_team"] == document["away_team"])


RULES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "a team against itself": _against_itself,
    "a score with one side": lambda document: len(set(_sides(document, "score_home", "score_away"))) == 2,
    "a shootout with one side": lambda document: len(set(_sides(document, "penalty_home", "penalty_away"))) == 2,
    "a shootout without a score": lambda document: (
        any(_sides(document, "penalty_home", "penalty_away")) and not any(_sides(document, "score_home", "score_away"))
    ),
    "completed without a score": lambda document: (
        document.get("status") == "completed" and not any(_sides(document, "score_home", "score_away"))
    ),
}


def broken_rules(document: Mapping[str, Any]) -> list[str]:
    return [name for name, is_broken in RULES.items() if is_broken(document)]


def reconciled(document: dict[str, Any]) -> dict[str, Any]:
    """The same message with every rule between fields kept."""
    kept = dict(document)
    for home, away in (("score_home", "score_away"), ("penalty_home", "penalty_away")):
        if not all(_sides(kept, home, away)):
            kept[home] = kept[away] = None
    if kept["score_home"] is None:
        kept["penalty_home"] = kept["penalty_away"] = None
        kept["status"] = None if kept.get("status") == "completed" else kept.get("status")
    if _against_itself(kept):
        kept |= {"home_team": "Home", "away_team": "Away", "home_team_id": None}
    return kept


# What the two say about one document.


def refused_by_contract(document: Any) -> set[str]:
    """The fields at fault, as the schema sees it."""
    found: set[str] = set()
    for error in CONTRACT.iter_errors(document):
        found |= {str(error.absolute_path[0])} if error.absolute_path else set(SCHEMA["required"]) - document.keys()
    return found


def refused_by_model(document: Any) -> set[str]:
    """The fields at fault, as the model sees it; empty for what breaks only a rule between fields."""
    try:
        MatchData.model_validate(document)
    except ValidationError as refusal:
        return {str(error["loc"][0]) for error in refusal.errors() if error["loc"]}
    return set()


def assert_one_verdict(document: dict[str, Any]) -> None:
    at_fault = refused_by_contract(document)
    assert refused_by_model(document) == at_fault
    if at_fault:
        return
    try:
        match = MatchData.model_validate(document)
    except ValidationError:
        assert broken_rules(document)
    else:
        assert broken_rules(document) == []
        assert_same_statement(match.payload(), document)


def assert_same_statement(payload: dict[str, Any], document: dict[str, Any]) -> None:
    """`payload` says what `document` says: null is absent, and an instant may stand in another zone."""

    def comparable(message: Mapping[str, Any]) -> dict[str, Any]:
        present = {name: value for name, value in message.items() if value is not None}
        if "observed_at" in present:
            present["observed_at"] = dt.datetime.fromisoformat(present["observed_at"])
        return present

    assert comparable(payload) == comparable(document)


def odd_values() -> list[Any]:
    """Values near every limit of the schema, and those that validators and models like to disagree about."""
    odd: list[Any] = [None, True, False, [], ["x"], {}, {"x": 1}]
    odd += [2.0, 2.5, -0.0, 1e300, math.inf, -math.inf, math.nan, 10**30, -(10**30), 10**400]
    odd += ["", " ", "x", "2", "²", "\u2028", "\ufeff", "\U0001f600", "e\u0301"]
    odd += [
        f"x{control}x" for control in ("\0", "\t", "\n", "\r", "\x1f", "\x7f", "\x80", "\x85", "\x9f", "\xa0", "\xad")
    ]
    for rule in FIELDS.values():
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


ODD_VALUES = odd_values()


# What the schema allows, the model accepts.


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["home_team"])
def test_the_examples_of_the_schema_are_accepted_and_emitted_unchanged(example: dict[str, Any]) -> None:
    CONTRACT.validate(example)
    assert MatchData.model_validate(example).payload() == example


@generated
@given(MESSAGES.map(reconciled))
def test_what_the_schema_allows_is_accepted_and_sent_as_it_was(document: dict[str, Any]) -> None:
    CONTRACT.validate(document)
    match = MatchData.model_validate(document)
    assert_same_statement(match.payload(), document)


@generated
@given(MESSAGES)
def test_of_what_the_schema_allows_only_contradictions_are_refused(document: dict[str, Any]) -> None:
    assert_one_verdict(document)


@pytest.mark.parametrize("rule", RULES)
def test_each_contradiction_is_refused(rule: str) -> None:
    contradictions: dict[str, dict[str, Any]] = {
        "a team against itself": {"home_team_id": "1", "away_team_id": "1"},
        "a score with one side": {"score_away": None},
        "a shootout with one side": {"penalty_home": 4},
        "a shootout without a score": {
            "penalty_home": 4,
            "penalty_away": 3,
            "score_home": None,
            "score_away": None,
            "status": "tbd",
        },
        "completed without a score": {"score_home": None, "score_away": None},
    }
    document = FULL | contradictions[rule]
    CONTRACT.validate(document)
    assert broken_rules(document) == [rule]
    with pytest.raises(ValidationError):
        MatchData.model_validate(document)


def test_two_squads_of_one_name_are_told_apart_by_their_ids() -> None:
    MatchData.model_validate(FULL | {"away_team": FULL["home_team"]})
    with pytest.raises(ValidationError, match="home_team and away_team are both"):
        MatchData.model_validate(FULL | {"away_team": FULL["home_team"], "away_team_id": None})


@generated
@given(st.text().filter(lambda name: name not in FIELDS), st.none() | st.integers() | st.text())
def test_an_unknown_field_is_allowed_by_the_schema_and_refused_here(name: str, value: Any) -> None:
    document = FULL | {name: value}
    CONTRACT.validate(document)
    with pytest.raises(ValidationError) as refusal:
        MatchData.model_validate(document)
    assert [(error["type"], error["loc"]) for error in refusal.value.errors()] == [("extra_forbidden", (name,))]


@pytest.mark.parametrize("text", ["\ud800", "FC \udfff", "\udc00\ud800"])
def test_an_unpaired_surrogate_is_no_text(text: str) -> None:
    assert "unpaired surrogate" in SCHEMA["description"]
    assert refused_by_model(FULL | {"home_team": text, "notes": text}) == {"home_team", "notes"}


# What the model lets out, the schema allows.


@generated
@given(documents(MatchData.model_json_schema()).map(reconciled))
def test_what_the_model_says_it_takes_is_in_the_contract(document: dict[str, Any]) -> None:
    payload = MatchData.model_validate(document).payload()
    CONTRACT.validate(payload)
    assert_same_statement(payload, document)


NEAR = st.text(max_size=5) | st.sampled_from(["x" * 200, "x" * 201, "x\n", "00:00", "tbd"])
PYTHON_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 102)
    | st.floats()
    | NEAR
    | st.dates()
    | st.datetimes(
        timezones=st.none() | st.builds(dt.timezone, st.timedeltas(-dt.timedelta(hours=23), dt.timedelta(hours=23)))
    )
)


@generated
@given(
    st.fixed_dictionaries(
        {"date": st.dates()},
        optional={
            "observed_at": st.datetimes(
                timezones=st.builds(dt.timezone, st.timedeltas(-dt.timedelta(hours=23), dt.timedelta(hours=23)))
            ),
            "notes": NEAR,
            "home_team": NEAR,
            "match_time": NEAR,
        },
    ),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), PYTHON_VALUES, max_size=1),
)
def test_whatever_python_puts_in_what_comes_out_is_in_the_contract(likely: dict[str, Any], odd: dict[str, Any]) -> None:
    try:
        match = MatchData(**(FULL | likely | odd))
    except ValidationError:
        return
    payload = match.payload()
    CONTRACT.validate(payload)
    assert MatchData.model_validate(json.loads(json.dumps(payload))) == match


# What the schema refuses, the model refuses, and says which field.


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_gets_one_verdict_whatever_it_holds(field: str) -> None:
    assert_one_verdict({name: value for name, value in FULL.items() if name != field})
    for value in ODD_VALUES:
        assert_one_verdict(FULL | {field: value})


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(ODD_VALUES),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    document = draw(MESSAGES)
    for field in draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=3, unique=True)):
        how = draw(st.sampled_from(["missing", "another", "longer", "broken", "as text"]))
        value = document.pop(field, None)
        if how == "another":
            document[field] = draw(ANY_JSON)
        elif how == "longer":
            document[field] = f"{value}" * draw(st.integers(2, 300))
        elif how == "broken":
            at = draw(st.integers(0, len(str(value))))
            document[field] = str(value)[:at] + draw(st.characters(codec="utf-8")) + str(value)[at:]
        elif how == "as text":
            document[field] = str(value)
    return document


@generated
@given(mutated())
def test_a_mutated_message_gets_one_verdict(document: dict[str, Any]) -> None:
    assert_one_verdict(document)


# The model's own schema and the contract, field by field.


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


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_model_has_the_contracts_fields_and_no_others(mode: Any) -> None:
    own = MatchData.model_json_schema(mode=mode)
    assert own["properties"].keys() == FIELDS.keys()
    assert set(own["required"]) == set(SCHEMA["required"])


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_has_the_contracts_type_enum_limits_and_format(field: str, mode: Any) -> None:
    own = MatchData.model_json_schema(mode=mode)["properties"]
    assert facets(own[field]) == facets(FIELDS[field])


def test_the_model_is_strict_and_the_contract_is_open() -> None:
    assert MatchData.model_json_schema()["additionalProperties"] is False
    assert "additionalProperties" not in SCHEMA
