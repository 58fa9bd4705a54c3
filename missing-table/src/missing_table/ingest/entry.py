"""What a person's entry says that is not shown already: only that is pinned. Pure.

A person gives what he knows, the teams and a score perhaps: what he leaves out he does not take away.
"""

from typing import Any

import msgspec

from missing_table.ingest.merge import Match, Statement, values_of


def news(match: Match, entered: Statement) -> Statement:
    """`entered` without what `match` shows already, and completed by what it knows."""
    known = values_of(match)
    registers = {
        register: value
        for register, given in entered.registers.items()
        if (value := _completed(register, given, known.get(register))) != known.get(register)
    }
    stamps = {register: entered.stamps[register] for register in registers}
    return msgspec.structs.replace(entered, registers=registers, stamps=stamps)


def _completed(register: str, given: tuple[Any, ...], known: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if known is None:
        return given
    if register == "sides":
        return _sides(given, known)
    if register == "result":
        return known if _same_result(given, known) else given
    return tuple(old if new is None else new for new, old in zip(given, known, strict=True))


def _sides(given: tuple[Any, ...], known: tuple[Any, ...]) -> tuple[Any, ...]:
    """The sides given; a team that plays in the match already keeps the name and id that the match has for it."""
    *_, known_home, known_away = known
    names_and_ids = {known_home: known[0:4:2], known_away: known[1:4:2]}
    *_, home, away = given
    home_team, home_id = names_and_ids.get(home, given[0:4:2])
    away_team, away_id = names_and_ids.get(away, given[1:4:2])
    return (home_team, away_team, home_id, away_id, home, away)


def _same_result(given: tuple[Any, ...], known: tuple[Any, ...]) -> bool:
    """Whether it is the same score from whichever side; a shootout that is left out is no other one."""
    *given_goals, given_forfeit, _, given_home = given
    *known_goals, known_forfeit, _, known_home = known
    if given_home != known_home:
        away, home, penalty_away, penalty_home = given_goals
        given_goals = [home, away, penalty_home, penalty_away]
    goals = [old if new is None else new for new, old in zip(given_goals, known_goals, strict=True)]
    return goals == known_goals and given_forfeit == known_forfeit
