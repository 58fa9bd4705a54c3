"""The commands that people ask things: what comes next, what there is, whether it is out; and the one that stays."""

import contextlib
import csv
import datetime as dt
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from private_services.program import Program

from match_scraper.cli import running, turn

from .conftest import Run, Site

NORTHEAST = ("-a", "U14", "-d", "Northeast")


def test_the_next_matches_are_those_that_begin_from_now_on_in_the_venues_time(site: Site, run: Run) -> None:
    site()
    ended = run("upcoming", *NORTHEAST, "--limit", "3")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[0].split() == ["day", "kick-off", "home", "away", "venue", "bracket"]
    assert lines[1].split("  ")[0:2] == ["Sun 2026-10-11", "11:00"]
    assert "Bayside FC Field - Bayside FC Field" in lines[1]
    assert [line for line in lines if line.startswith(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))] == lines[1:4]
    assert "\x1b" not in ended.out


def test_what_is_upcoming_is_neither_played_nor_postponed_nor_over(site: Site, run: Run) -> None:
    site("completed-in-future", "score-missing")
    ended = run("upcoming", *NORTHEAST, "--days", "366", "--format", "json")
    messages = ended.messages.values()
    assert {message["status"] for message in messages} == {"scheduled"}
    assert min(message["date"] for message in messages) >= "2026-10-05"
    days = [(message["date"], message.get("match_time", "99:99")) for message in messages]
    assert [day for day, _ in days] == sorted(day for day, _ in days)
    assert "note: postponed, without a new day yet: " in ended.err


def test_days_are_counted_from_now_or_from_the_day_that_was_said(site: Site, run: Run) -> None:
    site()
    none = run("upcoming", *NORTHEAST, "--days", "2")
    said = "no match from 2026-10-05 to 2026-10-06; the next one is on Sun 2026-10-11 (--days, --from)"
    assert (none.code, none.out.splitlines()[0]) == (0, said)
    rows = list(
        csv.DictReader(
            io.StringIO(run("upcoming", *NORTHEAST, "--from", "2026-10-17", "--days", "1", "--format", "csv").out)
        )
    )
    assert {row["date"] for row in rows} == {"2026-10-17"}
    assert run("upcoming", "--from", "soon").code == 2


@pytest.mark.parametrize(
    ("now", "arguments", "said"),
    [
        ("2026-07-17", (), "no match from 2026-07-17 to 2026-07-30: season 2026-27 runs from 2026-08-01 to 2027-07-15"),
        (
            "2026-07-20",
            (),
            "no match from 2026-07-20 to 2026-08-02; the next one is on Sun 2026-10-11 (--days, --from)",
        ),
        (
            "2026-08-01",
            ("--days", "30"),
            "no match from 2026-08-01 to 2026-08-30; the next one is on Sun 2026-10-11 (--days, --from)",
        ),
        ("2027-07-15", (), "no match from 2027-07-15 to 2027-07-28 (--days, --from)"),
        (
            "2026-10-05",
            ("--season", "2025-26"),
            "no match from 2026-10-05 to 2026-10-18: season 2025-26 runs from 2025-08-01 to 2026-07-15",
        ),
    ],
)
def test_between_two_seasons_it_is_the_one_that_comes(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, now: str, arguments: tuple[str, ...], said: str
) -> None:
    served = site()
    monkeypatch.setattr(running, "utc_now", lambda: dt.datetime.fromisoformat(f"{now}T12:00:00+00:00"))
    ended = run("upcoming", *NORTHEAST, *arguments)
    assert (ended.code, ended.out.splitlines()[0]) == (0, said)
    assert all("26-27" in path for path, _ in served.asked)
    assert run("upcoming", *NORTHEAST, *arguments, "--format", "json").out == "[]\n"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_edge_of_the_calendar_is_no_bug(run: Run, day: str) -> None:
    for command in ("upcoming", "--from"), ("scrape", "--from"), ("scrape", "--to"):
        ended = run(command[0], *NORTHEAST, command[1], day)
        assert (ended.code, ended.err) == (2, f"mls-scraper: {command[1]} {day} is not a day of our times.\n")


def test_a_club_is_enough_to_ask_for(site: Site, run: Run) -> None:
    site()
    messages = run("upcoming", "--club", "westchester", "--days", "60", "--format", "json").messages.values()
    assert {message["age_group"] for message in messages} == {"U14", "U15"}
    assert all("FC Westchester" in (message["home_team"], message["away_team"]) for message in messages)


def test_discover_names_what_the_options_take(site: Site, run: Run) -> None:
    site()
    ended = run("discover", "--league", "Homegrown", "--format", "json")
    brackets = {(item["age_group"], item["division"]): item for item in json.loads(ended.out)}
    assert ended.code == 0
    assert (brackets["U15", "Northeast"]["clubs"], brackets["U15", "Northeast"]["matches"]) == (20, 190)
    assert brackets["U14", "Northeast"]["last_day"] < "2027-06-08"
    for age_group, division in brackets:
        asked = run("scrape", "-a", age_group, "-d", division, "--dry-run", "--quiet")
        assert (asked.code, asked.err) == (0, "")


