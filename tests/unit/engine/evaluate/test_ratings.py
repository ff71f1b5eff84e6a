"""Blinded forms: what readers see tells no system, and filled forms come back to their systems."""

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from engine.evaluate.agreement import summary, weighted_kappa
from engine.evaluate.rating_page import as_page
from engine.evaluate.ratings import (
    COLUMNS,
    BadSheet,
    Sheet,
    as_csv,
    as_key,
    read_key,
    read_ratings,
    sheet,
    unblinded,
)

TEXTS = {f"rec{k}": {"gem": f"first text {k}", "other": f"=second text {k}"} for k in range(6)}


def filled(one: Sheet, path: Path, rater: str, points: dict[str, int], **change: str) -> Path:
    """A sheet as a reader would fill it: to each text the points of its system."""
    by_form = {form.id: form.system for form in one.forms}
    rows = list(csv.DictReader(io.StringIO(as_csv(one), newline="")))
    for row in rows:
        row |= {"rater": rater} | {name: str(points[by_form[row["form"]]]) for name in COLUMNS}
    rows[1] |= change
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(as_key(sheet(TEXTS, 3)))
    return path


def test_forms_are_shuffled_within_and_between_records_and_come_out_the_same_again() -> None:
    one = sheet(TEXTS, 3)
    assert one == sheet(TEXTS, 3)
    assert one.id != sheet(TEXTS, 4).id
    firsts = [form.system for form in one.forms if form.id.endswith("A")]
    assert set(firsts) == {"gem", "other"}
    assert [form.record for form in one.forms if form.id.endswith("A")] != sorted(TEXTS)
    assert {(form.record, form.system) for form in one.forms} == {(r, s) for r in TEXTS for s in TEXTS[r]}


def test_what_readers_see_names_neither_system_nor_record() -> None:
    one = sheet(TEXTS, 3)
    page = as_page(one, {1: Image.new("RGB", (220, 170), "white")})
    for shown in (as_csv(one), page):
        assert "gem" not in shown
        assert "other" not in shown.replace("another", "")
        assert "rec0" not in shown
        assert "first text 0" in shown
    assert " =second text" in as_csv(one)
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("data:image/png;base64,") == 1
    assert page.count("No picture.") == 5
    assert page.count('type="radio"') == 12 * 7 * 5
    assert "not a medical device" in page


def test_a_text_that_names_a_system_is_refused() -> None:
    with pytest.raises(BadSheet, match="the answer of gem to r names gem"):
        sheet({"r": {"gem": "As GEM I see", "x1": "a"}}, 0)


def test_texts_cannot_write_into_the_page() -> None:
    one = sheet({"r": {"aaa": "<script>alert(1)</script>", "bbb": "@TOLD@ text"}}, 0)
    page = as_page(one, {})
    assert page.count("<script>") == 1
    assert "&lt;script&gt;" in page
    assert "@TOLD@ text" in page


def test_means_differences_and_agreement_by_hand(tmp_path: Path, key: Path) -> None:
    one, told = sheet(TEXTS, 3), read_key(key)
    a = filled(one, tmp_path / "a.csv", "Ada", {"gem": 4, "other": 2})
    b = filled(one, tmp_path / "b.csv", "Ben", {"gem": 5, "other": 2})
    rows = unblinded(read_ratings([a, b], told), told)
    found = summary(rows)
    assert (found["ratings"], found["records"], found["raters"]) == (24, 6, ["Ada", "Ben"])
    assert found["systems"]["gem"]["Accuracy"] == {"value": 4.5, "low": 4.5, "high": 4.5, "n": 12}
    assert found["systems"]["other"]["Novelty"]["value"] == 2.0
    (pair,) = found["differences"]
    assert (pair["first"], pair["second"], pair["Relevance"]["value"]) == ("gem", "other", 2.5)
    # half of the forms (4, 5), half (2, 2): seen 1/2; by chance ((4-5)^2 + (4-2)^2 + (2-5)^2 + 0) / 4 = 14/4
    assert found["agreement"]["Accuracy"]["kappa"] == pytest.approx(1 - 0.5 / 3.5)


def test_kappa_against_the_library() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = [1, 2, 3, 4, 5, 3, 2, 4], [2, 2, 3, 5, 4, 3, 1, 4]
    wanted = metrics.cohen_kappa_score(first, second, weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert weighted_kappa(first, second) == pytest.approx(wanted)
    assert weighted_kappa([3, 3], [3, 3]) is None
    assert weighted_kappa([], []) is None
    assert weighted_kappa([1, 5], [5, 1]) == pytest.approx(-1.0)


def test_sheets_of_a_spreadsheet_with_semicolons_and_empty_forms_are_read(tmp_path: Path, key: Path) -> None:
    one, told = sheet(TEXTS, 3), read_key(key)
    path = filled(one, tmp_path / "a.csv", "Ada", {"gem": 4, "other": 2}, **dict.fromkeys(COLUMNS, ""))
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    path.write_text(out.getvalue())
    assert len(read_ratings([path], told)) == 11


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Accuracy": "6"}, r"a\.csv, row 3, column Accuracy: 6 is none of 1 to 5"),
        ({"Novelty": ""}, r"a\.csv, row 3, column Novelty: it is empty"),
        ({"Satisfaction": "4.5"}, r"row 3, column Satisfaction: 4\.5 is none"),
        ({"form": "999-Z"}, "row 3, column form: the key has no form 999-Z"),
        ({"sheet": "abc"}, "row 3, column sheet: abc is not the sheet"),
    ],
)
def test_a_bad_sheet_names_file_row_and_column(change: dict[str, str], said: str, tmp_path: Path, key: Path) -> None:
    path = filled(sheet(TEXTS, 3), tmp_path / "a.csv", "Ada", {"gem": 4, "other": 2}, **change)
    with pytest.raises(BadSheet, match=said):
        read_ratings([path], read_key(key))


def test_sheets_that_cannot_be_told_apart_are_refused(tmp_path: Path, key: Path) -> None:
    one, told = sheet(TEXTS, 3), read_key(key)
    a = filled(one, tmp_path / "a.csv", "Ada", {"gem": 4, "other": 2})
    b = filled(one, tmp_path / "b.csv", "Ada", {"gem": 4, "other": 2})
    with pytest.raises(BadSheet, match=r"b\.csv, row 2, column form: Ada has rated 001-A in .*a\.csv already"):
        read_ratings([a, b], told)
    nobody = filled(one, tmp_path / "c.csv", "", {"gem": 4, "other": 2})
    with pytest.raises(BadSheet, match=r"c\.csv, row 2, column rater"):
        read_ratings([nobody], told)
    (tmp_path / "d.csv").write_text("sheet,form,rater,Relevance\n")
    with pytest.raises(BadSheet, match=r"d\.csv, row 1: there is no column Accuracy"):
        read_ratings([tmp_path / "d.csv"], told)
    (tmp_path / "e.csv").write_text(as_csv(one))
    with pytest.raises(BadSheet, match="no form is filled"):
        read_ratings([tmp_path / "e.csv"], told)
    (tmp_path / "bad.json").write_text(json.dumps([1]))
    with pytest.raises(BadSheet, match="is no key"):
        read_key(tmp_path / "bad.json")
