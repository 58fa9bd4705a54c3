"""What a source has: its brackets, who plays in them, and from when to when."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from .asked import Asked, frame_of, wanted_of
from .errors import NotPublished, ScraperError, SourceUnreadable
from .listed import Lists
from .scrape import clubs_without_match
from .sources.base import Bracket, Reading, ScrapedMatch, Source, Wanted, brackets_of, plain


class BracketFound(msgspec.Struct, frozen=True):
    """A bracket, and what is played in it."""

    league: str
    season: str
    age_group: str
    division: str
    clubs: int
    matches: int
    first_day: dt.date | None
    last_day: dt.date | None


class ClubFound(msgspec.Struct, frozen=True):
    """A club's squad in a bracket."""

    club: str
    league: str
    season: str
    age_group: str
    division: str
    team_id: str | None
    matches: int


Found = BracketFound | ClubFound


@dataclass
class Seen:
    """What was read of each league, and what was odd about it."""

    readings: list[tuple[Wanted, Reading]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[ScraperError] = field(default_factory=list)


def look(asked: Asked, source: Source, lists: Lists, *, now: dt.datetime) -> Seen:
    """Read the leagues that were asked for; one that is not published yet is a note, unless none is.

    Raises `UsageProblem` for what cannot be asked.
    """
    seen = Seen()
    frame = frame_of(asked, now.date())
    brackets: dict[str, Sequence[Bracket]] = {}
    unpublished: list[NotPublished] = []
    for league in frame.leagues:
        try:
            brackets[league] = source.brackets(frame.season, league)
        except NotPublished as error:
            unpublished.append(error)
        except SourceUnreadable as error:
            seen.problems.append(error)
    for wanted in wanted_of(asked, frame, brackets):
        try:
            reading = source.read(wanted)
        except SourceUnreadable as error:
            seen.problems.append(error)
            continue
        seen.readings.append((wanted, reading))
        seen.notices += [*reading.notices, *lists.compare(reading)]
    if asked.clubs and seen.readings:
        readings = [reading for _, reading in seen.readings]
        seen.notices += [sentence for sentence, _ in clubs_without_match(asked.clubs, readings)]
    if seen.readings:
        seen.notices += map(str, unpublished)
    else:
        seen.problems += unpublished
    return seen


def brackets_found(seen: Seen) -> list[BracketFound]:
    """A line for each bracket, by league, age group and division."""
    found = []
    for wanted, reading in seen.readings:
        held: dict[Bracket, list[ScrapedMatch]] = defaultdict(list)
        for match in reading.matches:
            for bracket in brackets_of(match):
                held[bracket].append(match)
        for bracket, matches in held.items():
            if not wanted.names(bracket.age_group, bracket.division):
                continue
            # The placeholder day of postponed matches is nobody's last day.
            days = [match.day for match in matches if not match.parked]
            found.append(
                BracketFound(
                    reading.league,
                    reading.season.label,
                    bracket.age_group,
                    bracket.division,
                    len({team for match in matches for team in _sides(match, bracket)}),
                    len(matches),
                    min(days, default=None),
                    max(days, default=None),
                )
            )
    return sorted(found, key=lambda each: (each.league, each.age_group, each.division))


def clubs_found(seen: Seen) -> list[ClubFound]:
    """A line for each squad in each bracket, by club."""
    found = []
    for wanted, reading in seen.readings:
        counts: dict[tuple[Bracket, str, str | None], int] = defaultdict(int)
        for match in reading.matches:
            for bracket in brackets_of(match):
                if wanted.names(bracket.age_group, bracket.division):
                    for name, squad in _sides(match, bracket):
                        counts[bracket, name, squad] += 1
        for (bracket, name, squad), count in counts.items():
            if not wanted.clubs or any(plain(club) in plain(name) for club in wanted.clubs):
                found.append(
                    ClubFound(
                        name, reading.league, reading.season.label, bracket.age_group, bracket.division, squad, count
                    )
                )
    return sorted(
        found, key=lambda each: (plain(each.club), each.league, each.age_group, each.division, each.team_id or "")
    )


def _sides(match: ScrapedMatch, bracket: Bracket) -> set[tuple[str, str | None]]:
    """Name and squad of those who play this match for this bracket."""
    sides = set()
    if Bracket(match.age_group, match.division or "") == bracket:
        sides.add((match.home_team, match.home_team_id))
    if Bracket(match.away_age_group or match.age_group, match.away_division or match.division or "") == bracket:
        sides.add((match.away_team, match.away_team_id))
    return sides
