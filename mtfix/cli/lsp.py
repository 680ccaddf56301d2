"""`mtfix lsp`: findings and quick fixes in any editor that speaks the Language Server Protocol."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mtfix.cli import options
from mtfix.cli.output import guarded
from mtfix.errors import ConfigError
from mtfix.settings.effective import Given

_SENTENCES = 20_000  # whose results are kept, so that after a change only what changed is looked at


@guarded
@options.with_settings("lsp")
def lsp(
    stdio: Annotated[bool, typer.Option("--stdio", help="Use standard input and output, as is done anyway.")] = False,
    *,
    given: Given,
) -> None:
    """Serve an editor over the Language Server Protocol, on standard input and output.

    Options hold for every text and over the settings of its project.
    """
    del stdio  # editors give it
    try:
        import pygls
    except ModuleNotFoundError as error:
        raise ConfigError(f'mtfix lsp needs {error.name}, which is missing: pip install "mtfix[lsp]"') from error
    del pygls
    from mtfix.lsp.server import create

    create(given, _loaded).start_io()


def _loaded(arguments: dict[str, Any]) -> Any:
    import mtfix
    from mtfix.serve.remember import remembering

    return remembering(mtfix.load(**arguments), _SENTENCES)
