"""Every table has a time for which it is kept, or a reason to stay."""

from pathlib import Path

from storage.retention import KEPT
from storage.tables import METADATA

STAY = {"alert_event", "bed", "stay", "policy", "account", "trend_due"}
PARTITIONED = {"waveform", "trend", "beat"}


def test_no_table_grows_for_ever_unawares() -> None:
    assert {table for table, *_ in KEPT} | STAY | PARTITIONED == set(METADATA.tables)
    for table, column, _, _ in KEPT:
        assert column in METADATA.tables[table].columns


def test_what_is_kept_is_written_down() -> None:
    text = (Path(__file__).parents[3] / "docs/retention.md").read_text()
    for table in METADATA.tables:
        assert f"`{table}`" in text
    for table, _, days, _ in KEPT:
        (row,) = (line for line in text.splitlines() if line.startswith("|") and f"`{table}`" in line)
        assert days == 0 or f"| {days} days |" in row
