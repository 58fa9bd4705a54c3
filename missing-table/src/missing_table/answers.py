"""What readers are given: the shapes of tables, matches and brackets, the same for the API, a page and the terminal.

A field that the contract has bears the contract's name.
"""

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """The base of all: frozen, and exactly what is written here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BracketAnswer(Answer):
    """Season × league × age group × division: the teams that one table orders."""

    season: str
    league: str
    age_group: str
    division: str | None
    rules: str = Field(description="What orders its table: mls-next, mls-next-flex or classic.")
    official: bool = Field(description="Whether the league publishes a table of its own by these rules.")


class BracketList(Answer):
    """Every bracket that a match is filed in."""

    items: list[BracketAnswer]
    next: str | None = None


class RowAnswer(Answer):
    """One team's line in a table."""

    position: int = Field(description="Teams that no rule separates share it, and stand by name.")
    team: str
    team_id: str | None = Field(description="The source's id of the squad, where there is one.")
    played: int
    won: int
    drawn: int = Field(description="Level scores; in Flex a shootout follows them.")
    lost: int
    shootouts_won: int = Field(description="Of the drawn ones, in Flex.")
    shootouts_lost: int = Field(description="Of the drawn ones, in Flex.")
    goals_for: int
    goals_against: int
    goal_difference: int
    points: int
    points_per_match: float


class TableAnswer(Answer):
    """The table of one bracket."""

    season: str
    league: str
    age_group: str
    division: str | None
    rules: str = Field(description="What orders it: mls-next, mls-next-flex or classic.")
    order_by: list[str] = Field(description="The rules in words, the first that separates two teams decides.")
    official: bool = Field(description="Whether the league publishes a table of its own by these rules.")
    note: str | None = Field(description="Why it is not official, where it is not.")
    observed_at: dt.datetime | None = Field(description="UTC. The newest statement of a source about its matches.")
    updated_at: dt.datetime | None = Field(description="UTC. When something shown of its matches changed last.")
    rows: list[RowAnswer]


class MatchAnswer(Answer):
    """A match as it stands."""

    id: int
    source: str
    season: str
    match_id: str | None
    league: str
    age_group: str
    division: str | None
    match_type: str
    away_age_group: str | None
    away_division: str | None
    date: dt.date = Field(description="The day at the venue.")
    match_time: str | None = Field(description="Kick-off at the venue, HH:MM; null where it is not set.")
    timezone: str | None
    location: str | None
    home_team: str
    away_team: str
    home_team_id: str | None
    away_team_id: str | None
    score_home: int | None
    score_away: int | None
    penalty_home: int | None
    penalty_away: int | None
    status: str
    notes: str | None
    observed_at: dt.datetime = Field(description="UTC. The newest statement about it.")
    updated_at: dt.datetime = Field(description="UTC. When something shown changed last.")
    possible_duplicate_of: int | None = Field(
        None, description="The id of the match that it may be over again. It does not count while this is set."
    )


class MatchList(Answer):
    """A page of matches."""

    items: list[MatchAnswer]
    next: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


class HistoryAnswer(Answer):
    """One change of one field."""

    field: str
    old: Any
    new: Any
    at: dt.datetime = Field(description="UTC. When it was stored.")
    source: str = Field(description="Who said so: a source, or by hand.")
    task_id: str | None


class DisputeAnswer(Answer):
    """Where a source says otherwise than a person, whose word stands."""

    field: str
    ours: Any
    theirs: Any


class MatchStoryAnswer(MatchAnswer):
    """A match with all that happened to it."""

    history: list[HistoryAnswer] = Field(description="Oldest first.")
    pinned: list[str] = Field(description="What a person stated, which no source changes.")
    disputes: list[DisputeAnswer]


class TaskAnswer(Answer):
    """What became of one message."""

    task_id: str
    outcome: str = Field(description="created, updated, unchanged, stale or quarantined.")
    match: int | None = Field(description="The match's id; null where the message was quarantined.")
    quarantine: int | None
    reason: str | None = Field(description="Why it was quarantined.")
    at: dt.datetime = Field(description="UTC.")


class SubmittedAnswer(Answer):
    """The matches were taken; each is stored under its task id."""

    task_ids: list[str] = Field(description="One for each match, in order.")


class ChangeAnswer(Answer):
    """One field that an entry changed."""

    field: str
    old: Any
    new: Any


class EnteredAnswer(Answer):
    """What a direct entry came to."""

    outcome: str
    id: int
    changes: list[ChangeAnswer]
