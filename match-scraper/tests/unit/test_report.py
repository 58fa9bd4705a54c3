"""Exit codes of several problems, and how a run is told."""

import io
import re

import pytest

from match_scraper.errors import (
    NotDelivered,
    NotPublished,
    ScoresMissing,
    ScraperError,
    SourceUnreadable,
    UsageProblem,
    worst_exit_code,
)
from match_scraper.report import summary, write_rows
from match_scraper.scrape import Run


@pytest.mark.parametrize(
    ("problems", "code"),
    [
        ([], 0),
        ([ScoresMissing()], 5),
        ([ScoresMissing(), NotDelivered()], 4),
        ([NotDelivered(), NotPublished(), ScoresMissing()], 3),
        ([SourceUnreadable(), UsageProblem()], 2),
    ],
)
def test_of_several_problems_the_lowest_code_is_taken(problems: list[ScraperError], code: int) -> None:
    assert worst_exit_code(problems) == code


def test_a_run_that_read_nothing_still_has_a_summary_that_adds_up() -> None:
    numbers = "seen 0, asked for 0, not asked for 0, unreadable 0, mapped 0, broken 0"
    assert list(summary(Run(), None)) == ["dry run: nothing was sent", numbers]
    (line,) = summary(Run(), "somewhere")
    assert line == f"{numbers}, unchanged 0, sent 0, confirmed 0, refused 0, unsent 0"


def test_on_a_narrow_terminal_days_times_and_scores_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm")
    drawn = Terminal()
    columns = dict.fromkeys(["date", "time", "bracket", "home", "score", "away"], "") | {"match": "dim"}
    long = "Charlotte Independence Soccer Club"
    row = ["2026-10-17", "10:45", "U14 Northeast", long, "3-3 (3-4)", long, "26336"]
    write_rows(columns, [row], drawn)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", drawn.getvalue()).splitlines()
    assert {"2026-10-17", "10:45", "(3-4)"} <= set(" ".join(lines).split())
    assert max(map(len, lines)) <= 50
    assert "…" not in drawn.getvalue()
    assert "26336" not in drawn.getvalue(), "there is no room for everything"
