"""Turn a damaged sentence and its clean partner into phrase-sized edits.

A word-level Levenshtein alignment over stems gives the smallest edits; edits that belong together are
then joined, because a moved word ("medal of gold" / "gold medal") is one repair for a reader, not a
deletion here and an insertion there, and words exchanged one by one are parted again. (ERRANT merges
aligned edits for the same reason, by rules over parts of speech; here the evidence is the words
themselves, so that no tagger is needed.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mtfix.corpus.tokens import cut
from mtfix.documents.categories import FUNCTION_WORDS, categorise, content_stems
from mtfix.types import Category, Span

# joining looks at most this many unchanged words apart: further moves are not one phrase
REACH = 4
# and a function word this many
NEAR = 2
STEM = 5  # letters by which forms of a word are told
# costs of a word more or less, one for another of its kind (content, function, mark) and of another kind; equal
# words gain a little, so that of two ways that cost the same the one with more of them is taken
GAP, LIKE, UNLIKE = 1000, 1000, 1500
MOST_CELLS = 90_000  # products of lengths up to which costs are looked at: two texts of 300 words that share none


@dataclass(frozen=True, slots=True)
class PairEdit:
    """`original == damaged[span]` must become `replacement` to give the clean sentence."""

    span: Span
    original: str
    replacement: str
    category: Category

    @property
    def blank(self) -> bool:
        """Whether only white space changes."""
        return not self.original.strip() and not self.replacement.strip()


@dataclass(slots=True)
class _Group:
    """Word ranges [a, b) of the damaged and [c, d) of the clean sentence."""

    a: int
    b: int
    c: int
    d: int


@dataclass(frozen=True, slots=True)
class _Side:
    """A sentence and its words."""

    text: str
    spans: Sequence[Span]
    words: Sequence[str]

    @classmethod
    def of(cls, text: str) -> _Side:
        return cls(text, *cut(text))

    def end(self, index: int) -> int:
        """Where the word before the word `index` ends."""
        return self.spans[index - 1].end if index else 0

    def start(self, index: int) -> int:
        """Where the word `index` starts."""
        return self.spans[index].start if index < len(self.spans) else len(self.text)

    def gap(self, index: int) -> str:
        """The white space before the word `index`."""
        return self.text[self.end(index) : self.start(index)]


def align(damaged: str, clean: str) -> list[PairEdit]:
    """The edits that turn `damaged` into `clean`, sorted and disjoint; applying them gives `clean` exactly.

    White space that differs between unchanged words is an edit of its own, of category "other".
    """
    return list(_aligned(damaged, clean))


@lru_cache(maxsize=1024)  # a build asks about a sentence after each engine, and again when it makes the row
def _aligned(damaged: str, clean: str) -> tuple[PairEdit, ...]:
    left, right = _Side.of(damaged), _Side.of(clean)
    joined = _join(_changed(left, right), left.words, right.words)
    groups = _with_spaces([part for group in joined for part in _parted(group, left, right)], left, right)
    return tuple(_edit(group, left, right) for group in groups)


def _changed(left: _Side, right: _Side) -> list[_Group]:
    """What differs between the words, in the cheapest alignment."""
    old, new = [_stem(word) for word in left.words], [_stem(word) for word in right.words]
    groups: list[_Group] = []
    i = k = 0
    for match in [*_matches(old, new), (len(old), len(new))]:
        if match != (i, k):
            groups.append(_Group(i, match[0], k, match[1]))
        i, k = match[0] + 1, match[1] + 1
        if match[0] < len(old) and left.words[match[0]] != right.words[match[1]]:
            groups.append(_Group(match[0], i, match[1], k))
    return groups


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of equal stems in the alignment of least cost, in order."""
    start, end = 0, 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = (old[start : len(old) - end], new[start : len(new) - end])
    cells = len(middle[0]) * len(middle[1])
    inner = _cheapest(*middle) if cells <= MOST_CELLS else _shortest(*middle)
    before = [(n, n) for n in range(start)]
    after = [(len(old) - n, len(new) - n) for n in range(end, 0, -1)]
    return [*before, *((start + i, start + k) for i, k in inner), *after]


