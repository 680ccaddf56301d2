"""Decisions, undo and filters, and what becomes of them when the text or the findings change."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import TEXT, Memory, correction, session, typed

from mtfix.documents.edits import Part, apply_edits
from mtfix.errors import InputError
from mtfix.review.mending import corrections, on_one_line
from mtfix.review.points import Decision, Point, points
from mtfix.review.session import begin, go_on
from mtfix.review.view import View
from mtfix.types import Alternative, Correction, Span


def result(text: str, now) -> str:
    return apply_edits(text, now.edits())


def test_points_are_the_findings_with_their_repairs_best_first() -> None:
    found = session().points
    assert [p.original for p in found] == ["final", "victims", "refused", "talks", "final", "victims"]
    assert all(p.span.of(TEXT) == p.original for p in found)
    assert [c.replacement for c in found[0].choices] == ["late", "dead", "last"]
    assert (found[2].choices, found[2].confidence) == ((), 0.91)


def test_what_is_decided_is_what_is_written_and_nothing_else() -> None:
    now = session()
    now.accept(0)
    now.accept(1, 1)
    now.reject(2)
    now.edit(3, "speaks")
    now.skip(4)
    assert result(TEXT, now) == TEXT.replace("final", "late", 1).replace("victims", "losses", 1).replace(
        "talks", "speaks"
    )
    assert (now.progress().decided, now.progress().skipped, now.progress().open) == (4, 1, 1)


def test_own_words_that_are_a_choice_or_the_original_are_told_as_such() -> None:
    now = session()
    now.edit(0, "dead")
    now.edit(1, " victims ")
    now.edit(4, "final and last")
    assert [now.decisions[n].kind for n in (0, 1, 4)] == ["accept", "reject", "edit"]


def test_a_word_taken_out_leaves_one_blank_and_one_put_in_does_not_stick() -> None:
    now = session("A final day.")
    now.edit(0, "")
    assert result("A final day.", now) == "A day."
    text = "He went home."
    [flag] = correction("final").flags
    gap = Correction(text, text, (replace(flag, span=Span(8, 8)),), ())
    other = begin(text, points(gap), {}, Memory())
    other.edit(0, "straight")
    assert result(text, other) == "He went straight home."


def test_ignoring_a_place_where_a_word_is_missing_ignores_no_other_one() -> None:
    text = "He ate of bread and spoke to king."
    gaps = [Point(Span(at, at), "", "omission", "", None, ()) for at in (text.index("bread"), text.index("king"))]
    view = View(begin(text, gaps, {}, Memory()))
    assert view.ignore() == "The missing word is ignored, here and from now on."
    assert list(view.session.decisions) == [0]


def test_ignoring_takes_in_the_same_words_that_are_still_open() -> None:
    now = session("A final day. A Final day. The final day.".replace("Final", "final"))
    now.accept(2)
    assert now.ignore(0) == [0, 1]
    assert [now.decisions[n].kind for n in range(3)] == ["ignore", "ignore", "accept"]
    assert now.undo() == [0, 1]
    assert list(now.decisions) == [2]


def test_what_the_file_cannot_take_is_refused_and_a_blank_is_left_where_it_must_stay() -> None:
    now = session("A final day.")
    now.allows = lambda edit: edit.replacement != "late" and edit.original != " final"
    with pytest.raises(InputError, match="over markup"):
        now.accept(0)
    assert now.decisions == {}
    now.edit(0, "")
    assert result("A final day.", now) == "A  day."


class Store:
    """Dismissals in memory; `full` says that no more can be kept."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.full = False

    def add(self, span: Span) -> bool:
        if self.full:
            raise InputError("the dismissals cannot be kept")
        new = span.of(TEXT) not in self.words
        self.words.add(span.of(TEXT))
        return new

    def remove(self, span: Span) -> None:
        self.words.discard(span.of(TEXT))


def test_what_is_ignored_is_remembered_for_other_texts_until_it_is_undone() -> None:
    record, store = Memory(), Store()
    now = session(record=record)
    now.dismissals = store
    now.ignore(0)
    assert store.words == {"final"}
    again = go_on(record.rows, record, "")
    again.dismissals = store
    again.undo()
    assert (store.words, again.decisions) == (set(), {})


def test_what_others_have_dismissed_before_stays_dismissed() -> None:
    now = session()
    now.dismissals = store = Store()
    store.words.add("final")
    now.ignore(0)
    now.undo()
    assert store.words == {"final"}


