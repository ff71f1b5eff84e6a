"""Benchmarks by parsing, against examples that were worked out by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.evaluate import parsing
from engine.evaluate.bench import TASKS, multilabel, score, task_of
from engine.evaluate.files import BadFile, Item, Reply, read_items, read_replies
from engine.evaluate.interval import mean, of_sums, ratio


@pytest.mark.parametrize(
    ("text", "published", "ours"),
    [
        ("C", "C", "C"),
        ("The answer is B. Left bundle branch block", "B", "B"),
        ("D. Atrial flutter, not A. fibrillation", "A", "D"),
        ("The correct option is F", "F", "F"),
        ("The correct option is none", None, None),
        ("Answer: Atrial fibrillation", "A", None),
        ("Answer: (G)", "G", "G"),
        ("Reading C. is wrong. Answer: E", "C", "E"),
        ("I cannot tell", None, None),
        ("", None, None),
    ],
)
def test_letters_as_published_and_ours(text: str, published: str | None, ours: str | None) -> None:
    assert parsing.published_letter(text) == published
    assert parsing.letter(text) == ours


def test_what_names_no_letter_is_drawn_as_published() -> None:
    # random.seed(42); random.choice of eight letters three times gives B, A, E
    assert parsing.by_chance([None, "H", None, None], parsing.LETTERS) == ["B", "H", "A", "E"]


def test_labels_inside_other_words_count_only_as_published() -> None:
    ptb, cpsc = TASKS["ptb-test"].labels, TASKS["cpsc-test"].labels
    assert parsing.published_labels("ABNORMAL: MI and CD", ptb) == ("NORM", "MI", "CD")
    assert parsing.labels_in("ABNORMAL: MI and CD", ptb) == ("MI", "CD")
    assert parsing.published_labels("II-AVB, CLBBB, AFIB", cpsc) == ("AF", "I-AVB", "LBBB")
    assert parsing.labels_in("II-AVB, CLBBB, AFIB", cpsc) == ()
    assert parsing.published_code15("First NORM. Answer: ABNORMAL, RBBB") == ("ABNORMAL", "RBBB")
    assert parsing.published_code15("Answer: NORM") == ("NORM",)
    assert parsing.code15_gold("ABNORMAL") == ("ABNORMAL",)
    assert parsing.code15_gold("RBBB, ST") == ("RBBB", "ST")


def test_options_and_the_two_published_comparisons() -> None:
    among = parsing.options(f"Which? Options: lead I, lead II, none. {parsing.INSTRUCTION}".replace("none.", "none"))
    assert among == ("lead I", "lead II", "none")
    # `lead I` is contained in `lead II`; the characters of both together are those of one of them
    assert parsing.published_same_letters("lead II", "lead II", among)
    assert not parsing.published_same_options("lead ii", ("lead II",), among)
    assert parsing.options_in("Lead II.", among) == {"lead ii"}
    assert parsing.published_same_letters("it is on", "no", ("on", "no"))
    assert parsing.gold_options("lead I, none", among) == {"lead i", "none"}
    assert parsing.gold_options(("lead II",), among) == {"lead ii"}


def test_f1_area_and_hamming_by_hand() -> None:
    gold = [("A",), ("A", "B"), ("B",), ()]
    said = [("A",), ("A",), ("A",), ("B", "Z")]
    told = multilabel(gold, said, ["A", "B"], list("wxyz"))
    # A: 2 hits, 1 false, none missed, 1 free: F1 4/5, area (1 + 1/2) / 2. B: 0 hits, 1 false, 2 missed, 1 free: 0 and (0 + 1/2) / 2
    assert told["by_class"]["A"]["value"] == pytest.approx(0.8)
    assert told["f1"]["value"] == pytest.approx(0.4)
    assert told["auc"]["value"] == pytest.approx((0.75 + 0.25) / 2)
    assert told["hamming"]["value"] == pytest.approx(4 / 8)
    assert told["by_class"]["B"]["positive"] == 2


def test_the_scores_are_those_of_the_library_that_the_published_script_calls() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    truth, pred = rng.random((50, 4)) < 0.3, rng.random((50, 4)) < 0.4
    names = list("ABCD")
    as_sets = lambda rows: [[n for n, has in zip(names, row, strict=True) if has] for row in rows]  # noqa: E731
    told = multilabel(as_sets(truth), as_sets(pred), names, [str(k) for k in range(50)])
    assert told["f1"]["value"] == pytest.approx(metrics.f1_score(truth, pred, average="macro"))
    assert told["auc"]["value"] == pytest.approx(
        np.mean([metrics.roc_auc_score(truth[:, k], pred[:, k]) for k in range(4)])
    )
    assert told["hamming"]["value"] == pytest.approx(metrics.hamming_loss(truth, pred))


def test_intervals_hold_the_value_and_draw_answers_about_one_recording_together() -> None:
    apart = mean([0, 1] * 50)
    assert apart["value"] == 0.5
    assert apart["low"] == pytest.approx(0.5 - 1.96 * 0.05, abs=0.01)
    assert apart["high"] == pytest.approx(0.5 + 1.96 * 0.05, abs=0.01)
    together = mean([0, 1] * 50, [k % 2 for k in range(100)])
    assert (together["low"], together["high"]) == (0.0, 1.0)
    assert mean([None, 3.0]) == {"value": 3.0, "low": 3.0, "high": 3.0, "n": 1}
    assert mean([]) == {"value": None, "low": None, "high": None, "n": 0}
    assert of_sums([[1, 2]], ratio(0, 1)) == {"value": 0.5, "low": None, "high": None}


def item(id_: str, gold: str, question: str = "Which?") -> Item:
    return Item(id_, f"rec{id_}", "", (question,), (gold,))


def test_a_choice_counts_what_is_missing_as_wrong_only_when_corrected() -> None:
    items = [item("1", "A. sinus"), item("2", "B. flutter"), item("3", "C. none"), item("4", "D")]
    replies = [Reply("1", ("A",)), Reply("2", ("Answer: Flutter",)), Reply("3", ("C.",)), Reply("9", ("A",))]
    told = score("csn-test", items, replies)
    # published: A right; `Answer: Flutter` holds F; C right: 2 of 3. corrected: Flutter is no letter, 4 is missing: 2 of 4
    assert told["as_published"]["accuracy"]["value"] == pytest.approx(2 / 3)
    assert told["corrected"]["accuracy"]["value"] == pytest.approx(2 / 4)
    assert (told["missing"], told["strange"], told["corrected"]["unreadable"]) == (1, 1, 2)
    assert told["published_questions"] == 1611


def test_questions_with_options() -> None:
    question = f"What is it? Options: yes, no, not sure {parsing.INSTRUCTION}"
    items = [item("1", "no", question), item("2", "yes", question), item("3", "not sure", question)]
    replies = [Reply("1", ("No",)), Reply("2", ("yes, not no",)), Reply("3", ("Not sure.",))]
    told = score("ecgqa-test", items, replies)
    assert told["as_published"]["accuracy"]["value"] == pytest.approx(2 / 3)
    assert told["as_published"]["accuracy_of_pulse"]["value"] == pytest.approx(1 / 3)
    assert told["corrected"]["accuracy"]["value"] == pytest.approx(2 / 3)


def test_labels_corrected_over_the_whole_set() -> None:
    items = [item("1", "MI"), item("2", "NORM"), item("3", "MI, CD")]
    replies = [Reply("1", ("ABNORMAL, MI",)), Reply("2", ("NORM",))]
    told = score("ptb-test", items, replies)
    # published: MI 1/1; NORM one hit, one false: F1 2/3
    assert told["as_published"]["f1"]["value"] == pytest.approx((1 + 2 / 3) / 2)
    # corrected: NORM 1, MI one hit of two 2/3, CD 0
    assert told["corrected"]["f1"]["value"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert told["corrected"]["unreadable"] == 1
    assert "auc" not in told["corrected"]


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("ptb-test-report.json", "ptb-test-report"),
        ("ptb-test.json", "ptb-test"),
        ("csn-test-no-cot.json", "csn-test"),
        ("g12-test-no-cot.json", "g12-test"),
        ("mmmu-ecg.json", "mmmu-ecg"),
        ("ecg-grounding-test-ptbxl.json", "grounding"),
        ("ptb_report_generation_test.json", ""),
        ("mine.json", ""),
    ],
)
def test_a_published_file_is_known_by_its_name(name: str, task: str) -> None:
    assert task_of(Path(name)) == task


def test_the_published_forms_of_questions_and_answers(tmp_path: Path) -> None:
    (tmp_path / "q.json").write_text(
        json.dumps(
            [
                {"id": "a", "ecg": "x/1", "image": ["p.png"], "conversations": [{"from": "human", "value": "<image>\nWhich?"}, {"from": "gpt", "value": ["no", "yes"]}]},
                {"No": 7, "conversations": [{"from": "human", "value": "And?"}, {"from": "gpt", "value": "B"}]},
                {"id": "c", "conversation": [{"from": "user", "value": "Write."}, {"from": "assistant", "value": "Sinus."}]},
                {"id": "d", "conversations": [{"question": "One?", "answer": "1"}, {"question": "Two?", "answer": "2"}]},
            ]
        )
    )  # fmt: skip
    a, b, c, d = read_items(tmp_path / "q.json")
    assert (a.questions, a.golds, a.image, a.recording) == (("Which?",), (("no", "yes"),), "p.png", "x/1")
    assert (b.id, b.gold) == ("7", "B")
    assert c.gold == "Sinus."
    assert (d.questions, d.golds) == (("One?", "Two?"), ("1", "2"))
    lines = [
        {"question_id": "a", "prompt": {"prompt": "Which?"}, "text": "no", "model_id": "gem", "metadata": {}},
        {"id": 7, "response": "B"},
        {
            "question_id": "d",
            "predict_convs": [{"question": "One?", "answer": "1"}, {"question": "Two?", "answer": "3"}],
        },
        {"id": "e", "response": [{"response": "x"}], "probabilities": {"MI": 0.25}},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(one) for one in lines) + "\n")
    one, two, three, four = read_replies(tmp_path / "a.jsonl")
    assert (one.text, one.prompt, one.model) == ("no", "Which?", "gem")
    assert (two.id, two.text) == ("7", "B")
    assert three.texts == ("1", "3")
    assert (four.texts, four.likely) == (("x",), {"MI": 0.25})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"question_id": 1, "text": "a"}\n{"question_id": 1, "text": "b"}\n', "line 2 .* answers 1 a second time"),
        ('{"question_id": 1}\n', "line 1 .* has no answer"),
        ('{"text": "a"}\n', "line 1 .* neither"),
        ("\n[1]\n", "line 2 .* no JSON object"),
        ('{"id": "x", "text": "a", "probabilities": {"MI": 2}}\n', "line 1 .* from 0 to 1"),
        ("", "holds no answer"),
    ],
)
def test_a_bad_answer_file_names_the_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(BadFile, match=said):
        read_replies(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([{"conversations": []}], 'entry 1 .* has no "id"'),
        ([{"id": "a"}], "entry 1 .* has no .conversations"),
        ([{"id": "a", "conversations": [{"from": "gpt", "value": "x"}]}], "entry 1 .* asks nothing"),
        ([{"id": "a", "conversations": [{"question": "x"}]}] * 2, "entry 2 .* repeats the id a"),
        ({"id": "a"}, "no JSON list"),
        ([], "holds no question"),
    ],
)
def test_a_bad_question_file_names_the_entry(told: object, said: str, tmp_path: Path) -> None:
    (tmp_path / "q.json").write_text(json.dumps(told))
    with pytest.raises(BadFile, match=said):
        read_items(tmp_path / "q.json")
