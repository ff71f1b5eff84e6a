"""What the page shows of a bed with two sources, of numerics that grow old and of an alarm that comes late."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from alerts import accounts
from infra.services import Addresses
from ingest.frame import Nanoseconds
from storage import alertbook
from storage.database import Database
from tests.integration.test_alerts import console, red, send, serving
from tests.integration.test_requests import refused, send_numerics, watched
from tests.integration.test_stream import send as send_frames

from .chromium import Page

pytestmark = [pytest.mark.broker, pytest.mark.slow]

CARD = "document.querySelector('#beds article')"
ALERT = "document.querySelector('#alerts li')"


def log_in(page: Page, url: str) -> None:
    page.go(f"{url}/login")
    page.ask("document.querySelector('[name=name]').value = 'nurse'")
    page.ask("document.querySelector('[name=password]').value = 'password of nurse'")
    page.ask("document.querySelector('form button').click()")
    page.until("!!document.querySelector('#beds')")


@pytest.mark.timeout(180)
def test_a_nurse_sees_one_source_of_a_bed_and_never_takes_what_is_old_for_the_present(
    services: Addresses, page: Page
) -> None:
    database = Database(services.database)
    hashed = accounts.hash_password("password of nurse")
    database.run(lambda c: alertbook.put_account(c, "nurse", "nurse", hashed))
    with serving(services, services.database) as (service, _), console(service, services, database) as url:
        log_in(page, url)
        feed = watched("seen-1", 2.0, 60.0)
        while page.ask(f"{CARD} === null"):
            send_frames(services, [refused(f) for f in feed[:8]])
            time.sleep(0.5)
        page.until(f"{CARD}.querySelector('.state').innerText === 'no lead · not analysed'", 10)

        while page.ask(f"{CARD}.querySelector('.rate').innerText") != "70":
            due = [f for f in feed if f.sent_ns <= time.time_ns()]
            feed = feed[len(due) :]
            send_frames(services, due + [refused(f) for f in due])
            send_numerics(services, due)
            time.sleep(0.3)
        # the other source sends zeros: of the one that the bed listens to nearly no value is zero
        zeros = "cards.get('seen-1').strip.filter(v => v === 0).length / cards.get('seen-1').strip.length"
        assert page.ask(zeros) < 0.2

        page.until(
            f"/LATE by .* s · late: rate 70 was [0-9]+ s ago/.test({CARD}.querySelector('.state').innerText)", 20
        )
        assert page.ask(f"{CARD}.querySelector('.rate').innerText") == "unknown"

        event = red("late-1", "seen-1")
        send(services, replace(event, at_ns=Nanoseconds(event.at_ns - 82 * 10**9)))
        page.until(f"/^late: happened at .*, 8[0-9] s ago$/.test({ALERT}?.querySelector('.stamp')?.innerText)", 20)
        shown = f"[{ALERT}.className, getComputedStyle({ALERT}).animationName]"
        assert page.ask(shown) == ["high active late", "none"]
        service.acknowledge("late-1", "nurse")
    database.close()
