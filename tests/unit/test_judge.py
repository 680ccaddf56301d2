"""What is applied, what is only suggested, and what is only flagged."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from fake_models import weights

from mtfix.detector.spans import Suspicion
from mtfix.documents.quotes import quotations
from mtfix.judge import confidence, ranking
from mtfix.judge.decide import Verdict, deletes, guarded, judge, judge_all, needed
from mtfix.judge.proposals import Answer, Case, Proposal, proposals
from mtfix.rewriter.model import Candidate
from mtfix.types import Span

# confidence is the rewriter's probability alone; applied from one half on
SETTINGS = {
    "ranking": weights(ranking, 1.0),
    "confidence": weights(confidence, 0.0, 1.0),
    "apply": {"balanced": 0.5, "conservative": 0.9},
}


def verdict(sentence: str, words: str, *candidates: tuple[str, float], strictness: str = "balanced", quoted: str = ""):
    start = sentence.index(words)
    quotes = [Span(sentence.index(quoted), sentence.index(quoted) + len(quoted))] if quoted else []
    suspicion = Suspicion(Span(start, start + len(words)), 0.9)
    found = [Candidate(text, p) for text, p in candidates]
    proposed = proposals(sentence, suspicion, [Answer(suspicion.span, found)])
    return judge(sentence, Case(suspicion, (), tuple(proposed)), SETTINGS, strictness, quotes)


def test_a_confident_repair_is_applied_and_the_rest_are_alternatives() -> None:
    edit = verdict("Massoud's final father fought.", "final", ("late", 0.7), ("last", 0.2)).edit
    assert edit is not None
    assert (edit.original, edit.replacement, edit.applied) == ("final", "late", True)
    assert [a.replacement for a in edit.alternatives] == ["last"]


def test_alternatives_that_were_not_looked_at_closely_come_last_and_are_no_surer() -> None:
    sentence, place = "Massoud's final father fought.", Span(10, 15)
    found = [Candidate(text, p) for text, p in (("late", 0.7), ("last", 0.1), ("dead", 0.6), ("a", 0.05))]
    first, second, third, fourth = proposals(sentence, Suspicion(place, 0.9), [Answer(place, found)])
    case = Case(Suspicion(place, 0.9), (), (first, third), further=(second, fourth))
    edit = judge(sentence, case, SETTINGS, "balanced").edit
    assert edit is not None
    assert [a.replacement for a in edit.alternatives] == ["last", "dead", "a"]
    sure = [a.confidence for a in edit.alternatives]
    assert sure == sorted(sure, reverse=True)


def two(first: float, second: float) -> list[Verdict]:
    """Of two places beside a word that the repair of either takes along."""
    sentence = "A counterfeit new consciousness rose."
    one, other = (Span(sentence.index(w), sentence.index(w) + len(w)) for w in ("counterfeit", "consciousness"))
    cases = []
    for place, span, new, sure in (
        (one, Span(one.start, other.start - 1), "artificial fresh", first),
        (other, Span(one.end + 1, other.end), "modern intelligence", second),
    ):
        made = Proposal(span, span.of(sentence), new, "wrong-sense", 0.9, sure, 0.0)
        alone = Proposal(place, place.of(sentence), new.split()[-1], "wrong-sense", 0.9, sure / 4, 0.0)
        cases.append(Case(Suspicion(place, 0.9), (), (made, alone)))
    return judge_all(sentence, cases, SETTINGS, "balanced")


@pytest.mark.parametrize(("first", "second", "expected"), [
    (0.8, 0.9, [("counterfeit", "fresh", False), ("new consciousness", "modern intelligence", True)]),
    (0.9, 0.8, [("counterfeit new", "artificial fresh", True), ("consciousness", "intelligence", False)]),
    (0.4, 0.3, [("counterfeit new", "artificial fresh", False), None]),
])  # fmt: skip
def test_of_repairs_that_overlap_the_surer_is_made_and_the_other_place_has_what_is_left(
    first: float, second: float, expected: list[tuple[str, str, bool] | None]
) -> None:
    found = two(first, second)
    assert [v.edit and (v.edit.original, v.edit.replacement, v.edit.applied) for v in found] == expected
    assert all(v.flag.score > 0.5 for v in found)


def test_strictness_moves_the_line() -> None:
    edit = verdict("Massoud's final father fought.", "final", ("late", 0.7), strictness="conservative").edit
    assert edit is not None
    assert not edit.applied


@pytest.mark.parametrize(
    ("sentence", "words", "new"),
    [
        ("They lost some men.", "some", "12"),
        ("They lost twelve men.", "twelve", "two"),
        ("It is possible to say so.", "is possible", "is not possible"),
        ("He did not go there.", "did not go", "went"),
        ("He met Karimi in town.", "Karimi", "Karzai"),
        ("He met the leader in town.", "the leader", "Massoud"),
    ],
)
def test_numbers_negation_and_names_are_never_changed_silently(sentence: str, words: str, new: str) -> None:
    edit = verdict(sentence, words, (new, 0.99)).edit
    assert edit is not None
    assert not edit.applied


def test_a_quotation_is_never_changed_silently() -> None:
    sentence = "He said “we refused the army” there."
    assert not verdict(sentence, "refused", ("resisted", 0.99), quoted="we refused the army").edit.applied
    assert verdict(sentence, "there", ("yesterday", 0.99), quoted="we refused the army").edit.applied


def test_casing_alone_may_touch_a_name() -> None:
    edit = verdict("He wrote it on twitter yesterday.", "twitter", ("Twitter", 0.9)).edit
    assert edit is not None
    assert (edit.category, edit.applied) == ("casing", True)


def test_where_the_rewriter_would_keep_the_words_there_is_only_a_flag() -> None:
    result = verdict("A final father.", "final", ("final", 0.6), ("late", 0.4))
    assert result.edit is None
    assert "no trustworthy repair" in result.flag.message


def test_without_candidates_there_is_only_a_flag() -> None:
    result = verdict("In the Pandiness District they met.", "Pandiness")
    assert result.edit is None
    assert result.flag.category == "name"


@pytest.mark.parametrize("answer", ["late father", "Massoud's late", "late\nfather's"])
def test_an_answer_that_repeats_its_neighbours_or_breaks_the_line_is_not_taken(answer: str) -> None:
    assert verdict("Massoud's final father fought.", "final", (answer, 0.95)).edit is None


def test_a_deletion_takes_its_space_along() -> None:
    edit = verdict("They went to the home.", "the", ("", 0.9)).edit
    assert edit is not None
    assert (edit.original, edit.replacement) == (" the", "")


def test_less_is_asked_for_in_a_document_that_looks_damaged() -> None:
    sentence, suspicion = "Massoud's final father fought.", Suspicion(Span(10, 15), 0.9)
    (proposal,) = proposals(sentence, suspicion, [Answer(suspicion.span, [Candidate("late", 0.4)])])
    dense = {**SETTINGS, "dense": {"density": -1.0, "slope": 2.0}}
    assert needed(replace(proposal, density=-1.0), dense, "balanced") == pytest.approx(0.5)
    assert needed(replace(proposal, density=-2.0), dense, "balanced") == pytest.approx(1 / (1 + math.exp(-2)))
    assert needed(replace(proposal, density=-0.5), dense, "balanced") == pytest.approx(1 / (1 + math.exp(1)))
    assert needed(replace(proposal, density=-1.0, replacement=" "), dense, "balanced") == pytest.approx(0.9)
    surer = {**dense, "least": {"balanced": 0.4}}  # nowhere less than that
    assert needed(replace(proposal, density=-0.5), surer, "balanced") == 0.4
    assert needed(replace(proposal, density=-1.0), surer, "balanced") == pytest.approx(0.5)
    assert needed(replace(proposal, density=9.0), SETTINGS, "balanced") == 0.5


@pytest.mark.parametrize(
    ("sentence", "old", "new", "free"),
    [
        ("They reached the Trauma Hospital there.", "Trauma", "trauma", False),
        ("They reached the Trauma Hospital there.", "Hospital", "hospital", False),
        ("They reached the Trauma Hospital there.", "Trauma Hospital", "trauma hospital", True),
        ("They reached the Hospital there.", "Hospital", "hospital", True),
        # a capital that the beginning of a sentence gives, and one that is put in
        ("The Hospital was there.", "Hospital", "hospital", True),
        ("They reached the trauma Hospital there.", "trauma", "Trauma", True),
    ],
)
def test_a_part_of_a_name_does_not_lose_its_capital_silently(sentence: str, old: str, new: str, free: bool) -> None:
    start = sentence.index(old)
    assert guarded(sentence, Span(start, start + len(old)), new, "casing", ()) is not free


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        # names, wherever they stand and however they are written
        ("Germany won the match.", "Germany", "France"),
        ("Massoud was killed.", "Massoud", "The commander"),
        ("Zelenska said no.", "Zelenska", "She"),
        ("He joined al-Shabaab there.", "al-Shabaab", "al-Nusra"),
        # the same facts in another order
        ("Then Iran attacked Iraq.", "Iran attacked Iraq", "Iraq attacked Iran"),
        ("It had three cars and five boats.", "three cars and five", "five cars and three"),
        ("Not all of the men were there.", "Not all of the men were", "All of the men were not"),
        # numbers and their units
        ("It is 5 kilometers away.", "kilometers", "miles"),
        ("It rose five percent.", "percent", "points"),
        ("It cost a million dollars.", "a million", "millions of"),
        # opposites
        ("He was unable to speak.", "unable", "able"),
        ("It was possible then.", "possible", "impossible"),
        # the marks of a quotation
        ("He said “the men fled” there.", "said “", "said "),
        ('He said "the men fled" there.', 'fled"', "fled"),
        ("China denied it.", "China", "Japan"),
        ("He ran for thirty seconds.", "seconds", "moments"),
        ("They make 40 megawatts.", "megawatts", "horses"),
        ("He was the first man there.", "first", "last"),
    ],
)
def test_facts_are_not_changed_silently(sentence: str, old: str, new: str) -> None:
    start = sentence.index(old)
    assert guarded(sentence, Span(start, start + len(old)), new, "wrong-sense", ())


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        ("Soldiers were killed.", "Soldiers", "Troops"),
        ("The Iraq war began.", "began", "started"),
        ("They ran 5 kilometer there.", "kilometer", "kilometers"),
        ("It cost two millions dollars.", "millions", "million"),
        ("He dont know.", "dont", "don't"),
        ("He had not knew it.", "knew", "known"),
        ("The men’s house burned.", "men’s", "mens’"),
        ("Losses fell to four.", "Losses", "Casualties"),
        ("He paused a second.", "paused", "waited"),
    ],
)
def test_what_keeps_the_facts_is_free(sentence: str, old: str, new: str) -> None:
    start = sentence.index(old)
    assert not guarded(sentence, Span(start, start + len(old)), new, "wrong-sense", ())


@pytest.mark.parametrize("place", [10, 22])
def test_nothing_is_put_into_a_quotation_silently(place: int) -> None:
    sentence = "He said: “all the men”, and left."
    quoted = quotations(sentence)
    assert guarded(sentence, Span(place, place), "badly ", "omission", quoted) == (10 <= place <= 21)


def test_to_take_a_word_away_is_that_too_if_its_article_changes() -> None:
    sentence, suspicion = "He bought an old house.", Suspicion(Span(13, 16), 0.3)
    (found,) = proposals(sentence, suspicion, [Answer(suspicion.span, [Candidate("", 0.9)])])
    assert (found.original, found.replacement) == ("an old", "a")
    assert deletes(found)


def test_an_edit_that_makes_its_sentence_less_likely_is_only_suggested() -> None:
    sentence, suspicion = "Massoud's final father fought.", Suspicion(Span(10, 15), 0.9)
    found = proposals(sentence, suspicion, [Answer(suspicion.span, [Candidate("late", 0.9)])])
    for likelihood, applied in ((-0.1, False), (0.1, True)):
        case = Case(suspicion, (), tuple(replace(p, likelihood=likelihood) for p in found))
        edit = judge(sentence, case, SETTINGS, "balanced").edit
        assert edit is not None
        assert edit.applied is applied


def deletion(sentence: str, span: Span, score: float) -> bool:
    suspicion = Suspicion(span, score)
    proposed = proposals(sentence, suspicion, [Answer(span, [Candidate("", 0.99)])])
    edit = judge(sentence, Case(suspicion, (), tuple(proposed)), SETTINGS, "balanced").edit
    assert edit is not None
    return edit.applied


def test_a_word_goes_silently_only_where_the_detector_holds_it_for_wrong() -> None:
    assert not deletion("The man has also known.", Span(12, 16), 0.49)
    assert deletion("The man has also known.", Span(12, 16), 0.51)


def test_a_that_which_english_may_have_or_not_stays() -> None:
    assert not deletion("The man said that he knew.", Span(13, 17), 0.99)
