"""Writes the measured part of docs/scale.md, with its plot and its arithmetic, from the figures of bench_batch.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- measured: python scripts/bench_batch.py -->\n", "<!-- end of measured -->\n"
WORDS = 1e9
NODE_CORES, DAY = 32, 24.0  # cores of a node, hours that the whole may take
SPARE = 1.2  # nodes for what fails and what is slow


def write_page(page: Path, found: Mapping[str, Any]) -> None:
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    plot = page.with_name("scale.svg")
    growth = sorted((run["words"], run["seconds"]) for name, run in found.items() if name.startswith("growth"))
    if growth:
        plot.write_text(loglog(growth), encoding="utf-8")
    page.write_text(f"{head}{BEGIN}\n{measured(found, growth)}\n{END}{tail}", encoding="utf-8")


def measured(found: Mapping[str, Any], growth: Sequence[tuple[float, float]]) -> str:
    ways = [
        ("`mtfix batch run --workers 2`", "workers 2"), ("`mtfix batch run --workers 1`", "workers 1"),
        ("one document after the other (`fix`), all cores", "loop"),
        ("`datasets.map` over plain transformers, same weights in float32, all cores", "pipeline"),
    ]  # fmt: skip
    rows = [(told, found[name]) for told, name in ways if name in found]
    lines = [f"Measured on {found['machine']}.", "", "| way | words | seconds | words/s | cores used before |"]
    lines += ["|---|---:|---:|---:|---:|"]
    lines += [
        f"| {name} | {run['words']:,} | {run['seconds']:,} | {run['words per second']:,} | {run['cores used before']} |"
        for name, run in rows
    ]
    two, one = found["workers 2"], found["workers 1"]
    times = two["words per second"] / one["words per second"]
    lines += ["", f"Two workers do {times:.2f} times the work of one. {_busy(found)}"]
    lines += ["", *_memory(found), "", *(_growth(growth) if growth else []), "", *_plan(found)]
    return "\n".join(lines) + "\n"


def _busy(found: Mapping[str, Any]) -> str:
    busiest = max(float(run["cores used before"]) for name, run in found.items() if name != "machine")
    if busiest < 0.5:
        return "Nothing else ran."
    return f"Others used up to {busiest:.1f} cores at the time: these are not the machine's own figures."


def _memory(found: Mapping[str, Any]) -> list[str]:
    lines = ["| short texts, a corrector that does nothing | seconds | texts/s | leading process | ledger |"]
    lines.append("|---:|---:|---:|---:|---:|")
    for name, run in found.items():
        if name.startswith("memory"):
            lines.append(
                f"| {run['documents']:,} | {run['seconds']:,} | {run['documents'] / run['seconds']:,.0f} | "
                f"{run['peak MiB of the leading process']} MiB | {run['ledger MiB']} MiB |"
            )
    worker = _worker(found)
    return [*lines, "", f"A worker with the shipped models takes up to {worker} MiB."]


def _worker(found: Mapping[str, Any]) -> int:
    """Peak MiB of a process with the shipped models, in the job where it was highest."""
    return max(run["peak MiB of a worker"] for name, run in found.items() if name.startswith(("growth", "workers")))


def _growth(growth: Sequence[tuple[float, float]]) -> list[str]:
    lines = ["![Seconds by words, both axes logarithmic](scale.svg)", ""]
    lines += ["| words | seconds | seconds a million words |", "|---:|---:|---:|"]
    lines += [f"| {words:,.0f} | {seconds:,.1f} | {seconds / words * 1e6:,.0f} |" for words, seconds in growth]
    long = [point for point in growth if point[0] >= 1e4]
    if len(long) > 1:
        said = f"From 10,000 words on the exponent is {_slope(long):.2f} (1 is in proportion); before that, loading "
        said += "counts."
        largest = long[-3:]
        said += f" Among the {len(largest)} largest it is {_slope(largest):.2f}." if len(long) > len(largest) else ""
    else:
        said = "Of so few words loading the models is the greater part, so this says little about more of them."
    return [*lines, "", said]


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares of log seconds over log words."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - x0) ** 2 for x in xs)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / spread if spread else float("nan")


def _plan(found: Mapping[str, Any]) -> list[str]:
    """The arithmetic for WORDS words; every figure follows from a measured one, the largest job with the models."""
    jobs = [run for name, run in found.items() if name.startswith(("growth", "workers 2"))]
    largest = max(jobs, key=lambda run: run["words"])
    words = largest["words"]
    core = words / largest["processor seconds of the workers"]
    hours = WORDS / core / 3600
    cores = hours / DAY
    nodes = math.ceil(cores / NODE_CORES * SPARE)
    worker = _worker(found)
    # of short texts the ledger holds most for a word
    ledger = max(run["ledger MiB"] * 2**20 / run["words"] for run in found.values() if "ledger MiB" in run)
    text = 6.2  # bytes of a word of English with what stands between words
    feed = WORDS * text / (DAY * 3600) / 1e6
    return [
        "## Plan for 10⁹ words", "",
        f"- **Work.** A second of a core does {core:.0f} words ({words:,.0f} words in "
        f"{largest['processor seconds of the workers']:,} s of processor time). 10⁹ words / {core:.0f} / 3,600 = "
        f"{hours:,.0f} core-hours.",
        f"- **Nodes.** In {DAY:.0f} hours that wants {hours:,.0f} / {DAY:.0f} = {cores:,.0f} cores; with {NODE_CORES} "
        f"cores a node and a fifth to spare {nodes} {'node' if nodes == 1 else 'nodes'}. "
        "Half as many cores take twice as long.",
        f"- **Memory.** A worker for each core, {worker} MiB each: {worker * NODE_CORES / 1024:.0f} GiB a node.",
        f"- **Storage.** Input 10⁹ × {text} bytes = {WORDS * text / 1e9:.1f} GB, output the same again and its edits, "
        f"chunks for Ray about as much, the ledger up to {ledger:.0f} bytes a word ({WORDS * ledger / 1e9:.0f} GB): "
        f"{WORDS * (4 * text + ledger) / 1e9:.0f} GB on a file system that all nodes see.",
        f"- **Reading and writing** is done by the process that leads, {feed:.2f} MB/s of text when the whole takes "
        f"{DAY:.0f} hours: far below what one process reads and writes (the table of short texts above).",
    ]  # fmt: skip


def loglog(points: Sequence[tuple[float, float]]) -> str:
    """Seconds over words as SVG, both axes logarithmic."""
    width, height, left, bottom, top = 560, 380, 64, 48, 14
    (low_x, high_x), (low_y, high_y) = (_powers(values) for values in zip(*points, strict=True))

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - low_x) / (high_x - low_x or 1)
        up = (math.log10(y) - low_y) / (high_y - low_y or 1)
        return left + across * (width - left - 20), height - bottom - up * (height - bottom - top)

    parts = []
    for power in range(low_x, high_x + 1):
        x, y = at(10.0**power, 10.0**low_y)
        parts.append(f'<path class="g" d="M{x:.1f} {y:.1f}V{top}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        x, y = at(10.0**low_x, 10.0**power)
        parts.append(f'<path class="g" d="M{x:.1f} {y:.1f}H{width - 20}"/>')
        parts.append(f'<text class="e" x="{x - 8:.1f}" y="{y + 4:.1f}">{10.0**power:g}</text>')
    places = [at(*point) for point in points]
    parts.append(f'<path class="l" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in places)}"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in places]
    parts.append(f'<text x="{(left + width - 20) / 2}" y="{height - 8}">words</text>')
    parts.append(f'<text transform="translate(16 {height / 2 - 20}) rotate(-90)">seconds</text>')
    style = (
        "text{font:13px system-ui,sans-serif;fill:#5c6570;text-anchor:middle}.e{text-anchor:end}"
        ".g{stroke:#c8ced6;fill:none}.l{stroke:#0969c8;fill:none;stroke-width:2}circle{fill:#0969c8}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="Seconds by words, both axes logarithmic">'
        f"<style>{style}</style>{''.join(parts)}</svg>\n"
    )


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that enclose the values."""
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
