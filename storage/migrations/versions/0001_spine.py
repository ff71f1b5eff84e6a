"""The first tables, an append-only journal of alert events, and windows stored as they are."""

from alembic import op

from storage.tables import METADATA

revision = "0001"
down_revision = None

_JOURNAL = """
CREATE FUNCTION vigil_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'alert_event is append-only'; END $$;
CREATE TRIGGER alert_event_append_only BEFORE UPDATE OR DELETE ON alert_event
    FOR EACH ROW EXECUTE FUNCTION vigil_append_only();
CREATE TRIGGER alert_event_no_truncate BEFORE TRUNCATE ON alert_event
    FOR EACH STATEMENT EXECUTE FUNCTION vigil_append_only();
ALTER TABLE segment_window ALTER COLUMN segment SET STORAGE EXTERNAL, ALTER COLUMN waveform SET STORAGE EXTERNAL;
ALTER TABLE waveform ALTER COLUMN block SET STORAGE EXTERNAL;
"""


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
    op.execute(_JOURNAL)


def downgrade() -> None:
    METADATA.drop_all(op.get_bind())
    op.execute("DROP FUNCTION vigil_append_only()")
