"""The state of a review: points, decisions, undo and redo; every step is recorded before it counts."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Protocol

from mtfix.errors import InputError
from mtfix.review.anchors import Anchor, anchor, anchor_from, find_again
from mtfix.review.mending import Own, own_from, own_row, set_off
from mtfix.review.points import Decision, Point, choices_from, decision_from, point_from, point_row
from mtfix.types import Alternative, Edit, Flag, Span

Row = dict[str, Any]


class Record(Protocol):
    def append(self, row: Row) -> None:
        """Keep the row. Raises InputError when it cannot be kept; the step is then not taken."""


class Dismissals(Protocol):
    """What is never to be flagged again, in this text and in others."""

    def add(self, span: Span) -> bool:
        """Remember the words at `span`; False if they were known. Raises InputError."""

    def remove(self, span: Span) -> None:
        """Forget them. Raises InputError."""


@dataclass(frozen=True, slots=True)
class Step:
    """The points that were decided together, with the decisions they had before and after.

    dismissed: the point whose words were remembered for other texts, too. own: those that came with the step; they go
    with it, so that the numbers in all steps before and after it hold.
    """

    before: dict[int, Decision | None]
    after: Mapping[int, Decision]
    dismissed: int | None = None
    own: dict[int, Own] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    decided: int
    skipped: int
    total: int

    @property
    def open(self) -> int:
        return self.total - self.decided - self.skipped


class Session:
    """Decisions on the points of one text, by the points' numbers. Made by `begin` or `go_on`."""

    def __init__(self, points: Sequence[Point], anchors: Sequence[Anchor], record: Record) -> None:
        self.points, self.anchors = tuple(points), tuple(anchors)
        self.decisions: dict[int, Decision] = {}
        self.lost: list[Row] = []  # decisions whose place is gone from the text
        self.dismissals: Dismissals | None = None
        self.allows: Callable[[Edit], bool] = lambda _: True  # whether the file can take an edit
        self._record = record
        self._steps: list[Step] = []
        self._undone: list[Step] = []

    def accept(self, number: int, choice: int = 0) -> None:
        """Raises IndexError when the point has no such choice, InputError when the file cannot take it."""
        self._take({number: self._allowed(number, Decision("accept", self.points[number].choices[choice].replacement))})

    def edit(self, number: int, words: str) -> None:
        """Write the editor's own words; one of the choices is accepted, and the original is a rejection.

        They are set off from their neighbours as the original is, by blanks where something is missing. Raises
        InputError when the file cannot take them.
        """
        point = self.points[number]
        if words == point.original or (words.strip() and words.split() == point.original.split()):
            self.reject(number)
            return
        known = {choice.replacement for choice in point.choices}
        if words not in known:
            words = set_off(words, self.anchors[number])
        self._take({number: self._allowed(number, Decision("accept" if words in known else "edit", words))})

    def reject(self, number: int) -> None:
        self._take({number: Decision("reject")})

    def skip(self, number: int) -> None:
        self._take({number: Decision("skip")})

    def ignore(self, number: int) -> list[int]:
        """Keep the words of this point here and wherever else they are not decided yet; gives those points.

        A place where a word is missing is like no other. They are remembered in `dismissals`, too. Raises InputError
        when they cannot be.
        """
        words = _key(self.points[number])
        alike = [
            i
            for i, point in enumerate(self.points)
            if i == number or (words and _key(point) == words and not self.is_decided(i))
        ]
        self._take(dict.fromkeys(alike, Decision("ignore")), dismiss=number)
        return alike

    def add(self, places: Sequence[Own]) -> list[int]:
        """Write words where nothing was found; gives the numbers of the new points. `places` are sorted and disjoint.

        Raises InputError when one lies over a finding or the file cannot take its words; then nothing is written.
        """
        for own in places:
            over = next((point for point in self.points if _clash(point.span, own.point.span)), None)
            if over is not None:
                raise InputError(f"“{over.original.strip()}” is a finding of its own: decide on it where it is shown.")
            self._check(_edit(own.point, own.words))
        self._record.append({"type": "own", "at": _now(), "places": [own_row(own) for own in places]})
        return self._fresh(self._placing(places))

    def offer(self, number: int, choices: Sequence[Alternative]) -> int:
        """Put further repairs of a point behind those that it has, for good; gives how many there are.

        Raises InputError when they cannot be kept.
        """
        point = self.points[number]
        known = {point.original, *(choice.replacement for choice in point.choices)}
        new = [choice for choice in choices if choice.replacement not in known]
        if new:
            rows = [[choice.replacement, choice.confidence] for choice in new]
            self._record.append({"type": "choices", "at": _now(), "point": number, "choices": rows})
            self._widen(number, new)
        return len(new)

    def leave(self, numbers: Iterable[int]) -> None:
        """Ignore those of these points on which nothing is decided."""
        fresh = [number for number in numbers if number not in self.decisions]
        if fresh:
            self._take(dict.fromkeys(fresh, Decision("ignore")))

    def undo(self) -> list[int]:
        """Take the last step back; gives its points, none when there is nothing to take back."""
        if not self._steps:
            return []
        self._record.append({"type": "undo", "at": _now()})
        step = self._take_back()
        if step.dismissed is not None and self.dismissals:
            self.dismissals.remove(self.points[step.dismissed].span)
        return list(step.before)

    def redo(self) -> list[int]:
        """Take the step again that was taken back last, if none was taken since; gives its points."""
        if not self._undone:
            return []
        dismissed = self._keep({"type": "redo", "at": _now()}, self._undone[-1].dismissed)
        return self._take_again(dismissed)

    def is_decided(self, number: int) -> bool:
        decision = self.decisions.get(number)
        return decision is not None and decision.final

    def progress(self, numbers: Iterable[int] | None = None) -> Progress:
        """Of all points, or of some."""
        asked = range(len(self.points)) if numbers is None else list(numbers)
        made = [self.decisions[number] for number in asked if number in self.decisions]
        decided = sum(decision.final for decision in made)
        return Progress(decided, len(made) - decided, len(asked))

    def edits(self) -> list[Edit]:
        """What the decisions change in the text. A word that is taken out takes one of two blanks along.

        The confidence is that of the choice; of own words it is 1.
        """
        found: list[Edit] = []
        for number in sorted(self.decisions):
            decision = self.decisions[number]
            if decision.replacement is not None:
                edit = _edit(self.points[number], decision.replacement)
                wider = self._with_blank(number, edit)
                free = not found or found[-1].span.end <= wider.span.start
                found.append(wider if free and self.allows(wider) else edit)
        return found

    def flags(self) -> list[Flag]:
        """The findings that are not decided, or decided by a change."""
        return [
            Flag(point.span, point.category, point.score or point.confidence, point.message)
            for number, point in enumerate(self.points)
            if not self.is_decided(number) or self.decisions[number].changes
        ]

    def not_allowed(self) -> list[int]:
        """The points whose decision the file cannot take."""
        made = [(number, decision.replacement) for number, decision in self.decisions.items()]
        return [
            number for number, words in made if words is not None and not self.allows(_edit(self.points[number], words))
        ]

    def _with_blank(self, number: int, edit: Edit) -> Edit:
        place = self.anchors[number]
        if edit.replacement or place.before[-1:] != " " or place.after[:1] not in " .,;:!?)":
            return edit
        return replace(edit, span=Span(edit.span.start - 1, edit.span.end), original=" " + edit.original)

    def _allowed(self, number: int, decision: Decision) -> Decision:
        if decision.replacement is not None:
            self._check(_edit(self.points[number], decision.replacement))
        return decision

    def _check(self, edit: Edit) -> None:
        if not self.allows(edit):
            raise InputError("This repair reaches over markup that has to stay: type other words, or reject it.")

    def _take(self, changes: Mapping[int, Decision], dismiss: int | None = None) -> None:
        dismissed = self._keep({"type": "decisions", "at": _now(), "changes": _rows(changes)}, dismiss)
        self._fresh(self._deciding(changes, dismissed))

    def _keep(self, row: Row, dismiss: int | None) -> int | None:
        """Record the row and remember the words of a point for other texts, both or neither.

        Gives the point if its words were not remembered before.
        """
        if dismiss is None or self.dismissals is None or not self.dismissals.add(self.points[dismiss].span):
            self._record.append(row)
            return None
        try:
            self._record.append({**row, "dismissed": dismiss})
        except InputError:
            self.dismissals.remove(self.points[dismiss].span)
            raise
        return dismiss

    def _deciding(self, changes: Mapping[int, Decision], dismissed: int | None) -> Step:
        return Step({number: self.decisions.get(number) for number in changes}, changes, dismissed)

    def _placing(self, places: Sequence[Own]) -> Step:
        spans = [point.span for point in self.points]
        numbered = {bisect(spans, own.point.span) + i: own for i, own in enumerate(places)}
        after = {number: Decision("edit", own.words) for number, own in numbered.items()}
        return Step(dict.fromkeys(numbered), after, None, numbered)

    def _fresh(self, step: Step) -> list[int]:
        self._undone.clear()
        return self._done(step)

    def _take_again(self, dismissed: int | None) -> list[int]:
        return self._done(replace(self._undone.pop(), dismissed=dismissed))

    def _done(self, step: Step) -> list[int]:
        points, anchors = list(self.points), list(self.anchors)
        for number, own in step.own.items():
            points.insert(number, own.point)
            anchors.insert(number, own.place)
            self.decisions = {n + (n >= number): decision for n, decision in self.decisions.items()}
        self.points, self.anchors = tuple(points), tuple(anchors)
        self.decisions.update(step.after)
        self._steps.append(step)
        return list(step.after)

    def _widen(self, number: int, choices: Sequence[Alternative]) -> None:
        point = self.points[number]
        wider = replace(point, choices=(*point.choices, *choices))
        self.points = (*self.points[:number], wider, *self.points[number + 1 :])

    def _take_back(self) -> Step:
        step = self._steps.pop()
        for number, before in step.before.items():
            if before is None:
                del self.decisions[number]
            else:
                self.decisions[number] = before
        self.points = tuple(point for n, point in enumerate(self.points) if n not in step.own)
        self.anchors = tuple(place for n, place in enumerate(self.anchors) if n not in step.own)
        for number in reversed(step.own):
            self.decisions = {n - (n > number): decision for n, decision in self.decisions.items()}
        self._undone.append(step)
        return step

    def _repeat(self, rows: Iterable[Row]) -> None:
        """Take the recorded steps again. Raises LookupError, TypeError or ValueError for rows that don't fit."""
        for row in rows:
            if row["type"] == "undo" and self._steps:
                self._take_back()
            elif row["type"] == "redo" and self._undone:
                self._take_again(row.get("dismissed"))
            elif row["type"] == "choices":
                self._widen(row["point"], choices_from(row))
            elif row["type"] == "own":
                self._fresh(self._placing([own_from(each) for each in row["places"]]))
            elif row["type"] == "decisions":
                changes = {change["point"]: decision_from(change) for change in row["changes"]}
                dismissed = row.get("dismissed")
                if not {*changes, dismissed or 0} <= {0, *range(len(self.points))}:
                    raise ValueError("a decision on a point that is not there")
                self._fresh(self._deciding(changes, dismissed))


