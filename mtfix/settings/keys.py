"""Every setting of a project, said once: key in mtfix.toml, environment variable, flag and meaning.

A key `threads` of the file is `MTFIX_THREADS` in the environment and `--threads` on the command line; a key in
a table, `lsp.delay`, is `MTFIX_LSP_DELAY`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from mtfix.settings import STRICTNESS

VOCABULARY_FILE = "mtfix.vocabulary.txt"

Kind = Literal["text", "switch", "whole", "number", "path", "paths", "words"]


@dataclass(frozen=True, slots=True)
class Key:
    """`name` is dotted for a key in a table. `flag`: the option that sets it, if there is one."""

    name: str
    kind: Kind
    default: Any
    help: str
    flag: str | None = None
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None

    @property
    def variable(self) -> str:
        return "MTFIX_" + self.name.upper().replace("-", "_").replace(".", "_")

    @property
    def table(self) -> str:
        return self.name.rpartition(".")[0]


def _key(kind: Kind, text: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "help": text, **more}


@dataclass(frozen=True, slots=True)
class LspConfig:
    delay: float = field(default=0.5, metadata=_key(
        "number", "Seconds without typing before an editor's text is looked at.",
        flag="--delay", metavar="SECONDS", minimum=0,
    ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """What is in force for a run, after file, environment and flags. Paths are as the working folder sees them."""

    strictness: str = field(default="balanced", metadata=_key(
        "text", "How much must speak for a flag or a repair: conservative, balanced or aggressive.",
        flag="--strictness", metavar="NAME", choices=STRICTNESS,
    ))  # fmt: skip
    models: Path | None = field(default=None, metadata=_key(
        "path", "Folder with the models, instead of the ones that came with mtfix.", flag="--models", metavar="DIR",
    ))  # fmt: skip
    references: tuple[Path, ...] = field(default=(), metadata=_key(
        "paths", "A clean article on the same events, for names; may be given more than once.",
        flag="--reference", metavar="FILE",
    ))  # fmt: skip
    glossary: Path | None = field(default=None, metadata=_key(
        "path", "Names to keep to, in rows of WRONG,RIGHT or of RIGHT alone.", flag="--glossary", metavar="FILE",
    ))  # fmt: skip
    vocabulary: tuple[str, ...] = field(default=(), metadata=_key(
        "words", "Words and phrases that are right as they are.",
    ))  # fmt: skip
    vocabulary_files: tuple[Path, ...] = field(default=(Path(VOCABULARY_FILE),), metadata=_key(
        "paths", "Words and phrases that are right as they are, one a line; may be given more than once.",
        flag="--vocabulary", metavar="FILE",
    ))  # fmt: skip
    dismissed: Path = field(default=Path("mtfix.dismissed.jsonl"), metadata=_key(
        "path", "File of the flags that were dismissed before.", flag="--dismissed", metavar="FILE",
    ))  # fmt: skip
    force: bool = field(default=False, metadata=_key(
        "switch", "Treat the text as English, whatever it looks like.", flag="--force",
    ))  # fmt: skip
    threads: int = field(default=0, metadata=_key(
        "whole", "Processor threads to use; 0 lets mtfix choose.", flag="--threads", metavar="N", minimum=0,
    ))  # fmt: skip
    lsp: LspConfig = LspConfig()

    def load_arguments(self) -> dict[str, Any]:
        """What `mtfix.load` takes of it: `mtfix.load(**config.load_arguments())`."""
        return {
            "strictness": self.strictness,
            "models": self.models,
            "force": self.force,
            "threads": self.threads,
            "references": list(self.references),
            "glossary": self.glossary,
            "vocabulary": list(self.vocabulary),
            "vocabulary_files": [path for path in self.vocabulary_files if _wanted(path)],
            "dismissed": self.dismissed,
        }


def _wanted(path: Path) -> bool:
    """Whether to read a file of words: the project's own one need not exist."""
    return path.name != VOCABULARY_FILE or path.exists()


def keys(kind: type = Config, table: str = "") -> Iterator[Key]:
    """All keys in the order of their definition, tables after what is outside of them."""
    tables = []
    for each in fields(kind):
        name = table + each.name.replace("_", "-")
        if is_dataclass(each.default) and not isinstance(each.default, type):
            tables.append((type(each.default), f"{name}."))
        else:
            yield Key(name, default=each.default, **each.metadata)
    for inner, prefix in tables:
        yield from keys(inner, prefix)


def build(values: dict[str, Any], kind: type = Config, table: str = "") -> Any:
    """The dataclass `kind` with `values` by dotted key."""
    arguments = {}
    for each in fields(kind):
        name = table + each.name.replace("_", "-")
        if is_dataclass(each.default) and not isinstance(each.default, type):
            arguments[each.name] = build(values, type(each.default), f"{name}.")
        elif name in values:
            arguments[each.name] = values[name]
    return kind(**arguments)
