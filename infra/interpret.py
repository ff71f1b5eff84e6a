"""`vigil engine interpret`: one file, ten seconds, findings with their evidence."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import msgspec

from infra.plan import BadRequest
from ingest.bed import BedContext, Sex
from ingest.frame import BedId, Nanoseconds


def run(args: argparse.Namespace) -> int:
    """Interpret the ten seconds that end at --at, or at the end of the file."""
    picture = _picture_file(args.picture)
    from ingest.open_recording import UnreadableRecording, read_recording

    try:
        recording = read_recording(args.record, args.rate)
    except UnreadableRecording as error:
        raise BadRequest(str(error)) from None
    length_s = recording.samples.shape[1] / recording.rate_hz
    if args.at is not None and not 0 < args.at <= length_s + 1e-6:
        raise BadRequest(f"--at {args.at:g} is outside the {length_s:g} s of {args.record}")
    if not any(s.is_ecg for s in recording.signals):
        raise BadRequest(f"{args.record} has no ECG lead among {', '.join(s.name for s in recording.signals)}")
    from engine.interpreter import describe, interpret
    from stream.offline import segment_at

    context = BedContext(BedId(recording.name), age_years=args.age, sex=Sex(args.sex))
    segment = segment_at(recording, args.at)
    answer = interpret(segment, context, Nanoseconds(time.time_ns()))
    if picture is not None:
        from engine.picture import write_picture

        try:
            write_picture(segment, answer, picture)
        except OSError as error:
            raise BadRequest(f"{picture} cannot be written: {error.strerror or error}") from None
    print(msgspec.json.encode(answer).decode() if args.json else describe(answer))
    return 0


def _picture_file(name: str | None) -> Path | None:
    """The file that --picture names; raises BadRequest, before any work is done, where it cannot become one."""
    if name is None:
        return None
    file = Path(name)
    if file.suffix.lower() != ".png":
        raise BadRequest(f"--picture writes a PNG, which {name} is not by its name: call it {file.stem or 'strip'}.png")
    if not file.absolute().parent.is_dir():
        raise BadRequest(f"--picture {name}: there is no folder {file.parent}, make it first")
    return file
