"""The review page in a real browser: an editor's work from pasting to the download."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from knowing import Knowing, Running
from test_documents import paragraphs, word

from mtfix.serve.limits import Limits

SEED = (Path(__file__).parents[2] / "seeds" / "seed_article.txt").read_text(encoding="utf-8")
HOSTILE = (
    "<img src=x onerror=alert(1)> Under his final father </p><script>alert(2)</script>\n"
    "many victims &lt;b&gt; \u202eevil\u202c 😀 refused 'quoted' \"double\" `tick` ${x} {{y}}\n"
)


@pytest.fixture
def page(browser: Any, server: Running) -> Iterator[Any]:
    """The page; in the end no script has failed and nothing was loaded from elsewhere."""
    found = browser.new_page(viewport={"width": 1200, "height": 800}, base_url=server.address)
    told: list[str] = []
    found.on("pageerror", lambda error: told.append(str(error)))
    # answers that are errors are told by the browser itself
    found.on("console", lambda said: told.append(said.text) if "the server responded" not in said.text else None)
    found.on("request", lambda r: None if r.url.startswith((server.address, "data:", "blob:")) else told.append(r.url))
    found.on("dialog", lambda dialog: (told.append(f"dialog {dialog.type}"), dialog.accept())
             if dialog.type == "alert" else dialog.accept())  # fmt: skip
    found.goto("/")
    yield found
    found.close()
    assert told == []


def paste(page: Any, text: str) -> None:
    page.fill("#text", text)
    page.click("#check")
    finished(page)


def finished(page: Any) -> None:
    # no script: the page forbids to evaluate any
    page.wait_for_selector("#review")
    page.wait_for_selector("#looked", state="hidden")
    page.wait_for_selector(".mark")


def download(page: Any, form: str = "corrected") -> bytes:
    page.click("#downloads summary")
    with page.expect_download() as waiting:
        page.click(f"#formats [data-format={form}]")
    return Path(waiting.value.path()).read_bytes()


def select(page: Any, text: str) -> None:
    page.click(f".mark:has-text({text!r})")


def shown(page: Any) -> list[str]:
    """The document's lines as the page shows them, with insertions and without deletions."""
    lines: list[str] = page.evaluate("""() => [...document.querySelectorAll('#document p')].map(p => {
      const copy = p.cloneNode(true);
      copy.querySelectorAll('del').forEach(part => part.remove());
      return copy.textContent.replace('‸', '');
    })""")
    return lines


def test_an_editors_work(page: Any) -> None:
    """Paste, accept one repair, reject another, pick an alternative, type one, download, compare."""
    paste(page, SEED)
    assert shown(page) == SEED.split("\n")
    assert page.inner_text("#progress") == "0 of 9 decided"

    select(page, "many victims")
    page.click("#card >> text=Accept")
    select(page, "large number of")
    page.click("#card >> text=Reject")
    select(page, "final father")
    page.click("#card ol button >> text=dead father")
    select(page, "twitter accounts")
    page.fill("#own input", "Twitter accounts")
    page.click("#own button")

    expected = SEED
    for old, new in (
        ("many victims", "many casualties"), ("final father", "dead father"), ("twitter accounts", "Twitter accounts")
    ):  # fmt: skip
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert page.inner_text("#progress") == "4 of 9 decided"
    assert shown(page) == expected.split("\n")
    assert download(page).decode() == expected


def mark(page: Any, words: str, *, part: int = 0) -> None:
    """Select words in the document with the mouse, all but the first and last `part` characters."""
    box = page.evaluate("""([words, part]) => {
      const walk = document.createTreeWalker(document.querySelector('#document'), NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        node.parentElement.scrollIntoView({ block: 'center' });
        const range = document.createRange();
        range.setStart(node, at + part);
        range.setEnd(node, at + words.length - part);
        const box = range.getBoundingClientRect();
        return [box.left, box.right, (box.top + box.bottom) / 2];
      }
      return null;
    }""", [words, part])
    page.mouse.move(box[0] + 1, box[2])
    page.mouse.down()
    page.mouse.move(box[1] - 1, box[2], steps=5)
    page.mouse.up()


def test_repairs_for_words_that_the_reader_marks(page: Any) -> None:
    """Nothing is found in them: mark, ask, take the second one; it goes into the download and can be taken back."""
    paste(page, SEED)
    mark(page, "rough", part=1)
    page.click("#suggest")
    page.wait_for_selector("#card >> text=an uneven")
    assert page.inner_text(".mark.current") == "a rough"
    assert "“a rough” was marked by the reader." in page.inner_text("#card")
    page.keyboard.press("2")
    made = SEED.replace("a rough mountain", "a rugged mountain")
    assert shown(page) == made.split("\n")
    assert download(page).decode() == made
    page.keyboard.press("u")
    assert download(page).decode() == SEED


