"""`missing-table table`: the table of a bracket."""

from typing import Annotated

import typer

from missing_table.cli.running import checked_engine, configured
from missing_table.cli.showing import Format, FormatOption


def table(
    season: Annotated[str | None, typer.Option(help="Such as 2026-27; without, the newest.")] = None,
    league: Annotated[str | None, typer.Option(help="Such as Homegrown.")] = None,
    age_group: Annotated[str | None, typer.Option("--age-group", "-a", help="Such as U14.")] = None,
    division: Annotated[str | None, typer.Option("--division", "-d", help="Such as Northeast.")] = None,
    format: FormatOption = Format.TABLE,  # noqa: A002
) -> None:
    """The table of a bracket.

    Example: missing-table table --season 2026-27 --league Homegrown --age-group U15 --division Northeast
    """
    from missing_table import bracket, report
    from missing_table.store.engine import reading

    settings = configured()
    asked = bracket.Asked(season=season, league=league, age_group=age_group, division=division)
    with reading(checked_engine()) as connection:
        view = bracket.view(connection, asked, default_league=settings.default_league)
    report.render_table(view.table, format.value)
