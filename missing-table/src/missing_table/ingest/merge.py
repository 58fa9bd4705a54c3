"""The merge rules: a match is the join of what was stated about it. Pure.

A match is a handful of registers. Each keeps the value that weighs most (`stamps`), so any order and any number
of deliveries of the same statements ends in the same match. What a person entered is kept on top of what the
source says, which goes on being recorded `beneath`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from missing_table.ingest.stamps import is_by_hand, is_of_a_source, moment_of

REGISTERS: Final[dict[str, tuple[str, ...]]] = {
    "sides": ("home_team", "away_team", "home_team_id", "away_team_id", "home_ref", "away_ref"),
    "schedule": ("date", "match_time", "timezone", "location"),
    "status": ("stated_status",),
    "league": ("league",),
    "filing": ("age_group", "match_type"),
    "bracket": ("division", "away_age_group", "away_division"),
    "result": ("score_home", "score_away", "penalty_home", "penalty_away", "forfeit", "result_home", "result_home_ref"),
    "notes": ("notes",),
}
"""Fields that are stated together, and replaced together."""

_SAYING: Final[dict[str, int]] = {
    register: sum(not field.endswith("_ref") for field in fields) for register, fields in REGISTERS.items()
}
"""How many of a register's values say something: the references at its end are numbers that this database gave out."""

SHOWN: Final[tuple[str, ...]] = (
    "match_id",
    "home_team",
    "away_team",
    "home_team_id",
    "away_team_id",
    "date",
    "match_time",
    "timezone",
    "location",
    "league",
    "division",
    "age_group",
    "match_type",
    "away_age_group",
    "away_division",
    "status",
    "score_home",
    "score_away",
    "penalty_home",
    "penalty_away",
    "notes",
)
"""The fields that a reader sees: a change of one of them is an update, and goes into the history."""

_BEHIND: Final = ("source", "home_ref", "away_ref", "stated_status", "result_home", "result_home_ref")
"""The fields that stand behind what is shown, but for `stamps` and `beneath`."""

