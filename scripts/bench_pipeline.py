"""The shipped weights, dequantised, in plain transformers: what batch jobs are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load
from transformers import MPNetConfig, MPNetModel

import mtfix
from mtfix.detector.encode import CASINGS, Chunk
from mtfix.models import default_folder, open_model
from mtfix.training.detector_model import Detector, DetectorBatch
from mtfix.training.shipped import load_detector, torch_rewriter
from mtfix.training.torch_backend import TorchRewriterBackend
from mtfix.variables import variables_of

BATCH = 8  # sentences that the encoder gets at once


class Plain:
    """The same flow with torch in place of CTranslate2: float32, the encoder in batches, prompts one by one."""

    def __init__(self) -> None:
        self.corrector = mtfix.load()
        self.corrector.detector.backend = _Encoder()
        self.corrector.detector.settings.pop("kinds", None)  # that head is not part of it
        self.corrector.rewriter.backend = _Generator(self.corrector.rewriter.encoder.end)

    def fix(self, texts: Sequence[str]) -> list[str]:
        return [correction.text for correction in self.corrector.fix_many(texts)]


class _Encoder:
    def __init__(self) -> None:
        shipped = open_model(default_folder(), "detector")
        variables = variables_of(shipped.files["encoder/model.bin"])
        vocabulary, width = variables["encoder/embeddings_0/weight"].shape
        buckets, heads = variables["encoder/layer_0/self_attention/relative_attention_bias"].shape
        config = MPNetConfig(
            vocab_size=vocabulary, hidden_size=width, num_attention_heads=heads, relative_attention_num_buckets=buckets,
            num_hidden_layers=sum(name.endswith("ffn/linear_0/weight") for name in variables),
            intermediate_size=len(variables["encoder/layer_0/ffn/linear_0/weight"]),
            # the first positions are those of padding
            max_position_embeddings=len(variables["encoder/embeddings_1/weight"]) // CASINGS + 2,
        )  # fmt: skip
        shapes = {name: values.shape for name, values in load(shipped.files["head.safetensors"]).items()}
        tasks = shapes["output.weight"][0] // 2
        self.model = Detector(MPNetModel(config, add_pooling_layer=False), shapes["hidden.weight"][0], tasks)
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
    def __init__(self, stop: int) -> None:
        self.model: Any = torch_rewriter(default_folder())
        self.encoder_decoder, self.stop = False, stop
