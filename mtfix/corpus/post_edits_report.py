"""What the filter of post-edits kept and dropped, as a page that a person can read."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.post_edits import KEPT, Filter, Gain, Judged
from mtfix.corpus.rows import write_jsonl


def report(found: Filter, examples: int = 50, seed: int = 1) -> str:
    """Markdown: keep rates by language pair, category and reason, and random kept and dropped edits."""
    kept = [judged for judged in found.judged if judged.verdict == KEPT]
    dropped = [judged for judged in found.judged if judged.verdict != KEPT]
    rng = random.Random(seed)
    parts = [
        "# Post-edits that a reader could have made without the source\n",
        f"{len(kept):,} of {len(found.judged):,} edits kept ({_percent(len(kept), len(found.judged))}), "
        f"in {found.kept_rows.total():,} of {found.all_rows.total():,} sentences.\n",
        _rates("Language pair", Counter(j.lang for j in kept), Counter(j.lang for j in found.judged)),
        _rates("Category", Counter(j.edit.category for j in kept), Counter(j.edit.category for j in found.judged)),
        "| Dropped because | edits |\n|---|---:|\n"
        + "".join(f"| {why} | {n:,} |\n" for why, n in Counter(j.verdict for j in dropped).most_common()),
    ]
    for title, group in (("kept", kept), ("dropped", dropped)):
        chosen = rng.sample(group, min(examples, len(group)))
        parts.append(f"## {len(chosen)} random {title} edits\n\n{_examples(chosen)}")
    return "\n".join(parts)


def write(files: Sequence[Path], wordnets: Path, out: Path, limit: int = 0, gain: Gain | None = None) -> str:
    """Filter MLQE-PE files into OUT/NAME.jsonl.gz and OUT/post_edits.md; returns a line of result.

    limit: rows of each file to take, 0 for all. gain: a language model's opinion, see `Filter`.
    """
    found = Filter(PivotEngine.from_folder(wordnets), gain)
    for path in files:
        name = path.name.removesuffix(".gz").removesuffix(".jsonl")
        write_jsonl(out / f"{name}.jsonl.gz", found.rows(path, limit))
    page = out / "post_edits.md"
    page.write_text(report(found), encoding="utf-8")
    return f"{found.kept_rows.total()} of {found.all_rows.total()} sentences have edits to learn from; see {page}\n"


def _rates(head: str, kept: Counter[str], total: Counter[str]) -> str:
    rows = "".join(
        f"| {name} | {number:,} | {kept[name]:,} | {_percent(kept[name], number)} |\n"
        for name, number in total.most_common()
    )
    return f"| {head} | edits | kept | rate |\n|---|---:|---:|---:|\n{rows}"


def _examples(group: Sequence[Judged]) -> str:
    """The sentence with the edit in it: words that go struck out, words that come in bold."""
    lines = []
    for judged in group:
        before, after = judged.damaged[: judged.edit.span.start], judged.damaged[judged.edit.span.end :]
        gone = f"~~{_plain(judged.edit.original.strip())}~~" if judged.edit.original.strip() else ""
        come = f"**{_plain(judged.edit.replacement.strip())}**" if judged.edit.replacement.strip() else ""
        change = " ".join(filter(None, (gone, come)))
        why = "" if judged.verdict == KEPT else f"; {judged.verdict}"
        text = f"{_plain(before[-80:].strip())} {change} {_plain(after[:80].strip())}".strip()
        lines.append(f"1. {text} ({judged.lang}, {judged.edit.category}{why})\n")
    return "".join(lines)


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to obey."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|~" else " " if c.isspace() else c for c in text)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
