"""Turn the sentences written under seeds into JSON lines with offsets, and write the benchmark's suites.

    python scripts/make_benchmark.py            # writes
    python scripts/make_benchmark.py --check    # says what differs from what is there; exit 1 if anything does
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CATEGORIES = {
    "ws": "wrong-sense", "li": "literal-idiom", "co": "collocation", "wo": "word-order", "fw": "function-word",
    "at": "agreement-tense", "na": "name", "nu": "number-unit", "ca": "casing", "re": "repetition",
    "un": "untranslated", "om": "omission", "tp": "tortured-phrase", "ot": "other",
}  # fmt: skip
SEVERITIES = {"-": "minor", "": "major", "!": "critical"}
SPOT = re.compile(r"\{([^{}|]*)\|([^{}|]+)\|([a-z]{2})([-!]?)\}")
OWN = "written for this benchmark"
VERSION = "1.0"


class AuthoringError(ValueError):
    """A line of the master copy that does not follow its own rules."""


def sections(path: Path) -> Iterator[tuple[str, int, str]]:
    """Heading, number and text of every sentence line."""
    heading = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            heading = line.removeprefix("## ").strip()
        elif line.strip() and not line.startswith("#"):
            if not heading:
                raise AuthoringError(f"{path}:{number}: a sentence before the first heading")
            yield heading, number, line.strip()


def tightened(spun: str, repairs: list[str]) -> tuple[int, int]:
    """How many characters at the start and end of `spun` belong to words that all repairs share with it.

    At least one word is left, so that a missing word is marked by the word it is missing beside.
    """
    words = [text.split(" ") for text in (spun, *repairs)]
    start = end = 0
    while all(len(w) > 1 for w in words) and len({w[0] for w in words}) == 1:
        start += len(words[0][0]) + 1
        words = [w[1:] for w in words]
    while all(len(w) > 1 for w in words) and len({w[-1] for w in words}) == 1:
        end += len(words[0][-1]) + 1
        words = [w[:-1] for w in words]
    return start, end


def spun_row(line: str, *, maybe_good: bool = False) -> dict[str, Any]:
    """Text, reference and spans (offsets in code points of the text) of a marked-up sentence."""
    text, reference, spans, position = "", "", [], 0
    for found in SPOT.finditer(line):
        between = line[position : found.start()]
        spun, code, mark = found[1], found[3], found[4]
        repairs = ["" if repair == "∅" else repair for repair in found[2].split("~")]
        if code not in CATEGORIES:
            raise AuthoringError(f"unknown category {code!r}")
        if len(set(repairs)) < len(repairs) or spun in repairs:
            raise AuthoringError(f"a repair stands twice, or changes nothing: {found[0]}")
        if any(repair != repair.strip() for repair in repairs) and spun == spun.strip() != "":
            raise AuthoringError(f"white space around a repair: {found[0]}")
        text += between
        reference += between + repairs[0]
        head, tail = tightened(spun, repairs)
        spans.append(
            {
                "start": len(text) + head,
                "end": len(text) + len(spun) - tail,
                "category": CATEGORIES[code],
                "severity": SEVERITIES[mark],
                "repairs": [repair[head : len(repair) - tail] for repair in repairs],
            }
        )
        text += spun
        position = found.end()
    rest = line[position:]
    if not (spans or maybe_good) or set("{}|~∅") & set(text + rest):
        raise AuthoringError("no damaged spot, or one that is not written as {spun|repairs|category}")
    return {"text": text + rest, "reference": reference + rest, "spans": spans}


def spun_rows(path: Path, *, maybe_good: bool = False) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for topic, number, line in sections(path):
        counts[topic] = counts.get(topic, 0) + 1
        try:
            rows.append({"id": f"{topic}-{counts[topic]:02}", "topic": topic, **spun_row(line, maybe_good=maybe_good)})
        except AuthoringError as error:
            raise AuthoringError(f"{path}:{number}: {error}") from error
    return rows


def article_rows(path: Path) -> list[dict[str, Any]]:
    """Articles that users may have: headings say how damaged they are, and sentences may be good."""
    rows = []
    for row in spun_rows(path, maybe_good=True):
        topic, damage = row["topic"].split()
        rows.append({**row, "id": row["id"].replace(f" {damage}", ""), "topic": topic, "damage": damage})
    return rows


def clean_rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for kind, _, line in sections(path):
        counts[kind] = counts.get(kind, 0) + 1
        text, _, source = line.partition(" || ")
        rows.append({"id": f"{kind}-{counts[kind]:02}", "kind": kind, "text": text.strip(), "source": source or OWN})
    return rows


def lines_of(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


SPUN_SUITE = f"""\
name: spun
version: "{VERSION}"
description: Spun sentences on ten topics, written one by one, with marked spans and accepted repairs.
licence: CC BY 4.0
kind: mixed
metrics: [detection, spans, correction, errant, gleu, filling, speed]
data:
  - path: ../benchmark/spun.jsonl
    format: jsonl
    fields: {{id: id, text: text, references: reference, spans: spans, group: topic}}
    derive: [tags]
    sha256: %s
"""
# whoever reads whole articles knows more of a sentence than it says
DOCUMENTS_SUITE = (
    SPUN_SUITE.replace("name: spun\n", "name: spun-documents\n")
    .replace("Spun sentences on ten topics, written one by one,", "The sentences of spun as articles, twelve each,")
    .replace("gleu, filling, speed", "gleu, speed")  # what can be written in a place is asked sentence by sentence
    .replace("[tags]\n", "[tags]\n    documents: 12\n")
)
CLEAN_SUITE = f"""\
name: tricky-clean
version: "{VERSION}"
description: Sentences in which nothing is wrong though something looks it; every edit and every flag is harm.
licence: CC BY 4.0
kind: clean
data:
  - path: ../benchmark/tricky_clean.jsonl
    format: clean
    fields: {{id: id, text: text, group: kind}}
    sha256: %s
"""


def built(root: Path) -> dict[Path, str]:
    """What the master copies under `root`/seeds give: file -> text."""
    files = {}
    for master, make, suites in (
        ("benchmark/spun", spun_rows, {"spun": SPUN_SUITE, "spun-documents": DOCUMENTS_SUITE}),
        ("benchmark/tricky_clean", clean_rows, {"tricky-clean": CLEAN_SUITE}),
        ("development/articles", article_rows, {}),
    ):
        text = lines_of(make(root / "seeds" / f"{master}.txt"))
        files[root / "seeds" / f"{master}.jsonl"] = text
        for suite, template in suites.items():
            files[root / "seeds" / "suites" / f"{suite}.yaml"] = template % hashlib.sha256(text.encode()).hexdigest()
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare with what is there")
    check = parser.parse_args().check
    differing = 0
    for path, text in built(ROOT).items():
        if path.is_file() and path.read_bytes() == text.encode():
            continue
        differing += 1
        print(path.relative_to(ROOT), "differs" if check else "written")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
