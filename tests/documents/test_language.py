import subprocess
import sys
from pathlib import Path

import pytest
from hostile import texts
from hypothesis import given, settings

from mtfix.documents.language import other_language

# Article 1 of the Universal Declaration of Human Rights and what follows it, or a plain news paragraph.
FOREIGN = {
    "Spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
    "conciencia, deben comportarse fraternalmente los unos con los otros.",
    "French": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
    "conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
    "begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "Italian": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di "
    "coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.",
    "Portuguese": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de "
    "consciência, devem agir uns para com os outros em espírito de fraternidade.",
    "Dutch": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en "
    "geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.",
    "Swedish": "Alla människor är födda fria och lika i värde och rättigheter. De har utrustats med förnuft och "
    "samvete och bör handla gentemot varandra i en anda av gemenskap.",
    "Polish": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni "
    "rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    "Romanian": "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt înzestrate cu "
    "rațiune și conștiință și trebuie să se comporte unele față de altele în spiritul fraternității.",
    "Finnish": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki "
    "ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä. Jokainen on oikeutettu kaikkiin tässä "
    "julistuksessa esitettyihin oikeuksiin ja vapauksiin.",
    "Turkish": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve "
    "birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler. Herkes bu beyannamede ilan olunan haklardan "
    "istifade edebilir.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được "
    "tạo hóa ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
    "Indonesian": "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama. Mereka dikaruniai akal "
    "dan hati nurani dan hendaknya bergaul satu sama lain dalam semangat persaudaraan karena hal itu baik bagi mereka.",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью "
    "и должны поступать в отношении друг друга в духе братства.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι.",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "Japanese": "すべての人間は、生まれながらにして自由である。",
    "Arabic": "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم بعضاً.",
}

ENGLISH = [
    "",
    "12 34 56",
    "Guten Tag",  # too short to be sure
    "déjà vu, mañana, Zeitgeist",
    "Under Massoud’s final father, Ahmad Shah Massoud, refused the attacking Soviet army and the "
    "previous Taliban government.",
    "Shivaji Maharaj sent leia and baji mohitey to karnataka near Shahji Rajka, Karnataka, to authorize "
    "durg by attacking nighttime Supaka Durg.",
    "Appropriate normal " + "vocabulary " * 40,
    "Other larger urban centers include Maribor, Ptuj, Kranj, Celje, Koper, Novo Mesto, Velenje, Nova Gorica, Sežana, "
    "Murska Sobota, Slovenj Gradec, Krško, Brežice, Domžale, Kamnik and Jesenice.",
    "He quoted the proverb “Не имей сто рублей” to the reporters who had come to the press conference.",
    "𝐁𝐨𝐥𝐝 𝐥𝐞𝐭𝐭𝐞𝐫𝐬 are English too",
]


@pytest.mark.parametrize("name", FOREIGN)
def test_other_languages_are_named(name: str) -> None:
    assert other_language(FOREIGN[name]) == name


@pytest.mark.parametrize("name", ["Spanish", "German", "Vietnamese"])
def test_capitals_and_length_make_no_difference(name: str) -> None:
    assert other_language(FOREIGN[name].upper()) == name
    assert other_language((FOREIGN[name] + "\n") * 1000) == name


@pytest.mark.parametrize("text", ENGLISH, ids=lambda text: text[:30])
def test_what_may_be_english_passes(text: str) -> None:
    assert other_language(text) is None


def test_seed_article_is_english() -> None:
    text = (Path(__file__).parents[2] / "seeds" / "seed_article.txt").read_text(encoding="utf-8")
    assert other_language(text) is None
    assert [line for line in text.splitlines() if other_language(line)] == []


def test_a_script_without_a_known_language_is_still_not_english() -> None:
    assert other_language("ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺᚾ") == "unknown (non-Latin script)"


@settings(max_examples=25)
@given(texts)
def test_never_raises(text: str) -> None:
    other_language(text)


def test_plain_english_does_not_load_the_classifier() -> None:
    code = (
        "import sys; from mtfix.documents.language import other_language; "
        "other_language('The war in the valley has ended and the troops of the army have gone home. ' * 9); "
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
