"""The command `mtfix`. Everything heavy is imported inside the commands, so that help is there at once."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from mtfix.cli import batch, config, corpus, evaluate, train
from mtfix.cli.detect import detect
from mtfix.cli.doctor import doctor
from mtfix.cli.fix import fix
from mtfix.cli.lsp import lsp
from mtfix.cli.models import models
from mtfix.cli.review import review
from mtfix.cli.serve import serve
from mtfix.version import __version__

_EPILOG = """\
\b
Exit codes:
  0    done; with --check: nothing found
  1    with --check: something found; batch: documents failed; evaluate: a score is off
  2    wrong usage, or an input or output that failed
  3    a model is missing or damaged
  130  interrupted
"""

app = typer.Typer(
    help="Find and repair machine-translation artifacts in English text, without the source text.",
    epilog=_EPILOG,
    no_args_is_help=True,
    # plain text: rich would take longer to load than help may take, and would break error lines
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=_EPILOG)(fix)
app.command(epilog=_EPILOG)(detect)
app.add_typer(batch.app, name="batch")
app.command(epilog=_EPILOG)(review)
app.add_typer(train.app, name="train")
app.add_typer(corpus.app, name="corpus")
app.add_typer(evaluate.app, name="evaluate")
app.command()(serve)
app.command()(lsp)
app.add_typer(config.app, name="config")
app.command()(models)
app.command()(doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mtfix {__version__}")
        raise typer.Exit()


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    del version  # its callback has done the work


def main() -> None:
    """The console entry point."""
    # every core has a batch of the models' work; numpy's own threads beside them cost up to a quarter of the speed. It
    # is read when numpy is first imported, here and in the processes that are started
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app(prog_name="mtfix")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
