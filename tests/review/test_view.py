"""What of a review is shown: the point one is at, and the filters."""

from __future__ import annotations

from making import session, typed

from mtfix.review.view import Filter, View


def test_the_view_goes_from_open_point_to_open_point_and_round_again() -> None:
    view = View(session())
    view.move(3)
    view.accept()
    assert view.present == 4
    view.skip()
    view.reject()
    assert view.present == 0
    for _ in range(2):
        view.accept()
    assert "skipped" in view.edit("declined")
    assert view.present == 2


def test_a_new_view_begins_at_the_first_open_point() -> None:
    now = session()
    now.accept(0)
    assert View(now).present == 1


def test_filters_by_category_confidence_and_openness() -> None:
    view = View(session())
    view.next_category()
    assert view.filter.category == "agreement-tense"
    assert [view.session.points[n].original for n in view.numbers()] == ["talks"]
    for _ in range(3):
        view.next_category()
    assert view.filter.category is None
    view.change_least(5)
    assert [view.session.points[n].original for n in view.numbers()] == ["final", "refused", "final"]
    view.change_least(-9)
    view.accept()
    view.toggle_undecided()
    assert 0 not in view.numbers()
    assert View(view.session, Filter("name")).present is None


def test_a_filter_that_shows_nothing_makes_every_key_harmless() -> None:
    view = View(session(), Filter("name"))
    for key in (view.accept, view.reject, view.skip, view.ignore, lambda: view.edit("x")):
        assert key() == ""
    view.move(1)
    assert view.session.decisions == {}
    assert "nothing" in view.undo()


def test_there_is_nothing_to_accept_where_no_repair_was_found() -> None:
    view = View(session())
    view.move(2)
    assert "no repair" in view.accept()
    assert "no repair number 4" in View(view.session).accept(3)
    assert view.session.decisions == {}


def test_a_correction_of_ones_own_leaves_the_view_where_it_is() -> None:
    view = View(session())
    view.move(1)
    view.mend(typed("army", "force"))
    assert (view.present, view.point and view.point.original) == (2, "victims")
    assert view.mend([]) == ""
    view.undo()
    assert view.point in session().points
    view.redo()
    assert (view.present, view.point and view.point.original) == (1, "army")


def test_undo_shows_what_it_took_back_whatever_the_filter() -> None:
    view = View(session())
    view.accept()
    view.filter = Filter("agreement-tense")
    view.move(1)
    view.undo()
    assert (view.present, view.filter) == (0, Filter())
