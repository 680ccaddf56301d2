"""Encoders of the BERT and MPNet families in CTranslate2's format, with casing as a second input.

CTranslate2 adds a table of "token types" to the vectors of subwords. Here a type stands for the casing of a
subword's word and, for MPNet, for its position as well: CTranslate2 knows no encoder that has both learned
positions and a bias for relative ones (`position_types` says which it is at run time).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ctranslate2.specs import attention_spec, common_spec, transformer_spec
from torch import Tensor

from mtfix.detector.encode import MAX_PIECES
from mtfix.errors import ConfigError

MAX_LENGTH = MAX_PIECES + 2  # with the two tokens around them


def position_types(encoder: Any) -> bool:
    """Whether token types stand for positions too: position * CASINGS + casing."""
    return bool(encoder.config.model_type == "mpnet")


def save_encoder(encoder: Any, casing: Tensor, vocabulary: Sequence[str], unknown: str, folder: Path) -> None:
    """Write `encoder` (transformers' BertModel or MPNetModel) in int8 to `folder`.

    casing: (CASINGS, hidden size), added to the vectors of subwords. Raises ConfigError for other families.
    """
    spec = _specification(encoder, casing.detach())
    spare = range(len(vocabulary), encoder.config.vocab_size)
    spec.register_vocabulary([*vocabulary, *(f"<extra_{i}>" for i in spare)])
    spec.config.unk_token = unknown
    spec.config.layer_norm_epsilon = encoder.config.layer_norm_eps
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _specification(encoder: Any, casing: Tensor) -> Any:
    config = encoder.config
    if config.model_type not in ("bert", "mpnet") or config.hidden_act != "gelu":
        raise ConfigError(f"the detector's base must be of the BERT or MPNet family, not {config.model_type}")
    relative = position_types(encoder)
    spec = transformer_spec.TransformerEncoderModelSpec(
        transformer_spec.TransformerEncoderSpec(
            config.num_hidden_layers, config.num_attention_heads, pre_norm=False,
            activation=common_spec.Activation.GELU, layernorm_embedding=True, num_source_embeddings=2,
            embeddings_merge=common_spec.EmbeddingsMerge.ADD, relative_attention_bias=relative,
        )
    )  # fmt: skip
    ours, theirs = spec.encoder, encoder.embeddings
    ours.scale_embeddings = False
    ours.embeddings[0].weight = _array(theirs.word_embeddings.weight)
    positions = theirs.position_embeddings.weight
    if relative:
        start = theirs.padding_idx + 1
        table = positions[start : start + MAX_LENGTH, None] + casing[None]
        ours.embeddings[1].weight = _array(table.reshape(-1, table.shape[-1]))
    else:
        ours.embeddings[1].weight = _array(theirs.token_type_embeddings.weight[:1] + casing)
        ours.position_encodings.encodings = _array(positions)
    _norm(ours.layernorm_embedding, theirs.LayerNorm)
    for layer_spec, layer in zip(ours.layer, encoder.encoder.layer, strict=True):
        (*projections, output), norm = parts(layer)
        attention = layer_spec.self_attention
        joined = [torch.cat([getattr(p, name) for p in projections]) for name in ("weight", "bias")]
        attention.linear[0].weight, attention.linear[0].bias = map(_array, joined)
        _linear(attention.linear[1], output)
        _norm(attention.layer_norm, norm)
        _linear(layer_spec.ffn.linear_0, layer.intermediate.dense)
        _linear(layer_spec.ffn.linear_1, layer.output.dense)
        _norm(layer_spec.ffn.layer_norm, layer.output.LayerNorm)
        if relative:
            _bias(attention, encoder.encoder.relative_attention_bias.weight)
    return spec


def parts(layer: Any) -> tuple[tuple[Any, Any, Any, Any], Any]:
    """Queries, keys, values and output of a layer's attention, and its normalisation, whichever the family."""
    attention = layer.attention
    if hasattr(attention, "attn"):  # MPNet
        inner = attention.attn
        return (inner.q, inner.k, inner.v, inner.o), attention.LayerNorm
    inner, output = attention.self, attention.output
    return (inner.query, inner.key, inner.value, output.dense), output.LayerNorm


def _bias(attention: attention_spec.MultiHeadAttentionSpec, weight: Tensor) -> None:
    attention.relative_attention_bias = _array(weight)
    attention.relative_attention_max_distance = np.dtype("int32").type(128)  # fixed in MPNet


def _linear(spec: common_spec.LinearSpec, module: Any) -> None:
    spec.weight, spec.bias = _array(module.weight), _array(module.bias)


def _norm(spec: common_spec.LayerNormSpec, module: Any) -> None:
    spec.gamma, spec.beta = _array(module.weight), _array(module.bias)


def _array(tensor: Tensor) -> Any:
    return np.ascontiguousarray(tensor.detach().float().numpy())
