"""From what a broker delivered to a match, or to a refusal that says why. Nothing that comes may do anything else."""

import contextlib
import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import NOW, body, delivery, match
from missing_table.ingest.envelope import ARGUMENT, TASK, Delivery, Refusal, open_envelope, read_match
from missing_table.match_data import MatchData

LIMIT = 10_000
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=10,
)


def opened(found: Delivery) -> MatchData:
    read = open_envelope(found, limit=LIMIT)
    assert isinstance(read, MatchData)
    return read


def why(found: Delivery) -> str:
    with pytest.raises(Refusal) as raised:
        opened(found)
    return raised.value.reason


def headers(**changed: Any) -> dict[str, Any]:
    return {"task": TASK, "id": "some-id", **changed}


def test_a_celery_message_is_a_match() -> None:
    assert opened(delivery()) == MatchData.model_validate(match())


def test_the_match_may_be_given_by_name() -> None:
    by_name = json.dumps([[], {ARGUMENT: match()}, {}]).encode()
    assert opened(delivery(body=by_name)) == MatchData.model_validate(match())


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/x-json", "text/json"])
@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "us-ascii", None, ""])
def test_json_by_any_of_its_names(content_type: str, encoding: str | None) -> None:
    opened(delivery(content_type=content_type, content_encoding=encoding))


@pytest.mark.parametrize("when", [None, "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "never", 12])
@pytest.mark.parametrize("header", ["eta", "expires"])
def test_eta_and_expiry_are_passed_over(header: str, when: Any) -> None:
    """A result is true at once and stays true: it is stored when it comes."""
    assert opened(delivery(headers=headers(**{header: when}))) == MatchData.model_validate(match())


def test_other_headers_and_callbacks_are_passed_over() -> None:
    chained = json.dumps([[match()], {}, {"chain": [{"task": "os.system"}], "callbacks": ["x"]}]).encode()
    opened(delivery(body=chained, headers=headers(retries="many", timelimit=5, group=[1], unknown={"a": b"b"})))


def test_zlib_is_unpacked() -> None:
    packed = zlib.compress(body(match()))
    found = delivery(body=packed, headers=headers(compression="application/x-gzip"))
    assert opened(found) == MatchData.model_validate(match())


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (zlib.compress(body(match()))[:-5], "cannot be unpacked: it is cut off"),
        (gzip.compress(body(match())), "cannot be unpacked: "),
        (b"not packed", "cannot be unpacked: "),
        (b"", "cannot be unpacked: it is cut off"),
        (zlib.compress(b" " * (LIMIT + 1)), "more than 10,000 bytes when unpacked"),
    ],
    ids=["cut", "gzip", "plain", "empty", "bomb"],
)
def test_what_cannot_be_unpacked(made: bytes, reason: str) -> None:
    assert reason in why(delivery(body=made, headers=headers(compression="application/x-gzip")))


@pytest.mark.parametrize("compression", ["application/x-bz2", "application/zstd", "", 5, ["application/x-gzip"], {}])
def test_other_compressions(compression: Any) -> None:
    assert "is not supported" in why(delivery(headers=headers(compression=compression)))


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-python-serialize",
        "application/x-yaml",
        "application/x-msgpack",
        "text/plain",
        "",
        None,
        "j" * 999,
    ],
)
def test_other_content_types_are_never_decoded(content_type: str | None) -> None:
    assert "is not JSON" in why(delivery(content_type=content_type))


def test_nothing_is_unpickled() -> None:
    bomb = b"cmissing_table.nowhere\nboom\n."
    assert "is not JSON" in why(delivery(body=bomb, content_type="application/x-python-serialize"))
    assert "is not JSON" in why(delivery(body=bomb))


@pytest.mark.parametrize("encoding", ["binary", "utf-16", "latin-1", "base64", "rot13", "é" * 300])
def test_other_encodings(encoding: str) -> None:
    assert "is not UTF-8" in why(delivery(content_encoding=encoding))


