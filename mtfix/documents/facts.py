"""The facts that no edit may change silently: numbers and their units, negations, in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[½⅓⅔¼¾⅛⅜⅝⅞²³¹⁰-⁹₀-₉]+|[^\W\d_]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SMALL = """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen"""
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_LARGE = "dozen hundred thousand million billion trillion".split()
_ORDINALS = """third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth
    ninetieth hundredth"""
_PARTS = "zero half quarter twice thrice double doubled triple tripled twofold threefold fourfold fivefold tenfold"
_PLURALS = {"halves": "half", **{f"{word}s": word for word in f"{_ORDINALS} quarter".split()}}
_NUMBER_WORDS = {
    **{word: word for word in [*_ORDINALS.split(), *_PARTS.split(), *_LARGE]},
    **{word: str(value) for value, word in enumerate(_SMALL.split(), start=2)},
    **{word: str(value) for word, value in _TENS.items()},
    **_PLURALS,
}
_AFTER_TENS = {"one": "1", "first": "first", "second": "second"}  # else they are rarely amounts
# words after which "first" and "second" are ordinals, and no adverb or unit of time
_BEFORE_ORDINALS = frozenset("the his her its their our my your this that".split())
_UNITS = {
    form: forms.split()[0]
    for forms in """
        metre metres meter meters|kilometre kilometres kilometer kilometers km kms|centimetre centimetres centimeter
        centimeters cm|millimetre millimetres millimeter millimeters mm|mile miles|yard yards|foot feet ft|inch inches
        |acre acres|hectare hectares ha|gram grams gramme grammes|kilogram kilograms kilogramme kilogrammes kilo kilos
        kg|ton tons|tonne tonnes|pound pounds|ounce ounces|litre litres liter liters|gallon gallons|barrel barrels
        |degree degrees|dollar dollars|cent cents|euro euros|rupee rupees|yuan|yen|ruble rubles rouble roubles|peso
        pesos|franc francs|percent per percentage|point points|minute minutes|hour hours|day days|week weeks|month
        months|year years|decade decades|century centuries|seconds|penny pence|watt watts|kilowatt kilowatts|megawatt
        megawatts|volt volts|knot knots|byte bytes|kilobyte kilobytes|megabyte megabytes|gigabyte gigabytes
        |calorie calories""".split("|")
    for form in forms.split()
}
_OF_UNITS = frozenset("square cubic nautical".split())


def numbers(text: str) -> list[str]:
    """The numbers in `text`, in order, in one spelling each.

    "1,000", "2 million" and "three" give "1000", "2", "million", "3"; a date or time gives its parts, without leading
    zeros. "one" counts before a unit and after tens, "first" and "second" after tens and determiners ("the first");
    "hundreds" is another number than "hundred", but not in "two hundreds".
    """
    return [key for key, _ in _counted(text)]


def units(text: str) -> list[str]:
    """The units directly behind the numbers in `text`, in order, in one spelling: "metre" of "5 square meters"."""
    return [unit for _, unit in _counted(text) if unit]


def _counted(text: str) -> Iterator[tuple[str, str]]:
    """Every number with the unit behind it, or an empty one."""
    found = [match.group().lower() for match in _TOKEN.finditer(text)]
    before = False
    for at, token in enumerate(found):
        behind = [word for word in found[at + 1 : at + 3] if word not in _OF_UNITS]
        unit = _UNITS.get(behind[0], "") if behind and found[at + 1] in (behind[0], *_OF_UNITS) else ""
        key = "1" if token == "one" and unit else _number(token, found[at - 1] if at else "", after_number=before)
        before = bool(key)
        if key:
            yield key, unit


def _number(token: str, previous: str, *, after_number: bool) -> str:
    if token[0].isdecimal():
        return _digits(token)
    if token.isnumeric() and not token.isalpha():
        return token
    if previous in _TENS and token in _AFTER_TENS:
        return _AFTER_TENS[token]
    if previous in _BEFORE_ORDINALS and token in ("first", "second"):
        return token
    if token[:-1] in _LARGE and token.endswith("s"):
        return token[:-1] if after_number else token
    return _NUMBER_WORDS.get(token, "")


def _digits(number: str) -> str:
    if not number.isascii():
        # int() reads one digit of any script; sure to succeed for what \d matches
        number = "".join(str(int(char)) if char.isdecimal() else char for char in number)
    if _THOUSANDS.fullmatch(number):
        number = number.replace(",", "")
    return number.lstrip("0") if number.lstrip("0")[:1].isdigit() else "0" + number.lstrip("0")


_NEGATION = re.compile(
    r"""(?<!\w)(?: no(?![.]\s?\d) | not | never | none | neither | nor | nothing | nobody | nowhere | noone | nope | nay
        | without | cannot | hardly | scarcely | barely | seldom | rarely )(?!\w)
      | (?<=\w)n[ ]?['’ʼ`´]t(?!\w) | (?<!\w)can['’ʼ`´]t(?!\w)
      | (?<!\w)(?:do|does|did|is|are|was|were|wo|would|could|should|has|have|had|ca|ai)nt(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)


def negations(text: str) -> list[str]:
    """The negating words in `text`, in lower case, in order; "n't" and "cannot" give "not"."""
    found = [match.group().lower() for match in _NEGATION.finditer(text)]
    return ["not" if word.endswith("t") and word != "without" else word for word in found]


_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PREFIXES = ("un", "in", "im", "ir", "il", "non-", "dis")


def opposed(old: str, new: str) -> bool:
    """Whether a word of one is a word of the other with a negating prefix: "unable" and "able"."""
    one, other = ({match.group().lower() for match in _WORD.finditer(text)} for text in (old, new))
    pairs = ((one, other), (other, one))
    return any(prefix + word in there - here for here, there in pairs for word in here - there for prefix in _PREFIXES)
