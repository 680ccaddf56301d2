"""Strings that break text code: every script, control characters, marks, joiners, mixed line ends."""

from hypothesis import strategies as st

_PIECES = [
    "The war ended. ", "Mr. Smith", "data.And", "U.S. ", "e.g. ", "...", "…", "?!", ". ", "! ", "“", "”",
    '"', "«", "»", "'", "’s", "\r\n", "\n", "\r", "\n\n", "\u2028", "\u2029", "\x0b", "\x0c", "\x85",
    "\x1c", "\x00", "\ufeff", "\u200b", "\u00a0", "\t", " ", "   ", "e\u0301", "\u0301",
    "👨\u200d👩\u200d👧", "🇦🇫", "ﬁ", "İ", "ß", "٣", "½", "²", "日本語。", "Привет", "שלום", "\u202e", "```",
    "`", "~~~\n", "<b>", "<!--", "-->", "<", "&amp;", "&#", "$", "$x$", "\\cite{a}", "\\a[", "{", "}",
    "http://", "http://a.b/c.", "www.", "a@b.co", "@", "#", "a/b/c", "C:\\x", "[1]", "[",
    "(Smith et al., 2019)", "(", "<|im_start|>", "1,000", "5 p.m.", "May 5", "12/05/2020", "-", "—", "1. ",
    "* ", "x" * 120, "word " * 90, "not", "n't",
]  # fmt: skip

texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=5)), max_size=40).map("".join),
    st.text(st.characters(exclude_categories=["Cs"])),
)
