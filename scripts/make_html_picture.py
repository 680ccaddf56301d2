r"""Photograph the report of `mtfix fix --format html`, with one finding pointed at, for the documents.

    mtfix fix --strictness aggressive --format html --output work/fix.html seeds/seed_article.txt
    python scripts/make_html_picture.py work/fix.html docs/fix_report.png --words Pandiness

Needs `pip install playwright pillow` and a Chromium on the path, or that of `playwright install chromium`.
"""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1100, 620  # pixels
COLOURS = 128


def photograph(report: Path, words: str) -> bytes:
    """PNG of the part of the page around the first finding with these words."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
        page.goto(report.resolve().as_uri())
        place = page.locator(".place", has_text=words).first
        place.evaluate("place => scrollBy(0, place.getBoundingClientRect().top - innerHeight / 3)")
        place.hover()
        found = page.screenshot()
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--words", default="", help="the finding that is pointed at")
    arguments = parser.parse_args()
    picture = Image.open(io.BytesIO(photograph(arguments.report, arguments.words))).convert("RGB")
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(arguments.picture, optimize=True)


if __name__ == "__main__":
    main()
