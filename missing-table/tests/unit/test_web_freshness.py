"""How the age of the data is put, and when it is too old."""

import datetime as dt

import pytest

from missing_table.web.freshness import LATE_RESULTS, freshness, in_words
from pages import match_answer

NOW = dt.datetime(2026, 10, 10, 12, tzinfo=dt.UTC)
LIMIT = dt.timedelta(hours=48)


def stale(age: dt.timedelta, last_match: dt.date) -> bool:
    found = freshness([match_answer(date=dt.date(2026, 9, 5)), match_answer(date=last_match)], NOW - age, NOW, LIMIT)
    return found.stale


def test_it_is_too_old_beyond_the_limit() -> None:
    in_june = dt.date(2027, 6, 8)
    assert not stale(LIMIT, in_june)
    assert stale(LIMIT + dt.timedelta(seconds=1), in_june)


def test_once_the_season_is_over_nothing_is_too_old() -> None:
    old = dt.timedelta(days=30)
    assert stale(old, NOW.date() - LATE_RESULTS)
    assert not stale(old, NOW.date() - LATE_RESULTS - dt.timedelta(days=1))


def test_what_only_people_stated_has_no_age_and_may_go_on() -> None:
    assert not freshness([], None, NOW, LIMIT).goes_on
    found = freshness([match_answer(date=NOW.date())], None, NOW, LIMIT)
    assert (found.observed_at, found.stale, found.goes_on) == (None, False, True)


def test_a_clock_that_is_behind_the_source_makes_no_negative_age() -> None:
    found = freshness([match_answer(date=NOW.date())], NOW + dt.timedelta(minutes=5), NOW, LIMIT)
    assert (found.age, found.stale) == ("less than a minute", False)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (dt.timedelta(seconds=59), "less than a minute"),
        (dt.timedelta(minutes=1), "1 minute"),
        (dt.timedelta(minutes=59), "59 minutes"),
        (dt.timedelta(minutes=119), "1 hour"),
        (dt.timedelta(hours=47), "1 day"),
        (dt.timedelta(days=13), "13 days"),
        (dt.timedelta(days=14), "2 weeks"),
    ],
)
def test_ages_in_words(age: dt.timedelta, words: str) -> None:
    assert in_words(age) == words
