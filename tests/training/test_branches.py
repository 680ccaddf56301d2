"""Questions about one passage, trained together in one row, are answered as if each stood alone."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForCausalLM

from mtfix.training.infill import Encoded
from mtfix.training.rewriter import answer_loss, evaluate

EXAMPLES = [
    Encoded([1] * 5 + [9, 8, 7], [([4, 5, 6], [12, 13, 2]), ([4, 6], [14, 2]), ([4, 5], [15, 16, 17, 2])]),
    Encoded([1, 9], [([4, 5, 6], [12, 2])]),
    Encoded([1], [([], [9, 8, 7, 12, 2])]),
]


@pytest.fixture
def model(train_rewriter):
    return AutoModelForCausalLM.from_pretrained(train_rewriter("llama").run / "model", dtype=torch.float32).eval()


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_no_question_sees_another(model, attention):
    model.set_attn_implementation(attention)
    together, hits = answer_loss(model, EXAMPLES, 0)
    apart, right = answer_loss(model, [Encoded(e.passage, [pair]) for e in EXAMPLES for pair in e.questions], 0)
    assert torch.allclose(together, apart, atol=1e-4)
    assert torch.equal(hits, right)
    expected = []
    for example in EXAMPLES:
        for question, answer in example.questions:
            ids = torch.tensor([[*example.passage, *question, *answer]])
            loss = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="none")
            expected.append(loss[-len(answer) :])
    assert torch.allclose(together, torch.cat(expected), atol=1e-4)


def test_evaluation_counts_whole_answers(model):
    losses, hits = answer_loss(model, EXAMPLES, 0)
    whole = [bool(part.all()) for part in hits.split([3, 2, 4, 2, 5])]
    found = evaluate(model, EXAMPLES, 0, batch=2)
    assert found["dev_loss"] == pytest.approx(losses.mean().item(), abs=1e-3)
    assert found["dev_exact"] == round(sum(whole) / len(whole), 4)
