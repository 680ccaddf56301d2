"""Libraries that only evaluation needs, asked for where they are used."""

from __future__ import annotations

import importlib
from typing import Any

from mtfix.errors import ConfigError


def require(module: str, *, what: str, extra: str = "evaluate") -> Any:
    """The imported module; ConfigError with the way out when it isn't installed.

    what: who needs it, as the beginning of the message. extra: the extra of mtfix that brings it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or module).partition(".")[0]
        if missing == "mtfix":  # a missing module of our own is a bug and keeps its traceback
            raise
        raise ConfigError(f'{what} needs {missing}, which is missing: pip install "mtfix[{extra}]"') from error
