"""A few simulated recordings with conversations about them, and a stage that a very small model learns in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.train.stages import Stage, built_in, changed
from tests.unit.engine.labelled_sets import recording, write_record

ANSWERS = (
    "Sinus rhythm, rate 72 bpm.",
    "The PR interval is 164 ms.",
    "T waves are inverted in aVL.",
    "QRS 94 ms, normal.",
)
RHYTHMS = (("sinus", 72.0), ("af", 92.0), ("sinus", 48.0), ("avblock1", 80.0))
QUESTION = "What is the rhythm?"


def sample(k: int, answer: str = "", **more: Any) -> dict[str, Any]:
    """One sample in the published format."""
    said = [
        {"from": "human", "value": f"<image>\n{QUESTION}"},
        {"from": "gpt", "value": answer or ANSWERS[k % len(ANSWERS)]},
    ]
    return {"id": f"made-{k}", "ecg": f"made/{k}", "image": f"made/{k}-0.png", "conversations": said, **more}


def write_records(folder: Path) -> Path:
    """The folder `made` with four records."""
    for k, (rhythm, rate) in enumerate(RHYTHMS):
        write_record(folder / "made", str(k), recording(rhythm, rate, seed=k + 1))
    return folder


def write_samples(file: Path, samples: list[Any]) -> Path:
    """A JSON list."""
    file.write_text(json.dumps(samples))
    return file


def small(**changes: Any) -> Stage:
    """The stage `tiny`, smaller."""
    usual = {
        "name": "small",
        "batch": 4,
        "micro": 2,
        "epochs": 3.0,
        "signal_dropout": 0.0,
        "page_dropout": 0.0,
        "new_pages": 1.0,
    }
    stage = changed(built_in("tiny"), {**usual, **changes}, "test")
    assert isinstance(stage, Stage)
    return stage
