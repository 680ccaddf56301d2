"""The routes of the LanguageTool HTTP API, version 2."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import ValidationError

from mtfix.serve.engine import Engine
from mtfix.serve.lt_check import CATEGORY, LANGUAGES, RULES, SOFTWARE, BadRequestError, annotated, answer, language
from mtfix.serve.lt_models import CheckAnswer, CheckForm, ConfigInfo, ConfigParameter, ConfigRule, Info, Language
from mtfix.serve.workers import RefusedError
from mtfix.types import Document, Span

_FORM = "application/x-www-form-urlencoded"
_ERROR: dict[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, **_ERROR}
    for status, description in (
        (400, "A parameter is missing or wrong."), (403, "This origin or host name may not ask."),
        (408, "The request did not arrive in time."), (413, "The text or the request is too long."),
        (429, "Too many requests wait."), (503, "It took too long, or the server is stopping."),
    )
}  # fmt: skip


def _schema() -> dict[str, Any]:
    schema = CheckForm.model_json_schema()
    schema["anyOf"] = [{"required": ["text"]}, {"required": ["data"]}]
    return schema


_BODY = {"requestBody": {"required": True, "content": {_FORM: {"schema": _schema()}}}}
_QUERY = {
    "parameters": [
        {"name": name, "in": "query", "required": name == "language", "schema": field}
        for name, field in CheckForm.model_json_schema()["properties"].items()
    ]
}


async def form_of(request: Request) -> CheckForm:
    """Parameters of address and body. Raises BadRequestError.

    Some clients call their form JSON or nothing at all, so the content type does not count.
    """
    given = dict(request.query_params)
    body = (await request.body()).decode("utf-8", "replace")
    given |= dict(parse_qsl(body, keep_blank_values=True))
    if "language" not in given:
        raise BadRequestError("Missing 'language' parameter, e.g. 'language=en-US' or 'language=auto'")
    try:
        return CheckForm.model_validate(given)
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]) for problem in error.errors()})
        raise BadRequestError(f"Parameter not understood: {', '.join(names)}") from None


def error(status: int, message: str) -> PlainTextResponse:
    headers = {"retry-after": "5"} if status in (429, 503) else None
    return PlainTextResponse(f"Error: {message}", status, headers)


def languagetool(engine: Engine) -> APIRouter:
    """The API for existing clients of LanguageTool."""
    router = APIRouter(prefix="/v2", tags=["LanguageTool"])

    async def check(request: Request) -> Response:
        try:
            form = await form_of(request)
            language(form)
            text = annotated(form)
            engine.check_length(text.full)
            engine.check_length(text.plain)
            seams = tuple(Span(place, place) for place in text.breaks)
            document = Document(text.plain, untouchable=(*text.untouchable, *seams))
            found = await engine.run(lambda: answer(form, text, engine.corrector.fix(document)), request)
        except BadRequestError as problem:
            return error(400, str(problem))
        except RefusedError as refused:
            return error(refused.status, str(refused))
        return Response(found.model_dump_json(by_alias=True, exclude_none=True), media_type="application/json")

    about: dict[str, Any] = {"response_model": CheckAnswer, "responses": _ERRORS, "summary": "Check a text"}
    router.post("/check", openapi_extra=_BODY, operation_id="check", **about)(check)
    router.get("/check", openapi_extra=_QUERY, operation_id="check_by_address", **about)(check)

    @router.get("/languages", summary="The variants of English")
    async def languages() -> list[Language]:
        return list(LANGUAGES)

    @router.get("/info", summary="Name and version")
    async def info() -> Info:
        return Info(software=SOFTWARE)

    @router.get("/healthcheck", response_class=PlainTextResponse, summary="OK when the server is up")
    async def healthcheck() -> str:
        return "OK"

    async def maxtextlength() -> str:
        return str(engine.limits.text)

    async def configinfo() -> ConfigInfo:
        rules = [
            ConfigRule(
                rule_id=rule.id, description=rule.description, category_id=CATEGORY.id, category_name=CATEGORY.name,
                loc_quality_issue_type=rule.issue_type,
            )
            for rule in RULES.values()
        ]  # fmt: skip
        parameter = ConfigParameter(max_text_length=engine.limits.text)
        return ConfigInfo(software=SOFTWARE, parameter=parameter, rules=rules)

    # the office add-on posts where others get
    for method in ("GET", "POST"):
        router.add_api_route(
            "/maxtextlength", maxtextlength, methods=[method], response_class=PlainTextResponse,
            operation_id=f"maxtextlength_{method.lower()}", summary="The longest text in characters",
        )  # fmt: skip
        router.add_api_route(
            "/configinfo", configinfo, methods=[method], operation_id=f"configinfo_{method.lower()}",
            summary="Limits and rules",
        )  # fmt: skip
    return router
