"""Damage documents: which engines hit which sentence, how densely, and the rows that come of it.

A spun article is damaged by one engine throughout, more here and less there. So an engine and a level of
damage are drawn for each document (0 to 60 % of its words), a density around that level for each sentence,
and now and then a second or third engine joins in. Engines that can't aim (translators) are thinned: random
edits are repaired until the density is met.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from mtfix.corpus.align import PairEdit, align
from mtfix.corpus.engines.base import Damage, damaged_share, edits_of
from mtfix.corpus.engines.identity import hard_kind
from mtfix.corpus.engines.registry import BATCH, IDENTITY, LOCAL, Engines
from mtfix.corpus.rows import Clean, Row, edit_row
from mtfix.documents.edits import apply_edits
from mtfix.documents.spelling import spelled_as

UNTOUCHED = 0.15  # share of documents without any damage
LEVELS = (0.0, 0.6, 0.18)  # lowest, highest and likeliest share of damaged words of the other documents
SPREAD = 3  # shape of the gamma distribution of densities inside a document
MOST = 0.7  # more than this, and a reader could not see through
WRECKED = 0.9  # from here on an engine's output has lost the sentence, and no part of it is worth keeping
JOINING = 0.3  # share of damaged sentences that another engine hits too
FILLING = 0.7  # the same where the first engine left half of the density open
OFTEN = 0.8  # the same for engines that find something in few sentences only
PLAIN_KEPT = 0.5  # share of plain untouched sentences that are kept; all of the odd-looking ones are
_RARE = ("tortured",)


@dataclass(slots=True)
class _Task:
    """A sentence and what is to become of it."""

    sentence: Clean
    engine: str
    density: float
    context: str
    chain: str = ""
    damage: Damage = field(default_factory=lambda: Damage(""))
    engines: list[str] = field(default_factory=list)
    share: float = 0.0  # of the words that are damaged by now

    def apply(self, name: str, damage: Damage) -> None:
        clean = self.sentence.text
        # white space alone is no damage that a reader would see, and British or American spelling is none
        text = apply_edits(damage.text, [edit for edit in align(damage.text, clean) if edit.blank])
        text = spelled_as(clean, text)
        if text != self.damage.text:
            self.damage = Damage(text, {**self.damage.phrases, **damage.phrases})
            self.engines.append(name)
            self.share = damaged_share(edits_of(self.damage, clean), clean)


def damaged_rows(sentences: Sequence[Clean], engines: Engines, names: Sequence[str], seed: int) -> Iterator[Row]:
    """The rows of some whole documents, in order, without `id`.

    names: engines to draw from, one named twice twice as often; with "identity" sentences stay clean, too.
    The same arguments give the same rows.
    """
    rng = random.Random(seed)
    tasks = [task for _, doc in groupby(sentences, key=lambda s: s.doc) for task in _plan(list(doc), names, rng)]
    _through_translators(tasks, engines, rng)
    local = [name for name in LOCAL if name in names]
    for task in tasks:
        if task.density > 0:
            _through_local(task, engines, local, rng)
        row = _row(task, rng, keep_clean=IDENTITY in names)
        if row is not None:
            yield {**row, "seed": seed}


def _plan(doc: list[Clean], names: Sequence[str], rng: random.Random) -> Iterator[_Task]:
    context = " ".join(sentence.text for sentence in doc)
    working = [name for name in names if name != IDENTITY]
    untouched = not working or (IDENTITY in names and rng.random() < UNTOUCHED)
    engine = IDENTITY if untouched else rng.choice(working)
    level = 0.0 if untouched else rng.triangular(*LEVELS)
    for sentence in doc:
        density = min(MOST - 0.1, rng.gammavariate(SPREAD, level / SPREAD)) if level else 0.0
        # less than half a word is no damage
        density = density if density * len(sentence.text.split()) >= 0.5 else 0.0
        yield _Task(sentence, engine, density, context, damage=Damage(sentence.text))


def _through_translators(tasks: Sequence[_Task], engines: Engines, rng: random.Random) -> None:
    """All sentences of one translator go through one chain together: starting it costs more than they do."""
    groups: dict[str, list[_Task]] = defaultdict(list)
    for task in tasks:
        if task.engine in BATCH and task.density > 0:
            groups[task.engine].append(task)
    for name, group in sorted(groups.items()):
        chain = rng.choice(engines.chains(name))
        outputs = engines.batch(name)([task.sentence.text for task in group], chain)
        for task, output in zip(group, outputs, strict=True):
            if output is not None and not _wrecked(output, task.sentence.text):
                task.chain = chain
                task.apply(name, _thinned(Damage(output), task, rng))


def _through_local(task: _Task, engines: Engines, local: Sequence[str], rng: random.Random) -> None:
    if task.engine in LOCAL:
        task.apply(task.engine, engines.local(task.engine)(task.damage.text, task.density, rng, task.context))
    others = [name for name in local if name != task.engine]
    rng.shuffle(others)
    for name in others:
        # where the document's engine found nothing to do, or little, the next one takes its place
        lacking = task.density - task.share
        fills = lacking > task.density / 2 and rng.random() < FILLING
        joining = OFTEN if name in _RARE else JOINING / max(1, len(others))
        if not task.engines or fills or rng.random() < joining:
            density = lacking if fills else task.density * (0.4 if task.engines and name not in _RARE else 1)
            task.apply(name, engines.local(name)(task.damage.text, density, rng, task.context))


def _wrecked(output: str, clean: str) -> bool:
    return damaged_share(align(output, clean), clean) >= WRECKED


def _thinned(damage: Damage, task: _Task, rng: random.Random) -> Damage:
    """The damage with random edits repaired until it is near the sentence's density."""
    clean = task.sentence.text
    edits = edits_of(damage, clean)
    kept = list(edits)
    while len(kept) > 1 and damaged_share(kept, clean) > 1.2 * task.density:
        kept.remove(rng.choice(kept))
    repaired: list[PairEdit] = [edit for edit in edits if edit not in kept]
    return Damage(apply_edits(damage.text, repaired), damage.phrases) if repaired else damage


def _row(task: _Task, rng: random.Random, *, keep_clean: bool) -> Row | None:
    """The row of a sentence whose damage a reader could still see through; None otherwise."""
    sentence = task.sentence
    if task.share >= WRECKED:
        return None
    damage = _thinned(task.damage, task, rng) if task.engines else task.damage
    edits = edits_of(damage, sentence.text)
    share = damaged_share(edits, sentence.text)
    if edits and (share > MOST or not damage.text.strip()):
        return None
    if edits:
        main = task.engine if task.engine in task.engines else task.engines[0]
        engine = f"{main}:{task.chain}" if main in BATCH else main
    else:
        kind = hard_kind(sentence.text)
        if not keep_clean or (kind == "plain" and rng.random() >= PLAIN_KEPT):
            return None
        engine = f"{IDENTITY}:{kind}"
    return {
        "damaged": damage.text if edits else sentence.text,
        "clean": sentence.text,
        "before": sentence.before,
        "edits": [edit_row(edit) for edit in edits],
        "engine": engine,
        "engines": list(task.engines) if edits else [],
        "density": share,
        "doc": sentence.doc,
        "source": sentence.source,
        "licence": sentence.licence,
    }
