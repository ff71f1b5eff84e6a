"""The rating sheet as one page that a reader opens in a browser: the ECG beside the texts, filled there and saved as CSV.

It loads nothing and sends nothing; what is filled in stays in the browser until it is saved.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping
from html import escape

from PIL import Image

from engine.evaluate.ratings import COLUMNS, POINTS, Sheet

WIDTH_PX = 1400


def as_page(one: Sheet, pictures: Mapping[int, Image.Image]) -> str:
    """HTML. pictures: the ECG page of each case; a case without one says so."""
    cases: dict[int, list[str]] = {}
    for form in one.forms:
        cases.setdefault(form.case, []).append(_form(form.id, form.text))
    shown = "\n".join(_case(case, forms, pictures.get(case)) for case, forms in cases.items())
    told = json.dumps({"sheet": one.id, "columns": list(COLUMNS), "forms": [f.id for f in one.forms]})
    put = {"CASES": shown, "TOLD": told.replace("<", "\\u003c"), "COUNT": str(len(one.forms))}
    return re.sub("@([A-Z]+)@", lambda place: put[place.group(1)], _PAGE)


def _case(case: int, forms: list[str], picture: Image.Image | None) -> str:
    image = (
        f'<img alt="ECG of case {case}" src="{_embedded(picture)}">' if picture is not None else "<p>No picture.</p>"
    )
    return f'<section><h2>Case {case}</h2><div class="two"><div class="ecg">{image}</div><div>{"".join(forms)}</div></div></section>'


def _form(id_: str, text: str) -> str:
    rows = "".join(
        f'<tr><th scope="row" title="{escape(what)}">{escape(name)}<small>{escape(what)}</small></th>'
        + "".join(
            f'<td><label><input type="radio" name="{id_}|{k}" value="{p}" aria-label="{escape(name)} {p}">{p}</label></td>'
            for p in POINTS
        )
        + "</tr>"
        for k, (name, what) in enumerate(COLUMNS.items())
    )
    return (
        f'<article id="{id_}"><h3>Text {id_}</h3><p class="text">{escape(text) or "(no text)"}</p><table>{rows}</table>'
        f'<textarea aria-label="Comment on {id_}" name="{id_}|comment" placeholder="Comment"></textarea></article>'
    )


def _embedded(picture: Image.Image) -> str:
    height = round(picture.height * WIDTH_PX / picture.width)
    small = picture.convert("RGB").resize((WIDTH_PX, height), Image.Resampling.LANCZOS).quantize(32)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ECG texts to be rated</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>
body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1900px;padding:0 1rem 6rem;color:#111;background:#fff}
.two{display:grid;grid-template-columns:3fr 2fr;gap:1rem}.ecg{position:sticky;top:3.5rem;align-self:start}img{width:100%;border:1px solid #999}
article{border:1px solid #999;border-radius:6px;padding:.5rem 1rem;margin-bottom:1rem}.text{white-space:pre-wrap}
table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600}small{display:block;font-weight:400;color:#444}td{padding:.2rem}
label{display:block;padding:.3rem;cursor:pointer}textarea{width:100%;box-sizing:border-box;margin-top:.5rem}
header{position:sticky;top:0;background:#fff;border-bottom:1px solid #999;padding:.5rem 0;z-index:1;display:flex;gap:1rem;align-items:center;flex-wrap:wrap}
@media(max-width:900px){.two{grid-template-columns:1fr}.ecg{position:static}}
</style></head><body>
<header><label>Your name or number <input id="rater" autocomplete="off"></label><button id="save">Save ratings as CSV</button><span id="left" role="status"></span><strong id="hint" role="alert"></strong></header>
<h1>ECG texts to be rated</h1>
<p>Research software, not a medical device. Each case shows one ECG and texts of several authors in a random order. Give each text 1 (worst) to 5 (best) in every row.
What you fill in stays in this browser; save it at the end and hand back the file.</p>
@CASES@
<script>
"use strict";
const told = @TOLD@, count = @COUNT@;
let kept = {}, store = null, state = "", writes = 0, broken = false;
const rater = document.getElementById("rater"), left = document.getElementById("left"), hint = document.getElementById("hint");
function full(id) { return told.columns.every((_, k) => kept[id + "|" + k]); }
function begun(id) { return told.columns.some((_, k) => kept[id + "|" + k]); }
function show() { left.textContent = told.forms.filter(full).length + " of " + count + " texts rated" + state; }
function fill() {
  for (const f of document.querySelectorAll("article input, article textarea"))
    if (f.name in kept) { if (f.type === "radio") f.checked = f.value === kept[f.name]; else f.value = kept[f.name]; }
  rater.value = kept.rater || "";
}
function say(text) { state = text; show(); }
function lost() { broken = true; say(", not kept in this browser: save before you close the page"); }
// IndexedDB and not localStorage: it says when a write has reached the disk, and only then is it called kept.
function open_store() {
  const asked = indexedDB.open("vigil-ratings", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("sheets");
  asked.onerror = lost;
  asked.onsuccess = () => {
    store = asked.result;
    const read = store.transaction("sheets").objectStore("sheets").get(told.sheet);
    read.onerror = lost;
    read.onsuccess = () => {
      const before = Object.keys(kept).length > 0;
      kept = {...read.result, ...kept};
      fill();
      show();
      if (before) write();
    };
  };
}
function write() {
  const mine = ++writes, put = store.transaction("sheets", "readwrite", {durability: "strict"});
  put.objectStore("sheets").put(kept, told.sheet);
  put.oncomplete = () => { if (mine === writes) say(", kept in this browser"); };
  put.onerror = put.onabort = lost;
}
function keep(event) {
  const f = event.target;
  if (f === rater) kept.rater = f.value.trim(); else if (f.name) kept[f.name] = f.value;
  hint.textContent = "";
  if (broken) return show();
  say(", keeping…");
  if (store !== null) write();
}
document.addEventListener("input", keep);
function cell(value) { return '"' + String(value).replaceAll('"', '""') + '"'; }
function csv() {
  const rows = [["sheet", "form", "rater", ...told.columns, "comment"]];
  for (const id of told.forms)
    rows.push([told.sheet, id, kept.rater || "", ...told.columns.map((_, k) => kept[id + "|" + k] || ""), kept[id + "|comment"] || ""]);
  return rows.map(row => row.map(cell).join(",")).join("\\r\\n") + "\\r\\n";
}
document.getElementById("save").addEventListener("click", () => {
  const half = told.forms.find(id => begun(id) && !full(id));
  if (!kept.rater) { hint.textContent = "Give your name or number first."; rater.focus(); return; }
  if (half) { hint.textContent = "Text " + half + " has empty rows."; document.getElementById(half).scrollIntoView(); return; }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], {type: "text/csv"}));
  link.download = "ratings-" + told.sheet + "-" + kept.rater.replace(/[^A-Za-z0-9]+/g, "_") + ".csv";
  link.click();
  show();
});
show();
try { open_store(); } catch { lost(); }
</script></body></html>
"""
