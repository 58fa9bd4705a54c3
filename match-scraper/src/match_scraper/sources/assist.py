"""The MLS Assist feeds: two documents for each league and season, joined into matches. From 2026-27 on.

Every rule about what these documents mean stands here, in `filing` (brackets) or in `feed` (shapes). The clock is
the feed's own `synced_at`; nothing here asks what time it is.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from zoneinfo import ZoneInfo

from msgspec import UNSET

from match_scraper.errors import NotPublished, ScraperError, SourceUnreadable
from match_scraper.season import Season, parse_season

from .base import (
    NO_VENUE,
    TOLERATED,
    TOLERATED_SHARE,
    Bracket,
    Reading,
    ScrapedMatch,
    Unreadable,
    Wanted,
    brackets_of,
    refuse_if_too_many,
)
from .competitions import competition_of
from .feed import Event, Schedule, Standings, decode_schedule, decode_standings
from .fetch import DocumentFetcher
from .filing import Filing, Placement
from .oddities import EXAMPLES, Oddities, some
from .official import official_tables, without_position
from .whole_feed import CANARY_FROM, CANARY_TO, canary, placeholder_day

FEED_KEYS = {
    "Homegrown": "mls-next-league-{}",
    "Flex": "mls-next-flex-{}",
    "Academy": "mls-next-2-academy-division-{}",
}
FIRST_SEASON = Season(2026)
"""The league published elsewhere before."""


class AssistSource:
    """The source behind `MLS_ASSIST_URL`."""

    def __init__(self, fetcher: DocumentFetcher) -> None:
        self._fetcher = fetcher
        self._standings: dict[tuple[Season, str], Standings] = {}

    def brackets(self, season: Season, league: str) -> Sequence[Bracket]:
        """The brackets of the standings document. Raises `SourceUnreadable`."""
        brackets = self._read_standings(season, league).brackets
        return [Bracket(bracket.age_group.name, bracket.name) for bracket in brackets]

    def read(self, wanted: Wanted) -> Reading:
        """The matches that were asked for. Raises `SourceUnreadable`."""
        standings = self._read_standings(wanted.season, wanted.league)
        path = f"/data/schedule/{feed_key(wanted.league, wanted.season)}.json"
        try:
            fetched = self._fetcher.get(path, decode_schedule)
        except NotPublished as error:
            raise _not_published(wanted.league, wanted.season, error) from error
        return read_schedule(fetched.document, standings, wanted)

    def close(self) -> None:
        self._fetcher.close()

    def _read_standings(self, season: Season, league: str) -> Standings:
        if (season, league) not in self._standings:
            key = feed_key(league, season)
            try:
                standings = self._fetcher.get(f"/data/standings/{key}.json", decode_standings).document
            except NotPublished as error:
                raise _not_published(league, season, error) from error
            _check_season(standings.key, key, season)
            self._standings[season, league] = standings
        return self._standings[season, league]


def feed_key(league: str, season: Season) -> str:
    """The name under which the site keeps this league's season, such as mls-next-league-26-27."""
    return FEED_KEYS[league].format(season.short)


