"""What a person's entry says that is not shown already: only that is pinned. And what a person cannot mean. Pure.

A person gives what he knows, the teams and a score perhaps: what he leaves out he does not take away.
"""

from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import available_timezones

import msgspec

from missing_table.ingest.merge import Match, Statement, values_of
from missing_table.ingest.statement import Contradiction, bare, is_season, season_label
from missing_table.match_data import MatchData

OPEN: Final = frozenset({"scheduled", "tbd", "postponed", "cancelled"})
"""A match that has one of these has no score."""
_FORFEITS: Final = ((3, 0), (0, 3))


def mistakes(message: MatchData) -> Iterator[tuple[str, Contradiction]]:
    """What the contract lets a source say and a person does not mean, each with the register that it is about."""
    if not is_season(season_label(message.season.strip())):
        yield "season", Contradiction("season", f"is {message.season!r}: a season is written as 2026-27")
    zone = bare(message.timezone)
    if zone is not None and zone not in available_timezones():
        yield "schedule", Contradiction("timezone", f"is {zone!r}: a zone is written as America/New_York")
    score = (message.score_home, message.score_away)
    if message.status == "forfeit" and (score not in _FORFEITS or message.penalty_home is not None):
        problem = "must be 3 for one side and 0 for the side that forfeited, without a shootout"
        yield "result", Contradiction("score_home", problem)
    if message.status == "completed" and score == (None, None):
        yield "status", Contradiction("status", "is completed, and there are no goals: it is tbd until there are")
    if message.status in OPEN and score != (None, None):
        problem = f"is {message.status}, and there are goals: clear those, or choose completed or forfeit"
        yield "status", Contradiction("status", problem)
    if message.penalty_home is not None and score[0] != score[1]:
        yield "result", Contradiction("penalty_home", f"is a shootout, and {score[0]}–{score[1]} needs none")


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