def test_more_repairs_for_a_finding_and_own_words_where_there_are_none(page: Any) -> None:
    paste(page, SEED)
    select(page, "refused")
    assert "No repair was found" in page.inner_text("#card")
    page.keyboard.press("s")
    page.wait_for_selector("#card >> text=declined")
    page.keyboard.press("1")
    mark(page, "Panjshir")
    page.keyboard.press("s")
    page.wait_for_selector("#message >> text=No repair was found; type your own.")
    assert page.inner_text(".mark.current") == "Panjshir"
    page.fill("#own input", "Panjsher")
    page.click("#own button")
    made = SEED.replace("refused", "declined", 1).replace("Panjshir", "Panjsher", 1)
    assert download(page).decode() == made
    mark(page, "declined")  # a decision is never put away silently
    page.keyboard.press("s")
    page.wait_for_selector("#message.error >> text=reopen it first")
    assert download(page).decode() == made


def test_everything_by_keyboard(page: Any) -> None:
    paste(page, SEED)
    press = page.keyboard.press
    assert page.inner_text(".mark.current") == "many victims"
    press("2")
    assert page.inner_text(".mark.current") == "large number of"
    press("r")
    assert page.inner_text(".mark.current") == "twitter accounts"
    press("e")
    page.keyboard.type("Twitter profiles")
    press("Enter")
    press("j")
    press("k")
    press("a")
    made = SEED.replace("many victims", "heavy losses").replace("twitter accounts", "Twitter profiles")
    assert download(page).decode() == made.replace("large number of victims", "large number of the victims", 1)
    page.click("#document")
    for _ in range(3):
        press("u")
    press("Control+z")
    assert download(page).decode() == SEED
    for _ in range(2):
        press("Control+y")
    assert download(page).decode() == SEED.replace("many victims", "heavy losses")
    press("?")
    assert page.is_visible("#help")


def test_sure_repairs_at_once_and_one_undo(page: Any) -> None:
    paste(page, SEED)
    page.click("#accept-sure")
    fixed = Knowing().fix(SEED).text
    assert fixed != SEED
    assert download(page).decode() == fixed
    page.click("#undo")
    assert download(page).decode() == SEED


def test_the_filter(page: Any) -> None:
    paste(page, SEED)
    page.select_option("#kind", "wrong-sense")
    assert page.locator(".mark:not(.filtered)").all_inner_texts() == ["many victims", "final father"]
    page.fill("#sure", "80")
    assert page.locator(".mark:not(.filtered)").all_inner_texts() == ["final father"]
    page.keyboard.press("Escape")
    page.select_option("#kind", "")
    page.fill("#sure", "0")
    select(page, "final father")
    page.click("#card >> text=Reject")
    page.select_option("#state", "rejected")
    assert page.locator(".mark:not(.filtered)").all_inner_texts() == ["final father"]


def test_markup_in_a_text_does_nothing(page: Any) -> None:
    paste(page, HOSTILE)
    assert shown(page) == HOSTILE.split("\n")
    assert page.locator("#document img, #document script, #card img").count() == 0
    select(page, "final father")
    page.fill("#own input", "<img src=x onerror=alert(3)>")
    page.click("#own button")
    select(page, "many victims")
    page.click("#card >> text=Accept")
    expected = HOSTILE.replace("final father", "<img src=x onerror=alert(3)>").replace("victims", "casualties")
    assert shown(page) == expected.split("\n")
    assert download(page).decode() == expected


def test_a_finding_on_two_lines(page: Any) -> None:
    text = "They found many strewn\nwords in the final father\nof the text. " + "The rest is good.\n" * 300
    paste(page, text)
    assert shown(page) == text.split("\n")
    assert page.locator(".mark.flag").all_inner_texts() == ["strewn", "words"]
    page.locator(".mark.flag").first.click()
    page.fill("#own input", "scattered words")
    page.click("#own button")
    assert shown(page)[:2] == ["They found many ", "scattered words in the final father"]
    assert download(page).decode() == text.replace("strewn\nwords", "scattered words")


