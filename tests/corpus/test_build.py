from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path

import pytest
from builds import NOTHING, request

from mtfix.corpus.build import Progress, build, usable
from mtfix.corpus.damage import damaged_rows
from mtfix.corpus.engines.base import Damage
from mtfix.corpus.engines.registry import NAMES, Engines, missing
from mtfix.corpus.overlap import HeldOut
from mtfix.corpus.rows import COLUMNS, Clean, is_dev, read_rows
from mtfix.documents.edits import apply_edits
from mtfix.errors import ConfigError
from mtfix.types import Span


@dataclass
class Replaced:
    span: Span
    original: str
    replacement: str


def repaired(row):
    edits = [Replaced(Span(a, b), row["damaged"][a:b], new) for a, b, new, _ in row["edits"]]
    return apply_edits(row["damaged"], edits)


def files(folder):
    """Contents by relative path, without the manifest, which names the folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A finished corpus of the toy text, its manifest and every progress that was reported."""
    folder = tmp_path_factory.mktemp("built")
    reported: list[Progress] = []
    toy(folder / "clean")
    manifest = build(
        request(folder / "clean", folder / "one" / "corpus"),
        workers=1, held_out=lambda: NOTHING, report=reported.append,
    )  # fmt: skip
    return folder, manifest, reported


