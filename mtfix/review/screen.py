"""The review in a terminal: it shows the view and hands keys and clicks on to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from mtfix.errors import MtfixError
from mtfix.render.diff import visible
from mtfix.review import mending, paint
from mtfix.review.points import Decision, Point
from mtfix.review.view import View
from mtfix.types import Alternative, Span

_KEYS = [
    ("Deciding", [
        ("a, Enter", "accept the repair that is marked"), ("1 … 9", "accept that repair"), ("e", "type your own words"),
        ("r", "reject: the words stay as they are"), ("s", "skip: decide later"),
        ("i", "ignore these words, everywhere and from now on"),
        ("f", "find more repairs"), ("m", "mend something else in the sentence"),
        ("u U", "undo the last step; redo it"),
    ]),
    ("Moving", [
        ("n, →", "next"), ("p, ←", "previous"), ("↑ ↓", "mark another repair"),
    ]),
    ("Showing", [
        ("c", "one category, then the next, then all"), ("+ -", "only what is surer, or less sure"),
        ("o", "only what is not decided yet"),
    ]),
    ("Leaving", [
        ("w", "write the results and stay"), ("q", "write the results and leave"),
        ("Ctrl+C", "leave without writing; decisions are kept"),
    ]),
]  # fmt: skip

_HINTS = (
    "[@click=app.accept][b]a[/b] accept[/]  [b]1-9[/b] pick  [@click=app.own][b]e[/b] own words[/]  "
    "[@click=app.reject][b]r[/b] reject[/]  [@click=app.skip][b]s[/b] skip[/]  "
    "[@click=app.ignore][b]i[/b] ignore[/]  [@click=app.undo][b]u[/b] undo[/]  "
    "[@click=app.mend][b]m[/b] mend[/]\n"
    "[@click=app.previous][b]←[/b][/][@click=app.following][b]→[/b] move[/]  "
    "[@click=app.category][b]c[/b] category[/]  [b]+ -[/b] confidence  [@click=app.find][b]f[/b] find more[/]  "
    "[@click=app.undecided][b]o[/b] open only[/]  [@click=app.write][b]w[/b] write[/]  "
    "[@click=app.leave][b]q[/b] quit[/]  [@click=app.help][b]?[/b] help[/]"
)
_LIST = 34  # columns
_WIDE = 100  # columns from which the list is shown


class Help(ModalScreen[None]):
    """All keys; any of them closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,space", "dismiss")]
    CSS = "Help { align: center middle; } Help > VerticalScroll { width: 64; height: auto; max-height: 100%; "
    CSS += "border: round $primary; padding: 0 2; background: $surface; }"

    def compose(self) -> ComposeResult:
        lines: list[Content | str] = []
        for heading, keys in _KEYS:
            lines += [Content.styled(f"{heading}\n", "bold $text-accent")]
            lines += [f"  {key:<9} {meaning}\n" for key, meaning in keys]
        with VerticalScroll():
            yield Static(paint.joined(lines))


