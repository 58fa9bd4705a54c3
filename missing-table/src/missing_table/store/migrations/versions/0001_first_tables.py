"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from missing_table.store.tables import Instant

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of what was received, so that repeats fold"),
        sa.Column("task_id", sa.String(length=200), nullable=True),
        sa.Column("task", sa.String(length=200), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="the body as it came, byte for byte"),
        sa.Column("content_type", sa.String(length=200), nullable=True),
        sa.Column("content_encoding", sa.String(length=200), nullable=True),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("errors", JSON, nullable=False, comment='a list of {"field", "problem"}'),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False, comment="how often it arrived"),
        sa.Column("first_seen", Instant(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'retried', 'discarded')", name=op.f("ck_quarantine_state_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("digest", name=op.f("uq_quarantine_digest")),
    )
    op.create_index(op.f("ix_quarantine_last_seen"), "quarantine", ["last_seen"], unique=False)
    op.create_table(
        "team_directory",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", ROW_ID, nullable=False, comment="moves on whenever teams, ids or aliases change"),
        sa.CheckConstraint("id = 1", name=op.f("ck_team_directory_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_directory")),
    )
    op.create_table(
        "teams",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "name_key", sa.String(length=400), nullable=False, comment="the name without case, accents and extra space"
        ),
        sa.Column("age_group", sa.String(length=200), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False, comment="known by a name alone, not yet confirmed"),
        sa.Column("known_by_id", sa.Boolean(), nullable=False, comment="has at least one row in team_ids"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_index("ix_teams_name_key", "teams", ["name_key"], unique=False)
    op.create_index(
        "uq_teams_name_without_id",
        "teams",
        ["name_key", "age_group"],
        unique=True,
        sqlite_where=sa.text("known_by_id = 0"),
        postgresql_where=sa.text("known_by_id = false"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of the token; the token itself is not kept"
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_table(
        "matches",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("season", sa.String(length=200), nullable=False),
        sa.Column("match_id", sa.String(length=200), nullable=True),
        sa.Column("league", sa.String(length=200), nullable=False),
        sa.Column("age_group", sa.String(length=200), nullable=False),
        sa.Column("division", sa.String(length=200), nullable=True),
        sa.Column("match_type", sa.String(length=200), nullable=False),
        sa.Column("away_age_group", sa.String(length=200), nullable=True),
        sa.Column("away_division", sa.String(length=200), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("match_time", sa.String(length=5), nullable=True),
        sa.Column("timezone", sa.String(length=200), nullable=True),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("home_team", sa.String(length=200), nullable=False),
        sa.Column("away_team", sa.String(length=200), nullable=False),
        sa.Column("home_team_id", sa.String(length=200), nullable=True),
        sa.Column("away_team_id", sa.String(length=200), nullable=True),
        sa.Column("score_home", sa.SmallInteger(), nullable=True),
        sa.Column("score_away", sa.SmallInteger(), nullable=True),
        sa.Column("penalty_home", sa.SmallInteger(), nullable=True),
        sa.Column("penalty_away", sa.SmallInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("observed_at", Instant(), nullable=False, comment="the newest statement about this match"),
        sa.Column("home_ref", ROW_ID, nullable=False),
        sa.Column("away_ref", ROW_ID, nullable=False),
        sa.Column("pair_low", ROW_ID, nullable=False, comment="the smaller of home_ref and away_ref"),
        sa.Column("pair_high", ROW_ID, nullable=False),
        sa.Column(
            "stated_status",
            sa.String(length=20),
            nullable=True,
            comment="the last stated of scheduled, tbd, postponed, cancelled",
        ),
        sa.Column(
            "result_home",
            sa.String(length=700),
            nullable=True,
            comment="the team that the result was stated with as home",
        ),
        sa.Column("result_home_ref", ROW_ID, nullable=True),
        sa.Column("stamps", JSON, nullable=False, comment="per register, when what stands was stated"),
        sa.Column("beneath", JSON, nullable=True, comment="per register set by hand, what the source says"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False, comment="when something shown changed last"),
        sa.CheckConstraint(
            "(status IN ('completed', 'forfeit')) = (score_home IS NOT NULL)",
            name=op.f("ck_matches_result_has_a_score"),
        ),
        sa.CheckConstraint(
            "status IN ('scheduled', 'tbd', 'completed', 'postponed', 'cancelled', 'forfeit')",
            name=op.f("ck_matches_status_is_known"),
        ),
        sa.CheckConstraint(
            "(penalty_home IS NULL) = (penalty_away IS NULL)", name=op.f("ck_matches_shootout_has_both_sides")
        ),
        sa.CheckConstraint("(score_home IS NULL) = (score_away IS NULL)", name=op.f("ck_matches_score_has_both_sides")),
        sa.CheckConstraint("home_ref <> away_ref", name=op.f("ck_matches_two_teams")),
        sa.ForeignKeyConstraint(["away_ref"], ["teams.id"], name=op.f("fk_matches_away_ref")),
        sa.ForeignKeyConstraint(["home_ref"], ["teams.id"], name=op.f("fk_matches_home_ref")),
        sa.ForeignKeyConstraint(["result_home_ref"], ["teams.id"], name=op.f("fk_matches_result_home_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
    )
    elsewhere = sa.text("away_age_group IS NOT NULL OR away_division IS NOT NULL")
    op.create_index(
        "ix_matches_away_bracket",
        "matches",
        [
            "season",
            "league",
            sa.text("coalesce(away_age_group, age_group)"),
            sa.text("coalesce(away_division, division)"),
        ],
        unique=False,
        sqlite_where=elsewhere,
        postgresql_where=elsewhere,
    )
    op.create_index("ix_matches_bracket", "matches", ["season", "league", "age_group", "division"], unique=False)
    op.create_index("ix_matches_pair", "matches", ["pair_low", "pair_high", "date"], unique=False)
    op.create_index(op.f("ix_matches_pair_high"), "matches", ["pair_high"], unique=False)
    op.create_index(
        "uq_matches_source_id",
        "matches",
        ["season", "match_id", "source"],
        unique=True,
        sqlite_where=sa.text("match_id IS NOT NULL"),
        postgresql_where=sa.text("match_id IS NOT NULL"),
    )
    op.create_index(
        "uq_matches_without_id",
        "matches",
        ["pair_low", "pair_high", "date", "season", "league", "age_group"],
        unique=True,
        sqlite_where=sa.text("match_id IS NULL"),
        postgresql_where=sa.text("match_id IS NULL"),
    )
    op.create_table(
        "team_aliases",
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("age_group", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team_ref", ROW_ID, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["team_ref"], ["teams.id"], name=op.f("fk_team_aliases_team_ref")),
        sa.PrimaryKeyConstraint("name_key", "age_group", name=op.f("pk_team_aliases")),
    )
    op.create_index(op.f("ix_team_aliases_team_ref"), "team_aliases", ["team_ref"], unique=False)
    op.create_table(
        "team_ids",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("team_ref", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["team_ref"], ["teams.id"], name=op.f("fk_team_ids_team_ref")),
        sa.PrimaryKeyConstraint("source", "source_id", name=op.f("pk_team_ids")),
    )
    op.create_index(op.f("ix_team_ids_team_ref"), "team_ids", ["team_ref"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("match_ref", ROW_ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("old", JSON, nullable=True, comment="JSON; null where there was nothing"),
        sa.Column("new", JSON, nullable=True),
        sa.Column("at", Instant(), nullable=False, comment="when it was stored"),
        sa.Column("observed_at", Instant(), nullable=False, comment="when the source says it was current"),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("task_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["match_ref"], ["matches.id"], name=op.f("fk_history_match_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_match_ref"), "history", ["match_ref"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("task_id", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("match_ref", ROW_ID, nullable=True),
        sa.Column("quarantine_ref", ROW_ID, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'stale', 'quarantined')",
            name=op.f("ck_outcomes_outcome_is_known"),
        ),
        sa.ForeignKeyConstraint(["match_ref"], ["matches.id"], name=op.f("fk_outcomes_match_ref")),
        sa.ForeignKeyConstraint(["quarantine_ref"], ["quarantine.id"], name=op.f("fk_outcomes_quarantine_ref")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_at"), "outcomes", ["at"], unique=False)
    op.execute("INSERT INTO team_directory (id, version) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_table("outcomes")
    op.drop_table("history")
    op.drop_table("team_ids")
    op.drop_table("team_aliases")
    op.drop_table("matches")
    op.drop_table("tokens")
    op.drop_table("teams")
    op.drop_table("team_directory")
    op.drop_table("quarantine")
