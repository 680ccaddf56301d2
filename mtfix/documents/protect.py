"""Stretches that no edit may touch, and the facts that no edit may change.

Every pattern takes time linear in the text: it starts only where a run of its characters starts, and
it stops at the next place where it could start again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mtfix.documents.segment import blocks
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
        r"^[ ]{0,3}```.*(?s:\n.*?)?(?:^[ ]{0,3}```[ \t]*$|\Z)",
        r"^[ ]{0,3}~~~.*(?s:\n.*?)?(?:^[ ]{0,3}~~~[ \t]*$|\Z)",
        r"``[^`\n]+`` | `[^`\n]+`",
        # markup: comments, tags, entities, chat marks, template fields
        r"<!--(?:[^<]|<(?!!--))*?-->",
        r"</?[A-Za-z][^<>]*> | <[!?][^<>]+>",
        r"&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});",
        r"<\|[^<>|\n]{1,64}\|> | <<\w{1,32}>> | \[/?INST\]",
        r"\{\{[^{}\n]*\}\} | (?<![\w*\]}])\{\w{0,64}\}",
        # LaTeX: maths, references with their keys, other commands without their prose
        r"\$\$[^$]+\$\$ | \$(?![\s$])[^$\n]*(?<![\s\\$])\$(?!\d)",
        r"\\\([^\\\n]+\\\) | \\\[[^\\\n]+\\\]",
        r"""\\(?:[cC]ite[a-z]*|eqref|[a-z]*ref|label|begin|end|url|input|include[a-z]*|usepackage|documentclass)\*?
            (?:\[[^\[\]\n]*\])?(?:\{[^{}\n]*\})?""",
        r"\\[A-Za-z]+\*?",
        # addresses: URLs, bare domains, e-mail, handles, hashtags
        r"(?<![A-Za-z])(?:https?|ftp|file)://[^\s<>\"“”«»]*[^\s<>\"“”«»'’.,;:!?)\]}]",
        r"(?<![A-Za-z])(?:mailto:|doi:|www\.)[^\s<>\"“”«»]*[^\s<>\"“”«»'’.,;:!?)\]}]",
        rf"(?<![\w.@/-])[\w-]+(?:\.[\w-]+)*\.(?:{_TOP_LEVEL})\b(?:/[^\s<>\"“”]*[^\s<>\"“”'’.,;:!?)\]}}])?",
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
    )
]


def code(text: str) -> list[Span]:
    """Sorted, disjoint spans of fenced code and code spans."""
    return _union(Span(*match.span()) for pattern in _PATTERNS[:3] for match in pattern.finditer(text))


def protected(text: str) -> list[Span]:
    """Sorted, disjoint, non-empty spans of what may never be changed.

    Code, markup, LaTeX, addresses, file paths, citations, and everything with a digit: numbers,
    dates, times, percentages, amounts.
    """
    return _union(Span(*match.span()) for pattern in _PATTERNS for match in pattern.finditer(text))


_QUOTES = [re.compile(pattern) for pattern in ("“([^“”]+)”", "«([^«»]+)»", "„([^„“”]+)[“”]")]
_STRAIGHT = re.compile('"')


def quotations(text: str) -> list[Span]:
    """Sorted, disjoint spans of the text inside paired double quotation marks, without the marks.

    A pair lies within one block; marks without a partner are ignored. Of nested quotations the outer
    one counts.
    """
    found: list[Span] = []
    for block in blocks(text):
        for pattern in _QUOTES:
            found += [Span(*match.span(1)) for match in pattern.finditer(text, block.start, block.end)]
        found += _straight(text, block)
    return _union(found)


def _straight(text: str, block: Span) -> Iterator[Span]:
    """Pairs of `"`: one that can open (no word before it, no space after it) and the next that can close."""
    opened: int | None = None
    for match in _STRAIGHT.finditer(text, block.start, block.end):
        at = match.start()
        before = text[at - 1] if at > block.start else " "
        after = text[at + 1] if at + 1 < block.end else " "
        if not before.isalnum() and not after.isspace() and (opened is None or before.isspace()):
            opened = at + 1
        elif opened is not None and not before.isspace() and not after.isalnum():
            if opened < at:
                yield Span(opened, at)
            opened = None


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SMALL = """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_LARGE = "dozen hundred thousand million billion trillion"
_ORDINALS = """third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth
    ninetieth hundredth"""
_NUMBER_WORDS = {
    **{word: word for word in _ORDINALS.split()},
    **{word: str(value) for value, word in enumerate(_SMALL.split(), start=2)},
    **{word: str(value * 10) for value, word in enumerate(_TENS.split(), start=2)},
    **{form: word for word in _LARGE.split() for form in (word, word + "s")},
}


def numbers(text: str) -> list[str]:
    """The numbers in `text`, sorted, with repetitions, in one spelling each.

    "1,000", "2 million" and "three" give "1000", "2", "million", "3"; a date or time gives its parts,
    without leading zeros. "one", "first" and "second" are left out: they are rarely amounts.
    """
    found = [_digits(match.group()) for match in _NUMBER.finditer(text)]
    found += [_NUMBER_WORDS[word] for word in _lower_words(text) if word in _NUMBER_WORDS]
    return sorted(found)


def _digits(number: str) -> str:
    if not number.isascii():
        # int() reads one digit of any script; sure to succeed for what \d matches
        number = "".join(str(int(char)) if char.isdecimal() else char for char in number)
    if _THOUSANDS.fullmatch(number):
        number = number.replace(",", "")
    return number.lstrip("0") if number.lstrip("0")[:1].isdigit() else "0" + number.lstrip("0")


_NEGATION = re.compile(
    r"""(?<!\w)(?: no(?![.]\s?\d) | not | never | none | neither | nor | nothing | nobody | nowhere | without | cannot
        | hardly | scarcely | barely | seldom | rarely )(?!\w)
      | (?<=\w)n[ ]?['’]t(?!\w) | (?<!\w)can['’]t(?!\w)
      | (?<!\w)(?:do|does|did|is|are|was|were|wo|would|could|should|has|have|had|ca)nt(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)


def negations(text: str) -> list[str]:
    """The negating words in `text`, in lower case, sorted, with repetitions; "n't" and "cannot" give "not"."""
    found = [match.group().lower() for match in _NEGATION.finditer(text)]
    return sorted("not" if word.endswith("t") and word != "without" else word for word in found)


_LETTERS = re.compile(r"[^\W\d_]+")


def _lower_words(text: str) -> Iterator[str]:
    return (match.group().lower() for match in _LETTERS.finditer(text))


def _union(spans: Iterable[Span]) -> list[Span]:
    """The spans sorted, those that share a character made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
