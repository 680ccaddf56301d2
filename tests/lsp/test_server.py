"""A client of pygls talks to the server over standard input and output, as an editor does."""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from lsprotocol import types
from pygls.lsp.client import LanguageClient

SERVER = Path(__file__).parent / "serve_fake.py"
WAIT = 30.0


class Editor(LanguageClient):
    """Remembers what it was told; applies its own changes to its own copy of the texts."""

    def __init__(self, root: Path) -> None:
        super().__init__("editor", "1")
        self.root = root
        self.published: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.news = asyncio.Event()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self.news.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self.news.set()

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    async def begin(self, *, encodings: list[Any] | None = None) -> types.InitializeResult:
        general = types.GeneralClientCapabilities(position_encodings=encodings)
        answer = await self.initialize_async(
            types.InitializeParams(types.ClientCapabilities(general=general), root_uri=self.root.as_uri())
        )
        self.initialized(types.InitializedParams())
        return answer

    def open(self, name: str, text: str, language: str = "plaintext") -> None:
        item = types.TextDocumentItem(self.uri(name), language, 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, version: int, *changes: tuple[tuple[int, int, int, int], str]) -> None:
        parts = [
            types.TextDocumentContentChangePartial(types.Range(types.Position(a, b), types.Position(c, d)), text)
            for (a, b, c, d), text in changes
        ]
        about = types.VersionedTextDocumentIdentifier(version, self.uri(name))
        self.text_document_did_change(types.DidChangeTextDocumentParams(about, parts))

    async def until(self, true: Callable[[], Any]) -> Any:
        async def wait() -> Any:
            while not (found := true()):
                self.news.clear()
                await self.news.wait()
            return found

        return await asyncio.wait_for(wait(), WAIT)

    async def told(self, version: int, name: str = "a.txt", after: int = 0) -> list[types.Diagnostic]:
        def found() -> list[types.PublishDiagnosticsParams]:
            return [p for p in self.published[after:] if p.uri == self.uri(name) and p.version == version]

        return list((await self.until(found))[-1].diagnostics)

    async def offers(self, where: types.Range, name: str = "a.txt", **context: Any) -> list[types.CodeAction]:
        about = types.TextDocumentIdentifier(self.uri(name))
        asked = types.CodeActionParams(about, where, types.CodeActionContext([], **context))
        return list(await self.text_document_code_action_async(asked) or [])

    async def run(self, action: types.CodeAction | types.Command) -> None:
        command = action.command
        if isinstance(command, str):  # lsprotocol reads an action without an edit as a command
            command = types.Command(**ast.literal_eval(command))
        assert command is not None
        await self.workspace_execute_command_async(types.ExecuteCommandParams(command.command, command.arguments))


@pytest.fixture
def talk(tmp_path: Path) -> Callable[..., str]:
    """Runs a conversation with a fresh server; gives what that wrote to standard error."""

    def run(conversation: Callable[[Editor], Awaitable[None]], delay: float = 0.0) -> str:
        async def whole() -> str:
            editor = Editor(tmp_path)
            await editor.start_io(sys.executable, str(SERVER), str(delay), cwd=str(tmp_path))
            process = editor._server
            try:
                await asyncio.wait_for(conversation(editor), 3 * WAIT)
                await editor.shutdown_async(None)
                editor.exit(None)
                errors = await asyncio.wait_for(process.stderr.read(), WAIT)
                await asyncio.wait_for(process.wait(), WAIT)
            finally:
                if process.returncode is None:
                    process.kill()
            assert process.returncode == 0
            await editor.stop()
            return errors.decode()

        return asyncio.run(whole())

    return run


def at(*numbers: int) -> types.Range:
    return types.Range(types.Position(*numbers[:2]), types.Position(*numbers[2:]))


