"""Tracked changes as LibreOffice understands them, in files as Word writes them and as LibreOffice does."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import docx as python_docx
import pytest
from fake_models import corrector
from word_files import docx, field, paragraph, run, text_box, vml_box

from mtfix.documents.formats import open_document
from mtfix.documents.word import Word

SYSTEM_PYTHON = "/usr/bin/python3"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def _has_libreoffice() -> bool:
    if shutil.which("soffice", path=ENVIRONMENT["PATH"]) is None or not Path(SYSTEM_PYTHON).exists():
        return False
    asked = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], check=False, env=ENVIRONMENT, capture_output=True)
    return asked.returncode == 0


pytestmark = pytest.mark.skipif(not _has_libreoffice(), reason="needs LibreOffice Writer and its Python module uno")

WORD_LIKE = docx(
    paragraph("<w:pPr><w:pStyle w:val='Heading1'/></w:pPr>", run("The final day"))
    + paragraph(
        run("Under Massoud’s fi"), "<w:proofErr w:type='spellStart'/>", run("n"),
        run("al fath", "<w:lang w:val='de-DE'/>"), run("er, R&amp;D had "), run("many vic", "<w:b/>"),
        run("tims", "<w:b/>"), run(" and "), run("final", "<w:i/>"), run(" father"),
        "<w:r><w:footnoteReference w:id='2'/></w:r>", run(" refused to talk."),
    )
    + paragraph(run("See "), field(' HYPERLINK "http://final.example" ', run("final link")), run(" here.\u00a0End."))
    + "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>"
    + f"<w:tc>{paragraph(run('final cell'))}</w:tc></w:tr></w:tbl>"
    + paragraph(
        run("In the mid"),
        text_box(paragraph(run("A final "), run("box of", "<w:b/>")) + paragraph(run("many victims."))),
        run("dle."),
    )
    + paragraph(run("The end."), vml_box(paragraph(run("The final old box.")))),
    {
        "footnotes": "<w:footnote w:id='2'>" + paragraph("<w:r><w:footnoteRef/></w:r>", run(" A final note."))
        + "</w:footnote>",
        "header1": paragraph(run("The final header")),
        "footer1": paragraph(run("Many victims below")),
    },
)  # fmt: skip


def in_libreoffice(*jobs: tuple[str, Path, Path]) -> None:
    script = str(Path(__file__).with_name("resolve_in_libreoffice.py"))
    arguments = [f"{action}:{source}:{target}" for action, source, target in jobs]
    done = subprocess.run(
        [SYSTEM_PYTHON, script, *arguments], check=False, env=ENVIRONMENT, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr


def prose(path: Path) -> list[str]:
    return [text.strip() for text in open_document("a.docx", path.read_bytes()).prose.split("\n\n") if text.strip()]


def test_libreoffice_accepts_to_the_correction_and_rejects_to_the_original(tmp_path: Path) -> None:
    word_like, remade = tmp_path / "word.docx", tmp_path / "libre.docx"
    word_like.write_bytes(WORD_LIKE)
    in_libreoffice(("keep", word_like, remade))
    tool = corrector({"final": "late", "victims": "casualties", "final father": "commander"}, {"father", "refused"})
    jobs, expected = [], []
    for path in (word_like, remade):
        file = open_document(str(path), path.read_bytes())
        assert isinstance(file, Word)
        result = tool.fix(file.document("a"))
        assert len(result.applied) >= 6
        tracked = path.with_suffix(".tracked.docx")
        tracked.write_bytes(file.track(result, "Jane"))
        for action, text in (("accept", result.text), ("reject", file.prose), ("keep", result.text)):
            target = path.with_suffix(f".{action}.docx")
            jobs.append((action, tracked, target))
            expected.append((target, [p.strip() for p in text.split("\n\n") if p.strip()]))
        count = len(list(python_docx.Document(io.BytesIO(tracked.read_bytes())).comments))
        assert count == len(result.edits) + 1
    in_libreoffice(*jobs)
    for target, text in expected:
        assert sorted(prose(target)) == sorted(text), target.name
    for path in (word_like, remade):
        written, kept = (
            [(c.author, c.text) for c in python_docx.Document(str(path.with_suffix(suffix))).comments]
            for suffix in (".tracked.docx", ".keep.docx")
        )
        assert sorted(written) == sorted(kept)
