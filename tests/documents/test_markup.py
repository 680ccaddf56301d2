"""Markdown and HTML: prose is read through markup, edits stay on their side of it, all else is as it was."""

from __future__ import annotations

import re

import pytest
from fake_models import corrector
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import assert_linear

from mtfix.documents.edits import Part, apply_edits
from mtfix.documents.formats import open_document
from mtfix.documents.html import Html, read_html
from mtfix.documents.html_tokens import tokens
from mtfix.documents.markdown import Markdown, _parsed
from mtfix.errors import InputError
from mtfix.types import Alternative, Correction, Edit, Span

REPAIRS = {"final": "late", "victims": "casualties", "final father": "late commander", "bad": "*good*"}


def part(text: str, old: str, new: str) -> Part:
    start = text.index(old)
    return Part(Span(start, start + len(old)), old, new)


def fixed_html(source: str) -> str:
    file = open_document("a.html", source.encode())
    result = corrector(REPAIRS, {"father"}, force=True).fix(file.document("a.html"))
    written = file.apply(result.applied).decode()
    shown = file.located(result)
    assert shown.original == source
    assert shown.text == written == apply_edits(source, shown.applied)
    return written


def fixed_markdown(source: str) -> str:
    file = open_document("a.md", source.encode())
    result = corrector(REPAIRS, {"father"}, force=True).fix(file.document("a.md"))
    assert result.original == source
    assert file.apply(result.applied).decode() == result.text == apply_edits(source, result.applied)
    assert all(edit.original == edit.span.of(source) for edit in result.edits)
    return result.text


MARKDOWN = """---
title: final victims
---
# The *final* father {#final}

Under Massoud's **final**
father &amp; the [victims *of*](http://final.example "victims") `final` war.\\
> Quoted final
> father.

| final | victims |
|-------|---------|
| final | victims |

<div class="final">
final victims
</div>

```
final victims
```

    final victims

- [ ] final <kbd>final</kbd> <!-- final --> ![final](final.png) $final$
- un**final**ly [final][victims] <http://final.example>

[victims]: http://final.example "final"
"""


def test_only_the_prose_of_markdown_is_corrected() -> None:
    expected = MARKDOWN
    for old, new in [
        ("# The *final* father", "# The *late* commander"),
        ("**final**\nfather", "**late**\ncommander"),
        ("[victims *of*]", "[casualties *of*]"),
        ("> Quoted final\n> father", "> Quoted late\n> commander"),
        ("[ ] final", "[ ] late"),
        ("[final][victims]", "[late][victims]"),
    ]:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert fixed_markdown(MARKDOWN) == expected


def test_prose_of_markdown_is_read_through_its_markup() -> None:
    file = Markdown(MARKDOWN)
    read = file.read(file.document("a.md")).text
    assert read.startswith("The final father\n\nUnder Massoud's final father & the victims of `final` war.")


def test_an_edit_that_would_make_markup_is_a_suggestion() -> None:
    file = Markdown("A bad day for the final say.")
    result = corrector(REPAIRS).fix(file.document("a.md"))
    assert result.text == "A bad day for the late say."
    assert [(e.original, e.applied) for e in result.edits] == [("bad", False), ("final", True)]


def test_prose_between_rules_is_read_unless_they_begin_the_file() -> None:
    deck = "---\ntitle: final\n---\n# One\n\nFinal.\n\n---\nThe final father fell.\n\n---\n\nThe end.\n"
    assert fixed_markdown(deck) == deck.replace("The final father", "The late commander")
    assert fixed_markdown("\ufeff" + deck) == "\ufeff" + deck.replace("The final father", "The late commander")
    assert fixed_markdown("\n" + deck) == "\n" + deck.replace("The final father", "The late commander").replace(
        "title: final", "title: late"
    )
    assert fixed_markdown("+++\na = 'final'\n+++\nA final day.") == "+++\na = 'final'\n+++\nA late day."