def test_diagnostics_follow_the_text(talk) -> None:
    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open("a.txt", "Fine.\nA 😀 final father.\r\nHe refused.")
        first, second = await editor.told(1)
        assert (first.range, first.code, first.source) == (at(1, 5, 1, 10), "wrong-sense", "mtfix")
        assert first.message == "“final” looks wrong: perhaps “late”"
        assert first.severity == types.DiagnosticSeverity.Warning
        assert (second.range, second.severity) == (at(2, 3, 2, 10), types.DiagnosticSeverity.Information)
        # two parts of one change: behind the first the second counts on what it made
        editor.change("a.txt", 2, ((1, 5, 1, 10), "late"), ((0, 0, 0, 0), "The victims.\n"))
        assert [d.range for d in await editor.told(2)] == [at(0, 4, 0, 11), at(3, 3, 3, 10)]
        editor.change("a.txt", 3, ((0, 0, 3, 11), ""))
        assert await editor.told(3) == []
        editor.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(editor.uri("a.txt")))
        )
        await editor.until(lambda: editor.published[-1].version is None)

    assert "loaded balanced" in talk(conversation)


@pytest.mark.parametrize(("encodings", "agreed", "column"), [
    (None, "utf-16", 5), (["utf-8", "utf-16"], "utf-8", 7), (["utf-32"], "utf-32", 4), (["strange"], "utf-16", 5),
])  # fmt: skip
def test_places_are_counted_as_agreed(talk, encodings, agreed, column) -> None:
    async def conversation(editor: Editor) -> None:
        answer = await editor.begin(encodings=encodings)
        assert answer.capabilities.position_encoding == agreed
        # no line ends but these three: a separator or form feed is a character as any other
        editor.open("a.txt", "x\u2028y\x0cz\rA 😀 final")
        [found] = await editor.told(1)
        assert found.range == at(1, column, 1, column + 5)
        editor.change("a.txt", 2, ((1, column, 1, column + 5), "refused"), ((0, 5, 0, 5), "\n\n"))
        [found] = await editor.told(2)
        assert found.range == at(2, column, 2, column + 7) or found.range == at(3, column, 3, column + 7)

    talk(conversation)


def test_quick_fixes(talk) -> None:
    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open("a.txt", "A final father. He refused the victims.")
        assert len(await editor.told(1)) == 3
        offered = await editor.offers(at(0, 4, 0, 4))
        assert [action.title for action in offered] == [
            "Change to “late”", "Change to “x”", "Ignore here", "Add “final” to the vocabulary",
        ]  # fmt: skip
        best = offered[0]
        assert (best.is_preferred, best.kind) == (True, "quickfix")
        assert best.diagnostics[0].range == at(0, 2, 0, 7)
        [change] = best.edit.document_changes
        assert (change.text_document.uri, change.text_document.version) == (editor.uri("a.txt"), 1)
        assert [(edit.range, edit.new_text) for edit in change.edits] == [(at(0, 2, 0, 7), "late")]
        assert next(a.title for a in await editor.offers(at(0, 20, 0, 21))) == "Ignore here"
        assert len(await editor.offers(at(0, 0, 0, 39))) == 10
        assert await editor.offers(at(0, 9, 0, 12)) == []

    talk(conversation)


@pytest.mark.parametrize(("name", "text", "marked", "change"), [
    ("a.txt", "He 😀 had a brown dog.", at(0, 13, 0, 20), (at(0, 12, 0, 17), "dark")),
    ("a.md", "He 😀 had a *brown* dog.", at(0, 13, 0, 23), (at(0, 13, 0, 18), "dark")),
    ("a.html", "<p>He 😀 had a <b>brown</b> dog.", at(0, 20, 0, 30), (at(0, 18, 0, 23), "dark")),
    ("a.txt", "After the war.", at(0, 11, 0, 12), (at(0, 10, 0, 13), "struggle")),  # of whole words
])  # fmt: skip
def test_repairs_for_what_the_writer_marks(talk, name, text, marked, change) -> None:
    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open(name, text, {"a.md": "markdown", "a.html": "html"}.get(name, "plaintext"))
        assert await editor.told(1, name) == []
        [offered] = await editor.offers(marked, name)
        assert offered.kind == "refactor.rewrite"
        [made] = offered.edit.document_changes
        assert made.text_document.version == 1
        assert [(edit.range, edit.new_text) for edit in made.edits] == [change]
        [offered] = await editor.offers(marked, name, only=[types.CodeActionKind.Refactor])
        # nobody asked: the selection moved, or another kind is wanted; and nothing is marked
        for unasked in ({"trigger_kind": types.CodeActionTriggerKind.Automatic}, {"only": ["quickfix"]}):
            assert await editor.offers(marked, name, **unasked) == []
        assert await editor.offers(at(0, 10, 0, 10), name) == []

    assert talk(conversation).count("suggested") == 2


