"""The rewriter's language: a sentence, questions about spans of it, one replacement each.

    Under Massoud's final father. ⟨ask⟩ Under Massoud's⟨open⟩ final⟨close⟩ father.⟨answer⟩ late⟨end⟩

The sentence is read once for all its questions, each of which tells its span again with a few tokens on either side;
no question sees another. Markers are tokens of the vocabulary that ordinary text never encodes to, so text that
spells a marker out stays text. White space before a span belongs to it while the model reads; `fit` gives the answer
back its place in the original.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tokenizers import Tokenizer

from mtfix.types import Span

# what stands directly after the word before it
_ATTACHED = re.compile(r"['’](?:s|re|ve|ll|d|m|t)\b|[,.;:!?)\]%]|n['’]t\b", re.IGNORECASE)

BESIDE = 3  # tokens on either side of the span that a question tells
NEAR = 200  # characters in which they are looked for
# characters on either side of the span that are looked at in an endless sentence; far more than any passage holds
WINDOW = 4000
LEAST = 16  # tokens that a passage must have room for beside the span


@dataclass(frozen=True, slots=True)
class Markers:
    """Token strings of the vocabulary. `start` opens every passage ("" for none)."""

    start: str
    ask: str
    open: str
    close: str
    answer: str
    end: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids that the model reads: a passage, which questions share, then the question."""

    passage: tuple[int, ...]
    question: tuple[int, ...]


