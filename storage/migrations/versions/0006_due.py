"""Minutes of which numerics were written, and that are not rolled up yet, are remembered until they are."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # the first migration makes the tables as they are today, this one included
    op.execute("CREATE TABLE IF NOT EXISTS trend_due (minute_ns BIGINT NOT NULL)")
    op.execute("CREATE INDEX IF NOT EXISTS ix_trend_due_minute_ns ON trend_due (minute_ns)")
    # what the version before had not rolled up when it ended
    op.execute(
        "INSERT INTO trend_due SELECT DISTINCT at_ns / 60000000000 * 60000000000 FROM trend "
        "WHERE at_ns > (SELECT max(at_ns) FROM trend) - 900000000000"
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS trend_due")
