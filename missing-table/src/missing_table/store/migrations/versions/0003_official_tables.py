"""Official tables: the teams of a bracket as its league publishes them, and whether our order agrees."""

import sqlalchemy as sa
from alembic import op

from missing_table.store.tables import Instant

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "official_tables",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("season", sa.String(length=200), nullable=False),
        sa.Column("league", sa.String(length=200), nullable=False),
        sa.Column("age_group", sa.String(length=200), nullable=False),
        sa.Column("division", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("observed_at", Instant(), nullable=False, comment="the newest statement about this bracket"),
        sa.Column(
            "agrees", sa.Boolean(), nullable=True, comment="whether our order was the official one when last compared"
        ),
        sa.Column(
            "differs_since", Instant(), nullable=True, comment="the first official table that ours did not agree with"
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False, comment="when teams or positions changed last"),
        sa.CheckConstraint(
            "differs_since IS NULL OR agrees IS NOT NULL", name=op.f("ck_official_tables_differs_since_is_compared")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_tables")),
    )
    op.create_index(
        "uq_official_tables_bracket",
        "official_tables",
        ["season", "league", "age_group", "division"],
        unique=True,
        sqlite_where=sa.text("division IS NOT NULL"),
        postgresql_where=sa.text("division IS NOT NULL"),
    )
    op.create_index(
        "uq_official_tables_undivided",
        "official_tables",
        ["season", "league", "age_group"],
        unique=True,
        sqlite_where=sa.text("division IS NULL"),
        postgresql_where=sa.text("division IS NULL"),
    )
    op.create_table(
        "official_places",
        sa.Column("table_ref", ROW_ID, nullable=False),
        sa.Column("team_ref", ROW_ID, nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.String(length=200), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["table_ref"], ["official_tables.id"], name=op.f("fk_official_places_table_ref")),
        sa.ForeignKeyConstraint(["team_ref"], ["teams.id"], name=op.f("fk_official_places_team_ref")),
        sa.PrimaryKeyConstraint("table_ref", "team_ref", name=op.f("pk_official_places")),
    )
    op.create_index(op.f("ix_official_places_team_ref"), "official_places", ["team_ref"], unique=False)


def downgrade() -> None:
    op.drop_table("official_places")
    op.drop_table("official_tables")
