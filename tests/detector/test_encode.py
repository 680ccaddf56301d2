from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from mtfix.detector.encode import FEATURES, MAX_PIECES, WordEncoder
from mtfix.detector.model import Detector, spaced
from mtfix.documents.words import words
from mtfix.types import Span

NEUTRAL = {"calibration": {"word": [0.0, 1.0, 0.0], "gap": [0.0, 1.0, 0.0]}}


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    pieces = "[PAD] [UNK] [CLS] [SEP] the man ##s a ##a sep cls [ ] . ’ s".split()
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=2000))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(pieces[:4])
    return WordEncoder(tokenizer)


class ByLength:
    """Scores that tell which word and which chunk they are for."""

    def logits(self, chunks):
        return [
            np.array([[b + 1 - a, a] for a, b in zip(chunk.first, chunk.last, strict=True)], np.float32)
            for chunk in chunks
        ]


def test_pieces_of_words(encoder):
    [chunk] = encoder.encode(["The", "mans", "."], [True, True, False])
    assert [encoder.tokenizer.id_to_token(i) for i in chunk.ids] == ["[CLS]", "the", "man", "##s", ".", "[SEP]"]
    assert list(zip(chunk.first, chunk.last, strict=True)) == [(1, 1), (2, 3), (4, 4), (5, 5)]
    assert chunk.features.shape == (4, FEATURES)
    assert chunk.features[:, 6].tolist() == [1, 0, 0, 0]  # the first word
    assert chunk.features[:, 7].tolist() == [0, 0, 1, 0]  # no white space before


@pytest.mark.parametrize(
    ("word", "lit"), [("man", {0}), ("Man", {1}), ("USA", {2}), ("iPhone", {3}), ("19th", {0, 4}), ("...", {5})]
)
def test_casing_and_form_are_features(encoder, word, lit):
    [chunk] = encoder.encode(["a", word], [True, True])
    assert {i for i in range(FEATURES) if chunk.features[1, i]} - {3 if word == "..." else -1} == lit


@pytest.mark.parametrize("text", ["[SEP]", "[CLS] the [UNK]", "[PAD]", "a[SEP]a"])
def test_special_tokens_in_a_text_are_text(encoder, text):
    spans = words(text)
    for chunk in encoder.encode([s.of(text) for s in spans], spaced(text, spans)):
        assert encoder.cls not in chunk.ids[1:]
        assert encoder.sep not in chunk.ids[:-1]
    [chunk] = encoder.encode([text], [True])  # even as one word
    assert (chunk.ids.count(encoder.cls), chunk.ids.count(encoder.sep)) == (1, 1)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["the", "mans", "a" * 30, "a" * 300, "\u0301", "日"]), max_size=400), st.booleans())
def test_every_word_is_encoded_once_in_order(encoder, sentence, space):
    chunks = encoder.encode(sentence, [space] * len(sentence))
    assert sum(len(c.first) - 1 for c in chunks) == len(sentence)
    assert sum(c.features[:, 6].sum() for c in chunks) == bool(sentence)
    position = 0
    for chunk in chunks:
        assert len(chunk.ids) <= MAX_PIECES + 2
        assert (chunk.ids[0], chunk.ids[-1]) == (encoder.cls, encoder.sep)
        assert chunk.first[-1] == chunk.last[-1] == len(chunk.ids) - 1
        expected = 1
        for first, last in zip(chunk.first[:-1], chunk.last[:-1], strict=True):
            assert first == expected <= last
            alone = encoder.encode([sentence[position]], [space])[0].ids[1:-1]
            assert chunk.ids[first : last + 1] == alone
            expected, position = last + 1, position + 1


def test_scores_of_a_long_sentence_are_for_the_right_words(encoder):
    detector = Detector(encoder, ByLength(), {"calibration": {"word": [0.0, 1.0, -15.0], "gap": [0.0, 0.0, 1.0]}})
    text = " ".join("a" * (1 + i % 29) for i in range(200))
    [(tokens, gaps)] = detector.score([text])
    assert [t.span for t in tokens] == words(text)
    expected = [1 / (1 + np.exp(15.0 - len(t.span.of(text)))) for t in tokens]
    assert [t.score for t in tokens] == pytest.approx(expected, rel=1e-4)
    assert [g.offset for g in gaps] == [t.span.start for t in tokens] + [len(text)]


