"""`mtfix corpus`: build training data from clean text, and look at it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from mtfix.cli.options import Models, Quiet
from mtfix.cli.output import StandardOutput, guarded, say
from mtfix.errors import ConfigError, MtfixError

if TYPE_CHECKING:
    from mtfix.corpus.build import Progress
    from mtfix.corpus.overlap import HeldOut
    from mtfix.evaluation.suites import Suite

app = typer.Typer(
    help='Make damaged sentences for training, and look at them; needs pip install "mtfix[train]".',
    no_args_is_help=True,
    rich_markup_mode=None,
)

_INTERVAL = 10.0  # seconds between two lines of progress
_T = TypeVar("_T")

CleanText = Annotated[
    list[Path],
    typer.Option(
        "--clean",
        metavar="PATH",
        help="Clean text: text files, JSON lines (text, doc, source, licence), folders of them; may be repeated.",
    ),
]
EngineNames = Annotated[
    str,
    typer.Option("--engines", metavar="NAMES", help="Engines by comma; one named twice is drawn twice as often."),
]
Out = Annotated[Path, typer.Option("--out", file_okay=False, metavar="DIR", help="Folder for the corpus.")]
Data = Annotated[
    Path, typer.Option("--data", file_okay=False, metavar="DIR", help="Folder with omw/, tortured/ and gazetteer/.")
]
Marian = Annotated[
    list[str] | None,
    typer.Option(
        "--marian",
        metavar="OUT,BACK",
        help="Two folders of Marian models (OPUS-MT): from English and back. Adds the engine marian; may be repeated.",
    ),
]
Avoid = Annotated[
    list[Path] | None,
    typer.Option(
        "--avoid",
        metavar="PATH",
        help="Held-out text besides the built-in suites: suites (YAML), or text as for --clean; may be repeated.",
    ),
]


@app.command()
@guarded
def build(
    clean: CleanText,
    out: Out,
    engines: EngineNames = "pivot,thesaurus,tortured,syntax,names,roundtrip,neural,neural,identity",
    sentences: Annotated[int, typer.Option("--sentences", min=1, help="Damaged sentences to make.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same corpus.")] = 13,
    data: Data = Path("data"),
    marian: Marian = None,
    avoid: Avoid = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0 means one for each core.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Damage clean sentences. Started again after an interruption, it goes on where it was."""

    def work() -> dict[str, Any]:
        from mtfix.corpus.build import Request, usable
        from mtfix.corpus.build import build as run
        from mtfix.corpus.overlap import digest

        pairs = [_pair(text) for text in marian or ()]
        wanted = [name.strip() for name in engines.split(",") if name.strip()]
        names, hints = usable(wanted if not pairs or "marian" in wanted else [*wanted, "marian"], data, pairs)
        for hint in hints:
            say(f"left out: {hint}")
        apart = list(_named_texts(avoid or []))
        request = Request(clean, names, out, sentences, seed, data, digest(apart) if apart else "", pairs)
        report = (lambda _: None) if quiet else _Line()
        return run(request, workers=jobs or os.cpu_count() or 1, held_out=lambda: _held_out(apart), report=report)

    manifest = _with_libraries(work)
    rows = {split: sum(file["rows"] for file in files) for split, files in manifest["files"].items()}
    skipped = sum(manifest["clean"]["skipped"].values())
    StandardOutput().write(
        f"{out}: {manifest['damaged']} damaged sentences, {rows['train']} rows to train and {rows['dev']} held out; "
        f"{skipped} lines skipped, {manifest['clean']['refused']} refused for overlap\n"
    )


@app.command()
@guarded
def inspect(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A corpus made by `mtfix corpus build`.")],
    samples: Annotated[int, typer.Option("--samples", min=0, help="Rows to show for each engine.")] = 3,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows to look at, drawn at random.")] = 2000,
    post_edits: Annotated[
        Path | None,
        typer.Option("--post-edits", metavar="DIR", help="Folder of MLQE-PE files to compare with real post-edits."),
    ] = None,
    errant: Annotated[bool, typer.Option("--errant", help='Count ERRANT types, too; needs "mtfix[evaluate]".')] = False,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 13,
) -> None:
    """Show samples, what kinds of damage there are, how dense, and how much like real machine translation."""

    def work() -> str:
        from mtfix.corpus.inspect import Look

        return Look.at(folder, limit, post_edits, seed).page(samples, errant=errant)

    StandardOutput().write(_with_libraries(work))


