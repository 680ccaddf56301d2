"""The server: a text is looked at when its editor pauses; what is out of date is dropped."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from mtfix.documents.dismissed import Dismissed
from mtfix.documents.exempt import Exempt
from mtfix.documents.vocabulary import add_to_vocabulary
from mtfix.errors import ConfigError, MtfixError
from mtfix.lsp.actions import ADD, DISMISS, actions, diagnostic, rewriting
from mtfix.lsp.buffers import Buffers, Places
from mtfix.lsp.findings import Checked, Finding, Fixes, check, suggest
from mtfix.serve.limits import Limits
from mtfix.serve.workers import RefusedError, Workers
from mtfix.settings.effective import Given, effective
from mtfix.settings.keys import Config
from mtfix.version import __version__

Load = Callable[[dict[str, Any]], Fixes]
_SUFFIXES = {"markdown": ".md", "html": ".html"}
_REWRITE = types.CodeActionKind.RefactorRewrite
LONGEST = 200  # characters that a writer can mark for suggestions
_EXEMPT = ("vocabulary", "vocabulary_files", "dismissed")
_ONE_AFTER_THE_OTHER = Limits(workers=1, queue=1_000, seconds=math.inf)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an editor was told of one state of a text."""

    version: int | None
    checked: Checked
    config: Config


class Editors(LanguageServer):
    """One editor's texts. `load` takes the arguments of `mtfix.load`; models are loaded for the first text."""

    def __init__(self, given: Given, load: Load) -> None:
        super().__init__("mtfix", __version__)
        self.given = given
        self.shown: dict[str, Shown] = {}
        self._load = load
        self._loaded: tuple[str, Fixes] | None = None
        self._loading = threading.Lock()
        self._workers = Workers(_ONE_AFTER_THE_OTHER)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._complaint = ""

    def look(self, uri: str, *, now: bool = False) -> None:
        """Look at a text soon, or at once; whatever is under way for it is dropped."""
        self.forget(uri)
        self._tasks[uri] = asyncio.create_task(self._look(uri, now=now))

    def look_at_all(self) -> None:
        for uri in list(self._tasks):
            self.look(uri, now=True)

    def forget(self, uri: str) -> None:
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    def config(self, buffer: TextDocument) -> Config:
        """The settings in force for a text. Raises ConfigError."""
        root = self.workspace.root_path
        home = Path(root) if root else None
        path = Path(buffer.path) if buffer.uri.startswith("file:") and buffer.path else home
        return effective(self.given, [path] if path else [], home=home).config

    async def _look(self, uri: str, *, now: bool) -> None:
        buffer = self.workspace.get_text_document(uri)
        try:
            config = self.config(buffer)
            if not now:
                await asyncio.sleep(config.lsp.delay)
            version, text, name = buffer.version, buffer.source, _name(buffer)
            checked = await self._workers.run(lambda: self._check(config, name, text), _never)
        except RefusedError:  # the server is stopping
            return
        except MtfixError as error:
            self.complain(str(error))
            return
        self._complaint = ""
        if buffer.version == version:
            self.shown[uri] = Shown(version, checked, config)
            self._publish(uri, buffer)

    async def suggestions(self, uri: str, where: types.Range) -> list[types.CodeAction]:
        """Repairs for words that the writer marked; none when the text changes meanwhile."""
        buffer = self.workspace.get_text_document(uri)
        version, text, name, places = buffer.version, buffer.source, _name(buffer), Places(buffer)
        marked = places.span(where)
        if not marked.of(text).strip() or marked.end - marked.start > LONGEST:
            return []
        try:
            arguments = self.config(buffer).load_arguments()
            found = await self._workers.run(lambda: suggest(self._corrector(arguments), name, text, marked), _never)
        except RefusedError:  # the server is stopping
            return []
        except MtfixError as error:
            self.complain(str(error))
            return []
        return list(rewriting(uri, version, places, found)) if buffer.version == version else []

    def _check(self, config: Config, name: str, text: str) -> Checked:
        arguments = config.load_arguments()
        exempt = Exempt(*(arguments[key] for key in _EXEMPT))
        return check(self._corrector(arguments), exempt, name, text)

    def _corrector(self, arguments: dict[str, Any]) -> Fixes:
        arguments = {key: value for key, value in arguments.items() if key not in _EXEMPT}
        key = repr(arguments)
        with self._loading:
            if self._loaded is None or self._loaded[0] != key:
                self._loaded = key, self._load(arguments)
        return self._loaded[1]

    def _publish(self, uri: str, buffer: TextDocument) -> None:
        shown, places = self.shown[uri], Places(buffer)
        found = [diagnostic(finding, places.range(finding.span)) for finding in shown.checked.findings]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, shown.version))

    def complain(self, message: str) -> None:
        """Show an error, but not the same one after every key."""
        if message != self._complaint:
            self._complaint = message
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"mtfix: {message}"))

    def finding(self, uri: str, version: int | None, number: int) -> tuple[Shown, Finding]:
        """The finding that a command is about. Raises ConfigError when the text has changed since."""
        shown = self.shown.get(uri)
        if shown is None or shown.version != version or not 0 <= number < len(shown.checked.findings):
            raise ConfigError("the text has changed meanwhile; try again.")
        return shown, shown.checked.findings[number]

    def stop(self) -> None:
        for uri in list(self._tasks):
            self.forget(uri)
        self._workers.close()