def test_discover_lists_the_clubs_of_a_bracket_each_with_its_squad(site: Site, run: Run) -> None:
    site()
    clubs = json.loads(run("discover", "--clubs", *NORTHEAST, "--league", "Homegrown", "--format", "json").out)
    assert len(clubs) == 21
    assert {"club": "Valeo Futbol Club", "team_id": "5936", "matches": 26}.items() <= clubs[-1].items()
    assert sum(club["matches"] for club in clubs) == 2 * 272
    table = run("discover", "--clubs", "--club", "valeo")
    assert [line.split()[:3] for line in table.out.splitlines()[1:3]] == [["Valeo", "Futbol", "Club"]] * 2


def test_of_leagues_that_are_not_out_yet_discover_makes_a_note_and_of_none_at_all_a_problem(
    site: Site, run: Run
) -> None:
    site("academy-not-published")
    ended = run("discover")
    assert ended.code == 0
    assert any("Academy 2026-27 is not published" in line for line in ended.lines("note: "))
    assert run("discover", "--league", "Academy").code == 3


def test_a_release_is_told_once(site: Site, run: Run) -> None:
    site("academy-not-published")
    first = run("release", "--season", "2026-27")
    assert first.code == 10
    assert "Homegrown 2026-27 has been published" in first.out
    assert "Academy 2026-27 is not published yet" in first.out
    again = run("release", "--season", "2026-27", "--quiet")
    assert (again.code, again.out, again.err) == (0, "", "")
    site()
    later = run("release", "--season", "2026-27", "--quiet")
    assert (later.code, later.out) == (10, "Academy 2026-27 has been published\n")


def test_a_season_that_is_not_out_is_no_error_and_one_that_cannot_be_read_is(site: Site, run: Run) -> None:
    site()
    assert run("release", "--season", "2027-28").code == 0
    site("server-error")
    broken = run("release")
    assert (broken.code, len(broken.lines("problem: "))) == (3, 3)


def test_config_validate_names_every_wrong_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("config", "validate").code == 0
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("RABBITMQ_URL", "http://me:hunter2@host")
    monkeypatch.setenv("RABBITMQ_CA_FILE", "/nowhere/ca.pem")
    ended = run("config", "validate")
    assert ended.code == 2
    assert [line.partition(":")[0] for line in ended.err.splitlines()] == [
        "RABBITMQ_URL",
        "LOG_LEVEL",
        "RABBITMQ_CA_FILE",
    ]
    assert "hunter2" not in ended.err


def test_config_validate_knows_what_can_be_known_without_asking_anybody(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLS_SCRAPER_TIMOUT_SECONDS", "3")
    monkeypatch.setenv("MLS_SCRAPER_STATE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")
    ended = run("config", "validate")
    assert (ended.code, ended.err.splitlines()) == (
        2,
        [
            "MLS_SCRAPER_TIMOUT_SECONDS: there is no such setting; the nearest is MLS_SCRAPER_TIMEOUT_SECONDS",
            f"MLS_SCRAPER_STATE_DIR: {tmp_path / 'file'} is not a folder",
            "CHROMIUM_PATH: /nowhere/chromium is not a program that can be run",
        ],
    )
    monkeypatch.setenv("MLS_SCRAPER_CACHE_DIR", "~nobody-at-all/cache")
    for command in ("validate", "show"):
        ended = run("config", command)
        assert ended.code == 2
        assert "MLS_SCRAPER_CACHE_DIR: there is no home folder of ~nobody-at-all" in ended.err


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    "command",
    [("config", "validate"), ("config", "show"), ("doctor",), ("upcoming",), ("sample-site", "--list-faults")],
)
def test_what_cannot_be_printed_is_one_sentence(site: Site, command: tuple[str, ...]) -> None:
    site()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "match_scraper", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    sentence = "mls-scraper: What is to be printed cannot be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (2, sentence)


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("command", [("discover",), ("doctor",), ("scrape", *NORTHEAST, "--dry-run")])
def test_a_reader_that_has_seen_enough_of_a_table_is_no_problem(site: Site, command: tuple[str, ...]) -> None:
    site()
    reading, writing = os.pipe()
    os.close(reading)
    season = () if command == ("doctor",) else ("--season", "2026-27")
    ours = {"MISSING_TABLE_API_BASE_URL": "http://127.0.0.1:9"} if command == ("doctor",) else {}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "match_scraper", *command, *season],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
            env=os.environ | ours,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (2 if ours else 0, "")


