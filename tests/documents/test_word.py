"""Word files: all text is read, edits keep formatting and everything else, tracked changes can be taken and refused."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timezone

import docx as python_docx
import pytest
from fake_models import corrector
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from word_files import EVERYTHING, W, docx, paragraph, run, text_box, unzipped, vml_box, zipped

from mtfix.documents.edits import Part, apply_edits
from mtfix.documents.formats import open_document
from mtfix.documents.word import Word
from mtfix.errors import InputError
from mtfix.types import Correction, Span

TOOL = corrector(
    {"final": "late", "victims": "casualties", "final father": "commander"}, {"father", "refused"}, force=True
)
DATE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def corrected(data: bytes) -> tuple[Word, Correction]:
    file = open_document("a.docx", data)
    assert isinstance(file, Word)
    return file, TOOL.fix(file.document("a.docx"))


def resolved(data: bytes, *, accept: bool, author: str = "mtfix") -> bytes:
    """The file with the author's changes accepted or rejected, by the meaning of the marks alone."""
    parts = unzipped(data)
    for name, xml in parts.items():
        if not name.startswith("word/") or not name.endswith(".xml"):
            continue
        tree = etree.fromstring(xml)
        for kind, kept in (("ins", accept), ("del", not accept)):
            for mark in list(tree.iter(f"{{{W}}}{kind}")):
                if mark.get(f"{{{W}}}author") != author:
                    continue
                for place, child in enumerate(list(mark) if kept else []):
                    mark.getparent().insert(mark.getparent().index(mark) + 0 * place, child)
                    for gone in child.iter(f"{{{W}}}delText"):
                        gone.tag = f"{{{W}}}t"
                mark.getparent().remove(mark)
        parts[name] = etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
    return zipped({name: content.decode() for name, content in parts.items()})


def test_all_text_is_read() -> None:
    file, _ = corrected(EVERYTHING)
    assert file.prose.split("\n\n") == [
        "The final day",
        "Under Massoud’s final father, R&D had many victims and final father",
        "See final link and final or final of\tfinal victims",
        "He was the final one here.",
        "final cell",
        "victims",
        "A refused word, and finalthe final part",
        " A final note.",
        "The final header",
        "Many victims below",
    ]


def test_edits_in_place_keep_all_else() -> None:
    file, result = corrected(EVERYTHING)
    assert file.apply([]) == EVERYTHING
    data = file.apply(result.applied)
    assert open_document("a.docx", data).prose == result.text
    assert result.text.split("\n\n")[:5] == [
        "The late day",
        # the words of another formatting are no place for half of a repair
        "Under Massoud’s commander, R&D had many casualties and final father",
        "See late link and final or late of\tfinal victims",
        "He was the late one here.",
        "late cell",
    ]
    before, after = unzipped(EVERYTHING), unzipped(data)
    changed = {f"word/{name}.xml" for name in ("document", "footnotes", "header1", "footer1")}
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == changed
    stripped = [etree.tostring(_without_text(xml["word/document.xml"])) for xml in (before, after)]
    assert stripped[0] == stripped[1]


def _without_text(xml: bytes) -> etree._Element:
    tree = etree.fromstring(xml)
    for text in tree.iter(f"{{{W}}}t"):
        text.text = ""
        text.attrib.clear()
    return tree


def test_tracked_changes_accepted_are_the_correction_and_rejected_the_original() -> None:
    file, result = corrected(EVERYTHING)
    data = file.track(result, "Jane Doe & Co", DATE)
    assert open_document("a.docx", data).prose == result.text
    taken = resolved(data, accept=True, author="Jane Doe & Co")
    refused = resolved(data, accept=False, author="Jane Doe & Co")
    assert open_document("a.docx", taken).prose == result.text
    assert open_document("a.docx", refused).prose == file.prose
    body = unzipped(data)["word/document.xml"].decode()
    assert 'w:author="Jane Doe &amp; Co" w:date="2026-01-02T03:04:05Z"' in body
    assert "<w:rPr><w:b/></w:rPr><w:delText" in body
    assert "final gone" in body
    assert body.count("w:author='Ann'") == 3  # her insertion is cut in two by the inserted word
    assert unzipped(data)["word/media/image1.png"] == b"not really"


