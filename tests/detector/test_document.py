from __future__ import annotations

import numpy as np
import pytest

from mtfix.detector.document import density, shifted, shifts
from mtfix.evaluation.calibrate import document_weights, started
from mtfix.evaluation.detection import Scored
from mtfix.types import Span, Token

WEIGHTS = (0.5, -1.5, 80.0, -1.5)


def sentence(*scores: float) -> list[Token]:
    return [Token(Span(2 * i, 2 * i + 1), score) for i, score in enumerate(scores)]


def test_a_sentence_alone_is_moved_by_what_is_assumed_of_any_text():
    assert shifts([sentence(0.9, 0.8)], WEIGHTS) == pytest.approx([0.0])
    assert shifts([sentence(0.9, 0.8)], (*WEIGHTS[:3], -2.5)) == pytest.approx([-0.5])
    assert shifts([], WEIGHTS) == []


def test_the_start_brings_flags_on_lone_clean_sentences_to_those_in_documents():
    alone = [sentence(*np.linspace(0.01, 0.9, 20))] * 50
    weights = [0.5, -1.0, 80.0, -1.0]
    slope, centre, _, start = started(weights, alone, threshold=0.4)
    move = slope * (start - centre)
    moved = shifted(sentence(*np.linspace(0.01, 0.9, 20)), move)
    assert move < 0
    assert sum(t.score >= 0.4 for t in moved) <= 1  # 8 flags in 1,000 words allow none in twenty


def test_a_start_never_makes_lone_sentences_more_suspicious():
    assert started([0.5, -1.0, 80.0, -1.0], [sentence(0.01)] * 50, threshold=0.9)[3] == -1.0


def test_damage_elsewhere_makes_a_doubtful_word_more_suspicious_and_good_text_less():
    doubtful = sentence(0.4)
    [up, *_] = shifts([doubtful, *[sentence(0.1, 0.9, 0.7, 0.2)] * 30], WEIGHTS)
    [down, *_] = shifts([doubtful, *[sentence(0.02, 0.01, 0.03, 0.02)] * 30], WEIGHTS)
    assert down < 0 < up
    assert shifted(doubtful, down)[0].score < 0.4 < shifted(doubtful, up)[0].score
    assert [t.span for t in shifted(doubtful, up)] == [t.span for t in doubtful]


def test_little_text_moves_little():
    one, many = (shifts([sentence(0.4), *[sentence(0.9, 0.8)] * n], WEIGHTS)[0] for n in (1, 100))
    assert 0 < one < many / 4


def test_a_sentence_does_not_testify_about_itself():
    others = [sentence(0.1, 0.2)] * 5
    assert shifts([sentence(0.99), *others], WEIGHTS)[0] == pytest.approx(shifts([sentence(0.01), *others], WEIGHTS)[0])


def test_weights_are_found_where_documents_differ_and_refused_where_they_do_not():
    generator = np.random.default_rng(5)

    def documents(spread: float) -> list[list[Scored]]:
        found = []
        for _ in range(300):
            level = generator.normal(-1.5, spread)
            rows = []
            for _ in range(8):
                own = generator.normal(0, 1, 12)
                bad = generator.random(12) < 1 / (1 + np.exp(-(own + level)))
                rows.append(Scored("x", bad, own - 1.5, np.zeros(13, bool), np.zeros(13)))
            found.append(rows)
        return found

    # the detector sees each word's own part and the mean of all documents, but not this document's level: its
    # scores alone tell nothing of the level here, so the words' scores are given a share of it
    informed = [
        [Scored("x", s.bad, s.word_logits + (3 * s.bad.mean() - 1), s.missing, s.gap_logits) for s in document]
        for document in documents(1.5)
    ]
    weights = document_weights(informed)
    assert weights is not None
    assert weights[0] > 0.3
    uninformed = document_weights(documents(0.0))
    assert uninformed is None or uninformed[0] < 0.3


def test_the_density_of_a_document_counts_all_of_its_sentences():
    alone = density([sentence(0.9, 0.8)], WEIGHTS)
    assert alone > density([sentence(0.1, 0.2)], WEIGHTS)
    assert density([sentence(0.9, 0.8)] * 20, WEIGHTS) > alone
    assert density([], WEIGHTS) == pytest.approx(0.0)