def read_schedule(schedule: Schedule, standings: Standings, wanted: Wanted) -> Reading:
    """The matches of a schedule that were asked for, filed by the standings.

    Raises `SourceUnreadable` where it is another season's, or too much of it cannot be read.
    """
    if schedule.events and not standings.brackets:
        raise SourceUnreadable(f"the {wanted.league} standings of {wanted.season} hold no bracket to file a match in")
    filing = Filing(standings.brackets, schedule.events)
    local = _LocalTimes()
    unreadable = list(schedule.unreadable)
    readable: list[tuple[Event, dt.date, str, str]] = []
    for event in schedule.events:
        try:
            readable.append((event, *local.of(event)))
        except (OverflowError, ValueError) as error:
            unreadable.append(Unreadable(f"match {event.game_key}", f"start_time {event.start_time}: {error}"))
    if readable and not any(day in wanted.season for _, day, _, _ in readable):
        raise SourceUnreadable(f"the {wanted.league} schedule of {wanted.season} holds no match of that season")

    observed_at = schedule.synced_at.astimezone(dt.UTC)
    placeholder = placeholder_day(((day, event.home_score is not None) for event, day, _, _ in readable), observed_at)
    matches: list[ScrapedMatch] = []
    placements: Counter[Placement] = Counter()
    oddities = Oddities(wanted.league)
    strays: list[ScrapedMatch] = []
    in_any_division = replace(wanted, divisions=None)
    season = wanted.season.label
    competitions = cache(competition_of)
    for event, day, clock, zone in readable:
        called = event.competition.name if event.competition else None
        competition, known = competitions(called, wanted.league)
        placement = filing.place(event, pathway=competition.pathway)
        if placement is None:
            why = (
                f"its squads {event.home_squad_id} and {event.away_squad_id} stand in no bracket, and name no age group"
            )
            unreadable.append(Unreadable(f"match {event.game_key}", why))
            continue
        placements[placement] += 1
        venue = ((event.event_location and event.event_location.name) or "").strip() or None
        shootout = (event.home_penalty_shootout_score, event.away_penalty_shootout_score)
        penalty_home, penalty_away = (None if goals is UNSET else goals for goals in shootout)
        kick_off_set = venue is not None and venue.casefold() != NO_VENUE
        match = ScrapedMatch(
            match_id=event.game_key,
            season=season,
            league=competition.league or wanted.league,
            match_type=competition.match_type,
            age_group=placement.age_group,
            division=placement.division,
            home_team=event.home_organisation.name,
            away_team=event.away_organisation.name,
            home_team_id=str(event.home_squad_id),
            away_team_id=str(event.away_squad_id),
            day=day,
            start=event.start_time if kick_off_set else None,
            match_time=clock if kick_off_set else None,
            timezone=zone,
            location=venue if kick_off_set else None,
            score_home=event.home_score,
            score_away=event.away_score,
            penalty_home=penalty_home,
            penalty_away=penalty_away,
            parked=day == placeholder,
            observed_at=observed_at,
            away_age_group=placement.away_age_group,
            away_division=placement.away_division,
        )
        if wanted.includes(match):
            matches.append(match)
            oddities.look_at(
                match,
                unknown_competition=None if known else called or "none",
                unknown_zone=None if local.knows(event) else event.local_timezone or "none",
                without_venue=venue is None,
                without_shootout=UNSET in shootout,
                out_of_season=day not in wanted.season,
            )
            for squad, name in ((event.home_squad_id, match.home_team), (event.away_squad_id, match.away_team)):
                if filing.missing.get(squad):
                    oddities.missing_from_standings(squad, name)
        elif match.division is None and in_any_division.includes(match):
            strays.append(match)
    shown = _by_bracket(placements)
    notices, problems = _of_strays(strays, placements, shown, filing.brackets, wanted)
    refuse_if_too_many(unreadable, schedule.seen, "events")
    return Reading(
        league=wanted.league,
        season=wanted.season,
        synced_at=observed_at,
        seen=schedule.seen,
        matches=tuple(matches),
        unreadable=tuple(unreadable),
        notices=(
            *(f"standings: {odd.where} could not be read: {odd.why}" for odd in standings.unreadable[:EXAMPLES]),
            *oddities.notices(),
            *without_position(standings.brackets, wanted),
            *notices,
        ),
        problems=(
            *problems,
            *canary(
                [
                    event.home_score is not None
                    for event, _, _, _ in readable
                    if _in_canary_window(event.start_time, observed_at)
                ],
                observed_at,
                wanted.league,
            ),
        ),
        official=tuple(official_tables(standings.brackets, schedule.events, wanted, observed_at)),
        listed=schedule.unreadable_keys | {event.game_key for event in schedule.events},
        in_words=partial(_in_words, schedule),
        clubs=partial(_clubs, schedule),
        shown=shown,
    )


