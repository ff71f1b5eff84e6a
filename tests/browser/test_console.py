"""The console as a person at the bedside uses it: a real Vigil, a real browser."""

from __future__ import annotations

import contextlib
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra import local_postgres

from .chromium import Page, browser, need_chromium

pytestmark = [pytest.mark.broker, pytest.mark.slow]


class Vigil:
    """A `vigil up` with its lines as they come."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "infra.cli", "up", "--data-dir", str(folder), "--port", str(port)]
        self.begun_s = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))

    def until(self, pattern: str, limit_s: float) -> re.Match[str]:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self.lines.append(self._queue.get(timeout=0.5))
                found = re.search(pattern, self.lines[-1])
                if found:
                    return found
        raise AssertionError(f"no line like {pattern}:\n" + "\n".join(self.lines))


@pytest.fixture(scope="module")
def vigil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vigil]:
    need_chromium()
    folder = tmp_path_factory.mktemp("console")
    running = Vigil(folder)
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    running.process.stdout.close()
    local_postgres.remove(folder)


@pytest.fixture(scope="module")
def page(vigil: Vigil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.mark.timeout(240)
def test_a_nurse_logs_in_sees_beds_and_answers_an_alarm(vigil: Vigil, page: Page, tmp_path: Path) -> None:
    link = vigil.until(r"log in once, within 15 minutes: (\S+)", 120)[1]
    vigil.until(r"playing 8 simulated beds", 120)
    played_s = time.monotonic()
    page.go(link)
    assert "not a medical device" in page.ask("document.querySelector('footer').innerText")
    page.until("document.querySelectorAll('#beds article').length === 8")
    page.until("[...document.querySelectorAll('.bed .rate')].filter(r => /^[0-9]+$/.test(r.innerText)).length >= 4")
    page.until("document.querySelector('#link').innerText === 'live'")

    page.until("document.querySelectorAll('#alerts li.high').length >= 1")
    page.until("!!document.querySelector('#alerts li .said')")
    assert time.monotonic() - played_s < 40.0
    drawn = (
        "[...document.querySelectorAll('canvas')].every(c => c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.some(v => v > 0))"
    )
    page.until(drawn)

    page.press("ArrowDown", "ArrowDown")
    chosen = page.until("document.activeElement.dataset.id")
    page.press("a", "KeyA")
    answered = f"document.querySelector('li[data-id=\"{chosen}\"] .when').innerText.includes('acknowledged by admin')"
    page.until(answered)

    # a red one that nobody has answered stays, so that it goes or says so by this alone
    # (the one acknowledged above may have been the only red one so far)
    red = "document.querySelector('#alerts li.high:not(.acknowledged)')"
    false = page.until(f"(l => {{ l.focus(); return l.dataset.id }})({red})")
    page.press("x", "KeyX")
    said = f"document.querySelector('li[data-id=\"{false}\"] .when')"
    page.until(f"!{said} || {said}.innerText.includes('an artefact says admin')")

    page.ask("document.querySelector('.bed.live button').click()")
    page.until(
        "[...document.querySelectorAll('.bed .said')].some(p => /: (Asked for|Not interpreted)/.test(p.innerText))", 60
    )
    # what is written into a question is for no alert, whatever its letters
    page.ask("document.querySelector('.bed.live input').focus()")
    answered = "[...document.querySelectorAll('#alerts .when')].filter(w => /acknowledged by/.test(w.innerText)).length"
    before = page.until(f"document.activeElement.tagName === 'INPUT' && String({answered})")
    page.press("a", "KeyA")
    time.sleep(1.0)
    # one that was acknowledged may have gone meanwhile
    assert int(page.ask(f"String({answered})")) <= int(before)
    page.ask("document.activeElement.value = 'What is the heart rate?'")
    page.ask("document.activeElement.form.requestSubmit()")
    # the first bed may stand still by now: no rate is told of an asystole
    page.until(
        "[...document.querySelectorAll('.bed .said')].some(p => /What is the heart rate[^]*Heart rate: ([0-9]+|cannot be told)/.test(p.innerText))",
        60,
    )
    page.picture(tmp_path / "console.png")
    assert (tmp_path / "console.png").stat().st_size > 20_000


def test_a_link_logs_in_once_and_nothing_is_shown_without_a_login(vigil: Vigil, page: Page) -> None:
    link = next(m[1] for line in vigil.lines if (m := re.search(r"15 minutes: (\S+)", line)))
    base = link.split("/login")[0]
    assert httpx.get(link).status_code == 403
    assert httpx.get(base + "/live").status_code == 401
    assert httpx.post(base + "/alerts/x/acknowledge").status_code == 403


def test_a_broken_connection_is_said_and_never_shown_as_live(vigil: Vigil, page: Page) -> None:
    page.ask("source.close()")
    page.until("document.querySelector('#link').innerText.includes('not live')", 10)
    assert page.ask("[...document.querySelectorAll('.bed')].every(b => b.classList.contains('late'))")
