"""Every command's help has examples, and they work as they are printed."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_services.program import Program
from typer.main import get_command
from typer.testing import CliRunner

from match_scraper import cli
from match_scraper.cli.release import NEW

from .conftest import Run, Site

_COMMAND = re.compile(r"\s*((?:[A-Z_0-9]+=\S+ )*mls-scraper .*?)\s*")
_SERVED = "http://127.0.0.1:8099"
"""Where the examples have the sample site."""


def _paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from _paths(each, (*path, name))


PATHS = list(_paths(get_command(cli.app)))


def help_of(path: tuple[str, ...]) -> str:
    result = CliRunner().invoke(cli.app, [*path, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert result.exit_code == 0
    return result.stdout


def examples_of(path: tuple[str, ...]) -> list[str]:
    """The examples as they are printed, on a terminal of eighty columns."""
    after = help_of(path).partition("Examples:")[2]
    return [found.group(1) for line in after.splitlines() if (found := _COMMAND.fullmatch(line))]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_an_example_that_names_it_and_fits_on_a_line(path: tuple[str, ...]) -> None:
    after = help_of(path).partition("Examples:")[2]
    lines = [line.strip() for line in after.splitlines() if line.strip()]
    assert lines
    # A line that is neither was broken off the one before.
    assert all(line.startswith("# ") or _COMMAND.fullmatch(line) for line in lines)
    assert any(" ".join(("mls-scraper", *path)) in line for line in examples_of(path))


@pytest.mark.parametrize(
    ("path", "example"),
    [
        (path, example)
        for path in PATHS
        for example in examples_of(path)
        if "watch" not in path and (path != ("sample-site",) or "--port" not in example)
    ],
)
def test_the_examples_work_as_they_are_printed(
    site: Site,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: tuple[str, ...],
    example: str,
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "missing-table.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    served = site()
    words = shlex.split(example.replace(_SERVED, served.url), comments=True)
    while "=" in words[0]:
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    assert words.pop(0) == "mls-scraper"
    ended = run(*words)
    assert ended.code in ((0, NEW) if path == ("release",) else (0,)), ended.out + ended.err
    assert ended.out or "--quiet" in words


def test_the_examples_that_stay_until_they_are_stopped_work_too(site: Site, run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "missing-table.json").write_text("{}")
    assert run("sample-site", "--export", str(tmp_path / "my-site")).code == 0
    site()
    staying = [
        (example, "127.0.0.1")
        for example in examples_of(("sample-site",))
        if "mls-scraper sample-site --port" in example
    ]
    staying += [(example, "next look") for example in examples_of(("watch",))]
    assert len(staying) > 3
    for example, sign in staying:
        words = shlex.split(example.replace("8099", "0"))[1:]
        with Program(
            [sys.executable, "-u", "-m", "match_scraper", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        ) as process:
            assert process.stdout is not None
            while sign not in (line := process.stdout.readline()):
                assert line, (example, process.communicate(timeout=20))
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, ""), example


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_can_be_shown_for_each_shell(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    result = CliRunner().invoke(cli.app, ["--show-completion", shell], prog_name="mls-scraper")
    assert result.exit_code == 0
    assert "_MLS_SCRAPER_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mls-scraper sc", ["scrape"]),
        ("mls-scraper scrape --age-group U1", ["U13", "U14", "U15", "U16", "U17", "U19"]),
        ("mls-scraper upcoming --division Nor", ["Northeast", "Northwest"]),
        ("mls-scraper watch --age-group U14,U15", ["U14,U15"]),
        ("mls-scraper discover --league F", ["Flex"]),
        ("mls-scraper sample-site --fault web", ["web-page"]),
        ("mls-scraper doctor --format j", ["json"]),
    ],
)
def test_the_shell_completes_commands_and_values(typed: str, offered: list[str]) -> None:
    asked = {
        "_MLS_SCRAPER_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }
    assert CliRunner().invoke(cli.app, env=asked, prog_name="mls-scraper").stdout.split() == offered
