"""Speed and memory of `mtfix evaluate` on long suites, each size in a fresh process.

    python scripts/bench_evaluate.py --rows 1000 10000 100000

The suite is the public benchmark over and over, with a number behind every sentence. Two systems stand in for
any: doing nothing, and a file of outputs that repairs every second sentence. What is measured is evaluation
itself: reading, checking, scoring, intervals, comparison, samples. ERRANT, which parses every sentence four
times, is left out unless --metrics names it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
METRICS = ["detection", "spans", "correction", "gleu", "filling", "speed"]
# the command in a process that tells its own peak
_COMMAND = """
import atexit, sys, time
from mtfix.cli.main import main
from mtfix.evaluation.memory import peak_mib
atexit.register(lambda: print(time.process_time(), peak_mib(), file=sys.stderr))
main()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--metrics", nargs="+", default=METRICS)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print("rows     CPU seconds  rows per CPU second  peak MiB")
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="mtfix-") as folder:
            write(Path(folder), rows, arguments.metrics)
            seconds, peak = measured(Path(folder))
        print(f"{rows:<8} {seconds:11.1f}  {rows / seconds:19.0f}  {peak:8.0f}", flush=True)


def write(folder: Path, rows: int, metrics: list[str]) -> None:
    """A suite of so many rows, and outputs for it."""
    benchmark = [json.loads(line) for line in (ROOT / "seeds/benchmark/spun.jsonl").read_text("utf-8").splitlines()]
    with open(folder / "data.jsonl", "w", encoding="utf-8") as data, \
            open(folder / "outputs.jsonl", "w", encoding="utf-8") as outputs:  # fmt: skip
        for i, row in enumerate(islice(cycle(benchmark), rows)):
            text, right = (f"{row[key]} Number {i}." for key in ("text", "reference"))
            id = f"row-{i:06}"
            data.write(json.dumps({**row, "id": id, "text": text, "reference": right}) + "\n")
            outputs.write(json.dumps({"id": id, "corrected": text if i % 2 else right}) + "\n")
    fields = {"id": "id", "references": "reference", "spans": "spans", "group": "topic"}
    entry = {"path": "data.jsonl", "format": "jsonl", "fields": fields, "derive": ["tags"]}
    about = {"name": "long", "version": "1", "licence": "CC BY 4.0", "kind": "mixed"}
    (folder / "long.yaml").write_text(json.dumps({**about, "metrics": metrics, "data": [entry]}), encoding="utf-8")


def measured(folder: Path) -> tuple[float, float]:
    """Seconds of processor time, and MiB of the largest resident set."""
    system = f"file:{folder / 'outputs.jsonl'}"
    arguments = [
        "evaluate", "--suite", folder / "long.yaml", "--system", system, "--baseline", "none",
        "--output", folder / "out", "--quiet",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        sys.exit(f"mtfix evaluate failed: {done.stderr}")
    seconds, peak = done.stderr.split()[-2:]
    return float(seconds), float(peak)


if __name__ == "__main__":
    main()
