"""The graphs of a causal rewriter: layers of the Llama family, and the head that tells the likeliest tokens.

Rows are tokens, in any order: what each of them sees is an input, so that branches of one text are read together
(Miao et al. 2024, "SpecInfer", call it tree attention). Of a token's keys and values all that matters later comes out.
Several texts are read together; their attention is worked out apart, so that none changes the values of another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mtfix.onnx import MICROSOFT, Graph
from mtfix.variables import Variables

LONGEST = 4096  # positions
TEXTS = 4

_LAYER = {
    "self_attention/layer_norm/gamma", "self_attention/linear_0/weight", "self_attention/linear_0/weight_scale",
    "self_attention/linear_1/weight", "self_attention/linear_1/weight_scale", "self_attention/num_heads_kv",
    "self_attention/rotary_base", "self_attention/rotary_dim", "self_attention/rotary_interleave",
    "ffn/layer_norm/gamma", "ffn/linear_0/weight", "ffn/linear_0/weight_scale", "ffn/linear_0_noact/weight",
    "ffn/linear_0_noact/weight_scale", "ffn/linear_1/weight", "ffn/linear_1/weight_scale",
}  # fmt: skip
_SWISH = 2  # ctranslate2/specs/common_spec.py


class Shape:
    """How a model is built; ValueError where it is not of the family: other norms, biases, positions, or no int8."""

    def __init__(self, variables: Variables, epsilon: float) -> None:
        first = "decoder/layer_0/"
        inside = {name.removeprefix(first) for name in variables if name.startswith(first)}
        wanted = {
            "decoder/activation": _SWISH, "decoder/pre_norm": 1, "decoder/alibi": 0, "decoder/scale_embeddings": 0,
            f"{first}self_attention/rotary_interleave": 0, f"{first}self_attention/rotary_dim": 0,
        }  # fmt: skip
        if inside != _LAYER or any(int(variables.get(name, -1)) != value for name, value in wanted.items()):
            raise ValueError("layers of another kind")
        if not {"decoder/layernorm_embedding/gamma", "decoder/position_encodings/encodings"}.isdisjoint(variables):
            raise ValueError("another embedding of tokens")
        self.epsilon = epsilon
        self.layers = sum(name.endswith("/ffn/linear_0/weight") for name in variables)
        self.heads = int(variables["decoder/num_heads"])
        self.groups = int(variables[f"{first}self_attention/num_heads_kv"])
        self.width = variables["decoder/embeddings/weight"].shape[1]
        self.size = self.width // self.heads
        self.base = float(variables[f"{first}self_attention/rotary_base"])

    def past(self, text: int) -> list[str]:
        """Names of a text's keys and values in all layers, (groups, tokens, size) each."""
        return [f"{kind}{i} of {text}" for i in range(self.layers) for kind in ("keys", "values")]


def trunk(variables: Variables, shape: Shape) -> Any:
    """Session from ids (r), positions (r, 1) and counts (TEXTS), how many of these rows, one after another, are of each
    text, to states (r, width); for each text from its mask (1, own r * heads / groups, p + own r) and past (groups, p,
    size) to its keys and values (groups, p + own r, size)."""
    g = Graph()
    keys, both = shape.groups * shape.size, (shape.heads + shape.groups) * shape.size
    angles = np.arange(LONGEST)[:, None] * shape.base ** (-np.arange(0, shape.size, 2) / shape.size)
    g.constant("cosines", np.cos(angles).astype(np.float32))
    g.constant("sines", np.sin(angles).astype(np.float32))
    for name, sizes in (
        ("qk|v", [both, keys]), ("q|k", [both - keys, keys]), ("apart", [-1, 1, both]), ("rows of qk", [-1, both]),
        ("heads", [-1, shape.heads, shape.size]), ("groups", [-1, shape.groups, shape.size]),
        ("by group", [shape.groups, -1, shape.size]), ("by head", [shape.heads, -1, shape.size]),
        ("joined", [-1, shape.width]),
    ):  # fmt: skip
        g.constant(name, np.array(sizes))
    more, x = "", _embedded(g, variables)
    for i in range(shape.layers):
        x, h = _normed(g, shape, x, more, variables[f"decoder/layer_{i}/self_attention/layer_norm/gamma"])
        more = _attention(g, shape, variables, i, h)
        x, h = _normed(g, shape, x, more, variables[f"decoder/layer_{i}/ffn/layer_norm/gamma"])
        more = _feed_forward(g, variables, f"decoder/layer_{i}/ffn", h)
    _, h = _normed(g, shape, x, more, variables["decoder/layer_norm/gamma"])
    g.add("Identity", [h], "states")
    inputs: dict[str, tuple[str, list[Any]]] = {
        "ids": ("INT64", ["r"]), "positions": ("INT64", ["r", 1]), "counts": ("INT64", [TEXTS])
    }  # fmt: skip
    outputs = ["states"]
    for text in range(TEXTS):
        inputs[f"mask of {text}"] = ("FLOAT", [1, f"m{text}", f"t{text}"])
        inputs |= {f"past {name}": ("FLOAT", [shape.groups, f"p{text}", shape.size]) for name in shape.past(text)}
        outputs += shape.past(text)
    return g.session(inputs, dict.fromkeys(outputs, "FLOAT"))


