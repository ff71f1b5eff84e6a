"""Reads and writes of alerts, their journal, reviews, deliveries and accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

_PUT = text(
    "INSERT INTO alert (id, bed, code, priority, kind, state, open, version, raised_ns, updated_ns, payload) VALUES "
    "(:id, :bed, :code, :priority, :kind, :state, :open, :version, :raised_ns, :updated_ns, CAST(:payload AS jsonb)) "
    "ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state, open = EXCLUDED.open, version = EXCLUDED.version, "
    "updated_ns = EXCLUDED.updated_ns, payload = EXCLUDED.payload WHERE alert.version < EXCLUDED.version"
)
_LOCK = 7_345_113


def put_alert(connection: Connection, row: dict[str, Any]) -> bool:
    """Write an alert; False where a newer version is there already."""
    return connection.execute(_PUT, row).rowcount == 1


def append_events(connection: Connection, events: Iterable[tuple[str, str, int, str]]) -> int:
    """Append (key, alert, at_ns, payload) to the journal; an event told before is left out. Gives how many were new.

    Each row carries the hash of the one before and of itself, so that a row that is changed or missing shows.
    """
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    before = connection.execute(text("SELECT hash FROM alert_event ORDER BY seq DESC LIMIT 1")).scalar() or ""
    added = 0
    for key, alert, at_ns, payload in events:
        if connection.execute(text("SELECT 1 FROM alert_event WHERE key = :key"), {"key": key}).scalar():
            continue
        hashed = chain_hash(before, key, at_ns, payload)
        connection.execute(
            text(
                "INSERT INTO alert_event (key, alert, at_ns, payload, before, hash) "
                "VALUES (:key, :alert, :at_ns, :payload, :before, :hash)"
            ),
            {"key": key, "alert": alert, "at_ns": at_ns, "payload": payload, "before": before, "hash": hashed},
        )
        before = hashed
        added += 1
    return added


def chain_hash(before: str, key: str, at_ns: int, payload: str) -> str:
    """SHA-256 over the hash before and the row."""
    return hashlib.sha256(f"{before}\n{key}\n{at_ns}\n{payload}".encode()).hexdigest()


def broken_link(connection: Connection) -> int | None:
    """Sequence number of the first event whose hash does not fit; None where the chain holds."""
    before = ""
    for seq, key, at_ns, payload, told, hashed in connection.execute(
        text("SELECT seq, key, at_ns, payload, before, hash FROM alert_event ORDER BY seq")
    ):
        if told != before or hashed != chain_hash(before, key, at_ns, payload):
            return int(seq)
        before = hashed
    return None


def add_review(
    connection: Connection,
    alert: str,
    at_ns: int,
    by: str,
    verdict: str,
    words: str,
    findings: Sequence[str] | None = None,
) -> None:
    """Record what a person judged an alert to be, or what its window shows; what was recorded before is left out."""
    told = None if findings is None else list(findings)
    connection.execute(
        text(
            'INSERT INTO review (alert, at_ns, "by", verdict, text, findings) '
            "SELECT :alert, :at_ns, :by, :verdict, :words, CAST(:findings AS text[]) "
            'WHERE NOT EXISTS (SELECT 1 FROM review WHERE alert = :alert AND at_ns = :at_ns AND "by" = :by)'
        ),
        {"alert": alert, "at_ns": at_ns, "by": by, "verdict": verdict, "words": words, "findings": told},
    )


def held_alerts(connection: Connection, since_ns: int) -> list[str]:
    """Payloads of alerts that are still shown, or that changed since; oldest first."""
    rows = connection.execute(
        text("SELECT payload::text FROM alert WHERE open OR updated_ns >= :since ORDER BY raised_ns"),
        {"since": since_ns},
    )
    return [row[0] for row in rows]


def bed_contexts(connection: Connection) -> list[str]:
    """What every bed is set to."""
    return [row[0] for row in connection.execute(text("SELECT context::text FROM bed"))]


def add_message(connection: Connection, row: dict[str, Any]) -> None:
    """Record that a message is to be delivered on a channel; what was recorded before stays as it is."""
    connection.execute(
        text(
            'INSERT INTO outbox (key, channel, queued_ns, "after", body, open) '
            "VALUES (:key, :channel, :queued_ns, :after, CAST(:body AS jsonb), true) ON CONFLICT DO NOTHING"
        ),
        row,
    )


def waiting_messages(connection: Connection) -> list[tuple[str, str, int, str, str, int]]:
    """Key, channel, when queued, key before, body and attempts so far of what is neither delivered nor given up."""
    rows = connection.execute(
        text(
            'SELECT key, channel, queued_ns, "after", body::text, (SELECT count(*) FROM delivery d '
            "WHERE d.key = o.key AND d.channel = o.channel) FROM outbox o WHERE open ORDER BY queued_ns"
        )
    )
    return [tuple(row) for row in rows]


def close_message(connection: Connection, key: str, channel: str) -> None:
    """A message was delivered, or is given up."""
    connection.execute(
        text("UPDATE outbox SET open = false WHERE key = :key AND channel = :channel"), {"key": key, "channel": channel}
    )


def add_delivery(connection: Connection, row: dict[str, Any]) -> None:
    """Record one attempt; what was recorded before is left out."""
    connection.execute(
        text(
            "INSERT INTO delivery (key, channel, attempt, at_ns, ok, outcome) "
            "SELECT :key, :channel, :attempt, :at_ns, :ok, :outcome WHERE NOT EXISTS (SELECT 1 FROM delivery "
            "WHERE key = :key AND channel = :channel AND attempt = :attempt AND at_ns = :at_ns)"
        ),
        row,
    )


def redelivered(connection: Connection) -> int:
    """Deliveries that succeeded more than once under one key: repeated after a crash."""
    found = connection.execute(
        text("SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) n FROM delivery WHERE ok GROUP BY key, channel) d")
    ).scalar()
    return int(found or 0)


def put_account(connection: Connection, name: str, role: str, password: str) -> bool:
    """Make an account with a password (already hashed); False where there is one of that name, which stays as it is."""
    done = connection.execute(
        text("INSERT INTO account (name, role, password) VALUES (:name, :role, :password) ON CONFLICT DO NOTHING"),
        {"name": name, "role": role, "password": password},
    )
    return done.rowcount == 1


def change_account(connection: Connection, name: str, role: str, password: str) -> bool:
    """Give an account another password (already hashed) and role, enabled, and end its web sessions; False where there is none."""
    connection.execute(text("DELETE FROM web_session WHERE account = :name"), {"name": name})
    done = connection.execute(
        text("UPDATE account SET role = :role, password = :password, disabled = false WHERE name = :name"),
        {"name": name, "role": role, "password": password},
    )
    return done.rowcount == 1


def accounts(connection: Connection) -> list[tuple[str, str, str, bool]]:
    """Name, role, password hash and whether disabled."""
    rows = connection.execute(text("SELECT name, role, password, disabled FROM account ORDER BY name"))
    return [tuple(row) for row in rows]


def disable_account(connection: Connection, name: str) -> bool:
    """Disable an account and end its web sessions; False where there is none of that name."""
    connection.execute(text("DELETE FROM web_session WHERE account = :name"), {"name": name})
    done = connection.execute(text("UPDATE account SET disabled = true WHERE name = :name"), {"name": name})
    return done.rowcount == 1


def put_web_session(connection: Connection, token: str, account: str, kind: str, csrf: str, expires_ns: int) -> None:
    """Remember a login (`kind` session) or a single-use link (`kind` link) by the hash of its token."""
    connection.execute(
        text("INSERT INTO web_session (token, account, kind, csrf, expires_ns) VALUES (:t, :a, :k, :c, :e)"),
        {"t": _digest(token), "a": account, "k": kind, "c": csrf, "e": expires_ns},
    )


def web_session(connection: Connection, token: str, now_ns: int) -> tuple[str, str, str] | None:
    """Account, role and CSRF token of a login that still holds.

    The role is that of the account at this moment; who came by the link needs no account, and has the role "".
    """
    row = connection.execute(
        text(
            "SELECT s.account, coalesce(a.role, ''), s.csrf FROM web_session s LEFT JOIN account a ON a.name = s.account "
            "WHERE s.token = :t AND s.kind = 'session' AND s.expires_ns > :n AND NOT coalesce(a.disabled, false)"
        ),
        {"t": _digest(token), "n": now_ns},
    ).first()
    return None if row is None else (str(row[0]), str(row[1]), str(row[2]))


def spend_link(connection: Connection, token: str, now_ns: int) -> str | None:
    """Account that a single-use link logs in, which is used up by this; None where it does not hold.

    Of several at once one deletes the row; the others wait for its transaction, and find none.
    """
    found = connection.execute(
        text(
            "DELETE FROM web_session s WHERE s.token = :t AND s.kind = 'link' AND s.expires_ns > :n AND NOT EXISTS "
            "(SELECT 1 FROM account a WHERE a.name = s.account AND a.disabled) RETURNING s.account"
        ),
        {"t": _digest(token), "n": now_ns},
    )
    row = found.first()
    return None if row is None else str(row[0])


def end_web_session(connection: Connection, token: str) -> None:
    """Log out."""
    connection.execute(text("DELETE FROM web_session WHERE token = :t"), {"t": _digest(token)})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
