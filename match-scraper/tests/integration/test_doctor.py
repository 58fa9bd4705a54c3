"""doctor, as somebody runs it who does not know what is wrong."""

import json
from pathlib import Path

import pytest

from match_scraper.doctor import look_at_feed
from match_scraper.finding import State
from match_scraper.season import Season
from match_scraper.sources.base import Bracket, Reading, Wanted

from .conftest import NOW, Run, Site


def by_name(run: Run, *arguments: str) -> tuple[int, dict[str, tuple[str, str]]]:
    ended = run("doctor", "--format", "json", *arguments)
    return ended.code, {each["what"]: (each["state"], each["said"]) for each in json.loads(ended.out)}


def test_where_nothing_runs_it_says_what_to_start(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # Port 9 is nobody's.
    monkeypatch.setenv("MLS_ASSIST_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MISSING_TABLE_API_BASE_URL", "http://127.0.0.1:9")
    code, found = by_name(run)
    assert code == 2
    assert [found[what][0] for what in ("feed", "cache", "state", "ledger", "queue", "API")] == [
        *("wrong", "ok", "ok", "ok", "wrong", "wrong")
    ]
    assert "is the network there" in found["feed"][1]
    assert "run `missing-table up`" in found["queue"][1]
    assert "start it (`missing-table up`" in found["API"][1]


@pytest.mark.usefixtures("home")
def test_with_the_embedded_folder_all_is_well_and_the_api_is_not_needed(site: Site, run: Run) -> None:
    site()
    code, found = by_name(run)
    assert (code, found["feed"][0], found["queue"][0]) == (0, "ok", "ok")
    assert "matches, as of 2026-10-05 04:40 UTC" in found["feed"][1]
    assert found["API"][0] != "wrong"  # it is not, should there be one on this machine


@pytest.mark.usefixtures("home")
def test_what_was_set_up_on_purpose_must_work(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    site()
    monkeypatch.setenv("MISSING_TABLE_API_BASE_URL", "http://127.0.0.1:9")
    code, found = by_name(run)
    assert (code, found["API"][0]) == (4, "wrong")
    monkeypatch.setenv("RABBITMQ_URL", "amqp://me:hunter2@127.0.0.1:9/")
    code, found = by_name(run)
    assert (code, found["broker"][0]) == (4, "wrong")
    assert "hunter2" not in str(found)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("fault", "code", "state"),
    [("stale-feed", 0, "note"), ("no-scores", 5, "wrong"), ("server-error", 3, "wrong"), ("web-page", 0, "note")],
)
def test_a_feed_that_is_not_well_is_said(site: Site, run: Run, fault: str, code: int, state: str) -> None:
    site(fault)
    ended, found = by_name(run)
    assert (ended, found["feed"][0]) == (code, state)


@pytest.mark.usefixtures("home")
def test_a_stale_feed_is_judged_as_a_run_judges_it(site: Site, run: Run) -> None:
    site("stale-feed")
    u14 = ("scrape", "-a", "U14", "-d", "Northeast", "--use-queue")
    for strict in ((), ("--strict",)):
        code, found = by_name(run, *strict)
        ended = run(*u14, *strict)
        assert ended.code == code
        (told,) = ended.lines("problem: " if strict else "note: ")
        assert told.removesuffix(" (--strict)") in found["feed"][1]
    assert found["feed"][0] == "wrong"


@pytest.mark.usefixtures("home")
def test_the_ledger_tells_matches_from_official_tables(site: Site, run: Run) -> None:
    site()
    assert run("scrape", "-a", "U14", "-d", "Northeast", "--use-queue").code == 0
    assert by_name(run)[1]["ledger"] == ("ok", "confirmed before: 272 matches, 1 official tables")


@pytest.mark.usefixtures("home")
def test_a_folder_that_cannot_be_written_to_and_a_damaged_ledger_are_said(
    site: Site, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ledger.sqlite3").write_bytes(b"no database at all, but long enough to look like one" * 9)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLS_SCRAPER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    code, found = by_name(run)
    assert (code, found["cache"][0], found["ledger"][0]) == (2, "wrong", "note")
    assert "set MLS_SCRAPER_CACHE_DIR" in found["cache"][1]


@pytest.mark.usefixtures("home")
def test_for_people_it_is_a_line_for_each_and_plain_in_a_pipe(site: Site, run: Run) -> None:
    site()
    lines = run("doctor").out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["ok", "feed"], ["ok", "cache"], ["ok", "state"]]
    assert not any("\x1b" in line for line in lines)


def test_a_browser_that_is_missing_matters_only_where_it_is_the_source(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")
    assert by_name(run)[1]["browser"][0] == "note"
    code, found = by_name(run, "--source", "browser")
    assert code == 2
    assert [found[what][0] for what in ("feed", "browser", "cache")] == ["wrong", "wrong", "ok"]


def test_a_feed_without_any_match_is_not_told_as_well() -> None:
    class Empty:
        def brackets(self, season: Season, league: str) -> list[Bracket]:  # noqa: ARG002
            return [Bracket("U13", "Northeast")]

        def read(self, wanted: Wanted) -> Reading:
            return Reading(wanted.league, wanted.season, NOW, 0, ())

        def close(self) -> None:
            """Nothing to let go of."""

    found = look_at_feed(Empty(), NOW)
    assert (found.state, found.said) == (State.NOTE, "Homegrown 2026-27 can be read, and has no match of U13 Northeast")
