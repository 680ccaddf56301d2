r"""Photograph the head of an evaluation's report, down to its plots of detection, for the documents.

    mtfix evaluate --suite spun-and-clean --limit 40 --seed 1 --output work/report --baseline all \
        --lexicon work/suites/lexicon_rest.jsonl
    python scripts/make_report_picture.py work/report/report.html docs/evaluation_report.png

Needs `pip install playwright pillow` and a Chromium on the path, or that of `playwright install chromium`.
"""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

WIDTH = 1200  # pixels
COLOURS = 128  # enough for text and flat colours, and half the size


def photograph(report: Path) -> bytes:
    """PNG of the page from its top to the end of the section on detection."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 800}, offline=True)
        page.goto(report.resolve().as_uri())
        end = page.eval_on_selector("#detection", "section => section.getBoundingClientRect().bottom")
        found = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": end + 16})
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    arguments = parser.parse_args()
    picture = Image.open(io.BytesIO(photograph(arguments.report))).convert("RGB")
    # the method that keeps colours of few pixels
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(arguments.picture, optimize=True)


if __name__ == "__main__":
    main()
