"""Since when atrial fibrillation lasts, and its burden, on the bed of the console: real Kafka, real browser."""

from __future__ import annotations

import re
import time

import msgspec
import pytest

from alerts import accounts
from infra.services import Addresses
from ingest.codec import encode_bundles, encode_frame
from ingest.frame import BedId, Frame, Nanoseconds, SessionId
from ingest.kafka import open_producer
from ingest.topics import FRAMES, TRENDS, slot
from storage import alertbook
from storage.database import Database
from stream.measurement import Quality, Trend
from tests.integration.test_alerts import console, serving
from tests.integration.test_requests import watched

from .chromium import Page

pytestmark = [pytest.mark.broker, pytest.mark.slow]

RATE_HZ = 500.0
BEGAN_S = 5 * 60 + 20


class Monitors:
    """Beds whose signal and numerics are sent as a worker would, each second by hand."""

    def __init__(self, services: Addresses, *beds: str) -> None:
        self._producer = open_producer(services.kafka)
        self._frames: dict[str, list[Frame]] = {bed: watched(bed, 2.0, 90.0) for bed in beds}
        self._first = 10_000_000

    def send(self, **trends: tuple[str, float | None, float | None]) -> None:
        """By bed the rhythm, for how many seconds it has lasted, and the burden."""
        now = time.time_ns()
        for bed, (rhythm, lasted_s, burden) in trends.items():
            due = [f for f in self._frames[bed] if f.sent_ns <= now]
            self._frames[bed] = self._frames[bed][len(due) :]
            where = {"key": bed.encode(), "partition": slot(BedId(bed))}
            for bundle, _ in encode_bundles(encode_frame(f) for f in due):
                self._producer.send(FRAMES.name, bundle, **where)
            since = None if lasted_s is None else self._first - round(lasted_s * RATE_HZ)
            trend = Trend(
                BedId(bed), SessionId(1), self._first, Nanoseconds(now), RATE_HZ, 92.0, 0.0, rhythm, (Quality.GOOD,),
                af_burden=burden, rhythm_since=since, qtc_ms=512.4, qrs_ms=141.0, st_mv=(-0.12,),
            )  # fmt: skip
            self._producer.send(TRENDS.name, msgspec.json.encode([trend]), **where)
        self._producer.flush()

    def close(self) -> None:
        self._producer.close()


def line_of(page: Page, bed: str) -> str:
    return page.ask(
        f"[...document.querySelectorAll('.bed')].find(b => b.querySelector('h3').innerText === '{bed}')"
        "?.querySelector('.af').innerText || ''"
    )


def shown(page: Page, ms: float) -> str:
    """A time as the console tells it: the hour, and before it the day where that is not today."""
    return page.ask(
        f"(at => (at.toDateString() === new Date().toDateString() ? '' : at.toLocaleDateString() + ' ') + "
        f"at.toLocaleTimeString([], {{hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}}))(new Date({ms}))"
    )


@pytest.mark.timeout(180)
def test_a_bed_in_atrial_fibrillation_shows_since_when_and_how_much_of_the_day(services: Addresses, page: Page) -> None:
    database = Database(services.database)
    hashed = accounts.hash_password("password of nurse")
    database.run(lambda c: alertbook.put_account(c, "nurse", "nurse", hashed))
    monitors = Monitors(services, "lasting", "unknown", "sinus")
    told = {"lasting": ("afib", BEGAN_S, 0.234), "unknown": ("afib", None, None), "sinus": ("regular", None, 0.0)}
    with serving(services, services.database) as (service, _), console(service, services, database) as url:
        page.go(f"{url}/login")
        page.ask("document.querySelector('[name=name]').value = 'nurse'")
        page.ask("document.querySelector('[name=password]').value = 'password of nurse'")
        page.ask("document.querySelector('form button').click()")
        page.until("!!document.querySelector('#beds')")

        deadline = time.monotonic() + 60
        while not (line := line_of(page, "lasting")).startswith("AF since") and time.monotonic() < deadline:
            monitors.send(**told)
            began_ns = time.time_ns() - BEGAN_S * 10**9
            time.sleep(0.5)
        clock, minute = (shown(page, began_ns / 1e6 - late_ms) for late_ms in (0, 3000))
        assert line in {f"AF since {at} (5 min) · AF burden 23 %" for at in (clock, minute)}
        assert line_of(page, "unknown") == "AF since unknown · AF burden unknown"
        assert line_of(page, "sinus") == "AF burden 0.0 %"
        measured = page.ask("document.querySelector('.bed .measured').innerText")
        assert re.fullmatch(
            r"QTc 512 ms \(QRS 141 ms: overstates repolarisation\) · ST at J\+60 most in \S+ -1.2 mm · PVC 0/min",
            measured,
        )
        assert page.ask("document.querySelector('.bed .leads').hidden") is True

        # the numerics stop: what was known is known no more
        page.until("[...document.querySelectorAll('.bed .af')].every(p => p.innerText === 'AF burden unknown')", 20)
    monitors.close()
    database.close()
