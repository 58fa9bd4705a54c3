"""The message: one statement about one match, as the contract has it.

The contract is `docs/08-integrations/match-message-schema.json`. match-scraper has a `MatchData` of its own; the
two are duplicated on purpose, so that neither project waits for the other, and the contract tests of both keep
them from drifting. This one is tolerant: an unknown field is a newer producer's, and is passed over. The rules
between fields are not here but in `ingest.statement`, which decides what a contradiction means for storage.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

CONTRACT = "1.1"
"""The version of the contract that this is."""
NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f]*$"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = (
    "^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    "([.][0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_INSTANT = re.compile(INSTANT)
_EDGE_WITH_ZONE = re.compile("(1900-01-01|2999-12-31)T.*[+-]")
"""On the first and the last day the zone must be Z: converted to UTC, another could leave the years allowed."""
_NO_INSTANT = "must be a time with its zone, such as 2026-10-05T04:40:03Z"
_OUT_OF_YEARS = "must lie in the years 1900 to 2999, in UTC too"


def _to_date(value: Any) -> Any:
    if isinstance(value, str):
        if not _DATE.fullmatch(value):
            raise ValueError("must be a date, YYYY-MM-DD")
        return dt.date.fromisoformat(value)
    return value


def _to_utc(value: Any) -> Any:
    if isinstance(value, str):
        if not _INSTANT.fullmatch(value):
            raise ValueError(_NO_INSTANT)
        if _EDGE_WITH_ZONE.match(value):
            raise ValueError(_OUT_OF_YEARS)
        value = dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError(_NO_INSTANT)
        try:
            value = value.astimezone(dt.UTC)
        except OverflowError:
            raise ValueError(_OUT_OF_YEARS) from None
        if not 1900 <= value.year <= 2999:
            raise ValueError(_OUT_OF_YEARS)
    return value


def to_whole(value: Any) -> Any:
    """JSON has one kind of number: 2.0 is the integer 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _instant_text(value: dt.datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


RequiredText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_CONTROL_CHARACTERS)]
Text = Annotated[str, StringConstraints(max_length=200, pattern=NO_CONTROL_CHARACTERS)]
LongText = Annotated[str, StringConstraints(max_length=2000, pattern=NO_CONTROL_CHARACTERS)]
Goals = Annotated[int, Field(ge=0, le=99), BeforeValidator(to_whole)]
Day = Annotated[dt.date, BeforeValidator(_to_date)]
Clock = Annotated[str, StringConstraints(max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Instant = Annotated[
    dt.datetime,
    BeforeValidator(_to_utc),
    PlainSerializer(_instant_text, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT, "maxLength": 32}),
]
Status = Literal["scheduled", "tbd", "completed", "postponed", "cancelled", "forfeit"]


class MatchData(BaseModel):
    """One match, as its source states it. Every optional field that is None is absent.

    Raises `pydantic.ValidationError` for a field outside the contract.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "home_team": "Chicago Fire Juniors",
                    "away_team": "Indiana Fire Academy",
                    "date": "2025-10-13",
                    "season": "2024-25",
                    "age_group": "U14",
                    "match_type": "League",
                    "division": "Northeast",
                    "score_home": 2,
                    "score_away": 1,
                    "status": "completed",
                }
            ]
        },
    )

    home_team: RequiredText
    away_team: RequiredText
    date: Day
    """The day of the match at the venue."""
    season: RequiredText
    age_group: RequiredText
    match_type: RequiredText

    division: Text | None = None
    score_home: Goals | None = None
    score_away: Goals | None = None
    status: Status | None = None
    match_id: Text | None = None
    """The source's own number of the match, unique within source and season."""
    location: Text | None = None
    notes: LongText | None = None
    match_time: Clock | None = None
    """Kick-off at the venue, HH:MM. None: not set yet."""
    timezone: Text | None = None
    """The venue's zone, by its IANA name."""
    league: Text | None = None
    """None: the setting DEFAULT_LEAGUE."""
    penalty_home: Goals | None = None
    penalty_away: Goals | None = None
    home_team_id: Text | None = None
    """The source's id of the home squad."""
    away_team_id: Text | None = None
    away_age_group: Text | None = None
    """Where it is not the match's own."""
    away_division: Text | None = None
    """Where it is not the match's own."""
    source: Text | None = None
    """Whose numbers `match_id` and the squad ids are. None: mls-next."""
    observed_at: Instant | None = None
    """UTC. When the source says that this was current."""
