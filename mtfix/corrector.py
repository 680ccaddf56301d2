"""The whole flow: text -> sentences -> detect -> rewrite the suspicious spans -> judge -> edits.

Many texts are worked on together, so that their sentences share batches; results come in input order
and do not depend on what else is in the batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import TypeVar

from mtfix.compose import compose
from mtfix.detector.document import density, shifted, shifts
from mtfix.detector.model import Detector
from mtfix.detector.spans import Suspicion, suspicions
from mtfix.documents.edits import apply_edits, respected
from mtfix.documents.exempt import Exempt
from mtfix.documents.language import other_language
from mtfix.documents.segment import within
from mtfix.errors import ConfigError, InputError
from mtfix.judge.asking import beyond, least_suspicion
from mtfix.judge.decide import Verdict, judge_all
from mtfix.judge.flags import flag
from mtfix.judge.invented import Told
from mtfix.judge.look import LOOKED, likelier
from mtfix.judge.proposals import Answer, Case, Proposal, answers, change, kept, proposals
from mtfix.judge.reread import reread
from mtfix.judge.stacking import check, least
from mtfix.judge.wordings import heard, wordings
from mtfix.models import KINDS, default_folder, open_model, usable_device
from mtfix.names.ground import Names
from mtfix.names.sources import digest, read_glossary, read_references
from mtfix.rewriter.model import Rewriter
from mtfix.senses.channel import Channel
from mtfix.senses.channel import own as own_channel
from mtfix.sentence import Sentence, floor, inside, near, resplit, split_all, taken
from mtfix.settings import Settings
from mtfix.suggestions import suggested_in
from mtfix.types import Correction, Detection, Document, Edit, Fingerprint, Flag, Gap, Result, Span, Token
from mtfix.version import __version__

PASSES = 2  # repairs can make others possible; later passes look only around them
BATCH_CHARACTERS = 60_000  # texts are taken together up to this size
BATCH_SENTENCES = 512  # and their sentences worked on together from about this number
LONGEST_WORD = 60  # characters
_HALF = re.compile("[\ud800-\udfff]")

T = TypeVar("T")
Scores = tuple[list[Token], list[Gap]]
_Read = tuple[Sentence, Scores]


class Corrector:
    """Finds and repairs machine-translation artifacts. Made by `mtfix.load`; safe to use for many texts."""

    def __init__(
        self, detector: Detector, rewriter: Rewriter | None, settings: Settings, models: dict[str, str],
        names: Names | None = None, exempt: Exempt | None = None, channel: Channel | None = None,
    ) -> None:  # fmt: skip
        self.detector, self.settings, self.names = detector, settings, names
        self._rewriter = rewriter
        self.exempt = exempt or Exempt()
        self.channel = channel or own_channel()
        self.fingerprint = Fingerprint(__version__, models, settings.to_dict())
        self._limits = detector.settings["thresholds"][settings.strictness]

    @property
    def rewriter(self) -> Rewriter:
        """Raises ConfigError when it was left out."""
        if self._rewriter is None:
            raise ConfigError("this corrector only detects: to repair, load it without rewrite=False.")
        return self._rewriter

    def fix(self, text: str | Document) -> Correction:
        """Correct one text; `result.text` is the outcome, `result.original` the input."""
        return next(self.fix_many([text]))

    def detect(self, text: str | Document) -> Detection:
        """Flags, and a probability for every word and gap; nothing is rewritten."""
        return next(self.detect_many([text]))

    def suggest(self, text: str | Document, places: Sequence[Span]) -> list[list[Edit]]:
        """For places that a reader holds for wrong, what could be done about each: edits, none applied, best first."""
        document = text if isinstance(text, Document) else Document(text)
        return suggested_in(self.detector, self.rewriter, document, places, self.names)

    def fix_many(self, texts: Iterable[str | Document]) -> Iterator[Correction]:
        """Corrections in input order; reads only as far ahead as one batch."""
        return self._batched(texts, self._fix)

    def detect_many(self, texts: Iterable[str | Document]) -> Iterator[Detection]:
        """Detections in input order; reads only as far ahead as one batch."""
        return self._batched(texts, self._detect)

    def _batched(
        self, texts: Iterable[str | Document], work: Callable[[list[Document]], list[Result]]
    ) -> Iterator[Result]:
        batch: list[Document] = []
        size = 0
        for text in texts:
            batch.append(self.exempt.document(text))
            if half := _HALF.search(batch[-1].text):
                where = f"{batch[-1].name}, character {half.start()}"
                raise InputError(f"{where}: half a surrogate pair, which is no character; decode the text anew")
            size += len(batch[-1].text) + 50
            if size >= BATCH_CHARACTERS:
                yield from _as_read(batch, work)
                batch, size = [], 0
        yield from _as_read(batch, work)

    def _detect(self, documents: list[Document]) -> list[Detection]:
        results: list[Detection] = []
        skipped = [self._skip(document.text) for document in documents]
        for document, reason, part in zip(documents, skipped, self._read_all(documents, skipped), strict=True):
            flags: list[Flag] = []
            tokens: list[Token] = []
            gaps: list[Gap] = []
            for sentence, (words, places) in part:
                flags += [replace(f.flag, span=f.flag.span.shifted(sentence.start)) for f in sentence.names]
                for suspicion in self._suspicions(sentence, words, places, self._limits["word"]):
                    found = flag(sentence.text, suspicion)
                    flags.append(replace(found, span=found.span.shifted(sentence.start)))
                tokens += [replace(t, span=t.span.shifted(sentence.start)) for t in words]
                gaps += [Gap(g.offset + sentence.start, g.score) for g in places]
            flags.sort(key=lambda found: found.span)
            results.append(Detection(document.text, tuple(flags), tuple(tokens), tuple(gaps), reason, self.fingerprint))
        return results

    def _fix(self, documents: list[Document]) -> list[Correction]:
        skipped = [self._skip(document.text) for document in documents]
        read = self._read_all(documents, skipped)
        groups = _groups(read, lambda pair: pair[0].document)
        outcomes = chain.from_iterable(map(self._fix_sentences, groups))
        results: list[Correction] = []
        for document, reason, part in zip(documents, skipped, read, strict=True):
            flags: list[Flag] = []
            edits: list[Edit] = []
            for sentence, _ in part:
                found, repairs = next(outcomes)
                flags += [replace(f, span=f.span.shifted(sentence.start)) for f in found]
                edits += [replace(edit, span=edit.span.shifted(sentence.start)) for edit in repairs]
            edits = respected(edits, document.untouchable, len(document.text))
            fixed = apply_edits(document.text, [edit for edit in edits if edit.applied])
            results.append(Correction(document.text, fixed, tuple(flags), tuple(edits), reason, self.fingerprint))
        return results

    def _read_all(self, documents: Sequence[Document], skipped: Sequence[str | None]) -> list[list[_Read]]:
        """The sentences of every text with their names and scores; a text that is skipped has none."""
        split = split_all(documents, skipped, force=self.settings.force)
        groups = _groups(split, lambda sentence: sentence.document)
        pairs = iter([pair for group in groups for pair in zip(*self._read(group), strict=True)])
        return [self._named(d, [next(pairs) for _ in part]) for d, part in zip(documents, split, strict=True)]

    def _named(self, document: Document, part: list[_Read]) -> list[_Read]:
        """The sentences of a text with what is found of its names, for which the whole text counts."""
        if self.names is None or not part:
            return part
        text = document.text
        tokens = [replace(t, span=t.span.shifted(s.start)) for s, (words, _) in part for t in words]
        found = self.names.findings(
            text, tokens, strictness=self.settings.strictness, suspected=self._limits["word"]
        )
        found = [name for name in found if not any(name.flag.span.overlaps(u) for u in document.untouchable)]
        settled = self.names.settled(text)
        told = Told.by(text, self.names)
        return [
            (replace(s, names=inside(found, s), told=told, untouchable=(*s.untouchable, *within(settled, s.whole))), sc)
            for s, sc in part
        ]

    def _fix_sentences(self, read: Sequence[_Read]) -> list[tuple[list[Flag], list[Edit]]]:
        """Flags and edits of every sentence, repeated on changed sentences until nothing more changes."""
        items = [sentence for sentence, _ in read]
        first = self._judge(items, [scores for _, scores in read])
        flags = [[v.flag for v in verdicts] for verdicts in first]
        edits = [[v.edit for v in verdicts if v.edit] for verdicts in first]
        changed = [i for i, found in enumerate(edits) if any(e.applied for e in found)]
        for _ in range(PASSES - 1):
            now = [resplit(items[i], edits[i]) for i in changed]
            again = self._judge(now, self._score(now))
            still = []
            for i, sentence, verdicts in zip(changed, now, again, strict=True):
                new = [v.edit for v in verdicts if v.edit and v.edit.applied]
                if new:
                    edits[i] = compose(items[i].text, edits[i], sentence.text, new)
                    still.append(i)
            changed = still
        return list(zip(flags, edits, strict=True))

    def trace(self, documents: Sequence[Sequence[str]]) -> list[list[Case]]:
        """The suspicions of every sentence of the documents with their proposals, before any judgement."""
        items = [Sentence(text, 0, (), (), document=(i, 0)) for i, texts in enumerate(documents) for text in texts]
        return self._proposed(*self._read([resplit(item, ()) for item in items]))

    def _judge(self, items: Sequence[Sentence], scored: Sequence[Scores]) -> list[list[Verdict]]:
        settings, strictness = self.rewriter.settings, self.settings.strictness
        check(settings)
        results = []
        shown_from = least(settings, strictness, self._limits["word"])
        for item, cases in zip(items, self._proposed(items, scored), strict=True):
            verdicts = judge_all(item.text, cases, settings, strictness, item.quoted)
            shown = [v for v in verdicts if v.flag.score >= shown_from or (v.edit and v.edit.applied)]
            shown += [Verdict(name.flag, name.edit) for name in item.names]
            results.append(sorted(shown, key=lambda verdict: verdict.flag.span))
        return results

    def _proposed(self, items: Sequence[Sentence], scored: Sequence[Scores]) -> list[list[Case]]:
        """Every sentence's suspicions with the proposals for each."""
        # the rewriter is asked about more places than the detector would flag: it has a say in what is wrong
        ask = self._limits["ask"]
        least = partial(least_suspicion, self.rewriter.settings, ask)
        suspected = [
            [p for p in self._suspicions(s, *found, ask) if p.score >= least(s.density) and near(p.span, s.changed)]
            for s, found in zip(items, scored, strict=True)
        ]
        suspected = [
            [replace(p, beyond=beyond(s.text, p, taken(s, found, p))) for p in found]
            for s, found in zip(items, suspected, strict=True)
        ]
        texts = [item.text for item in items]
        answered = answers(self.rewriter, self.settings.beams, texts, suspected)
        cases = [
            [self._case(item, tokens, place, places, said) for place, said in zip(places, several, strict=True)]
            for item, (tokens, _), places, several in zip(items, scored, suspected, answered, strict=True)
        ]
        seen = likelier(self.rewriter, texts, [[case.proposals for case in some] for some in cases])
        seen = reread(self.detector, texts, seen)
        return [
            [replace(case, proposals=tuple(found)) for case, found in zip(some, several, strict=True)]
            for some, several in zip(cases, seen, strict=True)
        ]

    def _case(
        self, item: Sentence, tokens: Sequence[Token],
        place: Suspicion, places: Sequence[Suspicion], said: Sequence[Answer],
    ) -> Case:  # fmt: skip
        """A suspicion of all the `places` of a sentence with the proposals for it, which nobody has looked at yet."""
        others = taken(item, places, place)
        start = floor(others, place)
        both = (
            proposals(item.text, place, said, start),
            wordings(self.channel, item.text, place, tokens, others, start),
        )
        found, made = ([replace(p, density=item.density) for p in some if _possible(item, p)] for some in both)
        keep = tuple(kept(item.text, answer) for answer in said)
        looked = heard(found[:LOOKED], made)
        known = set(map(change, looked))
        return Case(place, keep, tuple(looked), item.density, tuple(p for p in found if change(p) not in known))

    def _read(self, items: Sequence[Sentence]) -> tuple[list[Sentence], list[Scores]]:
        """The sentences, informed by their documents, and their words' and gaps' probabilities."""
        scored = self.detector.score([sentence.text for sentence in items])
        weights = self.detector.settings.get("document")
        if weights is None:
            return list(items), scored
        informed: list[Sentence] = []
        for _, part in groupby(zip(items, scored, strict=True), key=lambda pair: pair[0].document):
            some, found = zip(*part, strict=True)
            words = [tokens for tokens, _ in found]
            whole = density(words, weights)
            informed += [replace(i, shift=s, density=whole) for i, s in zip(some, shifts(words, weights), strict=True)]
        return (
            informed,
            [(shifted(tokens, s.shift), gaps) for s, (tokens, gaps) in zip(informed, scored, strict=True)],
        )

    def _score(self, items: Sequence[Sentence]) -> list[Scores]:
        scored = self.detector.score([sentence.text for sentence in items])
        return [(shifted(tokens, s.shift), gaps) for s, (tokens, gaps) in zip(items, scored, strict=True)]

    def _suspicions(
        self, sentence: Sentence, tokens: Sequence[Token], gaps: Sequence[Gap], word: float
    ) -> list[Suspicion]:
        # nobody's word is that long: a key, a hash, a run of characters
        untouchable = [*sentence.untouchable, *(name.flag.span for name in sentence.names)]
        untouchable += [t.span for t in tokens if t.span.end - t.span.start > LONGEST_WORD]
        return suspicions(tokens, gaps, word=word, gap=self._limits["gap"], untouchable=untouchable)

    def _skip(self, text: str) -> str | None:
        language = None if self.settings.force else other_language(text)
        return f"the text seems to be {language}, not English" if language else None