def begin(text: str, points: Sequence[Point], about: Row, record: Record, earlier: Session | None = None) -> Session:
    """A new review of a text; `about` is kept with its points (what was read, and how).

    Of an `earlier` session, of another version of the text or with other findings, the decisions are taken
    over by the words around them. Where such a place has no finding now, the old finding is kept; what overlaps
    with it goes. Decisions whose place is gone are in `lost`, and come back when the place does.
    """
    kept, lost = _moved(text, points, earlier) if earlier else ([], [])
    spans = [point.span for point, _ in kept]
    others = [point for point in points if not any(_clash(point.span, span) for span in spans)]
    chosen = sorted([*others, *(point for point, _ in kept)], key=lambda point: point.span)
    session = Session(chosen, [anchor(text, point.span) for point in chosen], record)
    session.decisions = {chosen.index(point): decision for point, decision in kept}
    session.lost = lost
    rows = [{**point_row(point), **place.row()} for point, place in zip(chosen, session.anchors, strict=True)]
    carried = _rows(session.decisions)
    record.append(
        {"type": "findings", "review": 1, "at": _now(), **about, "points": rows, "carried": carried, "lost": lost}
    )
    return session


def go_on(rows: Sequence[Row], record: Record, where: str) -> Session:
    """The session that the rows of a log, at least one, tell of.

    Raises InputError, naming `where`, when the rows do not fit together.
    """
    last = max(number for number, row in enumerate(rows) if row["type"] == "findings")
    try:
        found = rows[last]["points"]
        session = Session([point_from(row) for row in found], [anchor_from(row) for row in found], record)
        session._repeat([{"type": "decisions", "changes": rows[last]["carried"]}, *rows[last + 1 :]])
        session._steps = session._steps[1:]  # what was carried over is where undo ends
        session.lost = list(rows[last]["lost"])
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: the rows of this review do not fit together ({error}); move the file away to start anew."
        ) from error
    return session


