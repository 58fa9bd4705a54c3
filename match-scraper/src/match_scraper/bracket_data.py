"""The second message: what the official table of one bracket is, as the contract has it.

The contract is `schemas/bracket-message-schema.json`. As with `MatchData`, missing-table has a `BracketData` of its
own, and this one is strict: what it refuses is a mistake on our side.
"""

from collections import Counter
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .match_data import Instant, RequiredText, Text, as_whole

Position = Annotated[int, Field(ge=1, le=999), BeforeValidator(as_whole)]


class BracketTeam(BaseModel):
    """One team of an official table."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    team: RequiredText
    team_id: Text | None = None
    """The source's id of the squad."""
    position: Position | None = None
    """None: the source publishes no table here."""


class BracketData(BaseModel):
    """The official table of one bracket, as its source states it: all of its teams, played or not.

    Raises `pydantic.ValidationError` for a field outside the contract, for a field the contract does not have, and
    for a contradiction between fields.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    season: RequiredText
    age_group: RequiredText
    teams: Annotated[list[BracketTeam], Field(min_length=1, max_length=100)]
    observed_at: Instant
    """UTC. When the source says that this order was current; never this machine's clock."""

    league: Text | None = None
    division: Text | None = None
    source: Text | None = None
    """Whose numbers the squad ids are. None: mls-next."""

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        for ids, what in (
            ([each.team_id for each in self.teams if each.team_id is not None], "team_id"),
            ([each.team for each in self.teams if each.team_id is None], "a team without team_id"),
        ):
            for value, count in Counter(ids).items():
                if count > 1:
                    raise ValueError(f"{what} {value!r} stands {count} times in teams")
        return self

    def payload(self) -> dict[str, Any]:
        """The message as it goes over the wire: JSON types, absent fields left out."""
        return self.model_dump(mode="json", exclude_none=True)
