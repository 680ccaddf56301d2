"""What training asks about a damaged sentence, and what it holds for right."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mtfix.documents.edits import apply_edits
from mtfix.documents.words import words
from mtfix.rewriter.prompt import fit
from mtfix.training import infill
from mtfix.training.infill import MOST, mark
from mtfix.types import Edit, Span

WORDS = st.sampled_from("the late father of a gold medal won free trade in towns near rivers said it".split())


@st.composite
def rows(draw):
    """A sentence of some words with some of them, or gaps between them, to be edited."""
    text = " ".join(draw(st.lists(WORDS, min_size=3, max_size=14))) + "."
    units = words(text)
    edits = []
    for unit in units:
        kind = draw(st.sampled_from(["keep", "keep", "change", "delete", "insert"]))
        if kind == "change" and unit.of(text).isalpha():
            edits.append([unit.start, unit.end, "new words", "other"])
        elif kind == "delete" and unit.start > 0:
            edits.append([unit.start - 1, unit.end, "", "other"])
        elif kind == "insert" and unit.start > 0 and unit.of(text).isalpha():
            edits.append([unit.start, unit.start, "more ", "other"])
    return {"damaged": text, "engine": "x", "edits": _apart(edits)}


def _apart(edits):
    kept = []
    for edit in edits:
        if not kept or edit[0] > kept[-1][1]:
            kept.append(edit)
    return kept


def repaired(row, edits):
    done = [Edit(Span(a, b), row["damaged"][a:b], new, c, 1.0, "", True) for a, b, new, c in edits]
    return apply_edits(row["damaged"], done)


@settings(deadline=None, max_examples=300)
@given(rows(), st.integers(0, 10_000), st.booleans())
def test_an_answer_is_what_the_edits_inside_its_span_make_of_it(row, seed, keep):
    marked = mark(row, random.Random(seed), float(keep))
    if marked is None:
        assert not row["edits"]
        return
    assert 0 < len(marked.spans) <= MOST
    for span, target in zip(marked.spans, marked.targets, strict=True):
        inside = [e for e in row["edits"] if span.start <= e[0] and e[1] <= span.end]
        place, new = fit(row["damaged"], span, target)
        answered = row["damaged"][: place.start] + new + row["damaged"][place.end :]
        # a span that took the word before an insertion along ends before the white space where that goes
        at_end = [e for e in row["edits"] if e[0] == e[1] == span.end + 1]
        assert answered.split() in [repaired(row, edits).split() for edits in (inside, [*inside, *at_end])]


def test_no_word_is_taken_along_from_beyond_what_is_missing():
    row = {"damaged": "the the the.", "engine": "x", "edits": [[8, 8, "more ", "other"], [10, 12, "", "other"]]}
    for seed in range(50):
        marked = mark(row, random.Random(seed), 0.0)
        assert all("more" in t for s, t in zip(marked.spans, marked.targets, strict=True) if s.start < 8 < s.end)


def test_neighbouring_edits_are_asked_about_together_as_well(monkeypatch):
    row = {
        "damaged": "The side claiming negotiations failed.", "engine": "x",
        "edits": [[4, 8, "party", "wrong-sense"], [9, 17, "said that", "wrong-sense"]],
    }  # fmt: skip
    monkeypatch.setattr(infill, "WIDEN", 0.0)
    monkeypatch.setattr(infill, "JOIN", 1.0)
    marked = mark(row, random.Random(1), 0.0)
    assert marked is not None
    pairs = dict(zip([s.of(row["damaged"]) for s in marked.spans], marked.targets, strict=True))
    assert pairs == {" side": " party", " claiming": " said that", " side claiming": " party said that"}
