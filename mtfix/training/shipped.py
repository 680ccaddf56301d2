"""Float weights of models that ship, so that training can go on from them on another machine.

A shipped model holds int8 rows with one scale each (`mtfix.variables`); dequantised they are within half a step of
the trained ones.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load
from torch import Tensor, nn

from mtfix.errors import ConfigError
from mtfix.models import open_model
from mtfix.training.encoder_spec import parts, position_types
from mtfix.variables import Variables, variables_of

if TYPE_CHECKING:
    from mtfix.training.detector_model import Detector

_WRONG = (KeyError, ValueError, RuntimeError, AttributeError)  # what a model of another shape leads to


def torch_rewriter(folder: Path) -> Any:
    """The causal rewriter of `folder`/rewriter as a transformers model in float32, in evaluation mode.

    Raises ModelError when the folder is damaged, ConfigError when its model is of another shape than Llama's.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    shipped = open_model(folder, "rewriter")
    variables = variables_of(shipped.files["model/model.bin"])
    epsilon = json.loads(shipped.files["model/config.json"]).get("layer_norm_epsilon")
    first, output = "decoder/layer_0", "decoder/projection/weight"
    try:
        heads, embeddings = variables["decoder/num_heads"], variables["decoder/embeddings/weight"]
        shape: dict[str, Any] = {
            "vocab_size": len(embeddings),
            "hidden_size": embeddings.shape[1],
            "intermediate_size": len(variables[f"{first}/ffn/linear_0/weight"]),
            "num_hidden_layers": sum(name.endswith("/ffn/linear_0/weight") for name in variables),
            "num_attention_heads": int(heads),
            "num_key_value_heads": int(variables.get(f"{first}/self_attention/num_heads_kv", heads)),
            "rope_theta": float(variables[f"{first}/self_attention/rotary_base"]),
            # stored once for both, or no output layer at all
            "tie_word_embeddings": variables.get(output, embeddings) is embeddings,
        }
    except KeyError as error:
        raise ConfigError(f"the rewriter in {folder} is no Llama-type model: {error} is missing.") from error
    if epsilon:
        shape["rms_norm_eps"] = epsilon
    model: Any = LlamaForCausalLM(LlamaConfig(**shape))
    load_rewriter(model, folder)
    if not shape["tie_word_embeddings"]:
        model.lm_head.weight.data.copy_(_matrix(variables, "decoder/projection"))
    model.eval()
    return model


def load_rewriter(model: Any, folder: Path) -> dict[str, Any]:
    """Overwrite the weights of `model`, a Llama-type causal model in torch, with those of `folder`/rewriter.

    Returns what the model folder says of its own training. Raises ModelError when the folder is damaged,
    ConfigError when its model is of another shape.
    """
    shipped = open_model(folder, "rewriter")
    variables = variables_of(shipped.files["model/model.bin"])
    try:
        weights = _llama(variables, len(model.base_model.layers))
        model.base_model.load_state_dict(weights)
    except _WRONG as error:
        raise ConfigError(f"the model in {folder} is no rewriter of this base: {_reason(error)}") from error
    model.tie_weights()
    history: dict[str, Any] = shipped.manifest["settings"]["training"]
    return history


