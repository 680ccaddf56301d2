"""Measure the exported models on development data and write metrics.json beside each.

    python scripts/evaluate_models.py --data data --corpus work/corpus --corpus work/corpus_neural --models models

Only sentences are used that scripts/calibrate.py did not fit on. Intervals are 95 % bootstrap.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mtfix.corrector import load
from mtfix.evaluation import detection, flow, rewriting
from mtfix.evaluation.data import (
    PAIRS,
    clean_sentences,
    documents,
    held_out,
    pair_documents,
    pair_rows,
    post_edited,
    tortured,
)
from mtfix.models import KINDS
from mtfix.training.tagged import from_pair, read_tagged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--corpus", type=Path, action="append", required=True, help="may be repeated")
    parser.add_argument("--post-edits", type=Path, default=Path("work/post_edits"), help="folder of dev files")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--spans", type=int, default=300, help="sentences with gold spans, of each kind")
    parser.add_argument("--sentences", type=int, default=150, help="sentences for the whole flow, of each kind")
    parser.add_argument("--clean", type=int, default=1200, help="clean sentences of each kind; every second is used")
    parser.add_argument("--kind", choices=KINDS, action="append", help="measure only this model")
    arguments = parser.parse_args()
    for kind, measure in (("detector", measure_detector), ("rewriter", measure_rewriter)):
        if kind in (arguments.kind or KINDS):
            write(arguments.models / kind, measure(arguments))


def measure_detector(arguments: argparse.Namespace) -> dict[str, Any]:
    corrector = load(models=arguments.models)
    tagged = [r for pair in PAIRS for r in read_tagged(arguments.data / "mlqe_pe" / f"{pair}.dev.jsonl")]
    synthetic = [from_pair(r) for r in held_out(arguments.corpus)[1::2]]
    calibration = corrector.detector.settings["calibration"]
    real = detection.calibrated(detection.score(corrector.detector, tagged), calibration)
    made = detection.calibrated(detection.score(corrector.detector, synthetic), calibration)
    unseen = documents(arguments.data, arguments.corpus)[1::2]
    whole = [
        detection.calibrated(document, calibration)
        for document in detection.score_documents(corrector.detector, unseen)
    ]
    weights = corrector.detector.settings["document"]
    moved = [s for document in whole for s in detection.informed(document, weights)]
    return {
        "documents, sentence by sentence": detection.summary([s for document in whole for s in document]),
        "documents, informed by their other sentences": detection.summary(moved),
        "MLQE-PE dev, all sentences": detection.report(real),
        "synthetic dev, not used for calibration": detection.report(made),
        "calibration error of words (MLQE-PE dev, second half)": detection.calibration_error(real[1::2]),
        "calibration error of words (synthetic dev, second half)": detection.calibration_error(made),
        "models": corrector.fingerprint.models,
    }


def measure_rewriter(arguments: argparse.Namespace) -> dict[str, Any]:
    corrector = load(models=arguments.models)
    synthetic = held_out(arguments.corpus)[1::2]
    edits = pair_rows(sorted(arguments.post_edits.glob("*.dev.jsonl.gz")), arguments.spans)
    clean = clean_sentences(arguments.data, arguments.clean)[1::2]
    real = post_edited(arguments.data, arguments.sentences)
    joined = [whole(rows) for rows in pair_documents(synthetic[: 8 * arguments.sentences])]
    terms = tortured(arguments.data, "test", arguments.spans)
    return {
        "given gold spans, synthetic dev": rewriting.exact_match(corrector, synthetic[: arguments.spans]),
        "given gold spans, recoverable post-edits (MLQE-PE dev)": rewriting.exact_match(corrector, edits),
        "given gold spans, tortured phrases never seen": rewriting.exact_match(corrector, terms),
        "whole flow, synthetic dev": flow.against_references(corrector, synthetic[-4 * arguments.sentences :]),
        "whole flow, documents of synthetic dev": flow.against_references(corrector, joined),
        "whole flow, documents of tortured phrases never seen": flow.against_references(
            corrector, [whole(rows) for rows in pair_documents(terms)]
        ),
        "whole flow, MLQE-PE dev": flow.against_references(corrector, real),
        "harm, clean dev": {
            strictness: flow.harm(load(models=arguments.models, strictness=strictness), clean)
            for strictness in ("conservative", "balanced")
        },
        "models": corrector.fingerprint.models,
    }


def whole(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows of a document as one."""
    return {"engine": rows[0]["engine"], **{k: " ".join(row[k] for row in rows) for k in ("damaged", "clean")}}


def write(folder: Path, metrics: dict[str, Any]) -> None:
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(metrics, indent=1))


if __name__ == "__main__":
    main()
