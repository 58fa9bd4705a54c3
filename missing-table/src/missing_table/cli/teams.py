"""`missing-table teams`: those known by a name alone, and who they are."""

from typing import Annotated, Any

import typer

from missing_table.cli.running import BY_COMMAND, checked_engine
from missing_table.cli.showing import Format, FormatOption, show, to_second
from missing_table.errors import ConfigurationProblem

app = typer.Typer(help="Teams: those known by a name alone, and who they are.", no_args_is_help=True)


@app.command("list")
def list_provisional(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """The provisional teams, with the known ones whose names are nearest."""
    from missing_table.ingest import merging

    found = merging.provisional(checked_engine())
    rows: list[tuple[Any, ...]]
    if format is Format.TABLE:
        rows = [
            (p.team.ref, p.team.name, p.team.age_group, ", ".join(f"{t.name} ({t.ref})" for t in p.nearest))
            for p in found
        ]
    else:
        rows = [
            (p.team.ref, p.team.name, p.team.age_group, [{"team_id": t.ref, "name": t.name} for t in p.nearest])
            for p in found
        ]
    show(format, ("team_id", "name", "age_group", "nearest"), rows)


@app.command("alias")
def alias(
    provisional: Annotated[int, typer.Argument(metavar="ID", help="The provisional team.")],
    known: Annotated[int, typer.Argument(metavar="KNOWN_ID", help="The team that it is.")],
) -> None:
    """A provisional team is a team that is known: its name becomes an alias, its matches the known team's.

    Example: missing-table teams alias 41 7
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import merging

    merged = merging.make_alias(checked_engine(), provisional, known, utc_now(), by=BY_COMMAND)
    folded = f", {merged.folded} of which were stored already" if merged.folded else ""
    print(f"it is {merged.kept.name} ({merged.kept.age_group}): {merged.moved + merged.folded} matches moved{folded}")
    print(f"to undo it: missing-table teams unmerge {provisional}")


@app.command("merges")
def list_merges(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """The teams that became an alias of another, the newest first."""
    from missing_table.ingest import unmerging

    rows: list[tuple[Any, ...]] = [
        (m.gone_ref, m.name, m.age_group, m.kept_ref, to_second(m.at), m.by, m.undone_at and to_second(m.undone_at))
        for m in unmerging.merges(checked_engine())
    ]
    show(format, ("team_id", "name", "age_group", "known_id", "at", "by", "undone_at"), rows)


@app.command("unmerge")
def unmerge(ref: Annotated[int, typer.Argument(metavar="ID", help="The team that became an alias.")]) -> None:
    """Undo `teams alias`: the team, its names and its matches are there again, and what came since under its name.

    Example: missing-table teams unmerge 41
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import unmerging

    team = unmerging.unmerge(checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"{team.name} ({team.age_group}) is team {team.ref} again")


@app.command("confirm")
def confirm(
    refs: Annotated[list[int] | None, typer.Argument(metavar="ID...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every provisional team.")] = False,
) -> None:
    """Provisional teams are teams of their own."""
    from missing_table.ingest import merging

    if every == bool(refs):
        raise ConfigurationProblem("say which teams to confirm, by id, or --all")
    engine = checked_engine()
    for ref in [p.team.ref for p in merging.provisional(engine)] if every else refs or []:
        team = merging.confirm(engine, ref)
        print(f"{team.name} ({team.age_group}) is confirmed")
