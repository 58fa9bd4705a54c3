"""Stamps: text whose order is the weight of what was said."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missing_table.ingest.stamps import HAND, PLACEHOLDER, SOURCE, Weight, instant_text, is_by_hand, moment_of, stamp

MOMENTS = st.datetimes(
    min_value=dt.datetime(2, 1, 1),
    max_value=dt.datetime(9998, 12, 31),
    timezones=st.timezones(),
)


@given(MOMENTS, MOMENTS)
def test_the_order_of_the_text_is_the_order_of_time_in_any_zone(one: dt.datetime, other: dt.datetime) -> None:
    assert (instant_text(one) < instant_text(other)) == (one.astimezone(dt.UTC) < other.astimezone(dt.UTC))
    assert len(instant_text(one)) == len("2026-10-05T04:40:03.000000Z")


@given(MOMENTS)
def test_a_moment_comes_back_from_its_text(moment: dt.datetime) -> None:
    assert dt.datetime.fromisoformat(instant_text(moment)) == moment.astimezone(dt.UTC)


@given(MOMENTS, MOMENTS)
def test_who_speaks_weighs_more_than_when(one: dt.datetime, other: dt.datetime) -> None:
    assert stamp(PLACEHOLDER, one) < stamp(SOURCE, other) < stamp(HAND, one)


@pytest.mark.parametrize(("weight", "by_hand"), [(PLACEHOLDER, False), (SOURCE, False), (HAND, True)])
def test_only_a_person_speaks_by_hand(weight: Weight, by_hand: bool) -> None:
    said = stamp(weight, dt.datetime(2026, 10, 5, 4, 40, 3, tzinfo=dt.UTC))
    assert is_by_hand(said) == by_hand
    assert moment_of(said) == "2026-10-05T04:40:03.000000Z"


def test_what_nobody_said_was_not_said_by_hand() -> None:
    assert not is_by_hand(None)
