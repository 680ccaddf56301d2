"""The report must be well-formed, self-contained and deaf to markup in the text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from mtfix.documents.edits import apply_edits
from mtfix.render.findings import Item
from mtfix.render.html import html_page
from mtfix.render.html_style import CATEGORIES, STYLE
from mtfix.types import Alternative, Correction, Edit, Fingerprint, Flag, Span

HOSTILE = "</script><script>alert(1)</script> \"'><img src=x onerror=alert(2)> &amp; </td></table></style>"
VOID = {"meta"}


class Page(HTMLParser):
    """Collects elements and refuses what does not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts.setdefault(tag, []).append(data)


def damaged(text: str, old: str, new: str, *, applied: bool = True, flags: tuple[Flag, ...] = ()) -> Correction:
    start = text.index(old)
    alternatives = (Alternative(HOSTILE, 0.2), Alternative("", 0.1))
    edit = Edit(
        Span(start, start + len(old)),
        old,
        new,
        "wrong-sense",
        0.9,
        "rewriter",
        applied=applied,
        alternatives=alternatives,
    )
    print_of = Fingerprint("0.1.0", {"detector": "ab" * 32}, {})
    return Correction(text, apply_edits(text, [edit] if applied else []), flags, (edit,), fingerprint=print_of)


def test_shows_both_sides_and_what_is_known() -> None:
    text = "A final father.\n\nHe refused.\nFine.\n"
    flag = Flag(Span(20, 27), "literal-idiom", 0.7, "an idiom taken literally")
    page = html_page([Item("article.txt", damaged(text, "final", "late", flags=(flag,)))])
    parsed = Page(page)
    assert "final" in parsed.texts["del"]
    assert "late" in parsed.texts["ins"]
    assert parsed.texts["mark"].count("refused") == 2
    assert "1 document: 1 edit in 1 of 4 lines; 1 flagged without a fix" in page
    assert '<span class="tip"><b>wrong-sense</b><span>90% sure of the repair</span>' in page
    assert re.search(r'class="wrong-sense"><th.*?wrong-sense</th><td>1</td><td></td><td></td></tr>', page)
    assert re.search(r'class="literal-idiom"><th.*?literal-idiom</th><td></td><td></td><td>1</td></tr>', page)
    assert "an idiom taken literally" in page
    assert "mtfix 0.1.0 with detector abababababab" in page
    assert page.count('scope="row">2</th>') == 0  # the blank line


@pytest.mark.parametrize("applied", [True, False])
def test_markup_in_the_text_stays_text(applied: bool) -> None:
    text = f"{HOSTILE} final {HOSTILE}"
    flag = Flag(Span(0, 9), "other", 0.5, HOSTILE)
    result = damaged(text, "final", HOSTILE, applied=applied, flags=(flag,))
    result = Correction(result.original, result.text, result.flags, result.edits, skipped=HOSTILE)
    parsed = Page(html_page([Item(HOSTILE, result)]))
    assert not {"script", "img"} & set(parsed.tags)
    assert parsed.tags.count("style") == 1
    assert {name for name, _ in parsed.attributes} <= {
        "lang", "charset", "name", "content", "class", "scope", "href", "id",
    }  # fmt: skip
    assert all(value.startswith("#") for name, value in parsed.attributes if name == "href" and value)
    assert HOSTILE in "".join(parsed.texts["h2"])


def test_nothing_is_loaded_from_elsewhere() -> None:
    parsed = Page(html_page([Item("a", damaged("A final father.", "final", "late"))]))
    assert not {"script", "link", "img", "iframe"} & set(parsed.tags)
    assert not {"src", "style"} & {name for name, _ in parsed.attributes}
    assert all(value and value.startswith("#") for name, value in parsed.attributes if name == "href")
    style = "".join(parsed.texts["style"])
    assert "url(" not in style
    assert "@import" not in style


def test_insertions_and_deletions_leave_a_sign_on_the_empty_side() -> None:
    taken = html_page([Item("a", damaged("A the father.", "the ", ""))])
    put = html_page([Item("a", damaged("A father.", "", "late "))])
    assert "‸" in Page(taken).texts["mark"]
    assert "‸" in Page(put).texts["mark"]
    assert "(taken out)" in taken


def test_lines_of_one_document_share_a_section_and_keep_their_numbers() -> None:
    items = [Item("a.txt", damaged(f"{n} final", "final", "late"), n) for n in (1, 2, 30)] + [
        Item("b.txt", damaged("final", "final", "late"))
    ]
    page = html_page(items)
    parsed = Page(page)
    assert parsed.tags.count("section") == 2
    assert 'scope="row">30</th>' in page
    assert "2 documents: 4 edits in 4 of 4 lines" in page


def test_no_documents_is_still_a_page() -> None:
    assert "0 documents: no findings in 0 lines" in html_page([])


def test_every_place_leads_to_its_finding_and_back() -> None:
    items = [Item("a.txt", damaged(f"{n} final", "final", "late"), n) for n in (1, 2)]
    parsed = Page(html_page([*items, Item("b.txt", damaged("final", "final", "late"))]))
    ids = [value for name, value in parsed.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value[1:] for name, value in parsed.attributes if name == "href" and value]
    assert set(links) == set(ids)
    # two places and one way back for each of three findings, and a list of two documents
    assert len(links) == 3 * 3 + 2


def test_each_category_has_a_colour_of_its_own() -> None:
    colours = dict(re.findall(r"^\.([\w-]+) \{ --c: (.*?); \}$", STYLE, re.M))
    assert len(set(colours.values())) == len(colours) == len(CATEGORIES) - 1  # "other" has the default
