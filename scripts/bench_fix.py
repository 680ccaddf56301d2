"""Speed and memory of detect and fix, each in a fresh process.

    python scripts/bench_fix.py --text seeds/seed_article.txt --clean data/clean/news.jsonl.gz --out models/speed.json

Prints words per second (models loaded, best of three), peak memory of the process, and the time of a
cold start from the shell. Beside `fix` stand the same tokens read in one go by the same runtimes ("bare"), which is as
fast as it could be, and with --compare what plain transformers takes to rewrite every sentence with the same weights
(`mtfix.evaluation.baselines.whole`; needs the extras train and evaluate, takes minutes).
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
    parser.add_argument("--compare", action="store_true", help="with plain transformers, on the first 300 words")
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
    report["seed article"] = {verb: fresh(verb, arguments.text) for verb in ("detect", "fix", "bare")}
    if arguments.compare:
        report["seed article"]["plain transformers"] = fresh("whole", arguments.text)
    if arguments.clean:
        file = clean_file(arguments.clean, arguments.words)
        verbs = ("detect", "fix", "bare")
        report[f"clean file of {arguments.words} words"] = {verb: fresh(verb, file) for verb in verbs}
        if arguments.compare:
            few = clean_file(arguments.clean, 300)
            report["clean file of 300 words"] = {"plain transformers": fresh("whole", few)}
        spun = spun_file(arguments.text, arguments.words)
        report[f"seed article repeated to {arguments.words} words, detect only"] = {"detect": fresh("detect", spun)}
    print(json.dumps(report, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure(verb: str, file: str) -> dict[str, float]:
    """Runs in a process of its own, so that the peak memory is that of one verb."""
    import mtfix

    if verb in SPECIAL:
        return SPECIAL[verb](Path(file).read_text(encoding="utf-8"))
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
    return {**speed(text, min(times)), "load seconds": round(loaded, 2), "peak memory MiB": round(peak)}


def speed(text: str, seconds: float) -> dict[str, float]:
    words = len(text.split())
    rate = words / seconds
    return {"words": words, "seconds": round(seconds, 2), "words per second": round(rate, None if rate > 20 else 1)}


def whole(text: str) -> dict[str, float]:
    """Plain transformers: every sentence is rewritten, with the weights that ship, dequantised."""
    from mtfix.evaluation.baselines.whole import WholeBaseline
    from mtfix.evaluation.items import Item
    from mtfix.evaluation.systems import Options

    system = WholeBaseline(Options())
    system.start()
    begin = time.perf_counter()
    list(system.run([Item("1", text)]))
    return speed(text, time.perf_counter() - begin)


def bare(text: str) -> dict[str, float]:
    """The tokens that `fix` has the models read, read once more as running text in rows of 128, and nothing else."""
    import mtfix
    from mtfix.models import each
    from mtfix.rewriter.branches import OnnxBackend
    from mtfix.rewriter.lockstep import Look, Tree

    corrector = mtfix.load()
    rewriter, detector = corrector.rewriter.backend, corrector.detector.backend
    assert isinstance(rewriter, OnnxBackend)
    lockstep, chunks = rewriter.lockstep, []
    lockstep.trunk = read = Counted(lockstep.trunk, "ids")
    lockstep.head = looked_up = Counted(lockstep.head, "states")
    logits = detector.logits
    detector.logits = lambda some: chunks.extend(some) or logits(some)  # type: ignore[method-assign]
    corrector.fix(text)
    detector.logits = logits  # type: ignore[method-assign]
    tokens, rows = read.size, looked_up.size
    size = 128
    ids = tuple(range(1000, 1000 + size))

    def once(_: int) -> None:
        (states,) = lockstep.read([Tree(lockstep.shape).branch([(0, ids)])])
        some = states[: round(rows / tokens * size)]
        lockstep.look([Look(some, [0] * len(some), 1)])

    times = []
    for _ in range(3 if len(text) < 20_000 else 1):
        begin = time.perf_counter()
        detector.logits(chunks)
        each(range(-(-tokens // size)), once, lockstep.workers)
        times.append(time.perf_counter() - begin)
    return {**speed(text, min(times)), "tokens of the rewriter": tokens, "texts of the detector": len(chunks)}


class Counted:
    """A session that counts the rows of one of its inputs."""

    def __init__(self, session: Any, name: str) -> None:
        self.session, self._name, self.size = session, name, 0

    def run(self, outputs: Any, inputs: Any) -> Any:
        self.size += len(inputs[self._name])
        return self.session.run(outputs, inputs)

    def run_with_ort_values(self, outputs: Any, inputs: Any) -> Any:
        self.size += inputs[self._name].shape()[0]
        return self.session.run_with_ort_values(outputs, inputs)


SPECIAL = {"whole": whole, "bare": bare}


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
