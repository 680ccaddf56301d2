"""What engines that exchange words share: units of a sentence, their readings, inflection, a and an."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mtfix.corpus.engines import morphology
from mtfix.corpus.tokens import cut
from mtfix.corpus.wordnet import English
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.types import Span

UPOS = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}
TAGS = {
    "n": ("NN", "NNS"),
    "v": ("VB", "VBZ", "VBD", "VBG", "VBN"),
    "a": ("JJ", "JJR", "JJS"),
    "r": ("RB", "RBR", "RBS"),
}
# too frequent and too grammatical to be mistaken for one another by a lexicon
LEAVE = frozenset("have be do get make go say one two three other more most many much very all".split())
_LONGEST_UNIT = 3  # words


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form can be: lemma (lower case), part of speech n v a r, Penn tag of the form."""

    lemma: str
    pos: str
    tag: str


def reading(word: str, english: English, rng: random.Random) -> Reading | None:
    """One reading of a lower-case form that WordNet knows, drawn by how frequent the lemma is."""
    if word in FUNCTION_WORDS:
        return None
    readings, weights = [], []
    for upos, lemmas in morphology.lemmas(word).items():
        pos = UPOS.get(upos, "")
        for lemma in map(str.lower, lemmas if pos else ()):
            tags = tags_of(word, lemma, pos)
            if lemma not in LEAVE and english.ranked(lemma, pos):
                readings.append(Reading(lemma, pos, rng.choice(tags)))
                weights.append(1 + english.counts.get((lemma, pos), 0))
    return rng.choices(readings, weights)[0] if readings else None


def tags_of(form: str, lemma: str, pos: str) -> list[str]:
    """The Penn tags that a form of the lemma can have, at least one."""
    tags = [tag for tag in TAGS[pos] if form in morphology.inflected(lemma, tag)] or [TAGS[pos][0]]
    return ["NN"] if "NN" in tags else tags  # "security" may be a plural, but hardly ever is


def unit_reading(tokens: list[str], english: English) -> Reading | None:
    """The reading of several lower-case words that are one entry of WordNet ("prime minister", "took off")."""
    *start, last = tokens
    for lemma in morphology.lemmas(last).get("NOUN", (last,)):
        joined = " ".join([*start, lemma])
        if english.ranked(joined, "n"):
            return Reading(joined, "n", "NN" if lemma == last else "NNS")
    for lemma in morphology.lemmas(tokens[0]).get("VERB", ()):
        joined = " ".join([lemma, *tokens[1:]])
        if english.ranked(joined, "v"):
            tags = [t for t in TAGS["v"] if tokens[0] in morphology.inflected(lemma, t)]
            return Reading(joined, "v", tags[0] if tags else "VB")
    for pos in "ar":
        joined = " ".join(tokens)
        if english.ranked(joined, pos):
            return Reading(joined, pos, TAGS[pos][0])
    return None


def printed(candidate: str, lemma: str) -> bool:
    """Whether a translator could print a synonym for `lemma`: no "solar day" for day, no "atomic number 92"."""
    parts = candidate.lower().split()
    same = candidate.lower() == lemma or lemma in parts
    return not same and not any(c.isdigit() for c in candidate) and len(parts) <= _LONGEST_UNIT


def inflect(lemma: str, tag: str) -> str:
    """The inflected form; of a multi-word verb the first word, of other units the last."""
    head, _, rest = lemma.partition(" ")
    if rest and tag.startswith("V"):
        return f"{(morphology.inflected(head, tag) or (head,))[0]} {rest}"
    if rest:
        start, _, last = lemma.rpartition(" ")
        return f"{start} {(morphology.inflected(last, tag) or (last,))[0]}"
    return str((morphology.inflected(lemma, tag) or (lemma,))[0])


def exchange(
    sentence: str,
    density: float,
    english: English,
    rng: random.Random,
    replace: Callable[[Reading], str | None],
) -> str:
    """`sentence` with about `density` of its content words, and units of several words, run through `replace`.

    Names and numbers stay: a capital inside a sentence marks a name, and lexicons don't confuse names.
    """
    parts: list[str] = []
    position = 0
    spans, _ = cut(sentence)
    for index, span in enumerate(spans):
        word = span.of(sentence)
        if span.start < position or not word.isalpha() or (index and not word.islower()) or rng.random() >= density:
            continue
        end, found = _longest(sentence, spans[index : index + _LONGEST_UNIT], english)
        if found is None and len(word) >= 3:
            end, found = span.end, reading(word.lower(), english, rng)
        replacement = replace(found) if found else None
        if replacement is None:
            continue
        if word[0].isupper():
            replacement = replacement[0].upper() + replacement[1:]
        parts += [sentence[position : span.start], replacement]
        position = end
    return "".join([*parts, sentence[position:]])


def _longest(sentence: str, spans: Sequence[Span], english: English) -> tuple[int, Reading | None]:
    """End and reading of the longest unit of at least two words at the start of `spans`."""
    tokens = [span.of(sentence).lower() for span in spans]
    for size in range(len(spans), 1, -1):
        rest = [span.of(sentence) for span in spans[1:size]]
        if all(token.islower() and token.isalpha() for token in rest):
            found = unit_reading(tokens[:size], english)
            if found is not None:
                return spans[size - 1].end, found
    return 0, None


def mend_articles(sentence: str, rng: random.Random, share: float = 0.85) -> str:
    """Mend a/an before an exchanged word `share` of the time, as translation engines do; leave some broken."""
    spans, _ = cut(sentence)
    for first, second in zip(reversed(spans[:-1]), reversed(spans[1:]), strict=True):
        article, following = first.of(sentence).lower(), second.of(sentence)
        if article in ("a", "an") and rng.random() < share:
            right = "an" if following[0].lower() in "aeiou" else "a"
            if right != article and following.islower():
                cased = right.capitalize() if first.of(sentence)[0].isupper() else right
                sentence = sentence[: first.start] + cased + sentence[first.end :]
    return sentence
