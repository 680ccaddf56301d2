"""Clients of LanguageTool: one that is real, and requests in the shapes that others send."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import httpx
import language_tool_python
import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowing import Running
from test_languagetool import TEXT, checked, place

from mtfix.serve.annotation import Annotated, Part
from mtfix.types import Span

FORM = "application/x-www-form-urlencoded"


def annotation(*parts: dict[str, str]) -> str:
    return json.dumps({"annotation": parts})


def test_language_tool_python(server: Running) -> None:
    text = "😀 Under his final father, the army suffered many victims. They refused."
    with language_tool_python.LanguageTool("en-US", remote_server=server.address) as tool:
        found = tool.check(text)
        shown = [text[m.offset : m.offset + m.error_length] for m in found]
        assert shown == ["final father", "many victims", "refused"]
        assert found[0].replacements == ["late father", "dead father", "last father"]
        assert (found[0].rule_id, found[0].rule_issue_type) == ("MTFIX_WRONG_SENSE", "mistranslation")
        assert found[0].category == "MACHINE_TRANSLATION"
        assert tool.correct(text).startswith("😀 Under his late father, the army suffered many casualties.")
        tool.disabled_rules.add("MTFIX_OTHER")
        assert len(tool.check(text)) == 2
        with pytest.raises(ValueError, match="de-DE"):
            tool.language = "de-DE"


def test_ltex_sends_its_form_as_json(client: httpx.Client) -> None:
    """LTeX+ (LanguageToolHttpInterface) sets Content-Type: application/json on a form."""
    data = annotation(
        {"text": "Under his "}, {"markup": "\\textbf{"}, {"text": "final father"},
        {"markup": "}\\cite{x}", "interpretAs": "Dummy0"}, {"text": ".\n"},
    )  # fmt: skip
    form = {
        "language": "en-US", "data": data, "level": "picky", "motherTongue": "de-DE",
        "enabledRules": "EN_CONSISTENT_APOS",
    }  # fmt: skip
    answer = client.post("/v2/check", content=urlencode(form), headers={"content-type": "application/json"})
    assert [(m["offset"], m["length"]) for m in answer.json()["matches"]] == [(18, 12)]


def test_a_form_without_a_content_type(client: httpx.Client) -> None:
    assert client.post("/v2/check", content=urlencode({"language": "en", "text": TEXT})).json()["matches"]


def test_libreoffice(client: httpx.Client) -> None:
    """RemoteLanguageTool of the office add-on: posts where others get, and reads these keys."""
    headers = {"content-type": FORM, "charset": "utf-8"}
    assert client.post("/v2/maxtextlength", content=b"\0", headers=headers).text == "200000"
    info = client.post("/v2/configinfo", content="language=en-US", headers=headers).json()
    assert info["parameter"]["maxTextLength"] == 200_000
    keys = {"ruleId", "description", "categoryId", "categoryName", "locQualityIssueType"}
    assert len(info["rules"]) == 14
    assert all(set(rule) == keys for rule in info["rules"])
    form = {
        "text": TEXT, "motherTongue": "de", "language": "en-US", "disabledRules": "WORD_REPEAT_RULE",
        "mode": "ALL", "ruleValues": "A:1", "useragent": "java-http-client",
    }  # fmt: skip
    answer = client.post("/v2/check", content=urlencode(form), headers=headers).json()
    assert answer["language"]["name"] == "English (US)"
    assert len(answer["matches"]) == 2


def test_browser_add_on(client: httpx.Client) -> None:
    form = {
        "disabledRules": "WHITESPACE_RULE", "data": json.dumps({"text": TEXT}), "language": "auto",
        "preferredVariants": "en-GB,de-DE", "useragent": "webextension-firefox-ng", "enableHiddenRules": "true",
        "textSessionId": "12:34", "mode": "allButTextLevelOnly", "allowIncompleteResults": "true",
    }  # fmt: skip
    headers = {"origin": "moz-extension://0b9c1c55", "sec-fetch-site": "none"}
    answer = client.post("/v2/check", data=form, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["language"]["code"] == "en-GB"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_parameters_in_the_address(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/v2/check", params={"language": "en-US", "text": TEXT})
    assert len(answer.json()["matches"]) == 2


# markup ----------------------------------------------------------------------------------------------


def test_markup_counts_in_offsets_and_is_not_written_over(client: httpx.Client) -> None:
    parts = [
        {"markup": "<p>"}, {"text": "Under his "}, {"markup": "<b>"}, {"text": "final father"}, {"markup": "</b>"},
        {"text": ", many "}, {"markup": "<i>"}, {"text": "victims"}, {"markup": "</i>"},
        {"text": " fell 😀."}, {"markup": "<code>refused</code>", "interpretAs": "refused"},
        {"markup": "<p>", "interpretAs": "\n\n"}, {"text": "They refused."},
    ]  # fmt: skip
    full = "".join(part.get("text", part.get("markup", "")) for part in parts)
    first, second, third = checked(client, data=annotation(*parts))["matches"]
    assert (place(full, first), first["replacements"][0]["value"]) == ("final father", "late father")
    # its words have markup between them: shown, but nothing is offered that would swallow the markup
    assert (place(full, second), second["replacements"]) == ("many <i>victims", [])
    assert (place(full, third), third["offset"]) == ("refused", len(full.encode("utf-16-le")) // 2 - 8)


def test_data_may_be_plain_text(client: httpx.Client) -> None:
    [match] = checked(client, data='{"text": "They refused."}')["matches"]
    assert match["offset"] == 5


PARTS = st.lists(
    st.one_of(
        st.builds(Part, st.text(max_size=6)),
        st.builds(lambda a, b: Part(a, True, b), st.text(max_size=6), st.sampled_from(["", "", "x", "\n\n"])),
    ),
    max_size=8,
)


@given(PARTS, st.data())
def test_a_whole_span_is_the_same_text_in_both(parts: list[Part], data: st.DataObject) -> None:
    text = Annotated(parts)
    assert text.full == "".join(part.content for part in parts)
    assert text.plain == "".join(part.reading if part.markup else part.content for part in parts)
    start = data.draw(st.integers(0, len(text.plain)))
    span = Span(start, data.draw(st.integers(start, len(text.plain))))
    placed = text.place(span)
    assert 0 <= placed.start <= placed.end <= len(text.full)
    if text.whole(span) and span.start < span.end:
        assert placed.of(text.full) == span.of(text.plain)


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_character_of_text_is_found_again(texts: list[str]) -> None:
    text = Annotated([part for t in texts for part in (Part(t), Part("<b>", True))])
    plain = full = 0
    for content in texts:
        for _ in content:
            assert text.place(Span(plain, plain + 1)) == Span(full, full + 1)
            plain, full = plain + 1, full + 1
        full += 3
