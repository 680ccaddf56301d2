"""How much likelier an edit makes its sentence to a language model: the rewriter that ships, read from left to right.

A post-edit that makes the English less likely was made for the sake of the source, which a reader does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError
from mtfix.models import default_folder, open_model

_BATCH = 8  # sentences scored together
_LONGEST = 512  # tokens; what comes later counts nothing


class LanguageModelGain:
    """Gain in log-probability (nats, summed over the sentence) of the second text of each pair over the first.

    models: a model folder with a causal rewriter; None means the one that ships. threads: 0 lets CTranslate2
    choose. Raises ModelError when the model is missing or damaged, ConfigError when it is not causal.
    """

    def __init__(self, models: Path | None = None, threads: int = 0) -> None:
        import ctranslate2
        from tokenizers import Tokenizer

        folder = open_model(models or default_folder(), "rewriter")
        settings = folder.manifest["settings"]
        if settings["encoder_decoder"]:
            raise ConfigError(f"the rewriter in {folder.path} is no causal language model; name another with --models.")
        self._start = settings["markers"]["start"]
        self._tokenizer = Tokenizer.from_str(folder.files["tokenizer.json"].decode())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._tokenizer.encode_special_tokens = True  # text that spells a special token out is text
        self._model: Any = ctranslate2.Generator(
            str(folder.path), device="cpu", compute_type="int8", intra_threads=threads, files=folder.inside("model/")
        )

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        tokens = [[self._start, *self._tokenizer.encode(text, add_special_tokens=False).tokens] for text in texts]
        results = self._model.score_batch(tokens, max_batch_size=_BATCH, max_input_length=_LONGEST)
        scores = dict(zip(texts, (sum(result.log_probs) for result in results), strict=True))
        return [scores[after] - scores[before] for before, after in pairs]