def toy(folder):
    """60 documents of three sentences."""
    folder.mkdir()
    frames = (
        "His late father was seen in the last days of the war number {}.",
        "There were {} casualties among the people of the old village.",
        "The minister has said that the late talks of {} were a success.",
    )
    rows = [
        {"text": frame.format(doc), "doc": f"doc-{doc}", "source": "toy", "licence": "CC0-1.0"}
        for doc in range(60)
        for frame in frames
    ]
    with gzip.open(folder / "toy.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


class TestCorpus:
    def test_the_edits_of_a_row_give_its_clean_sentence(self, corpus):
        folder, manifest, _ = corpus
        rows = list(read_rows(folder / "one" / "corpus"))
        assert sum(bool(row["edits"]) for row in rows) == manifest["damaged"] >= 300
        for row in rows:
            assert set(row) == set(COLUMNS)
            assert repaired(row) == row["clean"]
            assert row["engine"].startswith("identity") == (row["damaged"] == row["clean"]) == (not row["engines"])
            assert (row["density"] > 0) == bool(row["edits"])
            assert (row["source"], row["licence"]) == ("toy", "CC0-1.0")

    def test_a_document_is_in_train_or_in_dev(self, corpus):
        folder, manifest, _ = corpus
        train, dev = (list(read_rows(folder / "one" / "corpus" / split)) for split in ("train", "dev"))
        assert train
        assert dev
        assert all(is_dev(row["doc"]) for row in dev)
        assert not any(is_dev(row["doc"]) for row in train)
        counted = Counter(f"train {row['engine']}" for row in train) + Counter(f"dev {row['engine']}" for row in dev)
        assert counted == manifest["counts"]

    def test_every_row_has_an_id_of_its_own(self, corpus):
        rows = list(read_rows(corpus[0] / "one" / "corpus"))
        assert len({row["id"] for row in rows}) == len(rows)

    def test_progress_tells_rate_and_time_left(self, corpus):
        *_, first, last = [p for p in corpus[2] if p.stage == "damaging"]
        assert first.done < last.done
        assert last.rate > 0
        assert last.left == 0

    def test_datasets_loads_it(self, corpus, tmp_path):
        # in a process of its own: its threads stay, and processes with threads aren't forked
        folder, manifest, _ = corpus
        done = subprocess.run(
            [sys.executable, "-c", LOAD, str(folder / "one" / "corpus"), str(tmp_path)],
            capture_output=True, text=True, check=False, env={**os.environ, "HF_DATASETS_OFFLINE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        by_card, columns, edit = json.loads(done.stdout)
        rows = {split: sum(file["rows"] for file in found) for split, found in manifest["files"].items()}
        assert by_card == {"train": rows["train"], "validation": rows["dev"]}
        assert columns == list(COLUMNS)
        assert edit == ["start", "end", "replacement", "category"]

    def test_the_number_of_processes_and_the_folder_change_nothing(self, corpus):
        folder, manifest, _ = corpus
        again = build(
            request(folder / "clean", folder / "two" / "corpus"), workers=3, held_out=lambda: NOTHING
        )
        assert again["files"] == manifest["files"]

    def test_another_seed_damages_otherwise(self, corpus, tmp_path):
        folder, manifest, _ = corpus
        other = build(
            request(folder / "clean", tmp_path / "corpus", seed=14), workers=1, held_out=lambda: NOTHING
        )
        assert other["files"] != manifest["files"]

    def test_a_finished_corpus_is_left_alone(self, corpus):
        folder, manifest, _ = corpus

        def never():
            raise AssertionError("nothing is to be read")

        before = files(folder / "one" / "corpus")
        assert build(request(folder / "clean", folder / "one" / "corpus"), workers=1, held_out=never) == manifest
        assert files(folder / "one" / "corpus") == before

    def test_a_folder_with_another_corpus_is_refused(self, corpus):
        folder, _, _ = corpus
        with pytest.raises(ConfigError, match=r"other settings \(seed\)"):
            build(
                request(folder / "clean", folder / "one" / "corpus", seed=14), workers=1, held_out=lambda: NOTHING
            )


LOAD = """
import json, sys
from datasets import load_dataset

path, cache = sys.argv[1:]
by_card = load_dataset(path, cache_dir=f"{cache}/a")
by_files = load_dataset("parquet", data_files={"train": f"{path}/train/*.parquet"}, cache_dir=f"{cache}/b")["train"]
edit = next(row["edits"][0] for row in by_files if row["edits"])
print(json.dumps([{name: len(split) for name, split in by_card.items()}, by_files.column_names, list(edit)]))
"""

# kills itself when so many sentences are damaged, or at a moment that has a name
BUILD = """
import os, signal, sys
from pathlib import Path
from mtfix.corpus import build, workspace
from mtfix.corpus.overlap import HeldOut

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def report(progress):
    if when == "collecting" or when.isdigit() and progress.done >= int(when):
        die()

clean, out, when = sys.argv[1:]
if when == "assembling":
    build.Workspace.finish = die
if when == "saving":
    whole = workspace.write_text
    workspace.write_text = lambda path, text: die() if path.name == "000-00001.json" else whole(path, text)
request = build.Request([Path(clean)], ["tortured", "identity"], Path(out), 300, 13, Path(out).parent / "data")
build.build(request, workers=1 if when == "saving" else 2, held_out=lambda: HeldOut(()), report=report)
"""


def test_a_killed_build_goes_on_and_nothing_is_lost_or_doubled(corpus, tmp_path):
    folder, _, _ = corpus
    out = request(folder / "clean", tmp_path / "corpus").out

    def start(when):
        return subprocess.run([sys.executable, "-c", BUILD, str(folder / "clean"), str(out), when], check=False)

    def finished():
        return {part.name: part.stat().st_mtime_ns for part in (out / ".build" / "parts").glob("*.json")}

    made = {}
    for when in ("collecting", "100", "assembling"):
        assert start(when).returncode == -signal.SIGKILL
        assert not (out / "manifest.json").exists()
        assert made.items() <= finished().items()  # finished work is not done again
        made = finished()
    assert len(made) > 2
    assert start("never").returncode == 0
    resumed, whole = files(out), files(folder / "one" / "corpus")
    first, second = (json.loads(found.pop("manifest.json")) for found in (resumed, whole))
    assert resumed == whole
    del first["settings"]["data"], second["settings"]["data"]
    assert first == second


def test_a_killed_process_of_the_build_is_an_error_that_says_what_to_do(corpus, tmp_path):
    folder, _, _ = corpus
    out = request(folder / "clean", tmp_path / "corpus").out
    command = [sys.executable, "-c", BUILD, str(folder / "clean"), str(out)]
    done = subprocess.run([*command, "saving"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "start the same command again" in done.stderr
    assert subprocess.run([*command, "never"], check=False).returncode == 0
    assert (out / "manifest.json").exists()


class TestHeldOut:
    LONG = "The quick brown fox that I saw jumps over the lazy old dog of my good neighbour every day."

    def test_the_same_text_but_for_case_and_marks(self):
        held_out = HeldOut([("suite:1", "Short  text, here!")])
        assert held_out.overlap("short text here").name == "suite:1"
        assert held_out.overlap("Short text there.") is None

    def test_more_than_sixty_percent_of_the_runs_of_seven_words(self):
        held_out = HeldOut([("suite:1", self.LONG), ("suite:2", "Nothing else is like it in this whole wide world.")])
        tokens = self.LONG.split()
        mostly = " ".join([*tokens[:16], "night", "and", "day"])
        found = held_out.overlap(mostly)
        assert found.name == "suite:1"
        assert 0.6 < found.share < 1
        partly = " ".join([*tokens[:9], *"but he did not care at all about what was said".split()])
        assert held_out.overlap(partly) is None

    def test_a_part_of_a_long_text_overlaps_it(self):
        long = " ".join(f"{self.LONG[:-1]} number {i}." for i in range(40))
        assert HeldOut([("article", long)]).overlap(self.LONG).name == "article"

    def test_refused_sentences_are_counted_and_listed(self, tmp_path):
        toy(tmp_path / "clean")
        texts = [f"There were {doc} casualties among the people of the old village" for doc in range(0, 60, 2)]
        held_out = HeldOut([("suite:x", text) for text in texts])
        manifest = build(
            request(tmp_path / "clean", tmp_path / "corpus"), workers=1, held_out=lambda: held_out
        )
        assert (manifest["clean"]["refused"], manifest["clean"]["sentences"]) == (30, 150)
        listed = [json.loads(line) for line in (tmp_path / "corpus/report/refused.jsonl").read_text().splitlines()]
        assert {row["text"].rstrip(".") for row in listed} == set(texts)
        assert {row["held_out"] for row in listed} == {"suite:x"}
        assert not {row["clean"].rstrip(".") for row in read_rows(tmp_path / "corpus")} & set(texts)


class TestDamage:
    """Which engines hit which sentences, and how densely."""

    SENTENCE = "The {} old men of the neighborhood have seen that the river was rising since the last days of winter."

    def documents(self, number=60, size=12):
        return [
            Clean(self.SENTENCE.format(f"{doc}-{i}"), "", f"d{doc}", "toy", "CC0-1.0")
            for doc in range(number)
            for i in range(size)
        ]

    def rows(self, names, seed=1, engines=None, number=60):
        return list(damaged_rows(self.documents(number), engines or Engines(Path("none")), names, seed))

    def test_documents_range_from_untouched_to_dense(self):
        rows = self.rows(["syntax", "identity"], number=120)
        shares = [
            sum(row["density"] for row in doc) / len(doc)
            for doc in (list(found) for _, found in groupby(rows, key=lambda row: row["doc"]))
        ]
        assert sum(share == 0 for share in shares) > 5
        assert sum(share > 0.3 for share in shares) > 5
        assert max(shares) <= 0.65

    def test_the_same_seed_gives_the_same_rows(self):
        one, same, other = (self.rows(["syntax"], seed) for seed in (1, 1, 2))
        assert one == same != other

    def test_wreckage_is_left_out(self):
        for left in ("nothing of it is left at all", ""):
            assert self.rows(["syntax"], engines=Fake(lambda *_, left=left: Damage(left))) == []

    def test_translators_get_all_sentences_of_a_document_and_may_fail(self):
        calls = []

        def translate(sentences, chain):
            calls.append(chain)
            return [None if "-3 " in s else s.replace("rising", "climbing") for s in sentences]

        rows = self.rows(["roundtrip"], engines=Fake(None, translate))
        assert calls == ["spa"]
        assert {row["engine"] for row in rows} == {"roundtrip:spa"}
        assert not any("-3 " in row["clean"] for row in rows)
        assert all(repaired(row) == row["clean"] for row in rows)

    def test_white_space_alone_is_no_damage(self):
        def translate(sentences, _):
            return [s.replace("rising", "climbing").replace(" the", "  the").replace(".", " .") for s in sentences]

        rows = self.rows(["roundtrip"], engines=Fake(None, translate))
        assert rows
        for row in rows:
            assert row["damaged"] == row["clean"].replace("rising", "climbing")
            assert [row["damaged"][start:end] for start, end, *_ in row["edits"]] == ["climbing"]

    def test_british_spelling_is_no_damage(self):
        def translate(sentences, _):
            return [s.replace("rising", "climbing").replace("neighborhood", "neighbourhood") for s in sentences]

        rows = self.rows(["roundtrip"], engines=Fake(None, translate))
        assert rows
        assert all(row["damaged"] == row["clean"].replace("rising", "climbing") for row in rows)

    def test_several_engines_hit_one_sentence(self):
        rows = self.rows(["syntax", "roundtrip"], engines=Fake(
            lambda text, *_: Damage(text.replace("have", "has")), lambda ss, _: [s.replace("rising", "up") for s in ss]
        ))  # fmt: skip
        assert {tuple(row["engines"]) for row in rows} >= {("syntax",), ("roundtrip",), ("roundtrip", "syntax")}


class Fake(Engines):
    """Engines that are functions."""

    def __init__(self, local, batch=None):
        super().__init__(Path("none"))
        self._one, self._many = local, batch

    def local(self, _name):
        return self._one

    def batch(self, _name):
        return self._many

    def chains(self, _name):
        return ["spa"]


class TestUsable:
    def test_what_is_missing_is_left_out_and_said(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        names, hints = usable(["syntax", "roundtrip", "tortured", "syntax"], tmp_path)
        assert names == ["syntax", "syntax"]
        assert any("apt-get install apertium" in hint for hint in hints)
        assert any("--data" in hint for hint in hints)

    def test_nothing_usable_is_an_error(self, tmp_path):
        with pytest.raises(ConfigError, match="no engine can run: tortured needs"):
            usable(["tortured", "identity"], tmp_path)
        with pytest.raises(ConfigError, match="identity alone"):
            usable(["identity"], tmp_path)
        with pytest.raises(ConfigError, match="no engine 'sorcery'"):
            usable(["sorcery"], tmp_path)

    def test_every_engine_says_how_it_is_installed(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(import_module("mtfix.corpus.engines.neural"), "find_spec", lambda _: None)
        for name in set(NAMES) - {"syntax", "channel", "identity"}:
            hint = missing(name, tmp_path, tmp_path)
            assert any(word in hint for word in ("pip install", "apt-get install", "--data", "--marian")), name
