"""Words and punctuation marks as spans, in the manner of the Moses tokenizer.

Word-level quality estimation scores these units: possessive and contracted endings stand alone
("Massoud", "'s"), hyphenated words, numbers and dotted abbreviations stay whole, every other mark is
a unit of its own.
"""

from __future__ import annotations

import re

from mtfix.types import Span

_WORD = re.compile(
    r"""['’](?:s|re|ve|ll|d|m|t)\b        # possessives and contractions
      | (?:[^\W\d_]\.){2,}                 # U.S., e.g.; not the end of "it rose to 1.5."
      | \d+(?:[.,:/]\d+)+                  # 1,000.5  19:30  3/4
      | \w[\w\u0300-\u036f]*(?:-\w[\w\u0300-\u036f]*)*  # words, with accents as marks of their own; hyphenated
      | \S                                 # any other mark
    """,
    re.VERBOSE | re.IGNORECASE,
)


def words(text: str) -> list[Span]:
    """Spans of the words of `text`: sorted, disjoint, without white space, covering everything else."""
    return [Span(*match.span()) for match in _WORD.finditer(text)]
