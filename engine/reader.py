"""A model that reads ECGs: a checkpoint with its tokenizer and the runtimes that may compute it, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import structlog
from PIL import Image

from engine.claims.basis import RED_RHYTHMS, Basis
from engine.claims.mask import Mask, SlotMask, Vocabulary
from engine.findings.forest import shipped
from engine.findings.fused import FUSION, Fused
from engine.findings.fusion import Tier
from engine.findings.held import Held, held
from engine.gem.checkpoint import Checkpoint
from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording, without_marks
from engine.gem.words import SPACE, SPECIAL, Words, read_words
from engine.image_values import ImageValues
from engine.page import GEM_PAGE, PAGE_INCHES, at_resolution, draw_page
from engine.page_alone import OfPages, Seen
from engine.page_reader import READER
from engine.page_window import SIDE
from engine.prepare import prepare_page, signal_of
from engine.runtime import Floats, Ids, Runtime, RuntimeAway
from engine.runtimes import has_driver, open_runtime, why_not
from engine.scheduler import Allowed
from ingest.frame import LEADS
from stream.measurement import BeatKind
from stream.trigger import Segment

log = structlog.get_logger()

LIMIT = 384
"""Tokens of an answer, at most."""
TAUGHT_SCALE = 2.0
"""Pages of our own training are drawn at this many times the resolution of the image tower (`page_scale` in `engine/train/stages.py`)."""
LEAST_LEADS = LEADS[:6]
"""Without these, which follow from any two of them, most of what a model of ours says of findings is not borne out (docs/engine.md)."""
PROMPT = 256
"""Positions beside the recording: the template, a question and a margin."""
PRECISIONS = {
    "tensorrt": ("bfloat16", "float16", "float8", "float32"),
    "torch": ("bfloat16", "float16", "float32"),
    "onnx": ("float32", "int8"),
}
"""Of each runtime, its usual one first."""


@dataclass(frozen=True)
class Reader:
    """A checkpoint and how it is asked."""

    checkpoint: Checkpoint
    words: Words

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Reader:
        """With the checkpoint's own tokenizer; raises BadCheckpoint."""
        tokens = checkpoint.config.tokens
        return cls(checkpoint, read_words(checkpoint.folder, tokens.begin, tokens.end))

    @cached_property
    def name(self) -> str:
        """Name and digest, for whoever reads an answer."""
        return f"{self.checkpoint.config.name or self.checkpoint.folder.name}-{self.checkpoint.digest[:12]}"

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What each token adds to a text, for the mask."""
        size = self.checkpoint.config.llama.vocabulary
        return Vocabulary([_added(self.words.piece(token)) for token in range(size)])

    @property
    def writes_slots(self) -> bool:
        """Whether the model leaves its values to be filled in, as those are taught to that `vigil engine instruct --slots` makes."""
        return bool(self.vocabulary.slots)

    def allowed(self, basis: Basis) -> Allowed:
        """Which tokens may follow a text about these measurements.

        A model that writes slots gives its own opinion, and no number: what the measurements say to it is told afterwards; only
        that a lead is missing which is there the one that ships may not write. Another one is kept from writing what was not measured.
        """
        if self.writes_slots:
            if self.asked_the_usual:
                return SlotMask(self.vocabulary, basis.measured).allowed
            return lambda _: self.vocabulary.numberless
        return Mask(self.vocabulary, basis).allowed

    @cached_property
    def fused(self) -> Fused | None:
        """How sure its own findings are; None of a checkpoint that does not tell. Raises ValueError where that is damaged."""
        if not (self.checkpoint.folder / FUSION).is_file():
            return None
        return Fused(self.checkpoint, shipped())

    def tiers(self, segment: Segment) -> Mapping[str, Tier] | None:
        """The findings that may be shown of a segment by how sure they are; None of a model that does not tell."""
        return None if self.fused is None else self.fused.shown(segment)

    @cached_property
    def of_pages(self) -> OfPages | None:
        """What reads a page that comes without its signal; None of a checkpoint that has no reader. Raises ValueError where it is damaged."""
        if self.fused is None or not (self.checkpoint.folder / READER).is_file():
            return None
        return OfPages(self.checkpoint.folder, self.fused)

    @cached_property
    def held(self) -> Held:
        """How often what it grades was right; nothing of a checkpoint that does not tell. Raises ValueError where that is damaged."""
        return held(self.checkpoint.folder)

    @property
    def asked_the_usual(self) -> bool:
        """Whether it answers nothing but the question that is always asked: so the reference model, which was taught no other."""
        return (self.checkpoint.folder / FUSION).is_file()

    def untaught(self, segment: Segment) -> str:
        """Why a model of ours is not asked about a segment: a rhythm or beats that it was not taught, or too few leads; empty where it is."""
        if not self.writes_slots:
            return ""
        if segment.trigger.code in RED_RHYTHMS:
            return f"the model was not taught {segment.trigger.code}: what was measured speaks alone"
        if segment.unreadable:
            return segment.unreadable
        missing = [lead for lead in LEAST_LEADS if lead not in segment.measured]
        if not missing:
            return _unusual(segment)
        return (
            "the model is asked only where the six limb leads are there, of which two give the others, "
            f"and without {', '.join(missing)} it is not"
        )

    def positions(self, turns: int = 1, limit: int = LIMIT) -> int:
        """Room that a slot needs for so many questions with their answers of `limit` tokens and the recording."""
        config = self.checkpoint.config
        return min(config.llama.positions, config.recording_tokens + turns * (PROMPT + limit))

    def prompt(self, turns: Sequence[Turn]) -> Ids:
        """Ids of a conversation whose first question stands behind the recording."""
        return encode(template(turns), self.words)

    def signal(self, segment: Segment) -> Floats | None:
        """(12, 5000) in the encoder's order, absent leads masked; None where the model has no ECG tower."""
        return None if self.checkpoint.config.ecg is None else signal_of(segment)

    def page(self, segment: Segment) -> Floats:
        """(3, height, width): the page of twelve rows as the image tower reads it, of our models in the size that they were taught on."""
        return self.drawn(segment.signal_mv, [lead in segment.measured for lead in LEADS])

    def drawn(self, signal_mv: Floats, measured: Sequence[bool]) -> Floats:
        """The same of a signal (12, 5000) and which of its leads were measured."""
        layout = GEM_PAGE
        if self.writes_slots:
            layout = at_resolution(GEM_PAGE, TAUGHT_SCALE * self.checkpoint.config.image.shortest_px / PAGE_INCHES)
        return self.prepared(draw_page(signal_mv, measured, layout))

    def read(self, segment: Segment) -> Seen:
        """What is read off the page of a segment; raises ValueError of a checkpoint that has no reader of pages."""
        if self.of_pages is None:
            raise ValueError(f"{self.name} has no reader of pages")
        measured = [lead in segment.measured for lead in LEADS]
        picture = draw_page(segment.signal_mv, measured, at_resolution(GEM_PAGE, TAUGHT_SCALE * SIDE / PAGE_INCHES))
        return self.of_pages.of_page(prepare_page(picture, ImageValues(SIDE, SIDE))[0])

    def prepared(self, image: Image.Image) -> Floats:
        """(3, height, width): any picture of a page as the image tower reads it."""
        config = self.checkpoint.config
        page: Floats = prepare_page(image, config.image, "pad" if config.aspect == "pad" else "ori")[0]
        return page


