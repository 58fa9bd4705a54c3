"""The bundled sample season in the feed's own JSON shape.

The matches of U14 and U15 Northeast and the Flex ones are real, as the league published them on 2026-10-05; what is
invented is in `filler` and `past_season`.
"""

import csv
import datetime as dt
import functools
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from . import filler, past_season

Document = dict[str, Any]
"""One JSON document, about to be served; it is not read by anything here but the faults."""

SYNCED_AT = "2026-10-05T04:40:03Z"
HOMEGROWN = "mls-next-league-26-27"
FLEX = "mls-next-flex-26-27"
ACADEMY = "mls-next-2-academy-division-26-27"
PAST_HOMEGROWN = "mls-next-league-25-26"
PAST_ACADEMY = "mls-next-2-academy-division-25-26"
NORTHEAST_ZONE = "America/New_York"
PATHWAY = "Southeast (Pro Player Pathway)"
TWO_BRACKETS = 5804
"""FC Dallas U17, which stands in Frontier and in the pathway bracket."""

_FILLER = {"Homegrown": filler.HOMEGROWN_BRACKETS, "Academy": filler.ACADEMY_BRACKETS}
_OFFICIAL_FROM = 15
"""The league publishes no official table below U15."""


@dataclass(frozen=True, slots=True)
class Row:
    """One match as the sample keeps it."""

    league: str
    age_group: str
    match: int
    start: str
    """UTC; a bare date where no kick-off is set."""
    home: int
    away: int
    score: tuple[int, int] | None
    venue: str | None
    shootout: tuple[int, int] | None = None
    zone: str = NORTHEAST_ZONE
    competition: str = "League"


@dataclass(frozen=True, slots=True)
class Seat:
    """A squad's place in a bracket; `position` is the official one, where there is one."""

    league: str
    age_group: str
    division: str
    squad: int
    team: str
    position: int | None = None


@dataclass(frozen=True)
class Documents:
    """What the site serves: schedule and standings by key."""

    schedule: dict[str, Document]
    standings: dict[str, Document]


def bundled() -> Documents:
    """A fresh copy of the sample season, to be served or changed."""
    return Documents(
        {HOMEGROWN: _schedule("Homegrown"), FLEX: _schedule("Flex"), ACADEMY: _schedule("Academy")},
        {
            HOMEGROWN: _standings("Homegrown", "MLS NEXT League 26-27", HOMEGROWN),
            FLEX: _standings("Flex", "MLS NEXT Flex 26-27", FLEX),
            ACADEMY: _standings("Academy", "MLS NEXT Academy Division 26-27", ACADEMY),
        },
    )


@functools.cache
def past() -> Documents:
    """Season 2025-26 in the same shape, which no feed has: only modular11 lists it."""
    documents = Documents({}, {})
    for key, name, brackets in (
        (PAST_HOMEGROWN, "Homegrown", past_season.HOMEGROWN_BRACKETS),
        (PAST_ACADEMY, "Academy", past_season.ACADEMY_BRACKETS),
    ):
        teams = {squad: team for each in brackets for squad, team in each.teams.items()}
        events = [event(_filler_row(name, match), teams) for match in past_season.matches(brackets)]
        events.sort(key=lambda event: (event["start_time"], event["game_key"]))
        documents.schedule[key] = {"synced_at": SYNCED_AT, "linked_competition_seasons": [], "events": events}
        held = [
            bracket(
                number,
                each.age_group,
                each.division,
                [Seat(name, each.age_group, each.division, squad, team) for squad, team in each.teams.items()],
            )
            for number, each in enumerate(brackets, 40)
        ]
        documents.standings[key] = {"competition_season": {"name": name, "key": key, "competition_brackets": held}}
    return documents


@functools.cache
def rows() -> tuple[Row, ...]:
    """Every match of the sample, in the order of its kick-offs."""
    return tuple(sorted(_all_rows(), key=lambda row: (row.start, row.match)))


@functools.cache
def seats() -> tuple[Seat, ...]:
    """Every place in every bracket."""
    return tuple(_all_seats())


def _all_rows() -> Iterator[Row]:
    for line in _read("homegrown.csv"):
        yield Row(
            "Homegrown",
            line["age_group"],
            int(line["match"]),
            line["start"],
            int(line["home"]),
            int(line["away"]),
            _score(line["score"]),
            line["venue"] or None,
        )
    for line in _read("flex.csv"):
        yield Row(
            "Flex",
            line["age_group"],
            int(line["match"]),
            line["start"],
            int(line["home"]),
            int(line["away"]),
            _score(line["score"]),
            line["venue"],
            _score(line["shootout"]),
            line["zone"],
            "MLS NEXT Flex",
        )
    for league, brackets in _FILLER.items():
        for match in filler.matches(brackets):
            yield _filler_row(league, match)
    chicago = "America/Chicago"
    yield Row("Homegrown", "U17", 90901, "2026-10-24T16:00Z", 5804, 90201, None, "Sample Park 90", zone=chicago)
    yield Row(
        "Homegrown",
        "U17",
        90902,
        "2026-10-25T16:00Z",
        5804,
        90202,
        None,
        "Sample Park 91",
        zone=chicago,
        competition="League (Pro Player Pathway)",
    )


def _filler_row(league: str, match: filler.FillerMatch) -> Row:
    return Row(
        league,
        match.bracket.age_group,
        match.number,
        match.start.strftime("%Y-%m-%dT%H:%MZ"),
        match.home,
        match.away,
        match.score,
        f"Sample Park {match.home % 100 + 1}",
        zone=match.bracket.zone,
    )


