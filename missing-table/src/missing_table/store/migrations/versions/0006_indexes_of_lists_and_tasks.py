"""Indexes for what read whole tables: lists of matches by day, by change and by a rare status, the tasks of a match.

A match that goes, and a message in quarantine that is forgotten, are looked for among the outcomes, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_index("ix_matches_date", "matches", ["date", "id"], unique=False)
    op.create_index("ix_matches_updated_at", "matches", ["updated_at", "id"], unique=False)
    rare = sa.text("status NOT IN ('scheduled', 'completed')")
    op.create_index(
        "ix_matches_status", "matches", ["status", "id"], unique=False, sqlite_where=rare, postgresql_where=rare
    )
    op.create_index(op.f("ix_outcomes_match_ref"), "outcomes", ["match_ref"], unique=False)
    held = sa.text("quarantine_ref IS NOT NULL")
    op.create_index(
        "ix_outcomes_quarantine_ref",
        "outcomes",
        ["quarantine_ref"],
        unique=False,
        sqlite_where=held,
        postgresql_where=held,
    )


def downgrade() -> None:
    op.drop_index("ix_outcomes_quarantine_ref", table_name="outcomes")
    op.drop_index(op.f("ix_outcomes_match_ref"), table_name="outcomes")
    op.drop_index("ix_matches_status", table_name="matches")
    op.drop_index("ix_matches_updated_at", table_name="matches")
    op.drop_index("ix_matches_date", table_name="matches")
