"""The sample grown to the size of a whole season of all three leagues: 24,628 matches, as in 2026-27.

The real matches stay as they are; the rest is invented, bracket by bracket, a round each week.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Final

from .feeds import ACADEMY, FLEX, HOMEGROWN, SYNCED_AT, Document, Row, Seat, as_bytes, bracket, bundled, event
from .filler import CLUBS, FillerBracket, one_round

SIZES: Final = {"Homegrown": 7_763, "Flex": 3_160, "Academy": 13_705}
"""How many matches the league published of each for 2026-27."""
_KEYS: Final = {"Homegrown": HOMEGROWN, "Flex": FLEX, "Academy": ACADEMY}
_AGE_GROUPS: Final = ("U13", "U14", "U15", "U16", "U17", "U19")
_DIVISIONS: Final = {
    "Northeast": "America/New_York",
    "Florida": "America/New_York",
    "Mid-Atlantic": "America/New_York",
    "Southeast": "America/Chicago",
    "Southwest": "America/Los_Angeles",
    "Northwest": "America/Los_Angeles",
    "Mid-America": "America/Chicago",
    "Frontier": "America/Denver",
}
_REGIONS: Final = {f"Sample Region {number:02}": "America/Chicago" for number in range(1, 21)}
_FIRST_SQUAD: Final = {"Homegrown": 100_000, "Flex": 100_000, "Academy": 200_000}
"""Flex has the squads of Homegrown."""
_FIRST_MATCH: Final = {"Homegrown": 1_000_000, "Flex": 2_000_000, "Academy": 3_000_000}
_FIRST_DAY: Final = dt.date(2026, 9, 5)
_ROUNDS: Final = 2 * (CLUBS - 1)
"""Each pairing at home and away; a round a week, so the last is played in spring."""


def write(folder: Path) -> list[Path]:
    """Write the season into this folder, in the form that `SampleSite` reads; returns the files."""
    documents = bundled()
    written = []
    for league, key in _KEYS.items():
        schedule, standings = documents.schedule[key], documents.standings[key]
        _grow(league, schedule, standings)
        for kind, document in (("schedule", schedule), ("standings", standings)):
            file = folder / kind / f"{key}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(as_bytes(document))
            written.append(file)
    return written


def _grow(league: str, schedule: Document, standings: Document) -> None:
    held = standings["competition_season"]["competition_brackets"]
    known = {(each["age_group"]["name"], each["name"]) for each in held}
    invented = [each for each in _brackets(league) if (each.age_group, each.division) not in known]
    for number, each in enumerate(invented, 1000):
        seats = [Seat(league, each.age_group, each.division, squad, team) for squad, team in each.teams.items()]
        made = bracket(number, each.age_group, each.division, seats)
        for row in made["standings"]:
            row["tiebreaker_values"] = {}  # of invented results there is no official table
        held.append(made)
    teams = {squad: team for each in invented for squad, team in each.teams.items()}
    missing = SIZES[league] - len(schedule["events"])
    schedule["events"] += [event(row, teams) for row in islice(_rows(league, invented), missing)]


def _brackets(league: str) -> Iterator[FillerBracket]:
    age_groups = _AGE_GROUPS[2:] if league == "Flex" else _AGE_GROUPS
    divisions = _REGIONS if league == "Academy" else _DIVISIONS
    for age_group in age_groups:
        for place, (division, zone) in enumerate(divisions.items()):
            nth = _AGE_GROUPS.index(age_group) * len(divisions) + place
            yield FillerBracket(age_group, division, zone, _FIRST_SQUAD[league] + 100 * nth)


def _rows(league: str, brackets: list[FillerBracket]) -> Iterator[Row]:
    numbers = count(_FIRST_MATCH[league])
    for turn in range(_ROUNDS):
        day = _FIRST_DAY + dt.timedelta(weeks=turn)
        for each in brackets:
            for place, (home, away) in enumerate(one_round(each, turn)):
                number = next(numbers)
                start = f"{day}T{14 + place}:{number % 4 * 15:02}Z"
                second_leg = turn >= CLUBS - 1
                yield Row(
                    league,
                    each.age_group,
                    number,
                    start,
                    away if second_leg else home,
                    home if second_leg else away,
                    (number * 7 % 5, number * 3 % 4) if start < SYNCED_AT else None,
                    f"Sample Park {place + 1}",
                    zone=each.zone,
                    competition="MLS NEXT Flex" if league == "Flex" else "League",
                )
