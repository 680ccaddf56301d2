"""Rebuild the table of what words of tortured phrases stand for, mtfix/senses/data/channel.npz.

    python scripts/build_channel.py --lexicon work/suites/lexicon_rest.jsonl

The lexicon is what scripts/make_suites.py leaves of that of the Problematic Paper Screener: the fifth of its right
phrases that it holds out, to measure with, is not in the table. Needs Debian's wordnet-base and the extra `train`.

How probable each candidate is, is a conditional logit over all of a word, fitted on the lexicon's own phrases, each as
if its right phrase had not been seen.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from wordfreq import top_n_list

from mtfix.corpus.exchanges import FEATURES, Evidence, exchanges, units
from mtfix.corpus.rows import read_jsonl
from mtfix.corpus.wordnet import English
from mtfix.evaluation.logit import conditional_logit
from mtfix.senses.channel import OWN, STEP
from mtfix.senses.lexicon import own

FREQUENT = 250_000  # forms that the table has if WordNet has them; those of the lexicon in any case
KEPT = 32  # candidates of a form
ALWAYS = 8  # of which so many are kept however improbable they are
LEAST = 0.001  # no other less probable is
Meant = list[tuple[float, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lexicon", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OWN)
    arguments = parser.parse_args()
    lexicon = list(read_jsonl(arguments.lexicon))
    known = exchanges(lexicon)
    evidence = Evidence(known, English(), own())
    weights = np.array(fitted(evidence))
    table = {}
    for form in sorted({*evidence.seen, *frequent(evidence.english)}):
        meant = candidates(evidence, form, weights)
        if [new for _, new in meant] != [form]:
            table[form] = meant
    for unit, counts in units(lexicon, known).items():
        total = counts.total() + evidence.seen[unit].total() + 1
        rest = 1 - counts.total() / total
        alone = [(p * rest, new) for p, new in table.get(unit, [])]
        table[unit] = sorted([*((count / total, new) for new, count in counts.items()), *alone], reverse=True)
    write(table, arguments.out)
    print(json.dumps({"exchanges": len(known), "forms": len(table), "meant": sum(map(len, table.values())),
                      "weights": weights.tolist(), "bytes": arguments.out.stat().st_size}))  # fmt: skip


def frequent(english: English) -> list[str]:
    found = [word for word in top_n_list("en", FREQUENT) if word.isalpha() and word.isascii() and len(word) > 2]
    return [word for word in found if english.knows(word)]


def fitted(evidence: Evidence) -> list[float]:
    groups = []
    for one in evidence.known:
        found = evidence.of(one.tortured, without=one.phrase)
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


def write(table: dict[str, Meant], path: Path) -> None:
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
        costs=np.minimum(255, np.rint(-logs / STEP)).astype(np.uint8),
    )


if __name__ == "__main__":
    main()