def _by_bracket(placements: Mapping[Placement, int]) -> Mapping[Bracket, int]:
    shown: Counter[Bracket] = Counter()
    for placement, count in placements.items():
        for bracket in brackets_of(placement):
            shown[bracket] += count
    return shown


def _of_strays(
    strays: Collection[ScrapedMatch],
    placements: Mapping[Placement, int],
    shown: Mapping[Bracket, int],
    brackets: Collection[Bracket],
    wanted: Wanted,
) -> tuple[list[str], list[ScraperError]]:
    """What to say of the matches that may have been asked for, as none of their squads stands in a bracket.

    A few are a notice. They are a problem where an age group has too many of them, or where a bracket that was asked
    for has no match: then they are probably that bracket.
    """
    notices: list[str] = []
    problems: list[ScraperError] = []
    for age_group in sorted({match.age_group for match in strays}):
        ids = [match.match_id for match in strays if match.age_group == age_group]
        told = (
            f"{wanted.league} {age_group}: no squad stands in a bracket, so nothing tells the division, "
            f"which may be one that was asked for, of {some(ids)}"
        )
        held = sum(count for placement, count in placements.items() if placement.age_group == age_group)
        empty = [
            bracket.division
            for bracket in brackets
            if bracket.age_group == age_group and wanted.names(age_group, bracket.division) and not shown.get(bracket)
        ]
        if empty:
            problems.append(SourceUnreadable(f"{told}; and {', '.join(empty)} has none: the standings lack teams"))
        elif len(ids) > max(TOLERATED, TOLERATED_SHARE * held):
            problems.append(SourceUnreadable(f"{told}; that is too many of {held}: the standings lack teams"))
        else:
            notices.append(told)
    return notices, problems


class _LocalTimes:
    """UTC to the venue's day and clock; many matches share a kick-off, so each is worked out once."""

    def __init__(self) -> None:
        self._zones: dict[str | None, ZoneInfo | None] = {}
        self._seen: dict[tuple[dt.datetime, str | None], tuple[dt.date, str, str]] = {}

    def of(self, event: Event) -> tuple[dt.date, str, str]:
        """Day, HH:MM and zone at the venue; in UTC where the zone is missing or unknown."""
        key = (event.start_time, event.local_timezone)
        found = self._seen.get(key)
        if found is None:
            zone = self._zone(event.local_timezone)
            local = event.start_time.astimezone(zone or dt.UTC)
            found = self._seen[key] = (local.date(), f"{local:%H:%M}", zone.key if zone else "UTC")
        return found

    def knows(self, event: Event) -> bool:
        return self._zone(event.local_timezone) is not None

    def _zone(self, name: str | None) -> ZoneInfo | None:
        if name not in self._zones:
            try:
                self._zones[name] = ZoneInfo(name) if name else None
            except (KeyError, ValueError, OSError):
                self._zones[name] = None
        return self._zones[name]


def _in_canary_window(start: dt.datetime, observed_at: dt.datetime) -> bool:
    return observed_at - CANARY_FROM <= start <= observed_at - CANARY_TO


def _in_words(schedule: Schedule) -> dict[str, str]:
    return {
        event.game_key: f"{event.home_organisation.name} v {event.away_organisation.name}, {event.start_time.date()}"
        for event in schedule.events
    }


def _clubs(schedule: Schedule) -> set[str]:
    return {club.name for event in schedule.events for club in (event.home_organisation, event.away_organisation)}


def _check_season(found: str | None, asked: str, season: Season) -> None:
    try:
        other = parse_season((found or "")[-5:])
    except ValueError:
        return  # a key that names no season contradicts nothing
    if other != season:
        raise SourceUnreadable(f"asked for {asked}, the site answered with {found}: another season's data")


def _not_published(league: str, season: Season, error: NotPublished) -> NotPublished:
    earlier = f"; this site's data begins with {FIRST_SEASON}" if season < FIRST_SEASON else ""
    return NotPublished(f"{league} {season} is not published, or its key is wrong: {error}{earlier}")
