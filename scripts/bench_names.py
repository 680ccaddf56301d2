"""How well mangled names of places are doubted and ranked, and how often good names are doubted.

    python scripts/bench_names.py --data data --out work/names.json
    python scripts/bench_names.py --fit

Districts of the shipped gazetteer, mangled by the corpus engine `names`, are put into a sentence that names
their province and country, the country alone, or neither; a reference, where one is given, is a sentence
with the right name and that of another district. `--fit` prints weights for mtfix/names/rank.py from
countries that are not measured. Good names are those of clean news of held-out documents. Needs WordNet
(Debian's wordnet-base) and the development environment; intervals are 95 %.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from mtfix.corpus.engines.names import NamesEngine
from mtfix.corpus.rows import is_dev, read_jsonl
from mtfix.corpus.wordnet import English
from mtfix.documents.words import words
from mtfix.names.evidence import Text, scene
from mtfix.names.gazetteer import DISTRICT, PROVINCE, Gazetteer, Place
from mtfix.names.ground import Names
from mtfix.names.rank import Gap, candidates
from mtfix.names.spelling import key

CONTEXTS = {
    "province and country": "Fighting went on in the {name} District of {province}. Officials in {country} said so.",
    "country alone": "Fighting went on in the {name} District. Officials in {country} said so.",
    "neither": "Fighting went on in the {name} District. Officials said so on Sunday.",
    "the wrong province": "Fighting went on in the {name} District of {other}. Officials in {country} said so.",
}
FIT = ("province and country",) * 4 + ("country alone", "neither", "the wrong province")  # as often as it seems likely
NEARLY_SAME = 0.87  # likeness that leaves nothing to weigh
REFERENCE = "Troops of both sides fought near {right} over the weekend. The roads from {also} were closed."


@dataclass(frozen=True)
class Mangled:
    right: Place
    wrong: str
    parts: dict[str, str]


def mangled(
    gazetteer: Gazetteer, engine: NamesEngine, number: int, *, fitted: bool, seed: int = 5
) -> Iterator[Mangled]:
    """Districts of half of the countries, each as the engine mangles it into something unknown."""
    rng = random.Random(seed)
    half = [c for c in gazetteer.countries if int(hashlib.sha256(c.country.encode()).hexdigest(), 16) % 2 == fitted]
    pools = {c.name: [p for p in gazetteer.below(c.number, DISTRICT) if " " not in p.name] for c in half}
    pools = {name: pool for name, pool in pools.items() if len(pool) >= 10}
    while number:
        country = rng.choice(sorted(pools))
        place = rng.choice(pools[country])
        province = gazetteer.place(place.parent or 0)
        siblings = [p for p in gazetteer.below(province.number, DISTRICT) if p != place]
        provinces = [p for p in gazetteer.below(province.parent or 0, PROVINCE) if p != province]
        damage = engine.damage(f"They live near {place.name} today.", 0.7, rng).text
        wrong = damage.removeprefix("They live near ").removesuffix(" today.")
        if siblings and provinces and wrong.isalpha() and key(wrong) != key(place.name) and not gazetteer.known(wrong):
            number -= 1
            parts = {"name": wrong, "province": province.name, "country": country, "other": rng.choice(provinces).name}
            yield Mangled(place, wrong, parts | {"right": place.name, "also": rng.choice(siblings).name})


def ranking(gazetteer: Gazetteer, cases: list[Mangled]) -> dict[str, Any]:
    """Of every context: the share doubted without a detector, and with one; right first, right among three."""
    report: dict[str, Any] = {}
    for context, sentence in CONTEXTS.items():
        for given in (False, True):
            counts = {"doubted": 0, "doubted with a detector": 0, "first": 0, "among three": 0, "written": 0,
                      "written wrongly": 0, "written wrongly, aggressive": 0, "written, aggressive": 0}  # fmt: skip
            for case in cases:
                text = sentence.format(**case.parts)
                names = Names([Text(REFERENCE.format(**case.parts), "the reference")] if given else [], None, gazetteer)
                count(counts, names, text, case)
            label = context + (", with a reference" if given else "")
            report[label] = {name: share(n, len(cases)) for name, n in counts.items()}
    return report


def count(counts: dict[str, int], names: Names, text: str, case: Mangled) -> None:
    from mtfix.types import Token

    at = text.index(case.wrong)
    tokens = [Token(span, 0.9 * (span.start == at)) for span in words(text)]
    counts["doubted"] += any(f.flag.span.start == at for f in names.findings(text))
    [found] = [f for f in names.findings(text, tokens) if f.flag.span.start == at] or [None]
    right = set(map(key, case.right.forms))
    if found:
        options = [found.edit.replacement, *(a.replacement for a in found.edit.alternatives)] if found.edit else []
        counts["doubted with a detector"] += 1
        counts["first"] += any(key(o) in right for o in options[:1])
        counts["among three"] += any(key(o) in right for o in options[:3])
    for suffix, strictness in (("", "balanced"), (", aggressive", "aggressive")):
        for finding in names.findings(text, tokens, strictness=strictness):
            if finding.edit and finding.edit.applied and finding.flag.span.start == at:
                counts["written" + suffix] += 1
                counts["written wrongly" + suffix] += key(finding.edit.replacement) not in right


def share(count: int, of: int) -> str:
    """In per cent, with Wilson's interval."""
    p, z = count / of, 1.96
    middle, half = p + z * z / (2 * of), z * (p * (1 - p) / of + z * z / (4 * of * of)) ** 0.5
    low, high = ((middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of))
    return f"{100 * p:.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def clean(gazetteer: Gazetteer, folder: Path, sentences: int, *, dev: bool) -> dict[str, Any]:
    """Doubts for 1,000 words of clean news, documents whole; the interval by resampling documents."""
    rows = groupby(
        (r for r in read_jsonl(folder / "clean" / "news.jsonl.gz") if is_dev(r["doc"]) == dev), key=lambda r: r["doc"]
    )
    documents = [[r["text"] for r in group] for _, group in rows]
    random.Random(7).shuffle(documents)
    names, per_document, doubts, taken = Names((), None, gazetteer), [], [], 0
    begin = time.perf_counter()
    for document in documents:
        if taken >= sentences:
            break
        taken += len(document)
        text = "\n".join(document)
        found = names.findings(text)
        doubts += [
            f"{f.flag.span.of(text)} — {f.flag.message}" + " WRITTEN" * bool(f.edit and f.edit.applied) for f in found
        ]
        per_document.append((len(found), sum(bool(f.edit and f.edit.applied) for f in found), len(words(text))))
    seconds = time.perf_counter() - begin
    table = np.array(per_document, dtype=float)
    picks = np.random.default_rng(7).integers(len(table), size=(2000, len(table)))
    sums = table[picks].sum(axis=1)
    result: dict[str, Any] = {"sentences": taken, "documents": len(table), "words": int(table[:, 2].sum())}
    for column, name in ((0, "doubts"), (1, "repairs")):
        low, high = np.percentile(1000 * sums[:, column] / sums[:, 2], [2.5, 97.5])
        rate = 1000 * table[:, column].sum() / table[:, 2].sum()
        result[f"{name} for 1,000 words"] = f"{rate:.2f} [{low:.2f}, {high:.2f}]"
    return result | {"words a second": round(table[:, 2].sum() / seconds), "list": doubts}


