"""More clean text for the corpora: post-edited sentences, and the Wikipedia articles that the gensim wheel carries.

    python -m pip download --no-deps --dest work/wheels gensim==4.4.0
    python -m pip install mwparserfromhell
    python scripts/more_clean.py --data data --gensim work/wheels/gensim-*.whl --out work/clean_more

Writes post_edits.jsonl (CC0) and wikipedia.jsonl (CC BY-SA 4.0), rows as `mtfix corpus build --clean` reads them.
"""

from __future__ import annotations

import argparse
import bz2
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from mtfix.corpus.rows import read_rows
from mtfix.documents.segment import sentences

DUMP = "gensim/test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
LENGTH = range(6, 61)  # words
# markup that was left over, and holes where a template stood
_BROKEN = re.compile(r"\[\[|\]\]|\{\{|\}\}|http|\||\( ?[,;)]| ,")
_DROPPED = re.compile(r"<ref[^>]*/>|<ref.*?</ref>|\{\|.*?\|\}", re.DOTALL)

Row = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--gensim", type=Path, required=True, help="the wheel")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(arguments.out / "post_edits.jsonl", post_edits(arguments.data / "mlqe_pe"))
    write(arguments.out / "wikipedia.jsonl", articles(arguments.gensim))


def write(path: Path, rows: Iterable[Row]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")
    print(f"{path}: {len(lines)} sentences")


def post_edits(folder: Path) -> Iterator[Row]:
    """What people made of machine translations, from the training files."""
    for path in sorted(folder.glob("*.train.jsonl.gz")):
        for number, row in enumerate(read_rows(path)):
            if _usable(row["pe"]):
                # sentences of their own, so each is a document
                doc = f"{path.name.partition('.')[0]}:{number}"
                yield {"text": row["pe"], "doc": doc, "source": "MLQE-PE post-edits", "licence": "CC0-1.0"}


def articles(wheel: Path) -> Iterator[Row]:
    """The sentences of whole articles, headings, lists and tables left out."""
    with zipfile.ZipFile(wheel) as archive:
        dump = io.BytesIO(bz2.decompress(archive.read(DUMP)))
    title = ""
    for _, element in ET.iterparse(dump):
        tag = element.tag.rpartition("}")[2]
        if tag == "title":
            title = element.text or ""
        elif tag == "text" and element.text and not element.text.lower().startswith("#redirect"):
            for text in _prose(element.text):
                yield {"text": text, "doc": f"enwiki:{title}", "source": "Wikipedia", "licence": "CC BY-SA 4.0"}
            element.clear()


def _prose(markup: str) -> Iterator[str]:
    import mwparserfromhell  # nothing else needs it

    for line in mwparserfromhell.parse(_DROPPED.sub("", markup)).strip_code().splitlines():
        paragraph = " ".join(line.split())
        if paragraph[:1] not in tuple("*|!:#") and not _BROKEN.search(paragraph):
            yield from filter(_usable, (span.of(paragraph) for span in sentences(paragraph)))


def _usable(text: str) -> bool:
    return len(text.split()) in LENGTH and text[0].isupper() and text[-1] in '.?!”"' and not _BROKEN.search(text)


if __name__ == "__main__":
    main()
