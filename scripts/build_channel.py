"""Rebuild the table of what words of spun texts stand for, mtfix/senses/data/channel.npz.

    python scripts/build_channel.py --lexicon work/suites/lexicon_rest.jsonl

The lexicon is what scripts/make_suites.py leaves of that of the Problematic Paper Screener: the fifth of its right
phrases that it holds out, to measure with, is not in the table. With --written work/written/train.jsonl.gz the words
of the rows of scripts/make_written.py count, too. Needs Debian's wordnet-base and the extra `train`.

How probable each candidate is, is a conditional logit over all of a word, fitted on the lexicon's own phrases, each as
if its right phrase had not been seen, and on the rows' words, as if their file had not been.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from wordfreq import top_n_list

from mtfix.corpus.exchanges import FEATURES, Evidence, Exchange, exchanges, units, written
from mtfix.corpus.rows import file_of, read_jsonl, read_rows
from mtfix.corpus.wordnet import English
from mtfix.documents.words import words
from mtfix.evaluation.logit import conditional_logit
from mtfix.senses.channel import OWN, STEP
from mtfix.senses.lexicon import own

FREQUENT = 250_000  # forms that the table has if WordNet has them; those of the lexicon in any case
KEPT = 32  # candidates of a form
ALWAYS = 8  # of which so many are kept however improbable they are
LEAST = 0.001  # no other less probable is
FITTED = 6_000  # words of the written rows that are fitted on
Meant = list[tuple[float, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lexicon", type=Path, required=True)
    parser.add_argument("--written", type=Path, help="rows of sentences damaged by hand")
    parser.add_argument("--out", type=Path, default=OWN)
    parser.add_argument("--folds", type=Path, help="folder for two tables made without half of the rows' files each")
    parser.add_argument("--articles", type=Path, help="whose words those tables have, and no others")
    arguments = parser.parse_args()
    if (arguments.folds is None) != (arguments.articles is None):
        parser.error("--folds and --articles go together: the tables have the words of these articles")
    lexicon = list(read_jsonl(arguments.lexicon))
    rows = list(read_rows(arguments.written)) if arguments.written else []
    known = exchanges(lexicon)
    single, others = written(rows)
    evidence = Evidence([*known, *single], English(), own())
    weights = np.array(fitted(evidence, [*known, *drawn(single)]))
    forms = sorted({*evidence.seen, *frequent(evidence.english)})
    table = made(evidence, weights, forms, units(lexicon, known), others)
    write(table, (), arguments.out)
    print(json.dumps({"exchanges": len(known), "forms": len(table), "meant": sum(map(len, table.values())),
                      "weights": weights.tolist(), "bytes": arguments.out.stat().st_size}))  # fmt: skip
    if arguments.folds:
        arguments.folds.mkdir(parents=True, exist_ok=True)
        texts = [row["text"].lower() for row in read_rows(arguments.articles)]
        forms = sorted({word.of(text) for text in texts for word in words(text)} & set(forms))
        files = sorted({file_of(row) for row in rows})
        for fold in (0, 1):
            without = files[fold::2]
            single, others = written(row for row in rows if file_of(row) not in without)
            evidence = Evidence([*known, *single], evidence.english, evidence.senses)
            part = made(evidence, weights, forms, units(lexicon, known), others)
            write(part, without, arguments.folds / f"channel_{fold}.npz")


def made(
    evidence: Evidence, weights: np.ndarray, forms: Sequence[str],
    together: Mapping[str, Counter[str]], others: Sequence[Exchange],
) -> dict[str, Meant]:  # fmt: skip
    """What each of the forms may stand for, and several together, likeliest first."""
    table = {}
    for form in forms:
        meant = candidates(evidence, form, weights)
        if [new for _, new in meant] != [form]:
            table[form] = meant
    counted: dict[str, Counter[str]] = defaultdict(Counter, {unit: Counter(c) for unit, c in together.items()})
    for one in others:
        counted[one.tortured][one.meant] += int(one.count)
    for unit, counts in counted.items():
        total = counts.total() + sum(evidence.seen[unit].values()) + 1
        rest = 1 - counts.total() / total
        alone = [(p * rest, new) for p, new in table.get(unit, [])]
        table[unit] = sorted([*((count / total, new) for new, count in counts.items()), *alone], reverse=True)
    return table


def frequent(english: English) -> list[str]:
    found = [word for word in top_n_list("en", FREQUENT) if word.isalpha() and word.isascii() and len(word) > 2]
    return [word for word in found if english.knows(word)]


def drawn(single: Sequence[Exchange]) -> list[Exchange]:
    """FITTED of them, each as often as it comes."""
    return [] if not single else random.Random(0).choices(single, [one.count for one in single], k=FITTED)


def fitted(evidence: Evidence, known: Sequence[Exchange]) -> list[float]:
    groups = []
    for one in known:
        found = evidence.of(one.tortured, without=one.source)
        groups.append((list(found.values()), [form == one.meant for form in found]))
    return conditional_logit(groups, FEATURES)


def candidates(evidence: Evidence, form: str, weights: np.ndarray) -> Meant:
    """(probability, form), likeliest first."""
    found = evidence.of(form)
    scores = np.array(list(found.values())) @ weights
    odds = np.exp(scores - scores.max())
    best = sorted(zip((odds / odds.sum()).tolist(), found, strict=True), reverse=True)
    often = [(p, new) for n, (p, new) in enumerate(best) if new == form or n < ALWAYS or (n < KEPT and p >= LEAST)]
    return [(max(p, 1e-9), new) for p, new in often]


def write(table: dict[str, Meant], without: Sequence[str], path: Path) -> None:
    names = sorted({*table, *(new for meant in table.values() for _, new in meant)})
    numbers = {name: number for number, name in enumerate(names)}
    ends = np.cumsum([0, *(len(meant) for meant in table.values())])
    logs = np.log([p for meant in table.values() for p, _ in meant])
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(names).encode(), np.uint8),
        known=np.array([numbers[form] for form in table], np.int32),
        starts=ends.astype(np.int32),
        meant=np.array([numbers[new] for meant in table.values() for _, new in meant], np.int32),
        without=np.array(without, str),
        costs=np.minimum(255, np.rint(-logs / STEP)).astype(np.uint8),
    )


if __name__ == "__main__":
    main()