def create(given: Given, load: Load) -> Editors:
    """The server with all that it answers to; `start_io()` runs it over standard input and output."""
    server = Editors(given, load)

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        known = server.workspace
        root = known.root_uri
        server.protocol._workspace = Buffers(
            root, types.TextDocumentSyncKind.Incremental, params.workspace_folders or [], known.position_encoding
        )

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.look(params.text_document.uri, now=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.look(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.forget(uri)
        server.shown.pop(uri, None)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(_: types.DidChangeConfigurationParams) -> None:
        server.look_at_all()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(_: types.DidChangeWatchedFilesParams) -> None:
        server.look_at_all()

    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, _REWRITE])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    async def offered(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, only = params.text_document.uri, params.context.only
        buffer, shown = server.workspace.get_text_document(uri), server.shown.get(uri)
        found: list[types.CodeAction] = []
        if shown is not None and shown.version == buffer.version and _wanted(types.CodeActionKind.QuickFix, only):
            found += actions(uri, shown.version, shown.checked, Places(buffer), params.range)
        # editors also ask whenever the selection changes, only to show that there is something to ask about
        asked = params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic
        if asked and params.range.start != params.range.end and _wanted(_REWRITE, only):
            found += await server.suggestions(uri, params.range)
        return found

    @server.command(DISMISS)
    def dismiss(uri: str, version: int | None, number: int) -> None:
        def work(shown: Shown, finding: Finding) -> None:
            Dismissed(shown.config.dismissed).add(shown.checked.prose, finding.place)

        _carry_out(server, uri, version, number, work)

    @server.command(ADD)
    def add(uri: str, version: int | None, number: int) -> None:
        def work(shown: Shown, finding: Finding) -> None:
            files = shown.config.vocabulary_files
            if not files:
                raise ConfigError("no file for new words: name one under vocabulary-files in the settings.")
            add_to_vocabulary(files[0], finding.words)

        _carry_out(server, uri, version, number, work)

    @server.feature(types.SHUTDOWN)
    def shut_down(_: None) -> None:
        server.stop()

    return server


def _carry_out(
    server: Editors, uri: str, version: int | None, number: int, work: Callable[[Shown, Finding], None]
) -> None:
    try:
        work(*server.finding(uri, version, number))
    except MtfixError as error:
        server.complain(str(error))
        return
    server.look_at_all()


def _wanted(kind: types.CodeActionKind, only: Any) -> bool:
    return not only or any(kind.value.startswith(str(getattr(k, "value", k))) for k in only)


def _name(buffer: TextDocument) -> str:
    """The path, or for a text without a file a name whose suffix says what language the editor takes it for."""
    name = buffer.filename or "untitled"
    if buffer.uri.startswith("file:") and Path(name).suffix:
        return str(buffer.path)
    return name + _SUFFIXES.get(buffer.language_id or "", ".txt")


async def _never() -> bool:
    return False
