"""The options that several verbs share, said once.

What can also be set in a file is declared in mtfix/settings/keys.py; `with_settings` makes options of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from mtfix.settings import STRICTNESS
from mtfix.settings.effective import KEYS, Given
from mtfix.settings.keys import Key


def _known_strictness(value: str) -> str:
    if value not in STRICTNESS:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(map(repr, STRICTNESS))}.")
    return value


Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILES", help="Files to read; - or nothing means standard input.", show_default=False),
]
Lines = Annotated[bool, typer.Option("--lines", help="Treat every line as a document of its own.")]
Strictness = Annotated[
    str, typer.Option("--strictness", metavar="NAME", callback=_known_strictness, help=KEYS["strictness"].help)
]
Models = Annotated[Path | None, typer.Option("--models", metavar="DIR", help=KEYS["models"].help)]
Threads = Annotated[int, typer.Option("--threads", min=0, metavar="N", help=KEYS["threads"].help)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")]

_PYTHON_TYPES: dict[str, Any] = {
    "text": str | None,
    "switch": bool | None,
    "whole": int | None,
    "number": float | None,
    "path": Path | None,
    "paths": list[Path] | None,
}


def with_settings(
    *tables: str, only: Collection[str] = KEYS, without: Collection[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each setting that has a flag, and for those in `tables`.

    The command declares one parameter for all of them, `given: Given`, and no option of the same name.
    only, without: the keys that mean something to it, and that don't.
    """
    wanted = set(only) - set(without)
    known = [key for key in KEYS.values() if key.flag and key.table in ("", *tables) and key.name in wanted]
    added = [_parameter(key) for key in known] + [
        inspect.Parameter("config_file", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_CONFIG),
        inspect.Parameter("isolated", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_ISOLATED),
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(*arguments: Any, **options: Any) -> None:
            config_file, isolated = options.pop("config_file", None), options.pop("isolated", False)
            flags = {key.name: options.pop(_identifier(key), None) for key in known}
            # an option that may be repeated is an empty list where it isn't given
            said = {name: value for name, value in flags.items() if value is not None and value != []}
            command(*arguments, given=Given(said, config_file, isolated), **options)

        own = inspect.signature(command, eval_str=True)
        kept = [each for name, each in own.parameters.items() if name != "given"]
        # `--quiet` and the like stay last
        position = next((i for i, each in enumerate(kept) if each.kind is inspect.Parameter.KEYWORD_ONLY), len(kept))
        parameters = [*kept[:position], *added, *kept[position:]]
        signature = own.replace(parameters=[p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters])
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        return run

    return decorate


_CONFIG = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file to read, instead of the closest mtfix.toml."),
]
_ISOLATED = Annotated[bool, typer.Option("--isolated", help="Read no settings file.")]


def _identifier(key: Key) -> str:
    return key.name.replace("-", "_").replace(".", "_")


def _parameter(key: Key) -> inspect.Parameter:
    assert key.flag is not None
    names = f"{key.flag}/--no-{key.flag[2:]}" if key.kind == "switch" else key.flag
    shown = f" [default: {key.default}]" if key.kind in ("text", "whole", "number") else ""
    option = typer.Option(names, metavar=key.metavar, help=key.help + shown, show_default=False)
    annotated: Any = Annotated  # made at run time, which a type checker doesn't follow
    annotation = annotated[_PYTHON_TYPES[key.kind], option]
    return inspect.Parameter(_identifier(key), inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
