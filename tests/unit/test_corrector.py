"""The flow: the text is sacred, results come in order, repairs are repeated until nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_models import FakeDetector, FakeRewriter, corrector
from hypothesis import given
from hypothesis import strategies as st

from mtfix.corrector import Corrector
from mtfix.documents.dismissed import Dismissed
from mtfix.documents.edits import apply_edits
from mtfix.documents.exempt import Exempt
from mtfix.errors import InputError
from mtfix.judge import confidence, ranking
from mtfix.rewriter.model import Candidate
from mtfix.settings import Settings
from mtfix.types import Document, Gap, Span, Token

REPAIRS = {"final": "late", "victims": "casualties", "tough": "rugged"}
FRAGMENTS = st.sampled_from(
    ["final", "victims", "tough", "father", "the", " ", "  ", "\n", "\r\n", "\t", ". ", "“", "”", "<b>", "</b>",
     "1,000", "https://a.example/final", "<|im_end|>", "<issue_start>", "é", "e\u0301", "👩‍👩‍👧", "\u2028", "\ufeff",
     "'s", "`final`"]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_only_the_edits_spans_change(text: str) -> None:
    result = corrector(REPAIRS, force=True).fix(text)
    assert result.original == text
    assert apply_edits(text, [e for e in result.edits if e.applied]) == result.text
    assert list(result.edits) == sorted(result.edits, key=lambda e: e.span)
    assert all(e.original == e.span.of(text) for e in result.edits)


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_a_corrected_text_is_left_as_it_is(text: str) -> None:
    tool = corrector(REPAIRS, force=True)
    once = tool.fix(text).text
    assert tool.fix(once).text == once


def test_what_needs_no_repair_comes_back_byte_for_byte() -> None:
    text = "\ufeffThe  valley\twas quiet.\r\n\r\n“Fine,” he said . \n"
    result = corrector(REPAIRS).fix(text)
    assert (result.text, result.edits, result.flags) == (text, (), ())


def test_code_links_and_numbers_are_never_even_suspected() -> None:
    text = "See https://a.example/final and `final` now."
    assert corrector(REPAIRS).fix(text).flags == ()


def test_a_repair_that_makes_another_possible_is_followed_up() -> None:
    result = corrector({"final": "last", "last": "late"}).fix("Massoud's final father fought.")
    assert result.text == "Massoud's late father fought."
    (edit,) = result.edits
    assert (edit.original, edit.replacement) == ("final", "late")


def test_a_flag_without_repair_stays_a_flag() -> None:
    result = corrector(REPAIRS, {"Pandiness"}).fix("They met in the Pandiness District.")
    assert result.edits == ()
    (flag,) = result.flags
    assert flag.span.of(result.original) == "Pandiness"


def test_results_come_in_order_and_do_not_depend_on_the_batch() -> None:
    texts = [f"The final father number {i} suffered victims." if i % 2 else "" for i in range(40)]
    tool = corrector(REPAIRS)
    together = list(tool.fix_many(texts))
    assert [r.original for r in together] == texts
    assert together == [tool.fix(text) for text in texts]


def informed(**settings):
    """Doubts `odd` a little; damage elsewhere in the document settles it."""
    tool = corrector({"final": "late"}, {"victims"}, **settings)
    tool.detector.doubtful = {"odd": 0.45}
    tool.detector.settings["document"] = [0.5, -1.5, 20.0, -1.5]
    return tool


def test_a_doubtful_word_is_flagged_among_damage_and_not_alone_nor_in_good_text() -> None:
    tool = informed()
    damaged = "An odd thing happened. " + "The final victims came. " * 20
    good = "An odd thing happened. " + "The last of them came home. " * 20
    assert "odd" in [f.span.of(damaged) for f in tool.detect(damaged).flags]
    assert "odd" in [f.span.of(damaged) for f in tool.fix(damaged).flags]
    assert not tool.detect(good).flags
    assert not tool.detect("An odd thing happened.").flags


def test_documents_inform_themselves_and_no_others_whatever_the_batch() -> None:
    tool = informed()
    texts = ["An odd thing happened. The final victims came. " * n for n in (1, 3, 400)]
    texts += ["An odd thing happened. " * 5, "", "It was odd."] * 3
    together = list(tool.detect_many(texts))
    assert together == [tool.detect(text) for text in texts]
    assert list(tool.fix_many(texts)) == [tool.fix(text) for text in texts]


def test_only_as_much_is_read_ahead_as_a_batch_holds() -> None:
    taken = 0

    def texts():
        nonlocal taken
        while True:
            taken += 1
            yield "The final father. " * 500

    next(corrector(REPAIRS).fix_many(texts()))
    assert taken < 20


def test_other_languages_are_left_alone_unless_forced() -> None:
    text = (
        "Der Vorsitzende erklärte, dass die Verhandlungen über den Vertrag noch nicht abgeschlossen seien, und bat "
        "final alle Beteiligten um etwas mehr Geduld, damit eine gute Lösung gefunden werden kann."
    )
    result = corrector(REPAIRS).fix(text)
    assert result.text == text
    assert "German" in (result.skipped or "")
    assert "late" in corrector(REPAIRS, force=True).fix(text).text


@pytest.mark.parametrize("break_", ["\n\n", "\n", "\r\n"])
def test_a_paragraph_in_another_language_is_left_alone(break_: str) -> None:
    german = (
        "Der Vorsitzende erklärte, dass die Verhandlungen über den final Vertrag noch nicht abgeschlossen seien, und "
        "bat alle Beteiligten um etwas mehr Geduld, damit eine gute Lösung gefunden werden kann."
    )
    russian = "Россия — final государство в Восточной Европе."
    english = "The war in the valley has ended, and the troops of the army have gone home to their families. " * 3
    text = break_.join(("Massoud's final father fought.", german, english, russian, "The final one left in the end."))
    tool = corrector(REPAIRS)
    result = tool.fix(text)
    fixed = ("Massoud's late father fought.", german, english, russian, "The late one left in the end.")
    assert result.text == break_.join(fixed)
    assert (result.skipped, len(result.flags)) == (None, 2)
    assert {token.span.of(text) for token in tool.detect(text).tokens}.isdisjoint({"Der", "Россия"})
    assert corrector(REPAIRS, force=True).fix(text).text == text.replace("final", "late")


def test_words_in_other_letters_are_flagged_but_not_exchanged() -> None:
    text = "The министр said that the λόγος was late."
    result = corrector({"министр": "minister", "λόγος": "λόγοι", "late": "over"}).fix(text)
    assert result.text == "The министр said that the λόγος was over."
    assert [flag.span.of(text) for flag in result.flags] == ["министр", "λόγος", "late"]
    assert len(result.edits) == 1


def test_detect_scores_every_word_and_rewrites_nothing() -> None:
    tool = corrector(REPAIRS)
    text = "First. Massoud's final father."
    found = tool.detect(text)
    assert [t.span.of(text) for t in found.tokens] == ["First", ".", "Massoud", "'s", "final", "father", "."]
    assert [f.span.of(text) for f in found.flags] == ["final"]
    assert tool.rewriter.asked == []


def test_the_result_is_serialisable_by_its_documented_keys() -> None:
    result = corrector(REPAIRS).fix("Massoud's final father.").to_dict()
    assert list(result) == ["schema", "text", "corrected", "flags", "edits", "skipped", "fingerprint"]
    assert result["text"] == "Massoud's final father."
    assert result["corrected"] == "Massoud's late father."
    assert set(result["edits"][0]) == {
        "start", "end", "original", "replacement", "category", "confidence", "applied", "source", "alternatives",
    }  # fmt: skip


UNTOUCHABLE = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 12)), max_size=4)


@given(st.lists(FRAGMENTS, max_size=25).map("".join), UNTOUCHABLE)
def test_what_is_untouchable_is_neither_flagged_nor_edited(text: str, places: list[tuple[int, int]]) -> None:
    spans = tuple(Span(min(a, len(text)), min(a + length, len(text))) for a, length in places)
    document = Document(text, untouchable=spans)
    solid = [span for span in spans if span.start < span.end]
    tool = corrector({"final": "victims", "victims": "tough", "tough": "final late"}, force=True)
    result = tool.fix(document)
    found = [*result.edits, *result.flags, *tool.detect(document).flags]
    assert not [f for f in found if any(f.span.overlaps(span) for span in solid)]
    assert not [e for e in result.applied if any(e.span.overlaps(span) for span in spans)]
    assert apply_edits(text, result.applied) == result.text
    if not spans:
        assert result == tool.fix(text)


def test_a_later_pass_leaves_the_untouchable_alone() -> None:
    text = "The final father fought the last war."
    at = text.index("last")
    tool = corrector({"final": "last", "last": "late"})
    result = tool.fix(Document(text, untouchable=(Span(at, at + 4),)))
    assert result.text == "The late father fought the last war."


def test_a_repair_over_a_seam_is_a_suggestion() -> None:
    text = "The final father fought."
    seam = Document(text, untouchable=(Span(9, 9),))
    tool = corrector({"final": "x", "father": "y", "final father": "late dad"})
    assert tool.fix(text).text == tool.fix(seam).text == "The late dad fought."
    tool = corrector({"final": "x", "father": "y", "final father": "commander"})
    assert tool.fix(text).text == "The commander fought."
    result = tool.fix(seam)
    assert result.text == text
    assert [e.applied for e in result.edits] == [False]


def test_what_a_text_or_the_project_exempts_is_left_alone(tmp_path: Path) -> None:
    tool = corrector({"final": "late", "victims": "casualties"})
    text = "The final [sic] father fought.\n\nThe final war mtfix:ignore\n\nThe final peace. The victims fled.\n"
    assert tool.fix(text).text.splitlines()[::2] == [*text.splitlines()[:3:2], "The late peace. The casualties fled."]
    tool.exempt = Exempt(["victims"], dismissed=tmp_path / "dismissed.jsonl")
    assert "The late peace. The victims fled." in tool.fix(text).text
    place = text.index("final peace")
    Dismissed(tmp_path / "dismissed.jsonl").add(text, Span(place, place + 5))
    result = tool.fix(text)
    assert (result.text, result.flags, tool.detect(text).flags) == (text, (), ())


def test_a_second_pass_looks_only_around_what_the_first_one_repaired() -> None:
    class Waking(FakeDetector):
        """Suspects more once the father is the late one."""

        def score(self, sentences: Sequence[str]) -> list[tuple[list[Token], list[Gap]]]:
            return [FakeDetector({"nigh", "yonder"} if "late" in s else {"final"}).score([s])[0] for s in sentences]

    far = "the old house by the wide river that flooded in spring"
    made = Corrector(Waking(set()), FakeRewriter({"final": "late", "nigh": "near", "yonder": "there"}), Settings(), {})
    result = made.fix(f"His final father lived nigh {far}, and yonder.")
    assert result.text == f"His late father lived near {far}, and yonder."


def test_words_that_look_exchanged_are_put_back_by_what_they_stood_for_elsewhere() -> None:
    tool = corrector({}, {"profound"})
    tool.rewriter.settings["ranking"] = [float(i == 2 * ranking.SEEN) for i in range(ranking.FEATURES)]
    tool.rewriter.settings["confidence"] = [3.0 * (i == 2 * confidence.SEEN - 1) for i in range(confidence.FEATURES)]
    result = tool.fix("They use profound learning today.")
    assert result.text == "They use deep learning today."
    [edit] = result.edits
    assert (edit.original, edit.replacement, edit.applied) == ("profound", "deep", True)
    assert len({a.replacement for a in edit.alternatives} | {"deep"}) == len(edit.alternatives) + 1
    assert tool.fix("They use `profound` learning today.").edits == ()


def test_what_the_rewriter_says_too_is_told_once() -> None:
    tool = corrector({"profound": "deep"})
    tool.rewriter._candidates = lambda _: [Candidate(w, p) for w, p in (("late", 0.4), ("odd", 0.3), ("deep", 0.1))]
    [edit] = tool.fix("They use profound learning today.").edits
    told = [edit.replacement, *(a.replacement for a in edit.alternatives)]
    assert "deep" in told
    assert len(told) == len(set(told))


def test_half_a_surrogate_pair_is_said_to_be_no_character() -> None:
    with pytest.raises(InputError, match=r"<text>, character 5: half a surrogate pair"):
        corrector({}).fix("Good \ud83d text.")