class PromptEncoder:
    """Text to token ids and answers back to text, for one tokenizer."""

    def __init__(self, tokenizer: Tokenizer, markers: Markers, *, encoder_decoder: bool, max_tokens: int = 256) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True
        self.tokenizer, self.markers = tokenizer, markers
        self.encoder_decoder, self.max_tokens = encoder_decoder, max_tokens
        self._ids: dict[str, int] = {}
        for name, token in markers.to_dict().items():
            found = tokenizer.token_to_id(token) if token else None
            if token and found is None:
                raise ValueError(f"the vocabulary lacks the marker {token!r}")
            if found is not None:
                self._ids[name] = found
        self._special = {*self._ids.values(), *tokenizer.get_added_tokens_decoder()}

    @property
    def end(self) -> int:
        return self._ids["end"]

    @property
    def beginning(self) -> list[int]:
        """What stands before a text that is read from its first word on."""
        return [self._ids["start"]] if "start" in self._ids else []

    def prompts(self, sentence: str, spans: Sequence[Span]) -> list[Prompt | None]:
        """What asks about every span of the sentence; None where one is too long to be asked about.

        The passage is the whole sentence, or where that is too long as much of it around the span as there is room for.
        """
        whole = self.encode(sentence) if len(sentence) <= 2 * WINDOW else None
        found: list[Prompt | None] = []
        for span in spans:
            question = self.question(sentence, span)
            room = self.max_tokens - len(question) - 1
            ids = whole if whole is not None and len(whole) <= room else self._around(sentence, span, room)
            found.append(None if ids is None else Prompt(self.passage(ids), question))
        return found

    def question(self, sentence: str, span: Span) -> tuple[int, ...]:
        """The span between its markers and the tokens beside it; markers stand for those before the sentence."""
        place = canonical(sentence, span)
        inner = self.encode(place.of(sentence))
        after = self.encode(sentence[place.end : place.end + NEAR])[:BESIDE]
        before = self.encode(sentence[max(0, place.start - NEAR) : place.start])[-BESIDE:]
        asking = [self._ids["ask"]] * (1 + BESIDE - len(before))
        last = self._ids["end" if self.encoder_decoder else "answer"]
        return (*asking, *before, self._ids["open"], *inner, self._ids["close"], *after, last)

    def answer(self, replacement: str) -> list[int]:
        """Ids of the expected output: the replacement as a `canonical` span holds it, then the end."""
        return [*self.encode(replacement), self._ids["end"]]

    def read(self, ids: Sequence[int]) -> str | None:
        """The text of an output up to its end; None when it has none or is no plain text."""
        answer = list(ids[: ids.index(self.end)]) if self.end in ids else None
        if answer is None or not self._special.isdisjoint(answer):
            return None
        return self.tokenizer.decode(answer, skip_special_tokens=False)

    def passage(self, ids: Sequence[int]) -> tuple[int, ...]:
        """A text's tokens as the model reads them: behind its start."""
        return (*self.beginning, *ids)

    def _around(self, sentence: str, span: Span, room: int) -> list[int] | None:
        """At most `room` tokens of the sentence, the span in their middle as far as that can be."""
        place = canonical(sentence, span)
        if place.end - place.start > WINDOW:
            return None
        before = self.encode(sentence[max(0, place.start - WINDOW) : place.start])
        inner = self.encode(place.of(sentence))
        after = self.encode(sentence[place.end : place.end + WINDOW])
        free = room - len(inner)
        if free < LEAST:
            return None
        taken = min(len(before), max(free // 2, free - len(after)))
        return [*before[len(before) - taken :], *inner, *after[: free - taken]]

    def encode(self, text: str) -> list[int]:
        """The tokens of plain text, none of them a marker."""
        ids = self._plain(re.sub(r"\s+", " ", text))
        if self._special.isdisjoint(ids):
            return ids
        # a SentencePiece vocabulary may hold a special token as an ordinary piece: spell it out
        return [part for token in ids for part in (self._spelled(token) if token in self._special else [token])]

    def _plain(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids if text else []
        return ids

    def _spelled(self, token: int) -> list[int]:
        name = self.tokenizer.id_to_token(token) or ""
        return [part for character in name for part in self._plain(character) if part not in self._special]


def canonical(text: str, span: Span) -> Span:
    """The span with the white space before it and without white space at its end."""
    start, end = span.start, span.end
    while end > start and text[end - 1].isspace():
        end -= 1
    while start > 0 and text[start - 1].isspace():
        start -= 1
    return Span(start, end)


def fit(text: str, span: Span, answer: str) -> tuple[Span, str]:
    """Where and what to write so that `answer` stands in place of `span` with the spacing of `text`."""
    core = answer.strip()
    place = canonical(text, span)
    old = place.of(text)
    kept = old.strip()
    if not kept:
        return _insertion(text, place, core)
    before, after = text[: place.start], text[place.end :]
    if not core:
        if place.start == 0:  # nothing before: the white space after goes too
            return Span(0, len(text) - len(after.lstrip())), ""
        new = " " if _glued(before, after) else ""
    else:
        space = old[: len(old) - len(old.lstrip())]
        if place.start > 0 and _ATTACHED.match(core) and not _ATTACHED.match(kept):
            space = ""
        elif not space and _glued(before, core) and not _glued(before, kept):
            space = " "
        new = space + _spaced(kept, core) + (" " if _glued(core, after) and not _glued(kept, after) else "")
    shared = 0
    while shared < min(len(old), len(new)) and old[shared].isspace() and old[shared] == new[shared]:
        shared += 1
    return Span(place.start + shared, place.end), new[shared:]


def _spaced(old: str, new: str) -> str:
    """The new words with the white space of the old ones between them; of more or fewer words, with what of it is not
    a plain blank (the end of a line, say) about where it was."""
    gaps, words = re.findall(r"\s+", old), new.split()
    count = len(words) - 1
    if len(gaps) != count:
        kept = {min(count - 1, i * count // len(gaps)): gap for i, gap in enumerate(gaps) if gap != " "}
        gaps = [kept.get(i, " ") for i in range(count)]
    return "".join(part for pair in zip(words, [*gaps, ""], strict=True) for part in pair)


def _insertion(text: str, place: Span, core: str) -> tuple[Span, str]:
    """`core` as a word (or mark) of its own in `place`, which holds nothing but white space."""
    if not core:
        return Span(place.start, place.start), ""
    if place.start == 0:
        return Span(place.end, place.end), f"{core} "
    gap = Span(place.start, place.start)
    before, after = text[: place.start], text[place.start :]
    if _ATTACHED.match(core):
        return gap, core
    if after[:1].isalnum():  # directly before a word, as after an opening bracket
        return gap, f" {core} " if before[-1].isalnum() else f"{core} "
    return gap, f" {core}"


def _glued(left: str, right: str) -> bool:
    """Whether the two would read as one word."""
    return left[-1:].isalnum() and right[:1].isalnum()
