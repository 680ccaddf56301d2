"""Text from outside, made fit for a page."""

from __future__ import annotations

from html import escape

from mtfix.render.diff import visible


def shown(text: str) -> str:
    """Without what a browser would act on: controls, directions, half surrogate pairs."""
    return visible(str(text)).encode("utf-8", "replace").decode("utf-8")


def safe(text: str) -> str:
    """The same as HTML, for content and for quoted attributes."""
    return escape(shown(text), quote=True)
