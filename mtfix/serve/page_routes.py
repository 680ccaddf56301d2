"""The review page, and what it needs beside `/fix` and `/detect`: documents in and out. Nothing is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from mtfix.serve.api import ERRORS
from mtfix.serve.api_models import AlternativeJson, FlagJson, Place
from mtfix.serve.engine import Engine
from mtfix.serve.files import described, written
from mtfix.types import Alternative, Category, Edit, Flag, Span

FOLDER = Path(__file__).parent / "page"

_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
Name = Annotated[str, Query(min_length=1, max_length=255, description="The suffix tells the kind of document.")]


class OfferJson(BaseModel):
    format: Literal["corrected", "tracked", "text"]
    label: str
    name: str


class OpenAnswer(BaseModel):
    """A document's prose, what in it may not be edited, and how it can be had back."""

    name: str
    text: str
    untouchable: list[Place]
    read_as: str | None = Field(description="The `name` to give to `/fix` and `/detect`, if any.")
    formats: list[OfferJson]


class AcceptedJson(BaseModel):
    """An edit of the prose that was accepted."""

    model_config = ConfigDict(extra="forbid")

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    original: str
    replacement: str
    category: Category = "other"
    confidence: float = Field(1.0, ge=0, le=1)
    message: str = ""
    alternatives: list[AlternativeJson] = []


class ExportRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=255)
    data: Base64Bytes = Field(description="The document as it was opened.")
    format: Literal["corrected", "tracked", "text"] = "corrected"
    edits: list[AcceptedJson] = []
    flags: list[FlagJson] = Field([], description="Places still open; remarks in formats that have such.")


def page(engine: Engine) -> APIRouter:
    """The page at `/` and its routes."""
    router = APIRouter(tags=["review page"])

    for path, name, kind in (
        ("/", "index.html", "text/html"), ("/review.css", "review.css", "text/css"),
        *((f"/{name}.js", f"{name}.js", "text/javascript") for name in ("review", "state", "view")),
    ):  # fmt: skip
        router.add_api_route(path, _file(FOLDER / name, kind), include_in_schema=False)

    @router.post(
        "/documents", response_model=OpenAnswer, responses=ERRORS, summary="Read a document",
        openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
    )  # fmt: skip
    async def documents(request: Request, name: Name) -> JSONResponse:
        data = await request.body()
        found = await engine.run(lambda: described(name, data), request)
        engine.check_length(found["text"])
        return JSONResponse(found)

    @router.post(
        "/export", summary="Write a document with the edits that were accepted", response_class=Response,
        responses={**ERRORS, 200: {"content": _BYTES, "description": "The document."}},
    )  # fmt: skip
    async def export(wanted: ExportRequest, request: Request) -> Response:
        edits = [_edit(edit) for edit in wanted.edits]
        flags = [Flag(_span(f.start, f.end), f.category, f.score, f.message) for f in wanted.flags]
        data = await engine.run(lambda: written(wanted.name, wanted.data, wanted.format, edits, flags), request)
        headers = {"content-disposition": "attachment"}
        return Response(data, media_type="application/octet-stream", headers=headers)

    return router


def _file(path: Path, kind: str) -> Any:
    async def send() -> FileResponse:
        return FileResponse(path, media_type=kind)

    return send


def _span(start: int, end: int) -> Span:
    return Span(start, max(start, end))


def _edit(edit: AcceptedJson) -> Edit:
    return Edit(
        _span(edit.start, edit.end), edit.original, edit.replacement, edit.category, edit.confidence, "review", True,
        tuple(Alternative(a.replacement, a.confidence) for a in edit.alternatives),
    )  # fmt: skip
