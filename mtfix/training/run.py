"""The entry for scripts and the command line: settings file in, trained folder out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mtfix.training.config import DetectorConfig, RewriterConfig, load_config


def train(
    kind: Literal["detector", "rewriter"], config: Path, overrides: Sequence[str] = (), output: Path | None = None
) -> Path:
    """Train `kind` by the settings in `config`; an interrupted run in the output folder goes on.

    Returns the folder of the torch model. Raises ConfigError for settings or data that don't fit.
    """
    if kind == "detector":
        from mtfix.training import detector

        settings = load_config(DetectorConfig, config, overrides)
        return detector.train(settings, output or Path(settings.output))
    from mtfix.training import rewriter

    choices = load_config(RewriterConfig, config, overrides)
    return rewriter.train(choices, output or Path(choices.output))
