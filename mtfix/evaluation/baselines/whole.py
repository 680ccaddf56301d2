"""Whole sentences rewritten by a torch model with transformers' own generation, beam search and all.

Without a checkpoint it is our own rewriter, its weights made float again: asked as it was trained, with the whole
sentence as one marked span. So is a run folder of `mtfix train rewriter`. Any other folder or name must hold an
encoder-decoder model, which gets the sentence as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mtfix.documents.segment import sentences
from mtfix.errors import ConfigError, ModelError
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.outputs import aligned
from mtfix.evaluation.systems import Options
from mtfix.types import Span

_BEAMS = 4


class WholeBaseline:
    """`options.checkpoint` is the model; without it the rewriter of `options.models`, or the one that ships."""

    name = "whole"
    stored = False

    def __init__(self, options: Options) -> None:
        self._checkpoint, self._models = options.checkpoint, options.models
        self._threads = options.threads
        self._digest = ""
        self._encoder: Any = None

    def start(self) -> None:
        torch = require("torch", what="the baseline whole", extra="train")
        require("transformers", what="the baseline whole", extra="train")
        if self._threads:
            torch.set_num_threads(self._threads)
        if self._checkpoint is None:
            self._start_shipped()
        else:
            self._start_checkpoint(self._checkpoint)

    def _start_shipped(self) -> None:
        from tokenizers import Tokenizer

        from mtfix.models import default_folder, open_model
        from mtfix.training.shipped import torch_rewriter

        models = self._models or default_folder()
        folder = open_model(models, "rewriter")
        settings = folder.manifest["settings"]
        if settings["encoder_decoder"]:
            raise ConfigError(
                f"the baseline whole cannot rebuild the encoder-decoder model in {folder.path}: name what it was made "
                "of with --checkpoint."
            )
        self._seq2seq = False
        self._model: Any = torch_rewriter(models)
        tokenizer = Tokenizer.from_str(folder.files["tokenizer.json"].decode())
        self._encoder = _prompts(tokenizer, settings["markers"], False)
        self._digest = folder.digest

    def _start_checkpoint(self, path: Path) -> None:
        import torch
        import transformers

        run = path / "training.json"
        folder = path / "model" if run.is_file() else path
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
            self._seq2seq = bool(config.is_encoder_decoder)
            kind = transformers.AutoModelForSeq2SeqLM if self._seq2seq else transformers.AutoModelForCausalLM
            self._model = kind.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ModelError(f"{folder} holds no model that transformers can load: {reason}") from error
        if run.is_file():
            markers = json.loads(run.read_text(encoding="utf-8"))["markers"]
            self._encoder = _prompts(self._tokenizer.backend_tokenizer, markers, self._seq2seq)
        elif not self._seq2seq:
            raise ConfigError(f"{folder} is a causal model without the training.json that says how it is asked.")
        self._digest = _folder_digest(folder)

    def stop(self) -> None:
        self._model = self._encoder = None

    @property
    def signature(self) -> dict[str, Any]:
        return {"checkpoint": self._digest[:12], "beams": _BEAMS}

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        for item in items:
            parts, position = [], 0
            for span in sentences(item.text):
                parts += [item.text[position : span.start], self._rewritten(span.of(item.text))]
                position = span.end
            corrected = "".join([*parts, item.text[position:]])
            yield Output(item.id, corrected, aligned(item.text, corrected))

    def _rewritten(self, text: str) -> str:
        if self._encoder is None:
            ids = self._tokenizer(text).input_ids
            found: str = self._tokenizer.decode(self._generate(ids, None), skip_special_tokens=True).strip()
            return found or text
        # the question alone tells the whole sentence; no passage has to tell it once more
        prompt = [*self._encoder.beginning, *self._encoder.question(text, Span(0, len(text)))]
        if len(prompt) > self._encoder.max_tokens:
            return text
        answer = self._encoder.read(self._generate(prompt, self._encoder.end))
        return (answer or "").strip() or text

    def _generate(self, ids: list[int], stop: int | None) -> list[int]:
        import torch

        prompt = torch.tensor([ids])
        more = {} if stop is None else {"eos_token_id": stop, "pad_token_id": stop}
        with torch.no_grad():
            output = self._model.generate(
                input_ids=prompt, attention_mask=torch.ones_like(prompt), num_beams=_BEAMS, do_sample=False,
                max_new_tokens=2 * len(ids) + 16, **more,
            )  # fmt: skip
        found: list[int] = output[0, 1 if self._seq2seq else len(ids) :].tolist()
        return found


def _prompts(tokenizer: Any, markers: dict[str, str], seq2seq: bool) -> Any:
    from mtfix.rewriter.prompt import Markers, PromptEncoder

    return PromptEncoder(tokenizer, Markers(**markers), encoder_decoder=seq2seq, max_tokens=1024)


def _folder_digest(folder: Path) -> str:
    """sha256 over the files of a checkpoint, or its name where it isn't a folder here."""
    from mtfix.evaluation.suites import file_digest

    files = sorted(p for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []
    parts = "".join(f"{path.name} {file_digest(path)}\n" for path in files) or str(folder)
    return hashlib.sha256(parts.encode()).hexdigest()