def test_calibration_is_a_logistic_of_the_logit(encoder):
    detector = Detector(encoder, ByLength(), {"calibration": {"word": [0.0, 2.0, -3.0], "gap": [0.0, 1.0, 0.0]}})
    [(tokens, gaps)] = detector.score(["the mans"])
    assert [t.score for t in tokens] == pytest.approx([1 / (1 + np.exp(1)), 1 / (1 + np.exp(-1))])
    assert [g.score for g in gaps] == pytest.approx([1 / (1 + np.exp(-x)) for x in (1, 2, 4)])


def test_the_odds_of_several_tasks_add_up(encoder):
    class TwoTasks:
        def logits(self, chunks):
            return [np.array([[1, 2, 3, 4]] * len(chunk.first), np.float32) for chunk in chunks]

    calibration = {"word": [0.0, -1.0, 2.0, 0.5], "gap": [0.0, -30.0, 1.0, -2.0]}
    detector = Detector(encoder, TwoTasks(), {"calibration": calibration})
    [(tokens, gaps)] = detector.score(["the"])
    odds = (np.exp(1) + np.exp(3 - 1)) ** 2 * np.exp(0.5)
    assert [t.score for t in tokens] == pytest.approx([odds / (1 + odds)])
    assert [g.score for g in gaps] == pytest.approx([0.5, 0.5])  # the second task is not heard


class WithRepairs:
    """One task that finds nothing, and one by which longer words are worse; gaps the later the worse."""

    def logits(self, chunks):
        sizes = [[b + 1 - a for a, b in zip(chunk.first, chunk.last, strict=True)] for chunk in chunks]
        return [np.array([[-5, -5, 2 * n, i] for i, n in enumerate(size)], np.float32) for size in sizes]


def test_a_repair_is_as_wrong_as_its_worst_word(encoder):
    detector = Detector(encoder, WithRepairs(), NEUTRAL)
    text = "the mans the mans"
    word = detector.reread([(text, Span(0, 3), "a"), (text, Span(4, 12), "a"), (text, Span(9, 12), "")])
    assert word[0] == word[2] < word[1] <= 8
    gone = [(text, Span(8, 8), "a"), (text, Span(17, 17), "a"), ("", Span(0, 0), "a")]
    assert detector.reread(gone) == [2.0, 4.0, 0.0]
    [(tokens, _)] = detector.score([text])
    assert [t.score for t in tokens] == pytest.approx([1 / (1 + np.exp(5))] * 4)  # the other task tells of repairs


def test_a_detector_that_judges_no_repairs_says_nothing_of_them(encoder):
    assert Detector(encoder, ByLength(), NEUTRAL).reread([("the mans", Span(4, 8), "a")]) == [0.0]


def test_what_a_repair_replaced_is_read_behind_its_sentence(encoder):
    [plain] = encoder.encode(["the", "mans"], [True, True])
    [chunk] = encoder.encode(["the", "mans"], [True, True], ["A", "man"])
    read = [encoder.tokenizer.id_to_token(i) for i in chunk.ids]
    assert read == ["[CLS]", "the", "man", "##s", "[SEP]", "a", "man", "[SEP]"]
    assert len(chunk.casing) == len(chunk.ids)
    assert (chunk.first, chunk.last) == (plain.first, plain.last)  # it has no scores of its own
    [nothing] = encoder.encode(["the", "mans"], [True, True], [])
    assert nothing.ids == [*plain.ids, encoder.sep]  # something was put in


@pytest.mark.parametrize("count", [1, 150, 400])
def test_a_long_pair_fits_the_encoder(encoder, count):
    chunks = encoder.encode(["mans"] * count, [True] * count, ["the"] * 100)
    assert sum(len(chunk.first) - 1 for chunk in chunks) == count
    assert all(len(chunk.ids) == len(chunk.casing) <= MAX_PIECES + 2 for chunk in chunks)


@pytest.mark.parametrize("text", ["", "  ", "\n\t\u00a0"])
def test_nothing_to_score(encoder, text):
    detector = Detector(encoder, ByLength(), NEUTRAL)
    assert detector.score([text, "the"])[0] == ([], [])
    assert len(detector.score([text, "the"])[1][0]) == 1
