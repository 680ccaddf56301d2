"""The options that several verbs share, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def _known_strictness(value: str) -> str:
    # imported here: every `--help` would pay for it
    from mtfix.settings import STRICTNESS

    if value not in STRICTNESS:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(map(repr, STRICTNESS))}.")
    return value


Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILES", help="Files to read; - or nothing means standard input.", show_default=False),
]
Lines = Annotated[bool, typer.Option("--lines", help="Treat every line as a document of its own.")]
Strictness = Annotated[
    str,
    typer.Option(
        "--strictness",
        metavar="NAME",
        callback=_known_strictness,
        help="How much must speak for a repair: conservative, balanced or aggressive.",
    ),
]
Models = Annotated[
    Path | None,
    typer.Option("--models", metavar="DIR", help="Folder with the models, instead of the ones that came with mtfix."),
]
References = Annotated[
    list[Path] | None,
    typer.Option(
        "--reference",
        metavar="FILE",
        help="A clean article on the same events, for names; may be given more than once.",
        show_default=False,
    ),
]
Glossary = Annotated[
    Path | None,
    typer.Option("--glossary", metavar="FILE", help="Names to keep to, in rows of WRONG,RIGHT or of RIGHT alone."),
]
Force = Annotated[bool, typer.Option("--force", help="Treat the text as English, whatever it looks like.")]
Threads = Annotated[
    int, typer.Option("--threads", min=0, metavar="N", help="Processor threads to use; 0 lets mtfix choose.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")]
