"""Speed of detection beside the plain way with the same weights, and beside harper, in one run.

    python scripts/bench_detect.py --run work/runs/detector --text seeds/seed_article.txt --out models/speed_detect.json

`--run` is the finished training run whose encoder was exported; without it the comparison with
transformers is left out. harper is left out where `harper-py` isn't installed. Each system reads the
same running text: sentences of the file, repeated to `--words` words. Times are the best of three with
everything loaded.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does; the measured processes inherit it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, default=Path("seeds/seed_article.txt"))
    parser.add_argument("--run", type=Path, help="training run: torch weights for the plain pipeline")
    parser.add_argument("--words", type=int, default=4000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(MEASURES[arguments.measure](arguments)))
        return
    report: dict[str, Any] = {"machine": f"{os.cpu_count()} cores, {platform.machine()}", "text": str(arguments.text)}
    for name in ("mtfix", "one sentence", "transformers", "harper"):
        if name != "transformers" or arguments.run:
            report[name] = fresh(name, arguments)
    print(json.dumps(report, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def fresh(name: str, arguments: argparse.Namespace) -> Any:
    """Measured in a process of its own, so that the peak memory is that of one system."""
    run = ["--run", str(arguments.run)] if arguments.run else []
    command = [sys.executable, __file__, "--measure", name, "--text", str(arguments.text), *run]
    done = subprocess.run([*command, "--words", str(arguments.words)], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"left out": done.stderr.strip().splitlines()[-1:]}


def running_text(arguments: argparse.Namespace) -> list[str]:
    """Sentences of the text, repeated until they hold the wanted number of words."""
    from mtfix.documents.segment import sentences

    text = arguments.text.read_text(encoding="utf-8")
    found = [s.of(text).strip() for s in sentences(text)]
    found = [s for s in found if s]
    per_round = sum(len(s.split()) for s in found)
    return found * max(1, arguments.words // per_round)


def timed(work: Callable[[], object], lines: list[str]) -> dict[str, float]:
    work()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    words = sum(len(line.split()) for line in lines)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"words": words, "words per second": round(words / min(times)), "peak memory MiB": round(peak)}


def with_mtfix(arguments: argparse.Namespace) -> dict[str, Any]:
    """In batches; and whether one sentence at a time gives the same flags as 64 together."""
    import mtfix

    corrector, lines = mtfix.load(rewrite=False), running_text(arguments)
    result: dict[str, Any] = timed(lambda: list(corrector.detect_many(lines)), lines)
    some = lines[:64]
    alone = [corrector.detect(line).flags for line in some]
    together = [found.flags for found in corrector.detect_many(some)]
    same = [[f.span for f in a] == [f.span for f in b] for a, b in zip(alone, together, strict=True)]
    return {**result, "sentences with the same flags in batches of 1 and 64": f"{sum(same)} of {len(same)}"}


def one_sentence(arguments: argparse.Namespace) -> dict[str, float]:
    import mtfix

    corrector, lines = mtfix.load(rewrite=False), running_text(arguments)[:50]
    times = []
    for line in [*lines[:5], *lines]:
        begin = time.perf_counter()
        corrector.detect(line)
        times.append(time.perf_counter() - begin)
    ordered = sorted(times[5:])
    return {
        "median ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "95th percentile ms": round(ordered[int(0.95 * len(ordered))] * 1000, 1),
    }


def with_transformers(arguments: argparse.Namespace) -> dict[str, float]:
    """The token-classification pipeline as its documentation shows it: same encoder, a linear head, float32."""
    import torch
    from transformers import AutoModelForTokenClassification, PreTrainedTokenizerFast, pipeline

    torch.set_num_threads(os.cpu_count() or 1)
    build: Any = PreTrainedTokenizerFast
    tokenizer = build(
        tokenizer_file=str(arguments.run / "tokenizer.json"), unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", model_max_length=256,
    )  # fmt: skip
    model = AutoModelForTokenClassification.from_pretrained(arguments.run / "encoder", num_labels=2)
    plain = pipeline("token-classification", model=model, tokenizer=tokenizer, device=-1)
    lines = running_text(arguments)
    return timed(lambda: plain(lines), lines)


def with_harper(arguments: argparse.Namespace) -> dict[str, float]:
    from mtfix.evaluation.baselines.harper import HarperBaseline
    from mtfix.evaluation.items import Item
    from mtfix.evaluation.systems import Options

    system, lines = HarperBaseline(Options()), running_text(arguments)
    system.start()
    items = [Item(str(i), line) for i, line in enumerate(lines)]
    return timed(lambda: list(system.run(items)), lines)


MEASURES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "mtfix": with_mtfix, "one sentence": one_sentence, "transformers": with_transformers, "harper": with_harper,
}  # fmt: skip


if __name__ == "__main__":
    main()
