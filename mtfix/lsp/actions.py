"""What an editor shows for a finding, and offers to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from mtfix.lsp.buffers import Places, touch
from mtfix.lsp.findings import Checked, Finding, Suggestion

SOURCE = "mtfix"
DISMISS = "mtfix.dismiss"
ADD = "mtfix.addToVocabulary"


def diagnostic(finding: Finding, where: types.Range) -> types.Diagnostic:
    severity = types.DiagnosticSeverity.Warning if finding.sure else types.DiagnosticSeverity.Information
    return types.Diagnostic(where, finding.message, severity, code=finding.category, source=SOURCE)


def actions(
    uri: str, version: int | None, checked: Checked, places: Places, asked: types.Range
) -> Iterator[types.CodeAction]:
    """For every finding that touches the range asked for: each repair, then to dismiss it or to learn its words."""
    for number, finding in enumerate(checked.findings):
        where = places.range(finding.span)
        if not touch(where, asked):
            continue
        about = [diagnostic(finding, where)]
        for rank, choice in enumerate(finding.choices):
            yield types.CodeAction(
                title=f"Change to “{choice.strip()}”" if choice.strip() else f"Delete “{finding.words}”",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=about,
                is_preferred=rank == 0,
                edit=_edit(uri, version, where, choice),
            )
        yield _command("Ignore here", DISMISS, uri, version, number, about)
        if finding.words:
            yield _command(f"Add “{finding.words}” to the vocabulary", ADD, uri, version, number, about)


def rewriting(
    uri: str, version: int | None, places: Places, suggestions: Iterable[Suggestion]
) -> Iterator[types.CodeAction]:
    """What can be written in place of words that the writer marked."""
    for found in suggestions:
        told = f"Change “{found.words}” to “{found.choice}”" if found.choice.strip() else f"Delete “{found.words}”"
        edit = _edit(uri, version, places.range(found.span), found.choice)
        yield types.CodeAction(title=told, kind=types.CodeActionKind.RefactorRewrite, edit=edit)


def _edit(uri: str, version: int | None, where: types.Range, text: str) -> types.WorkspaceEdit:
    # with its version, so that an editor never applies it to another state of the text
    document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [types.TextEdit(where, text)])])


def _command(
    title: str, command: str, uri: str, version: int | None, number: int, about: list[types.Diagnostic]
) -> types.CodeAction:
    run = types.Command(title, command, arguments=[uri, version, number])
    return types.CodeAction(title=title, kind=types.CodeActionKind.QuickFix, diagnostics=about, command=run)
