"""What a token may do and for how long; sessions of people who signed in. Tokens that exist keep all their rights."""

import sqlalchemy as sa
from alembic import op

from missing_table.store.tables import Instant

revision = "0002"
down_revision = "0001"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("tokens") as batch:
        batch.add_column(
            sa.Column(
                "scope",
                sa.String(length=20),
                nullable=True,
                comment="what it may do: submit, or admin, which is everything",
            )
        )
        batch.add_column(sa.Column("expires_at", Instant(), nullable=True, comment="null: never"))
    op.execute("UPDATE tokens SET scope = 'admin'")
    with op.batch_alter_table("tokens") as batch:
        batch.alter_column(
            "scope",
            existing_type=sa.String(length=20),
            nullable=False,
            existing_comment="what it may do: submit, or admin, which is everything",
        )
        batch.create_check_constraint(op.f("ck_tokens_scope_is_known"), "scope IN ('submit', 'admin')")
    op.create_table(
        "sessions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of what the cookie holds"),
        sa.Column("token_ref", ROW_ID, nullable=False, comment="who signed in, and for how long"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["token_ref"], ["tokens.id"], name=op.f("fk_sessions_token_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_table(
        "sent_forms",
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of a form's own token: it is taken once"
        ),
        sa.Column("session_ref", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_ref"], ["sessions.id"], name=op.f("fk_sent_forms_session_ref"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sent_forms")),
    )
    op.create_index(op.f("ix_sent_forms_session_ref"), "sent_forms", ["session_ref"], unique=False)


def downgrade() -> None:
    op.drop_table("sent_forms")
    op.drop_table("sessions")
    with op.batch_alter_table("tokens") as batch:
        batch.drop_constraint(op.f("ck_tokens_scope_is_known"), type_="check")
        batch.drop_column("expires_at")
        batch.drop_column("scope")
