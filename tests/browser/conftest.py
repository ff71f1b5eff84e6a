"""A page of a browser of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .chromium import Page, browser, need_chromium


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    need_chromium()
    with browser(tmp_path) as opened:
        yield opened
