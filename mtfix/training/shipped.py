"""Float weights of a rewriter that ships, so that training can go on from it on another machine.

A shipped model holds int8 rows with one scale each (CTranslate2's `model.bin`, binary version 6:
`ctranslate2/specs/model_spec.py` writes it); dequantised they are within half a step of the trained ones.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtfix.errors import ConfigError
from mtfix.models import open_model

Variables = dict[str, NDArray[Any]]

_TYPES = [np.float32, np.int8, np.int16, np.int32, np.float16]
_VERSION = 6


def load_shipped(model: Any, folder: Path) -> dict[str, Any]:
    """Overwrite the weights of `model`, a Llama-type causal model in torch, with those of `folder`/rewriter.

    Returns what the model folder says of its own training. Raises ModelError when the folder is damaged,
    ConfigError when its model is of another shape.
    """
    shipped = open_model(folder, "rewriter")
    variables = variables_of(shipped.files["model/model.bin"])
    try:
        weights = _llama(variables, len(model.base_model.layers))
        model.base_model.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError, AttributeError) as error:
        raise ConfigError(f"the model in {folder} is no rewriter of this base: {str(error).splitlines()[0]}") from error
    model.tie_weights()
    history: dict[str, Any] = shipped.manifest["settings"]["training"]
    return history


def variables_of(data: bytes) -> Variables:
    """All variables of a `model.bin`, as stored; aliases are left out."""
    reader = _Reader(data)
    if (version := reader.number("I")) != _VERSION:
        raise ConfigError(f"the shipped model has binary version {version}; {_VERSION} is known")
    reader.string()
    reader.number("I")
    found = {}
    for _ in range(reader.number("I")):
        name = reader.string()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind = _TYPES[reader.number("B")]
        found[name] = np.frombuffer(reader.take(reader.number("I")), kind).reshape(shape)
    return found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def take(self, size: int) -> bytes:
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, kind: str) -> int:
        return int(struct.unpack("=" + kind, self.take(struct.calcsize("=" + kind)))[0])

    def string(self) -> str:
        return self.take(self.number("H"))[:-1].decode()


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


def _matrix(variables: Variables, name: str) -> Tensor:
    weight, scale = variables[f"{name}/weight"], variables.get(f"{name}/weight_scale")
    values = weight.astype(np.float32)
    return torch.from_numpy(values if scale is None else values / scale.reshape(-1, 1))


def _vector(variables: Variables, name: str) -> Tensor:
    return torch.from_numpy(variables[name].astype(np.float32))
