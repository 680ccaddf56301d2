"""`mtfix evaluate suites`: which suites there are, what is in one, and its texts for other tools."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from mtfix.cli.output import StandardOutput, guarded, say

app = typer.Typer(help="List and show suites, and write out their texts.", no_args_is_help=True, rich_markup_mode=None)

Suites = Annotated[
    Path | None,
    typer.Option("--suites", metavar="DIR", help="Folder of further suites (also: $MTFIX_SUITES)."),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Take at most N items.")]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="With --limit: take them at random, by this seed.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A suite, by name or file.")]


@app.command("list")
@guarded
def list_(places: Suites = None) -> None:
    """List the suites that come with mtfix and those of a folder; exit 2 when a file is no suite."""
    from mtfix.evaluation.suites import Suite, folders, list_suites
    from mtfix.evaluation.table import listing

    found = list_suites(folders(places))
    rows = [[s.name, s.version, s.kind, s.licence, s.description] for _, s in found if isinstance(s, Suite)]
    if rows:
        StandardOutput().write(listing([["NAME", "VERSION", "KIND", "LICENCE", "DESCRIPTION"], *rows]))
    errors = [error for _, error in found if not isinstance(error, Suite)]
    for error in errors:
        say(f"error: {error}")
    if errors:
        raise typer.Exit(2)


@app.command()
@guarded
def show(name: Name, places: Suites = None) -> None:
    """Read a suite's data and show what it holds: items by group, gold, checksum, broken rows."""
    from mtfix.evaluation.readers import Broken
    from mtfix.evaluation.suites import find_suite
    from mtfix.evaluation.table import listing

    suite = find_suite(name, places)
    about = [["name", suite.name], ["version", suite.version], ["description", suite.description]]
    about += [["licence", suite.licence], ["kind", suite.kind], ["metrics", ", ".join(suite.metrics)]]
    about += [["file", str(suite.path)], ["hash", suite.hash]]
    about += [["data", f"{source.path} ({source.format})"] for source in suite.sources]
    groups: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    broken: list[Broken] = []
    for item in suite.read(broken.append):
        groups[item.group or "(none)"] += 1
        kinds = {"references": item.references, "tags": item.bad, "gaps": item.gaps, "spans": item.spans or None}
        gold.update(kind for kind, found in kinds.items() if found is not None)
        gold["clean"] += item.clean
    about += [["items", str(groups.total())], *([f"group {group}", str(n)] for group, n in sorted(groups.items()))]
    about += [[f"with {kind}", str(n)] for kind, n in gold.items() if n]
    StandardOutput().write(listing(about))
    for row in broken:
        say(f"{row.where}: row left out: {row.reason}")
    if broken:
        raise typer.Exit(2)


@app.command()
@guarded
def texts(
    name: Name,
    places: Suites = None,
    limit: Limit = None,
    seed: Seed = None,
    lines: Annotated[bool, typer.Option("--lines", help="One text on each line instead of JSON lines.")] = False,
) -> None:
    """Write the texts in the suite's order, for a tool whose outputs will be scored as file:PATH.

    JSON lines hold `id` and `text`, and nothing of the gold.
    """
    from mtfix.evaluation.suites import find_suite

    suite = find_suite(name, places)
    limits = [number for number in (limit, suite.limit) if number is not None]
    total = sum(1 for _ in suite.read()) if seed is not None else 0
    target = StandardOutput()
    for item in suite.sample(min(limits) if limits else None, seed, total=total):
        text = " ".join(item.text.splitlines()) if lines else json.dumps({"id": item.id, "text": item.text})
        target.write(f"{text}\n")
