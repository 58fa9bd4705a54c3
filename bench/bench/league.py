"""A league of the real one's size and shape: its matches as messages of the contract, and as the feed's documents."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, permutations
from pathlib import Path
from typing import Any, Final

AGE_GROUPS: Final = ("U13", "U14", "U15", "U16", "U17", "U19")
ZONES: Final = ("America/New_York", "America/Chicago", "America/Los_Angeles")
HOMEGROWN_DIVISIONS: Final = (
    "Northeast",
    "Florida",
    "Mid-Atlantic",
    "Southeast",
    "Southwest",
    "Northwest",
    "Mid-America",
    "Frontier",
)
ACADEMY_DIVISIONS: Final = tuple(f"Region {number}" for number in range(1, 21))
SQUADS: Final = 16
"""In each bracket: 240 pairings, home and away."""
FIRST_YEAR: Final = 2026
FIRST_DAY: Final = dt.date(2026, 8, 22)
"""A Saturday; each week has a round."""
SYNCED_AT: Final = dt.datetime(2026, 10, 5, 4, 40, 3, tzinfo=dt.UTC)
"""What was played before has a score."""


@dataclass(frozen=True, slots=True)
class League:
    """One competition: its name, the key of its feed, and how many matches a season has."""

    name: str
    key: str
    competition: str
    match_type: str
    age_groups: tuple[str, ...]
    divisions: tuple[str, ...]
    first_squad: int
    matches: int


HOMEGROWN: Final = League(
    "Homegrown", "mls-next-league-26-27", "League", "League", AGE_GROUPS, HOMEGROWN_DIVISIONS, 10_000, 7_763
)
FLEX: Final = League(
    "Flex", "mls-next-flex-26-27", "MLS NEXT Flex", "Flex", AGE_GROUPS[2:], HOMEGROWN_DIVISIONS, 10_000, 3_160
)
ACADEMY: Final = League(
    "Academy",
    "mls-next-2-academy-division-26-27",
    "League",
    "League",
    AGE_GROUPS,
    ACADEMY_DIVISIONS,
    50_000,
    13_705,
)
LEAGUES: Final = (HOMEGROWN, FLEX, ACADEMY)
SEASON_MATCHES: Final = sum(league.matches for league in LEAGUES)
"""24,628, as in 2026-27."""


@dataclass(frozen=True, slots=True)
class Match:
    """One match of the season 2026-27."""

    league: League
    number: int
    age_group: str
    division: str
    zone: str
    start: dt.datetime
    home: int
    away: int
    score: tuple[int, int] | None


def matches(league: League, count: int | None = None) -> Iterator[Match]:
    """The first `count` matches of a league, round after round over all brackets; as many as it has, unless given."""
    brackets = [(age_group, division) for age_group in league.age_groups for division in league.divisions]
    first_number = 1_000_000 * (1 + [each.name for each in LEAGUES].index(league.name))
    for nth in range(league.matches if count is None else count):
        turn, place = divmod(nth, len(brackets))
        age_group, division = brackets[place]
        home, away = _pairings()[turn % len(_pairings())]
        day = FIRST_DAY + dt.timedelta(days=7 * (turn * 2 // SQUADS % 45))
        start = dt.datetime.combine(day, dt.time(14 + nth % 8, 15 * (nth % 4)), dt.UTC)
        played = start < SYNCED_AT
        number = first_number + nth
        yield Match(
            league,
            number,
            age_group,
            division,
            ZONES[league.divisions.index(division) % len(ZONES)],
            start,
            squad(league, age_group, division, home),
            squad(league, age_group, division, away),
            (number * 7 % 5, number * 3 % 4) if played else None,
        )


def squad(league: League, age_group: str, division: str, place: int) -> int:
    """The number of a squad. Flex has those of Homegrown."""
    bracket = AGE_GROUPS.index(age_group) * len(league.divisions) + league.divisions.index(division)
    return league.first_squad + SQUADS * bracket + place


def club(number: int) -> str:
    """The name of a squad's club; some have accents, as in life."""
    return f"Águias do Norte {number}" if number % 7 == 0 else f"Sample Athletic Club {number}"


def messages(count: int, *, skip: int = 0, hours: int = 0, changed: int = 0) -> Iterator[dict[str, Any]]:
    """`count` messages: this season's matches, then those of the seasons before, each match once.

    Parameters: `skip` matches are left out first; `hours` after `SYNCED_AT` the source says so; of every
    `changed` matches one has another score than without.
    """
    return islice(_every_message(hours, changed), skip, skip + count)


def _every_message(hours: int, changed: int) -> Iterator[dict[str, Any]]:
    observed_at = _instant(SYNCED_AT + dt.timedelta(hours=hours))
    nth = 0
    for years in range(100):
        for league in LEAGUES:
            for match in matches(league):
                yield _message(match, years, observed_at, changed=bool(changed) and nth % changed == 0)
                nth += 1


