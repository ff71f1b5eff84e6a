"""Options of the longer commands of the engine."""

from __future__ import annotations

import argparse

from infra import amounts

INTERPRET = "interpret ten seconds of a recording, or a page: findings with their evidence"


def interpret(one: argparse.ArgumentParser, model: str) -> None:
    """Of `vigil engine interpret`. model: what is told of --model everywhere."""
    one.epilog = "Leads, calibration and rate are those of the file. Research software, not a medical device."
    one.add_argument(
        "record", metavar="RECORD", nargs="?", default="",
        help="WFDB record (with or without .hea), .edf, .dcm or .csv file; its last ten seconds are interpreted",
    )  # fmt: skip
    one.add_argument(
        "--at", type=float, metavar="SECONDS",
        help="second of the file at which the ten seconds end, 10 or later (default: the end of the file)",
    )  # fmt: skip
    one.add_argument(
        "--rate", type=float, metavar="HZ",
        help="of a .csv file without a time column; every other file tells its rate, and another one is refused",
    )  # fmt: skip
    one.add_argument(
        "--sex", choices=["female", "male", "unknown"], help="for the limits of QTc, ST and voltage (as the file tells it, else unknown)"
    )  # fmt: skip
    one.add_argument(
        "--age",
        type=amounts.years,
        metavar="YEARS",
        help="of the patient, for limits that differ by age (as the file tells it, else unknown)",
    )
    one.add_argument("--picture", metavar="FILE.png", help="write the strip of RECORD with the evidence drawn on it")
    one.add_argument(
        "--model", default="", metavar="DIR|HUB-ID|none", help=f"{model}; with none the criteria answer alone"
    )
    one.add_argument(
        "--sizes", default="", metavar="PATH", help="file or folder with sizes that the model of --model does not tell"
    )
    one.add_argument(
        "--question", action="append", default=[], metavar="TEXT",
        help="ask this instead of for a report; given again it asks on in the same talk (measurements answer where the model was taught none, as the one that ships)",
    )  # fmt: skip
    one.add_argument(
        "--image", default="", metavar="FILE",
        help="a scan or photograph of the page, shown instead of a drawn one (to the model that ships without a RECORD: twelve rows, 25 mm/s, 10 mm/mV)",
    )  # fmt: skip
    one.add_argument(
        "--only", choices=["signal", "page"], help="show the model one of the two (the one that ships: the page)"
    )
    one.add_argument("--json", action="store_true", help="one JSON object, a list of them for more than one question")


def train(one: argparse.ArgumentParser) -> None:
    """Of `vigil engine train`."""
    one.add_argument(
        "--out", required=True, metavar="DIR", help="folder of the checkpoint; of a broken-off training: go on"
    )
    one.add_argument("--stage", default="", help="gem, tiny, page, encoder, encoder-unlabelled or encoder-real (gem)")
    one.add_argument(
        "--stage-file", default="", metavar="FILE", help="TOML file with a stage of your own (docs/train.md)"
    )
    one.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="change a field of the stage")
    one.add_argument(
        "--seed", type=amounts.SEED, help="of new weights, the order, pages and dropout (that of the stage)"
    )
    one.add_argument(
        "--init", default="", metavar="DIR|HUB-ID", help="weights to start from: GEM, PULSE, LLaVA or ours"
    )
    one.add_argument("--sizes", default="", metavar="PATH", help="sizes of towers that its config.json does not tell")
    one.add_argument("--new", default="", metavar="FILE", help="a new model of the sizes in this TOML or JSON file")
    one.add_argument(
        "--ecg-init", default="", metavar="FILE", help="ECG tower: ecg_tower.safetensors, or ECG-CoCa's pickle"
    )
    one.add_argument(
        "--page-init", default="", metavar="FILE", help="image tower of a new model: page_tower.safetensors"
    )
    one.add_argument("--pickle", action="store_true", help="--ecg-init may be a pickle; nothing in it is run")
    one.add_argument("--data", nargs="+", default=[], metavar="FILE", help="JSON lists of samples")
    one.add_argument("--records", default="", metavar="DIR", help="folder of signals (default: VIGIL_DATA)")
    one.add_argument("--images", default="", metavar="DIR", help="folder of pages (default: they are drawn)")
    one.add_argument("--failing", type=float, default=0.05, help="share of samples that may be unreadable (0.05)")
    one.add_argument("--sets", default="", help="labelled sets for the stage encoder-real, comma between them")
    one.add_argument("--folds", default="", help="1-8: these folds of them, and sets without folds (default: all)")
    one.add_argument(
        "--unlabelled", nargs="+", default=[], metavar="PATH",
        help="recordings, folders of such or sets, for the stage encoder-unlabelled; labels are not looked at",
    )  # fmt: skip
    one.add_argument(
        "--leave-out", default="", metavar="FILE", help="names of recordings that it leaves out, a line each"
    )
    one.add_argument("--save-minutes", type=float, default=10.0, help="between two writings of the state (10)")
    one.add_argument("--save-steps", type=int, default=0, help="write it every so many steps too")
    one.add_argument("--tell-steps", type=int, default=50, help="steps between two lines in a pipe (50)")
    one.add_argument(
        "--workers", type=int, help="processes that read recordings (beside a GPU the cores, else 0: the training one)"
    )
    one.add_argument("--threads", type=amounts.THREADS, help="threads of the computation (default: all cores)")
    one.add_argument("--cpu", action="store_true", help="leave a GPU unused")
    one.add_argument("--json", action="store_true")


