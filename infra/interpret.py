"""`vigil engine interpret`: one file, ten seconds, or a page; findings with their evidence, answers to questions."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from infra.compiled import say_compiling
from infra.model import Chosen, chosen, reader_of
from infra.plan import BadRequest
from infra.requests import check_rate
from infra.settings import Settings
from ingest.bed import BedContext, Sex
from ingest.frame import LEADS, BedId, Nanoseconds

if TYPE_CHECKING:
    from engine.conversation import Given
    from engine.interpretation import Interpretation
    from engine.reader import Reader
    from ingest.recording import Recording
    from stream.trigger import Segment


NOT_TAUGHT = (
    "--image beside a RECORD and --only signal need a model that was taught them, which the one that ships was not: give the page or the "
    "record alone, or name one with --model"
)
NO_QUESTION = (
    "the model that ships answers no question about a page: leave --question out, or name another model with --model"
)
TEN_S = 10.0
NO_MODEL = (
    "--image and --only need a model, and none is asked for: name one that was taught them with --model, or leave these "
    "options out"
)


def run(args: argparse.Namespace) -> int:
    """Interpret the ten seconds that end at --at, or at the end of the file; with a model, answer each question."""
    picture = _picture_file(args.picture)
    settings = Settings.from_environment()
    wanted = chosen(args.model, settings)
    if not (args.record or args.image):
        raise BadRequest("nothing to interpret: name a RECORD, or a page with --image")
    more = bool(args.image or args.only)
    if more and not wanted.source:
        raise BadRequest(NO_MODEL)
    if args.sizes and (wanted.ships or not wanted.source):
        raise BadRequest(
            f"--sizes {args.sizes} belongs to a model of your own: name it with --model, or leave --sizes out"
        )
    if args.image and args.at is not None and not args.record:
        raise BadRequest("--at is a time in a RECORD, and a page has none: name a RECORD, or leave --at out")
    reader = _reader(wanted, args.sizes)
    alone = more and reader is not None and reader.asked_the_usual
    if alone:
        _check_alone(args, reader)
    if picture is not None and not args.record:
        raise BadRequest("--picture draws the strip of a RECORD: name one")
    segment, context = _segment(args) if args.record else (None, None)
    taught = reader is not None and not (args.question and reader.asked_the_usual)
    if alone and reader is not None:
        answers = _by_model(args, settings, wanted, reader, _seen(args, reader, segment))
    elif reader is not None and taught and (segment is None or not reader.untaught(segment)):
        answers = _by_model(args, settings, wanted, reader, _given(args, reader, segment, context))
    else:
        assert segment is not None
        answers = _by_criteria(args.question, reader, segment, context)
    if picture is not None and segment is not None:
        _draw(segment, answers[0], picture)
    _print(answers, args.json)
    return 0


def _by_criteria(
    questions: list[str], reader: Reader | None, segment: Segment, context: BedContext | None
) -> list[Interpretation]:
    """What was measured: the criteria, or an answer to each question; with why a model that is there does not speak."""
    from engine.asked import answered
    from engine.grounded import beside
    from engine.interpreter import interpret

    base = interpret(segment, context, Nanoseconds(time.time_ns()))
    why = reader.untaught(segment) if reader is not None else ""
    if not questions:
        return [beside(base, why) if why else base]
    earlier = ["", *questions]
    return [answered(segment, context, one, base, before) for one, before in zip(questions, earlier, strict=False)]


def _reader(wanted: Chosen, sizes: str) -> Reader | None:
    """The model, None where none is wanted; where the one that ships cannot be opened the criteria answer, and that is said."""
    if not wanted.source:
        return None
    try:
        return reader_of(wanted.source, sizes)
    except BadRequest as error:
        if not wanted.ships:
            raise
        sys.stderr.write(f"vigil: {error}; the criteria answer\n")
        return None


def _segment(args: argparse.Namespace) -> tuple[Segment, BedContext]:
    from ingest.open_recording import UnreadableRecording, read_recording

    try:
        check_rate(args.rate)
        recording = read_recording(args.record, args.rate)
    except UnreadableRecording as error:
        raise BadRequest(str(error)) from None
    _check_times(args, recording)
    if not any(s.is_ecg for s in recording.signals):
        raise BadRequest(f"{args.record} has no ECG lead among {', '.join(s.name for s in recording.signals)}")
    say_compiling()
    from stream.offline import segment_at

    return segment_at(recording, args.at), _context(args, recording)


def _context(args: argparse.Namespace, recording: Recording) -> BedContext:
    """Age and sex as they were asked for, else as the file tells them."""
    age = args.age if args.age is not None else recording.age_years
    sex = Sex(args.sex) if args.sex else recording.sex
    return BedContext(BedId(recording.name), age_years=age, sex=sex)


def _check_times(args: argparse.Namespace, recording: Recording) -> None:
    """Raises BadRequest of a rate that is not the file's, and of a time at which ten seconds cannot end."""
    if args.rate is not None and args.rate != recording.rate_hz:
        raise BadRequest(
            f"{args.record} tells its rate itself, {recording.rate_hz:g} Hz, and --rate {args.rate:g} is another one: leave --rate "
            "out, it is for a .csv file without a time column"
        )
    length_s = recording.samples.shape[1] / recording.rate_hz
    if args.at is None:
        return
    end = f"give the second at which the ten end, {TEN_S:g} to {length_s:g}, or leave --at out for the last ten"
    if length_s <= TEN_S:
        end = "leave --at out, for it holds no more than the ten seconds that are interpreted"
    if not 0 < args.at <= length_s + 1e-6:
        raise BadRequest(f"--at {args.at:g} is outside of {args.record}, which is {length_s:g} s long: {end}")
    if args.at < TEN_S <= length_s:
        raise BadRequest(
            f"--at {args.at:g} leaves {args.at:g} s of {args.record}, and ten seconds are interpreted: {end}"
        )


