"""What people decide about matches: disputes that are settled, and two numbers that are one match, or two."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # without batch: a column that may be absent, or has a default, is added without copying the table
    op.add_column(
        "matches",
        sa.Column(
            "separate",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="it counts beside another of the same teams and day",
        ),
    )
    op.add_column(
        "matches",
        sa.Column("settled", JSON, nullable=True, comment="per register, what the source says and was decided against"),
    )
    op.create_index(
        "ix_matches_beneath",
        "matches",
        ["id"],
        unique=False,
        sqlite_where=sa.text("beneath IS NOT NULL AND beneath <> 'null'"),
        postgresql_where=sa.text("beneath IS NOT NULL"),
    )
    op.create_index(op.f("ix_history_at"), "history", ["at"], unique=False)
    op.create_table(
        "match_numbers",
        sa.Column("season", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("match_id", sa.String(length=200), nullable=False),
        sa.Column("match_ref", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["match_ref"], ["matches.id"], name=op.f("fk_match_numbers_match_ref")),
        sa.PrimaryKeyConstraint("season", "source", "match_id", name=op.f("pk_match_numbers")),
        comment="further numbers of a match, besides the one in its row",
    )
    op.create_index(op.f("ix_match_numbers_match_ref"), "match_numbers", ["match_ref"], unique=False)


def downgrade() -> None:
    op.drop_table("match_numbers")
    op.drop_index(op.f("ix_history_at"), table_name="history")
    op.drop_index("ix_matches_beneath", table_name="matches")
    op.drop_column("matches", "settled")
    op.drop_column("matches", "separate")
