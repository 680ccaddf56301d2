"""`mtfix serve`: the LanguageTool API, mtfix's own JSON and a review page over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mtfix.cli import options
from mtfix.cli.output import guarded, say
from mtfix.errors import ConfigError
from mtfix.settings.effective import Given

if TYPE_CHECKING:
    from mtfix.serve.limits import Limits


@guarded
@options.with_settings()
def serve(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="Port to listen at; 0 takes a free one.")
    ] = 8081,
    workers: Annotated[int, typer.Option("--workers", min=1, metavar="N", help="Requests worked on at once.")] = 2,
    queue: Annotated[
        int, typer.Option("--queue", min=0, metavar="N", help="Requests that may wait; more are turned away (429).")
    ] = 64,
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0.1, metavar="SECONDS", help="Longest time to an answer (then 503).")
    ] = 120.0,
    max_text: Annotated[
        int, typer.Option("--max-text", min=1, metavar="CHARACTERS", help="Longest text (more is refused, 413).")
    ] = 200_000,
    max_body: Annotated[
        int, typer.Option("--max-body", min=1, metavar="BYTES", help="Largest request (more is refused, 413).")
    ] = 10_000_000,
    remember: Annotated[
        int, typer.Option("--remember", min=0, metavar="N", help="Sentences whose results are kept in memory.")
    ] = 5_000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A host name to answer to; may be given more than once."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="ORIGIN", help="A web origin that may ask, as https://example.org."),
    ] = None,
    quiet: options.Quiet = False,
    *,
    given: Given,
) -> None:
    """Serve the LanguageTool API, mtfix's own JSON and a page for reviewing documents, until Ctrl-C.

    Only this machine can reach the server unless --host says otherwise; there is no password. The text of
    requests is never logged.
    """
    limits = _limits(max_body, max_text, time_limit, workers, queue, remember)
    config = given.config()
    import mtfix
    from mtfix.serve.app import create_app
    from mtfix.serve.guard import Access
    from mtfix.serve.remember import remembering
    from mtfix.serve.run import address_of, is_loopback, listen
    from mtfix.serve.run import serve as run

    listening = listen(host, port)
    try:
        corrector = remembering(mtfix.load(**config.load_arguments()), remember)
        access = Access([host, *(allow_host or ())], allow_origin or ())
        if not is_loopback(host):
            say(f"warning: everybody who can reach {host} can use this server; it has no password and no encryption.")

        def ready() -> None:
            if not quiet:
                say(f"serving at {address_of(listening)}/ (stop with Ctrl-C)")

        run(create_app(corrector, limits, access), listening, limits, log=not quiet, ready=ready)
    finally:
        listening.close()


def _limits(body: int, text: int, seconds: float, workers: int, queue: int, remembered: int) -> Limits:
    try:
        import fastapi
        import uvicorn
    except ModuleNotFoundError as error:
        raise ConfigError(f'mtfix serve needs {error.name}, which is missing: pip install "mtfix[serve]"') from error
    del fastapi, uvicorn
    from mtfix.serve.limits import Limits

    return Limits(body, text, seconds, workers, queue, remembered=remembered)
