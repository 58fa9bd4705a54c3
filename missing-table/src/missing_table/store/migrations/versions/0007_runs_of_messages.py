"""Which run of its producer a message belongs to, beside its outcome; unknown for those that were stored before."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # without batch: a column that may be absent is added without copying the table
    op.add_column("outcomes", sa.Column("run_id", sa.String(length=200), nullable=True))
    named = sa.text("run_id IS NOT NULL")
    op.create_index(
        "ix_outcomes_run_id", "outcomes", ["run_id", "at"], unique=False, sqlite_where=named, postgresql_where=named
    )


def downgrade() -> None:
    op.drop_index("ix_outcomes_run_id", table_name="outcomes")
    op.drop_column("outcomes", "run_id")
