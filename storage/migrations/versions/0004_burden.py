"""The burden of atrial fibrillation is stored with the numerics of each second."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # the first migration makes the tables as they are today, this column included
    op.execute("ALTER TABLE trend ADD COLUMN IF NOT EXISTS af_burden REAL")


def downgrade() -> None:
    op.execute("ALTER TABLE trend DROP COLUMN IF EXISTS af_burden")
