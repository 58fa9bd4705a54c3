"""The exact count at the end: each match that the producer confirmed, against what is stored, field by field."""

import datetime as dt
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final

from surfaces import System

FIELDS: Final = (
    *("match_id", "season", "league", "age_group", "division", "match_type", "away_age_group", "away_division"),
    *("date", "match_time", "timezone", "location", "home_team", "away_team", "home_team_id", "away_team_id"),
    *("score_home", "score_away", "penalty_home", "penalty_away", "status", "notes", "source", "observed_at"),
)
"""Every field of the contract: columns of the table and keys of the message."""


@dataclass(frozen=True)
class Row:
    """What came of one fault. All but `kills` count matches, by their numbers.

    `published`: what the producer set out to send; `confirmed`: what was confirmed to it in the end; `stored`: what
    the database holds of it; `doubled`: rows beyond one for a match; `lost`: confirmed and not stored.
    """

    fault: str
    kills: int
    published: int
    confirmed: int
    stored: int
    doubled: int
    lost: int

    @property
    def good(self) -> bool:
        return not self.lost and not self.doubled and self.published == self.confirmed == self.stored

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def audit(system: System, fault: str, kills: int, sent: list[dict[str, Any]], confirmed: int) -> Row:
    """Counts. Raises `AssertionError` where a row differs from what was sent in any field, or a team is there twice."""
    stored = [dict(zip(FIELDS, map(_plain, row), strict=True)) for row in _rows(system)]
    copies = Counter(row["match_id"] for row in stored)
    expected = {message["match_id"]: _as_stored(message) for message in sent}
    assert len(expected) == len(sent), "the load itself holds a match twice"
    wrong = [
        (row, expected[row["match_id"]])
        for row in stored
        if row["match_id"] in expected and row != expected[row["match_id"]]
    ]
    assert not wrong, f"{fault}: {len(wrong)} rows differ from what was sent, such as {wrong[0]}"
    strange = copies.keys() - expected.keys()
    assert not strange, f"{fault}: rows that nobody sent: {sorted(strange)[:5]}"
    squads = {m[f"{side}_team_id"] for m in sent if m["match_id"] in copies for side in ("home", "away")}
    assert system.count("teams") == len(squads), f"{fault}: {system.count('teams')} teams, and not {len(squads)}"
    return Row(
        fault=fault,
        kills=kills,
        published=len(sent),
        confirmed=confirmed,
        stored=len(copies),
        doubled=len(stored) - len(copies),
        lost=len(expected.keys() - copies.keys()),
    )


def table(rows: list[Row]) -> str:
    """The rows for people."""
    headings = list(asdict(rows[0]))
    lines = [headings, *([str(value) for value in asdict(row).values()] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(
            value.ljust(width) if column == 0 else value.rjust(width)
            for column, (value, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def as_json(rows: list[Row]) -> str:
    """The rows for programs, on one line."""
    return json.dumps([row.as_json() for row in rows])


def _rows(system: System) -> list[tuple[Any, ...]]:
    return system.sql(f"SELECT {', '.join(FIELDS)} FROM matches")


def _as_stored(message: dict[str, Any]) -> dict[str, Any]:
    absent: dict[str, Any] = dict.fromkeys(FIELDS)
    found = absent | message
    assert found.keys() == absent.keys(), f"a field that is not compared: {found.keys() - absent.keys()}"
    return found | {"observed_at": _moment(found["observed_at"])}


def _plain(value: Any) -> Any:
    """A column's value as JSON has it; a moment in UTC."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and len(value) == 27 and value.endswith("Z"):
        return _moment(value)
    return value


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
