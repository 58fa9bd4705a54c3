"""Teams that were brought together can part again; the id of a match that was folded leads to the one that is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from missing_table.store.tables import Instant

revision = "0004"
down_revision = "0003"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "team_merges",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column(
            "gone_ref", ROW_ID, nullable=False, comment="the team that became an alias; its row is gone from teams"
        ),
        sa.Column("kept_ref", ROW_ID, nullable=False, comment="the team that it is"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("age_group", sa.String(length=200), nullable=False),
        sa.Column("before", JSON, nullable=False, comment="what is needed to undo it"),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_merges")),
    )
    in_force = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_team_merges_gone",
        "team_merges",
        ["gone_ref"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_table(
        "folded_matches",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False, comment="the id of a match whose row is gone"),
        sa.Column("match_ref", ROW_ID, nullable=False, comment="where it is now"),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["match_ref"], ["matches.id"], name=op.f("fk_folded_matches_match_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folded_matches")),
    )
    op.create_index(op.f("ix_folded_matches_match_ref"), "folded_matches", ["match_ref"], unique=False)


def downgrade() -> None:
    op.drop_table("folded_matches")
    op.drop_table("team_merges")
