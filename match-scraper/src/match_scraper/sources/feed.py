"""The two documents of the MLS Assist feed, as types, decoded straight from bytes.

What is not needed is not declared, so it may change or go. What is needed must be there with its type: an event
without it is unreadable, and is kept to be reported. Shapes: the feed itself, 2026-27.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

from match_scraper.errors import NotPublished, SourceUnreadable

from .base import IncompleteBodyError, Unreadable, of_our_times, refuse_if_too_many

Utc = Annotated[dt.datetime, msgspec.Meta(tz=True)]
T = TypeVar("T")


class Named(msgspec.Struct, frozen=True, gc=False):
    name: str


class MaybeNamed(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class Venue(msgspec.Struct, frozen=True, gc=False):
    name: str | None


class Event(msgspec.Struct, frozen=True, gc=False):
    """One match.

    Scores and venue must be there, though they may be null: a renamed score must not pass for no score, nor a renamed
    venue for one that leaves the kick-off as it is. A shootout that is not even null costs no match, and is told.
    """

    game_key: str
    start_time: Utc
    home_squad_id: int
    away_squad_id: int
    home_organisation: Named
    away_organisation: Named
    home_score: int | None
    away_score: int | None
    event_location: Venue | None
    home_squad_name: str | None = None
    away_squad_name: str | None = None
    local_timezone: str | None = None
    competition: MaybeNamed | None = None
    home_penalty_shootout_score: int | msgspec.UnsetType | None = msgspec.UNSET
    away_penalty_shootout_score: int | msgspec.UnsetType | None = msgspec.UNSET


class _Schedule(msgspec.Struct):
    synced_at: Utc
    events: list[Event]


class _RawSchedule(msgspec.Struct):
    synced_at: Utc
    events: list[msgspec.Raw]


class _Key(msgspec.Struct):
    game_key: str


class Team(msgspec.Struct, frozen=True, gc=False):
    squad_id: int
    name: str | None = None


class Standing(msgspec.Struct, frozen=True, gc=False):
    team: Team
    position: Any = None
    """Whatever it may become: no match is lost over it."""
    tiebreaker_values: Any = None


class CompetitionBracket(msgspec.Struct, frozen=True):
    name: str
    age_group: Named
    standings: list[Standing]


class _RawBracket(msgspec.Struct):
    name: str
    age_group: Named
    standings: list[msgspec.Raw]


class _CompetitionSeason(msgspec.Struct):
    competition_brackets: list[CompetitionBracket]
    key: str | None = None


class _Standings(msgspec.Struct):
    competition_season: _CompetitionSeason


class _RawCompetitionSeason(msgspec.Struct):
    competition_brackets: list[msgspec.Raw]
    key: str | None = None


class _RawStandings(msgspec.Struct):
    competition_season: _RawCompetitionSeason


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule document: its events, and what in it could not be read."""

    synced_at: dt.datetime
    events: list[Event]
    unreadable: list[Unreadable]
    unreadable_keys: frozenset[str]
    """The numbers of those unreadable events that still show one: they have not vanished."""

    @property
    def seen(self) -> int:
        return len(self.events) + len(self.unreadable)


@dataclass(frozen=True, slots=True)
class Standings:
    """A standings document: its brackets, and what in it could not be read."""

    key: str | None
    brackets: list[CompetitionBracket]
    unreadable: list[Unreadable]


_schedule = msgspec.json.Decoder(_Schedule)
_raw_schedule = msgspec.json.Decoder(_RawSchedule)
_event = msgspec.json.Decoder(Event)
_key = msgspec.json.Decoder(_Key)
_standings = msgspec.json.Decoder(_Standings)
_raw_standings = msgspec.json.Decoder(_RawStandings)
_bracket = msgspec.json.Decoder(CompetitionBracket)
_raw_bracket = msgspec.json.Decoder(_RawBracket)
_standing = msgspec.json.Decoder(Standing)


