"""Since which sample the rhythm shown is held to have lasted is stored with the numerics of each second."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # the first migration makes the tables as they are today, this column included
    op.execute("ALTER TABLE trend ADD COLUMN IF NOT EXISTS rhythm_since BIGINT")


def downgrade() -> None:
    op.execute("ALTER TABLE trend DROP COLUMN IF EXISTS rhythm_since")