def fit(gazetteer: Gazetteer, cases: list[Mangled]) -> list[float]:
    """Weights of the features that the contexts vary, by maximum likelihood of the right place (ridge 0.01).

    Only cases that no candidate is nearly the same as: of these every weight picks the right one."""
    from scipy.optimize import minimize

    groups = []
    for number, case in enumerate(cases):
        sentence = CONTEXTS[FIT[number % len(FIT)]].format(**case.parts)
        document = Text(sentence)
        gap = Gap(case.wrong, "district", 0, document.sentences[0].span.of(sentence))
        found = candidates(gap, document, scene(document, gazetteer), gazetteer)
        gold = [c.place.number == case.right.number for c in found]
        if sum(gold) == 1 and len(gold) > 1 and max(c.likeness for c in found) < NEARLY_SAME:
            groups.append((np.array([c.features[:2] for c in found]), gold.index(True)))

    def loss(weights: Any) -> float:
        total = 0.01 * float(weights @ weights) * len(groups) / 100
        for features, gold in groups:
            logits = features @ weights
            total -= logits[gold] - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        return total

    return [round(float(w), 2) for w in minimize(loss, np.ones(2)).x]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--fit", action="store_true", help="print weights, measure nothing")
    parser.add_argument("--train-part", action="store_true", help="clean text of the documents that are not held out")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    gazetteer = Gazetteer()
    engine = NamesEngine.from_folder(English(), arguments.data / "gazetteer")
    cases = list(mangled(gazetteer, engine, arguments.cases, fitted=arguments.fit))
    if arguments.fit:
        print(fit(gazetteer, cases))
        return
    report = {
        "clean": clean(gazetteer, arguments.data, arguments.sentences, dev=not arguments.train_part),
        "ranking, % [95 %]": ranking(gazetteer, cases),
    }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