def evaluate(one: argparse.ArgumentParser) -> None:
    """Of `vigil engine evaluate`."""
    one.add_argument("--questions", default="", metavar="FILE", help="question file of a benchmark, or instructions")
    one.add_argument("--answers", nargs="+", default=[], metavar="FILE", help="JSON lines with question_id and text")
    one.add_argument("--task", default="", help="which benchmark it is, where its name does not tell")
    one.add_argument("--limit", type=amounts.LIMIT, help="the first so many questions (all)")
    one.add_argument("--model", default="", metavar="DIR|HUB-ID", help="checkpoint that writes the answers first")
    one.add_argument("--sizes", default="", metavar="PATH", help="sizes of towers that its config.json does not tell")
    one.add_argument("--tokens", type=int, default=1024, help="of an answer, at most (1024)")
    one.add_argument("--signal", choices=["live", "published"], default="live", help="how the signal is prepared")
    one.add_argument("--only", choices=["signal", "page"], help="show the model one of the two")
    one.add_argument("--shown", action="store_true", help="answers as Vigil shows them, not as they are written")
    one.add_argument("--records", default="", metavar="DIR", help="folder of signals (default: VIGIL_DATA)")
    one.add_argument("--images", default="", metavar="DIR", help="folder of pages (default: they are drawn)")
    one.add_argument("--judge", default="", metavar="URL", help="OpenAI-compatible endpoint that judges")
    one.add_argument("--judge-model", default="", metavar="MODEL", help="its model; the key is VIGIL_JUDGE_KEY")
    one.add_argument("--verdicts", default="", metavar="FILE", help="where verdicts are kept, or lie already")
    one.add_argument("--timeout", type=amounts.WAIT_S, default=120.0, help="seconds for one verdict")
    one.add_argument("--rating-sheet", default="", metavar="DIR", help="write blinded forms of --answers there")
    one.add_argument("--ratings", nargs="+", default=[], metavar="FILE", help="read filled forms")
    one.add_argument("--key", default="", metavar="FILE", help="which system wrote what (DIR.key.json)")
    one.add_argument("--seed", type=amounts.SEED, default=0, help="of the order in a rating sheet")
    one.add_argument("--json", action="store_true")


def tiny(one: argparse.ArgumentParser) -> None:
    """`vigil learn tiny`."""
    one.add_argument("--data", default="", help="folder of databases (default: VIGIL_DATA)")
    one.add_argument("--out", required=True, metavar="DIR", help="folder that every step keeps what it made in")
    one.add_argument(
        "--folds", type=int, default=8, help="groups of patients whose findings are judged by what never saw them (8)"
    )
    one.add_argument("--texts", type=int, default=3, help="groups of patients whose texts are so judged (3)")
    one.add_argument(
        "--until",
        default="text",
        choices=["records", "generator", "encoders", "findings", "page", "text", "ship"],
        help="last step (text); findings and ship put what they make into the package",
    )
    one.add_argument(
        "--into", default="", metavar="DIR", help="where the model that ships is put (the package's own place)"
    )
    one.add_argument(
        "--gain", action="store_true", help="train towers without simulated records too: what do these add?"
    )
    one.add_argument(
        "--unlabelled",
        action="store_true",
        help="train towers on recordings without a label first too: what do these add?",
    )
    one.add_argument("--threads", type=amounts.THREADS, default=1, help="of the computation (1)")
    one.add_argument("--json", action="store_true")


def tokenizer(one: argparse.ArgumentParser) -> None:
    """Of `vigil engine tokenizer`."""
    one.add_argument("--data", nargs="+", required=True, metavar="FILE", help="JSON lists of samples")
    one.add_argument("--out", required=True, metavar="FOLDER", help="new folder for tokenizer.json and sizes.toml")
    one.add_argument("--size", type=int, default=2048, help="words, at most (2048)")
    one.add_argument("--json", action="store_true")


def instruct(one: argparse.ArgumentParser) -> None:
    """Of `vigil engine instruct`."""
    one.add_argument("--data", default="", help="folder of databases (default: VIGIL_DATA)")
    one.add_argument("--sets", default="ptbxl,cinc2021", help="databases of it, comma between them (ptbxl,cinc2021)")
    one.add_argument("--out", required=True, metavar="FILE", help="JSON list that is written")
    one.add_argument("--folds", default="", help="1-8: these folds, and sets without folds (default: all)")
    one.add_argument("--limit", type=amounts.LIMIT, help="at most so many records (all)")
    one.add_argument("--seed", type=amounts.SEED, default=0, help="of the wordings, the questions and the changes")
    one.add_argument(
        "--tasks", default="", help="grounded,features,rhythm,morphology,report,yesno,choice,counter (all)"
    )
    one.add_argument("--words", type=int, default=300, help="of a grounded report, at most (300)")
    one.add_argument("--slots", action="store_true", help="answers with value slots such as <PR> in place of numbers")
    one.add_argument("--missing", type=float, default=0.25, help="share of records asked again with leads missing")
    one.add_argument("--unreadable", type=float, default=0.05, help="share asked again with the signal lost or hidden")
    one.add_argument("--image-dir", default="", metavar="DIR", help="draw the page of each record there")
    one.add_argument("--endpoint", default="", metavar="URL", help="OpenAI-compatible endpoint that writes the reports")
    one.add_argument("--writer", default="", metavar="MODEL", help="its model; the key is VIGIL_WRITER_KEY")
    one.add_argument("--timeout", type=amounts.WAIT_S, default=120.0, help="seconds for one answer of it")
    one.add_argument("--workers", type=int, default=0, help="processes (default: all cores)")
    one.add_argument("--json", action="store_true")
