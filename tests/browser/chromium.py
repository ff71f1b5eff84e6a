"""A Chromium that tests drive over its debugging protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def need_chromium() -> None:
    """Skip where there is none; CI must have it."""
    if executable() is not None:
        return
    if os.environ.get("CI"):
        pytest.fail("CI needs Chromium: .ci/run installs it")
    pytest.skip("no Chromium on this machine")


class Page:
    """One tab."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._next = 0

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._next += 1
        self._socket.send(json.dumps({"id": self._next, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=30))
            if told.get("id") == self._next:
                assert "error" not in told, told["error"]
                return told["result"]

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def ask(self, expression: str) -> Any:
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, expression: str, limit_s: float = 45.0) -> Any:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            with contextlib.suppress(AssertionError):
                found = self.ask(expression)
                if found:
                    return found
            time.sleep(0.2)
        raise AssertionError(f"never came true: {expression}\n{self.ask('document.body.innerText')}")

    def press(self, key: str, code: str) -> None:
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A fresh Chromium with one page."""
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
    size = ("--window-size=1400,1000", "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank")
    process = subprocess.Popen([executable(), *flags, *size], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        active = folder / "DevToolsActivePort"
        deadline = time.monotonic() + 30
        while not (active.exists() and active.read_text().count("\n")) and time.monotonic() < deadline:
            time.sleep(0.1)
        port = active.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            tabs = [t for t in json.load(answer) if t["type"] == "page"]
        with connect(tabs[0]["webSocketDebuggerUrl"], max_size=64 << 20) as socket:
            page = Page(socket)
            page.call("Page.enable")
            yield page
    finally:
        process.kill()
        process.wait()
