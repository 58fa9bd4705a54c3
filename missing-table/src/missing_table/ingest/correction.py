"""A person corrects a match that is stored: that very row changes, and what was changed is pinned. Pure.

A field that is cleared takes back what a person said of it: where a source says otherwise, that stands again. Else
nothing stands, also where that is the source's own word; then what the source says goes on being recorded beneath.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from missing_table.ingest.merge import REGISTERS, SHOWN, Change, Match, Statement, said_beneath, shown_of, values_of
from missing_table.ingest.names import Side, name_key
from missing_table.ingest.stamps import is_by_hand

_OF: Final[dict[str, str]] = {
    field: register for register, fields in REGISTERS.items() for field in fields if field in SHOWN
} | {"status": "status"}
CORRECTABLE: Final[tuple[str, ...]] = ("season", *(field for field in SHOWN if field in _OF))
"""What may be corrected of a match: all but the number that a source gives it."""
_GOALS: Final = ("score_home", "score_away")
_SHOOTOUT: Final = ("penalty_home", "penalty_away")
_NOTHING: Final[dict[str, tuple[Any, ...]]] = {
    "result": (None, None, None, None, False, None, None),
    "bracket": (None, None, None),
    "notes": (None,),
    "status": (None,),
}
"""The registers that may say nothing at all, as they say it."""


class Kept(NamedTuple):
    """A team that a correction leaves in the match."""

    name: str
    source_id: str | None
    ref: int


def touched(given: Mapping[str, Any]) -> set[str]:
    """The registers, and `season`, that a correction of the fields in `given` is about."""
    found = {_OF.get(name, name) for name in given}
    if "status" in found:  # whether it is a forfeit
        found.add("result")
    if "filing" in found:  # another age is another squad
        found |= {"sides", "bracket"}
    return found


def wanted(match: Match, given: Mapping[str, Any], *, default_league: str) -> dict[str, Any]:
    """The message that says all of `match` as it is to be: with what is `given`, where None clears a field."""
    fields: dict[str, Any] = {name: getattr(match, name) for name in ("source", "match_id", *CORRECTABLE)}
    fields["date"] = match.date.isoformat()
    for name, value in given.items():
        fields[name] = _taken_back(match, name) if value is None and name not in _GOALS + _SHOOTOUT else value
    fields["league"] = fields["league"] or default_league
    for side, ages in (("home", ("age_group",)), ("away", ("age_group", "away_age_group"))):
        other = any(fields[name] != getattr(match, name) for name in (f"{side}_team", *ages))
        if other and f"{side}_team_id" not in given:
            fields[f"{side}_team_id"] = None
    return fields | _result(match, given, fields)


def _result(match: Match, given: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Goals, shootout and status, which go together: with a score a match is completed or a forfeit, else neither."""
    stated, follows = given.get("status"), "status" in given and given["status"] is None
    if any(fields[name] is not None for name in _GOALS):
        return {"status": stated or ("forfeit" if match.status == "forfeit" and not follows else None)}
    without = {name: given.get(name) for name in _SHOOTOUT}  # a shootout goes with its score
    if stated is not None:
        return without | {"status": stated}
    theirs = _as_a_source_says(match, "result")
    if theirs is not None and theirs.score_home is not None and (match.score_home is not None or follows):
        said = {name: getattr(theirs, name) for name in _GOALS + _SHOOTOUT}
        if any(getattr(match, name) != value for name, value in said.items()):
            return said | {"status": "forfeit" if theirs.status == "forfeit" else None}
    if match.score_home is not None:
        return without | {"status": None}
    return without | {"status": fields["status"] if follows else match.stated_status}


def _taken_back(match: Match, field: str) -> Any:
    """What a source says of `field` where a person says otherwise; else nothing."""
    theirs = _as_a_source_says(match, _OF[field]) if field in _OF else None
    name = "stated_status" if field == "status" else field
    said = getattr(theirs, name) if theirs is not None else None
    return said if said != getattr(match, name) else None


def _as_a_source_says(match: Match, register: str) -> Match | None:
    """`match` with what a source says of a register that a person set; None where there is nothing of that."""
    kept = (match.beneath or {}).get(register)
    if kept is None:
        return None
    state = values_of(match) | {register: said_beneath(register, kept)}
    return shown_of(match.source, match.season, match.match_id, state, match.stamps, match.beneath or {})


def kept_sides(match: Match, sides: tuple[Side, Side]) -> tuple[Kept | None, Kept | None]:
    """For each side of a correction the team of `match` that it is, as the match has it; None for any other."""
    home = (match.age_group, Kept(match.home_team, match.home_team_id, match.home_ref))
    away = (match.away_age_group or match.age_group, Kept(match.away_team, match.away_team_id, match.away_ref))

    def found(side: Side, among: tuple[tuple[str, Kept], ...]) -> Kept | None:
        for age_group, kept in among:
            same_name = name_key(side.name) == name_key(kept.name) and side.age_group == age_group
            if same_name and side.source_id in (None, kept.source_id):
                return kept
        return None

    return found(sides[0], (home, away)), found(sides[1], (away, home))


def corrected(match: Match, given: Mapping[str, Any], said: Statement) -> Match:
    """`match` once a person has said the whole of it anew in `said`, of which only what is `given` counts."""
    state, stamps, beneath = values_of(match), dict(match.stamps), dict(match.beneath or {})
    for register in touched(given) & REGISTERS.keys():
        standing, kept = stamps.get(register), beneath.get(register)
        if register == "status" and "result" in said.registers:  # completed or a forfeit, as the result says
            if given["status"] is not None or not is_by_hand(standing):
                continue
            new = said_beneath(register, kept) if kept is not None else _NOTHING[register]
        else:
            new = said.registers.get(register) or _NOTHING[register]
        if _same(register, new, state[register] if register in state else _NOTHING[register]):
            continue
        back = is_by_hand(standing) and any(value is None for name, value in given.items() if _is_of(name, register))
        if back and kept is not None and _same(register, new, said_beneath(register, kept)):
            state[register], stamps[register] = said_beneath(register, kept), kept[0]
            del beneath[register]
        elif back and kept is None and new == _NOTHING.get(register):  # nobody else ever said anything
            del state[register], stamps[register]
        else:
            if standing is not None and not is_by_hand(standing):
                beneath[register] = [standing, *state[register]]
            state[register], stamps[register] = new, max(said.stamps.values())
    return shown_of(match.source, said.season, match.match_id, state, stamps, beneath)


def changes(old: Match, new: Match) -> tuple[Change, ...]:
    """What a reader sees of a correction."""
    return tuple(
        Change(field, before, after)
        for field in ("season", *SHOWN)
        if (before := getattr(old, field)) != (after := getattr(new, field))
    )


def _is_of(field: str, register: str) -> bool:
    return _OF.get(field) == register or (field, register) == ("status", "result")


def _same(register: str, one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    if register == "result":  # whatever the home team was called
        return (one[:5], one[-1]) == (other[:5], other[-1])
    if register == "status":  # nothing said is scheduled
        return (one[0] or "scheduled") == (other[0] or "scheduled")
    return one == other


def with_sides(said: Statement, home: Kept, away: Kept) -> Statement:
    """`said` of these teams."""
    sides = (home.name, away.name, home.source_id, away.source_id, home.ref, away.ref)
    registers = said.registers | {"sides": sides}
    if "result" in registers:
        registers["result"] = (*registers["result"][:-1], home.ref)
    return msgspec.structs.replace(said, registers=registers)