Outcome = Literal["created", "updated", "unchanged", "stale", "quarantined"]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A match as it is stored: what is shown, and what weighs behind it."""

    source: str
    season: str
    match_id: str | None
    league: str
    age_group: str
    division: str | None
    match_type: str
    away_age_group: str | None
    away_division: str | None
    date: dt.date
    match_time: str | None
    timezone: str | None
    location: str | None
    home_team: str
    away_team: str
    home_team_id: str | None
    away_team_id: str | None
    home_ref: int
    away_ref: int
    score_home: int | None
    score_away: int | None
    penalty_home: int | None
    penalty_away: int | None
    status: str
    notes: str | None
    stated_status: str | None
    result_home: str | None
    result_home_ref: int | None
    stamps: dict[str, str]
    """Per register, the stamp of the statement that stands."""
    beneath: dict[str, list[Any]] | None
    """Per register set by hand: the stamp and then the values of what the source says."""

    @property
    def natural_key(self) -> tuple[str, str, str, dt.date, int, int]:
        """What tells a match that has no number from any other: the two teams in either order."""
        low, high = sorted((self.home_ref, self.away_ref))
        return (self.season, self.league, self.age_group, self.date, low, high)

    def names(self, ref: int) -> bool:
        """Whether it names this team at all: who plays, whose the score is, or what is beneath."""
        return ref in (self.home_ref, self.away_ref, self.result_home_ref) or ref in refs_beneath(self.beneath)

    def with_team(self, ref: int, other: int) -> "Match":
        """The match with team `other` wherever it had team `ref`; its score turns if that plays on the other side."""

        def renamed(register: str, values: Sequence[Any]) -> tuple[Any, ...]:
            pairs = zip(REGISTERS[register], values, strict=True)
            return tuple(other if value == ref and field.endswith("_ref") else value for field, value in pairs)

        state = {register: renamed(register, values) for register, values in values_of(self).items()}
        beneath = {register: [kept[0], *renamed(register, kept[1:])] for register, kept in (self.beneath or {}).items()}
        return shown_of(self.source, self.season, self.match_id, state, self.stamps, beneath)

    @property
    def observed_at(self) -> str:
        """The moment of a source's newest statement; of a person's where no source has stated the match."""
        said = list(self._stamps())
        return max(moment_of(stamp) for stamp in [each for each in said if is_of_a_source(each)] or said)

    @property
    def by_source(self) -> bool:
        """Whether a source has stated it, and not only a person."""
        return any(map(is_of_a_source, self._stamps()))

    def _stamps(self) -> Iterator[str]:
        """Of all that was said, also of what stands beneath a person's word."""
        yield from self.stamps.values()
        for values in (self.beneath or {}).values():
            yield values[0]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one message says of one match: values per register, each with its stamp."""

    source: str
    season: str
    match_id: str | None
    registers: dict[str, tuple[Any, ...]]
    stamps: dict[str, str]


class Change(NamedTuple):
    """One shown field that a statement changed."""

    field: str
    old: Any
    new: Any


class Decision(NamedTuple):
    """What a statement does to what is stored: the caller carries it out."""

    outcome: Outcome
    match: Match
    changes: tuple[Change, ...] = ()
    write: Literal["nothing", "stamps", "row"] = "nothing"
    """How much of the stored row is to be written: `stamps` is `stamps`, `beneath` and `observed_at` alone."""


def merge(stored: Match | None, statement: Statement) -> Decision:
    """What `statement` makes of `stored` (None: not stored yet)."""
    if stored is None:
        match = shown_of(
            statement.source, statement.season, statement.match_id, statement.registers, statement.stamps, {}
        )
        return Decision("created", match, write="row")
    state = values_of(stored)
    stamps = dict(stored.stamps)
    beneath = dict(stored.beneath or {})
    moved = outdated = False
    for register, value in statement.registers.items():
        stamp = statement.stamps[register]
        standing = stamps.get(register)
        if is_by_hand(standing) and not is_by_hand(stamp):
            said = beneath.get(register)
            weight = _compare(register, said[0] if said else None, said[1:] if said else (), stamp, value)
            if weight > 0:
                beneath[register] = [stamp, *value]
        else:
            weight = _compare(register, standing, state.get(register, ()), stamp, value)
            if weight > 0:
                if is_by_hand(stamp) and standing is not None and not is_by_hand(standing):
                    beneath[register] = [standing, *state[register]]
                state[register], stamps[register] = value, stamp
        moved = moved or weight > 0
        outdated = outdated or weight < 0
    adopted = stored.match_id is None and statement.match_id is not None
    match = shown_of(
        statement.source if adopted else stored.source,
        stored.season,
        statement.match_id if adopted else stored.match_id,
        state,
        stamps,
        beneath,
    )
    changes = tuple(
        Change(field, old, new) for field in SHOWN if (old := getattr(stored, field)) != (new := getattr(match, field))
    )
    if changes:
        return Decision("updated", match, changes, "row")
    if not moved:
        return Decision("stale" if outdated else "unchanged", stored)
    behind = any(getattr(stored, field) != getattr(match, field) for field in _BEHIND)
    return Decision("unchanged", match, (), "row" if behind else "stamps")


def fold(kept: Match, other: Match) -> Decision:
    """What `kept` becomes when `other` turns out to be the same match: everything stated of either counts."""
    decision = merge(kept, _restated(other, values_of(other), other.stamps))
    if other.beneath:
        said = {register: said_beneath(register, kept) for register, kept in other.beneath.items()}
        below = merge(decision.match, _restated(other, said, {r: v[0] for r, v in other.beneath.items()}))
        decision = Decision(decision.outcome, below.match, decision.changes + below.changes, "row")
    return decision


def _restated(match: Match, registers: dict[str, tuple[Any, ...]], stamps: dict[str, str]) -> Statement:
    return Statement(
        source=match.source, season=match.season, match_id=match.match_id, registers=registers, stamps=stamps
    )


def disputes(match: Match, settled: Mapping[str, Any] | None = None) -> list[Change]:
    """Where a source says otherwise than a person did: `old` is what is shown, `new` what the source would show.

    `settled` is what was decided against, by register: it is no dispute until the source says something else.
    """
    return [change for changes in disputed(match, settled).values() for change in changes]


def disputed(match: Match, settled: Mapping[str, Any] | None = None) -> dict[str, list[Change]]:
    """`disputes` by register."""
    ours = values_of(match)
    found: dict[str, list[Change]] = {}
    for register, kept in (match.beneath or {}).items():
        if settled and settled.get(register) == words_of(register, kept):
            continue
        state = ours | {register: said_beneath(register, kept)}
        theirs = shown_of(match.source, match.season, match.match_id, state, match.stamps, match.beneath or {})
        fields = {*REGISTERS[register], "status"} if register in ("status", "result") else set(REGISTERS[register])
        changes = [
            Change(field, old, new)
            for field in SHOWN
            if field in fields and (old := getattr(match, field)) != (new := getattr(theirs, field))
        ]
        if changes:
            found[register] = changes
    return found


def words_of(register: str, kept: Sequence[Any]) -> list[Any]:
    """What the statement that is kept beneath a register says, without its stamp and our numbers, as JSON."""
    words: list[Any] = msgspec.to_builtins(list(kept[1 : 1 + _SAYING[register]]))
    return words


def refs_beneath(beneath: Mapping[str, Sequence[Any]] | None) -> set[int]:
    """The teams that what is kept beneath names."""
    return {
        value
        for register, kept in (beneath or {}).items()
        for field, value in zip(REGISTERS[register], kept[1:], strict=True)
        if field.endswith("_ref") and value is not None
    }


def said_beneath(register: str, kept: Sequence[Any]) -> tuple[Any, ...]:
    """The values of a register that is kept beneath; a database gives them back as JSON has them."""
    _, *values = kept
    if register == "schedule" and isinstance(values[0], str):
        values[0] = dt.date.fromisoformat(values[0])
    return tuple(values)


def _compare(register: str, standing: str | None, held: Sequence[Any], stamp: str, value: tuple[Any, ...]) -> int:
    """1 where the new statement weighs more, -1 where it is older, 0 where it says the same again.

    Two statements of one moment are told apart by what they say (the greater canonical JSON), so that it does
    not matter which came first.
    """
    if standing is None or stamp > standing:
        return 1
    if stamp < standing:
        return -1
    saying = _SAYING[register]
    return 1 if _canonical(value[:saying]) > _canonical(held[:saying]) else 0


def _canonical(value: Any) -> bytes:
    return msgspec.json.encode(value)


def values_of(match: Match) -> dict[str, tuple[Any, ...]]:
    """The registers behind a stored match, as they were stated: what `shown_of` made it of."""
    stated = {
        register: tuple(getattr(match, field) for field in fields)
        for register, fields in REGISTERS.items()
        if register in match.stamps and register != "result"
    }
    if "result" in match.stamps:
        scores = (match.score_home, match.score_away)
        shootout = (match.penalty_home, match.penalty_away)
        if _turned(match.result_home_ref, match.home_ref, match.away_ref, match.beneath):
            scores, shootout = scores[::-1], shootout[::-1]
        stated["result"] = (*scores, *shootout, match.status == "forfeit", match.result_home, match.result_home_ref)
    return stated


def shown_of(
    source: str,
    season: str,
    match_id: str | None,
    state: dict[str, tuple[Any, ...]],
    stamps: dict[str, str],
    beneath: dict[str, list[Any]],
) -> Match:
    """What the registers come to for a reader."""
    home_team, away_team, home_team_id, away_team_id, home_ref, away_ref = state["sides"]
    date, match_time, timezone, location = state["schedule"]
    (league,) = state["league"]
    age_group, match_type = state["filing"]
    division, away_age_group, away_division = state.get("bracket", (None, None, None))
    (stated_status,) = state.get("status", (None,))
    (notes,) = state.get("notes", (None,))
    score_home, score_away, penalty_home, penalty_away, forfeit, result_home, result_home_ref = state.get(
        "result", (None, None, None, None, False, None, None)
    )
    if _turned(result_home_ref, home_ref, away_ref, beneath):
        score_home, score_away, penalty_home, penalty_away = score_away, score_home, penalty_away, penalty_home
    if score_home is None:
        status = stated_status or "scheduled"
    else:
        status = "forfeit" if forfeit else "completed"
    return Match(
        source=source,
        season=season,
        match_id=match_id,
        league=league,
        age_group=age_group,
        division=division,
        match_type=match_type,
        away_age_group=away_age_group,
        away_division=away_division,
        date=date,
        match_time=match_time,
        timezone=timezone,
        location=location,
        home_team=home_team,
        away_team=away_team,
        home_team_id=home_team_id,
        away_team_id=away_team_id,
        home_ref=home_ref,
        away_ref=away_ref,
        score_home=score_home,
        score_away=score_away,
        penalty_home=penalty_home,
        penalty_away=penalty_away,
        status=status,
        notes=notes,
        stated_status=stated_status,
        result_home=result_home,
        result_home_ref=result_home_ref,
        stamps=stamps,
        beneath=beneath or None,
    )


def _turned(
    result_home_ref: int | None, home_ref: int, away_ref: int, beneath: Mapping[str, Sequence[Any]] | None
) -> bool:
    """Whether the sides are the other way about than where the score was stated: then it turns with them.

    Where a person named another team besides, the one that is still the source's says so.
    """
    theirs = (beneath or {}).get("sides")
    if theirs is None or result_home_ref in (home_ref, away_ref):
        return result_home_ref == away_ref
    *_, theirs_home, theirs_away = theirs
    if result_home_ref == theirs_away:  # the source has swapped them since
        theirs_home, theirs_away = theirs_away, theirs_home
    return bool(theirs_home == away_ref or theirs_away == home_ref)