@pytest.mark.parametrize("name", ["a <b>.txt", "notes"])
def test_a_file_that_is_opened(page: Any, tmp_path: Path, name: str) -> None:
    data = "\ufeff# Title\r\n\r\nUnder his final father 😀, many victims.\r\n".encode()
    (tmp_path / name).write_bytes(data)
    page.set_input_files("#file", tmp_path / name)
    finished(page)
    assert page.inner_text("#name") == name
    page.keyboard.press("a")
    page.keyboard.press("a")
    expected = data.replace(b"final", b"late").replace(b"victims", b"casualties")
    assert download(page) == expected


def test_a_word_file(page: Any, tmp_path: Path) -> None:
    lines = ["Under his final father 😀.", "They suffered many victims, and refused."]
    (tmp_path / "a.docx").write_bytes(word(*lines))
    page.set_input_files("#file", tmp_path / "a.docx")
    finished(page)
    page.keyboard.press("a")
    page.keyboard.press("2")
    made = download(page, "tracked")
    assert paragraphs(made, rejected=True) == lines
    assert paragraphs(made) == ["Under his late father 😀.", "They suffered heavy losses, and refused."]
    assert paragraphs(download(page)) == paragraphs(made)


def test_pasted_text_as_tracked_changes(page: Any) -> None:
    paste(page, SEED)
    page.keyboard.press("a")
    made = download(page, "tracked")
    assert paragraphs(made, rejected=True) == SEED.split("\n")
    assert paragraphs(made) == SEED.replace("many victims", "many casualties").split("\n")


def test_a_file_that_is_dropped(page: Any) -> None:
    page.evaluate("""() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['They refused.'], 'dropped.txt'));
      document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }""")
    finished(page)
    assert page.inner_text("#name") == "dropped.txt"
    assert page.inner_text(".mark") == "refused"


def test_a_file_that_cannot_be_read(page: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    page.set_input_files("#file", tmp_path / "a.txt")
    page.wait_for_selector("#message.error")
    assert "not UTF-8" in page.inner_text("#message")
    assert page.is_visible("#start")


def test_a_text_in_another_language(page: Any) -> None:
    page.fill("#text", "Guten Tag.")
    page.click("#check")
    page.wait_for_selector("#card:has-text('German')")
    assert page.is_hidden("#looked")


def test_a_server_that_is_busy_is_asked_again(page: Any, server: Running) -> None:
    answers = [429, 503]

    def busy(route: Any) -> None:
        if answers:
            route.fulfill(status=answers.pop(), body='{"detail": "busy"}')
        else:
            route.continue_()

    page.route(f"{server.address}/fix", busy)
    page.fill("#text", "Under his final father.")
    page.click("#check")
    page.wait_for_selector(".mark.edit")
    assert answers == []


def test_what_is_on_the_screen_comes_first(browser: Any, serve_with: Any) -> None:
    """Repairs are looked for where the reader is, and in the end everywhere."""
    corrector = Knowing()
    within: list[int] = []
    fix = corrector.fix

    def noted(given: Any) -> Any:
        if getattr(given, "untouchable", ()) or not isinstance(given, str):
            ends = [span.end for span in given.untouchable if span.start == 0]
            within.append(ends[0] if ends else 0)
        return fix(given)

    corrector.fix = noted  # type: ignore[method-assign]
    server = serve_with(corrector, Limits())
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(server.address)
    line = "They refused the army under his final father.\n"
    page.route("**/fix", lambda route: (page.wait_for_timeout(100), route.continue_()))
    page.fill("#text", line * 400)
    page.click("#check")
    page.wait_for_selector(".mark.edit")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    finished(page)
    page.close()
    assert len(within) > 10
    assert within != sorted(within)


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read(browser: Any, server: Running, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=server.address)
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paste(page, SEED)
    for key in "arj":
        page.keyboard.press(key)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # what is worked on is not under the panel or the head of the page
    assert page.evaluate("""() => {
      const box = document.querySelector('.mark.current').getBoundingClientRect();
      const there = document.elementFromPoint(box.left + 3, box.top + 6);
      return Boolean(there && there.closest('.mark.current'));
    }""")
    assert page.evaluate(_CONTRAST) == []
    page.close()


# texts whose contrast with the ground behind them is under the 4.5 of WCAG 2.1 (AA)
_CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const low = [];
  for (const e of document.querySelectorAll('button, .mark, ins, del, label, h1, h2, p, span, summary, kbd')) {
    if (!e.checkVisibility() || !e.textContent.trim() || e.disabled) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) low.push(`${e.tagName}.${e.className} ${e.textContent.slice(0, 30)}`);
  }
  return low;
}"""
