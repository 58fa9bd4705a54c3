"""A match's history as a page tells it."""

import datetime as dt

import pytest

from missing_table.answers import DisputeAnswer, HistoryAnswer
from missing_table.ingest.merge import SHOWN
from missing_table.web.changes import TITLES, Changed, Occasion, changed, disputed, occasions
from pages import match_answer

AT = dt.datetime(2026, 10, 5, 4, 40, tzinfo=dt.UTC)


def entry(field: str, old: object, new: object, minute: int = 0, task_id: str | None = "t") -> HistoryAnswer:
    at = AT + dt.timedelta(minutes=minute)
    return HistoryAnswer(field=field, old=old, new=new, at=at, source="mls-next", task_id=task_id)


def test_a_score_is_one_change_and_the_newest_statement_comes_first() -> None:
    told = occasions(
        [
            entry("match_time", None, "12:30"),
            entry("status", "scheduled", "completed", 5),
            entry("score_home", None, 2, 5),
            entry("score_away", None, 1, 5),
        ]
    )
    assert told == [
        Occasion(
            AT + dt.timedelta(minutes=5),
            "mls-next",
            [Changed("Status", "scheduled", "completed"), Changed("Result", None, "2–1")],
        ),
        Occasion(AT, "mls-next", [Changed("Kick-off", None, "12:30")]),
    ]


def test_one_side_of_a_score_stands_alone() -> None:
    assert changed([("score_away", 1, 2)]) == [Changed("Goals, away", "1", "2")]
    assert changed([("score_home", 0, 3)]) == [Changed("Goals, home", "0", "3")]


def test_two_statements_at_the_same_moment_stay_apart() -> None:
    assert len(occasions([entry("date", "a", "b"), entry("date", "b", "c", task_id="u")])) == 2


@pytest.mark.parametrize(("field", "theirs", "told"), [("score_home", 3, "3–1"), ("score_away", 4, "2–4")])
def test_a_disputed_score_is_told_with_both_sides(field: str, theirs: int, told: str) -> None:
    ours = {"score_home": 2, "score_away": 1}
    dispute = DisputeAnswer(field=field, ours=ours[field], theirs=theirs)
    assert disputed(match_answer(disputes=[dispute], **ours)) == [Changed("Result", "2–1", told)]


def test_every_field_that_a_history_may_name_has_a_title() -> None:
    assert set(SHOWN) <= set(TITLES)
