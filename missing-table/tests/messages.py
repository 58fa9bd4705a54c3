"""Messages for tests: a plain match, and what a broker would deliver of it."""

import datetime as dt
import itertools
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from missing_table.ingest.envelope import BRACKET_TASK, TASK, Delivery
from missing_table.ingest.merge import Statement
from missing_table.ingest.statement import state
from missing_table.match_data import MatchData

NOW = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)
"""When the tests' messages arrive."""
PLAIN: Mapping[str, Any] = {
    "home_team": "FC Westchester",
    "away_team": "TSF Academy",
    "home_team_id": "5656",
    "away_team_id": "6103",
    "date": "2026-09-05",
    "match_time": "12:00",
    "timezone": "America/New_York",
    "location": "SUNY Purchase",
    "season": "2026-27",
    "age_group": "U14",
    "match_type": "League",
    "league": "Homegrown",
    "division": "Northeast",
    "match_id": "26090",
    "observed_at": "2026-10-05T04:40:03Z",
}
"""A match of a source that says all that it can, not played yet."""
BARE: Mapping[str, Any] = {
    "home_team": "Chicago Fire Juniors",
    "away_team": "Indiana Fire Academy",
    "date": "2025-10-13",
    "season": "2024-25",
    "age_group": "U14",
    "match_type": "League",
}
"""What a plain producer must say, and no more."""
NORTHEAST: Mapping[str, Any] = {
    "season": "2026-27",
    "league": "Homegrown",
    "age_group": "U15",
    "division": "Northeast",
    "teams": [
        {"team": "Beachside of Connecticut", "team_id": "6186", "position": 1},
        {"team": "FC Westchester", "team_id": "5657", "position": 2},
        {"team": "Valeo Futbol Club", "team_id": "5937", "position": 3},
    ],
    "observed_at": "2026-10-05T04:40:03Z",
}
"""An official table."""
_task_numbers = itertools.count(1)


def match(**fields: Any) -> dict[str, Any]:
    """`PLAIN` with `fields`; a field given as None is left out."""
    return {name: value for name, value in {**PLAIN, **fields}.items() if value is not None}


def bare(**fields: Any) -> dict[str, Any]:
    """`BARE` with `fields`."""
    return {**BARE, **fields}


def bracket(*order: str, **fields: Any) -> dict[str, Any]:
    """`NORTHEAST` with `fields`, and with its teams by their ids in this `order`, where one is given."""
    teams = {team["team_id"]: team for team in NORTHEAST["teams"]}
    ordered = [{**teams[squad], "position": place} for place, squad in enumerate(order, 1)]
    return {**NORTHEAST, **({"teams": ordered} if order else {}), **fields}


def observed(minutes: int) -> str:
    """So many minutes after midnight of the day on which the tests' messages arrive."""
    moment = NOW.replace(hour=0) + dt.timedelta(minutes=minutes)
    return moment.isoformat().replace("+00:00", "Z")


def body(payload: Any) -> bytes:
    """The body of a Celery message of protocol 2 with one argument."""
    return json.dumps([[payload], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]).encode()


def delivery(payload: Any = None, **changed: Any) -> Delivery:
    """What a broker delivers of `payload` (None: a plain match); `changed` are fields of `Delivery`.

    Each has a task id of its own, but for `task_id`. What has teams is a bracket's.
    """
    task = BRACKET_TASK if isinstance(payload, dict) and "teams" in payload else TASK
    task_id = changed.pop("task_id", f"task-{next(_task_numbers)}")
    made: dict[str, Any] = {
        "body": body(match() if payload is None else payload),
        "headers": {"task": task, "id": task_id, "lang": "py", "eta": None, "expires": None},
        "correlation_id": task_id,
    }
    return Delivery(**{**made, **changed})


def message(**fields: Any) -> MatchData:
    """`match(**fields)`, read."""
    return MatchData.model_validate(match(**fields))


def statement(
    fields: Mapping[str, Any] | None = None, *, home: int = 1, away: int = 2, by_hand: bool = False, **more: Any
) -> Statement:
    """What a plain match with these fields states, its teams looked up as `home` and `away`."""
    stated = state(message(**(fields or {}), **more), arrived=NOW, now=NOW, default_league="Homegrown", by_hand=by_hand)
    registers = dict(stated.registers)
    registers["sides"] = (*registers["sides"][:-2], home, away)
    if "result" in registers:
        registers["result"] = (*registers["result"][:-1], home)
    return msgspec.structs.replace(stated, registers=registers)