HTML = """<!DOCTYPE html>
<html lang="en"><head><title>The final day</title><script>final("</p>victims");</script>
<style>.final { color: red }</style></head><body title="final > victims">
<p>Massoud&rsquo;s <b>final</b>
   father met <a href="/final?a=1&amp;victims">victims</a> &amp; <code>final</code>.<sup>[1]</sup></p>
<p translate="no">final</p><p lang="de">final<p>The <i>final father</i> fell<br>final
<!-- final --><pre>final victims</pre><ul><li>victims<li>no victims</ul>
<textarea>final</textarea><svg><text>final</text></svg>un<b>final</b>ly 1 < 2 victims
"""


def test_only_the_prose_of_html_is_corrected() -> None:
    expected = HTML
    for old, new in [
        ("<title>The final", "<title>The late"),
        ("<b>final</b>\n   father", "<b>late</b>\n   commander"),
        (">victims</a>", ">casualties</a>"),
        ("<i>final father</i>", "<i>late commander</i>"),
        ("<br>final\n", "<br>late\n"),
        ("<li>victims<li>no victims", "<li>casualties<li>no casualties"),
        ("1 < 2 victims", "1 < 2 casualties"),
    ]:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert fixed_html(HTML) == expected


def test_prose_of_html_is_read_as_a_browser_shows_it() -> None:
    file = read_html("a.html", HTML.encode())
    assert file.prose.startswith("The final day\n\nMassoud’s final father met victims & final.\n\n")
    place = file.prose.index("victims & ")
    assert file.locate(Span(place, place + 7)).of(HTML) == "victims"


def test_comments_of_html_can_ask_to_leave_prose_alone() -> None:
    source = (
        "<p>final\n<p>final <!-- mtfix:ignore -->\n<!-- mtfix:ignore-start --><p>final <b>victims</b>"
        "<!-- mtfix:ignore-end --><p>final"
    )
    first, *others = source.split("\n", 1)
    assert fixed_html(source) == "\n".join([first.replace("final", "late"), *others])[: -len("final")] + "late"


def test_words_stay_on_their_side_of_a_tag() -> None:
    file = Html("<p>The <b>old</b> man, <i>he</i></p>")
    assert file.apply([part(file.prose, "old man", "young girl")]) == b"<p>The <b>young</b> girl, <i>he</i></p>"
    assert file.apply([part(file.prose, "old man", "lad")]) == b"<p>The <b>lad</b>, <i>he</i></p>"
    assert file.apply([part(file.prose, "man", "<b> & c")]) == b"<p>The <b>old</b> &lt;b&gt; &amp; c, <i>he</i></p>"
    after_bold = Part(Span(7, 7), "", " tall")
    assert file.apply([after_bold]) == b"<p>The <b>old</b> tall man, <i>he</i></p>"


def test_what_may_not_be_edited_is_refused() -> None:
    file = Html("<p>Run <code>final</code> now</p>")
    with pytest.raises(ValueError, match="must not be edited"):
        file.apply([part(file.prose, "final", "late")])


@pytest.mark.parametrize("name", ["iso-8859-1", "windows-1252", "koi8-r"])
def test_a_declared_encoding_is_kept(name: str) -> None:
    word = "дом" if name == "koi8-r" else "café"
    encoding = "cp1252" if name == "iso-8859-1" else name
    data = f'<meta charset="{name}"><p>The final {word}'.encode(encoding)
    file = open_document("a.htm", data)
    assert word in file.prose
    assert file.apply([]) == data
    assert file.apply([part(file.prose, "final", "“late”")]).count(b"late") == 1
    with pytest.raises(InputError, match="not UTF-8"):
        open_document("a.htm", data.replace(b"charset", b"charmap"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("iso-8859-1", b"caf\xe9"), ("utf-8", "café".encode()), ("koi8-r", b"caf&#233;"), ("utf-16", "café".encode()),
     ("no-such", "café".encode())],
)  # fmt: skip
def test_a_page_without_other_letters_gets_them_in_its_declared_encoding(name: str, expected: bytes) -> None:
    source = f'<meta charset="{name}"><p>He met her in a coffee house.</p>'
    file = read_html("a.html", source.encode())
    assert file.apply([]) == source.encode()
    assert file.apply([part(file.prose, "coffee house", "café")]) == source.encode().replace(b"coffee house", expected)


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        ("black&white", "white", "notable", "black&amp;notable"),
        ("black&white; no", "white", "alpha", "black&amp;alpha; no"),
        ("black&white", "white", "blue", "black&blue"),
        ("R& lt;", " ", "", "R&amp;lt;"),
        ("under <5 days", "5", "five", "under &lt;five days"),
        ("under <5 days", "5", "6", "under <6 days"),
        ("a < b", " b", "b", "a &lt;b"),
    ],
)
def test_new_words_behind_an_ampersand_or_a_less_than_make_no_markup(source, old, new, expected) -> None:
    file = Html(f"<p>{source}</p>")
    edit = part(file.prose, old, new)
    assert file.apply([edit]) == f"<p>{expected}</p>".encode()
    assert Html(expected).prose == apply_edits(file.prose, [edit])


