"""Messages that wait to be delivered, when an alert last changed, repeats of frames, and where a dead letter came from."""

from alembic import op

revision = "0003"
down_revision = "0002"

# the first migration makes the tables as they are today: what is there already is left
_UP = """
CREATE TABLE IF NOT EXISTS outbox (
    key TEXT NOT NULL, channel TEXT NOT NULL, queued_ns BIGINT NOT NULL, "after" TEXT NOT NULL, body JSONB NOT NULL,
    open BOOLEAN NOT NULL, CONSTRAINT pk_outbox PRIMARY KEY (key, channel));
CREATE INDEX IF NOT EXISTS ix_outbox_queued_ns ON outbox (queued_ns);
CREATE INDEX IF NOT EXISTS ix_outbox_open ON outbox (queued_ns) WHERE open;
ALTER TABLE alert ADD COLUMN IF NOT EXISTS updated_ns BIGINT NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_alert_updated_ns ON alert (updated_ns);
ALTER TABLE waveform ADD COLUMN IF NOT EXISTS duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letter ADD COLUMN IF NOT EXISTS source TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN IF NOT EXISTS source_partition INTEGER NOT NULL DEFAULT -1;
ALTER TABLE dead_letter ADD COLUMN IF NOT EXISTS source_offset BIGINT NOT NULL DEFAULT -1;
CREATE INDEX IF NOT EXISTS ix_interpretation_at_ns ON interpretation (at_ns);
CREATE INDEX IF NOT EXISTS ix_segment_window_at_ns ON segment_window (at_ns);
CREATE INDEX IF NOT EXISTS ix_delivery_at_ns ON delivery (at_ns);
"""
_DOWN = """
DROP INDEX IF EXISTS ix_delivery_at_ns;
DROP INDEX IF EXISTS ix_segment_window_at_ns;
DROP INDEX IF EXISTS ix_interpretation_at_ns;
ALTER TABLE dead_letter DROP COLUMN IF EXISTS source_offset;
ALTER TABLE dead_letter DROP COLUMN IF EXISTS source_partition;
ALTER TABLE dead_letter DROP COLUMN IF EXISTS source;
ALTER TABLE waveform DROP COLUMN IF EXISTS duplicates;
ALTER TABLE alert DROP COLUMN IF EXISTS updated_ns;
DROP TABLE IF EXISTS outbox;
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