def test_every_finding_has_a_comment() -> None:
    file, result = corrected(EVERYTHING)
    data = file.track(result, "Jane Doe", DATE)
    opened = python_docx.Document(io.BytesIO(data))
    comments = [comment.text for comment in opened.comments]
    answered = [f for f in result.flags if any(f.span.overlaps(e.span) for e in result.edits)]
    assert len(comments) == len(result.edits) + len(result.flags) - len(answered)
    assert {(c.author, c.initials) for c in opened.comments} == {("Jane Doe", "JD")}
    first = next(c for c in comments if c.startswith("“final” → “late”"))
    edit, flag = result.edits[0], result.flags[0]
    others = ", ".join(f"“{other.replacement}” ({100 * other.confidence:.0f} %)" for other in edit.alternatives)
    assert first == (
        f"“final” → “late” ({edit.category}, confidence {100 * edit.confidence:.0f} %). Reason: {flag.message}."
        f" Alternatives: {others}."
    )
    assert any(c.startswith("“refused” looks wrong here") for c in comments)
    assert any(c.startswith("Suggestion, not made: “final father” → “commander”") for c in comments)
    assert any(c.startswith("In a footnote: ") for c in comments)
    body = etree.fromstring(unzipped(data)["word/document.xml"])
    numbers = {f"{{{W}}}{kind}": [] for kind in ("commentRangeStart", "commentRangeEnd", "commentReference")}
    for element in body.iter(*numbers):
        numbers[element.tag].append(int(element.get(f"{{{W}}}id")))
    assert all(sorted(found) == sorted({c.comment_id for c in opened.comments}) for found in numbers.values())


def test_what_no_word_file_can_hold_is_not_written() -> None:
    file, _ = corrected(docx(paragraph(run("The final day"))))
    with pytest.raises(ValueError, match="no Word file can hold"):
        file.apply([Part(Span(4, 9), "final", "la\x0bte")])


def test_comments_join_those_that_are_there() -> None:
    first = docx(paragraph(run("The final day")))
    file, result = corrected(first)
    once = file.track(result, "Ann", DATE)
    again, found = corrected(resolved(once, accept=False, author="Ann"))
    twice = again.track(found, "Bob", DATE)
    authors = [comment.author for comment in python_docx.Document(io.BytesIO(twice)).comments]
    assert authors == ["Ann", "Bob"]
    assert [n for n in unzipped(twice) if "comments" in n] == ["word/comments.xml"]


def test_without_findings_the_file_is_the_same() -> None:
    data = docx(paragraph(run("A good day.")))
    file, result = corrected(data)
    assert file.track(result) == data


IN_BOX = paragraph(run("A fi"), run("nal "), run("box", "<w:b/>")) + paragraph(run("Many victims, as he refused"))
BOXES = docx(
    paragraph(run("Under his fi"), text_box(IN_BOX), run("nal man")) + paragraph(run("The end"), vml_box(IN_BOX)),
    {"header1": paragraph(text_box(paragraph(run("The final header"))), run("Final"))},
)


def test_text_boxes_are_read_after_the_text_that_they_stand_in() -> None:
    assert corrected(BOXES)[0].prose.split("\n\n") == [
        "Under his final man", "The end", *["A final box", "Many victims, as he refused"] * 2,
        "Final", "The final header",
    ]  # fmt: skip
    gone = f"<w:del w:id='1' w:author='Ann'>{text_box(IN_BOX)}</w:del>"
    assert corrected(docx(paragraph(run("The end"), gone, text_box(""))))[0].prose == "The end"


