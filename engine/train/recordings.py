"""What a sample shows: its signal and its page in the model's shape, read from files or drawn. No torch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.aged import Wear, aged_page
from engine.image_values import ImageValues, Unprepared
from engine.instruct.labelled import BadSet, Change, changed, recording_at
from engine.instruct.simulated import DATABASE
from engine.page import GEM_PAGE, PAGE_INCHES, at_resolution, draw_page
from engine.prepare import ENCODER_ORDER, prepare_page, prepare_signal
from engine.scan import UnreadablePicture, open_picture
from engine.teacher.record import draw
from ingest.frame import LEADS, lead_name
from ingest.open_recording import UnreadableRecording
from ingest.recording import Recording
from stream.offline import segment_at
from stream.segment import SEGMENT_S
from stream.trigger import MODEL_HZ

Floats = NDArray[np.float32]
REMEMBERED = 2000
"""Signals that one process keeps: half a gigabyte."""


class Unreadable(ValueError):
    """A recording that cannot be shown; one sentence."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where recordings lie."""

    records: Path | None = None
    """Folder that the paths of signals begin in; None: no signal is looked for."""
    sets: Mapping[str, Path] = field(default_factory=dict)
    """Folders of sets that lie elsewhere, by the first component of the path."""
    images: Path | None = None
    """Folder of pages; None: they are drawn."""

    @property
    def has_signals(self) -> bool:
        """Whether signals are looked for at all."""
        return self.records is not None or bool(self.sets)

    def signal(self, name: str) -> str:
        """The place of a signal on this machine, without suffix; raises Unreadable where it would lie outside."""
        first, _, rest = _inside(name).partition("/")
        if first in self.sets and rest:
            return str(self.sets[first] / rest)
        if self.records is None:
            raise Unreadable(f"{name}: no folder of records is named (--records)")
        return str(self.records / name)

    def page(self, name: str) -> Path:
        """The file of a page under the folder of pages; raises Unreadable where it would lie outside, or no folder is named."""
        if self.images is None:
            raise Unreadable(f"{name}: no folder of pages is named (--images)")
        return self.images / _inside(name)


@dataclass(frozen=True, slots=True)
class Form:
    """How recordings are shown."""

    image: ImageValues
    aspect: str = "ori"
    signal: str = "live"
    """`live` or `published`, as in the stage."""
    new_pages: float = 0.5
    page_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """What is asked of one recording."""

    ecg: str
    image: str
    change: Change
    signal: bool
    page: bool
    seed: int
    """Of the page, where it is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """signal: (12, 5000) float32 mV in the encoder's order; page: (3, side, side) float32, normalised; None: not shown."""

    signal: Floats | None
    page: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A signal by lead in the order of LEADS, and as the ECG tower is given it."""

    rows_mv: Floats
    measured: NDArray[np.bool_]
    given: Floats


class Recordings:
    """Reads and draws, and keeps the signals it read last."""

    def __init__(self, places: Places, form: Form) -> None:
        self._places = places
        self._form = form
        self._kept: OrderedDict[tuple[str, Change], _Read] = OrderedDict()

    def show(self, look: Look) -> Shown:
        """The recording of a look; raises Unreadable."""
        try:
            signal = self._signal(look).given if look.signal else None
            return Shown(signal, self._page(look) if look.page else None)
        except (UnreadableRecording, UnreadablePicture, Unprepared, BadSet) as error:
            raise Unreadable(str(error)) from None
        except OSError as error:
            raise Unreadable(f"{error.filename or look.ecg}: {error.strerror or error}") from None
        except (ValueError, IndexError, KeyError, OverflowError, MemoryError) as error:
            if isinstance(error, Unreadable):
                raise
            # a stranger's file can be wrong in any way; the others are learnt from all the same
            raise Unreadable(f"{look.ecg or look.image} cannot be read ({type(error).__name__}: {error})") from None

    def _signal(self, look: Look) -> _Read:
        key = (look.ecg, look.change)
        if key not in self._kept and look.ecg.startswith(f"{DATABASE}/"):
            self._kept[key] = _taught(look)
        elif key not in self._kept:
            recording = changed(recording_at(self._places.signal(look.ecg)), look.change)
            self._kept[key] = _live(recording) if self._form.signal == "live" else _published(recording)
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _page(self, look: Look) -> Floats:
        form = self._form
        if self._places.images is not None:
            picture = open_picture(self._places.page(look.image))
        else:
            picture = self._drawn(look)
        view: Floats = prepare_page(picture, form.image, "pad" if form.aspect == "pad" else "ori")[0]
        return view

    def _drawn(self, look: Look) -> Image.Image:
        read, form = self._signal(look), self._form
        dpi = form.page_scale * form.image.shortest_px / PAGE_INCHES
        if np.random.default_rng((look.seed, 1)).random() < form.new_pages:
            return draw_page(read.rows_mv, read.measured, at_resolution(GEM_PAGE, dpi))
        return aged_page(read.rows_mv, read.measured, look.seed, Wear(), dpi)


def _inside(name: str) -> str:
    """A path of a sample, which must not lead out of its folder."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts:
        raise Unreadable(f"{name or 'an empty name'} is no path below the folder of recordings")
    return name


def _taught(look: Look) -> _Read:
    """A record of the teacher, by its seed."""
    seed = look.ecg.partition("/")[2]
    if not seed.isdigit() or look.change.told:
        raise Unreadable(f"{look.ecg} is no seed of the teacher, or is asked for with a change")
    taught = draw(int(seed))
    return _Read(taught.signal, taught.mask, taught.signal[[LEADS.index(lead) for lead in ENCODER_ORDER]])


def _live(recording: Recording) -> _Read:
    """The first ten seconds as Vigil's engine sees them: filtered, at 500 Hz, absent leads masked."""
    if not any(s.is_ecg for s in recording.signals):
        raise Unreadable(f"{recording.name} has no ECG lead")
    long = recording.samples.shape[1] > SEGMENT_S * recording.rate_hz
    segment = segment_at(recording, SEGMENT_S if long else None)
    measured = np.array([lead in segment.measured for lead in LEADS])
    rows = [LEADS.index(lead) for lead in segment.measured]
    if not rows:
        # a signal that was lost is shown as what it is: the answer to learn is that nothing can be read
        return _Read(segment.signal_mv, measured, np.zeros_like(segment.signal_mv))
    units = ["mV"] * len(rows)
    given, _ = prepare_signal(segment.signal_mv[rows], segment.measured, units, MODEL_HZ, "strict", ENCODER_ORDER)
    return _Read(segment.signal_mv, measured, given)


def _published(recording: Recording) -> _Read:
    """The first 5000 samples as the file has them, in its own order of rows; pages by the names of leads."""
    values = np.stack([(row - s.zero) / s.gain for row, s in zip(recording.samples, recording.signals, strict=True)])
    for span in recording.spans:
        values[span.row, span.start : span.stop] = np.nan
    names, units = [s.name for s in recording.signals], [s.unit for s in recording.signals]
    given, known = prepare_signal(values, names, units, recording.rate_hz, "parity")
    place = {lead_name(name): k for k, name in enumerate(names)}
    rows = [place.get(lead) for lead in LEADS]
    page = np.stack([given[k] if k is not None else np.zeros_like(given[0]) for k in rows])
    return _Read(page, np.array([k is not None and bool(known[k]) for k in rows]), given)
