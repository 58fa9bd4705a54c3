"""`missing-table token`: who may write over HTTP, and sign in."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from missing_table.cli.running import checked_engine
from missing_table.cli.showing import Format, FormatOption, show, to_second
from missing_table.errors import ConfigurationProblem, NotFound

app = typer.Typer(help="Tokens for what writes over HTTP.", no_args_is_help=True)


class Scope(StrEnum):
    """What a token may do."""

    SUBMIT = "submit"
    ADMIN = "admin"


@app.command("create")
def create(
    name: Annotated[str, typer.Option(help="Who will use it; shown in the history.")],
    scope: Annotated[
        Scope, typer.Option(help="submit: hand in matches, as a scraper does. admin: that, and correct and decide.")
    ] = Scope.ADMIN,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="After 90d, 12h or 30m it is worthless; without, never.")
    ] = None,
) -> None:
    """Make a token and print it: it is shown this once, only its hash is kept.

    Example: missing-table token create --name match-scraper --scope submit --expires 90d
    """
    from missing_table.clock import utc_now
    from missing_table.store import tokens

    now = utc_now()
    expires_at = now + _duration("--expires", expires) if expires is not None else None
    print(tokens.create(checked_engine(), _name(name), now, scope=scope.value, expires_at=expires_at))


@app.command("list")
def list_tokens(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """The tokens by name: what each may do, until when, and when it was last used."""
    from missing_table.store import tokens

    rows: list[tuple[Any, ...]] = [
        (
            t.name,
            t.scope,
            *(moment and to_second(moment) for moment in (t.created_at, t.expires_at, t.last_used_at, t.revoked_at)),
        )
        for t in tokens.listed(checked_engine())
    ]
    columns = ("name", "scope", "created_at", "expires_at", "last_used_at", "revoked_at")
    show(format, columns, rows, lesser=("created_at",))


@app.command("revoke")
def revoke(name: Annotated[str, typer.Option(help="As given to `token create`.")]) -> None:
    """Make every token of a name worthless, at once."""
    from missing_table.clock import utc_now
    from missing_table.store import tokens

    revoked = tokens.revoke(checked_engine(), name, utc_now())
    if not revoked:
        raise NotFound(f"no token named {name!r} is in use: see `missing-table token list`")
    print(f"revoked: {revoked}")


def _duration(option: str, text: str) -> Any:
    """90d, 12h or 30m as a time span; never none at all, and no more than a hundred years."""
    import datetime as dt
    import re

    found = re.fullmatch(r"([1-9][0-9]{0,8})([dhm])", text.strip(), re.ASCII)
    unit = {"d": "days", "h": "hours", "m": "minutes"}
    span = dt.timedelta(**{unit[found[2]]: int(found[1])}) if found else None
    if span is None or span > dt.timedelta(days=36_525):
        raise ConfigurationProblem(f"{option} {text!r} is not a time such as 90d, 12h or 30m")
    return span


def _name(text: str) -> str:
    """The name of a token: something that a history can show."""
    name = text.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise ConfigurationProblem("--name must be 1 to 200 printable characters")
    return name
