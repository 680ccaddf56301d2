from __future__ import annotations

from pathlib import Path

import pytest

from mtfix.errors import ConfigError
from mtfix.training.config import DetectorConfig, RewriterConfig, Source, load_config
from mtfix.training.run import train

CONFIGS = Path(__file__).parents[2] / "scripts" / "configs"
GOOD = """
base: some/base
output: some/output
train: [a.jsonl, {path: b.jsonl, weight: 0.5, limit: 10}]
dev: [c.jsonl]
schedule: {learning_rate: 2e-4, steps: 10}
"""


@pytest.fixture
def settings_file(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "settings.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_settings_are_valid(path):
    config = load_config(DetectorConfig if "detector" in path.stem else RewriterConfig, path)
    assert config.train
    assert config.dev
    assert config.schedule.learning_rate > 0


def test_there_are_shipped_settings():
    assert {p.stem for p in CONFIGS.glob("*.yaml")} >= {"detector", "rewriter"}


def test_values_arrive_with_their_types(settings_file):
    config = load_config(RewriterConfig, settings_file(GOOD + "markers: {open: <a>}\nmax_tokens: 99\n"))
    assert config.train == [Source(path="a.jsonl"), Source(path="b.jsonl", weight=0.5, limit=10)]
    assert config.schedule.learning_rate == pytest.approx(2e-4)
    assert config.markers == {"open": "<a>"}
    assert config.max_tokens == 99


def test_overrides(settings_file):
    path = settings_file(GOOD)
    config = load_config(RewriterConfig, path, ["schedule.minutes=1", "seed=7", "base=other", "markers.open=<a>"])
    assert (config.schedule.minutes, config.schedule.steps, config.seed, config.base) == (1.0, 10, 7, "other")
    assert config.markers == {"open": "<a>"}
    replaced = load_config(DetectorConfig, path, ["train=[x.jsonl]"])
    assert replaced.train == [Source(path="x.jsonl")]


BAD = {
    "unknown key": (GOOD + "colour: red\n", "colour"),
    "unknown inner key": (GOOD.replace("steps: 10", "steps: 10, speed: 3"), "speed"),
    "unknown key of a source": (GOOD.replace("limit: 10", "limits: 10"), "limits"),
    "missing key": (GOOD.replace("base: some/base", ""), "base"),
    "missing inner key": (GOOD.replace("learning_rate: 2e-4, ", ""), "learning_rate"),
    "missing path of a source": (GOOD.replace("path: b.jsonl, ", ""), "path"),
    "schedule without end": (GOOD.replace(", steps: 10", ""), "steps or minutes"),
    "text for a whole number": (GOOD + "seed: many\n", "seed"),
    "part for a whole number": (GOOD + "seed: 1.5\n", "seed"),
    "truth for a whole number": (GOOD + "seed: true\n", "seed"),
    "text for a number": (GOOD.replace("2e-4", "fast"), "learning_rate"),
    "nothing for a number": (GOOD.replace("2e-4", "null"), "learning_rate"),
    "number for a text": (GOOD.replace("some/base", "3"), "base"),
    "text for a list": (GOOD.replace("[c.jsonl]", "c.jsonl"), "dev"),
    "number for a source": (GOOD.replace("[c.jsonl]", "[3]"), "dev"),
    "list for a mapping": (GOOD.replace("{learning_rate: 2e-4, steps: 10}", "[1]"), "schedule"),
    "list for markers": (GOOD + "markers: [a]\n", "markers"),
    "not YAML": (GOOD + "x: [1\n", "YAML"),
    "not UTF-8": (GOOD.encode() + b"# caf\xe9\n", "UTF-8"),
    "a list": ("- 1\n", "mapping"),
    "nothing": ("", "mapping"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_settings_name_file_and_key(settings_file, name):
    text, key = BAD[name]
    path = settings_file(text)
    with pytest.raises(ConfigError) as caught:
        load_config(RewriterConfig, path)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("seed", "seed"), ("seed=x", "seed"), ("schedule.pace=1", "pace"), ("nonsense=1", "nonsense"),
        ("train.path=x", "train"), ("base.inner=1", "base"), ("seed=[1", "seed=[1"),
    ],
)  # fmt: skip
def test_bad_overrides_are_named(settings_file, override, named):
    with pytest.raises(ConfigError, match=named.replace("[", r"\[")):
        load_config(DetectorConfig, settings_file(GOOD), [override])


def test_missing_file(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load_config(DetectorConfig, tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("kind", ["detector", "rewriter"])
def test_a_base_that_is_not_there(settings_file, tmp_path, kind, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    path = settings_file(GOOD.replace("some/base", str(tmp_path / "no_base")))
    with pytest.raises(ConfigError, match="no_base"):
        train(kind, path, output=tmp_path / "run")


def test_training_data_that_is_not_there(tiny_detector, settings_file, tmp_path):
    text = GOOD.replace("some/base", str(tiny_detector.base)).replace("a.jsonl", str(tmp_path / "gone.jsonl"))
    path = settings_file(text)
    with pytest.raises(ConfigError, match=r"gone\.jsonl"):
        train("detector", path, output=tmp_path / "run")


def test_a_marker_of_an_unknown_name(train_rewriter, settings_file, tmp_path):
    path = settings_file(GOOD.replace("some/base", str(train_rewriter("llama").base)) + "markers: {begin: <s>}\n")
    with pytest.raises(ConfigError, match="begin"):
        train("rewriter", path, output=tmp_path / "run")
