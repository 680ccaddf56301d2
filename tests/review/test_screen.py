"""The screen, driven by keys and clicks as by a hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from making import TEXT, Memory, session
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from mtfix.errors import InputError, ModelError
from mtfix.review.points import Point
from mtfix.review.screen import Help, ReviewApp
from mtfix.review.session import Session, begin
from mtfix.review.view import View
from mtfix.types import Alternative, Span

HOSTILE = "[red]The [@click=app.quit]final[/] word[/red] \x1b[31mof\x07 {x} \\[b] the final $error talks.\n"
Do = Callable[[Pilot[Any], ReviewApp], Awaitable[None]]


def drive(
    do: Do, text: str = TEXT, size: tuple[int, int] = (80, 24), now: Session | None = None, **more: Any
) -> ReviewApp:
    """Run the app on the findings of a text, do something, and give it back."""
    given = {"write": lambda: "written: a.reviewed.txt", **more}
    app = ReviewApp(View(now or session(text)), text, "a.txt", **given)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await do(pilot, app)

    asyncio.run(run())
    return app


def keys(*names: str, **more: Any) -> ReviewApp:
    async def press(pilot: Pilot[Any], app: ReviewApp) -> None:
        del app
        await pilot.press(*names)
        await pilot.pause()

    return drive(press, **more)


def kinds(app: ReviewApp) -> list[str | None]:
    decisions = app.view.session.decisions
    return [f"{d.kind} {d.replacement or ''}".strip() if (d := decisions.get(n)) else None for n in range(6)]


def shown(app: ReviewApp, name: str) -> str:
    return str(app.query_one(name, Static).visual)


def test_each_key_does_what_it_says() -> None:
    app = keys("a", "2", "r", "s", "i", "down", "enter")
    assert kinds(app) == ["accept late", "accept losses", "reject", "skip", "ignore", "accept losses"]


def test_words_of_ones_own() -> None:
    app = keys("e", *["backspace"] * 4, "q", "u", "i", "t", "enter", "e", "escape", "r")
    assert kinds(app)[:3] == ["edit quit", "reject", None]
    assert app.view.present == 2


def test_undo_takes_back_and_shows_it() -> None:
    app = keys("a", "r", "u", "u", "u")
    assert (kinds(app), app.view.present) == ([None] * 6, 0)
    assert app.remark == "There is nothing to take back."


@pytest.mark.parametrize("redo", ["U", "ctrl+y"])
def test_redo_takes_it_again(redo: str) -> None:
    app = keys("a", "r", "u", "u", redo, redo)
    assert (kinds(app)[:3], app.view.present) == (["accept late", "reject", None], 1)
    assert keys("a", redo).remark == "There is nothing to do again."


def test_something_else_in_the_sentence_can_be_mended() -> None:
    app = keys("m", "home", "delete", "o", "enter", "m", "escape", "a", size=(120, 30))
    assert kinds(app)[:3] == ["edit onder", "accept late", None]
    assert (app.remark, app.view.present) == ("", 2)
    assert str(app._row(0)).startswith("✎ Under → onder")
    app = keys("m", "home", "delete", "o", "enter", "u")
    assert (kinds(app), app.view.present, len(app.view.session.points)) == ([None] * 6, 0, 6)
    app = keys("m", *["backspace"] * 10, "enter")
    assert (kinds(app)[0], app.remark[:23]) == (None, "“victims” is a finding ")


def test_more_repairs_are_looked_for_while_the_screen_goes_on() -> None:
    asked: list[Span] = []
    released = threading.Event()

    def suggest(place: Span) -> list[Alternative]:
        asked.append(place)
        assert released.wait(10)
        return [Alternative(words, 0.3) for words in ("late", "previous", "refused", "declined")]

    async def do(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("f")
        assert "Looking for more repairs" in shown(app, "#remark")
        await pilot.press("a")  # nobody has to wait for it
        released.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "3 more to choose from" in shown(app, "#remark")
        await pilot.press("u", "4")  # behind the three that there were: without the first, which was one of them
        await pilot.press("r", "f")
        await app.workers.wait_for_complete()
        await pilot.press("4")  # on "refused", which has none but these; its own word is none

    app = drive(do, suggest=suggest)
    assert [place.of(TEXT) for place in asked] == ["final", "refused"]
    assert kinds(app)[:3] == ["accept previous", "reject", None]
    assert [c.replacement for c in app.view.session.points[2].choices] == ["late", "previous", "declined"]
    assert "There is no repair number 4 here" in app.remark


def test_a_search_that_ends_while_one_types_leaves_the_keys_to_the_words() -> None:
    released = threading.Event()

    def suggest(place: Span) -> list[Alternative]:
        del place
        assert released.wait(10)
        return [Alternative("previous", 0.3)]

    async def do(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("f", "e", "q")
        released.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("u", "a", "r", "enter")

    assert kinds(drive(do, suggest=suggest)) == ["edit quar", None, None, None, None, None]


@pytest.mark.parametrize("place", ["#list", "#choices"])
def test_a_click_that_leads_elsewhere_drops_the_words_for_the_place_before(place: str) -> None:
    async def do(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("e", *"soldier")
        await pilot.click(place, offset=(5, 1))
        await pilot.pause()
        assert not app.query_one("#own").display
        await pilot.click("#own")
        await pilot.press("r")
        await pilot.pause()

    app = drive(do, size=(120, 40))
    assert kinds(app)[:2] == {"#list": [None, "reject"], "#choices": ["accept dead", "reject"]}[place]


def test_own_words_keep_the_line_ends_and_marks_between_them() -> None:
    text = "> The war was lost. The final\n> father died.\n"
    span = Span(text.index("final"), text.index(" died"))
    point = Point(span, span.of(text), "other", "", None, (Alternative("late\n> father", 0.5),))
    one = begin(text, [point], {}, Memory())
    assert kinds(keys("e", "home", *["delete"] * 4, *"dead", "enter", text=text, now=one))[0] == "edit dead\n> father"


def test_a_remark_cannot_speak_to_the_terminal() -> None:
    text = "His vict\x1b[2Jims refused.\n"
    point = Point(Span(4, 15), text[4:15], "other", "", None, ())

    async def look(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("i")
        await pilot.pause()
        assert "“vict␛[2Jims” is ignored" in shown(app, "#remark")

    drive(look, text=text, now=begin(text, [point], {}, Memory()))


def test_what_cannot_be_looked_for_is_said() -> None:
    def suggest(place: Span) -> list[Alternative]:
        raise ModelError(f"no model for {place.of(TEXT)}.")

    async def do(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("f")
        await app.workers.wait_for_complete()
        await pilot.pause()

    app = drive(do, suggest=suggest)
    assert app.remark == "no model for final."
    assert app.return_code in (0, None)


def test_moving_decides_nothing() -> None:
    app = keys("n", "right", "p", "left", "left", "j", "k", "k")
    assert (kinds(app), app.view.present) == ([None] * 6, 0)


def test_filters() -> None:
    app = keys("c", "+", "+", "+")
    assert (app.view.filter.category, app.view.filter.least, app.view.present) == ("agreement-tense", 30, None)
    assert keys("+", "+", "+", "+", "+", "n", "n").view.present == 4
    assert keys("a", "o", "p").view.present == 1


def test_what_is_shown_of_a_point() -> None:
    async def look(pilot: Pilot[Any], app: ReviewApp) -> None:
        assert "Under his final late father" in shown(app, "#sentence")
        assert "83% sure of the repair, 91% sure that it is wrong" in shown(app, "#why")
        assert "“final” looks wrong here" in shown(app, "#why")
        choices = app.query_one("#choices", OptionList)
        assert [str(option.prompt).split() for option in choices.options] == [
            ["1", "late", "83%"], ["2", "dead", "12%"], ["3", "last", "3%"],
        ]  # fmt: skip
        await pilot.press("down")
        await pilot.pause()
        assert "final dead father" in shown(app, "#sentence")
        await pilot.press("a", "n")
        await pilot.pause()
        assert "1 of 6 decided" in shown(app, "#top")
        assert "No repair was found" in shown(app, "#why")

    drive(look)


def test_the_list_stands_beside_when_there_is_room_and_can_be_clicked() -> None:
    async def look(pilot: Pilot[Any], app: ReviewApp) -> None:
        listed = app.query_one("#list", OptionList)
        assert listed.display
        assert str(listed.get_option_at_index(0).prompt) == "· final → late"
        await pilot.press("a")
        await pilot.pause()
        assert str(listed.get_option_at_index(0).prompt) == "✓ final → late"
        await pilot.click("#list", offset=(4, 3))
        await pilot.pause()
        assert app.view.present == 3
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not listed.display

    drive(look, size=(120, 40))


def test_a_click_on_a_repair_accepts_it() -> None:
    async def click(pilot: Pilot[Any], app: ReviewApp) -> None:
        del app
        await pilot.click("#choices", offset=(5, 1))
        await pilot.pause()

    assert kinds(drive(click))[0] == "accept dead"


def test_help_and_back() -> None:
    async def look(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("?")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        await pilot.press("escape", "a")
        await pilot.pause()

    assert kinds(drive(look))[0] == "accept late"


def test_leaving_writes_and_stopping_does_not() -> None:
    written: list[str] = []

    def write() -> str:
        written.append("all")
        return "written"

    assert keys("a", "q", write=write).return_code == 0
    assert written == ["all"]
    assert keys("a", "ctrl+c", write=write).return_code == 130
    assert written == ["all"]


def test_what_cannot_be_written_is_said_and_the_review_stays_open() -> None:
    def write() -> str:
        raise InputError("a.txt has changed.")

    app = keys("q", "a", write=write)
    assert kinds(app)[0] == "accept late"
    assert keys("w", write=write).remark == "a.txt has changed."


def test_what_cannot_be_saved_is_said_and_not_taken() -> None:
    class Full(Memory):
        def append(self, row: dict[str, Any]) -> None:
            if self.rows:
                raise InputError("No space left on device")
            super().append(row)

    app = keys("a", now=session(record=Full()))
    assert (kinds(app)[0], app.remark) == (None, "No space left on device")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 10)])
def test_a_document_cannot_speak_to_the_terminal(size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[Any], app: ReviewApp) -> None:
        text = shown(app, "#sentence")
        assert "[red]The [@click=app.quit]final late[/] word[/red] ␛[31mof␇ {x}" in text
        await pilot.click("#sentence", offset=(24, 0))
        await pilot.press("e")
        await pilot.press(*"[b]x[/b]", "enter")
        await pilot.pause()
        assert app.is_running
        await pilot.press("p", "m")
        await pilot.pause()
        assert "␛[31mof␇ {x} \\[b] the" in app.query_one("#own", Input).value
        await pilot.press("home", "x", "enter")
        await pilot.pause()

    app = drive(look, text=HOSTILE, size=size)
    assert kinds(app)[0] == "edit x[red]The"
    assert kinds(app)[1] in ("edit late[b]x[/b]", "edit [b]x[/b]")


def test_a_document_without_findings_and_one_of_a_thousand() -> None:
    assert kinds(keys("a", "r", "e", "i", "u", "c", "n", text="Fine.\n")) == [None] * 6
    app = keys("a", "r", text="A final day came and went.\n" * 1000, size=(120, 40))
    assert kinds(app)[:3] == ["accept late", "reject", None]


def test_typing_is_not_taken_for_keys() -> None:
    async def type_(pilot: Pilot[Any], app: ReviewApp) -> None:
        await pilot.press("e", *"qwru?+1")
        await pilot.pause()
        assert app.query_one("#own", Input).value.endswith("qwru?+1")
        await pilot.press("escape")
        await pilot.pause()
        assert not app.query_one("#own").display

    assert kinds(drive(type_)) == [None] * 6


def test_a_long_sentence_leaves_room_for_the_repairs() -> None:
    text = f"{'unremarkable ' * 39}final {'unremarkable ' * 39}end.\n"

    async def look(pilot: Pilot[Any], app: ReviewApp) -> None:
        del pilot
        assert shown(app, "#sentence").startswith("… unremarkable")
        assert shown(app, "#sentence").endswith("unremarkable …")
        assert app.query_one("#choices").region.bottom <= app.query_one("#foot").region.y

    drive(look, text=text)
