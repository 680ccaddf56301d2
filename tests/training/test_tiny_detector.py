from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from mtfix.detector.encode import MAX_PIECES, Chunk
from mtfix.detector.model import Detector
from mtfix.detector.spans import suspicions
from mtfix.errors import ConfigError
from mtfix.models import open_model
from mtfix.training.config import DetectorConfig, Schedule, Source
from mtfix.training.detector import ALL, Example, losses, predict, train
from mtfix.training.detector_model import Detector as TorchDetector
from mtfix.training.export import export_detector
from mtfix.training.tagged import read_tagged
from mtfix.types import Span

ODD = ["", "   ", "\n\t ", "?", "[SEP] [CLS] [MASK] [UNK]", "</s> <|im_end|>", "x" * 400, "\u0301", "日本 final"]


@pytest.fixture
def exported(tiny_detector) -> Detector:
    return Detector.load(open_model(tiny_detector.models, "detector"), threads=1)


def flagged(scored, threshold=0.5):
    return [[token.span for token in tokens if token.score >= threshold] for tokens, _ in scored]


def test_exported_detector_flags_what_is_wrong_and_only_that(exported, toy, gold_spans):
    wanted = [[span for span, _ in gold_spans(row)] for row in toy.rows]
    assert flagged(exported.score([row["damaged"] for row in toy.rows])) == wanted
    clean = exported.score([row["clean"] for row in toy.rows])
    assert not any(flagged(clean))
    assert all(gap.score < 0.5 for _, gaps in clean for gap in gaps)


def test_torch_and_exported_model_agree(tiny_detector, exported, toy):
    sentences = [row[name] for row in toy.rows for name in ("damaged", "clean")] + ["Unseen words are here, too."]
    scored = exported.score(sentences)
    chunks = []
    for sentence, (tokens, _) in zip(sentences, scored, strict=True):
        spaced = [t.span.start == 0 or sentence[t.span.start - 1].isspace() for t in tokens]
        [chunk] = exported.encoder.encode([t.span.of(sentence) for t in tokens], spaced)
        chunks.append(Example(chunk, np.zeros((len(tokens) + 1, 2), np.float32), "", ALL))
    reference = predict(TorchDetector.from_run(tiny_detector.run), chunks)
    for logits, (tokens, gaps) in zip(reference, scored, strict=True):
        probability = 1 / (1 + np.exp(-logits))
        words = np.array([t.score for t in tokens])
        assert np.abs(probability[:-1, 0] - words).max() < 0.1
        assert np.abs(probability[:, 1] - np.array([g.score for g in gaps])).max() < 0.1
        assert ((probability[:-1, 0] >= 0.5) == (words >= 0.5)).all()


def test_scores_do_not_depend_on_the_batch(exported, toy):
    sentences = [row["damaged"] for row in toy.rows] + ODD
    random.Random(1).shuffle(sentences)
    together = exported.score(sentences)
    for sentence, (tokens, gaps) in zip(sentences, together, strict=True):
        [(alone, alone_gaps)] = exported.score([sentence])
        assert [t.span for t in alone] == [t.span for t in tokens]
        assert [g.offset for g in alone_gaps] == [g.offset for g in gaps]
        assert [t.score for t in alone] == pytest.approx([t.score for t in tokens], abs=1e-4)
        assert [g.score for g in alone_gaps] == pytest.approx([g.score for g in gaps], abs=1e-4)
        found = [
            [s.span for s in suspicions(t, g, word=0.5, gap=0.5)] for t, g in ((tokens, gaps), (alone, alone_gaps))
        ]
        assert found[0] == found[1]


def test_odd_sentences(exported):
    for sentence, (tokens, gaps) in zip(ODD, exported.score(ODD), strict=True):
        assert "".join(t.span.of(sentence) for t in tokens) == "".join(sentence.split())
        assert len(gaps) == (len(tokens) + 1 if tokens else 0)
        assert all(0 <= x.score <= 1 for x in [*tokens, *gaps])
    assert exported.score([]) == []


