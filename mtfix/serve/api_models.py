"""mtfix's own JSON over HTTP (schema 1). Offsets count Unicode code points of the text."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mtfix.types import Category

Place = tuple[int, int]


class TextRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    name: str | None = Field(
        None, min_length=1, max_length=255,
        description="The name of the Markdown file that the text is: it is then read without its markup.",
    )  # fmt: skip
    untouchable: list[Place] = Field(
        [], description="[start, end) of stretches that are neither flagged nor edited; an empty one is a seam that "
        "no edit reaches over.",
    )  # fmt: skip
    within: list[Place] | None = Field(
        None, description="Look only into these stretches; the rest of the text is context.", examples=[[[0, 24]]]
    )

    @model_validator(mode="after")
    def _sound(self) -> TextRequest:
        if any("\ud800" <= character <= "\udfff" for character in self.text):
            raise ValueError("the text holds half a surrogate pair, which is no character")
        self.check([*self.untouchable, *(self.within or ())])
        return self

    def check(self, places: list[Place]) -> None:
        """Raises ValueError for a place outside of the text."""
        for start, end in places:
            if not 0 <= start <= end <= len(self.text):
                raise ValueError(f"[{start}, {end}) is no stretch of a text of {len(self.text)} characters")


class FixRequest(TextRequest):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"text": "Under his final father, the army suffered many victims."}},
    )


class DetectRequest(TextRequest):
    tokens: bool = Field(False, description="Add the score of every word and gap.")


class SuggestRequest(TextRequest):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"text": "Under his final father, they fell.", "places": [[10, 15]]}},
    )

    places: list[Place] = Field(
        min_length=1, max_length=20, description="[start, end) of stretches that a reader holds for wrong."
    )

    @model_validator(mode="after")
    def _inside(self) -> SuggestRequest:
        self.check(self.places)
        return self


class FlagJson(BaseModel):
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    category: Category
    score: float = Field(description="Probability that the place is wrong.")
    message: str


class AlternativeJson(BaseModel):
    replacement: str
    confidence: float


class EditJson(BaseModel):
    start: int
    end: int
    original: str
    replacement: str
    category: Category
    confidence: float = Field(description="Probability that an editor would accept the replacement.")
    applied: bool = Field(description="Whether `corrected` contains it; otherwise it is a suggestion.")
    source: str
    alternatives: list[AlternativeJson]


class FingerprintJson(BaseModel):
    version: str
    models: dict[str, str]
    settings: dict[str, Any]


class FixAnswer(BaseModel):
    # `schema` is taken in pydantic's models
    schema_version: Literal[1] = Field(alias="schema")
    text: str
    corrected: str
    flags: list[FlagJson]
    edits: list[EditJson]
    skipped: str | None = Field(description="Why the text was left alone, or null.")
    fingerprint: FingerprintJson | None


class SuggestedJson(BaseModel):
    start: int
    end: int
    edits: list[EditJson] = Field(description="What could be done about the place, the best first; none is applied.")


class SuggestAnswer(BaseModel):
    # `schema` is taken in pydantic's models
    schema_version: Literal[1] = Field(alias="schema")
    text: str
    places: list[SuggestedJson] = Field(description="As they were asked for.")
    fingerprint: FingerprintJson | None


class TokenJson(BaseModel):
    start: int
    end: int
    score: float


class GapJson(BaseModel):
    offset: int
    score: float


class DetectAnswer(BaseModel):
    # `schema` is taken in pydantic's models
    schema_version: Literal[1] = Field(alias="schema")
    text: str
    flags: list[FlagJson]
    skipped: str | None = Field(description="Why the text was left alone, or null.")
    fingerprint: FingerprintJson | None
    tokens: list[TokenJson] | None = Field(None, description="Only where they were asked for.")
    gaps: list[GapJson] | None = None


class Problem(BaseModel):
    """What was wrong, in one sentence."""

    detail: str
