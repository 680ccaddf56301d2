"""docs/settings.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from mtfix.settings.effective import Given, effective
from mtfix.settings.keys import keys

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_table_lists_every_key() -> None:
    listed = [tuple(cell.strip() for cell in row.split("|")) for row in re.findall(r"^\| (`.*) \|$", PAGE, re.M)]
    expected = []
    for key in keys():
        value = [str(each) for each in key.default] if isinstance(key.default, tuple) else key.default
        shown = "not set" if value is None else f"`{json.dumps(value, default=str)}`"
        flag = f"`{key.flag}`" if key.flag else ""
        expected.append((f"`{key.name}`", f"`{key.variable}`", flag, shown, key.help))
    assert listed == expected


def test_the_file_shown_is_valid(tmp_path: Path) -> None:
    [shown] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)
    file = tmp_path / "mtfix.toml"
    file.write_text(shown)
    config = effective(Given(file=file), (), {}).config
    assert (config.strictness, config.lsp.delay, config.glossary) == ("conservative", 1.0, tmp_path / "names.csv")
