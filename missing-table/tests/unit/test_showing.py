"""What a command lists: whole in a pipe, and on a terminal of any width, where no identifier is cut."""

import io
import re

import pytest

from missing_table.cli.showing import Format, show

TASK = "005e6382-1bd3-4c5d-9abc-def012345678"
AT = "2026-11-28T14:07:00Z"
REASON = "score_away: is missing, although score_home is there: a score has both sides"
COLUMNS = ("task_id", "reason", "seen", "run_id", "at")
ROWS = [(TASK, REASON, 12, TASK[::-1], AT), (TASK.replace("0", "1"), "[b]short[/b] one", None, None, AT)]


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, columns: int, out: io.StringIO) -> list[str]:
    """The lines that `out` is given where it is so wide."""
    for name, value in {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    show(Format.TABLE, COLUMNS, ROWS, lesser=("run_id", "seen"), out=out)
    return re.sub("\x1b[^m]*m", "", out.getvalue()).splitlines()


@pytest.mark.parametrize("columns", [30, 75, 76, 80, 119, 120, 200])
def test_an_identifier_and_a_time_are_whole_on_a_terminal_of_any_width(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    lines = shown(monkeypatch, columns, Terminal())
    text = "\n".join(lines)
    assert TASK in text
    assert text.count(AT) == 2
    assert "[b]short[/b]" in text
    assert "…" not in text
    if columns >= 76:
        assert max(map(len, lines)) <= columns
        assert lines[0].split()[:2] == ["task_id", "reason"]
    assert (TASK[::-1] in text) == (columns < 76 or columns >= 120)
    assert ("No room here for run_id" in text) == (76 <= columns < 120)


def test_a_row_is_one_whole_line_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 40, io.StringIO())
    (line,) = [line for line in lines if line.startswith(TASK)]
    assert line.split() == [TASK, *REASON.split(), "12", TASK[::-1], AT]


def test_nothing_is_a_head_alone() -> None:
    out = io.StringIO()
    show(Format.TABLE, COLUMNS, [], out=out)
    assert out.getvalue().split()[:5] == list(COLUMNS)
