"""The parts of a Word file (Open Packaging Conventions: a ZIP archive of XML parts and relations between them)."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from mtfix.documents.xml_events import decoded, events
from mtfix.errors import InputError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST = 256 << 20  # bytes of all parts together, unpacked; a long book with pictures stays far below
_LARGEST_PART = 64 << 20  # of a part that is read
_PARTS = 20_000
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_TYPES = "[Content_Types].xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind` is the last word of the relation's type, `base` the rest; `part` the path of the other part."""

    id: str
    base: str
    kind: str
    part: str


class Package:
    """A ZIP archive whose parts are read when they are asked for. Raises InputError, here and later."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        if data.startswith(_OLE):
            raise InputError(
                f"{name}: is protected by a password, or an old .doc file; take the password off, or save it as .docx."
            )
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self._parts = {info.filename: info for info in self._archive.infolist()}
        except _DAMAGE as error:
            raise InputError(f"{name}: is damaged, or no Word file ({error}); repair or save it anew.") from error
        self._check()
        self._texts: dict[str, tuple[str, str]] = {}
        mains = [r for r in self.relations("") if r.kind == "officeDocument"]
        self.main, self._relation_types = (mains[0].part, mains[0].base) if mains else ("", "")
        if _TYPES not in self._parts or self.main not in self._parts:
            raise InputError(f"{name}: holds no Word document; name a .docx file.")

    def _check(self) -> None:
        infos = self._archive.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise InputError(f"{self.name}: is protected by a password; take it off and try again.")
        if len(infos) != len(self._parts):
            raise InputError(f"{self.name}: is damaged (a part is there twice); repair or save it anew.")
        size = sum(info.file_size for info in infos)
        if len(infos) > _PARTS or size > _LARGEST:
            raise InputError(
                f"{self.name}: unpacks to {size >> 20} MiB in {len(infos)} parts, more than any Word file needs "
                f"(limit {_LARGEST >> 20} MiB); it may be malicious."
            )

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def data(self, part: str) -> bytes:
        try:
            return self._archive.read(self._parts[part])
        except _DAMAGE as error:
            raise InputError(f"{self.name}: is damaged ({part}: {error}); repair or save it anew.") from error

    def text(self, part: str) -> str:
        """The XML of a part."""
        if part not in self._texts:
            if self._parts[part].file_size > _LARGEST_PART:
                raise InputError(f"{self.name}: {part} has {self._parts[part].file_size >> 20} MiB of XML; split it.")
            self._texts[part] = decoded(self.data(part), f"{self.name}: {part}")
        return self._texts[part][0]

    def relations(self, part: str) -> list[Relation]:
        """Where the part points to inside the package; of the package itself for the empty name."""
        path = relations_path(part)
        if path not in self._parts:
            return []
        folder = posixpath.dirname(part)
        found = []
        for event in events(self.text(path), f"{self.name}: {path}"):
            said = event.attributes
            if event.opens and "Target" in said and said.get("TargetMode") != "External":
                target = said["Target"]
                place = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                base, _, kind = said.get("Type", "").rpartition("/")
                found.append(Relation(said.get("Id", ""), base, kind, place))
        return found

    def written(self, changed: Mapping[str, str]) -> bytes:
        """The archive with these parts changed or added; all others are the same, in the same order."""
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w") as archive:
            archive.comment = self._archive.comment
            for info in self._archive.infolist():
                fresh = zipfile.ZipInfo(info.filename, info.date_time)
                fresh.external_attr, fresh.create_system = info.external_attr, info.create_system
                fresh.compress_type, fresh.comment = info.compress_type, info.comment
                if info.filename in changed:
                    text, encoding = changed[info.filename], self._texts[info.filename][1]
                    archive.writestr(fresh, text.encode(encoding, "xmlcharrefreplace"))
                else:
                    archive.writestr(fresh, self.data(info.filename))
            for part in changed.keys() - self._parts.keys():
                archive.writestr(zipfile.ZipInfo(part), changed[part].encode(), zipfile.ZIP_DEFLATED)
        return output.getvalue()

    def with_part(self, part: str, text: str, kind: str, content_type: str) -> dict[str, str]:
        """The changes that add a part which the main one points to."""
        override = f"<Override PartName={quoteattr('/' + part)} ContentType={quoteattr(content_type)}/>"
        path = relations_path(self.main)
        target = quoteattr(posixpath.relpath(part, posixpath.dirname(self.main)))
        relations = self.text(path) if path in self._parts else f'{XML_HEAD}<Relationships xmlns="{_PACKAGE}"/>'
        taken = {relation.id for relation in self.relations(self.main)}
        new = next(f"rIdMtfix{i}" for i in range(len(taken) + 1) if f"rIdMtfix{i}" not in taken)
        relation = f'<Relationship Id="{new}" Type="{self._relation_types}/{kind}" Target={target}/>'
        return {
            part: text,
            _TYPES: with_child(self.text(_TYPES), override),
            path: with_child(relations, relation),
        }


def with_child(xml: str, child: str) -> str:
    """The XML with one more element at the end of its root."""
    close = xml.rfind("</")
    if close >= 0:
        return xml[:close] + child + xml[close:]
    empty = xml.rindex("/>")  # an empty root
    name = xml[xml.rindex("<") + 1 :].split(None, 1)[0].rstrip("/>")
    return f"{xml[:empty]}>{child}</{name}>{xml[empty + 2 :]}"


def relations_path(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