def head(variables: Variables, shape: Shape) -> Any:
    """Session from states (r, width), targets (r, 1) and count (1) to log-probabilities of the targets, `told` (r, 1),
    and of the `count` likeliest tokens, `best` and `indices` (r, count)."""
    g = Graph()
    name = "projection" if "decoder/projection/weight_scale" in variables else "embeddings"  # stored once for both
    told = g.add("LogSoftmax", [g.linear(g.quantized("states"), variables, f"decoder/{name}")], axis=-1)
    g.add("GatherElements", [told, "targets"], "told", axis=1)
    g.add("TopK", [told, "count"], "best", "indices", axis=-1)
    inputs = {"states": ("FLOAT", ["r", shape.width]), "targets": ("INT64", ["r", 1]), "count": ("INT64", [1])}
    return g.session(inputs, {"told": "FLOAT", "best": "FLOAT", "indices": "INT64"})


def _embedded(g: Graph, variables: Variables) -> str:
    g.constant("embeddings", variables["decoder/embeddings/weight"])
    g.constant("scales", 1 / variables["decoder/embeddings/weight_scale"].reshape(-1, 1))
    rows = g.add("Cast", [g.add("Gather", ["embeddings", "ids"])], to=1)
    return g.add("Mul", [rows, g.add("Gather", ["scales", "ids"])])


def _normed(g: Graph, shape: Shape, x: str, more: str, gamma: Any) -> tuple[str, str]:
    """x with `more` added, and its norm."""
    name = g.constant(f"norm of {more or x}", gamma)
    if not more:
        return x, g.add("SimplifiedLayerNormalization", [x, name], axis=-1, epsilon=shape.epsilon)
    outputs = [f"{more} normed", "", "", f"{more} added"]
    g.add("SkipSimplifiedLayerNormalization", [x, more, name], *outputs, domain=MICROSOFT, epsilon=shape.epsilon)
    return outputs[3], outputs[0]


def _attention(g: Graph, shape: Shape, variables: Variables, layer: int, h: str) -> str:
    name = f"decoder/layer_{layer}/self_attention"
    outputs = [f"{kind} of {layer}" for kind in ("qk", "v", "q", "k")]
    g.add("Split", [g.linear(g.quantized(h), variables, f"{name}/linear_0"), "qk|v"], *outputs[:2], axis=1)
    # each row as a text of its own: of one text no more rows are taken than there are positions
    turned = g.add(
        "RotaryEmbedding", [g.add("Reshape", [outputs[0], "apart"]), "positions", "cosines", "sines"],
        domain=MICROSOFT, num_heads=shape.heads + shape.groups, interleaved=0,
    )  # fmt: skip
    g.add("Split", [g.add("Reshape", [turned, "rows of qk"]), "q|k"], *outputs[2:], axis=1)
    queries, keys, values = (
        _by_text(g, x, count) for x, count in ((outputs[2], "heads"), (outputs[3], "groups"), (outputs[1], "groups"))
    )
    mixed = []
    for text, (asking, *new) in enumerate(zip(queries, keys, values, strict=True)):
        known = [f"{kind}{layer} of {text}" for kind in ("keys", "values")]
        for whole, more in zip(known, new, strict=True):
            g.add("Concat", [f"past {whole}", more], whole, axis=1)
        alike = [g.add("Reshape", [asking, "by group"]), known[0]]
        seen = g.add("FusedMatMul", alike, domain=MICROSOFT, transB=1, alpha=shape.size**-0.5)
        weights = g.add("Softmax", [g.add("Add", [seen, f"mask of {text}"])], axis=-1)
        mixed.append(g.add("Reshape", [g.add("MatMul", [weights, known[1]]), "by head"]))
    rows = g.add("Transpose", [g.add("Concat", mixed, axis=1)], perm=[1, 0, 2])
    return g.linear(g.quantized(g.add("Reshape", [rows, "joined"])), variables, f"{name}/linear_1")


def _by_text(g: Graph, x: str, count: str) -> list[str]:
    """Of each text (count, own r, size)."""
    turned = g.add("Transpose", [g.add("Reshape", [x, count])], perm=[1, 0, 2])
    parts = [f"{x}, {text}" for text in range(TEXTS)]
    g.add("Split", [turned, "counts"], *parts, axis=1)
    return parts


def _feed_forward(g: Graph, variables: Variables, name: str, h: str) -> str:
    rows = g.quantized(h)
    gate = g.add("QuickGelu", [g.linear(rows, variables, f"{name}/linear_0")], domain=MICROSOFT, alpha=1.0)
    inner = g.add("Mul", [gate, g.linear(rows, variables, f"{name}/linear_0_noact")])
    return g.linear(g.quantized(inner), variables, f"{name}/linear_1")
