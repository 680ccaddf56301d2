"""The causal model of a rewriter read as an ordinary language model: left to right, without any marker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError
from mtfix.models import default_folder, open_model


class LanguageModel:
    """Log-probabilities of tokens by the rewriter in a model folder, in int8 on the processor.

    models: the folder; None means the one that ships. threads: 0 lets CTranslate2 choose. what: who needs it, as
    the beginning of a message. Raises ModelError when the model is missing or damaged, ConfigError when it is not
    causal.
    """

    def __init__(self, models: Path | None = None, threads: int = 0, *, what: str) -> None:
        import ctranslate2
        from tokenizers import Tokenizer

        folder = open_model(models or default_folder(), "rewriter")
        settings = folder.manifest["settings"]
        if settings["encoder_decoder"]:
            raise ConfigError(f"{what} needs a causal rewriter, and that in {folder.path} is none; name another model.")
        self.digest: str = folder.digest
        self._start = settings["markers"]["start"]
        self._tokenizer = Tokenizer.from_str(folder.files["tokenizer.json"].decode())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._tokenizer.encode_special_tokens = True  # text that spells a special token out is text
        self._model: Any = ctranslate2.Generator(
            str(folder.path), device="cpu", compute_type="int8", intra_threads=threads, files=folder.inside("model/")
        )

    def encode(self, text: str) -> Any:
        """The text's tokens and their places (`tokenizers.Encoding`)."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def score(self, tokens: Sequence[Sequence[str]], *, longest: int, together: int = 1) -> list[list[float]]:
        """Log-probability (nats) of every token of every text given all before; none for those from `longest` on.

        together: texts scored at a time; with more than one, padding moves the values a little.
        """
        prompts = [[self._start, *found] for found in tokens]
        results = self._model.score_batch(prompts, max_batch_size=together, max_input_length=longest)
        return [list(result.log_probs) for result in results]
