"""Training goes on from a model that ships: its int8 weights, dequantised."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from mtfix.errors import ConfigError, ModelError
from mtfix.training import rewriter
from mtfix.training.config import RewriterConfig, Schedule, Source
from mtfix.training.shipped import load_shipped


@pytest.fixture
def llama(train_rewriter):
    return train_rewriter("llama")


def test_the_weights_are_the_trained_ones_up_to_their_rounding(llama):
    trained = AutoModelForCausalLM.from_pretrained(llama.run / "model", dtype=torch.float32)
    fresh = AutoModelForCausalLM.from_pretrained(llama.run / "model", dtype=torch.float32)
    torch.nn.init.normal_(fresh.base_model.layers[1].self_attn.k_proj.weight)
    torch.nn.init.normal_(fresh.base_model.embed_tokens.weight)
    load_shipped(fresh, llama.models)
    for name, wanted in trained.state_dict().items():
        step = wanted.abs().amax(dim=-1, keepdim=True) / 127
        assert ((fresh.state_dict()[name] - wanted).abs() <= 0.51 * step + 1e-6).all(), name
    assert fresh.get_output_embeddings().weight is fresh.get_input_embeddings().weight


def test_a_run_that_goes_on_begins_where_the_shipped_model_stands(llama, toy, tmp_path):
    config = RewriterConfig(
        base=str(llama.run / "model"), output="unused", train=[Source(path=str(toy.pairs))],
        go_on_from=str(llama.models), dev=[Source(path=str(toy.pairs), limit=8)], keep_share=0.0,
        batch_tokens=1200, threads=1, markers={"start": "<s>"},
        schedule=Schedule(learning_rate=1e-5, steps=2, warmup=1),
    )  # fmt: skip
    training = json.loads((rewriter.train(config, tmp_path) / "training.json").read_text())
    assert training["steps"] == 2
    assert training["before"]["steps"] == 180
    assert training["dev"]["dev_loss"] < 0.3


def test_a_shipped_model_of_another_family_is_refused(llama, train_rewriter):
    model = AutoModelForSeq2SeqLM.from_pretrained(train_rewriter("t5").run / "model")
    with pytest.raises(ConfigError, match="no rewriter of this base"):
        load_shipped(model, llama.models)
    with pytest.raises(ModelError, match="no rewriter model"):
        load_shipped(model, llama.run)
