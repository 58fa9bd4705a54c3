"""Which matches a page shows as played, as next, and as waiting for a date."""

import datetime as dt

from missing_table.answers import MatchAnswer
from missing_table.web.match_days import MatchDays, match_days
from pages import match_answer

TODAY = dt.date(2026, 10, 5)


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
    assert refs(match_days(matches, TODAY, every=True)) == ([9, 8, 2, 3, 1], [4, 5], [6, 7])


def test_only_the_days_around_are_shown_unless_all_are_wanted() -> None:
    matches = [match(n, day(n)) for n in range(1, 6)] + [match(10 + n, day(-n), "completed", 0) for n in range(1, 6)]
    some, every = match_days(matches, TODAY, every=False), match_days(matches, TODAY, every=True)
    assert refs(some) == ([11, 12, 13], [1, 2, 3], [])
    assert some.more
    assert not every.more
    assert len(refs(every)[0]) == len(refs(every)[1]) == 5