def _moved(
    text: str, points: Sequence[Point], earlier: Session
) -> tuple[list[tuple[Point, Decision]], list[Row]]:
    """The earlier decisions with their points in this text, and the rows of those whose place is gone."""
    rows = [
        {**point_row(earlier.points[n]), **earlier.anchors[n].row(), "decision": d.kind, "replacement": d.replacement}
        for n, d in earlier.decisions.items()
    ]
    rows = sorted([*rows, *earlier.lost], key=lambda row: (row["start"], row["end"]))
    kept: list[tuple[Point, Decision]] = []
    lost: list[Row] = []
    known = {(point.span, point.original): point for point in points}
    for row, place in zip(rows, find_again(text, [anchor_from(row) for row in rows]), strict=True):
        if place is None:
            lost.append(row)
        else:
            old = replace(point_from(row), span=place)
            kept.append((known.get((place, old.original), old), decision_from(row)))
    return kept, lost


def _rows(changes: Mapping[int, Decision]) -> list[Row]:
    return [
        {"point": number, "decision": decision.kind, "replacement": decision.replacement}
        for number, decision in changes.items()
    ]


def _edit(point: Point, words: str) -> Edit:
    sure = next((choice.confidence for choice in point.choices if choice.replacement == words), 1.0)
    others = tuple(choice for choice in point.choices if choice.replacement != words)
    return Edit(point.span, point.original, words, point.category, sure, "review", True, others)


def _key(point: Point) -> str:
    return " ".join(point.original.split()).casefold()


def _clash(one: Span, other: Span) -> bool:
    return one == other or one.overlaps(other)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
