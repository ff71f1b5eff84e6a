"""What Vigil's criteria alone say of the records that the reference model is judged on, as the labels that sets carry.

The criteria (`engine/criteria`) are published rules over measurements; nothing in them is learnt. Their findings are read by their SNOMED CT
codes as those of a set without superclasses of its own are (`engine.instruct.labels`), in their favour where there is a choice: pathological
Q waves and ST elevation count as infarct, of which they are the criterion, and a record of which they find nothing but sinus rhythm and axis as normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.instruct.labelled import BadSet, Entry, of_recording, recording_of
from engine.instruct.labels import LABELS, classes_of, fifteen, of_snomed
from engine.interpreter import NORMAL, interpret
from infra.score import run
from infra.score.tiny.counts import Floats, said_of
from ingest.frame import Nanoseconds
from ingest.open_recording import UnreadableRecording

FORM = frozenset({"QWAVE", "STD", "AMI", "LMI", "IMI"})
"""What they find of Q waves and ST segments: form, not diagnosis, as PTB-XL and the reader of texts have it."""


def concepts_of(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """SNOMED CT codes of what the criteria find in each record; none of one that cannot be measured."""
    found = dict(run.over(_asked, [(entry.name, entry) for entry in entries], "records by criteria"))
    return [found.get(entry.name, ()) for entry in entries]


def _asked(item: tuple[str, Entry]) -> tuple[str, tuple[str, ...]]:
    name, entry = item
    try:
        segment = of_recording(entry, recording_of(entry)).segment
    except (UnreadableRecording, BadSet) as error:
        raise run.Unscorable(str(error)) from None
    # that a patient is paced comes from the label here, which the criteria must not be told
    context = replace(entry.context, paced=None)
    return name, tuple(finding.code for finding in interpret(segment, context, Nanoseconds(0)).findings)


def said(concepts: Sequence[Sequence[str]]) -> Floats:
    """(records, classes of `infra.score.findings`): 1 of what is found."""
    return said_of([_labels(one) for one in concepts])


def readings(concepts: Sequence[Sequence[str]]) -> dict[str, Floats]:
    """The same read less in their favour: normal only where they say so in words; Q waves and ST segments as form, which makes no class."""
    return {
        "normal_only_if_said": said_of([_labels(one, normal=NORMAL in one) for one in concepts]),
        "form_makes_no_class": said_of([_labels(one, form=False) for one in concepts]),
    }


def _labels(concepts: Sequence[str], normal: bool = True, form: bool = True) -> tuple[str, ...]:
    # a set that names no normal ECG is given one there; here it follows from the classes alone
    # ST elevation stands for an infarct here, of whichever wall
    codes = ["AMI" if code == "STE" else code for code in of_snomed(concepts)[0] if code != "NORM"]
    classes = set(classes_of(codes)) - (set() if normal else {"NORM"})
    if not form:
        classes &= {LABELS[code].superclass for code in codes if code not in FORM} | {"NORM"}
    elif "QWAVE" in codes:
        classes.add("MI")
    return fifteen(codes, classes)
