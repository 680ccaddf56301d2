"""The JSON of the LanguageTool HTTP API, version 2, as its clients read it. Offsets count UTF-16 code units."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Json(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class CheckForm(_Json):
    """The parameters of a check, as form fields or in the address."""

    text: str | None = Field(None, description="The text to check; this or `data`.")
    data: str | None = Field(
        None,
        description='Text with markup, as JSON: {"annotation": [{"text": "A "}, {"markup": "<b>"}, {"text": "test"}]}; '
        "markup may have `interpretAs`. Offsets in the answer count markup too.",
    )
    language: str = Field(description="`en`, `en-US` and the like, or `auto`.")
    preferred_variants: str = Field("", description="With `auto`: the variants to choose from, as `en-GB,de-DE`.")
    enabled_rules: str = Field("", description="Ids of rules, separated by commas; counts with `enabledOnly`.")
    disabled_rules: str = ""
    enabled_categories: str = ""
    disabled_categories: str = ""
    enabled_only: bool = Field(False, description="Report only what the enabled rules and categories find.")
    level: Literal["default", "picky"] = Field("default", description="Accepted; changes nothing.")
    mother_tongue: str = Field("", description="Accepted; changes nothing.")


class Software(_Json):
    name: str = "mtfix"
    version: str
    build_date: str = ""
    api_version: int = 1
    premium: bool = False
    premium_hint: str = ""
    status: str = ""


class Warnings(_Json):
    incomplete_results: bool = False
    incomplete_results_reason: str | None = None


class DetectedLanguage(_Json):
    name: str
    code: str
    confidence: float
    source: str = "mtfix"


class CheckedLanguage(_Json):
    name: str
    code: str
    detected_language: DetectedLanguage


class Replacement(_Json):
    value: str
    confidence: float = Field(description="Probability that an editor would accept it.")
    auto_correct: bool | None = Field(None, description="True where `mtfix fix` would write it.")


class Context(_Json):
    text: str
    offset: int
    length: int


class MatchType(_Json):
    type_name: str = "Other"


class RuleCategory(_Json):
    id: str
    name: str


class Rule(_Json):
    id: str
    description: str
    issue_type: str
    category: RuleCategory
    is_premium: bool = False


class Match(_Json):
    message: str
    short_message: str
    replacements: list[Replacement]
    offset: int
    length: int
    context: Context
    sentence: str
    type: MatchType = MatchType()
    rule: Rule
    ignore_for_incomplete_sentence: bool = True
    context_for_sure_match: int = -1  # the whole text counts


class LanguageRate(_Json):
    language: str
    rate: float


class SentenceRange(_Json):
    # `from` is a word of Python
    start: int = Field(serialization_alias="from")
    end: int = Field(serialization_alias="to")
    detected_languages: list[LanguageRate]


class CheckAnswer(_Json):
    software: Software
    warnings: Warnings
    language: CheckedLanguage
    matches: list[Match]
    sentence_ranges: list[tuple[int, int]]
    extended_sentence_ranges: list[SentenceRange]


class Language(_Json):
    name: str
    code: str
    long_code: str


class Info(_Json):
    software: Software


class ConfigParameter(_Json):
    max_text_length: int


class ConfigRule(_Json):
    rule_id: str
    description: str
    category_id: str
    category_name: str
    loc_quality_issue_type: str


class ConfigInfo(_Json):
    software: Software
    parameter: ConfigParameter
    rules: list[ConfigRule]