def test_ignored_and_learned_words_stay_so(talk, tmp_path: Path) -> None:
    (tmp_path / "mtfix.toml").write_text('vocabulary-files = ["words.txt"]\n')
    (tmp_path / "words.txt").write_text("")

    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open("a.txt", "A final father.\n\nThe final war. He refused.\n")
        editor.open("b.txt", "Many victims refused.\n")
        assert len(await editor.told(1)) == 3
        assert len(await editor.told(1, "b.txt")) == 2
        seen = len(editor.published)
        *_, ignore, _ = await editor.offers(at(0, 3, 0, 3))
        await editor.run(ignore)
        assert [d.range for d in await editor.told(1, after=seen)] == [at(2, 4, 2, 9), at(2, 18, 2, 25)]
        await editor.told(1, "b.txt", after=seen)
        seen = len(editor.published)
        *_, learn = await editor.offers(at(2, 18, 2, 25))
        await editor.run(learn)
        assert [d.range for d in await editor.told(1, after=seen)] == [at(2, 4, 2, 9)]
        assert len(await editor.told(1, "b.txt", after=seen)) == 1
        # another paragraph before it; the finding is known by its words
        editor.change("a.txt", 2, ((0, 0, 0, 0), "The victims.\n\n"))
        assert [d.range for d in await editor.told(2)] == [at(0, 4, 0, 11), at(4, 4, 4, 9)]
        await editor.run(ignore)  # an old offer
        await editor.until(lambda: editor.messages)
        assert editor.messages == ["mtfix: the text has changed meanwhile; try again."]

    errors = talk(conversation)
    assert errors.count("loaded") == 1
    assert (tmp_path / "words.txt").read_text() == "refused\n"
    assert len((tmp_path / "mtfix.dismissed.jsonl").read_text().splitlines()) == 1


def test_what_is_out_of_date_is_dropped(talk) -> None:
    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open("a.txt", "SLOW final")
        await asyncio.sleep(0.2)
        editor.change("a.txt", 2, ((0, 0, 0, 0), "1"))
        for version in range(3, 9):  # faster than the delay
            editor.change("a.txt", version, ((0, 0, 0, 0), "1"))
        await editor.told(8)
        assert {p.version for p in editor.published} == {8}
        assert await editor.offers(at(0, 12, 0, 12)) != []
        editor.change("a.txt", 9, ((0, 0, 0, 0), "1"))
        assert await editor.offers(at(0, 12, 0, 12)) == []  # not for the text of before

    errors = talk(conversation, delay=0.3)
    # the first was given up in the middle, those between were never begun
    assert [line for line in errors.splitlines() if line.startswith("done")] == ["done 17"]


def test_settings_are_those_of_the_document(talk, tmp_path: Path) -> None:
    (tmp_path / "mtfix.toml").write_text("strictnes = 1\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mtfix.toml").write_text('vocabulary = ["final"]\n')

    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open("sub/a.txt", "A final father refused.")
        assert [d.range for d in await editor.told(1, "sub/a.txt")] == [at(0, 15, 0, 22)]
        editor.open("a.txt", "A final father.")
        await editor.until(lambda: editor.messages)
        assert "unknown key 'strictnes'; did you mean strictness?" in editor.messages[0]
        (tmp_path / "mtfix.toml").write_text('strictness = "aggressive"\n')
        editor.change("a.txt", 2, ((0, 0, 0, 0), "x"))
        await editor.until(lambda: editor.messages[1:])
        assert editor.messages[1] == "mtfix: no model here."
        (tmp_path / "mtfix.toml").write_text("")
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
        assert len(await editor.told(2)) == 1

    talk(conversation)


def test_markup_and_texts_without_a_file(talk) -> None:
    async def conversation(editor: Editor) -> None:
        await editor.begin()
        editor.open("a.html", "<p>A <b title='final'>final</b> &amp; father.</p>", "html")
        [found] = await editor.told(1, "a.html")
        assert found.range == at(0, 22, 0, 27)
        item = types.TextDocumentItem("untitled:Untitled-1", "markdown", 1, "`final` and final")
        editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
        [there] = await editor.until(lambda: [p for p in editor.published if p.uri == "untitled:Untitled-1"])
        assert there.diagnostics[-1].range == at(0, 12, 0, 17)

    talk(conversation)
