"""Settings of a correction and their named operating points."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from mtfix.errors import ConfigError

# from "almost never wrong" to "show me everything"; the numbers behind them live with the models
STRICTNESS = ("conservative", "balanced", "aggressive")


@dataclass(frozen=True, slots=True)
class Settings:
    """`force`: treat every text as English. `beams`: hypotheses the rewriter keeps. `threads`: 0 means all cores.

    `device`: where the models run, "cpu" or "cuda".
    """

    strictness: str = "balanced"
    force: bool = False
    beams: int = 4
    threads: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.strictness not in STRICTNESS:
            raise ConfigError(f"unknown strictness {self.strictness!r}: choose one of {', '.join(STRICTNESS)}")
        if self.beams < 1 or self.threads < 0:
            raise ConfigError("beams must be at least 1 and threads at least 0")

    def to_dict(self) -> dict[str, Any]:
        """What can change a result (threads can't, and a graphics card rounds otherwise)."""
        usual = {"threads": self.threads, "device": "cpu"}
        return {name: value for name, value in asdict(self).items() if usual.get(name) != value}