def load_detector(model: Detector, folder: Path) -> dict[str, Any]:
    """Overwrite the weights of `model` with those of `folder`/detector, whose encoder is of the same family.

    Tasks that the shipped model doesn't know start from its last one. Returns and raises as load_rewriter.
    """
    shipped = open_model(folder, "detector")
    variables = variables_of(shipped.files["encoder/model.bin"])
    head = load(shipped.files["head.safetensors"])
    try:
        _fill_encoder(model.encoder, variables, head["casing.weight"])
        outputs = len(model.output.bias)
        for name in ("output.weight", "output.bias"):
            known = head[name]
            more = known[-2:].repeat((outputs - len(known)) // 2, *[1] * (known.dim() - 1))
            head[name] = torch.cat([known, more])
        model.load_state_dict(head, strict=False)
    except _WRONG as error:
        raise ConfigError(f"the model in {folder} is no detector of this base: {_reason(error)}") from error
    history: dict[str, Any] = shipped.manifest["settings"]["training"]
    return history


@torch.no_grad()
def blend(model: nn.Module, load: Callable[[Any, Path], Any], start: Path, share: float) -> None:
    """Move the weights of `model` by this share of the way to those of the model in the folder `start`.

    load: load_rewriter or load_detector, and raises as that does. What lies between forgets less (Wortsman et al. 2022,
    "Robust fine-tuning of zero-shot models").
    """
    load(before := copy.deepcopy(model), start)
    for weight, other in zip(model.parameters(), before.parameters(), strict=True):
        weight.lerp_(other, share)


def _reason(error: Exception) -> str:
    """The first line that says what differs; torch puts a heading before it."""
    first, *more = map(str.strip, str(error).splitlines() or [type(error).__name__])
    return more[0] if first.endswith(":") and more else first


def totals(history: dict[str, Any]) -> dict[str, Any]:
    """Steps, minutes and examples of a model's own training and of all training before it."""
    earlier = history.get("before") or {}
    return {
        key: round(history[key] + earlier.get(key, 0), 1) for key in ("steps", "minutes", "examples") if key in history
    }


def _llama(variables: Variables, layers: int) -> dict[str, Tensor]:
    """The state of transformers' LlamaModel; CTranslate2 stores queries, keys and values in one matrix."""
    state = {"embed_tokens.weight": _matrix(variables, "decoder/embeddings")}
    state["norm.weight"] = _vector(variables, "decoder/layer_norm/gamma")
    for i in range(layers):
        theirs, ours = f"decoder/layer_{i}", f"layers.{i}"
        joined = _matrix(variables, f"{theirs}/self_attention/linear_0")
        output = _matrix(variables, f"{theirs}/self_attention/linear_1")
        keys = (len(joined) - len(output)) // 2
        query, key, value = torch.split(joined, [len(output), keys, keys])
        state |= {
            f"{ours}.self_attn.q_proj.weight": query,
            f"{ours}.self_attn.k_proj.weight": key,
            f"{ours}.self_attn.v_proj.weight": value,
            f"{ours}.self_attn.o_proj.weight": output,
            f"{ours}.mlp.gate_proj.weight": _matrix(variables, f"{theirs}/ffn/linear_0"),
            f"{ours}.mlp.up_proj.weight": _matrix(variables, f"{theirs}/ffn/linear_0_noact"),
            f"{ours}.mlp.down_proj.weight": _matrix(variables, f"{theirs}/ffn/linear_1"),
            f"{ours}.input_layernorm.weight": _vector(variables, f"{theirs}/self_attention/layer_norm/gamma"),
            f"{ours}.post_attention_layernorm.weight": _vector(variables, f"{theirs}/ffn/layer_norm/gamma"),
        }
    return state


def _fill_encoder(encoder: Any, variables: Variables, casing: Tensor) -> None:
    """The weights of transformers' BertModel or MPNetModel without its pooler, as `save_encoder` stored them."""
    ours = encoder.embeddings
    types = _matrix(variables, "encoder/embeddings_1")
    _copy(ours.word_embeddings.weight, _matrix(variables, "encoder/embeddings_0"))
    if position_types(encoder):
        start, places = ours.padding_idx + 1, types.view(-1, len(casing), types.shape[-1])
        _copy(ours.position_embeddings.weight.data[start : start + len(places)], places[:, 0] - casing[0])
        _copy(
            encoder.encoder.relative_attention_bias.weight,
            _vector(variables, "encoder/layer_0/self_attention/relative_attention_bias"),
        )
    else:
        _copy(ours.token_type_embeddings.weight.data[:1], types[:1] - casing[:1])
        _copy(ours.position_embeddings.weight, _vector(variables, "encoder/position_encodings/encodings"))
    _fill(ours.LayerNorm, variables, "encoder/layernorm_embedding", "gamma")
    for i, layer in enumerate(encoder.encoder.layer):
        theirs = f"encoder/layer_{i}"
        (*projections, output), norm = parts(layer)
        weights = _matrix(variables, f"{theirs}/self_attention/linear_0").chunk(3)
        biases = _vector(variables, f"{theirs}/self_attention/linear_0/bias").chunk(3)
        for module, weight, bias in zip(projections, weights, biases, strict=True):
            _copy(module.weight, weight)
            _copy(module.bias, bias)
        _fill(output, variables, f"{theirs}/self_attention/linear_1")
        _fill(norm, variables, f"{theirs}/self_attention/layer_norm", "gamma")
        _fill(layer.intermediate.dense, variables, f"{theirs}/ffn/linear_0")
        _fill(layer.output.dense, variables, f"{theirs}/ffn/linear_1")
        _fill(layer.output.LayerNorm, variables, f"{theirs}/ffn/layer_norm", "gamma")


def _fill(module: Any, variables: Variables, name: str, kind: str = "weight") -> None:
    """Weight and bias of a linear layer or of a normalisation (kind: gamma)."""
    if kind == "gamma":
        weight, bias = _vector(variables, f"{name}/gamma"), _vector(variables, f"{name}/beta")
    else:
        weight, bias = _matrix(variables, name), _vector(variables, f"{name}/bias")
    _copy(module.weight, weight)
    _copy(module.bias, bias)


def _copy(target: Tensor, values: Tensor) -> None:
    if target.shape != values.shape:
        raise ValueError(f"a weight is of shape {list(values.shape)}, not {list(target.shape)}")
    target.data.copy_(values)


def _matrix(variables: Variables, name: str) -> Tensor:
    weight, scale = variables[f"{name}/weight"], variables.get(f"{name}/weight_scale")
    values = weight.astype(np.float32)
    return torch.from_numpy(values if scale is None else values / scale.reshape(-1, 1))


def _vector(variables: Variables, name: str) -> Tensor:
    return torch.from_numpy(variables[name].astype(np.float32))