def question_of(text: str) -> str:
    """The first turn: a person's question, or the one that the model was trained and judged with."""
    return with_recording(without_marks(text) if text else GROUNDING)


def away(name: str) -> str:
    """Why a runtime is none that this machine can have, one sentence; empty where it can.

    torch counts where a GPU is: on the CPU, onnx is several times as fast.
    """
    return why_not(name) or ("torch finds no GPU on this machine" if name == "torch" and not has_driver() else "")


def open_first(
    reader: Reader, names: Sequence[str], slots: int, precision: str = "float32", turns: int = 1, limit: int = LIMIT
) -> tuple[str, Runtime, tuple[str, ...]]:
    """The first runtime of `names` that works here, and what went wrong with those before it; raises RuntimeAway.

    What this machine does not have (`away`) is passed over in silence. A runtime that does not know the precision works
    in one that it knows.
    """
    absent: list[str] = []
    wrong: list[str] = []
    for name in names:
        why = away(name)
        if why:
            absent.append(f"runtime {name}: {why}")
            continue
        try:
            room = reader.positions(turns, limit)
            return name, open_runtime(name, reader.checkpoint, slots, room, known(name, precision)), tuple(wrong)
        except Exception as error:  # whatever keeps one from opening, the next is tried and the reason told
            log.warning("a runtime cannot be opened", runtime=name, why=str(error))
            wrong.append(f"runtime {name}: {' '.join(str(error).split())[:300]}")
    raise RuntimeAway("; ".join([*absent, *wrong]) or "no runtime is left")


def known(name: str, precision: str) -> str:
    """The precision that was asked for where the runtime has it, else its usual one."""
    return precision if precision in PRECISIONS[name] else PRECISIONS[name][0]


def _added(piece: str) -> str:
    """What a token adds to a text: as SentencePiece writes spaces and bytes, or as byte-level tokenizers do."""
    if piece in SPECIAL:
        return ""
    if len(piece) == 6 and piece.startswith("<0x"):
        return chr(int(piece[3:5], 16))
    return piece.replace(SPACE, " ").replace("\u0120", " ").replace("\u010a", "\n")


def _unusual(segment: Segment) -> str:
    """Why the beats of a segment are none that a model of ours was taught; empty where they are."""
    if segment.measurements is None:
        return ""
    basis = Basis.of(segment, None)
    why = basis.unconducted or next((one.reason for one in basis.criteria[1] if one.name == "rate and rhythm"), "")
    if not why and basis.count(BeatKind.PACED):
        why = "beats are paced"
    return f"the model was not taught such beats ({why}): what was measured speaks alone" if why else ""