def test_a_long_sentence_is_scored_word_by_word(exported, toy):
    parts = [row["damaged"] for row in toy.rows] * 3
    long = " ".join(parts)
    [(tokens, gaps)] = exported.score([long])
    assert len(tokens) > MAX_PIECES
    assert "".join(t.span.of(long) for t in tokens) == "".join(long.split())
    assert [g.offset for g in gaps] == [t.span.start for t in tokens] + [len(long)]
    wrong = {"final", "victims", "commerce", "refused", "attacking", "conversations", "harsh"}
    right = sum((t.score >= 0.5) == (t.span.of(long) in wrong) for t in tokens)
    assert right >= 0.9 * len(tokens)


def test_run_folder_explains_itself(tiny_detector):
    training = json.loads((tiny_detector.run / "training.json").read_text())
    assert training["steps"] == 120
    assert training["dev"]["mcc damage"] > 0.95
    assert {"gap mcc damage", "mcc toy"} <= training["dev"].keys()


def test_an_example_of_one_task_teaches_that_task_alone():
    chunk = Chunk([1, 2, 3], [1, 2], [1, 2], np.zeros((2, 8), np.float32), [0, 0, 0])
    labels = np.array([[1, 0], [-1, 1]], np.float32)  # a wrong word; something is missing at the end
    for task, touched in ((0, [True, True, False, False]), (1, [False, False, True, True]), (ALL, [True] * 4)):
        logits = torch.zeros(2, 4, requires_grad=True)
        word, gap = losses(logits, [Example(chunk, labels, "", task)])
        assert word.item() == pytest.approx(np.log(2))
        assert gap.item() == pytest.approx(np.log(2))
        (word + gap).backward()
        assert logits.grad.any(dim=0).tolist() == touched
        assert not logits.grad[1, 0::2].any()  # the end is no word


def test_post_edits_and_clean_sides_are_read_as_sentences_with_nothing_wrong(tmp_path):
    path = tmp_path / "rows.jsonl"
    tagged = {"lang": "xx", "mt": "It goed.", "pe": "It went.", "mt_tok": ["It", "goed", "."],
              "pe_tok": ["It", "went", "."], "tags": ["OK", "BAD", "OK"], "gaps": ["OK"] * 4}  # fmt: skip
    pair = {"damaged": "It goed.", "clean": "It went.", "edits": [[3, 7, "went", "other"]], "engine": "syntax"}
    path.write_text(json.dumps(tagged) + "\n" + json.dumps(pair) + "\n", encoding="utf-8")
    wrong = list(read_tagged(path))
    assert [row.words[1] for row in wrong] == ["goed", "goed"]
    assert [row.bad for row in wrong] == [[False, True, False]] * 2
    right = list(read_tagged(path, reference=True))
    assert [row.words for row in right] == [["It", "went", "."]] * 2
    assert not any(any(row.bad) or any(row.missing) for row in right)


def test_a_teacher_moves_the_aim_half_of_the_way():
    chunk = Chunk([0, 1, 2], [1, 2], [1, 2], np.zeros((2, 8), np.float32), [0, 0, 0])
    example = Example(chunk, np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32), "", 0)
    sure = torch.full((2, 4), -20.0)  # of nothing wrong anywhere
    logits = torch.zeros(2, 4, requires_grad=True)
    losses(logits, [example], sure)[0].backward()
    assert logits.grad is not None
    # the aim for the wrong word is 0.5, which is what a logit of 0 says; the other task learns nothing
    assert torch.allclose(logits.grad, torch.zeros(2, 4), atol=1e-6)