def _all_seats() -> Iterator[Seat]:
    for line in _read("brackets.csv"):
        position = int(line["position"]) if line["position"] else None
        yield Seat(line["league"], line["age_group"], line["division"], int(line["squad"]), line["team"], position)
    for league, brackets in _FILLER.items():
        for bracket in brackets:
            for squad, team in bracket.teams.items():
                yield Seat(league, bracket.age_group, bracket.division, squad, team)
    yield Seat("Homegrown", "U17", "Frontier", TWO_BRACKETS, "FC Dallas")
    yield Seat("Homegrown", "U17", "Frontier", 90201, "Sample Wanderers 1")
    yield Seat("Homegrown", "U17", PATHWAY, TWO_BRACKETS, "FC Dallas")
    yield Seat("Homegrown", "U17", PATHWAY, 90202, "Sample Wanderers 2")


def _read(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _score(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    home, away = text.split("-")
    return int(home), int(away)


@functools.cache
def _organisations() -> dict[str, int]:
    names = sorted({seat.team for seat in seats()})
    return {name: 1000 + number for number, name in enumerate(names)}


def _schedule(league: str) -> Document:
    teams = {seat.squad: seat.team for seat in seats() if seat.league == league}
    events = [event(row, teams) for row in rows() if row.league == league]
    return {"synced_at": SYNCED_AT, "linked_competition_seasons": [], "events": events}


def event(row: Row, teams: dict[int, str]) -> Document:
    """An event of the schedule document."""
    home_score, away_score = row.score or (None, None)
    home_shootout, away_shootout = row.shootout or (None, None)
    return {
        "id": 5_700_000 + row.match,
        "game_key": str(row.match),
        "start_time": _start_time(row),
        "local_timezone": row.zone,
        "home_squad_id": row.home,
        "away_squad_id": row.away,
        "home_squad_name": row.age_group,
        "away_squad_name": row.age_group,
        "competition": {"id": 1700 if row.league == "Flex" else 1605, "name": row.competition},
        "competition_bracket_id": None,
        "completed": row.score is not None,
        "home_organisation": organisation(teams[row.home]),
        "away_organisation": organisation(teams[row.away]),
        "home_score": home_score,
        "away_score": away_score,
        "home_penalty_shootout_score": home_shootout,
        "away_penalty_shootout_score": away_shootout,
        "event_location": {"id": 279, "name": row.venue or "TBD"},
        "division": {"id": 2, "name": "MLS Next"},
        "round_number": None,
    }


def organisation(team: str) -> Document:
    """A club as an event names it."""
    number = _organisations().get(team, 1999)
    return {"id": number, "name": team, "logo_full_path": f"https://logos.example/{number}.png"}


def _start_time(row: Row) -> str:
    """Where no kick-off is set the feed still stores a time: here midnight at the venue."""
    if len(row.start) > len("2026-09-05"):
        return row.start.removesuffix("Z") + ":00Z"
    midnight = dt.datetime.combine(dt.date.fromisoformat(row.start), dt.time(), ZoneInfo(row.zone))
    return midnight.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _standings(league: str, name: str, key: str) -> Document:
    held: defaultdict[tuple[str, str], list[Seat]] = defaultdict(list)
    for seat in seats():
        if seat.league == league:
            held[seat.age_group, seat.division].append(seat)
    brackets = [
        bracket(69 + number, age_group, division, held[age_group, division])
        for number, (age_group, division) in enumerate(held)
    ]
    return {"competition_season": {"name": name, "key": key, "competition_brackets": brackets}}


def bracket(number: int, age_group: str, division: str, squads: list[Seat]) -> Document:
    """A bracket of the standings document."""
    official = int(age_group[1:]) >= _OFFICIAL_FROM
    return {
        "id": number,
        "name": division,
        "age_group": {"id": 23 + int(age_group[1:]), "name": age_group},
        "gender": "male",
        "tiebreakers": None if official else ["Quality of Play"],
        "standings": [
            {
                "position": seat.position or place,
                "team": {
                    "organisation_id": organisation(seat.team)["id"],
                    "squad_id": seat.squad,
                    "name": seat.team,
                    "logo_url": organisation(seat.team)["logo_full_path"],
                },
                "tiebreaker_values": _values(seat) if official else {},
            }
            for place, seat in enumerate(squads, 1)
        ],
    }


def _values(seat: Seat) -> Document:
    results = [
        (row.score if row.home == seat.squad else row.score[::-1])
        for row in rows()
        if row.league == seat.league and row.score and seat.squad in (row.home, row.away)
    ]
    played = len(results)
    won, tie = sum(ours > theirs for ours, theirs in results), sum(ours == theirs for ours, theirs in results)
    scored, conceded = sum(ours for ours, _ in results), sum(theirs for _, theirs in results)
    points = 3 * won + tie

    def value(amount: float, unit: str) -> Document:
        text = f"{amount:g}" if isinstance(amount, int) else f"{amount:.2f}"
        return {"value": text, "description": f"{text} {unit}"}

    def each(amount: int) -> float:
        return amount / played if played else 0.0

    return {
        "points": value(points, "points"),
        "matches_played": value(played, "matches played"),
        "won": value(won, "won"),
        "loss": value(played - won - tie, "lost"),
        "tie": value(tie, "tied"),
        "points_per_match_penalty_shootout": value(each(points), "points per match"),
        "goal_differential_per_match": value(each(scored - conceded), "goal difference per match"),
        "goals_for_per_match": value(each(scored), "goals for per match"),
        "goals_against_per_match": value(each(conceded), "goals against per match"),
    }


def as_bytes(document: Document) -> bytes:
    """The document as it goes over the wire."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
