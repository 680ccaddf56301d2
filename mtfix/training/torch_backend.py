"""The torch models behind the inference interfaces: the reference that the exported models must match."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from mtfix.detector.encode import Chunk
from mtfix.rewriter.requests import Hypothesis, Reading, Request
from mtfix.training.detector_model import Detector, DetectorBatch


class TorchDetectorBackend:
    """float32 logits of a run folder's detector, one chunk at a time."""

    def __init__(self, run: Path) -> None:
        self.model = Detector.from_run(run)

    @torch.no_grad()
    def logits(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        return [self.model(DetectorBatch.of([chunk])).numpy() for chunk in chunks]


class TorchRewriterBackend:
    """float32 beam search of a run folder's rewriter with transformers' `generate`, one prompt at a time."""

    def __init__(self, run: Path, *, encoder_decoder: bool, stop: int) -> None:
        kind = AutoModelForSeq2SeqLM if encoder_decoder else AutoModelForCausalLM
        self.model: Any = kind.from_pretrained(run / "model", dtype=torch.float32).eval()
        self.encoder_decoder, self.stop = encoder_decoder, stop

    @torch.no_grad()
    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        return [
            [
                self._generate([*request.passage, *question], beams, limit)
                for question, limit in zip(request.questions, request.longest, strict=True)
            ]
            for request in requests
        ]

    @torch.no_grad()
    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        return [
            [[0.0, *self._score(torch.tensor([[*r.passage[:start], *ids]]))][start:] for start, ids in r.tails]
            for r in readings
        ]

    def _score(self, ids: torch.Tensor) -> list[float]:
        told = torch.log_softmax(self.model(input_ids=ids).logits[0, :-1], dim=-1)
        found: list[float] = told.gather(1, ids[0, 1:, None])[:, 0].tolist()
        return found

    def _generate(self, prompt: list[int], beams: int, longest: int) -> list[Hypothesis]:
        ids = torch.tensor([prompt])
        output = self.model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), num_beams=beams, num_return_sequences=beams,
            max_new_tokens=longest, length_penalty=0.0, do_sample=False, eos_token_id=self.stop,
            pad_token_id=self.stop,
            return_dict_in_generate=True, output_scores=True,
        )  # fmt: skip
        skip = 1 if self.encoder_decoder else len(prompt)
        if beams == 1:
            scores = self.model.compute_transition_scores(output.sequences, output.scores, normalize_logits=True)
            totals = torch.where(torch.isfinite(scores), scores, 0).sum(dim=1)
        else:
            totals = output.sequences_scores
        rows = zip(output.sequences[:, skip:].tolist(), totals.tolist(), strict=True)
        return [(row, score) for row, score in rows]
