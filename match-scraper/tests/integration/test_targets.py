"""What must not go wrong quietly: brackets without matches, and what --strict makes an error of."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from match_scraper.sample_site.feeds import HOMEGROWN
from match_scraper.sample_site.server import export
from match_scraper.season import Season
from match_scraper.sources.base import Bracket, Reading, Wanted
from match_scraper.targets import Targets

from .conftest import Run, Site

Drop = Callable[[Callable[[dict[str, Any]], bool]], None]


@pytest.fixture
def served(run: Run, site: Site, tmp_path: Path) -> Drop:  # noqa: ARG001 - clears the environment first
    """The sample in a folder, served; call it to drop the events that are so."""
    folder = tmp_path / "data"
    export(folder)
    site(folder=folder)
    file = folder / "schedule" / f"{HOMEGROWN}.json"

    def drop(gone: Callable[[dict[str, Any]], bool]) -> None:
        document = json.loads(file.read_bytes())
        document["events"] = [event for event in document["events"] if not gone(event)]
        file.write_text(json.dumps(document))

    return drop


@pytest.fixture
def send(run: Run, tmp_path: Path) -> Run:
    """Scrapes into an embedded folder."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "missing-table.json").write_text("{}")

    def scrape(*arguments: str) -> Any:
        return run("scrape", "--use-queue", *arguments)

    return scrape


def is_u15(event: dict[str, Any]) -> bool:
    return bool(event["home_squad_name"] == "U15")


BOTH = ("-a", "U14,U15", "-d", "Northeast")
GONE = "Homegrown 2026-27: had matches when last read, and has none now: U15 Northeast (190 on 2026-10-05)"


def test_a_bracket_whose_matches_are_gone_is_said_until_they_are_back(served: Drop, send: Run) -> None:
    assert send(*BOTH).lines("note: ") == []
    served(is_u15)
    for _ in range(2):
        again = send(*BOTH)
        assert (again.code, again.summary["asked for"]) == (0, 272)
        assert GONE in again.lines("note: ")


def test_with_strict_it_is_an_error_and_what_there_is_is_sent(served: Drop, send: Run) -> None:
    send(*BOTH)
    served(is_u15)
    again = send(*BOTH, "--strict", "--full")
    assert (again.code, again.summary["confirmed"]) == (3, 272)
    assert again.lines("problem: ") == [f"{GONE} (--strict)"]


def test_what_was_not_asked_for_is_not_missed(served: Drop, send: Run) -> None:
    send(*BOTH)
    served(is_u15)
    assert send("-a", "U14", "-d", "Northeast", "--strict").code == 0


@pytest.mark.parametrize("window", [("--from", "2026-12-24", "--to", "2026-12-26"), ("--club", "Dallas")])
def test_a_narrow_window_makes_no_bracket_vanish(served: Drop, send: Run, window: tuple[str, ...]) -> None:
    served(lambda event: bool(event["home_squad_name"] == "U19"))
    assert send(*BOTH).code == 0
    narrow = send(*BOTH, "--strict", *window)
    assert (narrow.code, narrow.summary["asked for"] < 20) == (0, True)
    assert not any("none now" in line for line in narrow.lines("note: "))


def test_a_dry_run_compares_and_leaves_nothing(served: Drop, send: Run, run: Run, tmp_path: Path) -> None:
    assert run("scrape", *BOTH, "--dry-run").code == 0
    assert not (tmp_path / "state").exists()
    send(*BOTH)
    served(is_u15)
    assert GONE in run("scrape", *BOTH, "--dry-run").lines("note: ")


@pytest.mark.usefixtures("served")
def test_a_memory_that_makes_no_sense_is_said_and_stops_nothing(send: Run, tmp_path: Path) -> None:
    file = tmp_path / "state" / "targets.json"
    file.parent.mkdir()
    file.write_text('[{"league": 7}]')
    ended = send(*BOTH)
    assert (ended.code, ended.summary["confirmed"]) == (0, 462)
    assert any("targets.json cannot be read" in line for line in ended.lines("note: "))
    assert not send(*BOTH).lines("note: ")


@pytest.mark.usefixtures("served")
def test_a_memory_that_cannot_be_written_is_said_and_stops_nothing(send: Run, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    ended = send(*BOTH)
    assert (ended.code, ended.summary["confirmed"]) == (0, 462)
    assert any("targets.json cannot be written" in line for line in ended.lines("note: "))


def test_nothing_at_all_of_what_was_asked_for_is_said_even_the_first_time(served: Drop, send: Run) -> None:
    served(is_u15)
    said = "Homegrown 2026-27: the source shows no match at all of what was asked for, on any day"
    asked = ("-a", "U15", "-d", "Northeast")
    first = send(*asked)
    assert (first.code, first.lines("note: ")) == (0, [said])
    assert send(*asked, "--strict").lines("problem: ") == [f"{said} (--strict)"]


def test_with_strict_one_unreadable_match_is_an_error_and_the_rest_is_sent(site: Site, send: Run) -> None:
    site("unreadable-event")
    ended = send(*BOTH, "--strict")
    assert (ended.code, ended.summary["unreadable"], ended.summary["confirmed"]) == (3, 1, 461)
    assert send(*BOTH).code == 0


@pytest.mark.parametrize(
    ("option", "typed", "meant"),
    [
        ("-d", "Nrotheast", "Did you mean Northeast?"),
        ("-d", "Nortest", "Did you mean Northeast or Northwest?"),
        ("-a", "U41", "Did you mean U14?"),
        ("--league", "homegrwn", "Did you mean Homegrown?"),
    ],
)
@pytest.mark.usefixtures("served")
def test_a_typo_is_answered_with_what_was_meant(run: Run, option: str, typed: str, meant: str) -> None:
    ended = run("scrape", *BOTH, "--dry-run", option, typed)
    assert (ended.code, f"“{typed}”. {meant} Known are " in ended.err) == (2, True)


def test_a_typo_in_an_option_or_a_command_is_answered_with_what_was_meant(run: Run) -> None:
    assert "--division" in run("scrape", "--divison", "Northeast").err
    assert "scrape" in run("scrap").err
    assert run("scrap").code == 2


def test_what_another_run_has_noted_in_the_meantime_is_kept(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)
    path = tmp_path / "targets.json"
    ours, theirs = Targets(path), Targets(path)
    for targets, league in ((theirs, "Academy"), (ours, "Flex")):
        shown = {Bracket("U15", "East"): 7}
        reading = Reading(league, Season(2026), moment, 7, (), shown=shown)
        assert targets.vanished(reading, Wanted(Season(2026), league)) is None
        targets.save()
    empty = Reading("Academy", Season(2026), moment, 0, (), shown={})
    assert "U15 East (7 on 2026-10-05)" in (Targets(path).vanished(empty, Wanted(Season(2026), "Academy")) or "")
