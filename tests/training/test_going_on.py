"""Training goes on from a model that ships: its int8 weights, dequantised."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from mtfix.errors import ConfigError, ModelError
from mtfix.training import infill, rewriter
from mtfix.training.config import RewriterConfig, Schedule, Source
from mtfix.training.detector_model import Detector
from mtfix.training.encoder_spec import parts, position_types
from mtfix.training.export import export_rewriter
from mtfix.training.shipped import blend, load_detector, load_rewriter, torch_rewriter


@pytest.fixture
def llama(train_rewriter):
    return train_rewriter("llama")


def test_the_weights_are_the_trained_ones_up_to_their_rounding(llama):
    trained = AutoModelForCausalLM.from_pretrained(llama.run / "model", dtype=torch.float32)
    fresh = AutoModelForCausalLM.from_pretrained(llama.run / "model", dtype=torch.float32)
    torch.nn.init.normal_(fresh.base_model.layers[1].self_attn.k_proj.weight)
    torch.nn.init.normal_(fresh.base_model.embed_tokens.weight)
    load_rewriter(fresh, llama.models)
    for name, wanted in trained.state_dict().items():
        step = wanted.abs().amax(dim=-1, keepdim=True) / 127
        assert ((fresh.state_dict()[name] - wanted).abs() <= 0.51 * step + 1e-6).all(), name
    assert fresh.get_output_embeddings().weight is fresh.get_input_embeddings().weight


def test_a_run_that_goes_on_begins_where_the_shipped_model_stands(llama, toy, tmp_path, monkeypatch):
    monkeypatch.setattr(infill, "WIDEN", 0.0)  # as that model was trained
    monkeypatch.setattr(infill, "JOIN", 0.0)
    config = RewriterConfig(
        base=str(llama.run / "model"), output="unused", train=[Source(path=str(toy.pairs))],
        go_on_from=str(llama.models), dev=[Source(path=str(toy.pairs), limit=8)], keep_share=0.0,
        batch_tokens=1200, threads=1, markers={"start": "<s>"},
        schedule=Schedule(learning_rate=1e-5, steps=2, warmup=1),
    )  # fmt: skip
    training = json.loads((rewriter.train(config, tmp_path) / "training.json").read_text())
    assert training["steps"] == 2
    assert training["before"]["steps"] == 400
    assert training["dev"]["dev_loss"] < 0.3


def test_the_mean_of_a_run_and_of_the_model_that_it_went_on_from_can_be_exported(llama, tmp_path):
    moved = AutoModelForCausalLM.from_pretrained(llama.run / "model", dtype=torch.float32)
    torch.nn.init.normal_(moved.base_model.layers[1].self_attn.k_proj.weight)
    moved.base_model.norm.weight.data += 1
    shutil.copytree(llama.run, tmp_path / "run")
    moved.save_pretrained(tmp_path / "run" / "model")
    export_rewriter(tmp_path / "run", tmp_path / "mean" / "rewriter", "mean", llama.models)
    found = torch_rewriter(tmp_path / "mean").state_dict()
    trained = AutoModelForCausalLM.from_pretrained(llama.run / "model", dtype=torch.float32).state_dict()
    for name, weights in moved.state_dict().items():
        wanted = (weights + trained[name]) / 2
        step = (weights.abs() + trained[name].abs()).amax(dim=-1, keepdim=True) / 127  # both are rounded
        assert ((found[name] - wanted).abs() <= step + 1e-6).all(), name


def test_a_shipped_model_of_another_family_is_refused(llama, train_rewriter):
    model = AutoModelForSeq2SeqLM.from_pretrained(train_rewriter("t5").run / "model")
    with pytest.raises(ConfigError, match="no rewriter of this base"):
        load_rewriter(model, llama.models)
    with pytest.raises(ModelError, match="no rewriter model"):
        load_rewriter(model, llama.run)


def test_a_detector_goes_on_with_more_tasks(tiny_detector):
    trained = Detector.from_run(tiny_detector.run)
    fresh = Detector.from_encoder(tiny_detector.run / "encoder", 32, tasks=2)
    torch.nn.init.normal_(parts(fresh.encoder.encoder.layer[0])[0][1].weight)
    torch.nn.init.normal_(fresh.encoder.embeddings.word_embeddings.weight)
    load_detector(fresh, tiny_detector.models)
    for name, weights in trained.encoder.state_dict().items():
        # MPNet's positions start at two, and no more are stored than are ever used
        used = slice(2, 258) if "position_embeddings" in name and position_types(fresh.encoder) else slice(None)
        wanted, found = weights[used], fresh.encoder.state_dict()[name][used]
        # positions and types are stored as sums with the casings' vectors
        step = (wanted.abs().amax(dim=-1, keepdim=True) + trained.casing.weight.abs().max()) / 127
        assert ((found - wanted).abs() <= 0.51 * step + 1e-6).all(), name
    assert torch.equal(fresh.casing.weight, trained.casing.weight)
    assert torch.equal(fresh.hidden.weight, trained.hidden.weight)
    assert torch.equal(fresh.output.weight, trained.output.weight.repeat(2, 1))
    assert torch.equal(fresh.output.bias, trained.output.bias.repeat(2))


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_detector_keeps_a_share_of_the_weights_that_it_went_on_from(tiny_detector, share):
    moved = Detector.from_run(tiny_detector.run)
    torch.nn.init.normal_(parts(moved.encoder.encoder.layer[0])[0][1].weight)
    moved.hidden.bias.data += 1
    start = Detector.from_run(tiny_detector.run)
    load_detector(start, tiny_detector.models)
    wanted = {n: (1 - share) * w + share * start.state_dict()[n] for n, w in moved.state_dict().items()}
    blend(moved, load_detector, tiny_detector.models, share)
    for name, weights in moved.state_dict().items():
        assert torch.allclose(weights.float(), wanted[name].float(), atol=1e-6), name


def test_a_detector_of_another_shape_is_refused(tiny_detector):
    with pytest.raises(ConfigError, match=r"no detector of this base: .*\S.*(shape|size)"):
        load_detector(Detector.from_encoder(tiny_detector.run / "encoder", 64), tiny_detector.models)
