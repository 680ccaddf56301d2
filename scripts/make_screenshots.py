"""Photograph the review page with the shipped models' output on the seed article, for the documents.

    python scripts/make_screenshots.py docs

Writes review_desktop.png and review_phone.png. Needs `pip install "mtfix[serve]" playwright pillow` and a Chromium on
the path, or that of `playwright install chromium`.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
COLOURS = 96  # enough for text and flat colours, and half the size
SHAPES = {"desktop": (1180, 720, "light"), "phone": (390, 780, "dark")}  # width, height in pixels, colours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--text", type=Path, default=ROOT / "seeds" / "seed_article.txt")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "mtfix", "serve", "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert server.stderr is not None
        found = next(filter(None, (re.search(r"serving at (http://\S+/) ", line) for line in server.stderr)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for name, (width, height, scheme) in SHAPES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(found[1])
                review(page, arguments.text.read_text(encoding="utf-8"))
                if name == "desktop":  # what was accepted stands above
                    page.mouse.move(200, 300)
                    page.mouse.wheel(0, -240)
                    page.wait_for_timeout(800)
                save(page.screenshot(), arguments.folder / f"review_{name}.png")
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def review(page: Page, text: str) -> None:
    """Wait for all findings; accept the first repair there is, and stop at the next finding that has one."""
    page.set_default_timeout(300_000)
    page.fill("#text", text)
    page.click("#check")
    page.wait_for_selector("#review")
    page.wait_for_selector("#looked", state="hidden")
    for step in range(2):
        found = page.locator(".mark.edit.open")
        if not found.count():
            break
        found.first.click()
        if step == 0 and found.count() > 1:
            page.keyboard.press("a")


def save(png: bytes, path: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    # the method that keeps colours of few pixels
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
