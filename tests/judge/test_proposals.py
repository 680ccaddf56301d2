"""The rewriter's answers as edits: only what changes, whole place and core together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mtfix.detector.spans import Suspicion
from mtfix.judge.proposals import Answer, answers, proposals, trimmed
from mtfix.rewriter.model import Candidate
from mtfix.types import Span

TEXT = st.text("ab 's-.\n", max_size=12)


@given(TEXT, TEXT, TEXT, TEXT)
def test_the_trimmed_edit_makes_the_same_text(before: str, old: str, new: str, after: str) -> None:
    text = before + old + after
    whole = Span(len(before), len(before) + len(old))
    span, replacement = trimmed(text, whole, new)
    assert text[: span.start] + replacement + text[span.end :] == before + new + after
    assert whole.start <= span.start <= span.end <= whole.end


def place(sentence: str, words: str) -> Span:
    return Span(sentence.index(words), sentence.index(words) + len(words))


def found(sentence: str, whole: str, core: str | None, said: dict[str, list[tuple[str, float]]]):
    suspicion = Suspicion(place(sentence, whole), 0.9, place(sentence, core) if core else None)
    given = [Answer(place(sentence, w), [Candidate(*c) for c in candidates]) for w, candidates in said.items()]
    return proposals(sentence, suspicion, given)


def test_words_that_stay_are_no_part_of_the_edit() -> None:
    (only,) = found("Massoud's final father fought.", "final father", None, {"final father": [("late father", 0.6)]})
    assert (only.original, only.replacement, only.category) == ("final", "late", "wrong-sense")


def test_what_whole_and_core_agree_on_is_one_proposal_with_the_better_probability() -> None:
    said = {"final father": [("late father", 0.3), ("last father", 0.2)], "final": [("late", 0.5), ("dead", 0.1)]}
    results = found("Massoud's final father fought.", "final father", "final", said)
    assert [(p.replacement, p.rewriter, p.agreed, p.core) for p in results] == [
        ("late", 0.5, True, True), ("last", 0.2, False, False), ("dead", 0.1, False, True),
    ]  # fmt: skip


def test_keeping_counts_for_its_own_place_alone() -> None:
    said = {"final father": [("final father", 0.9), ("late father", 0.1)], "final": [("late", 0.5), ("final", 0.2)]}
    assert [p.replacement for p in found("A final father fought.", "final father", "final", said)] == ["late"]


def test_the_article_changes_with_the_word() -> None:
    (only,) = found("It was a big attack.", "big", None, {"big": [("early", 0.6)]})
    assert (only.original, only.replacement) == ("a big", "an early")


def test_an_answer_beyond_the_suspicion_changes_it_or_what_stands_beside_it() -> None:
    text = "He waited on his turn."
    suspicion = replace(Suspicion(place(text, "waited"), 0.9), beyond=place(text, "waited on"))
    said = [("waited for", 0.4), ("awaited", 0.3), ("waited patiently on", 0.2)]
    given = [Answer(place(text, "waited on"), [Candidate(*one) for one in said])]
    assert [(p.original, p.replacement, p.beyond) for p in proposals(text, suspicion, given)] == [
        ("waited on", "awaited", True), ("", "patiently ", True),
    ]  # fmt: skip


class Rewriter:
    def propose(self, requests, beams):
        del beams
        return [[[Candidate(f"<{span.of(text)}>", 0.5)] for span in spans] for text, spans in requests]


def test_every_place_is_asked_about_and_every_core() -> None:
    texts = ["Massoud's final father fought hard.", "Nothing.", "A tough one."]
    suspected = [
        [
            Suspicion(place(texts[0], "final father"), 0.9, place(texts[0], "final")),
            Suspicion(place(texts[0], "hard"), 0.5, beyond=place(texts[0], "fought hard")),
        ],
        [],
        [Suspicion(place(texts[2], "tough"), 0.5)],
    ]
    said = answers(Rewriter(), 4, texts, suspected)
    assert [[[c.text for a in s for c in a.candidates] for s in sentence] for sentence in said] == [
        [["<final father>", "<final>"], ["<hard>", "<fought hard>"]], [], [["<tough>"]],
    ]  # fmt: skip
