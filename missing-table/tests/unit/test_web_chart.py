"""The line of a team's positions: its first place is at the top, and its words say the same."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from missing_table.answers import PositionAnswer
from missing_table.web.chart import HEIGHT, WIDTH, chart

FIRST = dt.date(2026, 9, 5)


def positions(*places: int, of: int) -> list[PositionAnswer]:
    return [
        PositionAnswer(date=FIRST + dt.timedelta(days=7 * number), position=place, of=of)
        for number, place in enumerate(places)
    ]


def test_better_is_higher_and_later_is_further_right() -> None:
    drawn = chart(positions(3, 1, 20, of=20))
    assert drawn is not None
    (x1, third), (x2, first), (x3, last) = drawn.dots
    assert x1 < x2 < x3
    assert first < third < last
    assert [mark.label for mark in drawn.marks] == ["1", "10", "20"]
    assert [mark.label for mark in drawn.dates] == ["5 Sep", "19 Sep"]
    assert drawn.summary == "From place 3 on 5 Sep to place 20 of 20 on 19 Sep; best 1, worst 20."


def test_one_match_day_makes_no_line() -> None:
    assert chart([]) is None
    assert chart(positions(4, of=20)) is None


def test_a_table_of_one_team_is_drawn() -> None:
    drawn = chart(positions(1, 1, of=1))
    assert drawn is not None
    assert [mark.label for mark in drawn.marks] == ["1"]


@given(st.lists(st.integers(1, 30), min_size=2, max_size=80))
def test_every_point_is_within_the_picture(places: list[int]) -> None:
    drawn = chart(positions(*places, of=30))
    assert drawn is not None
    assert len(drawn.dots) == len(places)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn.dots)
