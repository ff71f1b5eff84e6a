"""A review may say what a window shows, and each stay of a patient at a bed is remembered, so that labels know who is one."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # the first migration makes the tables as they are today, these included
    op.execute("ALTER TABLE review ADD COLUMN IF NOT EXISTS findings TEXT[]")
    op.execute(
        "CREATE TABLE IF NOT EXISTS stay (bed TEXT NOT NULL, episode INTEGER NOT NULL, since_ns BIGINT NOT NULL, "
        "context JSONB NOT NULL, CONSTRAINT pk_stay PRIMARY KEY (bed, episode))"
    )
    # when a later stay began is not known any more: not after what was set last
    op.execute(
        "INSERT INTO stay SELECT bed, coalesce((context->>'episode')::int, 0), "
        "CASE WHEN coalesce((context->>'episode')::int, 0) = 0 THEN 0 ELSE updated_ns END, context FROM bed "
        "ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS stay")
    # what a window shows is no verdict on an alarm
    op.execute("DELETE FROM review WHERE findings IS NOT NULL")
    op.execute("ALTER TABLE review DROP COLUMN IF EXISTS findings")
