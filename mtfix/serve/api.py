"""The routes of mtfix's own JSON: the same objects as `mtfix fix --format json` and `mtfix detect`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from mtfix.serve.api_models import (
    DetectAnswer,
    DetectRequest,
    FixAnswer,
    FixRequest,
    Problem,
    SuggestAnswer,
    SuggestRequest,
    TextRequest,
)
from mtfix.serve.engine import Engine, restricted
from mtfix.serve.files import read_as
from mtfix.types import Document, Span, detection_dict, suggestions_dict

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is no JSON."},
    403: {"description": "This origin or host name may not ask.", "content": {"text/plain": {}}},
    408: {"description": "The request did not arrive in time.", "content": {"text/plain": {}}},
    413: {"model": Problem, "description": "The text or the request is too long."},
    422: {"model": Problem, "description": "Something in the request is wrong."},
    429: {"model": Problem, "description": "Too many requests wait."},
    503: {"model": Problem, "description": "It took too long, or the server is stopping."},
}


def own(engine: Engine) -> APIRouter:
    """mtfix's own API."""
    router = APIRouter(tags=["mtfix"], responses=ERRORS)

    def document(request: TextRequest) -> Document:
        within = None if request.within is None else [Span(*place) for place in request.within]
        untouchable = [Span(*place) for place in request.untouchable]
        return restricted(read_as(request.name, request.text), untouchable, within)

    @router.post("/fix", response_model=FixAnswer, summary="Repair a text")
    async def fix(wanted: FixRequest, request: Request) -> JSONResponse:
        engine.check_length(wanted.text)
        found = await engine.run(lambda: engine.corrector.fix(document(wanted)), request)
        return JSONResponse(found.to_dict())

    @router.post("/detect", response_model=DetectAnswer, summary="Flag what looks wrong")
    async def detect(wanted: DetectRequest, request: Request) -> JSONResponse:
        engine.check_length(wanted.text)
        found = await engine.run(lambda: engine.corrector.detect(document(wanted)), request)
        return JSONResponse(detection_dict(found, tokens=wanted.tokens))

    @router.post("/suggest", response_model=SuggestAnswer, summary="Repairs for places that a reader marks")
    async def suggest(wanted: SuggestRequest, request: Request) -> JSONResponse:
        engine.check_length(wanted.text)
        places = [Span(*place) for place in wanted.places]
        found = await engine.run(lambda: engine.corrector.suggest(document(wanted), places), request)
        return JSONResponse(suggestions_dict(wanted.text, places, found, engine.corrector.fingerprint))

    return router
