"""The shipped weights, dequantised, in plain transformers: what batch jobs are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM

import mtfix
from mtfix.detector.encode import Chunk
from mtfix.models import default_folder, open_model
from mtfix.training.detector_model import Detector, DetectorBatch
from mtfix.training.shipped import load_detector, load_rewriter, variables_of
from mtfix.training.torch_backend import TorchRewriterBackend

BATCH = 8  # sentences that the encoder gets at once


class Plain:
    """The same flow with torch in place of CTranslate2: float32, the encoder in batches, prompts one by one."""

    def __init__(self) -> None:
        self.corrector = mtfix.load()
        self.corrector.detector.backend = _Encoder()
        self.corrector.rewriter.backend = _Generator(self.corrector.rewriter.encoder.stops)

    def fix(self, texts: Sequence[str]) -> list[str]:
        return [correction.text for correction in self.corrector.fix_many(texts)]


class _Encoder:
    def __init__(self) -> None:
        variables = variables_of(open_model(default_folder(), "detector").files["encoder/model.bin"])
        vocabulary, width = variables["encoder/embeddings_0/weight"].shape
        config = BertConfig(
            vocab_size=vocabulary, hidden_size=width, num_attention_heads=width // 32,
            num_hidden_layers=sum(name.endswith("ffn/linear_0/weight") for name in variables),
            intermediate_size=len(variables["encoder/layer_0/ffn/linear_0/weight"]),
            max_position_embeddings=len(variables["encoder/position_encodings/encodings"]),
        )  # fmt: skip
        head = open_model(default_folder(), "detector").files["head.safetensors"]
        from safetensors.numpy import load

        shapes = {name: values.shape for name, values in load(head).items()}
        tasks = shapes["output.weight"][0] // 2
        self.model = Detector(BertModel(config, add_pooling_layer=False), shapes["hidden.weight"][0], tasks)
        load_detector(self.model, default_folder())
        self.model.eval()

    @torch.no_grad()
    def logits(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        found: list[NDArray[np.float32]] = []
        for start in range(0, len(chunks), BATCH):
            some = chunks[start : start + BATCH]
            rows = self.model(DetectorBatch.of(some)).numpy()
            found += np.split(rows, np.cumsum([len(chunk.first) for chunk in some])[:-1])
        return found


class _Generator(TorchRewriterBackend):
    def __init__(self, stops: Sequence[int]) -> None:
        variables = variables_of(open_model(default_folder(), "rewriter").files["model/model.bin"])
        vocabulary, width = variables["decoder/embeddings/weight"].shape
        heads = width // 64
        joined = len(variables["decoder/layer_0/self_attention/linear_0/weight"])
        config = LlamaConfig(
            vocab_size=vocabulary, hidden_size=width, num_attention_heads=heads,
            num_key_value_heads=(joined - width) // 2 // 64, tie_word_embeddings=True, rms_norm_eps=1e-5,
            num_hidden_layers=sum(name.endswith("ffn/linear_0/weight") for name in variables),
            intermediate_size=len(variables["decoder/layer_0/ffn/linear_0/weight"]),
            max_position_embeddings=8192, rope_theta=100_000.0,
        )  # fmt: skip
        self.model: Any = LlamaForCausalLM(config)
        load_rewriter(self.model, default_folder())
        self.model.eval()
        self.encoder_decoder, self.stops = False, list(stops)