def test_both_writings_of_a_text_box_are_changed_alike() -> None:
    file, result = corrected(BOXES)
    assert file.apply([]) == BOXES
    for data in (file.apply(result.applied), file.track(result, date=DATE)):
        assert open_document("a.docx", data).prose == result.text
        for part in ("document", "header1"):
            tree = etree.fromstring(unzipped(data)[f"word/{part}.xml"])
            first, second = (etree.tostring(box) for box in list(tree.iter(f"{{{W}}}txbxContent"))[:2])
            assert first == second
            assert b"late" in first
    tracked = file.track(result, date=DATE)
    for accept, text in ((True, result.text), (False, file.prose)):
        assert open_document("a.docx", resolved(tracked, accept=accept)).prose == text


def test_another_text_for_older_programs_stays() -> None:
    other = paragraph(run("A final box, in short"))
    file, result = corrected(docx(paragraph(text_box(IN_BOX, other))))
    body = unzipped(file.apply(result.applied))["word/document.xml"].decode()
    assert body.count("late") == body.count("A final box, in short") == 1


def test_comments_on_a_text_box_stand_beside_it() -> None:
    file, result = corrected(BOXES)
    data = file.track(result, date=DATE)
    body = etree.fromstring(unzipped(data)["word/document.xml"])
    marks = list(body.iter(f"{{{W}}}commentRangeStart"))
    assert not any(list(mark.iterancestors(f"{{{W}}}txbxContent")) for mark in marks)
    paragraphs = [sum(1 for _ in p.iterchildren(f"{{{W}}}commentRangeStart")) for p in body[0][:2]]
    # one on the text itself, one on the header, three on each box
    assert paragraphs == [5, 3]
    comments = [comment.text for comment in python_docx.Document(io.BytesIO(data)).comments]
    assert sum(comment.startswith("In a text box: ") for comment in comments) == 7


