"""Windows that still wait for their signal are found by an index."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # the first migration makes the tables as they are today, this index included
    op.execute("CREATE INDEX IF NOT EXISTS ix_segment_window_open ON segment_window (at_ns) WHERE waveform IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX IF EXISTS ix_segment_window_open")
