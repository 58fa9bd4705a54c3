"""A season's two documents, from bytes to validated messages, with `json` and pydantic; seconds and memory as JSON.

`python -m plain.feed FOLDER KEY LEAGUE`
"""

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from bench.memory import forget_peak, peak


class Named(BaseModel):
    name: str


class Event(BaseModel):
    """One match, as the feed has it."""

    game_key: str
    start_time: dt.datetime
    local_timezone: str
    home_squad_id: int
    away_squad_id: int
    home_organisation: Named
    away_organisation: Named
    home_score: int | None
    away_score: int | None
    home_penalty_shootout_score: int | None
    away_penalty_shootout_score: int | None
    event_location: Named
    competition: Named


class Message(BaseModel):
    """One match, as it is sent."""

    home_team: str = Field(min_length=1, max_length=200)
    away_team: str = Field(min_length=1, max_length=200)
    date: dt.date
    season: str
    age_group: str
    match_type: str
    division: str
    league: str
    status: str
    score_home: int | None = Field(None, ge=0, le=99)
    score_away: int | None = Field(None, ge=0, le=99)
    match_id: str
    location: str = Field(max_length=200)
    match_time: str
    timezone: str
    home_team_id: str
    away_team_id: str
    source: str = "mls-next"
    observed_at: dt.datetime


def messages(schedule: bytes, standings: bytes, league: str) -> list[Message]:
    """The messages of a season: each match in the bracket of its home side."""
    brackets: dict[int, tuple[str, str]] = {}
    for bracket in json.loads(standings)["competition_season"]["competition_brackets"]:
        for standing in bracket["standings"]:
            brackets[standing["team"]["squad_id"]] = (bracket["age_group"]["name"], bracket["name"])
    document: dict[str, Any] = json.loads(schedule)
    synced_at = dt.datetime.fromisoformat(document["synced_at"])
    return [_message(Event.model_validate(event), brackets, league, synced_at) for event in document["events"]]


def _message(event: Event, brackets: dict[int, tuple[str, str]], league: str, synced_at: dt.datetime) -> Message:
    age_group, division = brackets[event.home_squad_id]
    local = event.start_time.astimezone(ZoneInfo(event.local_timezone))
    return Message(
        home_team=event.home_organisation.name,
        away_team=event.away_organisation.name,
        date=local.date(),
        season="2026-27",
        age_group=age_group,
        match_type="League",
        division=division,
        league=league,
        status="completed" if event.home_score is not None else "scheduled",
        score_home=event.home_score,
        score_away=event.away_score,
        match_id=event.game_key,
        location=event.event_location.name,
        match_time=f"{local:%H:%M}",
        timezone=event.local_timezone,
        home_team_id=str(event.home_squad_id),
        away_team_id=str(event.away_squad_id),
        observed_at=synced_at,
    )


def main(folder: str, key: str, league: str) -> None:
    schedule, standings = ((Path(folder) / kind / f"{key}.json").read_bytes() for kind in ("schedule", "standings"))
    forget_peak()
    before = peak()
    began = time.perf_counter()
    found = messages(schedule, standings, league)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "messages": len(found), "megabytes": peak() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
