"""The page: head, scores, figures and examples, put together; no script, nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mtfix.documents.write import write_atomic
from mtfix.errors import InputError
from mtfix.evaluation.report import sides, tables
from mtfix.evaluation.report.examples import Examples, pick, samples
from mtfix.evaluation.report.figures import SECTIONS, Figure
from mtfix.evaluation.report.style import STYLE
from mtfix.evaluation.report.svg import swatch
from mtfix.evaluation.report.text import safe

# tells browsers to fetch nothing, whatever a text might smuggle in
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_report(folder: Path) -> Path:
    """Make report.html from the results.json and samples.jsonl in the folder; returns its path.

    Samples are read one by one. Raises InputError when a file is missing, damaged or can't be written.
    """
    path = folder / "results.json"
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; run mtfix evaluate with --output first.") from error
    except ValueError as error:
        raise InputError(f"{path} is no JSON; run mtfix evaluate once more.") from error
    report = folder / "report.html"
    write_atomic(report, page(results, pick(samples(folder / "samples.jsonl"))))
    return report


def page(results: Mapping[str, Any], examples: Mapping[str, Examples]) -> str:
    """The whole document. results: the content of results.json; examples: by name of system."""
    suite = results["suite"]
    sections = [(name, title, content) for name, title, content in _sections(results, examples) if content]
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title, _ in sections)
    body = "".join(f'<section id="{n}">\n<h2>{title}</h2>\n{content}</section>\n' for n, title, content in sections)
    title = f"{suite['name']} {suite['version']}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title)}: mtfix evaluation</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n"
        f'<h1>{safe(title)} <span class="soft">mtfix evaluation, {suite["items"]} items</span></h1>\n'
        f"<p>{safe(suite['description'])}</p>\n{tables.runs(results)}<nav>{links}</nav>\n</header>\n"
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _sections(results: Mapping[str, Any], examples: Mapping[str, Examples]) -> Iterator[tuple[str, str, str]]:
    """Name, title and content; empty content where there is nothing to show."""
    systems = results["systems"]
    yield "scores", "Scores", tables.scores(results) + tables.comparisons(results)
    for name, title, figures in SECTIONS:
        drawn = "".join(_figure(figure, systems) for figure in figures(systems))
        yield name, title, f'<div class="figures">{drawn}</div>\n' if drawn else ""
    names = [system["name"] for system in systems if system["name"] in examples]
    yield "examples", "Errors and repairs", _examples(names, examples)
    yield "failures", "What failed", tables.failures(results)


def _figure(figure: Figure, systems: Any) -> str:
    key = "".join(f"<li>{swatch(i)}{safe(systems[i]['name'])}</li>" for i in figure.series)
    plots = "".join(f"<div>{_heading(title)}{plot}</div>\n" for title, plot in figure.plots)
    return (
        f"<figure>\n<figcaption><h3>{safe(figure.title)}</h3>\n"
        f'<p class="soft">{safe(figure.note)}</p>{f"<ul class=key>{key}</ul>" if key else ""}</figcaption>\n'
        f'<div class="plots">{plots}</div>\n<details><summary>The same as a table</summary>\n'
        f"{tables.plain(figure.head, figure.rows)}</details>\n</figure>\n"
    )


def _heading(title: str) -> str:
    return f"<h4>{'<br>'.join(map(safe, title.splitlines()))}</h4>" if title else ""


def _examples(names: Iterable[str], examples: Mapping[str, Examples]) -> str:
    """A part for each system that touched any text, the first one open."""
    parts: list[str] = []
    for name in names:
        found = examples[name]
        if not found.touched:
            continue
        content = sides.table(f"The {len(found.best)} best repairs", found.best) if found.best else ""
        content += sides.table(f"The {len(found.worst)} worst errors", found.worst) if found.worst else ""
        if content:
            opened = "" if parts else " open"
            parts.append(f'<details class="system keep"{opened}><summary>{safe(name)}</summary>\n{content}</details>\n')
    return sides.LEGEND + "".join(parts) if parts else ""
