"""The consumer's model and the contract say the same, in both directions, and old messages stay valid.

What is tried is generated: from the schema document for what may arrive, from the model for what may leave. Every
value that sets validators and models at odds (a trailing newline, True for 1, year 0 …) is put into every field.
"""

import datetime as dt
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contract_values import documents, facets, generated, mutated, odd_values
from missing_table import match_data
from missing_table.match_data import MatchData

DOCS = Path(__file__).parents[1] / "docs" / "08-integrations"
CURRENT = DOCS / "match-message-schema.json"
SCHEMA: dict[str, Any] = json.loads(CURRENT.read_text(encoding="utf-8"))
FIELDS: dict[str, Any] = SCHEMA["properties"]
CONTRACT = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
EXAMPLES: list[dict[str, Any]] = SCHEMA["examples"]
FULL = EXAMPLES[-1]
"""The example with the most fields, to put a single odd value into."""
MESSAGES = documents(SCHEMA)


def emitted(match: MatchData) -> dict[str, Any]:
    """The message as it leaves missing-table again, to its own queue and to its clients."""
    return match.model_dump(mode="json", exclude_none=True)


# What the two say about one document.


def refused_by_contract(document: Any) -> set[str]:
    """The fields at fault, as the schema sees it."""
    found: set[str] = set()
    for error in CONTRACT.iter_errors(document):
        found |= {str(error.absolute_path[0])} if error.absolute_path else set(SCHEMA["required"]) - document.keys()
    return found


def refused_by_model(document: Any) -> set[str]:
    """The fields at fault, as the model sees it."""
    try:
        MatchData.model_validate(document)
    except ValidationError as refusal:
        return {str(error["loc"][0]) for error in refusal.errors()}
    return set()


def assert_one_verdict(document: dict[str, Any]) -> None:
    at_fault = refused_by_contract(document)
    assert refused_by_model(document) == at_fault
    if not at_fault:
        assert_same_statement(emitted(MatchData.model_validate(document)), document)


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
    assert emitted(MatchData.model_validate(example)) == example


@generated
@given(MESSAGES)
def test_what_the_schema_allows_is_accepted_as_it_is(document: dict[str, Any]) -> None:
    CONTRACT.validate(document)
    assert_same_statement(emitted(MatchData.model_validate(document)), document)


@generated
@given(st.text().filter(lambda name: name not in FIELDS), st.none() | st.integers() | st.text())
def test_an_unknown_field_is_allowed_by_the_schema_and_passed_over_here(name: str, value: Any) -> None:
    document = FULL | {name: value}
    CONTRACT.validate(document)
    assert emitted(MatchData.model_validate(document)) == FULL


@pytest.mark.parametrize("text", ["\ud800", "FC \udfff", "\udc00\ud800"])
def test_an_unpaired_surrogate_is_no_text(text: str) -> None:
    assert "unpaired surrogate" in SCHEMA["description"]
    assert refused_by_model(FULL | {"home_team": text, "notes": text}) == {"home_team", "notes"}


# What the model lets out, the schema allows.


@generated
@given(documents(MatchData.model_json_schema()))
def test_what_the_model_says_it_takes_is_in_the_contract(document: dict[str, Any]) -> None:
    payload = emitted(MatchData.model_validate(document))
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
    payload = emitted(match)
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


def test_the_model_and_the_contract_are_open() -> None:
    assert "additionalProperties" not in MatchData.model_json_schema()
    assert "additionalProperties" not in SCHEMA


@pytest.mark.parametrize("example", MatchData.model_json_schema()["examples"], ids=lambda example: example["home_team"])
def test_the_examples_of_the_model_are_in_the_contract(example: dict[str, Any]) -> None:
    CONTRACT.validate(example)
    assert emitted(MatchData.model_validate(example)) == example


# What was valid stays valid, but for the limits that the changelog lists.


def version(released: Path) -> tuple[int, ...]:
    """Of a file such as match-message-1.0.json."""
    return tuple(int(part) for part in released.stem.rpartition("-")[2].split("."))


RELEASED = sorted((DOCS / "schemas" / "released").glob("match-message-*.json"), key=version)
OLDER, NEWEST = RELEASED[:-1], RELEASED[-1]
OLD_MESSAGES = {older: documents(json.loads(older.read_text(encoding="utf-8"))) for older in OLDER}


def _texts(document: Mapping[str, Any], *, but: str = "") -> list[str]:
    return [value for name, value in document.items() if isinstance(value, str) and name != but]


LISTED_LIMITS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "a text of more than 200 characters": lambda document: any(
        len(text) > 200 for text in _texts(document, but="notes")
    ),
    "`notes` of more than 2,000 characters": lambda document: len(document.get("notes") or "") > 2000,
    "a control character": lambda document: any(
        unicodedata.category(letter) == "Cc" for text in _texts(document) for letter in text
    ),
    "a score above 99": lambda document: any((document.get(f"score_{side}") or 0) > 99 for side in ("home", "away")),
}


def test_the_contract_is_the_newest_release() -> None:
    assert CURRENT.read_bytes() == NEWEST.read_bytes(), (
        "a change of the contract is a new version, with a file of its own"
    )
    assert SCHEMA["$id"].endswith(":" + ".".join(map(str, version(NEWEST))))


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older.stem)
@settings(generated, max_examples=500)
@given(data=st.data())
def test_an_old_message_is_valid_but_for_the_listed_limits(older: Path, data: st.DataObject) -> None:
    document = data.draw(OLD_MESSAGES[older])
    passed = [name for name, is_passed in LISTED_LIMITS.items() if is_passed(document)]
    assert (refused_by_contract(document) == set()) == (passed == []), passed


@pytest.mark.parametrize("limit", LISTED_LIMITS)
def test_each_limit_is_listed_in_the_changelog(limit: str) -> None:
    assert f"- {limit}" in (DOCS / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older.stem)
def test_each_field_since_added_is_in_the_changelog(older: Path) -> None:
    changelog = (DOCS / "CHANGELOG.md").read_text(encoding="utf-8")
    added = FIELDS.keys() - json.loads(older.read_text(encoding="utf-8"))["properties"].keys()
    assert [name for name in sorted(added) if f"- `{name}`" not in changelog] == []


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older.stem)
def test_no_field_was_taken_away_or_made_required(older: Path) -> None:
    before = json.loads(older.read_text(encoding="utf-8"))
    assert before["properties"].keys() <= FIELDS.keys()
    assert set(SCHEMA["required"]) <= set(before["required"])


def test_its_version_is_the_documents() -> None:
    assert SCHEMA["$id"] == f"urn:missing-table:match-message:{match_data.CONTRACT}"