def test_ignoring_is_done_in_both_places_or_in_none() -> None:
    now = session()
    now.dismissals = store = Store()
    store.full = True
    with pytest.raises(InputError, match="dismissals"):
        now.ignore(0)
    assert now.decisions == {}

    class Full(Memory):
        def append(self, row) -> None:
            if self.rows:
                raise InputError("disk full")
            super().append(row)

    now = session(record=Full())
    now.dismissals = store = Store()
    with pytest.raises(InputError, match="disk full"):
        now.ignore(0)
    assert (now.decisions, store.words) == ({}, set())


def test_undo_goes_back_step_by_step_to_the_start_and_no_further() -> None:
    now = session()
    now.accept(0)
    now.reject(0)
    now.undo()
    assert now.decisions == {0: Decision("accept", "late")}
    now.undo()
    assert (now.decisions, now.undo()) == ({}, [])


def test_redo_takes_again_what_was_undone_until_something_else_is_decided() -> None:
    now = session()
    now.accept(0)
    now.edit(1, "dead")
    now.undo()
    now.undo()
    assert (now.redo(), now.decisions) == ([0], {0: Decision("accept", "late")})
    assert (now.redo(), now.redo()) == ([1], [])
    now.undo()
    now.reject(4)
    assert now.redo() == []
    assert list(now.decisions) == [0, 4]


def test_what_is_ignored_again_by_redo_is_remembered_again() -> None:
    record, store = Memory(), Store()
    now = session(record=record)
    now.dismissals = store
    now.ignore(0)
    now.undo()
    again = go_on(record.rows, record, "")
    again.dismissals = store
    assert (again.redo(), store.words) == ([0, 4], {"final"})
    again.undo()
    assert (again.decisions, store.words) == ({}, set())
    store.full = True
    with pytest.raises(InputError, match="dismissals"):
        again.redo()
    assert again.decisions == {}


def test_what_was_not_found_can_be_corrected_and_taken_back() -> None:
    now = session()
    now.accept(4)
    assert now.add(typed("army suffered", "big force suffered")) == [1]
    assert [p.original for p in now.points] == ["final", "army", "victims", "refused", "talks", "final", "victims"]
    wanted = TEXT.replace("army", "big force").replace("the final", "the late")
    assert result(TEXT, now) == wanted
    assert (now.undo(), result(TEXT, now)) == ([1], TEXT.replace("the final", "the late"))
    assert [p.original for p in now.points] == [p.original for p in session().points]
    assert (now.redo(), result(TEXT, now)) == ([1], wanted)


def test_several_corrections_of_a_sentence_are_one_step() -> None:
    now = session()
    old, new = "Under his final father the army", "While his final father, the great army"
    assert now.add(typed(old, new)) == [0, 2, 3]
    assert result(TEXT, now) == TEXT.replace(old, new)
    now.undo()
    assert (now.decisions, result(TEXT, now)) == ({}, TEXT)


def test_findings_are_decided_on_as_such() -> None:
    now = session()
    with pytest.raises(InputError, match="“victims” is a finding"):
        now.add(typed("army suffered many victims", "force suffered many dead"))
    now.allows = lambda edit: edit.replacement != "force"
    with pytest.raises(InputError, match="over markup"):
        now.add(typed("Under his final father the army", "While his final father the force"))
    assert (now.decisions, len(now.points)) == ({}, 6)


LETTERS = st.text("ab \n\x1b\u202e", max_size=12)


@given(LETTERS, LETTERS)
def test_any_sentence_can_be_typed_anew(old: str, new: str) -> None:
    found = corrections(old, Span(0, len(old)), new)
    edits = [Part(own.point.span, own.point.original, own.words) for own in found]
    assert on_one_line(apply_edits(old, edits)) == on_one_line(new)
    assert corrections(old, Span(0, len(old)), on_one_line(old)) == []


KINDS = ["accept", "reject", "skip", "ignore", "edit", "undo", "redo", "add", "offer"]
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5)))
OTHERS = ["Under", "father", "many", "suffered", "the", "army"]


def walk(now, steps) -> None:
    for kind, number in steps:
        if kind == "undo":
            now.undo()
        elif kind == "redo":
            now.redo()
        elif kind == "add":
            with suppress(InputError):  # the place is taken
                now.add(typed(OTHERS[number], "so so"))
        elif kind == "edit":
            now.edit(number, "so")
        elif kind == "offer":
            now.offer(number, [Alternative("so", 0.2), Alternative(OTHERS[number], 0.1)])
        elif kind != "accept" or now.points[number].choices:
            getattr(now, kind)(number)


