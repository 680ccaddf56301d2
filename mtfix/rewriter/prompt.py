"""The rewriter's language: a sentence with marked spans in, one replacement per span out.

    Under Massoud's ⟨open⟩ final⟨close⟩ father ⟨answer⟩ late ⟨end⟩

A model learns from several marked spans at a time as well, answered in order and separated by ⟨next⟩.
Markers are tokens of the vocabulary that ordinary text never encodes to, so text that spells a marker out
stays text. White space before a span belongs to it while the model reads; `fit` gives the answer back its
place in the original.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tokenizers import Tokenizer

from mtfix.types import Span

# what stands directly after the word before it
_ATTACHED = re.compile(r"['’](?:s|re|ve|ll|d|m|t)\b|[,.;:!?)\]%]|n['’]t\b", re.IGNORECASE)

# prompts of causal models are filled up to a multiple of this many tokens
STEP = 8
# characters on either side of the spans that are looked at; far more than any prompt holds
WINDOW = 4000


@dataclass(frozen=True, slots=True)
class Markers:
    """Token strings of the vocabulary. `start` opens every prompt ("" for none)."""

    start: str
    open: str
    close: str
    answer: str
    next: str
    end: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


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

    @property
    def stops(self) -> list[int]:
        """The ids that finish one answer."""
        return [self._ids["next"], self._ids["end"]]

    def prompt(self, sentence: str, spans: Sequence[Span]) -> list[int] | None:
        """Ids of the marked sentence; None when it is too long even after its outer parts are cut.

        `spans` are sorted, disjoint offsets in `sentence`.
        """
        texts: list[str] = []
        position = 0
        for span in (canonical(sentence, asked) for asked in spans):
            start = max(position, span.start)
            texts += [sentence[position:start], sentence[start : span.end]]
            position = max(start, span.end)
        texts.append(sentence[position:])
        if sum(map(len, texts[1:-1])) > WINDOW:
            return None
        if len(texts) > 1:  # what lies further away would be cut below anyway, at the price of encoding it
            texts[0], texts[-1] = texts[0][-WINDOW:], texts[-1][:WINDOW]
        pieces = [self._encode(text) for text in texts]
        if not self._shorten(pieces):
            return None
        ids: list[int] = []
        for index, piece in enumerate(pieces):
            ids += [self._ids["open"], *piece, self._ids["close"]] if index % 2 else piece
        ids.append(self._ids["end" if self.encoder_decoder else "answer"])
        if "start" in self._ids:
            # repeated to a round length: prompts of equal length are decoded together, several times
            # faster, and the padding depends on the sentence alone, never on its batch
            ids = [self._ids["start"]] * (STEP - len(ids) % STEP) + ids
        return ids

    def answer(self, replacements: Sequence[str]) -> list[int]:
        """Ids of the expected output: replacements as `canonical` spans hold them, then the end."""
        ids: list[int] = []
        for index, replacement in enumerate(replacements):
            ids += [self._ids["next"]] if index else []
            ids += self._encode(replacement)
        return [*ids, self._ids["end"]]

    def read(self, ids: Sequence[int]) -> str | None:
        """The text of the first answer in an output; None when it isn't finished or no plain text."""
        stops = [i for i, token in enumerate(ids) if token in (self._ids["end"], self._ids["next"])]
        answer = list(ids[: stops[0]]) if stops else []
        if not stops or any(token in self._special for token in answer):
            return None
        return self.tokenizer.decode(answer, skip_special_tokens=False)

    def _encode(self, text: str) -> list[int]:
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

    def _shorten(self, pieces: list[list[int]]) -> bool:
        """Cut the stretches before the first and after the last span until everything fits."""
        markers = len(pieces) + 1 + STEP
        surplus = sum(map(len, pieces)) + markers - self.max_tokens
        if surplus <= 0:
            return True
        inner = sum(map(len, pieces[1:-1])) + markers
        room = self.max_tokens - inner
        if len(pieces) == 1 or room < 16:
            return False
        before = min(len(pieces[0]), max(room // 2, room - len(pieces[-1])))
        pieces[0] = pieces[0][len(pieces[0]) - before :]
        pieces[-1] = pieces[-1][: room - before]
        return True


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
        new = space + core + (" " if _glued(core, after) and not _glued(kept, after) else "")
    shared = 0
    while shared < min(len(old), len(new)) and old[shared].isspace() and old[shared] == new[shared]:
        shared += 1
    return Span(place.start + shared, place.end), new[shared:]


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
