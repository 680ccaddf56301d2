"""What kind of damage an edit repairs, by what changed between the words (coarse, without a tagger)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mtfix.documents.words import words
from mtfix.types import Category

FUNCTION_WORDS = frozenset(
    """a an the this that these those of in on at to for from by with without about into over under between
    through during before after since until against as than and or but nor so if because while when where which who whom
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
_IRREGULAR_BASES = [forms.split()[0] for forms in _IRREGULAR.split("|")]
# ending of a form, ending of the lemma
_STRIPPED = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
    ("ier", "y"), ("er", ""), ("er", "e"), ("iest", "y"), ("est", ""), ("est", "e"),
)  # fmt: skip
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
    if not old or _only_added(old_lower, new_lower):
        return "omission"
    if old_lower == new_lower:
        return "casing" if old != new else "other"
    if Counter(old_lower) == Counter(new_lower):
        return "word-order"
    if len(old_lower) > len(new_lower) and set(old_lower) == set(new_lower):
        return "repetition"
    if all(w in FUNCTION_WORDS or not w[0].isalnum() for w in old_lower + new_lower):
        return "function-word"
    inner_old, inner_new = (old[1:], new[1:]) if initial else (old, new)
    if Counter(filter(_capital, inner_old)) != Counter(filter(_capital, inner_new)):
        return "name"
    return _of_content(_content(old), _content(new))


def _of_content(old: list[str], new: list[str]) -> Category:
    """The category by the content words alone, lower case, in order."""
    if old == new:
        return "function-word"
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if gone and gone.total() == come.total() and all(map(inflected, gone.elements(), come.elements())):
        return "agreement-tense"
    if _stems(old) == _stems(new) and [w[:5] for w in old] != [w[:5] for w in new]:
        return "word-order"
    if not gone:
        return "omission"
    exchanged = len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == gone.total()
    return "wrong-sense" if exchanged else "collocation"


def _capital(word: str) -> bool:
    return word[0].isupper()


def _only_added(old: list[str], new: list[str]) -> bool:
    """Whether `new` is `old` with function words in between and nothing else."""
    rest = iter(new)
    kept = all(word in rest for word in old) and len(new) > len(old)
    return kept and all(word in FUNCTION_WORDS for word in Counter(new) - Counter(old))


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
    return _stems(_content(tokens))


def _stems(content: Iterable[str]) -> Counter[str]:
    return Counter(token[:5] for token in content)


def base_forms(word: str) -> list[str]:
    """What a lower-case form may be a form of, itself first: by endings and the short list, right ones among them."""
    found = [word]
    for number in _FORMS.get(word, ()):
        found.append(_IRREGULAR_BASES[number])
    for ending, rest in _STRIPPED:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: -len(ending)] + rest
            found.append(stem)
            if not rest and stem[-1:] == stem[-2:-1]:
                found.append(stem[:-1])
    return list(dict.fromkeys(found))


def is_lemma(word: str) -> bool:
    """Whether the short list of irregular words has it as a lemma."""
    return word in _IRREGULAR_BASES
