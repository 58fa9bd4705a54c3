"""The official table of a bracket: what a message states of it, and which of two statements stands. Pure.

A statement is the whole table, and one register: the newest stands, and of two of one moment the one with the greater
canonical JSON, so that the order in which they arrive never matters.
"""

import datetime as dt
from typing import NamedTuple

import msgspec

from missing_table.bracket_data import BracketData
from missing_table.ingest.merge import Outcome
from missing_table.ingest.names import Bracket, Side, name_key
from missing_table.ingest.stamps import instant_text
from missing_table.ingest.statement import (
    DEFAULT_SOURCE,
    TOO_FAR_AHEAD,
    Contradiction,
    age_group_label,
    bare,
    required,
    season_label,
)


class Place(NamedTuple):
    """A team of an official table. `ref` is 0 until it is looked up."""

    team: str
    team_id: str | None
    position: int | None
    """None: the source publishes no table here."""
    ref: int = 0


class OfficialTable(NamedTuple):
    """What a source states of one bracket; `observed_at` is text as `stamps.instant_text` writes it."""

    bracket: Bracket
    source: str
    observed_at: str
    places: tuple[Place, ...]


def state(message: BracketData, *, now: dt.datetime, default_league: str) -> OfficialTable:
    """What `message` states; the teams are not looked up yet. Raises `Contradiction`."""
    if message.observed_at > now + TOO_FAR_AHEAD:
        raise Contradiction("observed_at", f"{message.observed_at.isoformat()} is more than an hour in the future")
    places: dict[tuple[str, str], Place] = {}
    for number, team in enumerate(message.teams):
        place = Place(required(f"teams.{number}.team", team.team), bare(team.team_id), team.position)
        if place.team_id is not None:
            key, field, said = ("id", place.team_id), "team_id", place.team_id
        else:
            key, field, said = ("name", name_key(place.team)), "team", repr(place.team)
        if key in places:
            raise Contradiction(f"teams.{number}.{field}", f"is {said}, and so is another team's: a team stands once")
        places[key] = place
    return OfficialTable(
        bracket=(
            season_label(required("season", message.season)),
            bare(message.league) or default_league,
            age_group_label(required("age_group", message.age_group)),
            bare(message.division),
        ),
        source=bare(message.source) or DEFAULT_SOURCE,
        observed_at=instant_text(message.observed_at),
        places=tuple(sorted(places.values(), key=_order)),
    )


def sides_of(table: OfficialTable) -> list[Side]:
    """Its teams, in the order of its places, as `squads` looks them up."""
    _, _, age_group, _ = table.bracket
    return [Side(place.team, age_group, table.source, place.team_id, table.bracket) for place in table.places]


def weigh(stored: OfficialTable | None, incoming: OfficialTable) -> Outcome:
    """What `incoming` comes to beside what is stored: it stands where it is `created` or `updated`.

    `unchanged` says the same again, or loses against another statement of the same moment.
    """
    if stored is None:
        return "created"
    if incoming.observed_at < stored.observed_at:
        return "stale"
    said, again = _canonical(stored), _canonical(incoming)
    if said == again:
        return "unchanged"
    return "updated" if incoming.observed_at > stored.observed_at or again > said else "unchanged"


def _canonical(table: OfficialTable) -> bytes:
    places = sorted(table.places, key=_order)
    return msgspec.json.encode([table.source, [(place.team, place.team_id, place.position) for place in places]])


def _order(place: Place) -> tuple[bool, int, str, str]:
    return place.position is None, place.position or 0, place.team, place.team_id or ""
