"""Stretches that no edit may touch.

Every pattern takes time linear in the text: it starts only where a run of its characters starts, and
it stops at the next place where it could start again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mtfix.types import Span

_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
# Without endings that are English words: "the war.in the end" is two glued sentences, not a domain.
_TOP_LEVEL = "com|org|net|edu|gov|mil|info|biz|io|ai|dev|tv|eu|uk|de|fr|es|nl|ru|cn|br|ca|au"
_EXTENSIONS = (
    "txt|md|rst|pdf|docx?|xlsx?|pptx?|csv|tsv|jsonl?|ya?ml|toml|ini|cfg|xml|html?|css|js|ts|py|ipynb|java|cpp|hpp|rs"
    "|rb|php|sh|exe|dll|zip|gz|tar|png|jpe?g|gif|svg|mp[34]|wav|tex|bib|sql"
)

_PATTERNS = [
    re.compile(pattern, re.VERBOSE | re.MULTILINE)
    for pattern in (
        # code: fenced blocks (to the end of the text when not closed), then inline
        r"^[ ]{0,3}(`{3,})[^`\n]*(?s:\n.*?)?(?:^[ ]{0,3}\1`*[ \t]*\r?$|\Z)",
        r"^[ ]{0,3}(~{3,})[^\n]*(?s:\n.*?)?(?:^[ ]{0,3}\1~*[ \t]*\r?$|\Z)",
        r"``[^`\n]+`` | `[^`\n]+`",
        # markup: comments, tags, entities, chat marks, template fields
        r"<!--(?:[^<]|<(?!!--))*?-->",
        r"</?[A-Za-z][^<>]*> | <[!?][^<>]+>",
        r"&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});",
        r"<\|[^<>|\n]{1,64}\|> | <<\w{1,32}>> | \[/?INST\]",
        r"\{\{[^{}\n]*\}\} | \{%[^{}\n]*%\} | (?<![\w*\]}])\{\w{0,64}(?:\.\w{1,64})*\} | %(?:\(\w{1,64}\))?[sdfr]\b",
        # identifiers
        r"(?<![\w-])\w*[^\W_]_\w+ | (?<![\w.-])[A-Za-z]\w*\(\)",
        # LaTeX: maths, references with their keys, other commands without their prose
        r"\$\$[^$]+\$\$ | \$(?![\s$])[^$\n]*(?<![\s\\$])\$(?!\d)",
        r"\\\([^\\\n]+\\\) | \\\[[^\\\n]+\\\]",
        r"""\\(?:[cC]ite[a-z]*|eqref|[a-z]*ref|label|begin|end|url|input|include[a-z]*|usepackage|documentclass)\*?
            (?:\[[^\[\]\n]*\])?(?:\{[^{}\n]*\})?""",
        r"\\[A-Za-z]+\*?",
        # addresses: URLs, bare domains, e-mail, handles, hashtags
        r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"“”«»]*[^\s<>\"“”«»'’.,;:!?)\]}]",
        r"(?<![A-Za-z])(?i:mailto:|doi:|www\.)[^\s<>\"“”«»]*[^\s<>\"“”«»'’.,;:!?)\]}]",
        rf"(?<![\w.@/-])[\w-]+(?:\.[\w-]+)*\.(?:{_TOP_LEVEL})\b(?:/[^\s<>\"“”]*[^\s<>\"“”'’.,;:!?)\]}}])?",
        r"(?<![\w.@/-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/[^\s<>\"“”]*[^\s<>\"“”'’.,;:!?)\]}]",
        r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+",
        r"(?<![\w@./])@\w+(?:\.\w+)*",
        r"(?<![\w&\#])\#\w+",
        # files
        r"(?<!\w)[A-Za-z]:\\[\w.+-]+(?:\\[\w.+-]+)*\\?",
        r"(?<![\w/.~])(?:~|\.{1,2})?/[\w+-][\w.+-]*(?:/[\w+-]+(?:\.[\w+-]+)*)+/?",
        rf"(?<![\w./@-])[\w-]+(?:[./][\w-]+)*\.(?:{_EXTENSIONS})\b(?![.]?\w)",
        # citations
        r"\[\d{1,4}(?:\s?[,;–-]\s?\d{1,4})*\]",
        r"""\((?:(?:see|cf\.|e\.g\.)[ ],?)?
            [A-Z][\w’'-]*(?:,?[ ](?:and|&|et[ ]al\.?|[A-Z][\w’'.-]*))*
            ,?[ ](?:1[5-9]|20)\d\d[a-z]?(?:[;,:][^()\n]*)?\)""",
        # dates, times, amounts, and whatever else holds a digit
        rf"(?<!\w){_MONTH}[ ]\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?[ ]\d{{4}}\b)? | (?<!\w){_MONTH}[ ]\d{{4}}\b",
        rf"(?<!\w)\d{{1,2}}(?:st|nd|rd|th)?[ ]{_MONTH}(?:,?[ ]\d{{4}}\b)?(?!\w)",
        r"""(?<!\w)(?:[A-Z]{1,6}-|(?:[A-Z]{2})?[$€£¥₹][ ]?|[+±−-])?
            \w*\d\w*(?:[.,:/–-]\w*\d\w*)*
            (?:[ ]?[%‰€£¥₹°](?:[CF]\b)?|[ ]?[ap]\.m\.|[ ]?[ap]m\b|[ ](?:thousand|million|billion|trillion)\b)?""",
        r"(?:[A-Za-z]{0,3}[½⅓⅔¼¾⅛⅜⅝⅞²³¹⁰-⁹₀-₉])+",
    )
]


def code(text: str) -> list[Span]:
    """Sorted, disjoint spans of fenced code and code spans."""
    return union(Span(*match.span()) for pattern in _PATTERNS[:3] for match in pattern.finditer(text))


def protected(text: str) -> list[Span]:
    """Sorted, disjoint, non-empty spans of what may never be changed.

    Code, markup, LaTeX, addresses, file paths, citations, and everything with a digit: numbers,
    dates, times, percentages, amounts.
    """
    return union(Span(*match.span()) for pattern in _PATTERNS for match in pattern.finditer(text))


def union(spans: Iterable[Span]) -> list[Span]:
    """The spans sorted, those that share a character made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
