"""Speed and memory of detect and fix, each in a fresh process.

    python scripts/bench_fix.py --text seeds/seed_article.txt --clean data/clean/news.jsonl.gz --out models/speed.json

Prints words per second (models loaded, best of three), peak memory of the process, and the time of a
cold start from the shell.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does; the measured processes inherit it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, default=Path("seeds/seed_article.txt"))
    parser.add_argument("--clean", type=Path, help="jsonl.gz with `text`: a clean file of --words words is made of it")
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", nargs=2, metavar=("VERB", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure)))
        return
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    report: dict[str, Any] = {"machine": machine}
    report["cold start"] = {
        verb: cold_start([verb, str(arguments.text)]) for verb in ("--help", "detect", "fix")
    }
    report["seed article"] = {verb: fresh(verb, arguments.text) for verb in ("detect", "fix")}
    if arguments.clean:
        file = clean_file(arguments.clean, arguments.words)
        report[f"clean file of {arguments.words} words"] = {verb: fresh(verb, file) for verb in ("detect", "fix")}
        spun = spun_file(arguments.text, arguments.words)
        report[f"seed article repeated to {arguments.words} words, detect only"] = {"detect": fresh("detect", spun)}
    print(json.dumps(report, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure(verb: str, file: str) -> dict[str, float]:
    """Runs in a process of its own, so that the peak memory is that of one verb."""
    import mtfix

    text = Path(file).read_text(encoding="utf-8")
    begin = time.perf_counter()
    corrector = mtfix.load(rewrite=verb == "fix")
    loaded = time.perf_counter() - begin
    times = []
    for _ in range(3 if len(text) < 20_000 else 1):
        begin = time.perf_counter()
        getattr(corrector, verb)(text)
        times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    words = len(text.split())
    return {"words": words, "seconds": round(min(times), 2), "words per second": round(words / min(times)),
            "load seconds": round(loaded, 2), "peak memory MiB": round(peak)}  # fmt: skip


def fresh(verb: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--measure", verb, str(file)]
    result: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def cold_start(arguments: list[str]) -> float:
    """Seconds of the whole command, the better of two runs."""
    command = [sys.executable, "-m", "mtfix", *arguments]
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - begin)
    return round(min(times), 2)


def clean_file(source: Path, count: int) -> Path:
    import gzip

    lines: list[str] = []
    with gzip.open(source, "rt", encoding="utf-8") as file:
        while count > 0:
            line = json.loads(next(file))["text"]
            lines.append(line)
            count -= len(line.split())
    return _temporary("clean", "\n".join(lines))


def spun_file(source: Path, count: int) -> Path:
    text = source.read_text(encoding="utf-8")
    return _temporary("spun", "\n".join([text] * (1 + count // len(text.split()))))


def _temporary(name: str, text: str) -> Path:
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="mtfix-bench-")) / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
