"""Word files made for tests: as Word writes them, with words cut into runs, and whatever else a file can hold."""

from __future__ import annotations

import io
import zipfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ROOT = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
)
KINDS = {"footnotes": "footnotes", "header1": "header", "footer1": "footer", "endnotes": "endnotes"}


def part(name: str, inner: str) -> str:
    return f"{HEAD}<w:{name} {ROOT}>{inner}</w:{name}>"


def run(text: str, properties: str = "") -> str:
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r w:rsidR="00A1">{inner}<w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(body: str, parts: dict[str, str] | None = None) -> bytes:
    """`parts`: footnotes, endnotes, header1, footer1 with their inner XML, and whole other parts by path."""
    parts = parts or {}
    named = {name: inner for name, inner in parts.items() if name in KINDS}
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{R}/{KINDS[name]}" Target="{name}.xml"/>' for i, name in enumerate(named, 1)
    )
    section = "".join(
        f'<w:{KINDS[name]}Reference w:type="default" r:id="rId{i}"/>'
        for i, name in enumerate(named, 1)
        if name in ("header1", "footer1")
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{kind}.{KINDS[name]}+xml"/>' for name in named
    )
    files = {
        "[Content_Types].xml": HEAD
        + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + '<Default Extension="xml" ContentType="application/xml"/>'
        + f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/>{overrides}</Types>',
        "_rels/.rels": HEAD
        + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + f'<Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": part("document", f"<w:body>{body}<w:sectPr>{section}</w:sectPr></w:body>"),
        "word/_rels/document.xml.rels": HEAD
        + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + f"{relations}</Relationships>",
        "word/media/image1.png": "not really",
    }
    roots = {"header1": "hdr", "footer1": "ftr"}
    files |= {f"word/{name}.xml": part(roots.get(name, name), inner) for name, inner in named.items()}
    files |= {name: text for name, text in parts.items() if name not in KINDS}
    return zipped(files)


def zipped(files: dict[str, str]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return output.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def field(instruction: str, result: str) -> str:
    marks = [f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>" for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText>{instruction}</w:instrText></w:r>{marks[1]}{result}{marks[2]}"


def paragraph(*inner: str) -> str:
    return f"<w:p>{''.join(inner)}</w:p>"


def vml_box(inner: str) -> str:
    """A run with a text box as Word 2007 writes it."""
    shape = "<v:shape id='s1' type='#_x0000_t202' style='position:absolute;width:150pt;height:70pt'><v:textbox>"
    content = f"<w:txbxContent>{inner}</w:txbxContent>"
    return f"<w:r><w:pict>{shape}{content}</v:textbox></v:shape></w:pict></w:r>"


def text_box(inner: str, copy: str | None = None) -> str:
    """A run with a text box as Word writes it: for itself, and once more for older programs."""
    fallback = vml_box(inner if copy is None else copy).removeprefix("<w:r>").removesuffix("</w:r>")
    return (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor distT='0' distB='0' distL='0' "
        "distR='0' simplePos='0' relativeHeight='2' behindDoc='0' locked='0' layoutInCell='1' allowOverlap='1'>"
        "<wp:simplePos x='0' y='0'/><wp:positionH relativeFrom='column'><wp:posOffset>0</wp:posOffset></wp:positionH>"
        "<wp:positionV relativeFrom='paragraph'><wp:posOffset>0</wp:posOffset></wp:positionV>"
        "<wp:extent cx='2000000' cy='900000'/><wp:wrapSquare wrapText='bothSides'/><wp:docPr id='1' name='Box'/>"
        "<wp:cNvGraphicFramePr/><a:graphic><a:graphicData "
        "uri='http://schemas.microsoft.com/office/word/2010/wordprocessingShape'><wps:wsp><wps:cNvSpPr txBox='1'/>"
        "<wps:spPr><a:xfrm><a:off x='0' y='0'/><a:ext cx='2000000' cy='900000'/></a:xfrm>"
        "<a:prstGeom prst='rect'><a:avLst/></a:prstGeom></wps:spPr>"
        f"<wps:txbx><w:txbxContent>{inner}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData>"
        f"</a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback>{fallback}</mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


_ANN = "w:author='Ann' w:date='2024-01-01T00:00:00Z'"
_LINK = run("final link", "<w:u w:val='single'/>")

EVERYTHING = docx(
    paragraph("<w:pPr><w:pStyle w:val='Heading1'/></w:pPr>", run("The final day"))
    # words in several runs, as Word leaves them
    + paragraph(
        run("Under Massoud’s fi"), "<w:proofErr w:type='spellStart'/>", run("n"),
        run("al fath", "<w:lang w:val='de-DE'/>"), run("er, R&amp;D had "), run("many vic", "<w:b/>"),
        run("tims", "<w:b/>"), run(" and "), run("final", "<w:i/>"), run(" father"),
    )
    # a link, fields, a tab and a note in one run
    + paragraph(
        "<w:bookmarkStart w:id='7' w:name='x'/>", run("See "), f"<w:hyperlink w:anchor='x'>{_LINK}</w:hyperlink>",
        "<w:bookmarkEnd w:id='7'/>", run(" and "), field(" REF x ", run("final")), run(" or "),
        field(' HYPERLINK "http://final.example" ', run("final")),
        "<w:r><w:t xml:space='preserve'> of</w:t><w:tab/><w:t>final</w:t><w:footnoteReference w:id='2'/>"
        "<w:t xml:space='preserve'> victims</w:t></w:r>",
    )
    # tracked changes of somebody else
    + paragraph(
        run("He "), f"<w:del w:id='11' {_ANN}><w:r><w:delText>final gone</w:delText></w:r></w:del>",
        f"<w:ins w:id='12' {_ANN}>{run('was the final one')}</w:ins>", run(" here."),
    )
    + "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid><w:tr>"
    + f"<w:tc>{paragraph(run('final cell'))}</w:tc>"
    + f"<w:tc>{paragraph(run('victims', '<w:noProof/>'))}</w:tc></w:tr></w:tbl>"
    + paragraph(run("A refused word, and "), run("final", "<w:vanish/>"), run("the final part")),
    {
        "footnotes": "<w:footnote w:id='2'>"
        + paragraph("<w:r><w:footnoteRef/></w:r>", run(" A final note.")) + "</w:footnote>",
        "header1": paragraph(run("The final header")),
        "footer1": paragraph(run("Many victims below")),
    },
)  # fmt: skip
