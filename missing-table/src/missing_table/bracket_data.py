"""The second message: what the official table of one bracket is, as the contract has it.

The contract is `docs/08-integrations/bracket-message-schema.json`. As with `MatchData`, match-scraper has a
`BracketData` of its own; this one is tolerant, and the rules between fields are in `ingest.official`.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from missing_table.match_data import Instant, RequiredText, Text, to_whole

CONTRACT = "1.0"
"""The version of the contract that this is."""
Position = Annotated[int, Field(ge=1, le=999), BeforeValidator(to_whole)]


class BracketTeam(BaseModel):
    """One team of an official table."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    team: RequiredText
    team_id: Text | None = None
    """The source's id of the squad."""
    position: Position | None = None
    """None: the source publishes no table here."""


class BracketData(BaseModel):
    """The official table of one bracket, as its source states it: all of its teams, played or not.

    Raises `pydantic.ValidationError` for a field outside the contract.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "season": "2026-27",
                    "league": "Homegrown",
                    "age_group": "U15",
                    "division": "Northeast",
                    "teams": [
                        {"team": "Beachside of Connecticut", "team_id": "6186", "position": 1},
                        {"team": "FC Westchester", "team_id": "5657", "position": 2},
                    ],
                    "observed_at": "2026-10-05T04:40:03Z",
                }
            ]
        },
    )

    season: RequiredText
    age_group: RequiredText
    teams: Annotated[list[BracketTeam], Field(min_length=1, max_length=100)]
    observed_at: Instant
    """UTC. When the source says that this order was current."""

    league: Text | None = None
    """None: the setting DEFAULT_LEAGUE."""
    division: Text | None = None
    source: Text | None = None
    """Whose numbers the squad ids are. None: mls-next."""
