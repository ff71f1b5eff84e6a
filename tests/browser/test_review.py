"""The review page as a technician uses it: real PostgreSQL, a real browser, the keyboard alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from alerts import accounts
from alerts.console.app import build_console
from infra.services import Addresses
from storage import reviews
from storage.database import Database
from tests.browser.chromium import Page
from tests.integration.test_reviews import flag

pytestmark = pytest.mark.broker
SAVED = "document.querySelector('#saved').innerText"


@contextmanager
def console(database: Database) -> Iterator[str]:
    app = build_console(None, None, database)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.mark.timeout(120)
def test_a_window_is_confirmed_corrected_and_taken_back_by_keys(
    services: Addresses, page: Page, tmp_path: Path
) -> None:
    now_ns = time.time_ns() + 3600 * 10**9  # before whatever other tests flagged
    database = Database(services.database)
    window = flag(database, "seen-1", "vt", 8201, now_ns)
    flag(database, "seen-2", "svt", 8202, now_ns - 10**9 * 3600)

    def stored() -> tuple[str, ...]:
        review = database.run(lambda c: reviews.shown(c, window.trigger)).flagged.review
        return (review.verdict, *review.findings) if review is not None else ()

    with console(database) as url:
        # there is no live page here, to which the link would lead
        page.go(f"{url}/login")
        link = f"/login?token={accounts.one_time_link(database, time.time_ns())}"
        page.ask(f"fetch('{link}', {{redirect: 'manual'}}).then(() => true)")
        page.go(f"{url}/review")
        assert "not a medical device" in page.ask("document.querySelector('footer').innerText")
        # the newest is chosen by itself
        page.until(f"document.activeElement.dataset.trigger === '{window.trigger}'")
        page.until("!document.querySelector('#window').hidden")
        drawn = (
            "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, k) => k % 4 < 3 && v < 40))"
            "(document.querySelector('#window canvas'))"
        )
        page.until(drawn)
        assert page.ask(SAVED).startswith("Not confirmed")
        assert stored() == ()

        page.press("c", "KeyC")
        page.until(f"/^Saved .*: confirmed by admin\\.$/.test({SAVED})")
        assert stored() == ("confirmed", "VT")

        page.press("f", "KeyF")
        page.until("document.activeElement.tagName === 'INPUT'")
        assert page.ask("document.activeElement.value") == ""
        page.ask("document.activeElement.value = 'left axis deviation'")
        page.press("Enter", "Enter")
        page.until(f"/not saved/.test({SAVED})")
        assert stored() == ("confirmed", "VT")
        # a letter that is written confirms nothing
        page.press("c", "KeyC")
        page.press("Escape", "Escape")
        page.until("document.activeElement.tagName === 'LI'")
        assert stored() == ("confirmed", "VT")
        page.press("c", "KeyC")
        page.until(f"/corrected by admin/.test({SAVED})")
        assert stored() == ("corrected", "VT", "LAD")
        assert "corrected by admin" in page.ask("document.activeElement.innerText")
        page.picture(tmp_path / "review.png")

        page.press("u", "KeyU")
        page.until(f"{SAVED}.startsWith('Not confirmed')")
        assert stored() == ("withdrawn",)
        page.press("ArrowDown", "ArrowDown")
        page.until(f"document.activeElement.dataset.trigger !== '{window.trigger}'")

        # what could not be saved is not said to be
        page.until("!document.querySelector('#window').hidden")
        page.ask("fetch = () => Promise.reject(new TypeError('gone'))")
        page.press("c", "KeyC")
        page.until(f"{SAVED} === 'Not saved: Vigil does not answer.'")
    database.close()
