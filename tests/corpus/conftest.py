from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.wordnet import English, Pivot

# synset offset -> lemmas, most frequent sense first for every lemma
ADJECTIVES = {"00000001": ["late"], "00000002": ["final", "last"], "00000003": ["recent"]}
NOUNS = {
    "00000011": ["casualty"], "00000012": ["victim"], "00000013": ["father"],
    "00000014": ["bank", "depository"], "00000015": ["bank", "slope"],
    "00000016": ["prime_minister", "premier"], "00000017": ["front", "battlefront"],
}  # fmt: skip
VERBS = {"00000021": ["take_off", "depart"]}
# place (in the file of places) and its adjectives, which point to it
PLACES = {"00000031": ["Ruritania"]}
DEMONYMS = {"00000032": (["Ruritanian"], "00000031")}
# Indonesian: one word for several senses
MALAY = {
    "00000001-a": "terakhir", "00000002-s": "terakhir",
    "00000011-n": "korban", "00000012-n": "korban", "00000013-n": "bapa",
}  # fmt: skip


@pytest.fixture(scope="session")
def wordnets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WordNet of a few synsets in the files of WordNet 3.0, and a pivot wordnet over it."""
    folder = tmp_path_factory.mktemp("wordnets")
    files = (("adj", "s", ADJECTIVES), ("noun", "n", NOUNS), ("verb", "v", VERBS), ("adv", "r", {}))
    for name, mark, synsets in files:
        data = ["  1 This software and database is being provided to you"]
        index: dict[str, list[str]] = {}
        for offset, lemmas in synsets.items():
            words = " ".join(f"{lemma}{'(a)' if lemma == 'last' else ''} 0" for lemma in lemmas)
            data.append(f"{offset} 00 {mark} {len(lemmas):02x} {words} 000 | a gloss")
            for lemma in lemmas:
                index.setdefault(lemma, []).append(offset)
        if name == "noun":
            data += [f"{offset} 15 n 01 {place} 0 000 | a land" for offset, [place] in PLACES.items()]
        if name == "adj":
            data += [
                f"{offset} 01 a 01 {lemma} 0 001 \\ {place} n 0101 | of it"
                for offset, ([lemma], place) in DEMONYMS.items()
            ]
        (folder / f"data.{name}").write_text("".join(f"{line}\n" for line in data), encoding="latin-1")
        lines = [f"{lemma} {mark} {len(found)} 0 {len(found)} 0 {' '.join(found)}  " for lemma, found in index.items()]
        text = "".join(f"{line}\n" for line in ["  1 header", *lines])
        (folder / f"index.{name}").write_text(text, encoding="latin-1")
    (folder / "cntlist.rev").write_text("late%3:00:00:: 1 20\nlate%5:00:00:old:00 2 3\nvictim%1:18:00:: 1 4\n")
    rows = ["# Wordnet Bahasa\tind", "00000001-a\tind:def\t0\tnot a lemma"]
    rows += [f"{synset}\tind:lemma\t{word}" for synset, word in MALAY.items()]
    with gzip.open(folder / "wn-data-ind.tab.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)
    return folder


@pytest.fixture(scope="session")
def pivot_engine(wordnets: Path) -> PivotEngine:
    return PivotEngine(English(wordnets), [Pivot(wordnets / "wn-data-ind.tab.gz")])


FRAMES = [
    "His late father was seen in the last days of the war number {}.",
    "There were {} casualties among the people of the old village.",
    "The minister has said that the late talks of {} were a success.",
]


@pytest.fixture
def clean_folder(tmp_path: Path) -> Path:
    """60 documents of four sentences, the second one too short to be used."""
    rows = []
    for doc in range(60):
        texts = [FRAMES[0].format(doc), "Too short.", FRAMES[1].format(doc), FRAMES[2].format(doc)]
        rows += [{"text": t, "doc": f"doc-{doc}", "source": "toy", "licence": "CC0-1.0"} for t in texts]
    (tmp_path / "clean").mkdir()
    with gzip.open(tmp_path / "clean" / "toy.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path / "clean"
