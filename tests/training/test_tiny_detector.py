from __future__ import annotations

import json
import random

import numpy as np
import pytest

from mtfix.detector.encode import MAX_PIECES
from mtfix.detector.model import Detector
from mtfix.detector.spans import suspicions
from mtfix.models import open_model
from mtfix.training.detector import predict
from mtfix.training.detector_model import Detector as TorchDetector

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
        chunks.append((chunk, np.zeros((len(tokens) + 1, 2), np.float32), ""))
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
    assert training["dev"]["mcc"] > 0.95
    assert {"threshold", "gap_mcc", "mcc toy"} <= training["dev"].keys()
