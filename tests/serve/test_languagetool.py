"""The LanguageTool HTTP API: the answer, field by field, and what is wrong with wrong requests."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mtfix.serve.lt_check import RULES

TEXT = "Under his final father, the army suffered many victims."


def checked(client: httpx.Client, **form: str) -> dict[str, Any]:
    answer = client.post("/v2/check", data={"language": "en-US", **form})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def place(text: str, match: dict[str, Any]) -> str:
    """What a client that counts UTF-16 code units sees."""
    units = text.encode("utf-16-le")
    return units[2 * match["offset"] : 2 * (match["offset"] + match["length"])].decode("utf-16-le")


def test_every_field_that_clients_know(client: httpx.Client) -> None:
    answer = checked(client, text=TEXT)
    assert list(answer) == ["software", "warnings", "language", "matches", "sentenceRanges", "extendedSentenceRanges"]
    assert answer["software"]["name"] == "mtfix"
    assert answer["software"]["apiVersion"] == 1
    keys = {"name", "version", "buildDate", "apiVersion", "premium", "premiumHint", "status"}
    assert set(answer["software"]) == keys
    assert answer["warnings"] == {"incompleteResults": False}
    detected = {"name": "English (US)", "code": "en-US", "confidence": 1.0, "source": "mtfix"}
    assert answer["language"] == {"name": "English (US)", "code": "en-US", "detectedLanguage": detected}
    first, second = answer["matches"]
    assert first == {
        "message": "“final father” looks wrong here",
        "shortMessage": "Word in the wrong sense",
        "replacements": [
            {"value": "late father", "confidence": 0.91, "autoCorrect": True},
            {"value": "dead father", "confidence": 0.05},
            {"value": "last father", "confidence": 0.05},
        ],
        "offset": 10,
        "length": 12,
        "context": {"text": "Under his final father, the army suffered many victims.", "offset": 10, "length": 12},
        "sentence": TEXT,
        "type": {"typeName": "Other"},
        "rule": {
            "id": "MTFIX_WRONG_SENSE",
            "description": "Word in the wrong sense",
            "issueType": "mistranslation",
            "category": {"id": "MACHINE_TRANSLATION", "name": "Machine translation"},
            "isPremium": False,
        },
        "ignoreForIncompleteSentence": True,
        "contextForSureMatch": -1,
    }
    assert "autoCorrect" not in second["replacements"][0]
    assert answer["sentenceRanges"] == [[0, len(TEXT)]]
    assert answer["extendedSentenceRanges"] == [
        {"from": 0, "to": len(TEXT), "detectedLanguages": [{"language": "en", "rate": 1.0}]}
    ]


def test_a_flag_without_a_repair_has_no_replacements(client: httpx.Client) -> None:
    [match] = checked(client, text="They refused the army.")["matches"]
    assert (match["replacements"], match["offset"], match["length"]) == ([], 5, 7)


def test_offsets_count_utf16(client: httpx.Client) -> None:
    text = "🎉 Party 𝒳. Under his final father.\n\n😀😀 They refused."
    answer = checked(client, text=text)
    assert [place(text, match) for match in answer["matches"]] == ["final father", "refused"]
    shown = [place(text, {"offset": a, "length": b - a}) for a, b in answer["sentenceRanges"]]
    assert shown == ["🎉 Party 𝒳.", "Under his final father.", "😀😀 They refused."]
    for match in answer["matches"]:
        assert place(match["context"]["text"], match["context"]) == place(text, match)


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("They call for international support.", "They call for the international support."),
        ("call for interna", "call for the interna"),
    ],
)
def test_a_missing_word_takes_its_neighbour_along(client: httpx.Client, text: str, corrected: str) -> None:
    [match] = checked(client, text=text)["matches"]
    assert match["length"] > 0
    value = match["replacements"][0]["value"]
    assert text[: match["offset"]] + value + text[match["offset"] + match["length"] :] == corrected


def test_long_context_is_cut(client: httpx.Client) -> None:
    text = "All is well. " * 20 + TEXT + " All is well." * 20
    context = checked(client, text=text)["matches"][0]["context"]
    assert context["text"].startswith("...")
    assert context["text"].endswith("...")
    assert place(context["text"], context) == "final father"
    assert len(context["text"]) < 110


def test_another_language_is_told(client: httpx.Client) -> None:
    german = (
        "Guten Tag. Die Regierung hat gestern beschlossen, dass die neuen Schulen auf dem Land früher geöffnet werden. "
        "Viele Eltern freuen sich darüber, andere haben noch Zweifel, ob genug Lehrer gefunden werden können."
    )
    answer = checked(client, text=german, language="auto")
    assert answer["matches"] == []
    reason = "the text seems to be German, not English"
    assert answer["warnings"] == {"incompleteResults": True, "incompleteResultsReason": reason}
    assert answer["language"]["detectedLanguage"]["code"] == "de"


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff", "\0", "a" * 5000])
def test_texts_without_prose(client: httpx.Client, text: str) -> None:
    assert checked(client, text=text)["matches"] == []


@pytest.mark.parametrize(
    ("form", "left"),
    [
        ({"disabledRules": "MTFIX_WRONG_SENSE,UPPERCASE_SENTENCE_START"}, ["refused"]),
        ({"disabledCategories": "MACHINE_TRANSLATION"}, []),
        ({"enabledOnly": "true", "enabledRules": "MTFIX_OTHER"}, ["refused"]),
        ({"enabledOnly": "yes", "enabledCategories": "MACHINE_TRANSLATION"}, ["final father", "refused"]),
        ({"enabledRules": "EN_A_VS_AN"}, ["final father", "refused"]),
    ],
)
def test_rules_and_categories_are_chosen(client: httpx.Client, form: dict[str, str], left: list[str]) -> None:
    text = "His final father refused."
    assert [place(text, match) for match in checked(client, text=text, **form)["matches"]] == left


def test_every_category_is_a_rule() -> None:
    assert len({rule.id for rule in RULES.values()}) == len(RULES) == 14


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"language": "en-gb"}, "en-GB"),
        ({"language": "en"}, "en"),
        ({"language": "auto"}, "en-US"),
        ({"language": "auto", "preferredVariants": "de-DE,en-GB"}, "en-GB"),
    ],
)
def test_variants(client: httpx.Client, form: dict[str, str], code: str) -> None:
    assert checked(client, text=TEXT, **form)["language"]["code"] == code


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"language": "en-US"}, "Missing 'text' or 'data'"),
        ({"language": "en-US", "text": "a", "data": "{}"}, "not both"),
        ({"text": "a"}, "Missing 'language'"),
        ({"language": "fr", "text": "a"}, "English only"),
        ({"language": "en-US", "text": "a", "level": "secretvalue"}, "level"),
        ({"language": "en-US", "data": "secretvalue"}, "Could not parse JSON"),
        ({"language": "en-US", "data": "[" * 100_000}, "Could not parse JSON"),
        ({"language": "en-US", "data": '["secretvalue"]'}, "JSON object"),
        ({"language": "en-US", "data": '{"text": "a", "annotation": []}'}, "either"),
        ({"language": "en-US", "data": '{"text": 7}'}, "strings"),
        ({"language": "en-US", "data": '{"annotation": {"text": "secretvalue"}}'}, "list"),
        ({"language": "en-US", "data": '{"annotation": [{"text": "a", "markup": "b"}]}'}, "either"),
        ({"language": "en-US", "data": '{"annotation": [{"text": "a", "interpretAs": "b"}]}'}, "interpretAs"),
        ({"language": "en-US", "data": '{"annotation": [{"text": "\\ud83d secretvalue"}]}'}, "surrogate"),
    ],
)
def test_a_wrong_request_is_explained_and_not_repeated(client: httpx.Client, form: dict[str, str], told: str) -> None:
    answer = client.post("/v2/check", data=form)
    assert answer.status_code == 400
    assert answer.text.startswith("Error: ")
    assert told in answer.text
    assert "secretvalue" not in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_the_other_routes(client: httpx.Client) -> None:
    codes = [each["longCode"] for each in client.get("/v2/languages").json()]
    assert codes == ["en", "en-US", "en-GB", "en-AU", "en-CA", "en-NZ", "en-ZA"]
    assert client.get("/v2/healthcheck").text == "OK"
    assert client.get("/v2/info").json()["software"]["name"] == "mtfix"
    assert client.get("/v2/maxtextlength").text == "200000"
    missing = client.get("/v2/words")
    assert (missing.status_code, missing.text) == (404, "Error: Not Found")
