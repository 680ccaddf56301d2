"""Errors a user can do something about: one sentence each, with the exit code that the CLI returns.

Exit codes: 0 clean or done, 1 findings (with --check) or failed items, 2 usage, configuration or
input, 3 model, 130 interrupted.
"""

from __future__ import annotations


class MtfixError(Exception):
    """Base of all expected errors. The message is one sentence: what was wrong, where, what to do."""

    exit_code = 2


class InputError(MtfixError):
    """A document that cannot be read, decoded or written."""


class ConfigError(MtfixError):
    """An unknown or contradictory setting."""


class ModelError(MtfixError):
    """A model folder that is missing, incomplete, damaged or of another kind."""

    exit_code = 3