def _shortest(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """`_matches` for whole documents, where every change costs the same: fast and a little less apt."""
    from rapidfuzz.distance import Levenshtein

    same = [op for op in Levenshtein.opcodes(old, new) if op.tag == "equal"]
    return [(op.src_start + n, op.dest_start + n) for op in same for n in range(op.src_end - op.src_start)]


def _cheapest(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """`_matches` by dynamic programming (Wagner and Fischer 1974) with costs of GAP, LIKE and UNLIKE."""
    kinds = [[_kind(word) for word in side] for side in (old, new)]
    width = len(new)
    above = [k * GAP for k in range(width + 1)]
    steps: list[list[int]] = []  # for every pair of words whether both go, the old one, or the new one
    for word, kind in zip(old, kinds[0], strict=True):
        row, step = [above[0] + GAP], []
        for k in range(width):
            if word == new[k]:
                cost = above[k] - (2 if kind == "content" else 1)
            else:
                cost = above[k] + (LIKE if kind == kinds[1][k] else UNLIKE)
            best = 0
            if above[k + 1] + GAP < cost:
                cost, best = above[k + 1] + GAP, 1
            if row[k] + GAP < cost:
                cost, best = row[k] + GAP, 2
            row.append(cost)
            step.append(best)
        above = row
        steps.append(step)
    matches = []
    i, k = len(old) - 1, width - 1
    while i >= 0 and k >= 0:
        best = steps[i][k]
        if best == 0 and old[i] == new[k]:
            matches.append((i, k))
        i -= best != 2
        k -= best != 1
    return matches[::-1]


def _stem(word: str) -> str:
    return word.lower() if _kind(word) == "function" else word[:STEM].lower()


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
    return bool(moved) or (distance <= NEAR and _same_word_moved(first, second, left, right))


def _same_word_moved(first: _Group, second: _Group, left: Sequence[str], right: Sequence[str]) -> bool:
    """A function word counts as moved over a word or two only: farther off stands another one of its kind."""
    gone = [{word.lower() for word in left[g.a : g.b]} for g in (first, second)]
    come = [{word.lower() for word in right[g.c : g.d]} for g in (first, second)]
    return any(word[0].isalnum() for word in gone[0] & come[1] | gone[1] & come[0])


def _parted(group: _Group, left: _Side, right: _Side) -> list[_Group]:
    """A group in which every word has become another one, cut between content words and at marks.

    Words that changed places, and function words with what they stand beside ("look after" / "care for"), stay
    together.
    """
    size = group.b - group.a
    if size < 2 or size != group.d - group.c:
        return [group]
    gone, come = left.words[group.a : group.b], right.words[group.c : group.d]
    kinds = [_kind(word) for word in gone]
    stems = [content_stems([word]) for word in gone]
    if kinds != [_kind(word) for word in come] or any(
        stems[i] & content_stems([come[k]]) for i in range(size) for k in range(size) if i != k
    ):
        return [group]
    parts = [_Group(group.a, group.a + 1, group.c, group.c + 1)]
    for i in range(1, size):
        last = parts[-1]
        apart = "function" not in kinds[i - 1 : i + 1] or "mark" in kinds[i - 1 : i + 1]
        if apart and left.gap(last.b) == right.gap(last.d):
            parts.append(_Group(last.b, last.b + 1, last.d, last.d + 1))
        else:
            parts[-1] = _Group(last.a, last.b + 1, last.c, last.d + 1)
    changed = [part for part in parts if left.words[part.a : part.b] != right.words[part.c : part.d]]
    return changed or [group]


def _kind(word: str) -> str:
    if not word[0].isalnum():
        return "function" if len(word) > 1 else "mark"  # 's and other clitics
    return "function" if word.lower() in FUNCTION_WORDS else "content"


def _with_spaces(groups: list[_Group], left: _Side, right: _Side) -> list[_Group]:
    """The groups, and one without words for every place between unchanged words whose white space differs."""
    found: list[_Group] = []
    i = j = 0  # behind the last group
    for group in groups:
        found += _spaces(left, right, i, j, group.a - i, first=bool(found))
        found.append(group)
        i, j = group.b, group.d
    return found + _spaces(left, right, i, j, len(left.words) - i + 1, first=bool(found))


def _spaces(left: _Side, right: _Side, i: int, j: int, count: int, *, first: bool) -> list[_Group]:
    """Where white space differs before the first `count` words from i and j on.

    first: leave out that before the very first one, which belongs to the group that ends there.
    """
    return [
        _Group(i + k, i + k, j + k, j + k) for k in range(int(first), count) if left.gap(i + k) != right.gap(j + k)
    ]


def _edit(group: _Group, left: _Side, right: _Side) -> PairEdit:
    # from the end of the word before to the start of the word after; what is alike at both ends goes
    start, end = left.end(group.a), left.start(group.b)
    old, new = left.text[start:end], right.text[right.end(group.c) : right.start(group.d)]
    same = _shared_space(old[::-1], new[::-1])
    old, new = old[: len(old) - same], new[: len(new) - same]
    same = _shared_space(old, new)
    old, new = old[same:], new[same:]
    category: Category = _category(old, new, group.a == 0) if old.strip() or new.strip() else "other"
    if group.c == group.d and _told_twice(group, left.words):
        category = "repetition"
    return PairEdit(Span(start + same, start + same + len(old)), old, new, category)


def _shared_space(one: str, other: str) -> int:
    """How many characters of white space the two begin with alike."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same] and one[same].isspace():
        same += 1
    return same


@lru_cache(maxsize=50_000)
def _category(old: str, new: str, initial: bool) -> Category:
    return categorise(old, new, initial=initial)


def _told_twice(group: _Group, words: Sequence[str]) -> bool:
    """Whether the words that go stand once more before or after them: only the pair of them shows it."""
    size = group.b - group.a
    gone, before, after = (
        [word.lower() for word in words[max(0, a) : a + size]] for a in (group.a, group.a - size, group.b)
    )
    return size > 0 and gone[0][0].isalnum() and gone in (before, after)
