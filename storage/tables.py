"""The tables of Vigil, for PostgreSQL 15 and newer. Times are integer nanoseconds UTC, as everywhere."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

BED = Table(
    "bed",
    METADATA,
    Column("bed", Text, primary_key=True),
    Column("context", JSONB, nullable=False),
    Column("updated_ns", BigInteger, nullable=False),
)
STAY = Table(
    "stay",
    METADATA,
    Column("bed", Text, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
    Column("context", JSONB, nullable=False),
    PrimaryKeyConstraint("bed", "episode"),
)
"""What a bed was set to last in each stay of a patient, and since when that stay is known: who lay there, without a name."""
TREND = Table(
    "trend",
    METADATA,
    Column("bed", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("rate_bpm", REAL),
    Column("pvc_per_min", REAL),
    Column("qrs_ms", REAL),
    Column("pr_ms", REAL),
    Column("qt_ms", REAL),
    Column("rhythm", Text, nullable=False),
    Column("quality", Text, nullable=False),
    Column("st_mv", ARRAY(REAL)),
    Column("af_burden", REAL),
    Column("rhythm_since", BigInteger),
    PrimaryKeyConstraint("at_ns", "bed", "session", "first"),
    postgresql_partition_by="RANGE (at_ns)",
)
BEAT = Table(
    "beat",
    METADATA,
    Column("bed", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("sample", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rr_ms", REAL),
    Column("width_ms", REAL),
    PrimaryKeyConstraint("at_ns", "bed", "session", "sample"),
    postgresql_partition_by="RANGE (at_ns)",
)
WAVEFORM = Table(
    "waveform",
    METADATA,
    Column("bed", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("stop", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("duplicates", Integer, nullable=False, server_default=text("0")),
    Column("block", LargeBinary, nullable=False),
    PrimaryKeyConstraint("at_ns", "bed", "session", "first"),
    postgresql_partition_by="RANGE (at_ns)",
)
PARTITIONED = (TREND, BEAT, WAVEFORM)
TREND_MINUTE = Table(
    "trend_minute",
    METADATA,
    Column("bed", Text, nullable=False),
    Column("minute_ns", BigInteger, nullable=False),
    Column("rate_bpm", REAL),
    Column("rate_low_bpm", REAL),
    Column("rate_high_bpm", REAL),
    Column("pvc_per_min", REAL),
    Column("seconds", Integer, nullable=False),
    PrimaryKeyConstraint("minute_ns", "bed"),
)
TREND_DUE = Table(
    "trend_due",
    METADATA,
    Column("minute_ns", BigInteger, nullable=False),
    Index("ix_trend_due_minute_ns", "minute_ns"),
)
"""Minutes of which numerics were written since they were rolled up, one row for each time. Without a key: writers never
wait for each other, and who rolls up takes away only what it sees."""
TRIGGER = Table(
    "trigger",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("id", Text, nullable=False, index=True),
    Column("bed", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("sample", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False, index=True),
    Column("payload", JSONB, nullable=False),
)
SEGMENT_WINDOW = Table(
    "segment_window",
    METADATA,
    Column("trigger", Text, primary_key=True),
    Column("bed", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("segment", LargeBinary, nullable=False),
    Column("waveform", LargeBinary),
    Index("ix_segment_window_at_ns", "at_ns"),
    Index("ix_segment_window_open", "at_ns", postgresql_where=text("waveform IS NULL")),
)
INTERPRETATION = Table(
    "interpretation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("trigger", Text, nullable=False, index=True),
    Column("bed", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
)
ALERT = Table(
    "alert",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("bed", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("raised_ns", BigInteger, nullable=False, index=True),
    Column("updated_ns", BigInteger, nullable=False, index=True, server_default=text("0")),
    Column("payload", JSONB, nullable=False),
    Index("ix_alert_open", "bed", "code", postgresql_where=text("open")),
)
ALERT_EVENT = Table(
    "alert_event",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("alert", Text, nullable=False, index=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
DELIVERY = Table(
    "delivery",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at_ns", BigInteger, nullable=False, index=True),
    Column("ok", Boolean, nullable=False),
    Column("outcome", Text, nullable=False),
)
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("queued_ns", BigInteger, nullable=False, index=True),
    Column("after", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("open", Boolean, nullable=False),
    PrimaryKeyConstraint("key", "channel"),
    Index("ix_outbox_open", "queued_ns", postgresql_where=text("open")),
)
REVIEW = Table(
    "review",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("alert", Text, nullable=False, index=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("findings", ARRAY(Text)),
)
"""Verdicts on alarms, without findings, and on what a window shows, with them."""
ACCOUNT = Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
)
WEB_SESSION = Table(
    "web_session",
    METADATA,
    Column("token", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
)
POLICY = Table(
    "policy",
    METADATA,
    Column("scope", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("payload", JSONB, nullable=False),
    PrimaryKeyConstraint("scope", "revision"),
)
NOTICE = Table(
    "notice",
    METADATA,
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("code", Text, nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("bed", Text),
    Column("at_ns", BigInteger, nullable=False),
    Column("payload", JSONB, nullable=False),
    PrimaryKeyConstraint("at_ns", "partition", "offset"),
)
DEAD_LETTER = Table(
    "dead_letter",
    METADATA,
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("source", Text, nullable=False, server_default=text("''")),
    Column("source_partition", Integer, nullable=False, server_default=text("-1")),
    Column("source_offset", BigInteger, nullable=False, server_default=text("-1")),
    Column("reason", Text, nullable=False),
    Column("payload", LargeBinary),
    PrimaryKeyConstraint("at_ns", "partition", "offset"),
)
HRV = Table(
    "hrv",
    METADATA,
    Column("bed", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("sdnn_ms", Float),
    Column("rmssd_ms", Float),
    Column("lf_hf", Float),
    Column("payload", JSONB, nullable=False),
    PrimaryKeyConstraint("at_ns", "bed"),
)
