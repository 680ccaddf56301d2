r"""Photograph `mtfix review` on the seed article, for the documents.

    python scripts/make_review_picture.py [--keys a,r,n] [--size 100x28] [--models DIR] [PICTURE]

Needs `pip install "mtfix[review]" playwright pillow` and a Chromium on the path, which draws the terminal's letters.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import mtfix
from mtfix.documents.formats import open_document
from mtfix.review.opening import where
from mtfix.review.points import points
from mtfix.review.screen import ReviewApp
from mtfix.review.session import begin
from mtfix.review.view import View

ROOT = Path(__file__).resolve().parents[1]
COLOURS = 64


class Nowhere:
    """A record for a review that nobody will go on with."""

    def append(self, row: dict[str, object]) -> None:
        del row


def screen(text: str, name: str, keys: list[str], size: tuple[int, int], models: Path | None) -> str:
    """The screen after these keys, as SVG."""
    corrector = mtfix.load(models=models, strictness="aggressive")
    view = View(begin(text, points(corrector.fix(text)), {}, Nowhere()))
    app = ReviewApp(view, text, name, lambda: "", where=partial(where, open_document(name, text.encode())))

    async def shown() -> str:
        async with app.run_test(size=size) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            return app.export_screenshot()

    return asyncio.run(shown())


def photograph(svg: str) -> bytes:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(offline=True, device_scale_factor=1)
        # the fonts that the picture asks for are on a server
        page.set_content(f"<style>body {{ margin: 0; width: max-content }} * {{ font-family: monospace !important }}"
                         f"svg {{ width: 1100px; display: block }}</style>{svg}")  # fmt: skip
        found = page.locator("svg").first.screenshot()
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, nargs="?", default=ROOT / "docs" / "review.png")
    parser.add_argument("--article", type=Path, default=ROOT / "seeds" / "seed_article.txt")
    parser.add_argument("--keys", default="", help="keys to press, with commas between")
    parser.add_argument("--size", default="110x28", help="columns x lines")
    parser.add_argument("--models", type=Path)
    arguments = parser.parse_args()
    columns, lines = map(int, arguments.size.split("x"))
    text = arguments.article.read_text(encoding="utf-8")
    keys = [key for key in arguments.keys.split(",") if key]
    svg = screen(text, arguments.article.name, keys, (columns, lines), arguments.models)
    picture = Image.open(io.BytesIO(photograph(svg))).convert("RGB")
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(arguments.picture, optimize=True)


if __name__ == "__main__":
    main()