@given(STEPS, STEPS)
def test_the_log_tells_the_whole_state_undo_included(steps, more) -> None:
    record = Memory()
    now = session(record=record)
    walk(now, steps)
    again = go_on(record.rows, Memory(), "a.review")
    assert (again.decisions, again.points) == (now.decisions, now.points)
    walk(now, more)
    walk(again, more)
    assert (again.decisions, again.points, again.anchors) == (now.decisions, now.points, now.anchors)


@given(STEPS)
def test_whatever_is_decided_the_edits_fit_the_text(steps) -> None:
    now = session()
    walk(now, steps)
    changed = result(TEXT, now)
    if not any(d.replacement is not None for d in now.decisions.values()):
        assert changed == TEXT


def test_a_step_that_cannot_be_recorded_is_not_taken() -> None:
    class Full(Memory):
        def append(self, row) -> None:
            if self.rows:
                raise InputError("disk full")
            super().append(row)

    now = session(record=Full())
    with pytest.raises(InputError):
        now.accept(0)
    assert now.decisions == {}


@pytest.mark.parametrize("change", [{"point": 99}, {"decision": "perhaps"}, {"decision": None}])
def test_rows_that_do_not_fit_are_refused(change) -> None:
    record = Memory()
    session(record=record).accept(0)
    record.rows[-1]["changes"][0].update(change)
    with pytest.raises(InputError, match=r"a\.review: .* do not fit together"):
        go_on(record.rows, Memory(), "a.review")


def test_further_repairs_stand_behind_the_others_and_are_kept() -> None:
    record = Memory()
    now = session(record=record)
    found = [Alternative(words, 0.4) for words in ("dead", "final", "previous")]
    assert (now.offer(0, found), now.offer(0, found)) == (1, 0)
    now.accept(0, 3)
    assert now.decisions[0] == Decision("accept", "previous")
    again = go_on(record.rows, Memory(), "a.review")
    assert (again.points, again.decisions) == (now.points, now.decisions)
    now.undo()
    assert [choice.replacement for choice in now.points[0].choices] == ["late", "dead", "last", "previous"]
    record.rows[1]["point"] = 99
    with pytest.raises(InputError, match="do not fit together"):
        go_on(record.rows, Memory(), "a.review")


def decided(text: str = TEXT):
    now = session(text)
    now.accept(0)
    now.reject(2)
    now.edit(4, "very last")
    return now


def test_decisions_move_with_the_words_around_them() -> None:
    longer = "A new first sentence, longer than before. " + TEXT.replace("A second", "Here, a second")
    now = session(longer, earlier=decided())
    told = {now.points[n].span.start: d for n, d in now.decisions.items()}
    assert told == {
        longer.index("final"): Decision("accept", "late"),
        longer.index("refused"): Decision("reject"),
        longer.rindex("final"): Decision("edit", "very last"),
    }
    assert now.lost == []


def test_a_decision_whose_place_is_gone_waits_for_it() -> None:
    shorter = TEXT.split("\n\n")[1]
    now = session(shorter, earlier=decided())
    assert sorted(row["original"] for row in now.lost) == ["final", "refused"]
    assert [d.replacement for d in now.decisions.values()] == ["very last"]
    back = session(earlier=now)
    assert back.lost == []
    assert back.decisions == decided().decisions


def test_a_decision_outlives_its_finding() -> None:
    """Other settings find less; what was decided by hand stays, and what lies over it goes."""
    now = begin(TEXT, [], {}, Memory(), decided())
    assert [p.original for p in now.points] == ["final", "refused", "final"]
    assert result(TEXT, now) == result(TEXT, decided())


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_carried_over_from_any_text_the_points_stay_apart(seed, cuts) -> None:
    rng = random.Random(seed)
    words = TEXT.split(" ")
    for _ in range(cuts):
        place = rng.randrange(len(words))
        words[place : place + rng.randrange(3)] = rng.choice([[], ["final"], ["a", "new", "word"], ["victims"]])
    text = " ".join(words)
    record = Memory()
    now = session(text, record, earlier=decided())
    spans = [p.span for p in now.points]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(p.span.of(text) == p.original for p in now.points)
    apply_edits(text, now.edits())
    assert len(now.decisions) + len(now.lost) == 3
    assert go_on(record.rows, Memory(), "x").decisions == now.decisions


# the view -------------------------------------------------------------------------------------------
