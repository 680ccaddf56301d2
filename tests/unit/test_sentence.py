"""Sentences keep what must be known of them from one pass to the next."""

from __future__ import annotations

from mtfix.judge.decide import guarded
from mtfix.sentence import resplit, split_all
from mtfix.types import Document, Edit, Span


def test_a_quotation_of_several_sentences_still_is_one_after_a_repair() -> None:
    text = "He told: “The men were killed at night. The women fled to the hills.”"
    first = split_all([Document(text)], [None])[0][0]
    told = Edit(Span(3, 7), "told", "said this", "wrong-sense", 0.9, "rewriter", True, ())
    second = resplit(first, [told])
    assert second.text == "He said this: “The men were killed at night."
    assert any("killed" in quoted.of(second.text) for quoted in second.quoted)
    place = Span(second.text.index("killed"), second.text.index("killed") + len("killed"))
    assert guarded(second.text, place, "wounded", "wrong-sense", second.quoted)
