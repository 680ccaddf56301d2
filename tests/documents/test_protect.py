import pytest
from hostile import texts
from hypothesis import given
from pace import assert_linear

from mtfix.documents.facts import negations, numbers, units
from mtfix.documents.protect import protected
from mtfix.documents.quotes import quotations


@given(texts)
def test_spans_are_sorted_disjoint_and_not_empty(text: str) -> None:
    for spans in (protected(text), quotations(text)):
        position = 0
        for span in spans:
            assert position <= span.start < span.end <= len(text)
            position = span.end


@given(texts)
def test_every_digit_is_protected(text: str) -> None:
    inside = {index for span in protected(text) for index in range(span.start, span.end)}
    assert all(index in inside for index, char in enumerate(text) if char.isdecimal())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.b/c?d=e, or www.x.de.", ["https://a.b/c?d=e", "www.x.de"]),
        ("Mail bob@x.org or @bob about #tag at cnn.com.", ["bob@x.org", "@bob", "#tag", "cnn.com"]),
        ("In src/main.py, /usr/lib/x or C:\\Users\\bob", ["src/main.py", "/usr/lib/x", "C:\\Users\\bob"]),
        ("Use `x = y` now\n```py\ncode\n```\nand", ["`x = y`", "```py\ncode\n```"]),
        ("```\nnever closed", ["```\nnever closed"]),
        ("a\r\n```\r\ncode\r\n```\r\nand", ["```\r\ncode\r\n```\r"]),
        ("````\n```\nx\n```\n````\nand", ["````\n```\nx\n```\n````"]),
        ("```inline``` code", ["``inline``"]),
        ("{% include x %} {user.name} %s 100%", ["{% include x %}", "{user.name}", "%s", "100%"]),
        ("call foo_bar or run() in _this_ way", ["foo_bar", "run()"]),
        ("s3://bucket/key, HTTP://X.ORG/News, t.me/news, WWW.X.ORG", [
            "s3://bucket/key", "HTTP://X.ORG/News", "t.me/news", "WWW.X.ORG"]),
        ("½ of 3 m² and H₂O", ["½", "3", "m²", "H₂"]),
        ("<b>bold</b> a < b and c > d &amp; e", ["<b>", "</b>", "&amp;"]),
        ("<|im_start|>user {name} {{field}}", ["<|im_start|>", "{name}", "{{field}}"]),
        ("We have $x + y$ and \\cite{smith} and \\emph{prose}", ["$x + y$", "\\cite{smith}", "\\emph"]),
        ("from $5 million to $6 million", ["$5 million", "$6 million"]),
        ("Shown [12] [3, 4–6] (Smith et al., 2019)", ["[12]", "[3, 4–6]", "(Smith et al., 2019)"]),
        ("(He was killed in 2019)", ["2019"]),
        ("On August 15 at 5 p.m. or 19:30 on 17 June 2019", ["August 15", "5 p.m.", "19:30", "17 June 2019"]),
        ("3.5% of 1,000, the 1990s, 3rd, COVID-19, -5°C", ["3.5%", "1,000", "1990s", "3rd", "COVID-19", "-5°C"]),
        ("a 20-years-old man", ["20"]),
        ("We analyse data.And the war.in May and/or, e.g. the U.S.", []),
    ],
)
def test_golden_protection(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in protected(text)] == expected


@pytest.mark.parametrize(
    "unit",
    ["<", "<!--", "`", "```", "\n```", "$", "\\a[", "\\cite{", "http://", "a.", "a-", "a@", "1", "1.", "/a", "&", "{",
     "<|a", "(A B, ", "(A and ", "May ", "C:\\", '"a', "“", "‘", "”\n", '“"', "a_", "%(", "[1,", "x"],
)  # fmt: skip
def test_time_is_linear(unit: str) -> None:
    def work(text: str) -> None:
        for find in (protected, quotations, numbers, units, negations):
            find(text)

    assert_linear(work, unit, 100_000, seconds=3)
