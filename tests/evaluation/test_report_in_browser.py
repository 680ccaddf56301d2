"""The report in a real browser, without a network: silent, whole, and with labels that can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_report import Scored, clean, run, spun

from mtfix.evaluation.report import write_report

# pairs of texts of one plot that lie over each other, and texts that reach out of their plot
_MISPLACED = """() => [...document.querySelectorAll('svg.plot')].flatMap(plot => {
  const frame = plot.getBoundingClientRect();
  const boxes = [...plot.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  const out = boxes.filter(([_, b]) => b.left < frame.left - 1 || b.right > frame.right + 1
    || b.top < frame.top - 1 || b.bottom > frame.bottom + 1).map(([t]) => 'cut: ' + t);
  // line boxes are higher than letters: two pixels of them may overlap
  const over = boxes.flatMap(([t, a], i) => boxes.slice(i + 1).filter(([_, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4).map(([u]) => t + ' over ' + u));
  return [...out, ...over];
})"""


@pytest.mark.parametrize("suite", [spun, clean])
@pytest.mark.parametrize("width", [1200, 400])
def test_a_browser_shows_it_without_a_network(browser: Any, tmp_path: Path, suite: Any, width: int) -> None:
    run(suite(tmp_path), Scored(), Scored("a system with a name that is rather long"), folder=tmp_path)
    address = write_report(tmp_path).as_uri()
    page = browser.new_page(viewport={"width": width, "height": 800}, offline=True)
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert (told, asked) == ([], [address])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_MISPLACED) == []
    page.close()


def test_paper_shows_signatures_and_examples_of_all_systems(browser: Any, tmp_path: Path) -> None:
    run(spun(tmp_path), Scored(), Scored("second"), folder=tmp_path)
    page = browser.new_page()
    page.goto(write_report(tmp_path).as_uri())
    page.emulate_media(media="print")
    visible = "part => part.checkVisibility({contentVisibilityAuto: true})"
    assert all(page.eval_on_selector_all("header code, .system td", f"parts => parts.map({visible})"))
    page.close()
