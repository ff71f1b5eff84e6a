"""The rating page as a reader uses it: filled in a browser, saved, and read back."""

import json
from pathlib import Path

import pytest
from PIL import Image

from engine.evaluate.rating_page import as_page
from engine.evaluate.ratings import COLUMNS, as_key, read_key, read_ratings, sheet

from .chromium import Page

pytestmark = pytest.mark.slow


def test_what_is_filled_in_the_page_is_what_is_read_back(page: Page, tmp_path: Path) -> None:
    one = sheet({"r1": {"aaa": 'Sinus, "normal"', "bbb": "Flutter"}, "r2": {"aaa": "x", "bbb": "y"}}, 1)
    (tmp_path / "sheet.html").write_text(as_page(one, {1: Image.new("RGB", (220, 170), "white")}))
    (tmp_path / "key.json").write_text(as_key(one))
    page.go((tmp_path / "sheet.html").as_uri())
    page.until("document.getElementById('left').textContent.startsWith('0 of 4')")
    first = one.forms[0].id
    page.ask(f'document.querySelector(\'input[name="{first}|0"][value="5"]\').click()')
    page.ask("document.getElementById('save').click()")
    assert page.ask("document.getElementById('hint').textContent") == "Give your name or number first."
    page.ask("rater.value = 'Ada'; rater.dispatchEvent(new Event('input', {bubbles: true}))")
    page.ask("document.getElementById('save').click()")
    assert page.ask("document.getElementById('hint').textContent") == f"Text {first} has empty rows."
    for k in range(len(COLUMNS)):
        page.ask(f'document.querySelector(\'input[name="{first}|{k}"][value="{1 + k % 5}"]\').click()')
    page.until("document.getElementById('left').textContent === '1 of 4 texts rated, kept in this browser'")
    (tmp_path / "ada.csv").write_text(page.ask("csv()"))
    (rating,) = read_ratings([tmp_path / "ada.csv"], read_key(tmp_path / "key.json"))
    assert (rating.rater, rating.form, rating.points) == ("Ada", first, (1, 2, 3, 4, 5, 1, 2))
    page.go((tmp_path / "sheet.html").as_uri())
    page.until("document.getElementById('left').textContent.startsWith('1 of 4')")
    assert page.ask("rater.value") == "Ada"
    assert json.loads(page.ask("JSON.stringify(told.columns)")) == list(COLUMNS)
