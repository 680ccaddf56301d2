"""README and documents keep their word: commands run, snippets run, the JSON is what the code gives."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

import mtfix
from mtfix.cli.main import app
from mtfix.corpus.engines.registry import NAMES as ENGINES
from mtfix.corrector import Corrector, load
from mtfix.evaluation.suites import load_suite
from mtfix.names.ground import Names
from mtfix.names.sources import read_glossary, read_references
from mtfix.render.findings import Tally
from mtfix.settings import Settings
from mtfix.training.config import DetectorConfig, RewriterConfig, load_config
from mtfix.types import (
    Alternative,
    Correction,
    Detection,
    Edit,
    Fingerprint,
    Flag,
    Gap,
    Span,
    Token,
    detection_dict,
    suggestions_dict,
)

ROOT = Path(__file__).parents[1]
# pages whose every command is run; other pages have tests of their own
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md",
        "docs/command_line.md",
        "docs/api.md",
        "docs/evaluation.md",
        "docs/settings.md",
        "docs/ci.md",
        "docs/training.md",
    )
}
SEED = (ROOT / "seeds" / "seed_article.txt").read_text(encoding="utf-8")


def fenced(*languages: str, pages: Iterable[str] = PAGES) -> list[str]:
    blocks = [block for name in pages for block in re.findall(r"^```(\w+)\n(.*?)^```$", PAGES[name], re.M | re.S)]
    return [body for language, body in blocks if language in languages]


LINES = [line for block in fenced("bash", "console") for line in block.splitlines() if line.strip()]
COMMANDS = list(dict.fromkeys(LINES))
SET_UP = [line for line in COMMANDS if "-m venv" in line]
MTFIX = [line for line in COMMANDS if re.search(r"(^|\| )mtfix ", line)]
SCRIPTS = [line for line in COMMANDS if line.startswith("python scripts/")]
# these need root, the network or what came before; the base models' folders are checked below
OTHER = re.compile(r"\. \.venv(-dev)?/bin/activate|sudo apt-get install|python -m (pip|zipfile)|mkdir -p|mv |cp ")


# what the commands work with ---------------------------------------------------------


class Remembering:
    """The real corrector; a text that several commands use is worked on once."""

    def __init__(self, corrector: Corrector) -> None:
        self.fix = functools.cache(corrector.fix)
        self.detect = functools.cache(corrector.detect)
        self.suggest = corrector.suggest
        self.fingerprint, self.settings = corrector.fingerprint, corrector.settings
        self.detector, self.rewriter = corrector.detector, corrector.rewriter

    def fix_many(self, texts: Iterable[str]) -> Iterator[Correction]:
        return map(self.fix, texts)

    def detect_many(self, texts: Iterable[str]) -> Iterator[Detection]:
        return map(self.detect, texts)


@pytest.fixture(scope="module")
def shipped() -> Corrector:
    """The models in models/. Fails with the reason where they are missing or damaged."""
    return load(models=ROOT / "models")


@pytest.fixture(scope="module")
def loader(shipped: Corrector) -> Any:
    @functools.cache
    def remembering(strictness: str, force: bool, references: tuple[Path, ...], glossary: Path | None) -> Remembering:
        settings = Settings(strictness=strictness, force=force)
        names = Names(read_references(references), read_glossary(glossary) if glossary else None)
        return Remembering(Corrector(shipped.detector, shipped.rewriter, settings, shipped.fingerprint.models, names))

    def stand_in(
        *, strictness: str = "balanced", models: Any = None, force: bool = False, threads: int = 0,
        references: Sequence[Path] = (), glossary: Path | None = None, vocabulary: Sequence[str] = (),
        vocabulary_files: Sequence[Path] = (), dismissed: Path | None = None, rewrite: bool = True,
    ) -> Any:  # fmt: skip
        del rewrite
        if models not in (None, ROOT / "models"):
            return load(models=models)
        assert not vocabulary
        assert not vocabulary_files
        assert dismissed is None or not dismissed.exists()
        assert threads == 0
        return remembering(strictness, force, tuple(references), glossary)

    return stand_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a clone that the commands name."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("seeds", "scripts"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "models").symlink_to(ROOT / "models")
    return folder


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def models(loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mtfix.__dict__, "load", loader)
    monkeypatch.setenv("MTFIX_MODELS", str(ROOT / "models"))


# the commands ----------------------------------------------------------------------------------------


def test_every_command_is_of_a_kind_that_is_checked() -> None:
    assert len(SET_UP) == 2
    assert len(MTFIX) >= 12
    known = [*SET_UP, *MTFIX, *SCRIPTS]
    strange = [line for line in COMMANDS if line not in known and not OTHER.match(line)]
    assert strange == []
    # comments end in an error when they are pasted into some shells
    assert [line for line in COMMANDS if "#" in line] == []


def test_ci_runs_the_set_up_commands() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    wanted = [part for command in SET_UP for part in command.split(" && ")]
    assert [line for line in lines if line in wanted] == wanted
    assert lines[-1] == wanted[-1]


def standalone(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A pipe needs a shell, and shows that the installed command works."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    return subprocess.run(
        command, shell=True, capture_output=True, text=True, cwd=folder, env=environment, timeout=300, check=False
    )


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("command", [c for c in MTFIX if not c.startswith(("mtfix train", "mtfix corpus"))])
def test_command(command: str, here: Path) -> None:
    if "|" in command:
        done = standalone(command, here)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith(".\n") or "--diff" in command
        assert not command.startswith("echo") or ", the army suffered many " in done.stdout
        return
    arguments = shlex.split(command)[1:]
    if "draft.txt" in arguments:
        assert "cp seeds/seed_article.txt draft.txt" in COMMANDS
        shutil.copy("seeds/seed_article.txt", "draft.txt")
    result = CliRunner().invoke(app, arguments, prog_name="mtfix")
    assert isinstance(result.exception, SystemExit | None), result.exception
    # the article is full of damage; only --check makes that an exit code
    assert result.exit_code == ("--check" in arguments)
    if "--output" in arguments:
        assert result.stdout == ""
        written = (here / arguments[arguments.index("--output") + 1]).read_text(encoding="utf-8")
        assert len(written) > len(SEED) * 0.9
    elif "--write" in arguments:
        # it says that it changed the file exactly when it did
        changed = (here / "draft.txt").read_text(encoding="utf-8") != SEED
        assert ("changed draft.txt" in result.stderr) == changed
    else:
        assert result.stdout


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", [c for c in MTFIX if c.startswith("mtfix train")])
def test_train_command(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings file exists and is valid; training itself has its own tests."""
    kind = shlex.split(command)[2]
    trained: list[Any] = []

    def train(settings: Any, output: Path) -> Path:
        trained.append(settings)
        return output

    stand_in = ModuleType(f"mtfix.training.{kind}")
    stand_in.__dict__["train"] = train
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    monkeypatch.setattr(sys.modules["mtfix.training"], kind, stand_in, raising=False)
    result = CliRunner().invoke(app, shlex.split(command)[1:], prog_name="mtfix")
    # a run is named after its settings
    run = Path(shlex.split(command)[shlex.split(command).index("--config") + 1]).stem
    assert (result.exit_code, result.stdout) == (0, f"work/runs/{run}\n")
    assert len(trained) == 1


