"""What kind of damage an edit repairs, by what changed between the words (coarse, without a tagger)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mtfix.documents.words import words
from mtfix.types import Category

FUNCTION_WORDS = frozenset(
    """a an the this that these those of in on at to for from by with without about into over under between
    through during before after against as than and or but nor so if because while when where which who whom
    whose it its he him his she her they them their we us our you your i me my is are was were be been being
    am do does did done have has had having will would shall should may might can could must not no 's n't
    there here then also such up out off down""".split()
)


_ENDINGS = tuple(
    frozenset(endings.split("|"))
    for endings in ("|s|es|ed|ing|er|est", "e|es|ed|ing|er|est", "y|ys|ies|ied|ying|ier|iest")
)
_AFTER_E = frozenset(("", "s", "d", "r", "st"))
# forms of one lemma that their endings don't tell; the commonest of English
_IRREGULAR = """
    say says said saying|make makes made making|go goes went gone going|take takes took taken taking|come comes came
    coming|see sees saw seen seeing|know knows knew known knowing|get gets got gotten getting|give gives gave given
    giving|find finds found finding|think thinks thought thinking|tell tells told telling|become becomes became
    becoming|leave leaves left leaving|feel feels felt feeling|bring brings brought bringing|begin begins began begun
    beginning|keep keeps kept keeping|hold holds held holding|write writes wrote written writing|stand stands stood
    standing|hear hears heard hearing|mean means meant meaning|meet meets met meeting|run runs ran running|pay pays
    paid paying|sit sits sat sitting|speak speaks spoke spoken speaking|lead leads led leading|grow grows grew grown
    growing|lose loses lost losing|fall falls fell fallen falling|send sends sent sending|build builds built building|
    understand understands understood|draw draws drew drawn drawing|break breaks broke broken breaking|spend spends
    spent spending|rise rises rose risen rising|drive drives drove driven driving|buy buys bought buying|wear wears
    wore worn wearing|choose chooses chose chosen choosing|win wins won winning|fight fights fought fighting|catch
    catches caught catching|teach teaches taught teaching|sell sells sold selling|fly flies flew flown flying|strike
    strikes struck striking|seek seeks sought seeking|throw throws threw thrown throwing|shoot shoots shot shooting|
    die dies died dying|lie lies lay lain lying|man men|woman women|child children|person people|foot feet|tooth
    teeth|life lives|wife wives|good better best|bad worse worst|far further furthest|eat eats ate eaten eating|hide
    hides hid hidden hiding|blow blows blew blown blowing|swim swims swam swum swimming|sing sings sang sung singing|
    drink drinks drank drunk drinking|sink sinks sank sunk sinking|shake shakes shook shaken shaking|steal steals
    stole stolen stealing|tear tears tore torn tearing|bear bears bore borne born bearing|wake wakes woke woken waking|
    freeze freezes froze frozen freezing|forget forgets forgot forgotten forgetting|ride rides rode ridden riding|
    feed feeds fed feeding|shrink shrinks shrank shrunk shrinking|stick sticks stuck sticking|swear swears swore sworn
    swearing|bite bites bit bitten biting|wolf wolves|half halves|leaf leaves|shelf shelves|thief thieves|knife knives|
    loaf loaves|self selves|mouse mice|goose geese|analysis analyses|crisis crises|basis bases|criterion criteria|
    phenomenon phenomena""".replace("\n", " ")
_FORMS: dict[str, frozenset[int]] = {}
for _number, _forms in enumerate(_IRREGULAR.split("|")):
    for _form in _forms.split():
        _FORMS[_form] = _FORMS.get(_form, frozenset()) | {_number}


def categorise(original: str, replacement: str, *, initial: bool = False) -> Category:
    """The category of an edit from `original` to `replacement`.

    `initial` says that the edit begins its sentence, where a capital tells nothing about names.
    """
    old = [span.of(original) for span in words(original)]
    new = [span.of(replacement) for span in words(replacement)]
    old_lower, new_lower = [w.lower() for w in old], [w.lower() for w in new]
    if any(w[0].isdigit() for w in old + new) and Counter(old_lower) != Counter(new_lower):
        return "number-unit"
    if not old:
        return "omission"
    if old_lower == new_lower:
        return "casing" if old != new else "other"
    if Counter(old_lower) == Counter(new_lower):
        return "word-order"
    if len(old_lower) > len(new_lower) and _without_repeats(old_lower) == new_lower:
        return "repetition"
    if all(w in FUNCTION_WORDS or not w[0].isalnum() for w in old_lower + new_lower):
        return "function-word"
    inner_old, inner_new = (old[1:], new[1:]) if initial else (old, new)
    if Counter(filter(_capital, inner_old)) != Counter(filter(_capital, inner_new)):
        return "name"
    old_content, new_content = _content(old), _content(new)
    forms = [inflected(a, b) for a, b in zip(old_content, new_content, strict=False)]
    if old_content != new_content and len(old_content) == len(new_content) and all(forms):
        return "agreement-tense"
    if len(old) == len(new) == 1:
        return "wrong-sense"
    return "word-order" if content_stems(old) == content_stems(new) else "collocation"


def _capital(word: str) -> bool:
    return word[0].isupper()


def _without_repeats(tokens: list[str]) -> list[str]:
    return [t for i, t in enumerate(tokens) if i == 0 or t != tokens[i - 1]]


def inflected(one: str, other: str) -> bool:
    """Whether two lower-case words are the same or may be forms of one lemma, by their endings or a short list."""
    if one == other or _irregular(one, other):
        return True
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    # the ending starts where the words part, or a letter or two before: cit-y cit-ies, mak-e mak-ing, stop stop-ped
    return any(
        {one[start:], other[start:]} <= endings
        for start in range(max(2, same - 2), same + 1)
        for endings in (*_ENDINGS, _further(one[:start]))
    )


def _irregular(one: str, other: str) -> bool:
    return bool(_FORMS.get(one, frozenset()) & _FORMS.get(other, frozenset()))


def _further(stem: str) -> frozenset[str]:
    """Endings that depend on the stem's last letter: mute e, doubled consonants."""
    last = stem[-1:]
    if last == "e":
        return _AFTER_E
    if last in "aiouwxy":
        return frozenset()
    return frozenset({"", "s", f"{last}ed", f"{last}ing", f"{last}er", f"{last}est"})


def _content(tokens: Iterable[str]) -> list[str]:
    return [t.lower() for t in tokens if t[0].isalnum() and t.lower() not in FUNCTION_WORDS]


def content_stems(tokens: Iterable[str]) -> Counter[str]:
    """Stems (first five letters) of the content words: enough to see that a word was moved."""
    return Counter(token[:5] for token in _content(tokens))
