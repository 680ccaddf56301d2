"""A check as LanguageTool's clients ask for it and understand the answer."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from mtfix.documents.language import likeliest
from mtfix.documents.segment import sentences
from mtfix.render.findings import Mark, marks
from mtfix.serve.annotation import Annotated, Part
from mtfix.serve.lt_models import (
    CheckAnswer,
    CheckedLanguage,
    CheckForm,
    Context,
    DetectedLanguage,
    Language,
    LanguageRate,
    Match,
    Replacement,
    Rule,
    RuleCategory,
    SentenceRange,
    Software,
    Warnings,
)  # fmt: skip
from mtfix.serve.offsets import Utf16
from mtfix.types import Category, Correction, Span
from mtfix.version import __version__

SOFTWARE = Software(version=__version__)

LANGUAGES = tuple(
    Language(name=name, code="en", long_code=code)
    for name, code in (
        ("English", "en"), ("English (US)", "en-US"), ("English (GB)", "en-GB"), ("English (Australian)", "en-AU"),
        ("English (Canada)", "en-CA"), ("English (New Zealand)", "en-NZ"), ("English (South African)", "en-ZA"),
    )
)  # fmt: skip

CATEGORY = RuleCategory(id="MACHINE_TRANSLATION", name="Machine translation")

# what the rules are called, and their issue types after the Internationalization Tag Set 2.0 of the W3C
_RULES: dict[Category, tuple[str, str]] = {
    "wrong-sense": ("Word in the wrong sense", "mistranslation"),
    "literal-idiom": ("Idiom translated literally", "mistranslation"),
    "collocation": ("Words that do not go together", "style"),
    "word-order": ("Word order", "grammar"),
    "function-word": ("Wrong or missing function word", "grammar"),
    "agreement-tense": ("Agreement or tense", "grammar"),
    "name": ("Name", "mistranslation"),
    "number-unit": ("Number or unit", "numbers"),
    "casing": ("Upper or lower case", "typographical"),
    "repetition": ("Repetition", "duplication"),
    "untranslated": ("Untranslated words", "untranslated"),
    "omission": ("Something is missing", "omission"),
    "tortured-phrase": ("Term in odd words", "terminology"),
    "other": ("Reads like bad translation", "uncategorized"),
}

RULES = {
    category: Rule(
        id=f"MTFIX_{category.upper().replace('-', '_')}", description=_RULES[category][0],
        issue_type=_RULES[category][1], category=CATEGORY,
    )
    for category in get_args(Category)
}  # fmt: skip

_AROUND = 40  # characters of context on each side
_WORD = re.compile(r"\S+")


class BadRequestError(ValueError):
    """A request that is wrong; the message is for the client and repeats none of its text."""


def annotated(form: CheckForm) -> Annotated:
    """The text of the request. Raises BadRequestError."""
    if form.text is not None and form.data is not None:
        raise BadRequestError("Set only 'text' or 'data' parameter, not both")
    if form.text is not None:
        return Annotated.of(form.text)
    if form.data is None:
        raise BadRequestError("Missing 'text' or 'data' parameter")
    try:
        data = json.loads(form.data)
    except (ValueError, RecursionError):
        raise BadRequestError("Could not parse JSON from 'data' parameter") from None
    if not isinstance(data, dict) or ("text" in data) == ("annotation" in data):
        raise BadRequestError("'data' must be a JSON object with either a 'text' or an 'annotation' key")
    if "text" in data:
        return Annotated.of(_string(data["text"]))
    if not isinstance(data["annotation"], list):
        raise BadRequestError("'annotation' must be a list")
    return Annotated([_part(item) for item in data["annotation"]])


def _part(item: Any) -> Part:
    if not isinstance(item, dict) or ("text" in item) == ("markup" in item):
        raise BadRequestError("Each item of 'annotation' must be an object with either a 'text' or a 'markup' key")
    if "text" in item:
        if "interpretAs" in item:
            raise BadRequestError("'text' cannot be used with 'interpretAs' (only 'markup' can)")
        return Part(_string(item["text"]))
    return Part(_string(item["markup"]), True, _string(item.get("interpretAs", "")))


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequestError("'text', 'markup' and 'interpretAs' must be strings")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadRequestError("'data' holds half a surrogate pair, which is no character")
    return value


def language(form: CheckForm) -> Language:
    """The variant of English that was asked for. Raises BadRequestError for other languages."""
    known = {each.long_code.lower(): each for each in LANGUAGES}
    if form.language.lower() != "auto":
        try:
            return known[form.language.lower()]
        except KeyError:
            codes = ", ".join(each.long_code for each in LANGUAGES)
            raise BadRequestError(f"mtfix reads English only: 'language' must be 'auto' or one of {codes}") from None
    preferred = (known.get(code.strip().lower()) for code in form.preferred_variants.split(","))
    return next(filter(None, preferred), known["en-us"])


def answer(form: CheckForm, text: Annotated, correction: Correction) -> CheckAnswer:
    """The answer to a check of `text`, whose plain text `correction` is for."""
    given = language(form)
    code, name, probability = likeliest(text.plain)
    inside = sentences(text.plain)
    units = Utf16(text.full)
    found = [_match(text, units, inside, mark) for mark in marks(correction)]
    places = [text.place(span) for span in inside]
    ranges = [(units.units(place.start), units.units(place.end)) for place in places]
    rate = [LanguageRate(language=code, rate=probability)]
    return CheckAnswer(
        software=SOFTWARE,
        warnings=Warnings(
            incomplete_results=correction.skipped is not None, incomplete_results_reason=correction.skipped
        ),
        language=CheckedLanguage(
            name=given.name, code=given.long_code,
            detected_language=DetectedLanguage(
                name=given.name if code == "en" else name, code=given.long_code if code == "en" else code,
                confidence=probability,
            ),
        ),
        matches=[match for match in found if _wanted(form, match)],
        sentence_ranges=ranges,
        extended_sentence_ranges=[
            SentenceRange(start=start, end=end, detected_languages=rate) for start, end in ranges
        ],
    )  # fmt: skip


def _wanted(form: CheckForm, match: Match) -> bool:
    def listed(names: str, name: str) -> bool:
        return name in (each.strip() for each in names.split(","))

    rule, category = match.rule.id, match.rule.category.id
    if form.enabled_only:
        return listed(form.enabled_rules, rule) or listed(form.enabled_categories, category)
    return not (listed(form.disabled_rules, rule) or listed(form.disabled_categories, category))


def _match(text: Annotated, units: Utf16, inside: Sequence[Span], mark: Mark) -> Match:
    span, replacements = _shown(text.plain, mark)
    place = text.place(span)
    if not text.whole(span):
        replacements = []  # clients would write over the markup
    finding = mark.edit or mark.flag
    assert finding is not None
    rule = RULES[finding.category]
    message = mark.flag.message if mark.flag and mark.flag.message else f"{rule.description}?"
    return Match(
        message=message,
        short_message=rule.description,
        replacements=replacements,
        offset=units.units(place.start),
        length=units.length(place),
        context=_context(text.full, place),
        sentence=_sentence(text.plain, inside, span),
        rule=rule,
    )


def _shown(text: str, mark: Mark) -> tuple[Span, list[Replacement]]:
    """The span and its replacements; a place between words takes a word in, since clients show no empty span."""
    replacements = list(_replacements(mark))
    span = mark.span
    if span.start < span.end or not text:
        return span, replacements
    after = _WORD.search(text, span.start)
    word = Span(*after.span()) if after else _last_word(text)
    if not word.start <= span.start <= word.end:
        span = Span(min(span.start, word.start), max(span.end, word.end))
    else:
        span = word
    before, behind = text[span.start : mark.span.start], text[mark.span.start : span.end]
    return span, [r.model_copy(update={"value": before + r.value + behind}) for r in replacements]


def _last_word(text: str) -> Span:
    words = list(_WORD.finditer(text))
    return Span(*words[-1].span()) if words else Span(0, len(text))


def _replacements(mark: Mark) -> Iterator[Replacement]:
    edit = mark.edit
    if edit is None or edit.span != mark.span:
        return
    yield Replacement(
        value=edit.replacement, confidence=round(edit.confidence, 4), auto_correct=True if edit.applied else None
    )
    for other in edit.alternatives:
        yield Replacement(value=other.replacement, confidence=round(other.confidence, 4), auto_correct=None)


def _context(text: str, place: Span) -> Context:
    start, end = max(0, place.start - _AROUND), min(len(text), place.end + _AROUND)
    dots = "..." if start else ""
    shown = dots + text[start:end].replace("\n", " ") + ("..." if end < len(text) else "")
    units = Utf16(shown)
    inside = Span(place.start, place.end).shifted(len(dots) - start)
    return Context(text=shown, offset=units.units(inside.start), length=units.length(inside))


def _sentence(text: str, inside: Sequence[Span], span: Span) -> str:
    index = bisect_right([each.start for each in inside], span.start) - 1
    return inside[max(index, 0)].of(text) if inside else text.strip()
