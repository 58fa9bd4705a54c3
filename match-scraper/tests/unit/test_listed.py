"""What a source listed, and lists no more."""

import datetime as dt
from pathlib import Path

from match_scraper.listed import Lists
from match_scraper.season import Season
from match_scraper.sources.base import Reading

NOW = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)


def reading(*match_ids: str, odd: str = "", league: str = "Homegrown") -> Reading:
    """Of a source that lists these matches, one of which cannot be read."""
    words = {match_id: f"A v B {match_id}" for match_id in match_ids if match_id != odd}
    return Reading(league, Season(2026), NOW, len(match_ids), (), listed=set(match_ids), in_words=lambda: words)


def test_what_has_vanished_is_said_until_it_has_been_told(tmp_path: Path) -> None:
    assert Lists(tmp_path).compare(reading("1", "2", "3")) == []
    for _ in range(2):
        lists = Lists(tmp_path)
        (said,) = lists.compare(reading("1", "3", "4"))
        assert said == "Homegrown: vanished from the feed since the last run, and kept as stored: 2 (A v B 2)"
    assert lists.told() == []
    assert Lists(tmp_path).compare(reading("1", "3", "4")) == []


def test_one_that_turned_unreadable_has_not_vanished_and_keeps_its_name_until_it_has(tmp_path: Path) -> None:
    Lists(tmp_path).compare(reading("1", "2"))
    assert Lists(tmp_path).compare(reading("1", "2", odd="2")) == []
    (said,) = Lists(tmp_path).compare(reading("1"))
    assert said.endswith(": 2 (A v B 2)")


def test_leagues_are_apart_and_a_source_that_does_not_tell_all_changes_nothing(tmp_path: Path) -> None:
    Lists(tmp_path).compare(reading("1"))
    assert Lists(tmp_path).compare(reading("2", league="Flex")) == []
    assert Lists(tmp_path).compare(Reading("Homegrown", Season(2026), NOW, 0, ())) == []
    assert len(Lists(tmp_path).compare(reading())) == 1


def test_a_file_that_makes_no_sense_or_cannot_be_written_is_said_and_no_obstacle(tmp_path: Path) -> None:
    Lists(tmp_path).compare(reading("1"))
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    (said,) = Lists(tmp_path).compare(reading("1"))
    assert "cannot be read, and begins anew" in said
    unread, unwritten = Lists(file / "below").compare(reading("1"))
    assert "cannot be read" in unread
    assert "cannot be written" in unwritten
