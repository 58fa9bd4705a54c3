"""What readers are given: the shapes of tables, matches and brackets, the same for the API, a page and the terminal.

A field that the contract has bears the contract's name.
"""

import datetime as dt
from collections import Counter
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from missing_table.ingest.names import name_key

NAMESAKES: Final = "Squads of one club share a name here: the number in brackets tells them apart."


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
    team_ref: int = Field(description="Its id here, for `/api/teams/{id}`.")
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
    form: str = Field(description="Up to five of its last results that count here, the newest last: W, D or L each.")
    movement: int | None = Field(
        description="Places gained since before the last match day; null where there was no other before it, and for a "
        "team that has not played yet."
    )
    official_position: int | None = Field(
        description="Its position in the league's own table; null where there is none, or the team is not in it."
    )


class OrderDifferenceAnswer(Answer):
    """A team that stands elsewhere in the league's own table."""

    team: str
    team_ref: int
    ours: int = Field(description="Its position among the teams that both tables have, in our order.")
    official: int = Field(description="The same in the official order.")


class OfficialOrderAnswer(Answer):
    """Whether our order is that of the league's own table."""

    agrees: bool | None = Field(
        description="Null where it cannot be said: no positions are published, or a result is newer than they are."
    )
    note: str | None = Field(description="Why it cannot be said, where it cannot.")
    since: dt.datetime | None = Field(
        description="UTC. The official table that ours did not agree with first; null once they agree."
    )
    observed_at: dt.datetime = Field(description="UTC. When the source says that its table was current.")
    differences: list[OrderDifferenceAnswer]


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
    official_order: OfficialOrderAnswer | None = Field(
        description="Our order beside the official one; null where no official table is known."
    )
    rows: list[RowAnswer]

    def namesakes(self) -> dict[int, str]:
        """Teams (by `team_ref`) that share a name here, two squads of a club: the number that tells each apart."""
        names = Counter(name_key(row.team) for row in self.rows)
        return {row.team_ref: row.team_id or str(row.team_ref) for row in self.rows if names[name_key(row.team)] > 1}


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
    home_ref: int = Field(description="The home team's id here, for `/api/teams/{id}`.")
    away_ref: int = Field(description="The away team's id here, for `/api/teams/{id}`.")
    score_home: int | None
    score_away: int | None
    penalty_home: int | None
    penalty_away: int | None
    status: str
    notes: str | None
    observed_at: dt.datetime = Field(
        description="UTC. The newest statement of its source; of a person where no source has stated it."
    )
    updated_at: dt.datetime = Field(description="UTC. When something shown changed last.")
    possible_duplicate_of: int | None = Field(
        None, description="The id of the match that it may be over again. It does not count while this is set."
    )
    separate: bool = Field(
        False, description="A person decided that it is a match of its own beside another of the same teams and day."
    )
    by_source: bool = Field(True, description="Whether a source has stated it, and not only a person.")


class MatchList(Answer):
    """A page of matches."""

    items: list[MatchAnswer]
    next: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


class RecordAnswer(Answer):
    """What a team has done in matches that count."""

    played: int
    won: int
    drawn: int
    lost: int
    goals_for: int
    goals_against: int
    goal_difference: int
    points: int


class PositionAnswer(Answer):
    """Where a team stood after one match day."""

    date: dt.date
    position: int
    of: int = Field(description="How many teams the table has.")


class TeamBracketAnswer(BracketAnswer):
    """How a team does in one of its brackets."""

    position: int | None = Field(description="Null where no match of the team there is of the kind that counts.")
    of: int = Field(description="How many teams the table has.")
    movement: int | None = Field(description="As in a table's row.")
    form: str = Field(description="As in a table's row.")
    overall: RecordAnswer
    home: RecordAnswer
    away: RecordAnswer
    positions: list[PositionAnswer] = Field(description="Its position after each match day of the bracket so far.")


class TeamIdAnswer(Answer):
    """A number that a source knows a team by."""

    source: str
    team_id: str


class TeamNameAnswer(Answer):
    """A team by its names alone."""

    team_ref: int = Field(description="Its id here, for `/api/teams/{id}`.")
    team: str
    age_group: str
    provisional: bool = Field(description="Known by a name alone, and not yet confirmed by anybody.")


class TeamAnswer(TeamNameAnswer):
    """A team in one season: where it stands, what it has done, and its matches."""

    ids: list[TeamIdAnswer]
    aliases: list[str] = Field(description="Other names that it goes by.")
    season: str | None = Field(
        description="The season shown; null where the team has no match, nor a place in a table."
    )
    seasons: list[str] = Field(description="Every season with a match of it or an official place, the newest first.")
    brackets: list[TeamBracketAnswer]
    matches: list[MatchAnswer] = Field(description="In order of date and kick-off.")
    same_club: list[TeamNameAnswer] = Field(description="Teams of the same name at other ages, and its other squads.")


class FoundTeamAnswer(TeamNameAnswer):
    """A team that a search found."""

    brackets: list[BracketAnswer] = Field(description="Where it plays in the newest season that it has a match in.")


class ClubAnswer(Answer):
    """The teams of one name."""

    club: str
    teams: list[FoundTeamAnswer] = Field(description="By age group.")


class SearchAnswer(Answer):
    """What a search found, best first."""

    items: list[ClubAnswer]
    next: str | None = None


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
    run_id: str | None = Field(description="The producer's run that sent it; null where it did not say.")
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
