"""`mtfix review`: decide on every finding of a document, in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from mtfix.cli import options
from mtfix.cli.output import guarded, say
from mtfix.cli.progress import Progress
from mtfix.errors import ConfigError, InputError
from mtfix.settings.effective import Given
from mtfix.types import Category

if TYPE_CHECKING:
    from mtfix.documents.formats import Prose
    from mtfix.review.outcome import Outcome
    from mtfix.review.session import Session
    from mtfix.types import Alternative, Span


@guarded
@options.with_settings()
def review(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document to review.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The corrected document (default: NAME.reviewed.SUFFIX)."),
    ] = None,
    training_pairs: Annotated[
        Path | None,
        typer.Option("--training-pairs", metavar="FILE", help="Also write what was decided for `mtfix train`."),
    ] = None,
    track_changes: Annotated[
        bool, typer.Option("--track-changes", help="Word files: write what you accept as tracked changes.")
    ] = False,
    author: Annotated[str, typer.Option("--author", help="Who makes the tracked changes.")] = "mtfix",
    export: Annotated[bool, typer.Option("--export", help="Write the results of a review without opening it.")] = False,
    category: Annotated[
        str | None, typer.Option("--category", metavar="NAME", help="Begin with findings of this category only.")
    ] = None,
    least: Annotated[
        int, typer.Option("--min-confidence", metavar="PERCENT", min=0, max=90, help="Begin with surer findings only.")
    ] = 0,
    quiet: options.Quiet = False,
    *,
    given: Given,
) -> None:
    """Go through the findings of a document: accept, reject, pick a repair or type your own.

    Every decision is on disk at once, in a file beside the document (or beside --output). The command given
    again goes on where it stopped, also when the document has changed meanwhile.
    """
    _check(file, output, export=export)
    if track_changes:
        _check_word(file)
    if category not in (None, *get_args(Category)):
        raise ConfigError(f"--category {category} is none; choose one of {', '.join(get_args(Category))}.")
    settings = given.config([file]).load_arguments()
    # neither makes other findings of those that are under review
    apart = {name: settings.pop(name) for name in ("threads", "dismissed")}
    from mtfix.documents.dismissed import Dismissed
    from mtfix.review.log import open_log
    from mtfix.review.opening import open_session, read, respect
    from mtfix.review.outcome import Outcome, places

    data, prose = read(file)
    where = places(file, output, training_pairs, author if track_changes else None)
    log = open_log(where.log)
    try:
        outcome = Outcome(where, data, prose, log)
        outcome.check()
        load = cache(partial(_loaded, {**settings, **apart}))  # once, whoever needs it first
        with Progress("document", bar=False, quiet=quiet):
            session, remark = open_session(file.name, prose, log, settings, partial(_told, file, load, quiet=quiet))
        respect(Dismissed(apart["dismissed"]), session, prose)
        if remark and (export or not session.points) and not quiet:
            say(remark)
        if export:
            said = outcome.write(session)
        elif session.points:
            said = _on_screen(file, prose, session, outcome, (category, least), remark, load)
        else:
            said = f"{file}: nothing to review"
    finally:
        log.close()
    if not quiet:
        say(said)


def _loaded(settings: dict[str, Any]) -> Any:
    import mtfix

    return mtfix.load(**settings)


def _told(file: Path, load: Callable[[], Any], *, quiet: bool) -> Any:
    if not quiet:
        say(f"looking for findings in {file} …")
    return load()


def _check(file: Path, output: Path | None, *, export: bool) -> None:
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise ConfigError(f"--output {output} is not a file in an existing folder.")
    if output is not None and output.exists() and file.exists() and output.samefile(file):
        raise ConfigError(f"--output {output} is the document itself; name another file.")
    if export:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # the screen is drawn on standard error
        raise ConfigError("a review needs a terminal; --export writes the results of one that was made before.")
    try:
        import textual  # noqa: F401
    except ImportError as error:
        raise ConfigError('a review needs a library that is missing: pip install "mtfix[review]".') from error


def _check_word(file: Path) -> None:
    from mtfix.documents.formats import WORD

    if file.suffix.lower() not in WORD:
        raise ConfigError(f"--track-changes goes with Word files, and {file} is none.")


def _on_screen(
    file: Path, prose: Prose, session: Session, outcome: Outcome, shown: tuple[str | None, int], remark: str,
    load: Callable[[], Any],
) -> str:  # fmt: skip
    from mtfix.review.opening import repairs, where
    from mtfix.review.screen import ReviewApp
    from mtfix.review.view import Filter, View

    said = ""

    def write() -> str:
        nonlocal said
        said = outcome.write(session)
        return said

    def suggest(place: Span) -> list[Alternative]:
        return repairs(load(), prose.document(file.name), place)

    view = View(session, Filter(*shown))
    app = ReviewApp(view, prose.prose, file.name, write, remark, partial(where, prose), suggest)
    app.run()
    if app.return_code == 130:
        done = session.progress()
        say(f"{done.decided} of {done.total} decided; `mtfix review` goes on from there")
        raise typer.Exit(130)
    if app.return_code:
        raise InputError("the screen of the review ended with an error; decisions are kept.")
    return said
