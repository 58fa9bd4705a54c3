"""The README leaves out no command, option, setting, metric or exit code, and names none that does not exist."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer.main
from fastapi.routing import APIRoute

from missing_table import errors
from missing_table.api.deciding import router as deciding
from missing_table.api.live import router as live
from missing_table.api.measures import Measures
from missing_table.api.order_gauge import OrderGauge
from missing_table.api.reading import router as reading
from missing_table.api.stock import Stock
from missing_table.api.teams import router as teams
from missing_table.api.writing import router as writing
from missing_table.cli import app
from missing_table.settings import Settings
from missing_table.store import engine as engines
from missing_table.worker import measures as worker

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NOT_A_SETTING = {"RABBITMQ_MANAGEMENT_URL"}
"""Read by one command's option."""


def commands(group: Any, prefix: str = "") -> dict[str, Any]:
    """Every command by its full name."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, f"{prefix}{name} ")
        else:
            found[prefix + name] = command
    return found


def test_every_command_and_option_is_there() -> None:
    for name, command in commands(typer.main.get_command(app)).items():
        assert re.search(rf"`{name}[` ]", README), f"command {name}"
        row = next((line for line in README.splitlines() if re.match(rf"\| .*`{name}[` ]", line)), "")
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert parameter.opts[0] in row, f"option {parameter.opts[0]} of {name}"


def test_every_setting_is_there_and_none_that_is_not() -> None:
    settings = {str(field.validation_alias) for field in Settings.model_fields.values()}
    section = README.partition("## Settings")[2].partition("## ")[0]
    named = {name for line in section.splitlines() if line.startswith("| `") for name in _variables(line)}
    assert named - NOT_A_SETTING == settings


def _variables(row: str) -> list[str]:
    return re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1])


def test_every_metric_is_there_and_none_that_is_not() -> None:
    engine = engines.create("sqlite://")
    asked = (Stock(engine, lambda: None).describe(), OrderGauge(engine).describe())
    kinds = (Measures().registry.collect(), worker.Measures().registry.collect(), *asked)
    names = {f"{each.name}{'_total' if each.type == 'counter' else ''}" for found in kinds for each in found}
    assert set(re.findall(r"`(missing_table_[a-z_]+)`", README)) == names


def test_every_route_is_there() -> None:
    for route in (*reading.routes, *live.routes, *teams.routes, *writing.routes, *deciding.routes):
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            assert f"{method} {route.path_format}`" in README, f"{method} {route.path_format}"


def test_every_exit_code_is_there() -> None:
    base = errors.MissingTableError
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, base)}
    sentence = README.partition("Exit codes: ")[2].partition("\n\n")[0]
    assert codes <= {int(code) for code in re.findall(r"\b\d+\b", sentence)}


def test_the_changes_of_the_api_have_its_version_first() -> None:
    changes = (Path(__file__).parents[2] / "docs/api-changes.md").read_text(encoding="utf-8")
    (newest, *_) = re.findall(r"^## (\S+)$", changes, re.MULTILINE)
    assert version("missing-table").startswith(newest)
