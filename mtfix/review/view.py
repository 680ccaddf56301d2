"""Where the reader is in a review: the filter, the present point, and what each key does to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtfix.review.mending import Own
from mtfix.review.points import Point
from mtfix.review.session import Progress, Session
from mtfix.types import Alternative

STEP = 10  # per cent


@dataclass(frozen=True, slots=True)
class Filter:
    """What is shown: one category (None: all), from a confidence on (per cent), only what is undecided."""

    category: str | None = None
    least: int = 0
    undecided: bool = False

    def takes(self, point: Point, *, decided: bool) -> bool:
        wanted = self.category in (None, point.category) and 100 * point.confidence >= self.least
        return wanted and not (self.undecided and decided)


class View:
    """`present` is the number of the point that is shown, None when the filter leaves none.

    The methods that decide give a short remark for the reader, or nothing.
    """

    def __init__(self, session: Session, chosen: Filter | None = None) -> None:
        self.session = session
        self.filter = chosen or Filter()
        self.present: int | None = None
        self._show(self._following(-1))

    @property
    def point(self) -> Point | None:
        return None if self.present is None else self.session.points[self.present]

    def numbers(self) -> list[int]:
        """The points that the filter shows; the present one stays although it is decided by now."""
        return [
            number
            for number, point in enumerate(self.session.points)
            if number == self.present or self.filter.takes(point, decided=self.session.is_decided(number))
        ]

    def progress(self) -> Progress:
        return self.session.progress()

    def categories(self) -> list[str]:
        return sorted({point.category for point in self.session.points})

    # deciding ------------------------------------------------------------------------------------

    def accept(self, choice: int = 0) -> str:
        if self.present is None or self.point is None:
            return ""
        if not self.point.choices:
            return "There is no repair to accept: type one with e, or keep the words with r."
        if choice >= len(self.point.choices):
            return f"There is no repair number {choice + 1} here."
        self.session.accept(self.present, choice)
        return self._go_on()

    def edit(self, words: str) -> str:
        if self.present is None:
            return ""
        self.session.edit(self.present, words)
        return self._go_on()

    def offer(self, point: Point, choices: Sequence[Alternative]) -> str:
        """Further repairs for a point, which may have moved among the others since they were looked for."""
        places = [other.span for other in self.session.points]
        if point.span not in places:
            return ""
        found = self.session.offer(places.index(point.span), choices)
        return f"{found} more to choose from." if found else "No other repair was found: e types one."

    def mend(self, places: Sequence[Own]) -> str:
        """Write the editor's own corrections of places that were not found; the present point stays."""
        if self.present is None or not places:
            return ""
        for number in self.session.add(places):
            self.present += number <= self.present
        return "Corrected: u takes it back."

    def reject(self) -> str:
        if self.present is None:
            return ""
        self.session.reject(self.present)
        return self._go_on()

    def skip(self) -> str:
        if self.present is None:
            return ""
        self.session.skip(self.present)
        return self._go_on()

    def ignore(self) -> str:
        if self.present is None or self.point is None:
            return ""
        words = f"“{self.point.original}”" if self.point.original.strip() else "The missing word"
        alike = self.session.ignore(self.present)
        here = "here" if len(alike) == 1 else f"here in {len(alike)} places"
        return f"{words} is ignored, {here} and from now on. {self._go_on()}".strip()

    def undo(self) -> str:
        return self._stepped(self.session.undo(), "Taken back", "There is nothing to take back.")

    def redo(self) -> str:
        return self._stepped(self.session.redo(), "Done again", "There is nothing to do again.")

    def _stepped(self, numbers: list[int], done: str, nothing: str) -> str:
        """Show what a step was about."""
        if not numbers:
            return nothing
        first = min(numbers[0], len(self.session.points) - 1)  # a place of the editor's own may be gone
        if not self.filter.takes(self.session.points[first], decided=self.session.is_decided(first)):
            self.filter = Filter()
        self._show(first)
        return f"{done}." if len(numbers) == 1 else f"{done} in {len(numbers)} places."

    # moving --------------------------------------------------------------------------------------

    def move(self, steps: int) -> None:
        """Go on, or back, among what the filter shows; stops at the ends."""
        shown = self.numbers()
        if self.present is not None and shown:
            place = shown.index(self.present) + steps
            self._show(shown[min(max(place, 0), len(shown) - 1)])

    def go_to(self, number: int) -> None:
        self._show(number)

    # filtering -----------------------------------------------------------------------------------

    def next_category(self) -> None:
        """All categories, then each that occurs, then all again."""
        order = [None, *self.categories()]
        now = self.filter.category
        self._filtered(replace(self.filter, category=order[(order.index(now) + 1) % len(order)]))

    def change_least(self, steps: int) -> None:
        self._filtered(replace(self.filter, least=min(max(self.filter.least + steps * STEP, 0), 100 - STEP)))

    def toggle_undecided(self) -> None:
        self._filtered(replace(self.filter, undecided=not self.filter.undecided))

    def _filtered(self, chosen: Filter) -> None:
        self.filter = chosen
        before, self.present = self.present, None
        shown = self.numbers()
        if before in shown:
            self._show(before)
        else:
            self._show(self._following(-1 if before is None else before - 1))

    def _show(self, number: int | None) -> None:
        self.present = number

    def _go_on(self) -> str:
        """To the next point without any decision, from the top again after the last."""
        assert self.present is not None
        following = self._open_after(self.present)
        if following is None:
            left = self.progress()
            if left.open:
                return "All that is shown is decided; c, + and o show more."
            skipped = f" but {left.skipped} skipped" if left.skipped else ""
            return f"Everything is decided{skipped}: q writes the result and leaves."
        self._show(following)
        return ""

    def _open_after(self, number: int) -> int | None:
        shown = [n for n in self.numbers() if n not in self.session.decisions]
        return next((n for n in shown if n > number), next(iter(shown), None))

    def _following(self, number: int) -> int | None:
        """The next point that is not decided, else the next that is shown, else the first."""
        shown = self.numbers()
        open_one = self._open_after(number)
        return open_one if open_one is not None else next((n for n in shown if n > number), next(iter(shown), None))