def _message(match: Match, years: int, observed_at: str, *, changed: bool) -> dict[str, Any]:
    year = FIRST_YEAR - years
    day = match.start.date() - dt.timedelta(days=364 * years)
    message: dict[str, Any] = {
        "home_team": club(match.home),
        "away_team": club(match.away),
        "date": day.isoformat(),
        "season": f"{year}-{(year + 1) % 100:02}",
        "age_group": match.age_group,
        "match_type": match.league.match_type,
        "division": match.division,
        "status": "scheduled",
        "match_id": str(match.number + 10_000_000 * years),
        "location": venue(match),
        "match_time": f"{match.start:%H:%M}",
        "timezone": match.zone,
        "league": match.league.name,
        "home_team_id": str(match.home),
        "away_team_id": str(match.away),
        "source": "mls-next",
        "observed_at": observed_at,
    }
    score = match.score if not years else (match.number * 7 % 5, match.number * 3 % 4)
    if changed:
        score = (score[0] + 1, score[1]) if score else (1, 0)
    if score is not None:
        message |= {"status": "completed", "score_home": score[0], "score_away": score[1]}
    return message


def venue(match: Match) -> str:
    """Where it is played."""
    return f"Sample Park {match.home % 90} - Field # {match.number % 6}"


def write_documents(folder: Path, leagues: tuple[League, ...], *, count: int | None = None, rescored: int = 0) -> None:
    """The documents of `leagues` as `mls-scraper sample-site --data` serves them.

    Parameters: `count` matches in each league; `rescored` of the first league's first matches have one goal more,
    and the feed is an hour newer.
    """
    synced_at = _instant(SYNCED_AT + dt.timedelta(hours=bool(rescored)))
    for nth, league in enumerate(leagues):
        more = rescored if nth == 0 else 0
        events = [_event(match, one_more=place < more) for place, match in enumerate(matches(league, count))]
        schedule = {"synced_at": synced_at, "linked_competition_seasons": [], "events": events}
        standings = {
            "competition_season": {"name": league.name, "key": league.key, "competition_brackets": _brackets(league)}
        }
        for kind, document in (("schedule", schedule), ("standings", standings)):
            file = folder / kind / f"{league.key}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            # never half a file for a site that reads it just now
            fresh = file.with_suffix(".new")
            fresh.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
            fresh.rename(file)


def _event(match: Match, *, one_more: bool) -> dict[str, Any]:
    home_score, away_score = match.score or (None, None)
    if one_more and home_score is not None:
        home_score += 1
    return {
        "id": 5_000_000 + match.number,
        "game_key": str(match.number),
        "start_time": _instant(match.start),
        "local_timezone": match.zone,
        "home_squad_id": match.home,
        "away_squad_id": match.away,
        "home_squad_name": match.age_group,
        "away_squad_name": match.age_group,
        "competition": {"id": 1605, "name": match.league.competition},
        "competition_bracket_id": None,
        "completed": match.score is not None,
        "home_organisation": _organisation(match.home),
        "away_organisation": _organisation(match.away),
        "home_score": home_score,
        "away_score": away_score,
        "home_penalty_shootout_score": None,
        "away_penalty_shootout_score": None,
        "event_location": {"id": match.home % 90, "name": venue(match)},
        "division": {"id": 2, "name": "MLS Next"},
        "round_number": None,
    }


def _organisation(number: int) -> dict[str, Any]:
    logo = f"https://images.example/organisations/logos/{number:08}/original/{number:032x}.png"
    return {"id": number, "name": club(number), "logo_full_path": logo}


def _brackets(league: League) -> list[dict[str, Any]]:
    return [
        {
            "id": 69 + nth,
            "name": division,
            "age_group": {"id": 37, "name": age_group},
            "gender": "male",
            "tiebreakers": None,
            "standings": [_standing(squad(league, age_group, division, place), place + 1) for place in range(SQUADS)],
        }
        for nth, (age_group, division) in enumerate(
            (age_group, division) for age_group in league.age_groups for division in league.divisions
        )
    ]


def _standing(number: int, position: int) -> dict[str, Any]:
    team = {
        "organisation_id": number,
        "squad_id": number,
        "name": club(number),
        "logo_url": _organisation(number)["logo_full_path"],
    }
    values = ("points", "matches_played", "won", "loss", "tie", "points_per_match_penalty_shootout")
    return {
        "position": position,
        "team": team,
        "tiebreaker_values": {name: {"value": "3", "description": f"3 {name}"} for name in values},
    }


@cache
def _pairings() -> tuple[tuple[int, int], ...]:
    return tuple(permutations(range(SQUADS), 2))


def _instant(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
