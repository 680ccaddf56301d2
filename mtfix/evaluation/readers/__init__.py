"""Readers of held-out data: one for every format, all of them streams of items and broken rows."""

from __future__ import annotations

from collections.abc import Iterator

from mtfix.evaluation.items import Item
from mtfix.evaluation.readers import clean, derive, documents, m2, mlqe, parallel, probes, rows, wets
from mtfix.evaluation.readers.base import Broken, Format, Source

FORMATS: dict[str, Format] = {
    "jsonl": rows.JSONL,
    "tsv": rows.TSV,
    "text": parallel.TEXT,
    "m2": m2.M2,
    "mlqe-pe": mlqe.ROWS,
    "mlqe-pe-folder": mlqe.FOLDER,
    "wets": wets.WETS,
    "clean": clean.CLEAN,
    "probes": probes.PROBES,
}


def read(source: Source) -> Iterator[Item | Broken]:
    """The items of a source in file order; a row that cannot be used comes as `Broken` and the rest follows.

    Memory does not grow with the length of the file. Raises InputError when a file cannot be read at all.
    """
    found = FORMATS[source.format].read(source)
    found = derive.with_derived(found, source.derive) if source.derive else found
    return documents.in_documents(found, source.documents) if source.documents else found


__all__ = ["FORMATS", "Broken", "Format", "Source", "read"]
