"""Names in the whole flow, without models: who has the first word, offsets, repeated passes."""

from __future__ import annotations

from fake_models import FakeDetector, FakeRewriter
from hypothesis import given, settings
from hypothesis import strategies as st

from mtfix.corrector import Corrector
from mtfix.documents.edits import apply_edits
from mtfix.names.evidence import Text
from mtfix.names.ground import Names
from mtfix.names.sources import Glossary, Row
from mtfix.settings import Settings
from mtfix.types import Document, Span

REPAIRS = {"final": "late", "late": "last", "Pandiness": "Happiness", "Anabah": "Alabama"}
REFERENCE = Text("Emergency runs a hospital in Anabah, in the Panjshir Valley.", "the reference a.txt")
NAMES = Names([REFERENCE], Glossary("the glossary g.csv", (Row("Kiew", "Kyiv", 1),)))
PLAIN = Names()


def corrector(names: Names | None, bad: set[str] = frozenset(), **more: object) -> Corrector:
    return Corrector(FakeDetector({*REPAIRS, *bad}), FakeRewriter(REPAIRS), Settings(**more), {}, names)


def test_a_name_that_is_explained_is_not_rewritten() -> None:
    text = "They met in the Pandiness District, in Panjshir Valley."
    without = corrector(None).fix(text)
    assert "Happiness" in {e.replacement for e in without.edits} | {without.text}
    result = corrector(NAMES).fix(text)
    assert "Anabah" in result.text
    edits = {e.original: e for e in result.edits}
    assert edits["Pandiness"].source == "names"
    assert "Pandiness" in [f.span.of(text) for f in result.flags]
    again = corrector(NAMES).fix(result.text)
    assert again.text == result.text


def test_a_suggestion_for_a_name_survives_later_passes() -> None:
    text = "Under the final father they met in the Pandiness District, in Panjshir Valley of Afghanistan."
    result = corrector(PLAIN).fix(text)
    assert "last father" in result.text
    [edit] = [e for e in result.edits if e.source == "names"]
    assert (edit.original, edit.applied) == ("Pandiness", False)
    assert edit.span.of(text) == "Pandiness"


def test_every_place_of_a_name_is_treated_alike_across_sentences() -> None:
    text = "PANDINESS FALLS\n\nThe Pandiness District in Panjshir fell. Pandiness's hospital is open."
    result = corrector(NAMES).fix(text)
    assert result.text.startswith("ANABAH FALLS\n\nThe Anabah ")
    assert result.text.endswith("Anabah's hospital is open.")


def test_detect_flags_what_fix_flags() -> None:
    text = "One word. They met in the Pandiness District, in Panjshir Valley; Kiew was far."
    tool = corrector(NAMES)
    flags = tool.detect(text).flags
    assert {"Pandiness", "Kiew"} <= {f.span.of(text) for f in flags if f.category == "name"}
    assert list(flags) == sorted(flags, key=lambda f: f.span)
    assert flags == tool.fix(text).flags


def test_a_name_that_is_untouchable_is_left_alone_and_the_same_name_elsewhere_is_not() -> None:
    text = "Kiew was far. Kiew fell."
    result = corrector(NAMES).fix(Document(text, untouchable=(Span(0, 4),)))
    assert result.text == "Kiew was far. Kyiv fell."
    assert [f.span for f in result.flags] == [Span(14, 18)]
    assert corrector(NAMES).detect(Document(text, untouchable=(Span(0, 4),))).flags == result.flags


def test_a_text_in_another_language_is_left_alone() -> None:
    text = (
        "Der Vorsitzende erklärte in Kiew, dass die Verhandlungen über den Vertrag noch nicht abgeschlossen seien, und "
        "bat alle Beteiligten um etwas mehr Geduld, damit eine gute Lösung gefunden werden kann."
    )
    assert corrector(NAMES).fix(text).edits == ()


PIECES = st.sampled_from(
    ["final", "late", "Pandiness District", "Pandiness", "in Panjshir", "Anabah", "“", "”", " ", "\n", ". ", "the",
     "Kiew", "`Kiew`", "’s", "\r\n", "é", "👩‍👩‍👧", "of Afghanistan", "Rukhah", "1,000", "\ufeff", "<b>"]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=18).map(" ".join))
def test_edits_are_disjoint_and_a_corrected_text_is_left_as_it_is(text: str) -> None:
    tool = corrector(NAMES, {"Panjshir"}, force=True)
    tool.rewriter.answers = {"final": "late"}
    tool.detector.bad = {"final", "Pandiness", "Panjshir"}
    result = tool.fix(text)
    assert apply_edits(text, [e for e in result.edits if e.applied]) == result.text
    assert list(result.edits) == sorted(result.edits, key=lambda e: e.span)
    assert not any(a.span.overlaps(b.span) for a, b in zip(result.edits, result.edits[1:], strict=False))
    assert tool.fix(result.text).text == result.text


def test_for_a_marked_name_the_names_come_first_and_each_answer_once() -> None:
    text = "They met in the Pandiness District, in Panjshir Valley. The final day came."
    place, word = (Span(text.index(w), text.index(w) + len(w)) for w in ("Pandiness", "final"))
    named, plain = corrector(NAMES).suggest(text, [place, word])
    assert (named[0].replacement, named[0].source) == ("Anabah", "names")
    assert (named[-1].replacement, named[-1].source) == ("Happiness", "rewriter")
    assert len({e.replacement for e in named}) == len(named)
    assert not any(e.applied or e.alternatives for e in named)
    assert [e.replacement for e in plain] == ["late"]
    assert [e.replacement for e in corrector(None).suggest(text, [place])[0]] == ["Happiness"]
