"""Options that several commands have, what a shell completes them with, and the examples under a command's help."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from match_scraper.asked import Asked
    from match_scraper.settings import Settings


class Format(StrEnum):
    """How lists are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class SourceName(StrEnum):
    """Where matches are read."""

    AUTO = "auto"
    ASSIST = "assist"
    MODULAR11 = "modular11"
    BROWSER = "browser"


def parts(values: list[str] | None) -> tuple[str, ...]:
    """What was given several times, or separated by commas."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


def examples(*commands: tuple[str, str]) -> str:
    """The end of a command's help: for each example what it does, and the command as one would type it."""
    return "\n\n".join(["Examples:", *(f"# {what}\n{command}" for what, command in commands)])


def _starting_like(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        """The names that begin so; the last one of several with commas between."""
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in known() if name.startswith(last)]

    return complete


def _age_groups() -> Iterable[str]:
    from match_scraper.sources.base import AGE_GROUPS

    return (*AGE_GROUPS, "all")


def _divisions() -> Iterable[str]:
    from match_scraper.sources.base import HOMEGROWN_DIVISIONS

    return (*HOMEGROWN_DIVISIONS, "all")


def _leagues() -> Iterable[str]:
    from match_scraper.sources.base import LEAGUES

    return (*LEAGUES, "all")


def _faults() -> Iterable[str]:
    from match_scraper.sample_site import faults

    return faults.known()


complete_fault = _starting_like(_faults)

AgeGroups = Annotated[
    list[str] | None,
    typer.Option(
        "--age-group",
        "-a",
        help="Such as U14; several times, or 'all'. Else AGE_GROUP.",
        autocompletion=_starting_like(_age_groups),
    ),
]
Divisions = Annotated[
    list[str] | None,
    typer.Option(
        "--division",
        "-d",
        help="Such as Northeast; several times, or 'all'. Else DIVISION.",
        autocompletion=_starting_like(_divisions),
    ),
]
Leagues = Annotated[
    list[str] | None,
    typer.Option(
        "--league",
        help="Homegrown (default), Academy, Flex; several times, or 'all'.",
        autocompletion=_starting_like(_leagues),
    ),
]
SeasonLabel = Annotated[
    str | None, typer.Option("--season", help="Such as 2026-27. Default: the one that contains today.")
]
Clubs = Annotated[list[str] | None, typer.Option("--club", help="Only matches of this club, or part of its name.")]
FromSource = Annotated[
    SourceName | None,
    typer.Option(
        "--source",
        help="auto takes the one that has the season, and the browser where it is refused. Else MLS_SCRAPER_SOURCE.",
        case_sensitive=False,
    ),
]
UseQueue = Annotated[
    bool, typer.Option("--use-queue/--no-use-queue", help="Publish to RabbitMQ, or submit over HTTP (default).")
]
FallbackApi = Annotated[
    bool, typer.Option("--fallback-api", help="With --use-queue: over HTTP where the broker is away.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Send nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing unless something is wrong.")]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", help="For jobs: a stale source, an unreadable match or a target without matches is an error."
    ),
]
ListFormat = Annotated[
    Format, typer.Option("--format", help="table for people; json and csv for programs.", case_sensitive=False)
]


def with_source(settings: "Settings", source: SourceName | None) -> "Settings":
    """The settings, with the source that was named."""
    return settings if source is None else settings.model_copy(update={"source": source.value})


def asked_for(
    settings: "Settings",
    age_groups: list[str] | None,
    divisions: list[str] | None,
    leagues: list[str] | None,
    season: str | None,
    clubs: list[str] | None,
    *,
    first_day: str | None = None,
    last_day: str | None = None,
    else_all: bool = False,
) -> "Asked":
    """What the options ask for, and the environment where they are silent.

    Parameters: `else_all`, whether silence of both means all.
    """
    from match_scraper.asked import ALL, Asked

    silent = (ALL,) if else_all else ()
    return Asked(
        parts(age_groups) or settings.age_group or silent,
        parts(divisions) or settings.division or silent,
        parts(leagues) or ("Homegrown",),
        season,
        tuple(clubs or ()),
        first_day,
        last_day,
    )
