"""The command `missing-table`. Each command is thin: it reads the settings and calls what does the work.

Imports of what a command needs stand in the command, so that `--help` is quick.
"""

import sys
from typing import NoReturn

import typer

from missing_table.cli import broker, matches, outcomes, quarantine, serving, table, teams, token
from missing_table.errors import MissingTableError

app = typer.Typer(
    name="missing-table",
    help="Stores youth-soccer results once and correctly, and serves league tables.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.command()(serving.migrate)
app.command()(serving.worker)
app.command()(outcomes.outcomes)
app.command()(table.table)
app.command()(serving.api)
app.command()(serving.up)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(teams.app, name="teams")
app.add_typer(matches.app, name="matches")
app.add_typer(broker.app, name="broker")
app.add_typer(token.app, name="token")


def main() -> None:
    """The entry point: a mistake that a person can mend is one sentence and an exit code, never a traceback."""
    try:
        app()
    except MissingTableError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", 130)


def _fail(sentence: str, exit_code: int) -> NoReturn:
    print(f"error: {sentence}", file=sys.stderr)
    raise SystemExit(exit_code)
