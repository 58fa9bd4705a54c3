"""The producer's model and the contract say the same, in both directions.

What is tried is generated: from the schema document for what may arrive, from the model for what may leave. Every
value that sets validators and models at odds (a trailing newline, True for 1, year 0 …) is put into every field.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contract_values import documents, facets, generated, mutated, odd_values
from match_scraper import match_data
from match_scraper.match_data import MatchData

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "schemas" / "match-message-schema.json").read_text(encoding="utf-8")
)
FIELDS: dict[str, Any] = SCHEMA["properties"]
CONTRACT = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
EXAMPLES: list[dict[str, Any]] = SCHEMA["examples"]
FULL = EXAMPLES[-1]
"""The example with the most fields, to put a single odd value into."""
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


ODD_VALUES = odd_values(FIELDS)


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


@generated
@given(mutated(MESSAGES, sorted(FIELDS), ODD_VALUES))
def test_a_mutated_message_gets_one_verdict(document: dict[str, Any]) -> None:
    assert_one_verdict(document)


# The model's own schema and the contract, field by field.


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


def test_its_version_is_the_documents() -> None:
    assert SCHEMA["$id"] == f"urn:missing-table:match-message:{match_data.CONTRACT}"
