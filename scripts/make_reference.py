"""Record what the torch models say about the seed article, for the test that the exported ones agree.

    python scripts/make_reference.py --detector work/runs/detector --rewriter work/runs/rewriter --models models

Writes reference.json beside each model: word scores per sentence, and the first answer for every span
that the rewriter is asked about.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtfix.corrector import Corrector, load
from mtfix.detector.model import Detector
from mtfix.detector.spans import suspicions
from mtfix.documents.segment import sentences
from mtfix.rewriter.model import Rewriter
from mtfix.training.torch_backend import TorchDetectorBackend, TorchRewriterBackend


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", type=Path, help="run folder; left out: its reference stays as it is")
    parser.add_argument("--rewriter", type=Path, help="run folder; left out: its reference stays as it is")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--text", type=Path, default=Path("seeds/seed_article.txt"))
    arguments = parser.parse_args()
    shipped = load(models=arguments.models)
    text = arguments.text.read_text(encoding="utf-8")
    texts = [span.of(text) for span in sentences(text)]

    if arguments.detector:
        write(arguments.models / "detector", detector_reference(shipped, arguments.detector, texts))
    if arguments.rewriter:
        write(arguments.models / "rewriter", rewriter_reference(shipped, arguments.rewriter, texts))


def detector_reference(shipped: Corrector, run: Path, texts: Sequence[str]) -> dict[str, Any]:
    # kinds of damage are fitted to the exported model: a run tells none
    settings = {**shipped.detector.settings, "kinds": []}
    detector = Detector(shipped.detector.encoder, TorchDetectorBackend(run), settings)
    return {
        "sentences": [
            {"text": t, "scores": [round(word.score, 5) for word in words]}
            for t, (words, _) in zip(texts, detector.score(texts), strict=True)
        ]
    }


def rewriter_reference(shipped: Corrector, run: Path, texts: Sequence[str]) -> dict[str, Any]:
    limits = shipped.detector.settings["thresholds"]["balanced"]
    spans = [
        [s.span for s in suspicions(words, gaps, word=limits["ask"], gap=limits["gap"])]
        for words, gaps in shipped.detector.score(texts)
    ]
    requests = [(t, found) for t, found in zip(texts, spans, strict=True) if found]
    settings = shipped.rewriter.settings
    backend = TorchRewriterBackend(run, encoder_decoder=settings["encoder_decoder"], stop=shipped.rewriter.encoder.end)
    rewriter = Rewriter(shipped.rewriter.encoder, backend, settings)
    answers = []
    for (sentence, found), proposed in zip(requests, rewriter.propose(requests, beams=4), strict=True):
        firsts = [[options[0].text, round(options[0].probability, 5)] if options else None for options in proposed]
        answers.append({"text": sentence, "spans": [[s.start, s.end] for s in found], "answers": firsts})
    return {"beams": 4, "sentences": answers}


def write(folder: Path, reference: dict[str, Any]) -> None:
    (folder / "reference.json").write_text(json.dumps(reference, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
