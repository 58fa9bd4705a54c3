"""The README knows every setting, option, fault and exit code that there is."""

import re
from pathlib import Path

import typer
from typer.main import get_command

from match_scraper import cli, errors
from match_scraper.errors import ScraperError
from match_scraper.measures import Measured, registry_of
from match_scraper.sample_site import faults
from match_scraper.settings import Settings

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
IN_CODE_STYLE = set(re.findall(r"`([^`\n]+)`", README))


def test_every_setting_is_in_the_readme() -> None:
    assert {str(field.validation_alias) for field in Settings.model_fields.values()} <= IN_CODE_STYLE


def test_every_option_of_every_command_is_in_the_readme() -> None:
    group = get_command(cli.app)
    context = typer.Context(group)
    options = set()
    for name in group.list_commands(context):  # type: ignore[attr-defined]
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        for parameter in command.params:
            options |= {*parameter.opts, *parameter.secondary_opts} - {"--help"}
    assert "--age-group" in options
    assert options <= IN_CODE_STYLE


def test_every_fault_is_in_the_readme_with_its_words() -> None:
    for name, fault in faults.known().items():
        assert f"| `{name}` | {fault.seen_as} |" in README


def test_every_metric_is_in_the_readme() -> None:
    run = Measured("Homegrown U14 Northeast", 0.0, 0.0, 0, {"seen": 0}, 0.0)
    names = {metric.name for metric in registry_of(run).collect()}
    assert names == {name for name in IN_CODE_STYLE if name.startswith("mls_scraper_")}


def test_every_exit_code_is_in_the_readme() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ScraperError)]
    codes = {0, *(kind.exit_code for kind in kinds), errors.INTERRUPTED}
    assert all(f"\n| {code} | " in README for code in codes)
