"""The command line. Each command imports what it needs when it is called; every error is one sentence."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from infra import amounts
from infra.engine_options import INTERPRET, evaluate, instruct, interpret, tiny, tokenizer, train
from infra.faults import fault, sentence

Run = Callable[[argparse.Namespace], int]
_MODEL = "checkpoint, or none (default: VIGIL_MODEL, else the model that ships)"
_ROLES = ["viewer", "nurse", "technician", "physician", "admin"]
_TEXTS = (
    'JSON lines {"text", "measurements" or "record", "altered": true or false, "kind"}: texts of your own instead of '
    "the suite; docs/claims.md gives the fields"
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and exits with 2."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"vigil: {message}; `{self.prog} --help` shows what there is\n")
        raise SystemExit(2)


def _later(module: str, name: str) -> Run:
    """A command whose module is imported when it runs."""

    def run(args: argparse.Namespace) -> int:
        import importlib

        from infra.compiled import find_compiled

        find_compiled()
        command: Run = getattr(importlib.import_module(module), name)
        return command(args)

    return run


def _data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", default="", help="folder of this Vigil (default: VIGIL_DATA_DIR)")


def _process(parser: argparse.ArgumentParser) -> None:
    _data_dir(parser)
    parser.add_argument("--metrics-port", type=amounts.PORT, default=0, help="loopback port for Prometheus")


def _feeding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--speed", type=float, default=1.0, help="times real time; 0 is as fast as possible")
    parser.add_argument("--seconds", type=float, help="signal time to play; without it, on and on")
    parser.add_argument("--frame-ms", type=float, default=250.0, help="length of a frame")
    parser.add_argument("--once", action="store_true", help="stop at the end of a recording instead of looping")
    parser.add_argument(
        "--disturb", default="", help="gap=20:3,leadoff=II:40:10,dup=0.01,late=0.01,jitter=0.01,noise=50"
    )
    parser.add_argument("--source", default="", help="name of this gateway; without it, one of its own per run")
    parser.add_argument("--run", default="", help="name of the run; a feed with the same one goes on with its sessions")


def _add(menu: Any, name: str, text: str, run: Run | None = None) -> _Parser:
    parser: _Parser = menu.add_parser(name, help=text, description=text)
    if run is not None:
        parser.set_defaults(command=run, asked=parser)
        parser.add_argument("--debug", action="store_true", help="show where a failure comes from")
    return parser


def _menu(parser: argparse.ArgumentParser) -> Any:
    return parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)


def build_parser() -> argparse.ArgumentParser:
    """The tree of commands."""
    parser = _Parser(
        prog="vigil", description="Streaming bedside ECG monitoring. Research software, not a medical device."
    )
    menu = _menu(parser)
    _up(menu)
    doctor = _add(menu, "doctor", "what is here, what works, what is missing", _later("infra.doctor", "run"))
    _data_dir(doctor)
    doctor.add_argument("--json", action="store_true")
    _feed(menu)
    _beds(menu)
    _policy(menu)
    _workers(menu)
    _users(menu)
    _measures(menu)
    _export(menu)
    _learn(menu)
    return parser


def _up(menu: Any) -> None:
    up = _add(menu, "up", "all of Vigil on this machine", _later("infra.up", "run"))
    up.add_argument("--beds", type=int, help="simulated beds (8)")
    up.add_argument("--records", nargs="+", metavar="PATH", help="recordings to play as beds")
    up.add_argument("--scenario", help="one scenario for all beds, or a JSON script")
    up.add_argument("--rate", type=float, help="rate of CSV recordings without a time column")
    _feeding(up)
    up.add_argument("--host", default="127.0.0.1", help="address of the console")
    up.add_argument(
        "--port", type=int, help="port of the console (8642, or a free one where that is taken); 0: no console"
    )
    up.add_argument("--json", action="store_true", help="one JSON object at the end and nothing else")
    _data_dir(up)


def _feed(menu: Any) -> None:
    feed = _menu(_add(menu, "feed", "play recordings or simulated beds into Kafka"))
    replay = _add(feed, "replay", "recordings as beds", _later("infra.processes", "feed"))
    replay.add_argument("records", nargs="+", metavar="RECORD")
    replay.add_argument("--rate", type=float, help="rate of CSV recordings without a time column")
    simulate = _add(feed, "simulate", "simulated beds", _later("infra.processes", "feed"))
    simulate.add_argument("--beds", type=int, default=8)
    simulate.add_argument("--scenario", default="")
    for one in (replay, simulate):
        _feeding(one)
        _process(one)
        one.add_argument("--json", action="store_true", help="one JSON object a line for each event")
        one.add_argument("--keep-names", action="store_true", help="use the names of beds that are fed already, too")


def _beds(menu: Any) -> None:
    beds = _menu(_add(menu, "beds", "what beds are set to"))
    _data_dir(_add(beds, "list", "beds and their settings", _later("infra.beds", "show")))
    change = _add(beds, "set", "set what a bed's patient is", _later("infra.beds", "change"))
    change.add_argument("--class", dest="patient_class", choices=["adult", "paediatric", "neonate"])
    change.add_argument("--age", type=amounts.years, help="years")
    change.add_argument("--sex", choices=["female", "male", "unknown"])
    change.add_argument("--paced", choices=["yes", "no", "unknown"])
    change.add_argument("--unit")
    change.add_argument(
        "--baseline",
        choices=["sinus", "afib", "paced", "none"],
        help="sign the patient's usual rhythm; none: as learnt",
    )
    change.set_defaults(what="set")
    for name, text in (
        ("standby", "keep the signal, raise no alarm"),
        ("monitor", "end standby"),
        ("discharge", "end the stay: alarms close, settings go back to defaults"),
        ("relearn", "learn rhythm and shapes anew"),
    ):
        one = _add(beds, name, text, _later("infra.beds", "change"))
        one.set_defaults(what=name)
        one.add_argument("bed")
        _data_dir(one)
    change.add_argument("bed")
    _data_dir(change)


def _policy(menu: Any) -> None:
    policy = _menu(_add(menu, "policy", "limits of alarms"))
    _data_dir(_add(policy, "show", "what is in force", _later("infra.policy", "show")))
    for name, text in (("check", "is a file legal?"), ("load", "put a file into force")):
        one = _add(policy, name, text, _later("infra.policy", name))
        one.add_argument("file")
        one.add_argument("--author", default="")
        one.add_argument("--message", default="")
        _data_dir(one)


def _workers(menu: Any) -> None:
    stream = _add(menu, "stream", "one stream worker", _later("infra.processes", "stream"))
    stream.add_argument("--name", default="stream-1")
    hrv = _add(menu, "hrv", "heart rate variability of five minutes", _later("infra.processes", "hrv"))
    serve = _engine(_menu(_add(menu, "engine", "interpretation")))
    store = _add(
        _menu(_add(menu, "store", "what flowed, remembered")), "write", "write", _later("infra.processes", "store")
    )
    alerts_menu = _menu(_add(menu, "alerts", "alerts and console"))
    alerts = _add(alerts_menu, "serve", "announce, record, show", _later("infra.processes", "alerts"))
    alerts.add_argument("--host", default="127.0.0.1")
    alerts.add_argument("--port", type=amounts.PORT, default=8642)
    alerts.add_argument("--watch", default="", metavar="URL", help="where the watchdog is (`vigil watch`)")
    watch = _add(
        menu, "watch", "does an alarm come through? a watchdog beside Kafka", _later("infra.processes", "watch")
    )
    watch.add_argument("--host", default="127.0.0.1", help="address at which it hears the alert process")
    watch.add_argument("--port", type=amounts.PORT, default=8643)
    for one in (alerts, watch):
        # a socket that `vigil up` holds for it
        one.add_argument("--listening", type=int, default=0, metavar="FD", help=argparse.SUPPRESS)
    for process in (stream, hrv, serve, store, alerts, watch):
        _process(process)


def _engine(engine: Any) -> _Parser:
    serve = _add(engine, "serve", "answer segments", _later("infra.processes", "engine"))
    serve.add_argument("--model", default="", metavar="DIR|HUB-ID", help=_MODEL)
    serve.add_argument("--sizes", default="", metavar="PATH", help="file or folder with sizes that it does not tell")
    interpret(_add(engine, "interpret", INTERPRET, _later("infra.interpret", "run")), _MODEL)
    _engine_doctor(engine)
    _engine_build(engine)
    instruct(
        _add(engine, "instruct", "grounded instructions from labelled sets", _later("infra.engine_instruct", "run"))
    )
    evaluate(_add(engine, "evaluate", "score answers of a model", _later("infra.engine_evaluate", "run")))
    tokenizer(_add(engine, "tokenizer", "a tokenizer for a new model", _later("infra.engine_tokenizer", "run")))
    train(_add(engine, "train", "train a stage of the model", _later("infra.engine_train", "run")))
    return serve


def _engine_doctor(engine: Any) -> None:
    one = _add(engine, "doctor", "what of the engine works on this machine", _later("infra.engine_doctor", "run"))
    one.add_argument("--golden", default="", metavar="DIR", help="golden pack to run through each runtime")
    one.add_argument("--model", default="", metavar="DIR|HUB-ID", help=_MODEL)
    one.add_argument("--sizes", default="", metavar="PATH", help="sizes of towers that its config.json does not tell")
    one.add_argument("--json", action="store_true")


def _engine_build(engine: Any) -> None:
    one = _add(engine, "build", "build the plans that TensorRT runs", _later("infra.engine_build", "run"))
    one.add_argument("--model", default="", metavar="DIR|HUB-ID", help="checkpoint (default: VIGIL_MODEL)")
    one.add_argument("--sizes", default="", metavar="PATH", help="sizes of towers that its config.json does not tell")
    one.add_argument("--precision", default="", help="bfloat16, float16, float8 or float32 (default: VIGIL_PRECISION)")
    one.add_argument(
        "--target", default="", metavar="SM80", help="GPUs to build for (default: this machine's, else any)"
    )
    one.add_argument(
        "--slots",
        type=amounts.whole(0, 4096, "number of slots"),
        default=0,
        help="conversations at once (default: VIGIL_SLOTS)",
    )
    one.add_argument(
        "--positions",
        type=amounts.whole(0, 10**6, "number of positions"),
        default=0,
        help="positions of a slot (default: what the worker asks for)",
    )
    one.add_argument(
        "--chunk",
        type=amounts.whole(1, 10**6, "length of a piece"),
        default=512,
        help="longest piece of a prompt that is read at once (512)",
    )
    one.add_argument("--out", default="", metavar="DIR", help="folder for the plans (default: the user's cache)")
    one.add_argument("--json", action="store_true")


def _users(menu: Any) -> None:
    users = _menu(_add(menu, "users", "who may use the console"))
    _data_dir(_add(users, "list", "accounts", _later("infra.users", "show")))
    add = _add(users, "add", "make an account; the password is asked for", _later("infra.users", "add"))
    change = _add(users, "change", "another password or role; enables it", _later("infra.users", "change"))
    disable = _add(users, "disable", "disable an account", _later("infra.users", "disable"))
    for one in (add, change, disable):
        one.add_argument("name")
        _data_dir(one)
    add.add_argument("--role", choices=_ROLES, default="nurse")
    change.add_argument("--role", choices=_ROLES, help="(as it is)")


def _export(menu: Any) -> None:
    export = _menu(_add(menu, "export", "what Vigil keeps, for other programs"))
    one = _add(export, "labels", "confirmed reviews as labelled recordings", _later("infra.export", "labels"))
    one.add_argument(
        "--out", required=True, metavar="DIR", help="folder that is made, a set of `vigil engine instruct`"
    )
    one.add_argument("--json", action="store_true")
    _data_dir(one)


def _measures(menu: Any) -> None:
    _score(_menu(_add(menu, "score", "accuracy on annotated recordings")))
    bench = _menu(_add(menu, "bench", "speed against a named peer"))
    one = _add(bench, "beds", "beds that this machine carries in real time", _later("infra.bench.beds", "beds"))
    one.add_argument("--beds", type=int, help="try this number only")
    one.add_argument("--seconds", type=float, default=60.0)
    alone = _add(bench, "signal", "the signal chain alone on one core", _later("infra.bench.signal", "signal"))
    alone.add_argument("--beds", type=amounts.BEDS, default=128, help="beds held together")
    alone.add_argument("--seconds", type=amounts.SECONDS, default=60.0, help="of signal, behind the learning time")
    alone.add_argument(
        "--measure-s", type=amounts.EVERY_S, help="seconds between measurements of a bed (default: VIGIL_MEASURE_S)"
    )
    text = _add(bench, "interpret", "the model's texts on the CPU", _later("infra.bench.interpret", "interpret"))
    text.add_argument(
        "--model", default="", help="checkpoint (default: one of random weights, made for the measurement)"
    )
    text.add_argument("--data", default="", help="folder of databases (default: VIGIL_DATA, else the simulator)")
    text.add_argument("--database", default="ptbxl", help="name of a database of twelve leads under --data")
    text.add_argument("--repeats", type=int, default=20, help="texts that are timed alone")
    text.add_argument(
        "--ahead", type=int, default=4, help="tokens that eight bit weights draft for float32 ones; 0: none"
    )
    text.add_argument("--threads", type=int, default=1, help="of the runtime and of the peer")
    for each in (one, alone, text):
        each.add_argument("--json", action="store_true")
    accept = _add(menu, "accept", "every figure of the spine against its bar", _later("infra.accept", "run"))
    accept.add_argument("--quick", action="store_true")
    data = _menu(_add(menu, "data", "public recordings"))
    _add(data, "list", "which databases are here", _later("infra.datasets", "show"))


def _score(score: Any) -> None:
    beats = _add(score, "beats", "beats by EC57", _later("infra.score.beats", "beats"))
    alarms = _add(score, "alarms", "true and false ICU alarms (CinC 2015)", _later("infra.score.alarms", "alarms"))
    alarms.add_argument("--pulse", choices=["off", "asystole", "all"], default="all", help="what a pulse may do")
    intervals = _add(score, "intervals", "PR, QRS, QT and P waves", _later("infra.score.intervals", "intervals"))
    rhythms = _add(score, "rhythms", "atrial and ventricular fibrillation", _later("infra.score.rhythms", "rhythms"))
    latency = _add(score, "latency", "from the criterion to the trigger", _later("infra.score.latency", "latency"))
    claims = _add(
        score, "claims", "wrong statements caught, right ones blocked", _later("infra.score.claims", "claims")
    )
    claims.add_argument("--texts", default="", metavar="FILE", help=_TEXTS)
    findings = _add(
        score, "findings", "findings on labelled 12-lead records", _later("infra.score.findings", "findings")
    )
    findings.add_argument("--model", default="", metavar="DIR|HUB-ID", help="score the texts of this checkpoint too")
    findings.add_argument("--answers", default="", metavar="FILE", help="score these texts: docs/evaluate.md")
    shown = _add(score, "texts", "interpretations as they are shown", _later("infra.score.texts_shown", "texts"))
    shown.add_argument("--model", default="", metavar="DIR|HUB-ID", help="of this checkpoint (the one that ships)")
    shown.add_argument("--limit", type=amounts.LIMIT, help="the first so many records (all)")
    board = _add(score, "all", "every score, and the page docs/scoreboard.md", _later("infra.score.board", "board"))
    board.add_argument("--out", default="docs/scoreboard.md", help="the page that is written")
    board.add_argument("--without-speed", action="store_true", help="leave out `vigil bench signal`")
    for one in (latency, board):
        one.add_argument("--seeds", type=amounts.SEEDS, default=24, help="simulated patients of each scenario")
    for one in (beats, alarms, intervals, rhythms, findings, shown):
        one.add_argument("--database", default="", help="name of the database under --data")
    for one in (beats, alarms, intervals, rhythms, claims, findings, shown, board):
        one.add_argument("--data", default="", help="folder of databases (default: VIGIL_DATA)")
    for one in (beats, alarms, intervals, rhythms, latency, claims, findings, shown, board):
        one.add_argument("--json", action="store_true")


def _learn(menu: Any) -> None:
    learn = _menu(_add(menu, "learn", "make again what is learnt from recordings"))
    for name, text, module in (
        ("beats", "trees for classes and artefacts", "learn"),
        ("premature", "trees for supraventricular beats", "learn_premature"),
        ("runs", "trees for ventricular tachycardia", "learn_run"),
        ("alarms", "what tells that the definition of a red alarm is met", "learn_alarms"),
        ("rhythm", "weights for atrial fibrillation", "learn_atrial"),
        ("delineation", "limits by which P, QRS and T are measured", "learn_delineation"),
        ("findings", "forests for findings of twelve leads", "learn_findings"),
    ):
        one = _add(learn, name, text, _later(f"infra.score.{module}", name))
        one.add_argument("--data", default="", help="folder of databases (default: VIGIL_DATA)")
        one.add_argument("--json", action="store_true")
    tiny(_add(learn, "tiny", "the reference model, and what it is worth", _later("infra.score.tiny.recipe", "tiny")))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 done, 1 failed, 2 wrong usage."""
    args, unknown = build_parser().parse_known_args(arguments)
    if unknown:
        # by the parser of the command, whose help shows what it takes; that of `vigil` does not
        args.asked.error(f"{' '.join(unknown)} is not known here")
    run: Run = args.command
    try:
        code = run(args)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # whoever read has enough; nothing may be flushed into the closed pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        code, said = sentence(error) or (1, fault(args, error))
        if args.debug:
            traceback.print_exc()
        sys.stderr.write(f"vigil: {said}\n")
        return code


if __name__ == "__main__":
    sys.exit(main())
