"""`missing-table matches`: what waits for a person to decide."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from missing_table.cli.running import BY_COMMAND, checked_engine
from missing_table.cli.showing import Format, FormatOption, show, to_second

app = typer.Typer(help="Matches that wait for a person to decide.", no_args_is_help=True)


class Verdict(StrEnum):
    """What becomes of a dispute."""

    KEEP = "keep"
    TAKE = "take"
    UNPIN = "unpin"


DECIDED = {
    Verdict.KEEP: "the dispute about its {} is settled: ours stays until the source says something else",
    Verdict.TAKE: "the dispute about its {} is settled: theirs is taken, and pinned",
    Verdict.UNPIN: "its {} follows the source from now on",
}
"""What each verdict has done, with the register's name."""


@app.command("disputes")
def list_disputes(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """Where a source says otherwise than a person did, and nobody has decided."""
    from missing_table.ingest import disputes

    rows: list[tuple[Any, ...]] = [
        (found.ref, _match_line(found.match), found.register, change.field, _plain(change.old), _plain(change.new))
        for found in disputes.listed(checked_engine())
        for change in found.changes
    ]
    show(format, ("match", "what", "register", "field", "ours", "theirs"), rows)


@app.command("decide")
def decide(
    ref: Annotated[int, typer.Argument(metavar="ID")],
    register: Annotated[str, typer.Argument(metavar="REGISTER", help="As `matches disputes` names it: result …")],
    verdict: Annotated[Verdict, typer.Argument(metavar="VERDICT", help="keep, take or unpin.")],
) -> None:
    """Decide a dispute: keep ours until the source says something else, take theirs, or unpin to follow the source.

    Example: missing-table matches decide 17 result take
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import disputes

    decided = disputes.settle(checked_engine(), ref, register, verdict.value, utc_now(), by=BY_COMMAND)
    changed = "; ".join(f"{c.field} {_plain(c.old)} → {_plain(c.new)}" for c in decided.changes)
    print(f"match {ref}: {DECIDED[verdict].format(register)}" + (f" ({changed})" if changed else ""))


@app.command("duplicates")
def list_duplicates(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """Matches that may be another one over again: they do not count until that is decided."""
    from missing_table.ingest import duplicates

    rows: list[tuple[Any, ...]] = [
        (found.ref, found.match.match_id, _match_line(found.match), found.of, found.first.match_id)
        for found in duplicates.listed(checked_engine())
    ]
    show(format, ("match", "match_id", "what", "of", "of_match_id"), rows)


@app.command("same")
def same(
    ref: Annotated[int, typer.Argument(metavar="ID")],
    of: Annotated[int, typer.Argument(metavar="KEPT_ID", help="The match that it is, which is kept.")],
) -> None:
    """Two matches are one: both numbers, and both ids, lead to the second from then on.

    Example: missing-table matches same 18 17
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import duplicates

    match = duplicates.same_match(checked_engine(), ref, of, utc_now(), by=BY_COMMAND)
    print(f"match {ref} is match {of}: {_match_line(match)}")


@app.command("separate")
def separate(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """A possible duplicate is a match of its own: it counts beside the other."""
    from missing_table.clock import utc_now
    from missing_table.ingest import duplicates

    match = duplicates.two_matches(checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"match {ref} counts for itself: {_match_line(match)}")


@app.command("vanished")
def list_vanished(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """Matches to be played that their source has not stated for two weeks, while it stated most of the bracket."""
    from missing_table.ingest import vanished

    rows: list[tuple[Any, ...]] = [
        (
            each.row.ref,
            each.row.match.match_id,
            _match_line(each.row.match),
            to_second(each.stated),
            to_second(each.newest),
        )
        for each in vanished.listed(checked_engine())
    ]
    show(format, ("match", "match_id", "what", "stated", "bracket_stated"), rows)


@app.command("cancel")
def cancel(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """A match that vanished is cancelled; should its source have it again, that is shown as disputed."""
    from missing_table.clock import utc_now
    from missing_table.ingest import vanished

    vanished.cancel(checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"match {ref} is cancelled")


@app.command("keep")
def keep(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """A match has not vanished: it is listed no more, unless its source states it again and then stops."""
    from missing_table.clock import utc_now
    from missing_table.ingest import vanished

    vanished.keep(checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"match {ref} stays")


def _match_line(match: Any) -> str:
    score = f"{match.score_home}:{match.score_away}" if match.score_home is not None else "–"
    return f"{match.home_team} {score} {match.away_team}, {match.date}, {match.age_group}"


def _plain(value: Any) -> str:
    return "nothing" if value is None else str(value)
