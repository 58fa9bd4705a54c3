"""The command over modular11's list: the same messages as from the feeds, and each way in which the list goes wrong."""

import email.message
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stamina

from match_scraper.cli.running import Pages
from match_scraper.sample_site import faults
from match_scraper.sample_site.fault import Answer
from match_scraper.sample_site.feeds import HOMEGROWN, SYNCED_AT
from match_scraper.sample_site.server import export

from .conftest import Ended, Message, Run, Site

OF_THE_LIST = [
    "error-fragment",
    "no-data",
    "wrong-page",
    "no-marker",
    "page-cut-off",
    "page-cut-off-once",
    "row-missing",
    "mobile-differs",
    "row-markup-changed",
    "text-cut-short",
    "no-break-spaces",
    "score-tbd",
    "unreadable-row",
    "page-count-changes",
    "list-moves-once",
    "division-ids-changed",
    "no-date",
]
OF_BOTH = ["forbidden", "challenge"]
U15 = ("-a", "U15", "-d", "Northeast")
WITHOUT = {"timezone", "home_team_id", "away_team_id"}
"""What modular11 does not have; the sample's two brackets hold neither a shootout nor a match across brackets."""


@pytest.fixture
def read(dry_run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A dry run over modular11, with one attempt for each page unless the environment says more."""
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "modular11")
    return dry_run


def problem(ended: Ended) -> str:
    """The one problem of a run that sent nothing and ended with 3."""
    assert (ended.code, ended.messages) == (3, {})
    (line,) = ended.lines("problem: ")
    return line


def pages(asked: list[tuple[str, int]]) -> list[int]:
    return [int(path.rpartition("open_page=")[2]) for path, _ in asked]


def without(message: Message, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in names}


def test_modular11_gives_the_same_messages_as_the_feeds_but_for_what_it_does_not_have(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    feeds = dry_run()
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "modular11")
    ended = dry_run()
    assert (ended.code, ended.lines("note: "), ended.summary["mapped"]) == (0, [], 462)
    assert ended.messages.keys() == feeds.messages.keys()
    for match_id, message in ended.messages.items():
        assert message == without(feeds.messages[match_id], WITHOUT), match_id


@pytest.mark.parametrize("fault", ["text-cut-short", "no-break-spaces", "score-tbd"])
def test_how_a_row_is_shown_changes_no_message(site: Site, read: Run, fault: str) -> None:
    site()
    plain = read(*U15)
    site(fault)
    ended = read(*U15)
    assert (ended.code, ended.lines("note: "), ended.messages) == (0, [], plain.messages)


def test_every_page_is_asked_for_once_and_only_the_days_in_doubt_of_the_whole_league(site: Site, read: Run) -> None:
    served = site()
    assert read().code == 0
    # One page shows that the season is there, 462 matches are 19; on the day of put-off ones the league has 33.
    assert pages(served.asked) == [1, *range(1, 20), 1, 2]
    assert all("start_date=2027-06-08+" in path for path, _ in served.asked[20:])


def test_put_off_matches_are_found_in_every_window(site: Site, read: Run) -> None:
    site()
    ended = read("--from", "2026-09-05", "--to", "2026-09-06")
    statuses = [message["status"] for message in ended.messages.values()]
    assert (ended.code, statuses.count("postponed")) == (0, 13)
    assert 13 < len(statuses) < 462


@pytest.mark.parametrize(("league", "matches"), [("Flex", 25), ("Academy", 100)])
def test_the_other_leagues_are_told_apart(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch, league: str, matches: int
) -> None:
    site()
    arguments = ("--league", league, "-a", "all", "-d", "all")
    feeds = dry_run(*arguments)
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "modular11")
    ended = dry_run(*arguments)
    assert (feeds.code, ended.code, ended.summary["mapped"]) == (0, 0, matches)
    missing = {*WITHOUT, "penalty_home", "penalty_away"}
    for match_id, message in feeds.messages.items():
        assert ended.messages[match_id] == without(message, missing), match_id


def test_a_past_season_is_read_whole_and_a_second_run_asks_for_no_page_but_the_first(site: Site, dry_run: Run) -> None:
    served = site()
    arguments = ("--season", "2025-26", "-a", "all", "-d", "all")
    ended = dry_run(*arguments)
    assert (ended.code, ended.summary["mapped"]) == (0, 360)
    assert {message["status"] for message in ended.messages.values()} == {"completed"}
    assert pages(served.asked) == [1, *range(1, 16)]
    again = dry_run(*arguments)
    assert again == ended
    assert pages(served.asked)[16:] == [1, 1]


def test_a_backfill_that_was_cut_off_goes_on_where_it_was(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--season", "2025-26", "-a", "all", "-d", "all")
    served = site()

    def breaks_off(address: str, asked_with: email.message.Message) -> Answer:
        if int(address.rpartition("open_page=")[2]) > 7:
            served.asked.append((address, 500))
            return Answer(500, {}, b"")
        return whole(address, asked_with)

    whole = served.answer
    with monkeypatch.context() as patched:
        patched.setattr(served, "answer", breaks_off)
        assert "answered 500" in problem(dry_run(*arguments))
    assert pages(served.asked) == [1, *range(1, 8), 8, 8]
    ended = dry_run(*arguments)
    assert (ended.code, ended.summary["mapped"]) == (0, 360)
    assert pages(served.asked)[10:] == [1, 1, *range(8, 16)]


def test_an_error_fragment_is_said_in_its_own_words_and_asked_for_once(site: Site, read: Run) -> None:
    served = site("error-fragment")
    assert "the site answered with an error: Error: undefined offset: 3" in problem(read())
    assert len(served.asked) == 1


def test_what_goes_wrong_is_said_with_the_page_and_without_a_secret(
    site: Site, read: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = site("server-error")
    monkeypatch.setenv("MODULAR11_URL", served.url.replace("//", "//me:hunter2@"))
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    host = served.url.removeprefix("http://")
    assert problem(read()).startswith(f"{host}/public_schedule/league/get_matches, page 1: answered 500 Internal")
    assert "hunter2" not in read().err


def test_a_division_with_nothing_under_the_id_of_another_season_is_looked_for_by_its_name(
    site: Site, read: Run
) -> None:
    site()
    whole = read(*U15)
    site("division-ids-changed")  # and the one that has the id now plays no U15
    ended = read(*U15)
    assert (ended.code, ended.messages) == (0, whole.messages)


@pytest.mark.parametrize("league", ["Homegrown", "Flex", "Academy"])
def test_a_season_without_any_match_is_not_published(site: Site, read: Run, league: str) -> None:
    served = site("no-data")
    assert f"this site lists no match of {league} 2026-27" in problem(read("--league", league))
    assert len(served.asked) == 1


def test_a_division_without_a_match_is_said(site: Site, read: Run) -> None:
    site()
    ended = read("-a", "U14", "-d", "Northwest")
    assert (ended.code, ended.messages) == (0, {})
    assert "Homegrown 2026-27: no match of Northwest on this site" in ended.lines("note: ")


@pytest.mark.parametrize(
    ("fault", "words", "asked"),
    [
        ("wrong-page", "asked for page 2 of the matches, got page 1", 3),
        ("no-marker", "no page number in it", 2),
        ("page-cut-off", r"no page number in it|breaks off before its end", 2),
        ("row-missing", "24 matches where a page has 25", 2),
        ("mobile-differs", "is not the one that stands there for phones", 2),
        ("row-markup-changed", "25 of 25 rows cannot be read, so the feed has changed shape", 2),
        ("page-count-changes", "changed each time while it was read: 19 pages, and then 20", 7),
        ("division-ids-changed", "asked for Northeast of 2026-27, the site answered with match", None),
        ("no-date", "has no Date", 1),
        ("forbidden", "answers browsers only: 403 Forbidden", 1),
        ("challenge", "answers browsers only: 200 OK", 1),
        ("truncated", "connection failed", 2),
        ("server-error", "answered 500 Internal Server Error", 2),
        ("too-many-requests-for-an-hour", "to be left alone for 3600 seconds", 1),
        ("web-page", "no page number in it", 2),
        ("always-304", "nothing has changed", 2),
    ],
)
def test_what_cannot_be_trusted_ends_with_3_and_sends_nothing(
    site: Site, read: Run, fault: str, words: str, asked: int | None
) -> None:
    served = site(fault)
    with stamina.set_testing(True, attempts=2, cap=True):
        assert re.search(words, problem(read()))
    assert asked is None or len(served.asked) == asked


@pytest.mark.parametrize("fault", ["page-cut-off-once", "list-moves-once", "truncated-once", "server-error-once"])
def test_what_passes_is_got_over(site: Site, read: Run, fault: str) -> None:
    site()
    whole = read(*U15)
    site(fault)
    with stamina.set_testing(True, attempts=2, cap=True):
        ended = read(*U15)
    assert (ended.code, ended.messages) == (0, whole.messages)


def test_a_read_that_is_stopped_says_how_many_pages_it_has(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(self: Pages, done: int, total: int) -> None:
        counted(self, done, total)
        if done == 3:
            raise KeyboardInterrupt

    counted = Pages.__call__
    monkeypatch.setattr(Pages, "__call__", stopped)
    site()
    ended = run("scrape", *U15, "--season", "2025-26", "--dry-run")
    assert ended.code == 130
    (note,) = ended.lines("note: ")
    assert re.match(r"3 of \d+ pages were read; ", note)


def test_a_row_that_cannot_be_read_is_counted_and_named(site: Site, read: Run) -> None:
    site("unreadable-row")
    ended = read()
    assert (ended.code, ended.summary["unreadable"], ended.summary["mapped"]) == (0, 1, 461)
    (line,) = ended.lines("unreadable: ")
    assert line == "match 26090: no text with data-title in .container-teams-info .container-second-team p"


def test_a_week_without_any_score_ends_with_5(site: Site, read: Run) -> None:
    site("no-scores")
    assert (read().code, read(*U15).code) == (5, 5)


def test_one_odd_row_does_not_stop_a_bracket_of_less_than_a_hundred(site: Site, read: Run) -> None:
    site("unreadable-row")
    ended = read("-a", "U16", "-d", "Southeast")
    assert (ended.code, ended.summary["unreadable"], ended.summary["mapped"]) == (0, 1, 49)


@pytest.mark.parametrize("source", ["modular11", "browser"])
def test_what_one_list_shows_of_two_leagues_is_counted_once(site: Site, dry_run: Run, source: str) -> None:
    site("modular11-viewer", "unreadable-row")
    everything = ("-a", "all", "-d", "all", "--source", source)
    ended = dry_run(*everything, "--league", "Homegrown,Flex")
    summary = ended.summary
    assert (summary["seen"], summary["not asked for"], summary["mapped"]) == (589, 0, 588)
    assert len(ended.lines("unreadable: ")) == summary["unreadable"] == 1
    assert dry_run(*everything, "--league", "Flex").summary["seen"] == 25


@pytest.mark.parametrize("source", ["assist", "modular11"])
def test_a_broken_feed_is_noticed_where_what_was_asked_for_did_not_play(site: Site, dry_run: Run, source: str) -> None:
    site("no-scores")
    assert dry_run("-a", "U17", "-d", "Frontier", "--source", source).code == 5


@pytest.mark.parametrize("source", ["assist", "modular11"])
def test_scores_that_are_late_in_one_bracket_alone_are_no_broken_feed(
    site: Site, dry_run: Run, tmp_path: Path, source: str
) -> None:
    export(tmp_path)
    schedule = tmp_path / "schedule" / f"{HOMEGROWN}.json"
    document = json.loads(schedule.read_bytes())
    for event in document["events"]:
        if "Sample" not in event["home_organisation"]["name"]:
            event.update(home_score=None, away_score=None)
            if "2026-09-12" < event["start_time"] < SYNCED_AT:
                event["start_time"] = "2026-10-03T20:00:00Z"
    schedule.write_text(json.dumps(document))
    served = site(folder=tmp_path)
    ended = dry_run("--source", source)
    assert (ended.code, [message["status"] for message in ended.messages.values()].count("completed")) == (0, 0)
    # Of the last week one page was read, as there is a score on it.
    assert sum("start_date=2026-09-28+" in path for path, _ in served.asked) == (source == "modular11")


def test_an_odd_competition_and_a_missing_score_are_as_in_the_feeds(site: Site, read: Run) -> None:
    site("other-competitions", "score-missing", "completed-in-future", "venue-not-set")
    ended = read()
    assert ended.code == 0
    assert any("competition “Autumn Showcase” is not known" in note for note in ended.lines("note: "))
    # The match whose score is missing began within the last twelve hours, or will: the list does not tell its zone.
    statuses = [message["status"] for message in ended.messages.values()]
    assert (statuses.count("completed"), statuses.count("tbd")) == (64 - 2, 2)


def test_two_squads_of_one_club_cannot_be_told_apart_here_and_that_is_said(site: Site, read: Run) -> None:
    site("one-club-twice")
    ended = read("--league", "Flex", "-a", "U17", "-d", "all")
    assert (ended.code, ended.summary["broken"], ended.summary["mapped"]) == (4, 1, 25)


def test_the_list_has_a_fault_for_each_of_its_ways_to_go_wrong() -> None:
    assert {*OF_THE_LIST, *OF_BOTH} <= set(faults.known())


def test_a_terminal_shows_how_many_pages_there_are(site: Site, run: Run) -> None:
    served = site()
    assert run("config", "show").code == 0  # the environment is that of a run
    ours, theirs = pty.openpty()
    command = ["-m", "match_scraper", "scrape", "--season", "2025-26", "-a", "all", "-d", "all", "--dry-run"]
    process = subprocess.Popen(
        [sys.executable, *command, "--format", "json"],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "MLS_SCRAPER_PAGE_PAUSE_SECONDS": "0.1"},
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:
        pass  # how Linux says that the other end has closed
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert re.search(rb"reading the schedule.*[1-9]\d*/15 pages", shown)
    assert len(served.asked) == 16
