"""`mtfix train`: fit a detector or a rewriter to your own data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mtfix.cli.output import StandardOutput, guarded
from mtfix.errors import ConfigError

app = typer.Typer(
    help='Train a detector or a rewriter; needs pip install "mtfix[train]".',
    no_args_is_help=True,
    rich_markup_mode=None,
)

Config = Annotated[
    Path, typer.Option("--config", exists=True, dir_okay=False, metavar="FILE", help="Settings of the training (YAML).")
]
Output = Annotated[
    Path | None, typer.Option("--output", file_okay=False, metavar="DIR", help="Folder for the trained model.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Put this setting in place of the file's; may be repeated."),
]


@app.command()
@guarded
def detector(config: Config, output: Output = None, overrides: Overrides = None) -> None:
    """Train the model that finds what looks wrong."""
    _train("detector", config, output, overrides or [])


@app.command()
@guarded
def rewriter(config: Config, output: Output = None, overrides: Overrides = None) -> None:
    """Train the model that proposes repairs."""
    _train("rewriter", config, output, overrides or [])


def _train(kind: Literal["detector", "rewriter"], config: Path, output: Path | None, overrides: list[str]) -> None:
    for override in overrides:
        if not override.partition("=")[0].strip() or "=" not in override:
            raise ConfigError(f"--set {override} is not of the form KEY=VALUE.")
    try:
        from mtfix.training.run import train

        folder = train(kind, config, overrides, output)
    except ModuleNotFoundError as error:
        # training may import its libraries late; a missing module of our own is a bug and keeps its traceback
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "mtfix"):
            raise
        raise ConfigError(f'training needs {missing}, which is missing: pip install "mtfix[train]"') from error
    StandardOutput().write(f"{folder}\n")
