"""What batch jobs cost: memory, throughput of one and two workers beside other ways, growth with the input.

    python scripts/bench_batch.py --clean data/clean/news.jsonl.gz --out docs/scale.json
    python scripts/bench_batch.py --page docs/scale.md --out docs/scale.json

Every measurement runs in a process of its own and is kept in --out, so that a part can be measured again (--only NAME).
The second form writes the measured part of the page anew. The text is clean news; every sixth sentence is one of
the spun seed article, which costs more.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before numpy is imported

ROOT = Path(__file__).parents[1]
SEED = ROOT / "seeds" / "seed_article.txt"
GROWTH = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


class Trivial:
    """Changes nothing and takes no time: what is left is the cost of the job itself."""

    def __init__(self) -> None:
        from mtfix.types import Fingerprint

        self.fingerprint = Fingerprint("trivial", {}, {})

    def fix_many(self, texts: Iterable[Any]) -> Iterator[Any]:
        from mtfix.types import Correction

        for one in texts:
            yield Correction(one.text, one.text, (), (), None, self.fingerprint)


def documents(clean: Path, words: int, size: int = 400) -> list[str]:
    """Documents of about `size` words, `words` in all."""
    spun = [line for line in SEED.read_text(encoding="utf-8").splitlines() if line.strip()]
    sentences = [sentence for line in spun for sentence in line.replace(". ", ".\n").splitlines()]
    found: list[str] = []
    parts: list[str] = []
    done = count = 0
    with gzip.open(clean, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            # numbered, so that no two documents are alike
            parts.append(f"{sentences[number // 6 % len(sentences)]}" if number % 6 == 5 else json.loads(line)["text"])
            count += len(parts[-1].split())
            if count >= min(size, words - done):
                found.append(f"Article {len(found)}.\n\n" + " ".join(parts))
                done, parts, count = done + count, [], 0
            if done >= words:
                return found
    return found


def job(source: Path, texts: Iterable[str], loader: Callable[[], Any], workers: int) -> dict[str, Any]:
    """One job from scratch on JSON lines of the texts: seconds with start and loading, peak memory, processor time."""
    from mtfix.evaluation.memory import peak_mib
    from mtfix.jobs.inputs import Inputs
    from mtfix.jobs.job import Job, Options
    from mtfix.jobs.ledger import Ledger
    from mtfix.jobs.tables import Columns

    words = 0
    with open(source, "w", encoding="utf-8") as file:
        for text in texts:
            words += len(text.split())
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    out = source.parent / "out"
    ledger = Ledger(out, create=True)
    one = Job(Inputs([str(source)], out), out, ledger, Columns(), loader, Options(workers))
    one.run()
    ledger.close()
    tally = one.tally
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "documents": tally.documents, "words": words, "seconds": round(one.seconds, 2),
        "words per second": round(words / one.seconds, 1), "applied": tally.applied,
        "peak MiB of the leading process": round(peak_mib() or 0),
        "peak MiB of a worker": round(children.ru_maxrss / 1024),
        "ledger MiB": round(sum(p.stat().st_size for p in (out / ".mtfix").glob("ledger*")) / 2**20, 2),
        "processor seconds of the workers": round(children.ru_utime + children.ru_stime, 1),
    }  # fmt: skip


def shipped(threads: int) -> Callable[[], Any]:
    from functools import partial

    from mtfix.corrector import load

    return partial(load, threads=threads)


def measure(name: str, clean: Path, folder: Path, words: int) -> dict[str, Any]:
    """One of the measurements. words: of the text that all ways of working are timed on."""
    kind, _, rest = name.partition(" ")
    source = folder / "rows.jsonl"
    if kind == "memory":
        texts = (f"Short text number {n}, and no two of them are alike." for n in range(int(rest)))
        return job(source, texts, Trivial, 2)
    if kind == "growth":
        return job(source, documents(clean, int(rest)), shipped(1), 2)
    found = documents(clean, words)
    if kind == "workers":
        return job(source, found, shipped(1), int(rest))
    # plain transformers take so long that a part of it must do
    return loop(found) if kind == "loop" else pipeline(found[: max(1, len(found) // 5)])


def loop(texts: list[str]) -> dict[str, Any]:
    """`fix` for one document after the other, all cores for each."""
    import mtfix

    begin = time.perf_counter()
    corrector = mtfix.load()
    for text in texts:
        corrector.fix(text)
    return _speed(texts, time.perf_counter() - begin)


def pipeline(texts: list[str]) -> dict[str, Any]:
    """`datasets.map` over transformers: the detector's encoder and head, then generation for suspicious sentences."""
    from bench_pipeline import Plain
    from datasets import Dataset, disable_caching

    disable_caching()
    begin = time.perf_counter()
    plain = Plain()
    rows = Dataset.from_dict({"text": texts})
    rows = rows.map(lambda batch: {"corrected": plain.fix(batch["text"])}, batched=True, batch_size=8)
    return _speed(texts, time.perf_counter() - begin)


def _speed(texts: list[str], seconds: float) -> dict[str, Any]:
    words = sum(len(text.split()) for text in texts)
    return {"documents": len(texts), "words": words, "seconds": round(seconds, 2),
            "words per second": round(words / seconds, 1)}  # fmt: skip


def cores_used() -> float | None:
    """Cores that others use now, over two seconds; None where the system doesn't tell.

    The load average would still hold what this script itself ran before.
    """

    def spent() -> tuple[int, int]:
        fields = [int(field) for field in Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]]
        return sum(fields), fields[3] + fields[4]  # all, idle

    try:
        before = spent()
        time.sleep(2)
        total, idle = (after - early for after, early in zip(spent(), before, strict=True))
    except OSError:
        return None
    return round((os.cpu_count() or 1) * (1 - idle / total), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=Path, default=ROOT / "data" / "clean" / "news.jsonl.gz")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "scale.json")
    parser.add_argument("--only", action="append", metavar="NAME", help="measurements whose names begin so")
    parser.add_argument("--words", type=int, default=8_000, help="words that all ways of working are timed on")
    parser.add_argument("--largest", type=int, default=GROWTH[-1], help="words of the largest input of the growth")
    parser.add_argument("--page", type=Path, help="write the measured part of this page instead of measuring")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        name, folder = arguments.measure
        print(json.dumps(measure(name, arguments.clean, Path(folder), arguments.words)))
        return
    if arguments.page:
        from scale_page import write_page

        write_page(arguments.page, json.loads(arguments.out.read_text(encoding="utf-8")))
        return
    found = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.exists() else {}
    names = ["memory 10000", "memory 100000", "memory 1000000", "workers 1", "workers 2", "loop", "pipeline"]
    names += [f"growth {words}" for words in GROWTH if words <= arguments.largest]
    for name in names:
        if arguments.only and not any(name.startswith(only) for only in arguments.only):
            continue
        before = cores_used()
        with tempfile.TemporaryDirectory(prefix="mtfix-bench-") as folder:
            command = [sys.executable, __file__, "--clean", str(arguments.clean), "--words", str(arguments.words)]
            command += ["--measure", name, folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[name] = {**json.loads(done.stdout.splitlines()[-1]), "cores used before": before}
        print(name, json.dumps(found[name]), file=sys.stderr, flush=True)
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        found["machine"] = f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
