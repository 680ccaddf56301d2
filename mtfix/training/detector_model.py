"""The detector in torch: a pretrained encoder and a small head over words and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoModel

from mtfix.detector.encode import CASINGS, FEATURES, Chunk
from mtfix.training.loop import moved, padded


@dataclass(frozen=True)
class DetectorBatch:
    """Padded chunks. ids, mask, casing: (chunks, pieces). rows, first, last: (words,), one entry per word or end."""

    ids: Tensor
    mask: Tensor
    casing: Tensor
    rows: Tensor
    first: Tensor
    last: Tensor
    features: Tensor

    @classmethod
    def of(cls, chunks: Sequence[Chunk]) -> DetectorBatch:
        ids = padded([chunk.ids for chunk in chunks], 0)
        casing = padded([chunk.casing for chunk in chunks], 0)
        lengths = torch.tensor([len(chunk.ids) for chunk in chunks])
        mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
        rows = torch.arange(len(chunks)).repeat_interleave(torch.tensor([len(chunk.first) for chunk in chunks]))
        first = torch.tensor([p for chunk in chunks for p in chunk.first])
        last = torch.tensor([p for chunk in chunks for p in chunk.last])
        features = torch.from_numpy(np.concatenate([chunk.features for chunk in chunks]))
        return cls(ids, mask, casing, rows, first, last, features)

    def to(self, device: torch.device) -> DetectorBatch:
        return DetectorBatch(*(moved(getattr(self, field.name), device) for field in fields(self)))


class Detector(nn.Module):
    """Two logits per word and task: it is wrong; something is missing before it (the extra end word: at the end)."""

    def __init__(self, encoder: Any, head_size: int, tasks: int = 1) -> None:
        super().__init__()
        self.encoder: Any = encoder
        # the encoder's own vocabulary is of lower case; this tells it how a word is written
        self.casing = nn.Embedding(CASINGS, encoder.config.hidden_size)
        nn.init.zeros_(self.casing.weight)
        width = 2 * encoder.config.hidden_size + FEATURES
        self.hidden = nn.Linear(width, head_size)
        self.output = nn.Linear(head_size, 2 * tasks)
        self.dropout = nn.Dropout(0.1)

    @classmethod
    def from_encoder(cls, folder: str | Path, head_size: int, tasks: int = 1) -> Detector:
        encoder = AutoModel.from_pretrained(folder, dtype=torch.float32, add_pooling_layer=False)
        return cls(encoder, head_size, tasks)

    @classmethod
    def from_run(cls, folder: Path) -> Detector:
        head = load_file(folder / "head.safetensors")
        tasks = head["output.weight"].shape[0] // 2
        model = cls.from_encoder(folder / "encoder", head["hidden.weight"].shape[0], tasks)
        model.load_state_dict(head, strict=False)
        return model.eval()

    def save(self, folder: Path) -> None:
        self.encoder.save_pretrained(folder / "encoder")
        head = {name: p.contiguous() for name, p in self.state_dict().items() if not name.startswith("encoder.")}
        save_file(head, folder / "head.safetensors")

    def forward(self, batch: DetectorBatch) -> Tensor:
        """Logits (words, 2 * tasks) for the entries of `batch.rows`, in order: word, gap of each task in turn."""
        batch = batch.to(self.output.weight.device)
        vectors = self.encoder.embeddings.word_embeddings(batch.ids) + self.casing(batch.casing)
        states = self.encoder(inputs_embeds=vectors, attention_mask=batch.mask).last_hidden_state
        parts = [states[batch.rows, batch.first], states[batch.rows, batch.last], batch.features]
        hidden = torch.relu(self.hidden(self.dropout(torch.cat(parts, dim=1))))
        logits: Tensor = self.output(hidden).float()  # mixed precision ends here
        return logits
