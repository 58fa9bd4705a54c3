"""The consumer's `BracketData` and the bracket contract say the same, in both directions.

What is tried is generated from the schema document and from the model, as for the match message.
"""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contract_values import documents, facets, generated, mutated, odd_values, referred
from missing_table import bracket_data
from missing_table.bracket_data import BracketData

DOCS = Path(__file__).parents[1] / "docs" / "08-integrations"
CURRENT = DOCS / "bracket-message-schema.json"
SCHEMA: dict[str, Any] = json.loads(CURRENT.read_text(encoding="utf-8"))
FIELDS: dict[str, Any] = SCHEMA["properties"]
TEAM: Mapping[str, Any] = referred(FIELDS["teams"]["items"], SCHEMA)
CONTRACT = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
EXAMPLES: list[dict[str, Any]] = SCHEMA["examples"]
FULL = EXAMPLES[-1]
"""The example with the most fields, to put a single odd value into."""
MESSAGES = documents(SCHEMA)
ODD_VALUES = odd_values({**FIELDS, **TEAM["properties"]})


def emitted(bracket: BracketData) -> dict[str, Any]:
    """The message as it leaves missing-table for its own queue."""
    return bracket.model_dump(mode="json", exclude_none=True)


def refused_by_contract(document: Any) -> set[str]:
    """The fields at fault, as the schema sees it; of a team, the field within it."""
    found: set[str] = set()
    for error in CONTRACT.iter_errors(document):
        path = [str(part) for part in error.absolute_path if not isinstance(part, int)]
        if error.validator == "required":
            found |= {".".join([*path, name]) for name in error.validator_value if name not in error.instance}
        else:
            found.add(".".join(path))
    return found


def refused_by_model(document: Any) -> set[str]:
    """The fields at fault, as the model sees it; empty for what breaks only a rule between fields."""
    try:
        BracketData.model_validate(document)
    except ValidationError as refusal:
        paths = (error["loc"] for error in refusal.errors() if error["loc"])
        return {".".join(str(part) for part in path if not isinstance(part, int)) for path in paths}
    return set()


def assert_one_verdict(document: dict[str, Any]) -> None:
    at_fault = refused_by_contract(document)
    assert refused_by_model(document) == at_fault
    if not at_fault:
        assert_same_statement(emitted(BracketData.model_validate(document)), document)


def assert_same_statement(payload: dict[str, Any], document: dict[str, Any]) -> None:
    """`payload` says what `document` says: null is absent, and an instant may stand in another zone."""

    def comparable(message: Mapping[str, Any]) -> dict[str, Any]:
        present = {name: value for name, value in message.items() if value is not None}
        present["observed_at"] = dt.datetime.fromisoformat(present["observed_at"])
        present["teams"] = [{n: v for n, v in team.items() if v is not None} for team in present["teams"]]
        return present

    assert comparable(payload) == comparable(document)


def with_team(**changed: Any) -> dict[str, Any]:
    """The full example whose first team has these fields instead; None leaves one out."""
    first, *others = FULL["teams"]
    return FULL | {"teams": [{name: value for name, value in (first | changed).items() if value is not ...}, *others]}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["age_group"])
def test_the_examples_of_the_schema_are_accepted_and_emitted_unchanged(example: dict[str, Any]) -> None:
    CONTRACT.validate(example)
    assert emitted(BracketData.model_validate(example)) == example


@generated
@given(MESSAGES)
def test_what_the_schema_allows_gets_one_verdict(document: dict[str, Any]) -> None:
    CONTRACT.validate(document)
    assert_one_verdict(document)


@generated
@given(st.text().filter(lambda name: name not in FIELDS), st.none() | st.integers() | st.text())
def test_an_unknown_field_is_allowed_by_the_schema_and_passed_over_here(name: str, value: Any) -> None:
    for document in (FULL | {name: value}, with_team(**{f"{name}?": value})):
        CONTRACT.validate(document)
        assert emitted(BracketData.model_validate(document)) == FULL


@pytest.mark.parametrize("text", ["\ud800", "FC \udfff", "\udc00\ud800"])
def test_an_unpaired_surrogate_is_no_text(text: str) -> None:
    assert "unpaired surrogate" in SCHEMA["description"]
    assert refused_by_model(with_team(team=text) | {"league": text}) == {"teams.team", "league"}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_gets_one_verdict_whatever_it_holds(field: str) -> None:
    assert_one_verdict({name: value for name, value in FULL.items() if name != field})
    for value in ODD_VALUES:
        assert_one_verdict(FULL | {field: value})


@pytest.mark.parametrize("field", TEAM["properties"])
def test_a_field_of_a_team_gets_one_verdict_whatever_it_holds(field: str) -> None:
    assert_one_verdict(with_team(**{field: ...}))
    for value in ODD_VALUES:
        assert_one_verdict(with_team(**{field: value}))


@pytest.mark.parametrize("count", [0, 1, 100, 101])
def test_a_bracket_has_one_to_a_hundred_teams(count: int) -> None:
    document = FULL | {"teams": [{"team": f"team {number}", "team_id": str(number)} for number in range(count)]}
    assert_one_verdict(document)
    assert (refused_by_model(document) == set()) == (1 <= count <= 100)


@generated
@given(mutated(MESSAGES, sorted(FIELDS), ODD_VALUES))
def test_a_mutated_message_gets_one_verdict(document: dict[str, Any]) -> None:
    assert_one_verdict(document)


@generated
@given(documents(BracketData.model_json_schema()))
def test_what_the_model_says_it_takes_is_in_the_contract(document: dict[str, Any]) -> None:
    CONTRACT.validate(document)
    assert_one_verdict(document)


# The model's own schema and the contract, field by field.


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_model_has_the_contracts_fields_types_and_limits(mode: Any) -> None:
    own = BracketData.model_json_schema(mode=mode)
    for mine, theirs in ((own, SCHEMA), (own["$defs"]["BracketTeam"], TEAM)):
        assert mine["properties"].keys() == theirs["properties"].keys()
        assert set(mine["required"]) == set(theirs["required"])
        for field, rule in theirs["properties"].items():
            assert facets(mine["properties"][field]) == facets(rule), field


def test_the_model_and_the_contract_are_open() -> None:
    assert "additionalProperties" not in json.dumps(BracketData.model_json_schema())
    assert "additionalProperties" not in json.dumps(SCHEMA)


@pytest.mark.parametrize("example", BracketData.model_json_schema()["examples"])
def test_the_examples_of_the_model_are_in_the_contract(example: dict[str, Any]) -> None:
    CONTRACT.validate(example)
    assert emitted(BracketData.model_validate(example)) == example


def test_the_contract_is_the_newest_release() -> None:
    released = sorted(
        (DOCS / "schemas" / "released").glob("bracket-message-*.json"),
        key=lambda file: [int(part) for part in file.stem.rpartition("-")[2].split(".")],
    )
    assert CURRENT.read_bytes() == released[-1].read_bytes(), "a change of the contract is a new version"
    assert released[-1].stem == f"bracket-message-{SCHEMA['$id'].rpartition(':')[2]}"


def test_each_field_is_in_the_changelog() -> None:
    changelog = (DOCS / "CHANGELOG.md").read_text(encoding="utf-8").partition("# The bracket message")[2]
    assert [name for name in (*FIELDS, *TEAM["properties"]) if f"`{name}`" not in changelog] == []


def test_its_version_is_the_documents() -> None:
    assert SCHEMA["$id"] == f"urn:missing-table:bracket-message:{bracket_data.CONTRACT}"
