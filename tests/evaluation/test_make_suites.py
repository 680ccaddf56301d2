"""The project's own suites, made from a small data folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import make_suites
import pytest
from pyarrow import parquet as pq

from mtfix.corpus.rows import is_dev, table
from mtfix.evaluation.data import tortured
from mtfix.evaluation.suites import load_suite

ROOT = Path(__file__).resolve().parents[2]
DEV = [f"doc{i}" for i in range(400) if is_dev(f"doc{i}")]
TRAIN = [f"doc{i}" for i in range(400) if not is_dev(f"doc{i}")]


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    data, corpus = tmp_path / "data", tmp_path / "corpus"
    for pair in ("et-en", "ro-en"):
        mlqe = {
            "id": pair, "lang": pair, "mt": "He go home.", "pe": "He goes home.", "mt_tok": ["He", "go", "home", "."],
            "tags": ["OK", "BAD", "OK", "OK"], "gaps": ["OK"] * 5,
        }  # fmt: skip
        _write(data / "mlqe_pe" / f"{pair}.dev.jsonl", [mlqe])
    _write(
        data / "wets" / "de-en.dev.jsonl",
        [{"id": "w1", "lang": "de-en", "masked": "A <MASK_REP> day.", "suggestion": "fine", "fixed": "A fine day."}],
    )
    lexicon = [
        {"tortured": f"odd phrase {i}", "expected": f"phrase {i // 2}", "alternatives": ["other"], "requires": [],
         "excludes": [], "proximity": None, "uncertain": i == 7}
        for i in range(80)
    ]  # fmt: skip
    conditional = {**lexicon[0], "requires": ["x"]}
    lexicon += [{**conditional, "tortured": f"conditional {i}", "expected": f"c {i}"} for i in range(40)]
    _write(data / "tortured" / "lexicon_train.jsonl", lexicon)
    source = {"source": "UniversalDependencies/UD_English-GUM (news)", "licence": "CC BY 4.0"}
    for kind in ("news", "wiki"):
        rows = [{"text": f"{kind} {doc} is fine.", "doc": doc, **source} for doc in DEV + TRAIN]
        _write(data / "clean" / f"{kind}.jsonl.gz", rows)
    synthetic = [
        {"damaged": f"The final father {i}.", "clean": f"The late father {i}.",
         "edits": [[4, 9, "late", "wrong-sense"]], "engine": engine, "doc": "d", "source": "s",
         "licence": engine.upper(), "before": ""}
        for engine in ("pivot", "syntax") for i in range(6)
    ]  # fmt: skip
    same = {**synthetic[0], "damaged": "Good.", "clean": "Good.", "edits": [], "engine": "identity"}
    rows = [*(row | {"damaged": f"{row['engine']} {row['damaged']}",
           "clean": f"{row['engine']} {row['clean']}"} | {"edits": [[len(row['engine']) + 5, len(row['engine']) + 10,
           "late", "wrong-sense"]]} for row in synthetic), same]  # fmt: skip
    (corpus / "dev").mkdir(parents=True)
    more = {"id": "", "engines": [], "density": 0.1, "seed": 1}
    pq.write_table(table([row | more for row in rows]), corpus / "dev" / "0.parquet")
    return data, corpus


def _make(folders: tuple[Path, Path], out: Path, *more: str) -> int:
    data, corpus = folders
    made: int = make_suites.main(["--data", str(data), "--corpus", str(corpus), "--out", str(out), *more])
    return made


def _items(path: Path) -> list[Any]:
    broken: list[Any] = []
    items = list(load_suite(path).read(broken.append))
    assert not broken
    return items


def test_all_suites_can_be_loaded_and_read(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "suites"
    assert _make(folders, out, "--per-group", "4") == 0
    assert sorted(path.stem for path in out.glob("*.yaml")) == sorted(make_suites.SUITES)
    for path in out.glob("*.yaml"):
        suite = load_suite(path)
        assert len(suite.hash) == 64, "the declared checksums agree with the files"
        assert suite.licence
        assert _items(path)


def test_gold_of_every_suite_arrives(folders: tuple[Path, Path], tmp_path: Path) -> None:
    _make(folders, tmp_path, "--per-group", "4")
    mt = _items(tmp_path / "mlqe-pe-dev.yaml")
    assert {item.group for item in mt} == {"et-en", "ro-en"}
    assert mt[0].bad == (False, True, False, False)
    assert mt[0].references == ("He goes home.",)
    [gap] = _items(tmp_path / "wets-dev.yaml")
    assert gap.references == ("A fine day.",)
    made = _items(tmp_path / "synthetic-dev.yaml")
    assert {item.group for item in made} == {"identity", "pivot", "syntax"}
    for item in made:
        if item.group == "identity":
            assert item.spans == ()
            assert not any(item.bad)
        else:
            [gold] = item.spans
            assert gold.span.of(item.text) == "final"
            assert gold.repairs == ("late",)
            assert sum(item.bad) == 1
    clean = _items(tmp_path / "clean-dev.yaml")
    assert {item.group for item in clean} == {"news: GUM news", "wiki: GUM news"}
    assert all(item.clean for item in clean)


def test_groups_are_no_larger_than_asked_and_licences_are_named(folders: tuple[Path, Path], tmp_path: Path) -> None:
    _make(folders, tmp_path, "--per-group", "2", "--suite", "synthetic-dev")
    groups = [item.group for item in _items(tmp_path / "synthetic-dev.yaml")]
    # in turn, so that a limit takes from all of them
    assert groups == ["identity", "pivot", "syntax", "pivot", "syntax"]
    assert load_suite(tmp_path / "synthetic-dev.yaml").licence == "PIVOT; SYNTAX"


def test_clean_text_is_from_documents_that_training_left_out(folders: tuple[Path, Path], tmp_path: Path) -> None:
    _make(folders, tmp_path, "--suite", "clean-dev")
    texts = {item.text for item in _items(tmp_path / "clean-dev.yaml")}
    assert texts == {f"{kind} {doc} is fine." for kind in ("news", "wiki") for doc in DEV}


def test_held_out_phrases_are_not_in_the_rest_of_the_lexicon(folders: tuple[Path, Path], tmp_path: Path) -> None:
    _make(folders, tmp_path, "--suite", "tortured-dev")
    probes = {item.spans[0].repairs[0] for item in _items(tmp_path / "tortured-dev.yaml")}
    rest = [json.loads(line) for line in (tmp_path / "lexicon_rest.jsonl").read_text().splitlines()]
    assert probes
    assert not probes & {row["expected"] for row in rest}
    tuned = {row["clean"] for row in tortured(folders[0], "tune", 99)}
    assert tuned
    assert not any(f" {phrase} " in clean or f" {phrase}." in clean for phrase in probes for clean in tuned)
    assert not any(phrase.startswith("c ") for phrase in probes), "wrong only beside other words"
    assert 80 * 0.5 < len(rest) < 120 - len(probes)


def test_the_same_data_gives_the_same_suites(folders: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    _make(folders, first)
    _make(folders, second)
    assert {p.name: load_suite(p).hash for p in first.glob("*.yaml")} == {
        p.name: load_suite(p).hash for p in second.glob("*.yaml")
    }


def test_missing_data_is_said_and_the_other_suites_are_made(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, corpus = folders
    (corpus / "dev" / "0.parquet").unlink()
    assert _make(folders, tmp_path / "s") == 1
    assert "synthetic-dev was not made" in (message := capsys.readouterr().err)
    assert "holds no Parquet files" in message
    assert len(list((tmp_path / "s").glob("*.yaml"))) == 4


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("UniversalDependencies/UD_English-GUM (court)", "GUM court"),
        ("nltk/nltk_data masc_tagged (travel-guides)", "MASC travel-guides"),
        ("nltk/nltk_data state_union", "state_union"),
        ("Groningen Meaning Bank sentences (mostly Voice of America) via x/y z.csv.zip", "Groningen Meaning Bank"),
        ("MicrosoftTranslator/NTREX (newstest2019 English source)", "NTREX"),
    ],
)
def test_sources_get_short_names(source: str, short: str) -> None:
    assert make_suites.short_source(source) == short
