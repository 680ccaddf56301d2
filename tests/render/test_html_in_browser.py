"""The report in a real browser, without a network: silent, readable, usable with a keyboard, and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mtfix.documents.edits import apply_edits
from mtfix.render.findings import Item
from mtfix.render.html import html_page
from mtfix.render.html_style import CATEGORIES
from mtfix.types import Alternative, Correction, Edit, Flag, Span

HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(2)> </td></style>" + "unbroken" * 40

# contrast of every kind of text with its ground, by WCAG 2
_CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = part => { for (; part; part = part.parentElement) {
    const found = parse(getComputedStyle(part).backgroundColor); if (found.length < 4 || found[3]) return found; }
    return [255, 255, 255]; };
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const text = [...document.querySelectorAll('p, th, td, del, ins, mark, a')].map(part =>
    [part.tagName, ratio(parse(getComputedStyle(part).color), ground(part))]);
  const marks = [...document.querySelectorAll('.swatch')].map(part =>
    ['swatch ' + part.parentElement.textContent, ratio(parse(getComputedStyle(part).backgroundColor),
      ground(part.parentElement)) + 1.5]);
  return [...text, ...marks].filter(([, found]) => found < 4.5);
}"""


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A report with a finding of each kind and category, and a hostile document."""
    text = "".join(f"The word{n} of line {n} is wrong, and so on until the line has to be broken.\n" for n in range(14))
    flags, edits = [], []
    for number, category in enumerate(CATEGORIES):
        start = text.index(f"word{number} ")
        span = Span(start, start + 4 + len(str(number)))
        flags.append(Flag(span, category, 0.9, f"it is {category}"))
        if number % 3:
            others = (Alternative("another", 0.1), Alternative("", 0.05))
            edits.append(Edit(span, span.of(text), "late", category, 0.8, "rewriter", number % 3 == 1, others))
    fine = Correction(text, apply_edits(text, [e for e in edits if e.applied]), tuple(flags), tuple(edits))
    bad = Correction(HOSTILE, HOSTILE, (Flag(Span(2, 8), "other", 0.5, HOSTILE),), ())
    path = tmp_path / "report.html"
    path.write_text(html_page([Item("a.txt", fine), Item(HOSTILE, bad)]), encoding="utf-8")
    return path.as_uri()


def tips(page: Any) -> list[str]:
    return page.eval_on_selector_all(".tip", "all => all.filter(t => t.checkVisibility()).map(t => t.innerText)")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_silent_and_readable(browser: Any, address: str, width: int, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    page = browser.new_page(viewport={"width": width, "height": 800}, offline=True, color_scheme=scheme)
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert (told, asked) == ([], [address])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_CONTRAST) == []
    assert tips(page) == []
    for number in (0, 1, 26, 27, -1):
        place = page.locator(".place").nth(number)
        place.hover()
        assert len(tips(page)) == 1
        box = place.locator(".tip").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.close()


def test_a_keyboard_is_enough(browser: Any, address: str) -> None:
    page = browser.new_page(offline=True)
    page.goto(address)
    for _ in range(2 + 3):  # two documents, two flags without a repair, the old words of a repair
        page.keyboard.press("Tab")
    [tip] = tips(page)
    assert tip.splitlines() == [
        "literal-idiom", "80% sure of the repair", "it is literal-idiom", "or: “another” (10%), (nothing) (5%)",
    ]  # fmt: skip
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').innerText").split("\t")[1:3] == ["word1", "late"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').innerText").startswith("word1")
    page.close()


def test_paper_has_all_but_what_needs_a_pointer(browser: Any, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    page.emulate_media(media="print")
    page.locator(".place").first.focus()
    assert tips(page) == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".findings tbody tr:visible").count() == 15
    assert page.pdf().startswith(b"%PDF")
    page.close()
