"""Suite files: what is accepted, what is refused with which words, and what a run takes from them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from fakes import pairs, write_rows, write_suite

from mtfix.errors import ConfigError, InputError
from mtfix.evaluation import suites
from mtfix.evaluation.suites import find_suite, list_suites, load_suite

DATA = {"path": "a.jsonl", "format": "jsonl"}


def test_a_suite_is_read_field_by_field(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [{"text": "One."}])
    path = write_suite(tmp_path, [{**DATA, "group": "news"}], version=1.5, description="d", limit=7, kind="clean")
    suite = load_suite(path)
    assert (suite.name, suite.version, suite.description, suite.licence) == ("tiny", "1.5", "d", "CC0-1.0")
    assert (suite.kind, suite.metrics, suite.limit) == ("clean", ("correction",), 7)
    assert [item.group for item in suite.read()] == ["news"]


def test_metrics_follow_from_the_kind(tmp_path: Path) -> None:
    assert load_suite(write_suite(tmp_path, [DATA], kind="tags", metrics=None)).metrics == ("detection", "speed")
    with pytest.raises(ConfigError, match="metrics: a suite of kind 'mixed' must name them"):
        load_suite(write_suite(tmp_path, [DATA], kind="mixed", metrics=[]))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"name": None}, "name: is missing"),
        ({"name": ["a"]}, r"name: must be a text, not \['a'\]"),
        ({"licence": None}, "licence: is missing"),
        ({"kind": "pair"}, "kind: unknown value 'pair'; choose one of pairs, tags"),
        ({"metrics": ["bleu"]}, "metrics: unknown value 'bleu'"),
        ({"metrics": "errant"}, "metrics: must be a list"),
        ({"limit": 0}, "limit: must be a whole number from 1, not 0"),
        ({"limit": True}, "limit: must be a whole number from 1, not True"),
        ({"metric": []}, "metric: unknown key; known are name, version"),
        ({"data": []}, "data: must be a list"),
        ({"data": ["a.jsonl"]}, r"data\[0\] must be a mapping"),
        ({"data": [{"format": "jsonl"}]}, r"data\[0\].path: is missing"),
        ({"data": [DATA, {**DATA, "format": "csv"}]}, r"data\[1\].format: unknown value 'csv'; choose one of jsonl"),
        ({"data": [{**DATA, "fields": {"txt": 1}}]}, r"data\[0\].fields: the format jsonl does not know 'txt'"),
        ({"data": [{**DATA, "fields": ["text"]}]}, r"data\[0\].fields: must be a mapping"),
        ({"data": [{**DATA, "format": "text"}]}, r"data\[0\].fields: the format text needs 'references'"),
        ({"data": [{**DATA, "format": "m2", "fields": {"x": 1}}]}, "the format m2 does not know 'x'; it has none"),
        ({"data": [{**DATA, "sha256": 5}]}, r"data\[0\].sha256: must be a checksum"),
        ({"data": [{**DATA, "derive": ["gold"]}]}, r"data\[0\].derive: unknown value 'gold'"),
        ({"data": [{**DATA, "url": "x"}]}, r"data\[0\].url: unknown key"),
    ],
)  # fmt: skip
def test_errors_name_file_and_key(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    path = write_suite(tmp_path, [DATA], **{k: v for k, v in more.items() if k != "name"})
    if "name" in more:
        path.write_text(path.read_text().replace('"tiny"', "null" if more["name"] is None else '["a"]'))
    with pytest.raises(ConfigError, match=message) as caught:
        load_suite(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: [", "is not YAML"), (b"- a", "the file must be a mapping"), (b"\xff", "cannot be read")],
)
def test_files_that_are_no_suites(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_suite(path)


def test_data_is_checked_when_a_checksum_is_given(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "a.jsonl", [{"text": "One."}])
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    right = load_suite(write_suite(tmp_path, [{**DATA, "sha256": digest}]))
    assert len(right.hash) == 64
    wrong = load_suite(write_suite(tmp_path, [{**DATA, "sha256": "0" * 64}]))
    with pytest.raises(ConfigError, match=f"is not the file that the suite was made for: its sha256 is {digest}"):
        _ = wrong.hash
    data.unlink()
    with pytest.raises(InputError, match=r"a\.jsonl cannot be read"):
        _ = load_suite(write_suite(tmp_path, [DATA])).hash


def test_checksums_of_several_files(tmp_path: Path) -> None:
    for name in ("s.txt", "r.txt"):
        write_rows(tmp_path / name, ["One."])
    digest = hashlib.sha256(b"One.\n").hexdigest()
    entry = {"path": "s.txt", "format": "text", "fields": {"references": "r.txt"}}
    assert load_suite(write_suite(tmp_path, [{**entry, "sha256": {"r.txt": digest, "s.txt": digest}}])).hash
    with pytest.raises(ConfigError, match=r"r\.txt is not the file"):
        _ = load_suite(write_suite(tmp_path, [{**entry, "sha256": {"r.txt": "0"}}])).hash
    with pytest.raises(ConfigError, match=r"sha256 names x\.txt, and the data files are s\.txt, r\.txt"):
        _ = load_suite(write_suite(tmp_path, [{**entry, "sha256": {"x.txt": digest}}])).hash


def test_the_hash_is_that_of_data_and_reading_and_of_no_path(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_rows(tmp_path / name / "a.jsonl", [{"text": "One.", "t": "Two."}])
        hashes.append(load_suite(write_suite(tmp_path / name, [DATA], description=name)).hash)
    assert hashes[0] == hashes[1]
    assert load_suite(write_suite(tmp_path / "one", [{**DATA, "fields": {"text": "t"}}])).hash != hashes[0]
    assert load_suite(write_suite(tmp_path / "one", [{**DATA, "documents": 12}])).hash != hashes[0]
    write_rows(tmp_path / "two" / "a.jsonl", [{"text": "One!", "t": "Two."}])
    assert load_suite(tmp_path / "two" / "tiny.yaml").hash != hashes[0]


def test_sources_are_read_in_turn(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [{"text": f"a{i}"} for i in range(4)])
    write_rows(tmp_path / "b.jsonl", ["{", {"text": "b0"}])
    suite = load_suite(write_suite(tmp_path, [DATA, {**DATA, "path": "b.jsonl"}]))
    broken = []
    assert [item.text for item in suite.read(broken.append)] == ["a0", "b0", "a1", "a2", "a3"]
    assert [row.where for row in broken] == [f"{tmp_path / 'b.jsonl'}:1"]
    assert [item.text for item in suite.sample(2)] == ["a0", "b0"]


def test_a_seed_takes_a_reproducible_sample_in_order(tmp_path: Path) -> None:
    suite = load_suite(pairs(tmp_path, 40))
    everything = [item.text for item in suite.sample(None)]
    one, same, other = ([i.text for i in suite.sample(10, seed, total=40)] for seed in (1, 1, 2))
    assert one == same != other
    assert len(one) == 10
    assert one == [text for text in everything if text in one] != everything[:10]
    assert [i.text for i in suite.sample(100, 1, total=40)] == everything


def test_suites_are_found_by_name_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "built_in", lambda: tmp_path / "none")
    path = write_suite(tmp_path, [DATA])
    (tmp_path / "broken.yaml").write_text("name: 1")
    assert find_suite("tiny", tmp_path).path == path
    assert find_suite(str(path)).path == path
    monkeypatch.setenv("MTFIX_SUITES", str(tmp_path))
    assert find_suite("tiny").path == path
    with pytest.raises(ConfigError, match="there is no suite 'x'; known are tiny"):
        find_suite("x")
    with pytest.raises(ConfigError, match=r"broken\.yaml"):
        find_suite("broken")
    with pytest.raises(ConfigError, match="is not a folder"):
        find_suite("tiny", tmp_path / "nowhere")
    found = [type(suite).__name__ for _, suite in list_suites([tmp_path])]
    assert found == ["ConfigError", "Suite"]
