import io
import os
from pathlib import Path

import pytest
from hostile import texts
from hypothesis import given

from mtfix.documents import write
from mtfix.documents.read import decode, expand, lines, read_document, read_stream
from mtfix.documents.write import write_atomic
from mtfix.errors import InputError
from mtfix.types import Document

as_root = hasattr(os, "geteuid") and os.geteuid() == 0


def test_expand_keeps_files_and_walks_folders_in_order(tmp_path: Path) -> None:
    for name in ["b.txt", "a.md", "c.pdf", "~$e.docx", "sub/d.TXT", ".git/e.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    pdf = tmp_path / "c.pdf"
    assert expand([pdf, tmp_path]) == [pdf, tmp_path / "a.md", tmp_path / "b.txt", tmp_path / "sub" / "d.TXT"]


def test_expand_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.*no such file"):
        expand([tmp_path / "nowhere"])
    with pytest.raises(InputError, match="no readable files"):
        expand([tmp_path])
    with pytest.raises(InputError, match="check the path"):
        expand([tmp_path / ("x" * 5000)])


@given(texts)
def test_bytes_come_back_from_text_and_from_lines(text: str) -> None:
    data = text.encode()
    if b"\0" in data:
        return
    document = Document(decode(read_stream(io.BytesIO(data), "in"), "in"), "in")
    assert document.text.encode() == data
    parts = list(lines(document))
    assert "".join(line.text + end for line, end in parts).encode() == data
    assert all("\n" not in line.text and "\r" not in line.text for line, _ in parts)
    assert all(end for _, end in parts[:-1])


def test_lines_end_at_line_ends_only() -> None:
    document = Document("\ufeffa\u2028b\r\n\rc\x0bd\n", "f.txt")
    assert [(line.text, line.name, end) for line, end in lines(document)] == [
        ("\ufeffa\u2028b", "f.txt:1", "\r\n"),
        ("", "f.txt:2", "\r"),
        ("c\x0bd", "f.txt:3", "\n"),
    ]
    assert list(lines(Document(""))) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\x00b", "binary file"),
        ("hi".encode("utf-16"), "UTF-16"),
        (b"one\r\ntwo\rthr\xe9e", r"byte 0xe9 at offset 12, line 3"),
        (b"\xed\xa0\x80", "not UTF-8"),
    ],
)
def test_what_is_not_utf8_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"in\.txt.*{message}"):
        read_document(path)


def test_unreadable_paths_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_document(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_document(tmp_path / "nowhere")


@pytest.mark.skipif(as_root, reason="root reads and writes everything")
def test_permissions_are_respected(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text("old")
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        read_document(path)
    path.chmod(0o444)
    with pytest.raises(InputError, match="write-protected"):
        write_atomic(path, "new")
    assert path.read_text() == "old"


def test_write_is_exact_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text("old")
    path.chmod(0o640)
    text = "\ufeffa\r\nb\rc\n\u2028"
    write_atomic(path, text)
    assert path.read_bytes() == text.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert read_document(path).text == text
    write_atomic(tmp_path / "new.txt", "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.txt", "new.txt"]


def test_write_follows_links(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "real.txt"
    target.write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    write_atomic(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(InputError, match="not a regular file"):
        write_atomic(loop, "x")


def test_a_failed_write_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.txt"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.os, "replace", fail)
    with pytest.raises(InputError, match="No space left"):
        write_atomic(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["f.txt"]
    assert path.read_text() == "old"


def test_write_refuses_what_it_cannot_replace(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a regular file"):
        write_atomic(tmp_path, "x")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomic(tmp_path / "nowhere" / "f.txt", "x")
    with pytest.raises(InputError, match="surrogate"):
        write_atomic(tmp_path / "f.txt", "\ud800")
    with pytest.raises(InputError, match="not a regular file"):
        write_atomic(Path(os.devnull), "x")
