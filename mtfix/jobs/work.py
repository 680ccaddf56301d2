"""What a worker does: correct documents together, so that their sentences share batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from mtfix.documents.formats import PlainText, Prose, open_document
from mtfix.errors import ModelError, MtfixError
from mtfix.jobs.items import Outcome, Task, applied_edits, record_of
from mtfix.types import Correction, Fingerprint


class Fixer(Protocol):
    """The part of a Corrector that a job needs."""

    @property
    def fingerprint(self) -> Fingerprint: ...

    def fix_many(self, texts: Iterable[Any]) -> Iterator[Correction]: ...


def correct(corrector: Fixer, tasks: Sequence[Task]) -> list[Outcome]:
    """The outcomes in the order of the tasks; what fails together is tried one by one."""
    try:
        return _together(corrector, tasks)
    except ModelError:
        raise
    except Exception as error:
        if len(tasks) == 1:
            return [Outcome(None, _told(error, tasks[0].name))]
        return [outcome for task in tasks for outcome in correct(corrector, [task])]


def _together(corrector: Fixer, tasks: Sequence[Task]) -> list[Outcome]:
    opened = [_opened(task) for task in tasks]
    asked = [prose.document(task.name) for task, prose in zip(tasks, opened, strict=True) if task.record is None]
    corrections = corrector.fix_many(asked)
    outcomes = []
    for task, prose in zip(tasks, opened, strict=True):
        record = record_of(next(corrections)) if task.record is None else task.record
        data = prose.apply(applied_edits(record)) if isinstance(task.content, bytes) else None
        outcomes.append(Outcome(record, None, data))
    return outcomes


def _opened(task: Task) -> Prose:
    return PlainText(task.content) if isinstance(task.content, str) else open_document(task.name, task.content)


def _told(error: Exception, name: str) -> str:
    if isinstance(error, MtfixError):
        return str(error).removeprefix(f"{name}: ")
    return f"{type(error).__name__}: {error}"
