"""Round trips through two neural models of the Marian family that the user has: OPUS-MT, Tatoeba or one's own.

A folder holds either a model converted for CTranslate2 (`ct2-transformers-converter` or `ct2-opus-mt-converter`
with `source.spm` and `target.spm` copied beside it: several times faster), or a checkpoint as transformers reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mtfix.corpus.engines.accidents import accident
from mtfix.errors import ModelError

Translate = Callable[[Sequence[str]], list[str]]

BATCH = 32  # sentences translated together
LONGEST = 256  # tokens of a sentence and of its translation
_PIECES = ("source.spm", "target.spm")


def chain_name(out: Path, back: Path) -> str:
    """The name of a round trip in the rows of a corpus."""
    return f"{out.name}+{back.name}"


def lacking(folder: Path) -> str | None:
    """What keeps a folder from being used, as the end of a sentence; None when it can be."""
    names = [name for name in ("config.json", *_PIECES) if not (folder / name).is_file()]
    if names:
        return f"{folder} has no {names[0]}"
    library = "ctranslate2" if (folder / "model.bin").is_file() else "transformers"
    for needed in ("sentencepiece", library):
        if find_spec(needed) is None:
            return f'{folder} needs {needed}: pip install "mtfix[train]"'
    return None


class MarianEngine:
    """A BatchEngine of round trips. chains: folders of the way out and the way back, by the name of the round trip."""

    def __init__(self, chains: Mapping[str, tuple[Path, Path]]) -> None:
        self.chains = dict(chains)

    def __call__(self, sentences: Sequence[str], chain: str, /) -> list[str | None]:
        """Each sentence after the round trip; None where nothing came back or a model ran wild.

        ModelError when a folder can't be loaded.
        """
        texts = list(sentences)
        for folder in self.chains[chain]:
            texts = translator(folder)(texts)
        return [
            text if text.strip() and not accident(source, text) else None
            for source, text in zip(sentences, texts, strict=True)
        ]


@lru_cache(maxsize=4)
def translator(folder: Path) -> Translate:
    """The translator in a folder: greedy search on one thread, so that the same batch gives the same texts.

    ModelError when there is none.
    """
    if reason := lacking(folder):
        raise ModelError(f"{reason}; a Marian model has config.json, source.spm, target.spm and its weights.")
    try:
        return _converted(folder) if (folder / "model.bin").is_file() else _checkpoint(folder)
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"{folder} holds no Marian model: {str(error).partition(chr(10))[0]}") from error


def _converted(folder: Path) -> Translate:
    import ctranslate2
    from sentencepiece import SentencePieceProcessor

    source, target = (SentencePieceProcessor(model_file=str(folder / name)) for name in _PIECES)
    model = ctranslate2.Translator(str(folder), device="cpu", inter_threads=1, intra_threads=1)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    end = [] if settings.get("add_source_eos") else ["</s>"]

    def translate(texts: Sequence[str]) -> list[str]:
        tokens = [[*source.encode(text, out_type=str)[: LONGEST - 1], *end] for text in texts]
        results = model.translate_batch(
            tokens, beam_size=1, max_batch_size=BATCH, max_decoding_length=LONGEST, replace_unknowns=True
        )
        return [target.decode(result.hypotheses[0]) for result in results]

    return translate


def _checkpoint(folder: Path) -> Translate:
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    tokenizer: Any = MarianTokenizer.from_pretrained(folder, local_files_only=True)
    model: Any = MarianMTModel.from_pretrained(folder, local_files_only=True)
    model.eval()
    never = [[tokenizer.pad_token_id]]  # models print it with a probability that their training gave it by chance

    def translate(texts: Sequence[str]) -> list[str]:
        found: list[str] = []
        torch.set_num_threads(1)
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            inputs = tokenizer(batch, return_tensors="pt", padding=True, truncation=True, max_length=LONGEST)
            with torch.no_grad():
                output = model.generate(
                    **inputs, num_beams=1, do_sample=False, max_new_tokens=LONGEST, bad_words_ids=never
                )
            found += tokenizer.batch_decode(output, skip_special_tokens=True)
        return found

    return translate
