"""Every kind of file: without edits it comes back as it was, and edits land where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.formats import open_document
from mtfix.errors import InputError
from mtfix.types import Edit, Span


def edit(text: str, old: str, new: str) -> Edit:
    start = text.index(old)
    return Edit(Span(start, start + len(old)), old, new, "other", 0.9, "test", True)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_file_without_edits_is_the_same_bytes(text: str) -> None:
    data = text.encode()
    assert open_document("a.txt", data).apply([]) == data


def test_a_text_file_with_edits_keeps_mark_and_line_ends() -> None:
    prose = open_document("a.txt", "\ufeffThe final\r\nfather.\r".encode())
    assert prose.apply([edit(prose.prose, "final", "late")]) == "\ufeffThe late\r\nfather.\r".encode()
    assert prose.locate(Span(5, 10)) == Span(5, 10)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [("a.rtf", b"{}", "save it as .docx"), ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .doc file")],
)
def test_other_kinds_of_file_are_refused_with_advice(name: str, data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_document(name, data)


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(InputError, match="binary"):
        open_document("a.txt", b"a\0b")
