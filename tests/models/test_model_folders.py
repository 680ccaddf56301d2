from __future__ import annotations

import json
from pathlib import Path

import pytest

from mtfix.errors import ConfigError, ModelError
from mtfix.models import default_folder, describe, open_model, update_settings, usable_device, write_model

FILES = {"tokenizer.json": b"{}", "model/model.bin": bytes(range(256)) * 10, "empty.txt": b""}


@pytest.fixture
def models(tmp_path) -> Path:
    """A folder with a detector in shards of 1000 bytes, and a rewriter."""
    for kind in ("detector", "rewriter"):
        (tmp_path / kind / "model").mkdir(parents=True)
        write_model(tmp_path / kind, kind, {"name": f"small {kind}", "level": 1}, FILES, shard=1000)
    return tmp_path


def refused(folder: Path, kind: str = "detector") -> str:
    with pytest.raises(ModelError) as caught:
        open_model(folder, kind)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_written_is_read_back_with_shards_joined(models):
    parts = sorted(p.name for p in (models / "detector" / "model").iterdir())
    assert parts == ["model.bin.0", "model.bin.1", "model.bin.2"]
    model = open_model(models, "detector")
    assert dict(model.files) == FILES
    assert model.manifest["settings"] == {"name": "small detector", "level": 1}
    assert model.path == models / "detector"


def test_sharding_does_not_change_the_digest_and_contents_do(models, tmp_path):
    def digest(name, files, **settings):
        (tmp_path / name / "detector" / "model").mkdir(parents=True)
        write_model(tmp_path / name / "detector", "detector", {"name": "small detector", "level": 1} | settings, files)
        return open_model(tmp_path / name, "detector").digest

    first = open_model(models, "detector").digest
    assert digest("whole", FILES) == first
    assert digest("other", {**FILES, "tokenizer.json": b"[]"}) != first
    assert digest("renamed", {"x": b"{}", **{k: v for k, v in FILES.items() if k != "tokenizer.json"}}) != first
    assert digest("level", FILES, level=2) != first


@pytest.mark.parametrize("part", ["tokenizer.json", "model/model.bin.1", "empty.txt"])
def test_a_missing_file(models, part):
    path = models / "detector" / part
    path.unlink()
    assert str(path) in refused(models)


def test_one_flipped_byte(models):
    path = models / "detector" / "model" / "model.bin.2"
    data = bytearray(path.read_bytes())
    data[17] ^= 1
    path.write_bytes(data)
    message = refused(models)
    assert str(path) in message
    assert "damaged" in message
    open_model(models, "rewriter")  # the other one is whole


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\0", lambda _: b""])
def test_a_file_of_another_length(models, change):
    path = models / "detector" / "model" / "model.bin.0"
    path.write_bytes(change(path.read_bytes()))
    assert str(path) in refused(models)


def test_exchanged_shards(models):
    one, two = (models / "detector" / "model" / f"model.bin.{i}" for i in (0, 1))
    data = bytearray(one.read_bytes())
    data[0] = 99
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    assert str(one) in refused(models)


def test_no_folder_at_all(tmp_path):
    message = refused(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere" / "detector") in message
    assert "--models" in message


def test_a_model_of_another_kind(models):
    (models / "detector").rename(models / "kept")
    (models / "rewriter").rename(models / "detector")
    assert str(models / "detector") in refused(models)


BROKEN = ["", "{", "[]", "3", "null", "{}", "\ufeff{"]
BROKEN += ['{"format": 1}', '{"kind": "detector"}', '{"format": 2, "kind": "detector"}']


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_description(models, text):
    path = models / "detector" / "model.json"
    path.write_text(text, encoding="utf-8")
    assert str(path) in refused(models)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.pop("files"),
        lambda m: m.pop("settings"),
        lambda m: m.update(files=[]),
        lambda m: m.update(files={"a": {}}),
        lambda m: m.update(files={"a": {"parts": [{"name": "tokenizer.json"}]}}),
        lambda m: m.update(files={"a": {"parts": 3}}),
    ],
)
def test_a_description_with_holes(models, change):
    path = models / "detector" / "model.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    assert str(path) in refused(models)


def test_a_description_that_is_not_utf8_or_a_folder(models):
    path = models / "detector" / "model.json"
    path.write_bytes(b'{"a": "\xff"}')
    assert str(path) in refused(models)
    path.unlink()
    path.mkdir()
    assert str(path) in refused(models)


def test_settings_can_change_and_files_stay(models):
    before = open_model(models, "detector")
    update_settings(models / "detector", level=2, extra={"a": [1.5]})
    after = open_model(models, "detector")
    assert after.manifest["settings"] == {"name": "small detector", "level": 2, "extra": {"a": [1.5]}}
    assert after.files == before.files
    assert after.digest != before.digest


def test_describe(models):
    rows = describe(models)
    assert [row["kind"] for row in rows] == ["detector", "rewriter"]
    assert [row["name"] for row in rows] == ["small detector", "small rewriter"]
    assert all(row["verified"] for row in rows)
    assert rows[0]["sha256"] == open_model(models, "detector").digest[:12]


def test_describe_reports_errors_instead_of_raising(models, tmp_path):
    (models / "detector" / "tokenizer.json").write_bytes(b"x")
    bad, good = describe(models)
    assert bad["verified"] is False
    assert "tokenizer.json" in bad["error"]
    assert good["verified"] is True
    manifest = json.loads((models / "rewriter" / "model.json").read_text())
    del manifest["settings"]
    (models / "rewriter" / "model.json").write_text(json.dumps(manifest))
    assert [row["verified"] for row in describe(models)] == [False, False]
    assert [row["verified"] for row in describe(tmp_path / "nowhere")] == [False, False]


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MTFIX_MODELS", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("MTFIX_MODELS")
    assert default_folder().name in ("models", "_models")


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctranslate2

    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    assert [usable_device(name) for name in ("cpu", "auto")] == ["cpu", "cpu"]
    with pytest.raises(ConfigError, match="no graphics card"):
        usable_device("cuda")
    with pytest.raises(ConfigError, match="unknown device"):
        usable_device("tpu")
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    assert [usable_device(name) for name in ("cpu", "auto", "cuda")] == ["cpu", "cuda", "cuda"]