def load(
    *, strictness: str = "balanced", models: Path | str | None = None, force: bool = False, threads: int = 0,
    references: Sequence[Path | str] = (), glossary: Path | str | None = None,
    vocabulary: Sequence[str] = (), vocabulary_files: Sequence[Path | str] = (), dismissed: Path | str | None = None,
    device: str = "cpu", rewrite: bool = True,
) -> Corrector:  # fmt: skip
    """A corrector with the shipped models, or those in the folder `models`.

    strictness: "conservative", "balanced" or "aggressive". force: correct whatever language a text
    seems to be. threads: 0 means all cores. references: files with clean articles on the same events, and
    glossary: a file of rows WRONG,RIGHT or of right names; names are corrected after them. vocabulary: words and
    phrases that are right as they are; vocabulary_files: files of them, one a line. dismissed: a file of flags that
    were dismissed before. device: "cpu", "cuda", or "auto" for a graphics card where there is one. rewrite: False
    leaves the rewriter out, for detection alone in half the memory. Raises ConfigError for unknown settings, InputError
    for one of these files that cannot be used, ModelError when a model is missing or damaged.
    """
    settings = Settings(strictness=strictness, force=force, threads=threads, device=usable_device(device))
    texts, terms = read_references(references), read_glossary(glossary) if glossary is not None else None
    folder = Path(models) if models else default_folder()
    opened = {kind: open_model(folder, kind) for kind in KINDS if rewrite or kind == "detector"}
    digests = {kind: model.digest[:12] for kind, model in opened.items()} | digest(texts, terms)
    exempt = Exempt(vocabulary, vocabulary_files, dismissed)
    return Corrector(
        Detector.load(opened["detector"], threads, settings.device),
        Rewriter.load(opened["rewriter"], threads, settings.device) if rewrite else None,
        settings, digests | exempt.digest(), Names(texts, terms), exempt,
    )  # fmt: skip


def _possible(item: Sentence, proposal: Proposal) -> bool:
    return item.told is None or not item.told.invented(proposal.original, proposal.replacement)


def _as_read(documents: list[Document], work: Callable[[list[Document]], list[Result]]) -> Iterator[Result]:
    """The work done on what is read in place of the documents, its results expressed in their offsets."""
    results = work([d.reading.read(d) if d.reading else d for d in documents])
    for document, result in zip(documents, results, strict=True):
        yield document.reading.restored(result) if document.reading else result


def _groups(parts: Sequence[Sequence[T]], window: Callable[[T], tuple[int, int]]) -> Iterator[list[T]]:
    """Sentences to be worked on together: whole windows of documents, in groups of one size, about BATCH_SENTENCES."""
    count = sum(map(len, parts))
    size = count / max(1, round(count / BATCH_SENTENCES))
    group: list[T] = []
    for _, whole in groupby(chain.from_iterable(parts), key=window):
        group += whole
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group