@pytest.mark.parametrize("task", ["celery.backend_cleanup", "missing_table.tasks.process", "", "t" * 5000, "\ud800"])
def test_unknown_tasks(task: str) -> None:
    reason = why(delivery(headers=headers(task=task)))
    assert "unknown task" in reason
    assert len(reason) < 300


@pytest.mark.parametrize("task", [None, 5, ["missing_table.tasks.process_match_data"], {"a": 1}])
def test_messages_without_a_task(task: Any) -> None:
    assert "no `task` header" in why(delivery(headers=headers(task=task)))


def test_messages_of_protocol_1() -> None:
    old = {"task": TASK, "id": "x", "args": [match()], "kwargs": {}, "retries": 0}
    assert "protocol 2" in why(delivery(body=json.dumps(old).encode(), headers={}))


@pytest.mark.parametrize("task_id", [None, "", 5, "x" * 201, "a\nb", "a\0b", "\ud800", ["x"]])
def test_messages_without_a_task_id_that_could_be_kept(task_id: Any) -> None:
    found = delivery(headers=headers(id=task_id), correlation_id=None)
    assert found.task_id is None
    assert "no task id" in why(found)


def test_the_correlation_id_stands_in_for_a_task_id() -> None:
    found = delivery(headers={"task": TASK}, correlation_id="kept")
    assert found.task_id == "kept"
    opened(found)


@pytest.mark.parametrize(
    "made",
    [
        b"",
        b"{",
        b"match",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + body(match()),
        body(match()).decode().encode("utf-16"),
        body(match()) + b"x",
        body(match()).replace(b'"FC Westchester"', b'"\xff"'),
        body(match()).replace(b'"FC Westchester"', b'"\\ud800"'),
        body(match()).replace(b'"FC Westchester"', b'"a\nb"'),
        body(match()).replace(b'"FC Westchester"', b"NaN"),
        body(match()).replace(b'"FC Westchester"', b"Infinity"),
        body(match()).replace(b'"FC Westchester"', b"1e999"),
        body(match()).replace(b'"FC Westchester"', b"01"),
    ],
)
def test_what_is_not_json(made: bytes) -> None:
    assert why(delivery(body=made)).startswith("the body is not JSON: ")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting(opening: bytes) -> None:
    found = delivery(body=opening * 1_000_000)
    with pytest.raises(Refusal, match=r"nested too deeply|is not JSON"):
        open_envelope(found, limit=10_000_000)


@pytest.mark.parametrize(
    "made", [{}, [], [[]], [[], {}], [[], {}, {}, {}], [{}, [], {}], "text", 5, None, True, [[match()], None, {}]]
)
def test_bodies_of_another_form(made: Any) -> None:
    assert "is not [args, kwargs, embed]" in why(delivery(body=json.dumps(made).encode()))


@pytest.mark.parametrize(
    "made",
    [[[], {}, {}], [[match(), match()], {}, {}], [[match()], {"x": 1}, {}], [[], {"match": match()}, {}]],
)
def test_other_arguments(made: Any) -> None:
    assert "the task takes one match" in why(delivery(body=json.dumps(made).encode()))


@pytest.mark.parametrize("embed", [None, {}, [], "x"])
def test_what_is_embedded_is_passed_over(embed: Any) -> None:
    opened(delivery(body=json.dumps([[match()], {}, embed]).encode()))


@pytest.mark.parametrize(
    ("payload", "kind"),
    [([], "a list"), ("x", "text"), (True, "true or false"), (5, "a number"), (0.5, "a number"), (None, "null")],
)
def test_matches_that_are_no_objects(payload: Any, kind: str) -> None:
    with pytest.raises(Refusal, match=f"the match is {kind}, not an object"):
        read_match(payload)


