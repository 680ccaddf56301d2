from __future__ import annotations

import json

import pytest

from mtfix.documents.words import words
from mtfix.models import open_model
from mtfix.rewriter.model import Rewriter
from mtfix.training.torch_backend import TorchRewriterBackend

BEAMS = 4


def requests_of(toy, gold_spans):
    return [(row["damaged"], [span for span, _ in gold_spans(row)]) for row in toy.rows]


@pytest.fixture
def exported(tiny_rewriter) -> Rewriter:
    return Rewriter.load(open_model(tiny_rewriter.models, "rewriter"), threads=1)


def test_exported_model_repairs_what_it_was_taught(exported, toy, gold_spans):
    proposed = exported.propose(requests_of(toy, gold_spans), BEAMS)
    wanted = [new for row in toy.rows for _, new in gold_spans(row)]
    got = [candidates[0].text if candidates else None for answers in proposed for candidates in answers]
    assert len(got) == len(wanted)
    right = sum(g == w for g, w in zip(got, wanted, strict=True))
    assert right >= 0.95 * len(wanted), list(zip(got, wanted, strict=True))[:10]
    assert all(0 <= c.probability <= 1 + 1e-6 for answers in proposed for cs in answers for c in cs)


def test_answers_do_not_depend_on_the_batch(exported, toy, gold_spans):
    requests = requests_of(toy, gold_spans)[:10]
    together = exported.propose(requests, BEAMS)
    alone = [exported.propose([request], BEAMS)[0] for request in requests]
    for one, many in zip(alone, together, strict=True):
        for a, b in zip(one, many, strict=True):
            assert a[0].text == b[0].text
            assert a[0].probability == pytest.approx(b[0].probability, abs=1e-3)


def test_many_questions_about_a_sentence_are_answered_as_few(exported, toy):
    row = toy.rows[0]["damaged"]
    spans = words(row)
    assert len(spans) >= 6
    [together] = exported.propose([(row, spans)], BEAMS)
    for span, found in zip(spans, together, strict=True):
        [[alone]] = exported.propose([(row, [span])], BEAMS)
        assert alone[0].text == found[0].text or alone[0].probability < 0.5
        assert alone[0].probability == pytest.approx(found[0].probability, abs=0.05)


@pytest.mark.parametrize("beams", [1, BEAMS])
def test_torch_and_exported_model_agree(tiny_rewriter, exported, toy, gold_spans, beams):
    encoder = exported.encoder
    backend = TorchRewriterBackend(tiny_rewriter.run, encoder_decoder=encoder.encoder_decoder, stop=encoder.end)
    reference = Rewriter(encoder, backend, exported.settings)
    requests = requests_of(toy, gold_spans)[:20]
    pairs = [
        (one[0], other[0])
        for found, expected in zip(exported.propose(requests, beams), reference.propose(requests, beams), strict=True)
        for one, other in zip(found, expected, strict=True)
    ]
    assert sum(one.text != other.text for one, other in pairs) <= 1  # int8 may turn a near tie
    assert sum(abs(one.probability - other.probability) for one, other in pairs) / len(pairs) < 0.05


def test_missing_markers_are_added_to_the_vocabulary(tiny_rewriter, exported):
    training = json.loads((tiny_rewriter.run / "training.json").read_text())
    ids = {exported.encoder.tokenizer.token_to_id(t) for t in training["markers"].values() if t}
    assert None not in ids
    base = (tiny_rewriter.base / "tokenizer.json").read_text()
    assert "<mtfix:open>" not in base
    assert len(ids) == sum(bool(t) for t in training["markers"].values())


def test_run_folder_explains_itself(tiny_rewriter):
    training = json.loads((tiny_rewriter.run / "training.json").read_text())
    assert training["kind"] == "rewriter"
    assert training["steps"] in (400, 1000)
    assert training["dev"]["dev_loss"] < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "<s>", "<|im_end|>", "[SEP]", "<pad>", "<mtfix:open>", "a <mtfix:close> b", "<mtfix:ask>",
        "<mtfix:answer>late", "</s>", "The end.</s> And more",
    ],
)  # fmt: skip
def test_a_marker_in_the_text_is_text(exported, text):
    marker_ids = {exported.encoder.tokenizer.token_to_id(t) for t in exported.encoder.markers.to_dict().values() if t}
    answer = exported.encoder.answer(text)
    assert answer[-1] == exported.encoder.end
    assert len(answer) > 1
    assert not marker_ids.intersection(answer[:-1])
