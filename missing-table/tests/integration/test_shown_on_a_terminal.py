"""What came from outside does no harm on a terminal or in a spreadsheet: it is shown, and means nothing there."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from messages import NOW, delivery, match
from missing_table import logs
from missing_table.cli import app
from missing_table.errors import NotFound, Unclear
from missing_table.ingest.pipeline import Ingest
from missing_table.store import engine as engines

Run = Callable[..., str]


@pytest.fixture
def run(sqlite_file: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; returns what it prints."""
    monkeypatch.setenv("DATABASE_URL", sqlite_file)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(logs, "configure", lambda _level: None)  # it is the process's, which other tests share

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.fixture
def stored(sqlite_file: str) -> Ingest:
    """The pipeline into the database of `run`."""
    return Ingest(engines.create(sqlite_file), default_league="Homegrown", message_limit=100_000)


def test_a_name_is_no_markup_and_no_formula(run: Run, stored: Ingest) -> None:
    names = {"home_team": "[/red] United", "away_team": "=HYPERLINK(1)"}
    stored.process([delivery(match(**names, home_team_id=None, away_team_id=None))], NOW)
    assert "[/red] United" in run("teams", "list")
    assert "'=HYPERLINK(1)" in run("teams", "list", "--format", "csv")
    assert '"=HYPERLINK(1)"' in run("teams", "list", "--format", "json")


def test_a_payload_moves_no_cursor(run: Run, stored: Ingest) -> None:
    (held,) = stored.process([delivery(body=b"{\n\x1b]0;mine\x07 \xff\xe2\x80\xae")], NOW)
    shown = run("quarantine", "show", str(held.quarantine_ref))
    assert "\\x1b]0;mine\\x07 \\xff\\u202e" in shown
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_a_task_is_found_by_the_beginning_of_its_id(run: Run, stored: Ingest) -> None:
    ids = ("005e-1", "005e-2", "a_b", "acb", "a")
    stored.process([delivery(match(match_id=task_id), task_id=task_id) for task_id in ids], NOW)
    for asked, found in (("005e-2", "005e-2"), ("005e-1", "005e-1"), ("a_", "a_b"), ("a", "a")):
        assert [line.split()[0] for line in run("outcomes", asked).splitlines()[2:]] == [found]
    several = CliRunner().invoke(app, ["outcomes", "005e"])
    assert isinstance(several.exception, Unclear)
    assert str(several.exception) == "the ids of several tasks begin with 005e: give more of it"
    assert isinstance(CliRunner().invoke(app, ["outcomes", "%"]).exception, NotFound)