def test_a_body_up_to_the_limit() -> None:
    made = body(match())
    open_envelope(delivery(body=made), limit=len(made))
    with pytest.raises(Refusal, match="more than the limit"):
        open_envelope(delivery(body=made), limit=len(made) - 1)


@pytest.mark.parametrize(
    ("fields", "named", "problem"),
    [
        ({"home_team": None}, "home_team", "is missing"),
        ({"date": "5.9.2026"}, "date", "must be a date, YYYY-MM-DD"),
        ({"date": "2026-02-30"}, "date", "day is out of range for month"),
        ({"date": 5}, "date", "must be a date, YYYY-MM-DD"),
        ({"score_home": -1}, "score_home", "should be greater than or equal to 0"),
        ({"score_home": 100}, "score_home", "should be less than or equal to 99"),
        ({"score_home": 10**400}, "score_home", ""),
        ({"score_home": 1.5}, "score_home", "should be a valid integer"),
        ({"score_home": True}, "score_home", "should be a valid integer"),
        ({"score_home": "2"}, "score_home", "should be a valid integer"),
        ({"status": "played"}, "status", "should be 'scheduled', 'tbd'"),
        ({"match_time": "24:00"}, "match_time", "is not a time, HH:MM"),
        ({"home_team": "A\tB"}, "home_team", "holds a control character"),
        ({"home_team": ""}, "home_team", "at least 1 character"),
        ({"home_team": "x" * 201}, "home_team", "at most 200 characters"),
        ({"observed_at": "2026-10-05T04:40:03"}, "observed_at", "must be a time with its zone"),
        ({"observed_at": 5}, "observed_at", "must be a time with its zone"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(fields: dict[str, Any], named: str, problem: str) -> None:
    with pytest.raises(Refusal) as raised:
        opened(delivery(match(**fields)))
    (found,) = raised.value.problems or (None,)
    if found is None:  # a number that JSON readers cannot hold
        assert raised.value.reason.startswith("the body is not JSON")
        return
    assert found.field == named
    assert problem in found.problem
    assert f"{named} {found.problem}" == raised.value.reason


def test_every_field_that_is_wrong_is_named() -> None:
    with pytest.raises(Refusal) as raised:
        opened(delivery({"home_team": "A", "score_home": -1}))
    assert {found.field for found in raised.value.problems} == {
        "away_team",
        "date",
        "season",
        "age_group",
        "match_type",
        "score_home",
    }


def test_a_refusal_does_not_repeat_values() -> None:
    assert "secret" not in why(delivery(match(status="secret", date="secret")))


def test_unknown_fields_are_a_newer_producers() -> None:
    assert opened(delivery(match(weather={"wind": ["NE", 5]}))) == MatchData.model_validate(match())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_match_or_a_refusal(made: bytes) -> None:
    why(delivery(body=made))


@given(JSON_VALUES)
def test_any_json_is_a_match_or_a_refusal(payload: Any) -> None:
    why(delivery(body=json.dumps(payload).encode()))
    why(delivery(body=body(payload)))


@given(
    st.dictionaries(st.sampled_from(sorted(MatchData.model_fields)), JSON_VALUES),
    st.dictionaries(st.sampled_from(["id", "task", "compression", "eta", "expires"]), JSON_VALUES, max_size=2),
    st.text(max_size=10) | st.none(),
    st.text(max_size=10) | st.none(),
)
def test_any_mutation_of_a_message_is_a_match_or_a_refusal(
    fields: dict[str, Any], changed: dict[str, Any], content_type: str | None, encoding: str | None
) -> None:
    found = delivery(match(**fields), headers=headers(**changed))
    for made in (found, delivery(body=found.body, content_type=content_type, content_encoding=encoding)):
        with contextlib.suppress(Refusal):
            assert isinstance(opened(made), MatchData)


def test_a_delivery_knows_when_it_came_only_where_it_is_told() -> None:
    assert delivery().timestamp is None
    assert delivery(timestamp=NOW).timestamp == NOW
