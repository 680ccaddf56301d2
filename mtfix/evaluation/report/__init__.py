"""The report of an evaluation: one page that needs nothing but itself, made from a run's folder alone.

    write_report(Path("out"))       # reads out/results.json and out/samples.jsonl, writes out/report.html
"""

from __future__ import annotations

from mtfix.evaluation.report.page import write_report

__all__ = ["write_report"]
