"""Options that several commands have."""

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How messages are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


AgeGroups = Annotated[
    list[str] | None,
    typer.Option("--age-group", "-a", help="Such as U14; several times, or 'all'. Else AGE_GROUP."),
]
Divisions = Annotated[
    list[str] | None,
    typer.Option("--division", "-d", help="Such as Northeast; several times, or 'all'. Else DIVISION."),
]
Leagues = Annotated[
    list[str] | None,
    typer.Option("--league", help="Homegrown (default), Academy, Flex; several times, or 'all'."),
]
SeasonLabel = Annotated[
    str | None, typer.Option("--season", help="Such as 2026-27. Default: the one that contains today.")
]
Clubs = Annotated[list[str] | None, typer.Option("--club", help="Only matches of this club, or part of its name.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing unless something is wrong.")]


def parts(values: list[str] | None) -> tuple[str, ...]:
    """What was given several times, or separated by commas."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())
