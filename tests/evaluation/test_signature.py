"""What makes kept outputs stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtfix.evaluation.signature import package_digest


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        ("names/ground.py", True), ("names/data/gazetteer.sqlite", True), ("senses/data/channel.npz", True),
        ("evaluation/scores/harm.py", False), ("cli/fix.py", False), ("senses/data/README.md", False),
    ],
)  # fmt: skip
def test_outputs_are_kept_until_code_or_data_behind_them_change(tmp_path: Path, name: str, stale: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"one")
    before = package_digest(tmp_path)
    path.write_bytes(b"two")
    assert (package_digest(tmp_path) != before) is stale