def decode_schedule(body: bytes) -> Schedule:
    """The schedule in these bytes.

    Raises `IncompleteBodyError` where the bytes are not JSON to their end, `NotPublished` where they are a web page,
    and `SourceUnreadable` where the document is not a schedule, or too many of its events cannot be read.
    """
    try:
        whole = _decode(_schedule, body)
    except msgspec.ValidationError:
        # One odd event must not cost the others: look at each by itself.
        return _decode_event_by_event(body)
    if any(map(_blank_in, whole.events)):
        return _decode_event_by_event(body)
    return Schedule(_moment(whole.synced_at), whole.events, [], frozenset())


def _decode_event_by_event(body: bytes) -> Schedule:
    try:
        raw = _decode(_raw_schedule, body)
    except msgspec.ValidationError as error:
        raise SourceUnreadable(f"the schedule has changed shape: {error}") from error
    events: list[Event] = []
    unreadable: list[Unreadable] = []
    keys: set[str] = set()
    for number, item in enumerate(raw.events):
        try:
            event = _decode(_event, item)
            if blank := _blank_in(event):
                raise msgspec.ValidationError(f"{blank} is blank")
            events.append(event)
        except (msgspec.ValidationError, IncompleteBodyError) as error:
            key = _game_key(item)
            if key is not None:
                keys.add(key)
            unreadable.append(Unreadable(f"match {key}" if key else f"event no. {number + 1} of the feed", str(error)))
    refuse_if_too_many(unreadable, len(raw.events), "events")
    return Schedule(_moment(raw.synced_at), events, unreadable, frozenset(keys))


def _blank_in(event: Event) -> str | None:
    """The field of this event that says nothing where it must name a match or a club."""
    # Not as a pattern of the types, which takes as long as all of the decoding.
    if not event.game_key.strip():
        return "game_key"
    if not event.home_organisation.name.strip():
        return "home_organisation.name"
    if not event.away_organisation.name.strip():
        return "away_organisation.name"
    return None


def decode_standings(body: bytes) -> Standings:
    """The standings in these bytes. Raises as `decode_schedule` does."""
    try:
        season = _decode(_standings, body).competition_season
    except msgspec.ValidationError:
        return _decode_row_by_row(body)
    return Standings(season.key, season.competition_brackets, [])


def _decode_row_by_row(body: bytes) -> Standings:
    try:
        raw = _decode(_raw_standings, body).competition_season
    except msgspec.ValidationError as error:
        raise SourceUnreadable(f"the standings have changed shape: {error}") from error
    brackets: list[CompetitionBracket] = []
    odd_brackets: list[Unreadable] = []
    odd_rows: list[Unreadable] = []
    rows = 0
    for number, item in enumerate(raw.competition_brackets):
        try:
            bracket = _decode(_raw_bracket, item)
        except (msgspec.ValidationError, IncompleteBodyError) as error:
            odd_brackets.append(Unreadable(f"bracket no. {number + 1} of the standings", str(error)))
            continue
        teams: list[Standing] = []
        rows += len(bracket.standings)
        for place, row in enumerate(bracket.standings):
            try:
                teams.append(_decode(_standing, row))
            except (msgspec.ValidationError, IncompleteBodyError) as error:
                where = f"row {place + 1} of the standings of {bracket.age_group.name} {bracket.name}"
                odd_rows.append(Unreadable(where, str(error)))
        brackets.append(CompetitionBracket(bracket.name, bracket.age_group, teams))
    # There are so few of them that one is many matches.
    refuse_if_too_many(odd_brackets, len(raw.competition_brackets), "brackets", tolerated=0)
    refuse_if_too_many(odd_rows, rows, "rows of the standings")
    return Standings(raw.key, brackets, odd_brackets + odd_rows)


def _decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if bytes(body).lstrip()[:1] == b"<":
            raise NotPublished("a web page, not data") from error
        raise IncompleteBodyError(str(error)) from error


def _moment(synced_at: dt.datetime) -> dt.datetime:
    if not of_our_times(synced_at):
        raise SourceUnreadable(f"the schedule says that it was made at {synced_at.isoformat()}: its clock is wrong")
    return synced_at


def _game_key(item: msgspec.Raw) -> str | None:
    try:
        key = _decode(_key, item).game_key
    except (msgspec.ValidationError, IncompleteBodyError):
        return None
    return key if key.strip() else None
