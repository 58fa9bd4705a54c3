"""The tables. What must be unique or must exist is said here, to the database, and not only in code.

Names: a column that the contract has keeps the contract's name. `…_ref` points at a row of this database;
`…_id` is a number that the source gave.
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from missing_table.ingest.stamps import instant_text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC: timestamptz on PostgreSQL, text of fixed width on SQLite, so that text order is time order."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        value = value.astimezone(dt.UTC)
        return instant_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if isinstance(value, str):
            return dt.datetime.fromisoformat(value)
        return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else None


teams = Table(
    "teams",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_key", String(400), nullable=False, comment="the name without case, accents and extra space"),
    Column("age_group", String(200), nullable=False),
    Column(
        "provisional",
        Boolean(create_constraint=False),
        nullable=False,
        comment="known by a name alone, not yet confirmed",
    ),
    Column("known_by_id", Boolean(create_constraint=False), nullable=False, comment="has at least one row in team_ids"),
    Column("created_at", Instant, nullable=False),
)
Index(
    "uq_teams_name_without_id",
    teams.c.name_key,
    teams.c.age_group,
    unique=True,
    sqlite_where=teams.c.known_by_id == false(),
    postgresql_where=teams.c.known_by_id == false(),
)
Index("ix_teams_name_key", teams.c.name_key)

team_ids = Table(
    "team_ids",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("source_id", String(200), primary_key=True),
    Column("team_ref", RowId, ForeignKey("teams.id"), nullable=False, index=True),
)

team_aliases = Table(
    "team_aliases",
    metadata,
    Column("name_key", String(400), primary_key=True),
    Column("age_group", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("team_ref", RowId, ForeignKey("teams.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
)

team_merges = Table(
    "team_merges",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("gone_ref", RowId, nullable=False, comment="the team that became an alias; its row is gone from teams"),
    Column("kept_ref", RowId, nullable=False, comment="the team that it is"),
    Column("name", String(200), nullable=False),
    Column("age_group", String(200), nullable=False),
    Column("before", Json, nullable=False, comment="what is needed to undo it"),
    Column("at", Instant, nullable=False),
    Column("by", String(200), nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(200)),
)
Index(
    "uq_team_merges_gone",
    team_merges.c.gone_ref,
    unique=True,
    sqlite_where=team_merges.c.undone_at.is_(None),
    postgresql_where=team_merges.c.undone_at.is_(None),
)

team_directory = Table(
    "team_directory",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", RowId, nullable=False, comment="moves on whenever teams, ids or aliases change"),
    CheckConstraint("id = 1", name="one_row"),
)

matches = Table(
    "matches",
    metadata,
    Column("id", RowId, primary_key=True),
    # identity
    Column("source", String(200), nullable=False),
    Column("season", String(200), nullable=False),
    Column("match_id", String(200)),
    # the contract's fields, as they are shown
    Column("league", String(200), nullable=False),
    Column("age_group", String(200), nullable=False),
    Column("division", String(200)),
    Column("match_type", String(200), nullable=False),
    Column("away_age_group", String(200)),
    Column("away_division", String(200)),
    Column("date", Date, nullable=False),
    Column("match_time", String(5)),
    Column("timezone", String(200)),
    Column("location", String(200)),
    Column("home_team", String(200), nullable=False),
    Column("away_team", String(200), nullable=False),
    Column("home_team_id", String(200)),
    Column("away_team_id", String(200)),
    Column("score_home", SmallInteger),
    Column("score_away", SmallInteger),
    Column("penalty_home", SmallInteger),
    Column("penalty_away", SmallInteger),
    Column("status", String(20), nullable=False),
    Column("notes", Text),
    Column("observed_at", Instant, nullable=False, comment="its source's newest statement; else a person's"),
    Column(
        "by_source",
        Boolean(create_constraint=False),
        nullable=False,
        server_default=true(),
        comment="a source has stated it, and not only a person",
    ),
    # teams
    Column("home_ref", RowId, ForeignKey("teams.id"), nullable=False),
    Column("away_ref", RowId, ForeignKey("teams.id"), nullable=False),
    Column("pair_low", RowId, nullable=False, comment="the smaller of home_ref and away_ref"),
    Column("pair_high", RowId, nullable=False, index=True),
    # what the merge needs beyond what is shown
    Column("stated_status", String(20), comment="the last stated of scheduled, tbd, postponed, cancelled"),
    Column("result_home", String(700), comment="the team that the result was stated with as home"),
    Column("result_home_ref", RowId, ForeignKey("teams.id")),
    Column("stamps", Json, nullable=False, comment="per register, when what stands was stated"),
    Column("beneath", Json, comment="per register set by hand, what the source says"),
    # what a person decided about it, beyond what was entered
    Column(
        "separate",
        Boolean(create_constraint=False),
        nullable=False,
        server_default=false(),
        comment="it counts beside another of the same teams and day",
    ),
    Column("settled", Json, comment="per register, what the source says and was decided against"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False, comment="when something shown changed last"),
    CheckConstraint("home_ref <> away_ref", name="two_teams"),
    CheckConstraint("(score_home IS NULL) = (score_away IS NULL)", name="score_has_both_sides"),
    CheckConstraint("(penalty_home IS NULL) = (penalty_away IS NULL)", name="shootout_has_both_sides"),
    CheckConstraint(
        "status IN ('scheduled', 'tbd', 'completed', 'postponed', 'cancelled', 'forfeit')", name="status_is_known"
    ),
    CheckConstraint("(status IN ('completed', 'forfeit')) = (score_home IS NOT NULL)", name="result_has_a_score"),
)
Index(
    "uq_matches_source_id",
    matches.c.season,
    matches.c.match_id,
    matches.c.source,
    unique=True,
    sqlite_where=matches.c.match_id.is_not(None),
    postgresql_where=matches.c.match_id.is_not(None),
)
Index(
    "uq_matches_without_id",
    matches.c.pair_low,
    matches.c.pair_high,
    matches.c.date,
    matches.c.season,
    matches.c.league,
    matches.c.age_group,
    unique=True,
    sqlite_where=matches.c.match_id.is_(None),
    postgresql_where=matches.c.match_id.is_(None),
)
Index("ix_matches_pair", matches.c.pair_low, matches.c.pair_high, matches.c.date)
Index("ix_matches_bracket", matches.c.season, matches.c.league, matches.c.age_group, matches.c.division)
_away_filed_elsewhere = matches.c.away_age_group.is_not(None) | matches.c.away_division.is_not(None)
Index(
    "ix_matches_away_bracket",
    matches.c.season,
    matches.c.league,
    func.coalesce(matches.c.away_age_group, matches.c.age_group),
    func.coalesce(matches.c.away_division, matches.c.division),
    sqlite_where=_away_filed_elsewhere,
    postgresql_where=_away_filed_elsewhere,
)

Index("ix_matches_date", matches.c.date, matches.c.id)
Index("ix_matches_updated_at", matches.c.updated_at, matches.c.id)
_rare_status = text("status NOT IN ('scheduled', 'completed')")
Index(
    "ix_matches_status",
    matches.c.status,
    matches.c.id,
    sqlite_where=_rare_status,
    postgresql_where=_rare_status,
)
Index(
    "ix_matches_beneath",
    matches.c.id,
    sqlite_where=text("beneath IS NOT NULL AND beneath <> 'null'"),
    postgresql_where=text("beneath IS NOT NULL"),
)

match_numbers = Table(
    "match_numbers",
    metadata,
    Column("season", String(200), primary_key=True),
    Column("source", String(200), primary_key=True),
    Column("match_id", String(200), primary_key=True),
    Column("match_ref", RowId, ForeignKey("matches.id"), nullable=False, index=True),
    comment="further numbers of a match, besides the one in its row",
)

folded_matches = Table(
    "folded_matches",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False, comment="the id of a match whose row is gone"),
    Column("match_ref", RowId, ForeignKey("matches.id"), nullable=False, index=True, comment="where it is now"),
    Column("at", Instant, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("match_ref", RowId, ForeignKey("matches.id"), nullable=False, index=True),
    Column("field", String(40), nullable=False),
    Column("old", Json, comment="JSON; null where there was nothing"),
    Column("new", Json),
    Column("at", Instant, nullable=False, index=True, comment="when it was stored"),
    Column("observed_at", Instant, nullable=False, comment="when the source says it was current"),
    Column("source", String(200), nullable=False),
    Column("task_id", String(200)),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("task_id", String(200), primary_key=True),
    Column("outcome", String(20), nullable=False),
    Column("match_ref", RowId, ForeignKey("matches.id"), index=True),
    Column("quarantine_ref", RowId, ForeignKey("quarantine.id")),
    Column("at", Instant, nullable=False, index=True),
    Column("run_id", String(200)),
    CheckConstraint("outcome IN ('created', 'updated', 'unchanged', 'stale', 'quarantined')", name="outcome_is_known"),
)

Index(
    "ix_outcomes_quarantine_ref",
    outcomes.c.quarantine_ref,
    sqlite_where=outcomes.c.quarantine_ref.is_not(None),
    postgresql_where=outcomes.c.quarantine_ref.is_not(None),
)
Index(
    "ix_outcomes_run_id",
    outcomes.c.run_id,
    outcomes.c.at,
    sqlite_where=outcomes.c.run_id.is_not(None),
    postgresql_where=outcomes.c.run_id.is_not(None),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True, comment="of what was received, so that repeats fold"),
    Column("task_id", String(200)),
    Column("task", String(200)),
    Column("payload", LargeBinary, nullable=False, comment="the body as it came, byte for byte"),
    Column("content_type", String(200)),
    Column("content_encoding", String(200)),
    Column("headers", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("errors", Json, nullable=False, comment='a list of {"field", "problem"}'),
    Column("state", String(20), nullable=False),
    Column("seen", Integer, nullable=False, comment="how often it arrived"),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False, index=True),
    CheckConstraint("state IN ('open', 'retried', 'discarded')", name="state_is_known"),
)

official_tables = Table(
    "official_tables",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("season", String(200), nullable=False),
    Column("league", String(200), nullable=False),
    Column("age_group", String(200), nullable=False),
    Column("division", String(200)),
    Column("source", String(200), nullable=False),
    Column("observed_at", Instant, nullable=False, comment="the newest statement about this bracket"),
    Column(
        "agrees", Boolean(create_constraint=False), comment="whether our order was the official one when last compared"
    ),
    Column("differs_since", Instant, comment="the first official table that ours did not agree with"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False, comment="when teams or positions changed last"),
    CheckConstraint("differs_since IS NULL OR agrees IS NOT NULL", name="differs_since_is_compared"),
)
Index(
    "uq_official_tables_bracket",
    official_tables.c.season,
    official_tables.c.league,
    official_tables.c.age_group,
    official_tables.c.division,
    unique=True,
    sqlite_where=official_tables.c.division.is_not(None),
    postgresql_where=official_tables.c.division.is_not(None),
)
Index(
    "uq_official_tables_undivided",
    official_tables.c.season,
    official_tables.c.league,
    official_tables.c.age_group,
    unique=True,
    sqlite_where=official_tables.c.division.is_(None),
    postgresql_where=official_tables.c.division.is_(None),
)

official_places = Table(
    "official_places",
    metadata,
    Column("table_ref", RowId, ForeignKey("official_tables.id"), primary_key=True, autoincrement=False),
    Column("team_ref", RowId, ForeignKey("teams.id"), primary_key=True, autoincrement=False, index=True),
    Column("team", String(200), nullable=False),
    Column("team_id", String(200)),
    Column("position", SmallInteger),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(200), nullable=False),
    Column(
        "digest", String(64), nullable=False, unique=True, comment="SHA-256 of the token; the token itself is not kept"
    ),
    Column("scope", String(20), nullable=False, comment="what it may do: submit, or admin, which is everything"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, comment="null: never"),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    CheckConstraint("scope IN ('submit', 'admin')", name="scope_is_known"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256 of what the cookie holds"),
    Column("token_ref", RowId, ForeignKey("tokens.id"), nullable=False, comment="who signed in, and for how long"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

sent_forms = Table(
    "sent_forms",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of a form's own token: it is taken once"),
    Column("session_ref", RowId, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
)
