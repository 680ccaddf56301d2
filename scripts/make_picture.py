"""Draw the README's picture: what the shipped models change in the seed article, as an SVG.

    python scripts/make_picture.py [--lines 5] [--strictness balanced] [--models DIR]

Shown are the lines with the most repairs and findings, in the order of the article, exactly as `mtfix fix --diff`
finds them. Taken out is red and struck through, put in is green, flagged but not changed is amber and
underlined.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import mtfix
from mtfix.documents.write import write_atomic
from mtfix.errors import InputError, MtfixError
from mtfix.render.diff import Piece, changed, pieces
from mtfix.render.findings import Stretch
from mtfix.types import Correction

ROOT = Path(__file__).resolve().parents[1]

# monospaced, and every run is stretched to its width, so that all fonts give the same picture
SIZE = 14.0
ADVANCE = 8.4
LINE = 23.0
MARGIN = 22.0
COLUMNS = 96
BETWEEN = 12.0  # between two lines of the article

STYLE = """
  svg { --ground: #ffffff; --edge: #d0d7de; --ink: #1f2328; --soft: #59636e; --del: #b3261e; --del-bg: #fde4e2;
    --ins: #0f6b30; --ins-bg: #d7f3df; --flag: #7a5200; --flag-bg: #fff0c2; }
  @media (prefers-color-scheme: dark) { svg { --ground: #0d1117; --edge: #3d444d; --ink: #e6edf3; --soft: #9198a1;
    --del: #ffb3ac; --del-bg: #4c1f1f; --ins: #93e2ab; --ins-bg: #153d27; --flag: #f2cf6b; --flag-bg: #433613; } }
  .ground { fill: var(--ground); stroke: var(--edge); }
  text { font: 14px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }
  .keep { fill: var(--ink); } .soft { fill: var(--soft); }
  .delete { fill: var(--del); text-decoration: line-through; } .delete-bg { fill: var(--del-bg); }
  .insert { fill: var(--ins); } .insert-bg { fill: var(--ins-bg); }
  .flag { fill: var(--flag); text-decoration: underline; } .flag-bg { fill: var(--flag-bg); }
"""

Run = tuple[str, str]  # kind, text
LEGEND: list[Run] = [
    ("delete", "taken out"), ("keep", "  "), ("insert", "put in"), ("keep", "  "), ("flag", "flagged, not changed"),
]  # fmt: skip


def picture(correction: Correction, count: int) -> str:
    """The `count` lines with the most repairs, then findings. Raises InputError when there are none."""
    chosen = _chosen(list(changed(correction)), count)
    if not chosen:
        raise InputError("no line has a finding, so there is nothing to draw; try --strictness aggressive.")
    rows: list[list[Run] | None] = [LEGEND, None]
    for stretch in chosen:
        rows += [*_wrapped(list(_runs(pieces(correction.original, stretch)))), None]
    return _svg(rows[:-1], correction)


def _chosen(found: Sequence[Stretch], count: int) -> list[Stretch]:
    def repairs(stretch: Stretch) -> tuple[int, int]:
        return sum(mark.kind == "edit" for mark in stretch.marks), len(stretch.marks)

    return sorted(sorted(found, key=repairs, reverse=True)[:count], key=lambda stretch: stretch.number)


def _runs(found: Iterable[Piece]) -> Iterator[Run]:
    before = "keep"
    for piece in found:
        kind = "flag" if piece.kind == "suggestion" else piece.kind
        text = piece.text.strip() if kind == "insert" else piece.text
        if kind == "insert" and text and (before == "delete" or piece.text[0].isspace()):
            yield "keep", " "  # stands apart from what was taken out
        if text or kind == "flag":
            yield kind, text or "‸"
        before = kind


def _wrapped(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Rows of at most COLUMNS characters, broken at spaces."""
    row: list[Run] = []
    width = 0
    for kind, text in runs:
        for part in re.findall(r"\s+|\S+", text):
            if width + len(part) > COLUMNS and row:
                yield _trimmed(row)
                row, width = [], 0
            if not row and part.isspace():
                continue
            if row and row[-1][0] == kind:
                row[-1] = (kind, row[-1][1] + part)
            else:
                row.append((kind, part))
            width += len(part)
    if row:
        yield _trimmed(row)


def _trimmed(row: list[Run]) -> list[Run]:
    return [*row[:-1], (row[-1][0], row[-1][1].rstrip())]


def _svg(rows: Sequence[list[Run] | None], correction: Correction) -> str:
    shapes: list[str] = []
    y = MARGIN
    for row in rows:
        if row is None:
            y += BETWEEN
            continue
        x = MARGIN
        for kind, text in row:
            shapes += _drawn(kind, text, x, y)
            x += len(text) * ADVANCE
        y += LINE
    width, height = 2 * MARGIN + COLUMNS * ADVANCE, y + MARGIN - 6
    label = escape(f"Seed article before and after mtfix {_version(correction)}", {'"': "&quot;"})
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img" aria-label="{label}">',
            f"<title>{label}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="ground" x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="6"/>',
            *shapes,
            "</svg>",
            "",
        ]
    )


def _drawn(kind: str, text: str, x: float, y: float) -> Iterator[str]:
    width = len(text) * ADVANCE
    if kind != "keep":
        yield f'<rect class="{kind}-bg" x="{x - 1:.1f}" y="{y:.1f}" width="{width + 2:.1f}" height="19" rx="3"/>'
    if text.strip():
        start = len(text) - len(text.lstrip())
        core = text.strip()
        place = f'x="{x + start * ADVANCE:.1f}" y="{y + SIZE:.1f}" textLength="{len(core) * ADVANCE:.1f}"'
        yield f'<text class="{kind}" {place} lengthAdjust="spacingAndGlyphs">{escape(core)}</text>'


def _version(correction: Correction) -> str:
    if correction.fingerprint is None:
        return mtfix.__version__
    models = ", ".join(f"{name} {digest}" for name, digest in correction.fingerprint.models.items())
    return f"{correction.fingerprint.version} ({models})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--article", type=Path, default=ROOT / "seeds" / "seed_article.txt")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "before_after.svg")
    parser.add_argument("--lines", type=int, default=5)
    parser.add_argument("--strictness", default="balanced")
    parser.add_argument("--models", type=Path)
    arguments = parser.parse_args()
    try:
        corrector = mtfix.load(strictness=arguments.strictness, models=arguments.models)
        drawn = picture(corrector.fix(arguments.article.read_text(encoding="utf-8")), arguments.lines)
    except MtfixError as error:
        sys.exit(f"make_picture: {error}")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(arguments.output, drawn)


if __name__ == "__main__":
    main()