@app.command("post-edits")
@guarded
def post_edits(
    files: Annotated[list[Path], typer.Argument(metavar="FILES", exists=True, help="MLQE-PE files (JSON lines).")],
    out: Out,
    data: Data = Path("data"),
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows of each file; 0 means all.")] = 0,
    language_model: Annotated[
        bool,
        typer.Option(help="Drop what the rewriter, read as a language model, finds less likely; a second for 5 rows."),
    ] = True,
    models: Models = None,
) -> None:
    """Keep the human post-edits that a reader could have made; writes rows and a report of what was dropped."""

    def work() -> str:
        from mtfix.corpus.engines.registry import missing
        from mtfix.corpus.post_edits_report import write

        if hint := missing("pivot", data):
            raise ConfigError(f"the filter of post-edits asks the lexicons of an engine: {hint}.")
        gain = None
        if language_model:
            from mtfix.corpus.gain import LanguageModelGain

            gain = LanguageModelGain(models)
        return write(files, data / "omw", out, limit, gain)

    StandardOutput().write(_with_libraries(work))


def _pair(text: str) -> tuple[Path, Path]:
    folders = [Path(part.strip()) for part in text.split(",")]
    if len(folders) != 2 or folders[0] == folders[1]:
        raise ConfigError(f"--marian {text} must name two folders: the model from English, a comma, the one back.")
    return folders[0], folders[1]


class _Line:
    """Progress as a line on standard error: at most one in ten seconds, and the last one."""

    def __init__(self) -> None:
        self._next = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.stage == "damaging" and progress.done >= progress.wanted
        if now < self._next and not finished:
            return
        self._next = now + _INTERVAL
        if progress.stage != "damaging":
            say(f"reading clean text: {progress.done} sentences after {progress.seconds:.0f} s")
            return
        left = "" if progress.left is None or finished else f", {_duration(progress.left)} left"
        say(f"{progress.done} of {progress.wanted} sentences damaged, {progress.rate:.0f} a second{left}")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min" if minutes else "< 1 min"


def _held_out(named: list[tuple[str, str]]) -> HeldOut:
    """Everything that is measured on: the built-in suites, and the texts (name, text) that the user named."""
    from mtfix.corpus.overlap import HeldOut

    return HeldOut(text for source in (_built_in(), named) for text in source)


def _built_in() -> Iterator[tuple[str, str]]:
    try:
        from mtfix.evaluation.suites import folders, list_suites
    except ModuleNotFoundError as error:
        say(f"the built-in suites are not kept out: {error.name} is missing")
        return
    for path, suite in list_suites(folders()):
        yield from _texts(path, suite)


def _named_texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """(name, text) of the suites and text files that --avoid names."""
    from mtfix.corpus.sources import clean_sentences

    files = []
    for path in paths:
        if path.suffix in (".yaml", ".yml"):
            from mtfix.evaluation.suites import load_suite

            yield from _texts(path, load_suite(path))
        else:
            files.append(path)
    for sentence in clean_sentences(files, lambda *_: None):
        yield sentence.doc, sentence.text


def _texts(path: Path, suite: Suite | MtfixError) -> Iterator[tuple[str, str]]:
    """(name, text) of a suite's texts and references; a suite that can't be read is told of."""
    if isinstance(suite, MtfixError):
        say(f"suite {path} is not kept out: {suite}")
        return
    try:
        for item in suite.read():
            yield from ((f"{suite.name}:{item.id}", text) for text in (item.text, *(item.references or ())))
    except MtfixError as error:
        say(f"suite {path} is not kept out whole: {error}")


def _with_libraries(work: Callable[[], _T]) -> _T:
    try:
        return work()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "mtfix"):  # a missing module of our own is a bug and keeps its traceback
            raise
        extra = "evaluate" if missing in ("errant", "spacy") else "train"
        raise ConfigError(f'this needs {missing}, which is missing: pip install "mtfix[{extra}]"') from error
    finally:
        sys.stderr.flush()
