"""Tell text that is surely not English, so that it is left alone.

Badly garbled English must pass: the question is never "which language is likeliest?" but "can this
still be English?". Function words answer it for nearly every text; only where they are scarce is a
classifier asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Any

# Below this many words, or this many different ones without a capital, only the script is evidence:
# lists of names and stuck translators ("the vocabulary vocabulary vocabulary") are no language.
MIN_WORDS = 20
_MIN_LOWER = 12
# Share of English function words from which a text is English without further question.
_ENGLISH_SHARE = 0.2
# English, or a creole or sibling that garbled English is taken for: their joint probability must be under this.
_ENGLISH_LIKE = frozenset({"en", "pcm", "sco", "jam", "tpi"})
_MAX_ENGLISH = 0.05

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = """
    the of and to in a is was for that on with as by it at from he his be this are an were which had or has have but
    not also after their its one first been they who two when she will her there more during other all into would
    about you no than only can so some him up if out these between may over then what"""
_FUNCTION_WORDS = frozenset(_ENGLISH.split())

# Starts of the Unicode names of Latin letters, and of letters in a style, which are no script of their own.
_LATIN_LIKE = ("LATIN", "MATHEMATICAL", "FULLWIDTH LATIN", "MODIFIER", "FEMININE", "MASCULINE", "MICRO")
# Scripts by the first word of a character's Unicode name; one language each where the script settles it.
_SCRIPTS = {
    "GREEK": "Greek", "HEBREW": "Hebrew", "THAI": "Thai", "HANGUL": "Korean", "GEORGIAN": "Georgian",
    "ARMENIAN": "Armenian", "SINHALA": "Sinhala", "TAMIL": "Tamil", "TELUGU": "Telugu", "KANNADA": "Kannada",
    "MALAYALAM": "Malayalam", "GUJARATI": "Gujarati", "GURMUKHI": "Punjabi", "KHMER": "Khmer", "LAO": "Lao",
    "MYANMAR": "Burmese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "BENGALI": "Bengali",
}  # fmt: skip

_SHARED_SCRIPTS = frozenset({"CYRILLIC", "ARABIC", "DEVANAGARI", "CJK", "ETHIOPIC"})

_NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "br": "Breton", "bs": "Bosnian", "ca": "Catalan", "ckb": "Kurdish", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "el": "Greek", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fil": "Filipino", "fr": "French", "fy": "Frisian", "ga": "Irish",
    "gd": "Scottish Gaelic", "gl": "Galician", "ha": "Hausa", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "ht": "Haitian Creole", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "ig": "Igbo", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "jv": "Javanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean",
    "ku": "Kurdish", "ky": "Kyrgyz", "la": "Latin", "lb": "Luxembourgish", "lt": "Lithuanian", "lv": "Latvian",
    "mg": "Malagasy", "mk": "Macedonian", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "mt": "Maltese",
    "nb": "Norwegian", "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian", "oc": "Occitan",
    "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "rw": "Kinyarwanda",
    "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "su": "Sundanese",
    "sv": "Swedish", "sw": "Swahili", "tg": "Tajik", "tl": "Tagalog", "tr": "Turkish", "tt": "Tatar",
    "ug": "Uyghur", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "xh": "Xhosa", "yo": "Yoruba",
    "yue": "Cantonese", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip


def other_language(text: str) -> str | None:
    """None when `text` can be English, else the name of its language, or "unknown (...)".

    A text in Latin letters is judged only from 20 words up. Where the language is sure not to be
    English but its neighbours are close (Croatian, Serbian), the name may be the neighbour's.
    """
    script = _other_script(text)
    if script is not None:
        unknown = "unknown (non-Latin script)"
        return _SCRIPTS.get(script) or (_nearest(text, unknown) if script in _SHARED_SCRIPTS else unknown)
    words = Counter(match.group() for match in _WORD.finditer(text.lower() if text.isupper() else text))
    known = sum(count for word, count in words.items() if word.lower() in _FUNCTION_WORDS)
    if words.total() < MIN_WORDS or known >= _ENGLISH_SHARE * words.total():
        return None
    if sum(word.islower() for word in words) < _MIN_LOWER:
        return None
    ranks = _ranks(text)
    if sum(ranks.get(code, 0.0) for code in _ENGLISH_LIKE) >= _MAX_ENGLISH:
        return None
    return _nearest(text, "unknown (not English)")


def likeliest(text: str) -> tuple[str, str, float]:
    """ISO code, name and probability of the text's language; English, for certain, where `text` can be English."""
    if other_language(text) is None:
        return "en", "English", 1.0
    code, probability = max(_ranks(text).items(), key=lambda item: item[1])
    return code, _NAMES.get(code, code), round(float(probability), 4)


def other_letters(text: str) -> Counter[str]:
    """Letters that are not Latin, and how often each occurs."""
    if text.isascii():
        return Counter()
    letters = Counter(char for char in text if char.isalpha())
    return Counter({c: n for c, n in letters.items() if not unicodedata.name(c, "").startswith(_LATIN_LIKE)})


def _other_script(text: str) -> str | None:
    """The commonest script when over half of the letters (at least two) are not Latin, else None."""
    foreign: Counter[str] = Counter()
    for char, count in other_letters(text).items():
        foreign[unicodedata.name(char, "").split(" ")[0]] += count
    outside = foreign.total()
    if outside < 2 or 2 * outside <= sum(map(str.isalpha, text)):
        return None
    if 10 * (foreign["HIRAGANA"] + foreign["KATAKANA"]) > outside:
        return "HIRAGANA"  # Japanese is written in Chinese characters for the most part
    return foreign.most_common(1)[0][0]


def _nearest(text: str, otherwise: str) -> str:
    """The classifier's name for `text`, unless it is in doubt or says English."""
    code, probability = max(_ranks(text).items(), key=lambda item: item[1])
    if code in _ENGLISH_LIKE or probability < 0.3:
        return otherwise
    return _NAMES.get(code, f"unknown ({code})")


def _ranks(text: str) -> dict[str, float]:
    """Probability of each language code; a long text by its start, middle and end."""
    size = 2000
    if len(text) > 3 * size:
        middle = len(text) // 2
        text = "\n".join((text[:size], text[middle : middle + size], text[-size:]))
    return dict(_classifier().rank(text))


@lru_cache(maxsize=1)
def _classifier() -> Any:
    # Takes half a second and 100 MB, which plain English text never needs.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