def test_words_added_behind_a_tag_are_shown_in_the_source() -> None:
    file = Html("<p>The <i>final father</i> fell.")
    edit = Edit(Span(4, 16), "final father", "late", "other", 0.5, "", True, (Alternative("last father of", 0.1),))
    result = Correction(file.prose, apply_edits(file.prose, [edit]), (), (edit,))
    shown = file.located(result)
    assert isinstance(shown, Correction)
    assert shown.text == file.apply([edit]).decode() == "<p>The <i>late</i> fell."
    [found] = shown.edits
    assert [found.original, found.alternatives[0].replacement] == ["final father</i>", "last father</i> of"]


PIECES = st.sampled_from(
    ["final", "victims", "father", "bad", " ", "  ", "\n", "\r\n", "\n\n", "> ", "- ", "*", "**", "_", "`", "[",
     "](x)", "](", ")", "<b>", "</b>", "<p>", "</p>", "<br>", "<script>", "</script>", "<!--", "-->", "&amp;", "&",
     "&#x27;", "\\", "<a href='", "\">", "|", "|-|-|\n", "---\n", "# ", "1. ", "é", "👩‍👩‍👧", "\ufeff", "\t", "    ",
     "~~", "$", "<", ">", "'", "<code>", "</code>", "</", "<li>", "<td", " final father ", "."]
)  # fmt: skip
SOUP = st.lists(PIECES, max_size=30).map("".join)


@settings(max_examples=60, deadline=None)
@given(SOUP)
def test_any_markdown_keeps_its_markup(text: str) -> None:
    assert open_document("a.md", text.encode()).apply([]) == text.encode()
    result = fixed_markdown(text)
    assert _parsed(result)[1] == _parsed(text)[1]


@settings(max_examples=60, deadline=None)
@given(SOUP)
def test_any_html_keeps_its_tags(text: str) -> None:
    assert open_document("a.html", text.encode()).apply([]) == text.encode()
    before, after = (
        [source[t.start : t.end] for t in tokens(source) if t.kind != "text"] for source in (text, fixed_html(text))
    )
    assert before == after


def test_a_lone_ampersand_stays_where_a_word_behind_it_is_edited() -> None:
    file = Html("<p>AT&Tea and R&D &amp; more</p>")
    place = Span(*re.search("Tea", file.prose).span())
    assert file.apply([Part(place, "Tea", "T")]) == b"<p>AT&T and R&D &amp; more</p>"


@settings(max_examples=60, deadline=None)
@given(SOUP, st.lists(st.booleans(), max_size=12), st.sampled_from(["x <&> y", "notable"]))
def test_edits_of_html_are_what_is_read_afterwards(text: str, chosen: list[bool], new: str) -> None:
    file = Html(text)
    words = [Span(*m.span()) for m in re.finditer(r"\w+(?: father)?", file.prose)]
    free = [w for w in words if not any(w.overlaps(u) for u in file.untouchable)]
    edits = [Part(w, w.of(file.prose), new) for w, yes in zip(free, chosen, strict=False) if yes]
    again = Html(file.apply(edits).decode())
    assert again.prose == apply_edits(file.prose, edits)


@pytest.mark.parametrize("piece", ["<", "<a ", "<b>", "</b>", "<!--", "&#", "<p lang=de>", "<a b='", "a <i>b</i> "])
@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_hostile_markup_takes_linear_time(piece: str, suffix: str) -> None:
    assert_linear(lambda text: open_document(f"a{suffix}", text.encode()).document("a"), piece, 64_000 * len(piece))
