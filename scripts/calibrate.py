"""Fit probabilities, thresholds and operating points of exported models on development data.

    python scripts/calibrate.py --data data --corpus work/corpus --corpus work/corpus_neural --models models

Every second sentence (or article) of each development set is used here; scripts/evaluate_models.py measures on the
others. What was fitted is written into the models' model.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from mtfix.corpus.rows import file_of
from mtfix.corrector import Corrector, load
from mtfix.documents.words import words
from mtfix.evaluation import calibrate, rewriting
from mtfix.evaluation.data import (
    PAIRS,
    clean_documents,
    clean_sentences,
    documents,
    held_out,
    pair_documents,
    post_edited,
    tortured,
    written,
)
from mtfix.evaluation.detection import calibrated, calibration_error, score, score_documents
from mtfix.evaluation.logit import logistic
from mtfix.models import KINDS, update_settings
from mtfix.senses.channel import Channel
from mtfix.training.tagged import from_clean, from_pair, read_tagged

WRITTEN = Path(__file__).resolve().parents[1] / "seeds" / "development" / "articles.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--corpus", type=Path, action="append", required=True, help="may be repeated")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--sentences", type=int, default=640, help="damaged sentences for the confidence model")
    parser.add_argument("--clean", type=int, default=3000, help="clean sentences of each kind of text, at most")
    parser.add_argument("--written", type=Path, default=WRITTEN, help="articles written by hand, all of them")
    parser.add_argument("--held-out", type=Path, help="articles of scripts/make_written.py, every second of them")
    parser.add_argument(
        "--channel", type=Path, action="append", default=[], metavar="FILE",
        help="a table of scripts/build_channel.py --folds, for the held-out articles of files that it is without",
    )  # fmt: skip
    parser.add_argument("--kind", choices=KINDS, action="append", help="fit only this model")
    arguments = parser.parse_args()
    synthetic = held_out(arguments.corpus)[::2]
    clean = [text for _, text in clean_sentences(arguments.data, arguments.clean)][::2]
    kinds = arguments.kind or KINDS
    if "detector" in kinds:
        fit_detector(arguments, synthetic, clean)
    if "rewriter" in kinds:
        fit_rewriter(arguments, synthetic, clean)


def fit_detector(arguments: argparse.Namespace, synthetic: list[dict[str, Any]], clean: list[str]) -> None:
    detector = load(models=arguments.models).detector
    tagged = [row for pair in PAIRS for row in read_tagged(arguments.data / "mlqe_pe" / f"{pair}.dev.jsonl")][::2]
    found = score(detector, [*tagged, *map(from_pair, synthetic), *map(from_clean, clean)])
    calibration = calibrate.probabilities(found)
    detector.settings["calibration"] = calibration
    made = documents(arguments.data, arguments.corpus)[::2]
    document = calibrate.document_weights([calibrated(d, calibration) for d in score_documents(detector, made)])
    good = clean_documents(arguments.data, 800)[::2]
    scores = iter(detector.score([sentence for whole in good for sentence in whole]))
    scored = [[next(scores) for _ in whole] for whole in good]
    alone = [tokens for tokens, _ in detector.score(clean)]
    thresholds = calibrate.thresholds(scored, document)
    for _ in range(4 if document else 0):  # what is assumed of any text moves documents, too
        document = calibrate.started(document, alone, thresholds["balanced"]["word"])
        thresholds = calibrate.thresholds(scored, document)
    fitted = {"calibration": calibration, "document": document, "thresholds": thresholds}
    update_settings(arguments.models / "detector", **fitted)
    error = calibration_error(calibrated(found, calibration))
    print(json.dumps({**fitted, "ece": error}, indent=1))


def fit_rewriter(arguments: argparse.Namespace, synthetic: list[dict[str, Any]], clean: list[str]) -> None:
    # each strictness asks about other places
    correctors = {name: load(models=arguments.models, strictness=name) for name in calibrate.FLAGGED}
    for corrector in correctors.values():  # what was fitted before must not hide anything
        corrector.rewriter.settings.pop("quiet", None)
    # sentences alone, many of them real machine translation of the better systems, and sentences of documents; what was
    # written by hand as both, but for what is so much like the articles that models learnt from
    articles = written(arguments.written)
    like_learnt = written(arguments.held_out)[::2] if arguments.held_out else []
    by_hand = [row for article in articles for row in article]
    alone = synthetic[: arguments.sentences // 2] + post_edited(arguments.data, arguments.sentences // 8, PAIRS[:3])
    made = pair_documents(synthetic[arguments.sentences // 2 :][: arguments.sentences]) + articles
    damaged = calibrate.observations(correctors["balanced"], [*([row] for row in alone + by_hand), *made])
    damaged += like(correctors["balanced"], like_learnt, [Channel(path) for path in arguments.channel])
    good = [[text] for text in clean] + clean_documents(arguments.data, 800)[:320:2]
    lowest = {name: one.detector.settings["thresholds"][name]["ask"] for name, one in correctors.items()}
    harmless = {name: calibrate.observations(one, unharmed(good)) for name, one in correctors.items()}
    # tortured phrases, of which only places count where words look exchanged: there are few such in other damage
    terms = tortured(arguments.data, "tune", arguments.sentences)
    seen = calibrate.observations(correctors["balanced"], pair_documents(terms))
    exchanged = [one for one in seen if any(p.exchanged is not None for p in one.case.proposals)]
    fitted, report = fit_judge(damaged, exchanged, harmless, lowest, good)
    # kept, should what follows be stopped: it takes as long again
    update_settings(arguments.models / "rewriter", **fitted)
    # far more is considered for each of these places than in `fix`, so there are fewer of them
    options = rewriting.judged(correctors["balanced"], synthetic[: arguments.sentences // 4] + by_hand)
    told = rewriting.judged(correctors["balanced"], terms[: arguments.sentences // 4])
    options += [judged for judged in told if judged[0][0].proposal.exchanged is not None]
    fitted["choice"] = rewriting.fit_choice(options)
    report["places"] = len(options)
    update_settings(arguments.models / "rewriter", choice=fitted["choice"])
    print(json.dumps({**fitted, **report}, indent=1))


def like(
    corrector: Corrector, articles: list[list[dict[str, Any]]], channels: Sequence[Channel]
) -> list[calibrate.Seen]:
    """What is seen in articles like those that the channel's table was made of, with tables made without their files;
    with that of the package in what none of them was made without."""
    found: list[calibrate.Seen] = []
    shipped = corrector.channel
    for channel, part in groupby(articles, key=lambda article: _apart(article, channels) or shipped):
        corrector.channel = channel
        found += calibrate.observations(corrector, list(part))
    corrector.channel = shipped
    return found


def _apart(article: list[dict[str, Any]], channels: Sequence[Channel]) -> Channel | None:
    return next((c for c in channels if file_of(article[0]) in c.without), None)


def unharmed(documents: list[list[str]]) -> list[list[dict[str, Any]]]:
    return [[{"damaged": text, "clean": text} for text in texts] for texts in documents]


Found = dict[str, list[calibrate.Seen]]


def fit_judge(
    damaged: list[calibrate.Seen], exchanged: list[calibrate.Seen],
    harmless: Found, lowest: dict[str, float], good: list[list[str]],
) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
    """The settings, and what to tell of how well they fit.

    `exchanged` counts for how repairs are ranked and how sure they are only. `harmless` is what each strictness sees in
    clean text, and `good` that text: there is much of it, since a few edits of many sentences decide from where on
    edits are applied.
    """
    sentences, count = sum(map(len, good)), sum(len(words(text)) for texts in good for text in texts)
    quiet = calibrate.quiet(damaged)
    about = partial(calibrate.asked_about, settings={"quiet": quiet})
    damaged = about(damaged, lowest=lowest["balanced"])
    ranking = calibrate.fit_ranking([*damaged, *exchanged])
    damaged, exchanged = ([seen.ranked(ranking) for seen in found] for found in (damaged, exchanged))
    clean = {name: [s.ranked(ranking) for s in about(found, lowest=lowest[name])] for name, found in harmless.items()}
    everything = [*damaged, *clean["balanced"]]
    weights = calibrate.fit_confidence([*everything, *exchanged])
    free = [calibrate.chosen(found, free=True) for found in (damaged, clean["balanced"])]
    points = calibrate.operating_points(*free, sentences, weights)
    wrong = calibrate.flagging(everything, weights)
    stack = logistic(wrong)
    clean_flags = {name: calibrate.flagging(found, weights) for name, found in clean.items()}
    flags = {"weights": stack, "thresholds": calibrate.flag_thresholds(clean_flags, count, stack)}
    best = calibrate.chosen(everything)
    return {"quiet": quiet, "ranking": ranking, "confidence": weights, "flags": flags, **points}, {
        "clean sentences": sentences, "proposals": len(best), "right": sum(label for _, label in best),
        "suspicions": len(wrong), "wrong": sum(label for _, label in wrong),
        "ece": calibrate.confidence_error(best, weights), "ece of flags": calibrate.confidence_error(wrong, stack),
    }  # fmt: skip


if __name__ == "__main__":
    main()
