"""Which matches only people stated; and when a source stated the others last, whatever was entered since."""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from missing_table.store.tables import Instant

revision = "0008"
down_revision = "0007"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
matches = sa.table(
    "matches",
    sa.column("id", sa.BigInteger()),
    sa.column("stamps", JSON),
    sa.column("beneath", JSON),
    sa.column("observed_at", Instant()),
    sa.column("by_source", sa.Boolean()),
)


def upgrade() -> None:
    # without batch: a column that has a default is added without copying the table
    op.add_column(
        "matches",
        sa.Column(
            "by_source",
            sa.Boolean(),
            server_default=sa.true(),
            nullable=False,
            comment="a source has stated it, and not only a person",
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("matches", "observed_at", comment="its source's newest statement; else a person's")
    _look_at_what_was_entered()


def _look_at_what_was_entered() -> None:
    """A person's stamp begins with 2, a source's with 1; the moment follows."""
    connection = op.get_bind()
    entered = sa.cast(matches.c.stamps, sa.Text()).like('%"2 %')
    for row in connection.execute(sa.select(matches.c.id, matches.c.stamps, matches.c.beneath).where(entered)).all():
        stamps = [*row.stamps.values(), *(kept[0] for kept in (row.beneath or {}).values())]
        moments = [stamp[2:] for stamp in stamps if stamp.startswith("1")]
        stated = {"observed_at": dt.datetime.fromisoformat(max(moments))} if moments else {"by_source": False}
        connection.execute(sa.update(matches).where(matches.c.id == row.id).values(stated))


def downgrade() -> None:
    op.drop_column("matches", "by_source")
