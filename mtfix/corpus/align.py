"""Turn a damaged sentence and its clean partner into phrase-sized edits.

A word-level Levenshtein alignment gives the smallest edits; edits that belong together are then
joined, because a moved word ("medal of gold" / "gold medal") is one repair for a reader, not a
deletion here and an insertion there. (ERRANT merges aligned edits for the same reason, by rules over
parts of speech; here the evidence is the words themselves, so that no tagger is needed.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from mtfix.corpus.tokens import cut
from mtfix.documents.categories import FUNCTION_WORDS, categorise, content_stems
from mtfix.types import Category, Span

# joining looks at most this many unchanged words apart: further moves are not one phrase
REACH = 4
# and a function word this many
NEAR = 2


@dataclass(frozen=True, slots=True)
class PairEdit:
    """`original == damaged[span]` must become `replacement` to give the clean sentence."""

    span: Span
    original: str
    replacement: str
    category: Category


@dataclass(slots=True)
class _Group:
    """Word ranges [a, b) of the damaged and [c, d) of the clean sentence."""

    a: int
    b: int
    c: int
    d: int


def align(damaged: str, clean: str) -> list[PairEdit]:
    """The edits that turn `damaged` into `clean`, sorted and disjoint.

    Applying them gives the words of `clean`; white space inside a replacement is that of `clean`, white
    space between unchanged words stays that of `damaged`.
    """
    return list(_aligned(damaged, clean))


@lru_cache(maxsize=1024)  # a build asks about a sentence after each engine, and again when it makes the row
def _aligned(damaged: str, clean: str) -> tuple[PairEdit, ...]:
    (left, left_words), (right, right_words) = cut(damaged), cut(clean)
    opcodes = Levenshtein.opcodes(left_words, right_words)
    groups = [_Group(op.src_start, op.src_end, op.dest_start, op.dest_end) for op in opcodes if op.tag != "equal"]
    groups = _join(groups, left_words, right_words)
    return tuple(_edit(group, damaged, clean, left, right) for group in groups)


def _join(groups: list[_Group], left: Sequence[str], right: Sequence[str]) -> list[_Group]:
    """Join neighbouring groups (also through further groups between them) that belong to one repair."""
    joined: list[_Group] = []
    for group in groups:
        current = group
        while joined and _belong(joined[-1], current, left, right):
            before = joined.pop()
            current = _Group(before.a, current.b, before.c, current.d)
        joined.append(current)
    return joined


def _belong(first: _Group, second: _Group, left: Sequence[str], right: Sequence[str]) -> bool:
    distance = second.a - first.b
    if distance == 0:
        return True
    if distance > REACH:
        return False
    removed = [content_stems(left[g.a : g.b]) for g in (first, second)]
    added = [content_stems(right[g.c : g.d]) for g in (first, second)]
    moved = removed[0] & added[1] or removed[1] & added[0]
    if moved or (distance <= NEAR and _same_word_moved(first, second, left, right)):
        return True
    between = left[first.b : second.a]
    return distance == 1 and between[0].lower() in FUNCTION_WORDS and min(first.b - first.a, second.b - second.a) > 0


def _same_word_moved(first: _Group, second: _Group, left: Sequence[str], right: Sequence[str]) -> bool:
    """A function word counts as moved over a word or two only: farther off stands another one of its kind."""
    gone = [{word.lower() for word in left[g.a : g.b]} for g in (first, second)]
    come = [{word.lower() for word in right[g.c : g.d]} for g in (first, second)]
    return any(word[0].isalnum() for word in gone[0] & come[1] | gone[1] & come[0])


def _edit(group: _Group, damaged: str, clean: str, left: Sequence[Span], right: Sequence[Span]) -> PairEdit:
    # compare from the end of the word before to the end of the last changed word, so that a changed
    # space ("Afghanistan is" / "Afghanistan's") belongs to the edit
    start, end, old = _stretch(damaged, left, group.a, group.b)
    _, _, new = _stretch(clean, right, group.c, group.d)
    if group.a == 0 and (group.b == 0 or group.d == 0):  # nothing before: take the space after instead
        end = left[group.b].start if group.b < len(left) else len(damaged)
        old = damaged[:end]
        new = clean[: right[group.d].start] if group.d < len(right) else clean
    if (damaged[:start] + new)[-1:].isalnum() and damaged[end : end + 1].isalnum() and not old[-1:].isalnum():
        new += " "  # a mark went that had kept two words apart
    common = 0
    while common < min(len(old), len(new)) and old[common] == new[common] and old[common].isspace():
        common += 1
    category = _category(old, new, group.a == 0)
    if group.c == group.d and _told_twice(group, [span.of(damaged).lower() for span in left]):
        category = "repetition"
    return PairEdit(Span(start + common, end), old[common:], new[common:], category)


@lru_cache(maxsize=50_000)
def _category(old: str, new: str, initial: bool) -> Category:
    return categorise(old, new, initial=initial)


def _told_twice(group: _Group, tokens: list[str]) -> bool:
    """Whether the words that go stand once more before or after them: only the pair of them shows it."""
    gone = tokens[group.a : group.b]
    size = len(gone)
    before, after = tokens[max(0, group.a - size) : group.a], tokens[group.b : group.b + size]
    return gone[0][0].isalnum() and gone in (before, after)


def _stretch(text: str, spans: Sequence[Span], first: int, last: int) -> tuple[int, int, str]:
    start = spans[first - 1].end if first else 0
    end = spans[last - 1].end if last > first else start
    return start, end, text[start:end]