class ReviewApp(App[None]):
    """A review of `text`, the document called `name`.

    write: writes all results and gives a remark. message: is shown first. where: names a place of the document.
    suggest: finds repairs for a place, which may take its time.
    The return code is 130 when it was left without writing.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "mtfix review"
    CSS = """
    Screen { layers: base; }
    #top { height: 2; padding: 0 1; background: $panel; }
    #list { width: 34; height: 1fr; border: none; border-right: solid $panel; padding: 0; background: $background; }
    #main { padding: 1 2 0 2; height: 1fr; }
    #where { color: $text-muted; } #sentence { margin: 1 0; } #why { margin-bottom: 1; }
    #choices { height: auto; max-height: 12; border: none; padding: 0; background: $background; }
    #own { dock: bottom; margin-bottom: 3; display: none; }
    #foot { dock: bottom; height: 3; padding: 0 1; background: $panel; }
    #remark { height: 1; color: $text-warning; } #hints { height: 2; link-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept"), Binding("e", "own"), Binding("r", "reject"), Binding("s,space", "skip"),
        Binding("i", "ignore"), Binding("u", "undo"), Binding("U,ctrl+y", "redo"),
        Binding("m", "mend"), Binding("f", "find"), Binding("n,right,j", "following"),
        Binding("p,left,k", "previous"), Binding("c", "category"), Binding("plus,equals_sign", "least(1)"),
        Binding("minus", "least(-1)"), Binding("o", "undecided"), Binding("w", "write"), Binding("q", "leave"),
        Binding("question_mark", "help"), Binding("ctrl+c", "stop", priority=True),
        Binding("ctrl+q", "leave", priority=True), Binding("escape", "cancel"),
        *(Binding(str(number), f"pick({number})") for number in range(1, 10)),
    ]  # fmt: skip

    def __init__(
        self, view: View, text: str, name: str, write: Callable[[], str], message: str = "",
        where: Callable[[Span], str] | None = None, suggest: Callable[[Span], list[Alternative]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._where, self._suggest = where, suggest
        self.view, self.remark = view, message
        self._text, self._document, self._write = text, name, write
        self._around = paint.Context(text)
        self._listed: list[int] = []
        self._rows: dict[int, tuple[Point, Decision | None, Content]] = {}
        self._mends: Span | None = None  # the sentence that is being typed anew
        self._draft = ""  # the words that are changed by typing
        self._typed_at: tuple[Span, Decision | None] | None = None  # where, and how it was decided then

    def compose(self) -> ComposeResult:
        yield Static(id="top")
        with Horizontal():
            yield OptionList(id="list")
            with VerticalScroll(id="main", can_focus=False):
                yield Static(id="where")
                yield Static(id="sentence")
                yield Static(id="why")
                yield OptionList(id="choices")
        yield Input(id="own", placeholder="your own words; Enter writes them, Escape goes back")
        with Vertical(id="foot"):
            yield Static(id="remark", markup=False)
            yield Static(_HINTS, id="hints")

    def on_mount(self) -> None:
        self.query_one("#list", OptionList).can_focus = False
        self._refresh_all()

    def on_resize(self, event: Resize) -> None:
        self.query_one("#list").display = event.size.width >= _WIDE

    # what is shown -------------------------------------------------------------------------------

    def _refresh_all(self) -> None:
        self._top()
        self._list()
        self._point()
        self.query_one("#remark", Static).update(visible(self.remark))

    def _top(self) -> None:
        done, chosen = self.view.progress(), self.view.filter
        shown = len(self.view.numbers())
        parts = [f"{done.decided} of {done.total} decided"]
        parts += [f"{done.skipped} skipped"] if done.skipped else []
        filters = [chosen.category or "", f"from {chosen.least}%" if chosen.least else ""]
        filters += ["open only"] if chosen.undecided else []
        told = ", ".join(filter(None, filters))
        parts += [f"shown: {told} ({shown})"] if told else []
        self.query_one("#top", Static).update(
            paint.joined(
                [Content.styled("mtfix review  ", "bold"), Content(visible(self._document)), "\n",
                 paint.bar(done.decided, done.total, 20), "  " + "; ".join(parts)]
            )
        )  # fmt: skip

    def _list(self) -> None:
        widget = self.query_one("#list", OptionList)
        numbers = self.view.numbers()
        rows = [self._row(number) for number in numbers]
        if numbers != self._listed:
            widget.set_options([Option(row, id=str(n)) for n, row in zip(numbers, rows, strict=True)])
            self._listed = numbers
        else:
            for place, row in enumerate(rows):
                if widget.get_option_at_index(place).prompt is not row:
                    widget.replace_option_prompt_at_index(place, row)
        with self.prevent(OptionList.OptionHighlighted):
            widget.highlighted = numbers.index(self.view.present) if self.view.present in numbers else None

    def _row(self, number: int) -> Content:
        """The point's line in the list, drawn anew when its decision has changed."""
        point, decision = self.view.session.points[number], self.view.session.decisions.get(number)
        if self._rows.get(number, ())[:2] != (point, decision):
            self._rows[number] = point, decision, paint.row(self.view.session, number, _LIST - 2)
        return self._rows[number][2]

    def _point(self) -> None:
        choices = self.query_one("#choices", OptionList)
        point, number = self.view.point, self.view.present
        with self.prevent(OptionList.OptionHighlighted):
            choices.clear_options()
            if point is not None:
                options = [paint.choice(i, c.replacement, c.confidence) for i, c in enumerate(point.choices, 1)]
                choices.add_options([Option(option) for option in options])
                choices.highlighted = 0 if options else None
        choices.display = bool(point and point.choices)
        own = self.query_one("#own")
        own.display = own.display and self._typed_at == self._place_now()
        # a search may end while somebody types, whose next letters must not become decisions
        self.set_focus(own if own.display else choices if choices.display else None, scroll_visible=False)
        if point is None or number is None:
            empty = "The filter shows nothing: c, - or o." if self.view.session.points else "Nothing is found."
            for name, told in (("#where", ""), ("#sentence", empty), ("#why", "")):
                self.query_one(name, Static).update(Content(told))
            return
        shown = self.view.numbers()
        place = f", {self._where(point.span)}" if self._where else ""
        self.query_one("#where", Static).update(Content(f"{shown.index(number) + 1} of {len(shown)} shown{place}"))
        why = paint.reason(point, self.view.session.decisions.get(number))
        if not point.choices:
            hint = "\nNo repair was found: f looks harder, e types one, r keeps the words."
            why = paint.joined([why, Content.styled(hint, "italic")])
        self.query_one("#why", Static).update(why)
        self._sentence()
        self.query_one("#main").scroll_home(animate=False)

    def _place_now(self) -> tuple[Span, Decision | None] | None:
        point, number = self.view.point, self.view.present
        return None if point is None or number is None else (point.span, self.view.session.decisions.get(number))

    def _sentence(self) -> None:
        point, number = self.view.point, self.view.present
        if point is None or number is None:
            return
        marked = self.query_one("#choices", OptionList).highlighted or 0
        words = point.choices[marked].replacement if marked < len(point.choices) else None
        around = self._around.of(point.span)
        self.query_one("#sentence", Static).update(
            paint.sentence(self._text, around, self.view.session, number, words)
        )

    # keys and clicks -----------------------------------------------------------------------------

    def _do(self, step: Callable[[], str | None]) -> None:
        """Take a step and show what came of it; what cannot be done is said and changes nothing."""
        try:
            self.remark = step() or ""
        except MtfixError as error:
            self.remark = str(error)
            self.bell()
        self._refresh_all()

    def action_accept(self) -> None:
        marked = self.query_one("#choices", OptionList).highlighted
        self._do(lambda: self.view.accept(marked or 0))

    def action_pick(self, number: int) -> None:
        self._do(lambda: self.view.accept(number - 1))

    def action_reject(self) -> None:
        self._do(self.view.reject)

    def action_skip(self) -> None:
        self._do(self.view.skip)

    def action_ignore(self) -> None:
        self._do(self.view.ignore)

    def action_undo(self) -> None:
        self._do(self.view.undo)

    def action_redo(self) -> None:
        self._do(self.view.redo)

    def action_following(self) -> None:
        self._do(lambda: self.view.move(1))

    def action_previous(self) -> None:
        self._do(lambda: self.view.move(-1))

    def action_category(self) -> None:
        self._do(self.view.next_category)

    def action_least(self, steps: int) -> None:
        self._do(lambda: self.view.change_least(steps))

    def action_undecided(self) -> None:
        self._do(self.view.toggle_undecided)

    def action_find(self) -> None:
        point = self.view.point
        if point is not None and self._suggest is not None:
            self._do(lambda: "Looking for more repairs …")
            self._look(point, self._suggest)

    @work(thread=True, exclusive=True)
    def _look(self, point: Point, suggest: Callable[[Span], list[Alternative]]) -> None:
        """In a thread of its own: the models may have to be loaded first."""
        try:
            found = suggest(point.span)
        except MtfixError as error:
            told = str(error)
            self.call_from_thread(self._do, lambda: told)
        else:
            self.call_from_thread(self._do, lambda: self.view.offer(point, found))

    def action_write(self) -> None:
        self._do(self._write)

    def action_own(self) -> None:
        point = self.view.point
        if point is None:
            return
        self._draft = (point.choices[0].replacement if point.choices else point.original).strip()
        self._type(mending.on_one_line(self._draft), None)

    def action_mend(self) -> None:
        if self.view.point is not None:
            sentence = self._around.of(self.view.point.span).inner
            self._type(mending.on_one_line(sentence.of(self._text)), sentence)

    def _type(self, words: str, sentence: Span | None) -> None:
        """Let these words be changed: those for the present point, or those of a sentence."""
        self._mends, self._typed_at = sentence, self._place_now()
        field = self.query_one("#own", Input)
        field.select_on_focus = sentence is None  # the first key would wipe the whole sentence out
        field.value = visible(words)
        field.display = True
        field.focus()

    def action_cancel(self) -> None:
        self.query_one("#own").display = False
        self._point()

    def action_help(self) -> None:
        self.push_screen(Help())

    def action_leave(self) -> None:
        try:
            self.remark = self._write()
        except MtfixError as error:
            self.remark = f"{error} Ctrl+C leaves without writing."
            self.bell()
            self._refresh_all()
        else:
            self.exit()

    def action_stop(self) -> None:
        self.exit(return_code=130)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.input.display = False
        sentence = self._mends
        if sentence is None:
            self._do(lambda: self.view.edit(mending.retyped(self._draft, event.value)))
        else:
            self._do(lambda: self.view.mend(mending.corrections(self._text, sentence, event.value)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_list.id == "choices":
            self._do(lambda: self.view.accept(event.option_index))
        else:
            self._do(lambda: self.view.go_to(self._listed[event.option_index]))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_list.id == "choices":
            self._sentence()