WORDS = st.sampled_from(
    ["final", "victims", " ", "father", "final father", "refused", "the", ", ", "&amp;", "é", "👩‍👩‍👧"]
)
FORMATS = st.sampled_from(["", "", "", "<w:b/>", "<w:lang w:val='fr-FR'/>", "<w:vanish/>"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Paragraphs of words, cut into runs anywhere, perhaps with a text box between them."""
    body = ""
    for _ in range(draw(st.integers(1, 3))):
        text = " ".join(draw(st.lists(WORDS, max_size=8)))
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=5)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        whole = [p for p in pieces if p.count("&") == p.count(";")]
        runs = [run(p, draw(FORMATS)) for p in (whole if len(whole) == len(pieces) else [text])]
        if draw(st.booleans()):
            runs.insert(draw(st.integers(0, len(runs))), text_box(paragraph(*draw(st.permutations(runs)))))
        body += paragraph(*runs)
    return docx(body)


@settings(max_examples=40, deadline=None)
@given(files())
def test_any_file_keeps_its_text(data: bytes) -> None:
    file, result = corrected(data)
    assert open_document("a.docx", file.apply(result.applied)).prose == result.text
    tracked = file.track(result, date=DATE)
    for accept, text in ((True, result.text), (False, file.prose)):
        assert open_document("a.docx", resolved(tracked, accept=accept)).prose == text


@settings(max_examples=40, deadline=None)
@given(files(), st.data())
def test_any_edit_of_editable_text_can_be_made(data: bytes, draw: st.DataObject) -> None:
    file = open_document("a.docx", data)
    assert isinstance(file, Word)
    size = len(file.prose)
    a, b = sorted(draw.draw(st.tuples(st.integers(0, size), st.integers(0, size))))
    solid = [u for u in file.untouchable if u.start < u.end]
    if any(Span(a, b).overlaps(u) for u in solid):
        return
    walls = {0, *(u.end for u in solid)}, {size, *(u.start for u in solid)}
    if a == b and a in walls[0] and a in walls[1]:
        with pytest.raises(ValueError, match="inserted"):
            file.apply([Part(Span(a, a), "", "x")])
        return
    # a paragraph without text is not read, nor the break behind it
    nothing = [] if a in walls[0] and b in walls[1] else [""]
    edit = Part(Span(a, b), file.prose[a:b], draw.draw(st.sampled_from([*nothing, "x", "<&> y ", "\u00a0"])))
    assert open_document("a.docx", file.apply([edit])).prose == apply_edits(file.prose, [edit])


def _damaged(**changed: str | None) -> bytes:
    parts = {name.replace("/", "_").replace(".", "_"): name for name in unzipped(EVERYTHING)}
    files = {name: content.decode() for name, content in unzipped(EVERYTHING).items()}
    for key, text in changed.items():
        if text is None:
            del files[parts[key]]
        else:
            files[parts[key]] = text
    return zipped(files)


BOMB = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"""


def _encrypted() -> bytes:
    data = bytearray(EVERYTHING)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)


def _zip_bomb() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(5):
            archive.writestr(f"{number}", b"\0" * (60 << 20))
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (_encrypted(), "password"),
        (b"no archive", "damaged"),
        (b"PK\x03\x04" + b"\0" * 40, "damaged"),
        (EVERYTHING[: len(EVERYTHING) // 2], "damaged"),
        (EVERYTHING.replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged"),
        (_damaged(word_document_xml="<w:document"), "damaged"),
        (_damaged(word_document_xml=BOMB), "document type"),
        (_damaged(word_document_xml=None), "no Word document"),
        (_damaged(_rels__rels=None), "no Word document"),
        (_damaged(word_document_xml="<html><body/></html>"), "no part of a Word document"),
        (_damaged(word_document_xml="\ufffd".join(["<?xml version='1.0' encoding='ascii'?>", ""])), "encoding"),
    ],
)
def test_what_is_no_word_file_or_harmful_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        open_document("dir/a.docx", data)
    assert str(caught.value).startswith("dir/a.docx: ")


def test_content_that_is_locked_bound_or_computed_is_read_and_left_alone() -> None:
    def control(properties: str) -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{run('final ')}</w:sdtContent></w:sdt>"

    body = paragraph(
        control("<w:lock w:val='contentLocked'/>"), control("<w:dataBinding w:xpath='/a'/>"),
        control("<w:lock w:val='sdtLocked'/>"), f"<w:fldSimple w:instr=' TITLE '>{run('final ')}</w:fldSimple>",
        run("final "), f"<w:moveTo w:id='1' w:author='Ann'>{run('final ')}</w:moveTo>", run("final"),
    )  # fmt: skip
    file, result = corrected(docx(body))
    assert file.prose == "final final final final final final final"
    assert result.text == "final final late final late final late"


OBJECTS = [
    "<w:r><w:sym w:font='Symbol' w:char='F061'/></w:r>",
    "<m:oMath xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'><m:r><m:t>x</m:t></m:r></m:oMath>",
    "<w:r><w:drawing><wp:inline/></w:drawing></w:r>",
    "<w:r><w:object/></w:r>",
    "<w:r><w:pict><v:shape style='width:9pt'/></w:pict></w:r>",
]


@pytest.mark.parametrize("thing", OBJECTS)
def test_no_repair_is_made_over_what_stands_in_the_line(thing: str) -> None:
    file, result = corrected(docx(paragraph(run("The final "), thing, run("father of it."))))
    assert file.prose == "The final father of it."
    assert [(edit.replacement, edit.applied) for edit in result.edits] == [("commander", False)]


def test_a_picture_that_floats_parts_no_words() -> None:
    floating = "<w:r><w:drawing><wp:anchor/></w:drawing></w:r>"
    _, result = corrected(docx(paragraph(run("The final "), floating, run("father of it."))))
    assert result.text == "The commander of it."


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(InputError, match="unpacks to 300 MiB"):
        open_document("a.docx", _zip_bomb())
