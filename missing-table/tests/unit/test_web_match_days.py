"""Which matches a page shows as played, as next, and as waiting for a date."""

import datetime as dt

import pytest

from missing_table.answers import MatchAnswer
from missing_table.web.match_days import MatchDays, match_days
from pages import match_answer

TODAY = dt.date(2026, 10, 5)
NOW = dt.datetime(2026, 10, 5, 21, tzinfo=dt.UTC)


def match(ref: int, date: dt.date, status: str = "scheduled", score: int | None = None) -> MatchAnswer:
    return match_answer(id=ref, date=date, home_team=f"home {ref}", score_home=score, score_away=score, status=status)


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def refs(days: MatchDays) -> tuple[list[int], list[int], list[int]]:
    return (
        [m.id for found in days.played for m in found.matches],
        [m.id for found in days.to_come for m in found.matches],
        [m.id for m in days.parked],
    )


def test_the_latest_result_and_the_next_match_come_first() -> None:
    matches = [
        match(1, day(-7), "completed", 1),
        match(2, day(-1), "completed", 2),
        match(3, day(-1)),
        match(4, day(0)),
        match(5, day(7)),
        match(6, day(200), "postponed"),
        match(7, day(-2), "cancelled"),
        match(8, day(0), "tbd"),
        match(9, day(3), "forfeit", 3),
    ]
    assert refs(match_days(matches, NOW, NOW, every=True)) == ([9, 8, 2, 3, 1], [4, 5], [6, 7])


def test_only_the_days_around_are_shown_unless_all_are_wanted() -> None:
    matches = [match(n, day(n)) for n in range(1, 6)] + [match(10 + n, day(-n), "completed", 0) for n in range(1, 6)]
    some, every = match_days(matches, NOW, NOW, every=False), match_days(matches, NOW, NOW, every=True)
    assert refs(some) == ([11, 12, 13], [1, 2, 3], [])
    assert some.more
    assert not every.more
    assert len(refs(every)[0]) == len(refs(every)[1]) == 5


def test_what_is_over_since_the_source_spoke_waits_for_a_result() -> None:
    matches = [match(n, day(n)) for n in range(1, 9)] + [match(20, day(2), "postponed"), match(21, day(-1))]
    days = match_days(matches, NOW, NOW + dt.timedelta(days=6), every=False)
    assert refs(days) == ([21], [6, 7, 8], [20])
    assert [m.id for found in days.waiting for m in found.matches] == [5, 4, 3]
    assert days.more
    assert match_days(matches, NOW, NOW, every=True).waiting == []


@pytest.mark.parametrize(
    ("zone", "hour", "minute", "over"),
    [
        ("America/Los_Angeles", 1, 0, False),  # in the afternoon of the day before
        ("America/Los_Angeles", 6, 59, False),
        ("America/Los_Angeles", 7, 0, True),
        ("America/New_York", 3, 59, False),
        ("America/New_York", 4, 0, True),
        (None, 11, 59, False),
        ("No/Such_Place", 12, 0, True),
    ],
)
def test_a_day_is_over_when_it_is_at_the_venue(zone: str | None, hour: int, minute: int, over: bool) -> None:
    as_of = dt.datetime(2026, 10, 6, hour, minute, tzinfo=dt.UTC)
    late = match_answer(id=1, date=TODAY, match_time="20:00", timezone=zone)
    assert refs(match_days([late], as_of, as_of, every=False)) == (([1], [], []) if over else ([], [1], []))


def test_the_first_and_the_last_moment_there_are_break_nothing() -> None:
    ends = [match(1, dt.date.min), match(2, dt.date.max)]
    for as_of in (dt.datetime.min, dt.datetime.max):
        moment = as_of.replace(tzinfo=dt.UTC)
        played, to_come, _ = refs(match_days(ends, moment, moment, every=True))
        assert {*played, *to_come} == {1, 2}
