"""The command through the public page in a real Chromium, and each way in which page or browser go wrong."""

import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from match_scraper.sources import chromium
from match_scraper.sources.chromium import find_chromium

from .conftest import Ended, Message, Run, Site

OF_THE_PAGE = [
    "banner-late",
    "banner-never",
    "iframe-data-src",
    "iframe-after-consent",
    "modular11-viewer",
    "no-iframe",
    "viewer-never-asks",
    "viewer-hangs",
    "page-forbidden",
]
U15 = ("-a", "U15", "-d", "Northeast")


@pytest.fixture
def read(dry_run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "browser")
    return dry_run


_of_the_feeds: dict[str, Message] = {}


@pytest.fixture
def feeds(site: Site, dry_run: Run) -> dict[str, Message]:
    """The messages of the feeds, read plainly; once for all tests, since they do not change."""
    if not _of_the_feeds:
        site()
        _of_the_feeds.update(dry_run().messages)
    return _of_the_feeds


def browsers() -> list[str]:
    """The command lines of the browsers that a run of ours has started and left behind."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "user-data-dir=" in words and "match-scraper-" in words:
            found.append(words)
    return found


def test_the_browser_gives_the_same_messages_as_the_feeds(
    site: Site, dry_run: Run, feeds: dict[str, Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = site()
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "browser")
    ended = dry_run()
    assert (ended.code, ended.lines("note: "), ended.summary["mapped"]) == (0, [], 462)
    assert ended.messages == feeds
    data = [path for path, _ in served.asked if path.startswith("/data/")]
    assert sorted(data) == sorted(set(data))  # what the viewer got is not asked for again
    assert browsers() == []


@pytest.mark.parametrize("faults", [("banner-late", "iframe-after-consent"), ("banner-never", "iframe-data-src")])
def test_a_page_that_comes_in_another_way_is_read_as_well(
    site: Site, read: Run, feeds: dict[str, Message], faults: tuple[str, ...]
) -> None:
    site(*faults)
    ended = read()
    assert (ended.code, ended.messages) == (0, feeds)


def test_modular11s_viewer_is_read_by_modular11s_parser(site: Site, read: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served = site("modular11-viewer")
    ended = read(*U15)
    asked = [path for path, _ in served.asked if path.startswith("/public_schedule/")]
    assert (ended.code, ended.summary["mapped"]) == (0, 190)
    # The viewer's own, one that shows that the season is there, eight pages, and the day of put-off matches.
    assert len(asked) == 1 + 1 + 8 + 2
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "modular11")
    assert read(*U15).messages == ended.messages


def test_the_academy_is_on_a_tab_of_its_own(site: Site, read: Run) -> None:
    served = site("banner-late")
    ended = read("--league", "Homegrown", "--league", "Academy", "-a", "U14", "-d", "all")
    assert (ended.code, ended.summary["mapped"]) == (0, 272 + 50 + 50)
    assert "/?competition=mls-next-2-academy-division-26-27" in [path for path, _ in served.asked]


@pytest.mark.parametrize("fault", ["forbidden", "challenge"])
def test_a_refused_plain_client_goes_through_the_browser_and_says_so(
    site: Site, dry_run: Run, feeds: dict[str, Message], fault: str
) -> None:
    site(fault)
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, feeds)
    (note,) = ended.lines("note: ")
    assert "answers browsers only" in note
    assert note.endswith("read through the public page in a browser")


def test_a_refusal_without_a_browser_names_both(site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", "/no/such/chromium")
    site("forbidden")
    ended = dry_run()
    assert (ended.code, ended.messages) == (3, {})
    (problem,) = ended.lines("problem: ")
    assert "answers browsers only: 403 Forbidden; and CHROMIUM_PATH: /no/such/chromium is not a program" in problem


def test_a_large_document_comes_whole(site: Site, read: Run, tmp_path: Path, run: Run) -> None:
    assert run("sample-site", "--export", str(tmp_path / "feeds")).code == 0
    for file in (tmp_path / "feeds" / "schedule").iterdir():
        file.write_text(f'{{"padding": "{"x" * 12_000_000}",{file.read_text().removeprefix("{")}')
    site(folder=tmp_path / "feeds")
    ended = read()
    assert (ended.code, ended.summary["mapped"]) == (0, 462)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no-iframe", "answered 200 and shows no viewer, in 8 seconds"),
        ("page-forbidden", "answered 403 and shows no viewer, in 8 seconds"),
        ("viewer-never-asks", "shows a viewer that asks for no data, in 8 seconds"),
        ("viewer-hangs", "more than 8 seconds|in 8 seconds"),
    ],
)
def test_a_page_that_gives_nothing_is_given_up(
    site: Site, read: Run, monkeypatch: pytest.MonkeyPatch, fault: str, words: str
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_BROWSER_SECONDS", "8")
    site(fault)
    assert re.search(words, problem(read()))
    assert browsers() == []


def test_a_page_that_is_not_there_is_said_without_a_secret(
    site: Site, read: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = site()
    monkeypatch.setenv("MLSNEXT_PAGE_URL", served.page_url.replace("//", "//me:hunter2@"))
    served.stop()
    said = problem(read())
    assert "ERR_CONNECTION_REFUSED" in said
    assert "hunter2" not in said


def test_data_that_never_comes_is_given_up(site: Site, read: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLS_SCRAPER_BROWSER_SECONDS", "8")
    site("time-out")
    assert "in 8 seconds" in problem(read())
    assert browsers() == []


def problem(ended: Ended) -> str:
    """The one problem of a run that sent nothing and ended with 3."""
    assert (ended.code, ended.messages) == (3, {})
    (line,) = ended.lines("problem: ")
    return line


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", "ended at once"),
        ("exec sleep 60", "was not there in 3 seconds"),
        ('echo "DevTools listening on ws://127.0.0.1:9/devtools" >&2; exec sleep 60', "the browser could not"),
    ],
)
def test_a_browser_that_does_not_work_is_given_up(
    site: Site, read: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, words: str
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_BROWSER_SECONDS", "3")
    monkeypatch.setenv("CHROMIUM_PATH", str(program(tmp_path / "chromium", script)))
    site()
    assert words in problem(read())
    assert browsers() == []


def test_a_browser_that_crashes_on_the_way_is_said(
    site: Site, read: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # It dies once it has loaded the viewer, which the site never sends data to.
    script = f'sh -c "sleep 4; kill -9 -$$" & exec {find_chromium(None)} "$@"'
    monkeypatch.setenv("CHROMIUM_PATH", str(program(tmp_path / "chromium", script)))
    site("time-out")
    assert "it ended unexpectedly" in problem(read())
    assert browsers() == []


def run_of_its_own(tmp_path: Path) -> subprocess.Popen[str]:
    """A run, in a process group as a terminal makes one, whose browser's viewer waits for data that never comes."""
    command = ["scrape", *U15, "--season", "2026-27", "--source", "browser", "--dry-run"]
    return subprocess.Popen(
        [sys.executable, "-m", "match_scraper", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.usefixtures("run")
def test_ctrl_c_ends_the_run_and_the_browser(site: Site, tmp_path: Path) -> None:
    served = site("time-out")
    with run_of_its_own(tmp_path) as process:
        wait_until(lambda: any(path.startswith("/data/") for path, _ in served.asked))
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the driver of the browser, too
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "stopped before the end; the next run sends the rest\n")
    assert browsers() == []


@pytest.mark.usefixtures("run")
def test_a_run_that_is_killed_leaves_no_browser_behind(site: Site, tmp_path: Path) -> None:
    served = site("time-out")
    with run_of_its_own(tmp_path) as process:
        wait_until(lambda: any(path.startswith("/data/") for path, _ in served.asked))
        assert browsers() != []
        process.kill()
        process.communicate(timeout=60)
    wait_until(lambda: browsers() == [] and not list(tmp_path.glob("match-scraper-*")))


def test_a_browser_that_is_missing_is_a_matter_of_installing_it(
    site: Site, read: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = site()
    monkeypatch.setenv("CHROMIUM_PATH", str(tmp_path / "none"))
    ended = read()
    assert (ended.code, ended.out) == (2, "")
    assert "apt-get install chromium, or name one in CHROMIUM_PATH" in ended.err
    monkeypatch.delenv("CHROMIUM_PATH")
    monkeypatch.setattr(chromium, "_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "There is no Chromium on this machine" in read().err
    assert served.asked == []


def test_without_playwright_the_extra_is_named(site: Site, read: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    site()
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    ended = read()
    assert (ended.code, ended.out) == (2, "")
    assert "pip install 'match-scraper[browser]'" in ended.err


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