def _by_model(
    args: argparse.Namespace,
    settings: Settings,
    wanted: Chosen,
    reader: Reader,
    given: Given,
) -> list[Interpretation]:
    from engine.conversation import Conversation
    from engine.reader import open_first
    from engine.runtime import RuntimeAway
    from engine.scheduler import Scheduler

    try:
        _, runtime, _ = open_first(reader, wanted.runtimes, 1, settings.precision, max(1, len(args.question)))
    except RuntimeAway as error:
        raise BadRequest(f"no runtime of the model works here: {error}") from None
    talk = Conversation(reader, Scheduler(runtime, reader.words, time.time_ns), given, time.time_ns)
    return [talk.ask(question) for question in args.question or [""]]


def _given(args: argparse.Namespace, reader: Reader, segment: Segment | None, context: BedContext | None) -> Given:
    """What the model is shown; raises BadRequest where nothing of it is left."""
    from engine.conversation import Given
    from engine.scan import UnreadablePicture, open_picture

    signal = reader.signal(segment) if segment is not None and args.only != "page" else None
    page = None
    if args.image and args.only != "signal":
        try:
            page = reader.prepared(open_picture(Path(args.image)))
        except (UnreadablePicture, OSError) as error:
            raise BadRequest(f"--image {args.image}: {error}") from None
    elif segment is not None and args.only != "signal":
        page = reader.page(segment)
    if signal is None and page is None:
        raise BadRequest(f"--only {args.only} leaves nothing that this model could read: leave it out")
    return Given(segment, context, signal, page)


def _check_alone(args: argparse.Namespace, reader: Reader | None) -> None:
    """Raises BadRequest of what the model that ships cannot do with a page alone."""
    if args.only == "signal" or (args.image and args.record) or reader is None or reader.of_pages is None:
        raise BadRequest(NOT_TAUGHT)
    if args.question:
        raise BadRequest(NO_QUESTION)


def _seen(args: argparse.Namespace, reader: Reader, segment: Segment | None) -> Given:
    """What the model that ships is shown of a page alone: the picture, and what was read off it; raises BadRequest."""
    from engine.conversation import Given
    from engine.page_found import NoPage
    from engine.scan import UnreadablePicture, open_picture

    if segment is not None:
        seen = reader.read(segment)
    else:
        assert reader.of_pages is not None
        try:
            seen = reader.of_pages.of_picture(open_picture(Path(args.image)))
        except (NoPage, UnreadablePicture, OSError) as error:
            raise BadRequest(f"--image {args.image}: {error}") from None
    # the decoder sees the page as Vigil draws it, as it was taught, whatever the picture looks like
    return Given(None, None, seen.signal, reader.drawn(seen.curves, [True] * len(LEADS)), seen)


def _draw(segment: Segment, answer: Interpretation, picture: Path) -> None:
    from engine.picture import write_picture

    try:
        write_picture(segment, answer, picture)
    except OSError as error:
        raise BadRequest(f"{picture} cannot be written: {error.strerror or error}") from None


def _print(answers: list[Interpretation], as_json: bool) -> None:
    """One answer as an object, a conversation as a list of them; or in words."""
    from engine.interpreter import describe

    if as_json:
        print(msgspec.json.encode(answers if len(answers) > 1 else answers[0]).decode())
        return
    for answer in answers:
        print(f"? {answer.question}\n{describe(answer)}" if answer.question else describe(answer))


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