@pytest.mark.parametrize("command", [c for c in MTFIX if c.startswith("mtfix corpus")])
def test_corpus_command(command: str) -> None:
    """The options and engines are known; the data is not part of a clone."""
    _, *names = shlex.split(command)[:3]
    arguments = shlex.split(command)[3:]
    shown = CliRunner().invoke(app, [*names, "--help"], prog_name="mtfix", env={"COLUMNS": "200"}).stdout
    assert {a for a in arguments if a.startswith("--")} <= set(re.findall(r"--[\w-]+", shown))
    engines = arguments[arguments.index("--engines") + 1] if "--engines" in arguments else "identity"
    assert set(engines.split(",")) <= set(ENGINES)


@pytest.mark.parametrize("command", SCRIPTS)
def test_script_command(command: str) -> None:
    """The script is there and knows the options."""
    _, script, *arguments = shlex.split(command)
    shown = subprocess.run(
        [sys.executable, ROOT / script, "--help"], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    options = {argument for argument in arguments if argument.startswith("--")}
    assert options <= set(re.findall(r"--[\w-]+", shown))


def test_the_base_models_come_to_where_the_settings_look(here: Path) -> None:
    made = [shlex.split(line) for line in COMMANDS if line.startswith("python scripts/trim_base.py")]
    moved = [words[words.index("--out") + 1] for words in made]
    moved += [shlex.split(line)[2] for line in COMMANDS if line.startswith("mv ")]
    detector = load_config(DetectorConfig, here / "scripts/configs/detector.yaml")
    rewriter = load_config(RewriterConfig, here / "scripts/configs/rewriter.yaml")
    assert [detector.base, str(Path(rewriter.base).parent)] == moved
    exported = next(line for line in SCRIPTS if "export_models" in line)
    assert {detector.output, rewriter.output} <= set(shlex.split(exported))


@pytest.mark.usefixtures("here", "models")
@pytest.mark.parametrize(("page", "least"), [("README.md", 50), ("docs/api.md", len(SEED))])
def test_snippets(page: str, least: int, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for snippet in fenced("python", pages=[page]):
        exec(compile(snippet, page, "exec"), names)
    assert len(capsys.readouterr().out) > least


def test_the_readme_is_short_and_the_set_up_is_in_it() -> None:
    assert [line for line in SET_UP if line not in PAGES["README.md"]] == []
    assert len(PAGES["README.md"].splitlines()) < 150


def test_data_files_are_those_of_the_settings(here: Path) -> None:
    table = " ".join(re.findall(r"`(data/[^`]*)`", PAGES["docs/training.md"]))
    for kind, path in ((DetectorConfig, "detector"), (RewriterConfig, "rewriter")):
        config = load_config(kind, here / f"scripts/configs/{path}.yaml")
        folders = {str(Path(s.path).parent) for s in [*config.train, *config.dev] if s.path.startswith("data/")}
        assert all(f"{folder}/" in table for folder in folders)


# the contract ----------------------------------------------------------------------------------------


def shape(value: Any) -> Any:
    """Keys and types of a JSON value, in order; of a list its first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value)


FLAG = Flag(Span(0, 1), "name", 0.5, "m")
EDIT = Edit(Span(0, 1), "a", "b", "name", 0.5, "rewriter", True, (Alternative("c", 0.25),))
PRINT = Fingerprint("0.1.0", {"detector": "0", "rewriter": "0"}, Settings().to_dict())
READ_ONLY = replace(PRINT, models={"detector": "0"})
OBJECTS = [
    Correction("a", "b", (FLAG,), (EDIT,), None, PRINT).to_dict(),
    detection_dict(Detection("a", (FLAG,), (Token(Span(0, 1), 0.5),), (Gap(0, 0.5),), None, READ_ONLY), tokens=True),
    suggestions_dict("a", [Span(0, 1)], [[replace(EDIT, applied=False, alternatives=())]], PRINT),
]


def test_json_contract() -> None:
    shown = [json.loads(block) for block in fenced("json")]
    assert [shape(each) for each in shown] == [shape(each) for each in OBJECTS]
    assert [list(each) for each in shown] == [list(each) for each in OBJECTS]
    edits = [(edit["start"], edit["end"], edit["original"]) for edit in shown[0]["edits"]]
    assert all(shown[0]["text"][start:end] == original for start, end, original in edits)


@pytest.mark.usefixtures("here", "models")
def test_contract_of_real_output() -> None:
    def output(*arguments: str) -> str:
        return CliRunner().invoke(app, [*arguments, "seeds/seed_article.txt"], prog_name="mtfix").stdout

    fixed = json.loads(output("fix", "--format", "json"))
    assert list(fixed) == ["schema", "documents"]
    [document] = fixed["documents"]
    assert list(document) == ["name", *OBJECTS[0]]
    assert document["text"] == SEED
    assert list(json.loads(output("fix", "--format", "jsonl"))) == [*OBJECTS[0], "name"]
    lines = output("detect", "--lines", "--tokens", "--format", "jsonl").splitlines()
    assert [json.loads(line)["text"] for line in lines] == SEED.splitlines()
    assert all(list(json.loads(line)) == list(OBJECTS[1]) for line in lines)
    assert list(json.loads(output("detect", "--format", "jsonl"))) == [*list(OBJECTS[1])[:-2], "name"]


def test_exit_codes_are_those_of_the_help() -> None:
    shown = CliRunner().invoke(app, ["--help"], prog_name="mtfix").stdout.partition("Exit codes:")[2]
    table = PAGES["docs/command_line.md"].partition("## Exit codes")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\s+(\d+)\s+(.*?)$", shown, re.M))
    read = {code: text.replace("`", "").strip() for code, text in re.findall(r"^\| (\d+) \|(.*)\|$", table, re.M)}
    assert told == read
    assert told


def test_the_suite_that_is_shown_can_be_used(tmp_path: Path) -> None:
    [shown] = fenced("yaml", pages=["docs/evaluation.md"])
    (tmp_path / "suite.yaml").write_text(shown)
    suite = load_suite(tmp_path / "suite.yaml")
    row = {"spun": "His final father.", "corrected": "His late father.", "topic": "war"}
    suite.sources[0].path.write_text(json.dumps(row) + "\n")
    [item] = suite.read()
    assert (item.text, item.references, item.group) == (row["spun"], (row["corrected"],), row["topic"])
    assert f"`{suite.kind}`" in PAGES["docs/evaluation.md"]


DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCUMENTS[1:] if page.name != "README.md" and f"({page.name})" not in index] == []


@pytest.mark.usefixtures("here", "models")
def test_picture() -> None:
    """The picture on disk is a picture, and the script can draw the models' present output.

    The two are not compared: another processor may round a close decision the other way.
    """
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from make_picture import picture
    finally:
        sys.path.pop(0)
    correction = mtfix.load().fix(SEED)
    tally = Tally()
    tally.add(correction)
    assert tally.found
    drawn = picture(correction, 5)
    assert "<svg" in drawn
    for svg in (drawn, (ROOT / "docs" / "before_after.svg").read_text(encoding="utf-8")):
        shown = "".join(ET.fromstring(svg).itertext())
        assert "Taliban" in shown
