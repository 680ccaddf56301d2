"""Round trips through rule-based machine translation (Apertium), installed from Debian packages.

The damage has the texture of spun news: foreign noun phrases ("agreement of free trade"), wrong
senses, mangled names. `apertium -l` lists the modes that are installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache

from mtfix.corpus.engines.accidents import accident
from mtfix.corpus.engines.base import EngineMissingError

# English out and back again; more hops, more damage
CHAINS: dict[str, tuple[str, ...]] = {
    "spa": ("eng-spa", "spa-eng"),
    "cat": ("eng-cat", "cat-eng"),
    "glg": ("en-gl", "gl-en"),
    "epo": ("en-eo", "eo-en"),
    "spa-cat": ("eng-spa", "spa-cat", "cat-eng"),
    "spa-por": ("eng-spa", "es-pt", "pt-es", "spa-eng"),
}
INSTALL = (
    "apt-get install apertium apertium-eng-spa apertium-eng-cat apertium-en-gl apertium-eo-en "
    "apertium-spa-cat apertium-es-pt"
)
_MARKS = re.compile(r"(?<![\w\\])[*@#](?=\w)")


def available_chains(chains: Mapping[str, Sequence[str]] = CHAINS) -> list[str]:
    """Names of the chains whose every mode is installed; empty without Apertium."""
    modes = _modes(shutil.which("apertium"))
    return [name for name, chain in chains.items() if modes.issuperset(chain)]


@lru_cache(maxsize=1)  # a build asks before every batch
def _modes(apertium: str | None) -> frozenset[str]:
    if apertium is None:
        return frozenset()
    listed = subprocess.run([apertium, "-l"], capture_output=True, text=True, check=True).stdout
    return frozenset(line.strip() for line in listed.splitlines())


def round_trip(sentences: Sequence[str], chain: str) -> list[str | None]:
    """Each sentence after the whole chain; None where the engine lost the line structure or had an accident.

    Raises EngineMissingError when Apertium or a mode of the chain is not installed.
    """
    if chain not in available_chains():
        raise EngineMissingError(f"round trips through {chain!r} need Apertium: {INSTALL}")
    translated = translate(sentences, CHAINS[chain])
    return [
        text if text and not accident(source, text) else None
        for source, text in zip(sentences, translated, strict=True)
    ]


def translate(sentences: Sequence[str], modes: Sequence[str]) -> list[str | None]:
    """Each sentence after the Apertium modes in turn, without their marks for unknown words.

    A batch in which Apertium lost the lines is halved until only the sentences that do it are without an answer.
    """
    # one paragraph per sentence: their number tells afterwards whether lines went astray
    text = "\n\n".join(" ".join(sentence.split()) for sentence in sentences) + "\n\n"
    for mode in modes:
        command = ["apertium", "-u", "-f", "txt", mode]
        done = subprocess.run(command, input=text, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            return [None] * len(sentences)
        text = done.stdout
    lines = [re.sub(" +", " ", _MARKS.sub("", line)).strip() for line in re.split(r"\n\s*\n", text.strip("\n"))]
    if len(lines) != len(sentences):
        if len(sentences) < 2:
            return [None] * len(sentences)
        half = len(sentences) // 2
        return [*translate(sentences[:half], modes), *translate(sentences[half:], modes)]
    return [line if line and "\n" not in line else None for line in lines]
