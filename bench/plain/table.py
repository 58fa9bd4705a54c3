"""The table of the plain ways, and the one statement that stores a match in it: an upsert, and nothing else."""

from typing import Any, Final

COLUMNS: Final = (
    "season",
    "match_id",
    "league",
    "age_group",
    "division",
    "match_type",
    "date",
    "match_time",
    "timezone",
    "location",
    "home_team",
    "away_team",
    "home_team_id",
    "away_team_id",
    "score_home",
    "score_away",
    "status",
    "observed_at",
)
SCHEMA: Final = f"""
CREATE TABLE matches (
    id bigserial PRIMARY KEY,
    {", ".join(f"{name} text" for name in COLUMNS if not name.startswith(("score", "date", "observed")))},
    date date, score_home smallint, score_away smallint, observed_at timestamptz,
    updated_at timestamptz NOT NULL,
    UNIQUE (season, match_id)
);
CREATE INDEX ON matches (season, league, age_group, division);
"""
UPSERT: Final = f"""
INSERT INTO matches ({", ".join(COLUMNS)}, updated_at)
VALUES ({", ".join(f"%({name})s" for name in COLUMNS)}, clock_timestamp())
ON CONFLICT (season, match_id) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[2:])}, updated_at = EXCLUDED.updated_at
"""
STORED_SINCE: Final = "SELECT count(*) FROM matches WHERE updated_at >= to_timestamp(%s)"


def row(match: dict[str, Any]) -> dict[str, Any]:
    """The values of `UPSERT`; what a message leaves out is null."""
    return {name: match.get(name) for name in COLUMNS}
