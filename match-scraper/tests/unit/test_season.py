"""Season arithmetic, without a calendar of our own."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.season import Season, parse_season, season_of

days = st.dates(dt.date(1950, 1, 1), dt.date(2200, 12, 31))
seasons = st.integers(2000, 2098).map(Season)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        ("2026-08-01", "2026-27"),
        ("2026-12-31", "2026-27"),
        ("2027-01-01", "2026-27"),
        ("2027-07-15", "2026-27"),
        ("2026-07-31", "2025-26"),
        ("1999-09-01", "1999-00"),
    ],
)
def test_a_day_belongs_to_the_season_that_began_last(day: str, label: str) -> None:
    assert season_of(dt.date.fromisoformat(day)).label == label


@given(days)
def test_every_day_outside_the_july_gap_is_in_the_season_that_it_is_told(day: dt.date) -> None:
    gap = day.month == 7 and day.day > 15
    assert (day in season_of(day)) == (not gap)


@given(days)
def test_in_the_july_gap_the_season_is_the_one_that_has_just_ended(day: dt.date) -> None:
    season = season_of(day)
    assert season.first_day <= day < Season(season.start_year + 1).first_day


@given(seasons, st.sampled_from(["{0}-{2:02}", "{0}-{1}", "{0}/{2:02}", "{0}/{1}", "{3:02}-{2:02}", " {0}-{2:02} "]))
def test_every_way_to_write_a_season_means_the_same_one(season: Season, form: str) -> None:
    year = season.start_year
    written = form.format(year, year + 1, (year + 1) % 100, year % 100)
    assert parse_season(written) == season


@given(seasons)
def test_a_season_is_read_back_from_its_label_and_from_its_feed_key(season: Season) -> None:
    assert parse_season(season.label) == season
    assert parse_season(season.short) == season


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-28", "2026-2026", "26-2028", "season", "2026-27-28", "27-26", "２026"]
)
def test_what_is_not_a_season_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a season"):
        parse_season(text)


@given(st.text())
def test_no_text_at_all_breaks_the_reading_of_a_label(text: str) -> None:
    try:
        season = parse_season(text)
    except ValueError:
        return
    assert parse_season(season.label) == season
