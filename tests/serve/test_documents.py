"""Documents of all kinds through the server: Word files, Markdown, HTML, and plain text as a Word file."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from xml.etree import ElementTree

import docx
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page_routes import edit, exported, opened

from mtfix.documents.edits import apply_edits
from mtfix.errors import InputError
from mtfix.serve.plain_word import tracked
from mtfix.types import Correction, Edit, Flag, Span

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DATE = datetime(2026, 1, 2, tzinfo=timezone.utc)
PARAGRAPHS = ["Under his final father, the army fell.", "They call for 😀 help & <b>more</b>."]


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def paragraphs(data: bytes, *, rejected: bool = False) -> list[str]:
    """Texts of the paragraphs once all tracked changes are accepted, or rejected."""
    root = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    gone = f"{W}ins" if rejected else f"{W}del"
    return ["".join(_texts(paragraph, gone)) for paragraph in root.iter(f"{W}p")]


def _texts(element: ElementTree.Element, gone: str) -> Iterator[str]:
    for child in element:
        if child.tag in (f"{W}t", f"{W}delText"):
            yield child.text or ""
        elif child.tag != gone:
            yield from _texts(child, gone)


def test_a_word_file(client: httpx.Client) -> None:
    data = word(*PARAGRAPHS)
    document = opened(client, "a.docx", data)
    assert document["text"].split("\n\n") == PARAGRAPHS
    assert [offer["name"] for offer in document["formats"]] == [
        "a-tracked.docx", "a-corrected.docx", "a-corrected.txt"
    ]  # fmt: skip
    edits = [edit("final", "late", document["text"])]
    flags = [{"start": 44, "end": 48, "category": "other", "score": 0.7, "message": "odd"}]
    expected = [PARAGRAPHS[0].replace("final", "late"), PARAGRAPHS[1]]
    made = exported(client, "a.docx", data, format="tracked", edits=edits, flags=flags)
    assert made.status_code == 200, made.text
    assert paragraphs(made.content) == expected
    assert paragraphs(made.content, rejected=True) == PARAGRAPHS
    assert b"odd" in zipfile.ZipFile(io.BytesIO(made.content)).read("word/comments.xml")
    plain = exported(client, "a.docx", data, format="corrected", edits=edits).content
    assert [each.text for each in docx.Document(io.BytesIO(plain)).paragraphs] == expected
    assert exported(client, "a.docx", data, format="text", edits=edits).text == "\n\n".join(expected)


def test_a_word_file_says_what_it_cannot_hold(client: httpx.Client) -> None:
    data = word(*PARAGRAPHS)
    edits = [edit("final", "late\x0b", PARAGRAPHS[0])]
    for form in ("tracked", "corrected"):
        answer = exported(client, "a.docx", data, format=form, edits=edits)
        assert (answer.status_code, "control character" in answer.json()["detail"]) == (422, True)
    assert "late\x0b father" in exported(client, "a.docx", data, format="text", edits=edits).text
    answer = exported(client, "a.docx", data, format="corrected", edits=[edit("final", "late", PARAGRAPHS[0])] * 2)
    assert (answer.status_code, "overlap" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("data", [b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", b"plain text"])
def test_what_is_no_word_file_is_told(client: httpx.Client, data: bytes) -> None:
    answer = client.post("/documents", params={"name": "a.docx"}, content=data)
    assert (answer.status_code, answer.json()["detail"][:7]) == (422, "a.docx:")


def test_html(client: httpx.Client) -> None:
    data = b"<p>Under his <b>final father</b> &amp; <script>final</script> the army.</p>\r\n"
    document = opened(client, "a.html", data)
    assert "<" not in document["text"]
    made = exported(client, "a.html", data, edits=[edit("final father", "late father", document["text"])])
    assert made.content == data.replace(b"final father", b"late father")
    assert exported(client, "a.html", data).content == data


def test_markdown_is_read_without_its_markup(client: httpx.Client) -> None:
    text = "---\ntitle: final father\n---\n\nUnder his *final* father and `final father`, [final father](x).\n"
    document = opened(client, "a.md", text.encode())
    assert (document["text"], document["read_as"]) == (text, "a.md")
    question = {"text": text, "name": "a.md", "untouchable": document["untouchable"]}
    found = client.post("/fix", json=question).json()
    assert found["text"] == text
    assert all(text[e["start"] : e["end"]] == e["original"] for e in found["edits"])
    assert found["edits"]
    # front matter is not to be edited, whoever wants to
    assert exported(client, "a.md", text.encode(), edits=[edit("final father", "late father", text)]).status_code == 422


def test_only_files_that_are_read_as_they_stand_have_names(client: httpx.Client) -> None:
    answer = client.post("/fix", json={"text": "<p>Under his final father</p>", "name": "a.html"})
    assert (answer.status_code, "leave the name out" in answer.text) == (422, True)


# plain text as a Word file ---------------------------------------------------------------------------


def test_pasted_text_as_a_word_file(client: httpx.Client) -> None:
    text = "Under his final father.\r\n\r\n  two  spaces\tand a tab & <b> 😀\nmany victims"
    edits = [edit("final", "late", text), edit("many victims", "many casualties", text)]
    made = exported(client, "text.txt", text.encode(), format="tracked", edits=edits)
    assert made.status_code == 200, made.text
    lines = ["Under his final father.", "", "  two  spaces\tand a tab & <b> 😀", "many victims"]
    assert paragraphs(made.content, rejected=True) == lines
    changed = [line.replace("final", "late").replace("victims", "casualties") for line in lines]
    assert paragraphs(made.content) == changed
    assert [each.text for each in docx.Document(io.BytesIO(made.content)).paragraphs][2] == lines[2]


def test_an_edit_over_a_line_end_cannot_be_tracked() -> None:
    text = "final\nfather"
    correction = Correction(text, "late", (), (Edit(Span(0, 12), text, "late", "other", 1.0, "review", True),))
    with pytest.raises(InputError, match="line end"):
        tracked(correction, "mtfix", DATE)


LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(LINES, max_size=6), st.data())
def test_any_text_survives(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    words = list(re.finditer(r"[a-zA-Z]+", text))
    edits: list[Edit] = []
    if words:
        match = data.draw(st.sampled_from(words))
        edits.append(Edit(Span(*match.span()), match.group(), "new <&> one", "other", 0.5, "review", True))
    flags = (Flag(Span(*words[0].span()), "other", 0.5, "odd"),) if words else ()
    made = tracked(Correction(text, apply_edits(text, edits), flags, tuple(edits)), "mtfix", DATE)
    body = io.BytesIO(made)
    shown = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert paragraphs(made, rejected=True) == re.split(r"\r\n|[\r\n]", shown)
    assert len(docx.Document(body).paragraphs) == len(re.split(r"\r\n|[\r\n]", shown))


def test_base64_of_the_page(client: httpx.Client) -> None:
    body = {"name": "a.txt", "data": base64.b64encode(b"abc").decode()[:-1] + "*"}
    answer: Any = client.post("/export", json=body)
    assert answer.status_code == 422
