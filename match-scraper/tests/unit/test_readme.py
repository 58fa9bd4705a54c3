"""The README knows every setting, option, fault and exit code that there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from match_scraper import cli, errors
from match_scraper.cli.release import NEW
from match_scraper.errors import ScraperError
from match_scraper.measures import Measured, registry_of
from match_scraper.sample_site import faults
from match_scraper.settings import Settings

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
IN_CODE_STYLE = set(re.findall(r"`([^`\n]+)`", README))


def test_every_setting_is_in_the_readme() -> None:
    assert {str(field.validation_alias) for field in Settings.model_fields.values()} <= IN_CODE_STYLE


def test_every_option_of_every_command_is_in_the_readme() -> None:
    app = get_command(cli.app)
    options = {option for command in _commands(app) for each in command.params for option in each.opts}
    options |= {option for command in _commands(app) for each in command.params for option in each.secondary_opts}
    assert {"--age-group", "--install-completion"} <= options
    assert options - {"--help"} <= IN_CODE_STYLE


def test_every_command_has_a_part_of_the_readme() -> None:
    for name in get_command(cli.app).commands:  # type: ignore[attr-defined]
        assert f"\n## `mls-scraper {name}`\n" in README


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _commands(each)


def test_every_fault_is_in_the_readme_with_its_words() -> None:
    for name, fault in faults.known().items():
        assert f"| `{name}` | {fault.seen_as} |" in README


def test_every_metric_is_in_the_readme() -> None:
    run = Measured("Homegrown U14 Northeast", 0.0, 0.0, 0, {"seen": 0}, 0.0)
    names = {metric.name for metric in registry_of(run).collect()}
    assert names == {name for name in IN_CODE_STYLE if name.startswith("mls_scraper_")}


def test_every_exit_code_is_in_the_readme() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ScraperError)]
    codes = {0, *(kind.exit_code for kind in kinds), errors.INTERRUPTED, NEW}
    assert all(f"\n| {code} | " in README for code in codes)