def test_a_sample_that_cannot_be_exported_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("sample-site", "--export", str(tmp_path / "file"))
    assert ended.code == 2
    assert ended.err.startswith(f"mls-scraper: Cannot write into {tmp_path / 'file'}: ")


def test_a_club_that_nobody_knows_is_said_by_discover_too(site: Site, run: Run) -> None:
    site()
    ended = run("discover", "--club", "Westchestr", "--format", "csv", "--season", "2026-27", "--league", "Homegrown")
    assert (ended.code, ended.out) == (
        0,
        "league,season,age_group,division,clubs,matches,first_day,last_day\n",
    )
    (note,) = ended.lines("note: ")
    assert "“Westchestr”" in note
    assert "discover --clubs" in note
    assert note.endswith(" Did you mean FC Westchester?")


@pytest.mark.usefixtures("home")
def test_watch_sends_what_is_new_and_says_of_each_look_what_came_of_it(site: Site, run: Run) -> None:
    site()
    ended = run("watch", *NORTHEAST, "--use-queue", "--every", "0.01s", "--cycles", "3")
    sent = [line for line in ended.out.splitlines() if line.startswith("seen ")]
    assert ended.code == 0
    assert ["confirmed 272" in line for line in sent] == [True, False, False]
    assert "stopped after 3 looks, the last with exit code 0" in ended.out


@pytest.mark.usefixtures("home")
def test_a_look_that_fails_is_said_and_made_up_for_by_the_next(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_ATTEMPTS", "1")
    site("server-error-once")
    ended = run("watch", *NORTHEAST, "--use-queue", "--every", "0.01s", "--cycles", "4")
    sent = [line for line in ended.out.splitlines() if line.startswith("seen ")]
    assert ended.code == 0
    assert "500" in ended.err
    assert sum("confirmed 272" in line for line in sent) == 1
    site("server-error")
    assert run("watch", *NORTHEAST, "--use-queue", "--every", "0.01s", "--cycles", "2").code == 3


def test_what_cannot_be_asked_or_has_nowhere_to_go_is_not_watched_for(site: Site, run: Run) -> None:
    site()
    assert run("watch", *NORTHEAST, "--use-queue", "--every", "soon").code == 2
    assert run("watch", *NORTHEAST, "--use-queue").code == 2  # no embedded folder
    assert run("watch", "-a", "U14", "-d", "Nowhere", "--use-queue").code == 2


@pytest.mark.usefixtures("run", "home")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_watch_that_is_stopped_while_it_waits_ends_well(site: Site, how: signal.Signals) -> None:
    site()
    command = [sys.executable, "-u", "-m", "match_scraper", "watch", *NORTHEAST, "--use-queue", "--every", "1h"]
    with Program(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        while "the next look is in" not in (line := process.stdout.readline()):
            lines.append(line)
            assert line
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert any("confirmed 272" in line for line in lines)
    assert "stopped after 1 look, the last with exit code 0" in out


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_on_a_terminal_a_table_has_colour_and_fits_unless_colour_is_not_wanted(
    site: Site, monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    site()
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "match_scraper", "upcoming", "--from", "2026-10-17", "--days", "1", *NORTHEAST]
    with Program(command, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        shown = b""
        # The other side of a terminal that is gone is an error on Linux, and an end elsewhere.
        with contextlib.suppress(OSError):
            while part := os.read(ours, 65536):
                shown += part
        assert process.wait(timeout=20) == 0
    os.close(ours)
    text = shown.decode()
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-7]", text)) is not bool(no_color)
    table = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).partition("note:")[0].splitlines()
    assert any("10:45" in line for line in table)
    assert max(map(len, table)) <= 60


def test_a_watch_that_is_stopped_before_its_first_look_is_over_was_interrupted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(turn, "take", interrupted)
    ended = run("watch", *NORTHEAST, "--use-queue")
    assert (ended.code, ended.out, ended.err) == (130, "", "mls-scraper: stopped\n")


@pytest.mark.parametrize("command", ["upcoming", "discover"])
def test_who_only_looks_is_told_what_could_not_be_read_and_what_has_vanished(
    site: Site, run: Run, command: str
) -> None:
    site("unreadable-event")
    assert len(run(command, *NORTHEAST).lines("unreadable: ")) == 1
    site("vanished-match")
    assert run(command, *NORTHEAST).code == 0
    ended = run(command, *NORTHEAST)
    assert any("vanished from the feed" in note for note in ended.lines("note: "))
    assert run(command, *NORTHEAST).lines("note: ") == ended.lines("note: ")


def test_a_season_is_published_though_the_first_bracket_of_it_has_no_match(site: Site, run: Run) -> None:
    site()
    ended = run("release", "--season", "2025-26", "--league", "Homegrown", "--source", "modular11")
    assert (ended.code, ended.out) == (10, "Homegrown 2025-26 has been published\n")