def test_a_detector_learns_from_a_finished_run_alone(tiny_detector, toy, tmp_path):
    source = Source(path=str(toy.pairs))
    config = DetectorConfig(
        base=str(tiny_detector.base), output="unused", dev=[source], train=[source], head_size=32, threads=1,
        teacher=str(tiny_detector.run), schedule=Schedule(learning_rate=3e-3, steps=60, warmup=10),
    )  # fmt: skip
    summary = json.loads((train(config, tmp_path / "run") / "training.json").read_text())
    assert summary["dev"]["mcc damage"] > 0.8
    with pytest.raises(ConfigError, match="no finished run"):
        train(replace(config, teacher=str(tmp_path)), tmp_path / "other")
    with pytest.raises(ConfigError, match="other tasks"):
        train(replace(config, tasks=["mt", "damage"]), tmp_path / "third")


def test_a_task_for_repairs_says_nothing_of_other_damage(tiny_detector, toy, tmp_path):
    rows = [row for pair in toy.rows for row in repairs(pair)]
    path = tmp_path / "repaired.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = DetectorConfig(
        base=str(tiny_detector.base), output="unused", tasks=["damage", "repair"], head_size=32, threads=1,
        train=[Source(path=str(path), task="repair"), Source(path=str(toy.pairs), task="damage", reference=True)],
        dev=[Source(path=str(path), task="repair")],
        schedule=Schedule(learning_rate=3e-3, steps=120, warmup=10),
    )  # fmt: skip
    export_detector(train(config, tmp_path / "run"), tmp_path / "models" / "detector", "tiny detector")
    found = Detector.load(open_model(tmp_path / "models", "detector"), threads=1)
    assert found.tasks == 1
    wrong, right = (
        [(row["damaged"], Span(*row["tried"][:2]), row["tried"][2]) for row in rows if bool(row["edits"]) == there]
        for there in (True, False)
    )
    assert min(found.reread(wrong)) > 0 > max(found.reread(right))
    assert not any(flagged(found.score([row["damaged"] for row in toy.rows])))  # of damage it learnt that there is none


def repairs(pair):
    """A damaged sentence as two that a repair was tried in: the right one, and one that made it what it is."""
    start, end, right, category = pair["edits"][0]
    damaged, shared = pair["damaged"], {"clean": pair["clean"], "engine": "repaired"}
    yield {**shared, "damaged": damaged, "tried": (place := [start, end, right, category]), "edits": [place]}
    place = [start, start + len(right), damaged[start:end], category]
    yield {**shared, "damaged": damaged[:start] + right + damaged[end:], "tried": place, "edits": []}


def test_of_the_words_beside_a_repair_nothing_is_learnt(tmp_path):
    row = {"damaged": "It went the way.", "clean": "It went away.", "edits": [[3, 7, "goed", "agreement-tense"]],
           "tried": [3, 7, "goed", "agreement-tense"], "engine": "repaired"}  # fmt: skip
    gone = {**row, "damaged": "It the way.", "edits": [], "tried": [3, 3, "goed ", "agreement-tense"]}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps(gone) + "\n", encoding="utf-8")
    wrong, missing = read_tagged(path)
    assert (wrong.replaced, wrong.bad, wrong.missing) == (["goed"], [False, True, False, False, False], [False] * 6)
    assert wrong.asked == [False, True, False, False, False, *[False] * 6]
    assert missing.asked == [*[False] * 4, False, True, False, False, False]
    assert [one.asked for one in read_tagged(path, reference=True)] == [None, None]  # good sentences, all of them
    chunk = Chunk([0, 1, 2], [1, 2], [1, 2], np.zeros((2, 8), np.float32), [0, 0, 0])
    example = Example(chunk, np.array([[1.0, -1.0], [-1.0, -1.0]], np.float32), "", 0, 4.0)
    plain = Example(chunk, np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32), "", 0)
    logits = torch.zeros(4, 2, requires_grad=True)
    sum(losses(logits, [example, plain])).backward()
    assert logits.grad[:, 0].tolist() == pytest.approx([-0.4, 0, -0.1, 0])  # as four words beside one
    assert logits.grad[:, 1].tolist() == pytest.approx([0, 0, 0.25, 0.25])
