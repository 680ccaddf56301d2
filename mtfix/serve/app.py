"""The application: all routes, around one corrector, inside the guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from mtfix.errors import InputError
from mtfix.serve.api import own
from mtfix.serve.engine import Corrects, Engine
from mtfix.serve.guard import Access, Guard
from mtfix.serve.limits import Limits
from mtfix.serve.lt_routes import languagetool
from mtfix.serve.page_routes import page
from mtfix.serve.workers import RefusedError
from mtfix.version import __version__

_ABOUT = """Finds and repairs machine-translation artifacts in English text.

`/fix` and `/detect` speak mtfix's own JSON; `/v2` speaks the LanguageTool HTTP API for existing clients.
"""


def create_app(corrector: Corrects, limits: Limits, access: Access) -> Guard:
    """The ASGI application that serves `corrector`."""
    engine = Engine(corrector, limits)
    return Guard(api(engine), access, limits)


def api(engine: Engine) -> FastAPI:
    """All routes and their OpenAPI, without the guard around them."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.get_running_loop().run_in_executor(None, engine.workers.close)

    # the usual pages that show the OpenAPI load scripts from elsewhere
    app = FastAPI(
        title="mtfix", version=__version__, description=_ABOUT, docs_url=None, redoc_url=None, lifespan=lifespan
    )
    app.include_router(languagetool(engine))
    app.include_router(own(engine))
    app.include_router(page(engine))
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(InputError, _unreadable)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    return app


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    headers = {"retry-after": "5"} if error.status in (429, 503) else None
    return JSONResponse({"detail": str(error)}, error.status, headers)


async def _unreadable(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 422)


async def _invalid(_: Request, error: Exception) -> Response:
    """What is wrong and where, without the text that was sent."""
    assert isinstance(error, RequestValidationError)
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    status = 400 if problem["type"] == "json_invalid" else 422
    return JSONResponse({"detail": f"{where}: {problem['msg']}"}, status)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/v2/"):
        return PlainTextResponse(f"Error: {error.detail}", error.status_code, error.headers)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
