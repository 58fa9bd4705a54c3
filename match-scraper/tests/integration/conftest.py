"""The command, run against the sample site over real HTTP, with the clock standing still."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from match_scraper import cli
from match_scraper.cli import running
from match_scraper.sample_site.server import SampleSite
from match_scraper.settings import Settings

NOW = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)
"""A few hours after the sample feed was made."""

Message = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, and all that it said."""

    code: int
    out: str
    err: str

    @property
    def messages(self) -> dict[str, Message]:
        """The messages on standard output, by match id."""
        items: list[Message] = json.loads(self.out)
        found = {item["match_id"]: item for item in items}
        assert len(found) == len(items)
        return found

    @property
    def summary(self) -> dict[str, int]:
        """The numbers of the summary, which must add up."""
        (line,) = [line for line in (self.out + self.err).splitlines() if line.startswith("seen ")]
        numbers = {name: int(count) for name, count in (part.rsplit(" ", 1) for part in line.split(", "))}
        assert numbers["seen"] == numbers["asked for"] + numbers["not asked for"] + numbers["unreadable"]
        assert numbers["asked for"] == numbers["mapped"] + numbers["broken"]
        if "sent" in numbers:  # not of a dry run
            assert numbers["mapped"] == numbers["unchanged"] + numbers["sent"] + numbers["unsent"]
            assert numbers["sent"] == numbers["confirmed"] + numbers["refused"]
        return numbers

    def lines(self, start: str) -> list[str]:
        """What was said after such a beginning of a line, such as `note: `."""
        return [line.removeprefix(start) for line in (self.out + self.err).splitlines() if line.startswith(start)]


Site = Callable[..., SampleSite]
Run = Callable[..., Ended]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Starts a sample site with these faults, and makes it the league's site for the runs that follow."""
    started: list[SampleSite] = []

    def start(*faults: str, folder: Path | None = None) -> SampleSite:
        served = SampleSite(faults=faults, folder=folder).start()
        started.append(served)
        monkeypatch.setenv("MLS_ASSIST_URL", served.url)
        monkeypatch.setenv("MODULAR11_URL", served.url)
        monkeypatch.setenv("MLSNEXT_PAGE_URL", served.page_url)
        return served

    yield start
    for served in started:
        served.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An embedded folder as missing-table leaves it."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "missing-table.json").write_text("{}")
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `mls-scraper` with these arguments, in an environment of its own."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    for name, value in {
        "MISSING_TABLE_HOME": str(tmp_path / "home"),
        "MLS_SCRAPER_CACHE_DIR": str(tmp_path / "cache"),
        "MLS_SCRAPER_STATE_DIR": str(tmp_path / "state"),
        "MLS_SCRAPER_ATTEMPTS": "2",
        "MLS_SCRAPER_FIRST_WAIT_SECONDS": "0.01",
        "MLS_SCRAPER_PAGE_PAUSE_SECONDS": "0",
        "MLS_SCRAPER_SEND_ATTEMPTS": "1",
        "MLS_SCRAPER_SEND_TIMEOUT_SECONDS": "2",
        "MLS_SCRAPER_TIMEOUT_SECONDS": "5",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(running, "utc_now", lambda: NOW)

    def run_command(*arguments: str) -> Ended:
        try:
            result = CliRunner().invoke(cli.app, arguments)
        finally:
            structlog.reset_defaults()
        assert "Traceback" not in result.output
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run_command


@pytest.fixture
def dry_run(run: Run) -> Run:
    """A dry run of U14 and U15 Northeast, as JSON; further arguments come after."""

    def run_dry(*arguments: str) -> Ended:
        northeast = () if "-a" in arguments else ("-a", "U14", "-a", "U15", "-d", "Northeast")
        return run("scrape", *northeast, "--dry-run", "--format", "json", *arguments)

    return run_dry
