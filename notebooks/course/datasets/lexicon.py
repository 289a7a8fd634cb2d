"""Words of the small T5's world and their forms (4.3, 5.1).

The words stand in `data/t5_world/`, tables for people:

- `lexicon.csv`: a row a word in English, Chinese and German. `slots` says
  where it may stand. `en2` and `de2` are the second form: plural of things
  (bag, bags), infinitive of activities (swimming, swim), feminine of German
  jobs (Lehrer, Lehrerin), prepositions of places. `measure` is the Chinese
  measure word; a gender `m:Affen` has its own form beside the nominative.
- `verbs.csv`, `adjectives.csv`, `times.csv`: what clauses are made of.

A noun phrase is rendered from its head, its determiner and an adjective.
"""
import csv
from typing import NamedTuple

from .. import files

WORLD = files.DATA / "t5_world"


class Word(NamedTuple):
    """A row of the lexicon; numbers and invented names are words too."""
    en: str
    en2: str = ""
    zh: str = ""
    measure: str = ""
    de: str = ""
    de2: str = ""
    gender: str = ""


def read_table(name):
    """Rows of a table of the world, as dictionaries."""
    with open(WORLD / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lexicon():
    """-> {slot: [Word]}; a word may stand in several slots."""
    lexicon = {}
    for row in read_table("lexicon.csv") + read_table("times.csv"):
        slots = row.pop("slots").split()
        if "name" in slots:
            row["de"] = row["en"]
        for slot in slots:
            lexicon.setdefault(slot, []).append(Word(**row))
    return lexicon


def same_everywhere(text, gender=""):
    return Word(en=text, zh=text, de=text, gender=gender)


LEXICON = read_lexicon()
VERBS = {row["id"]: row for row in read_table("verbs.csv")}
ADJECTIVES = read_table("adjectives.csv")


# --- English ---------------------------------------

def with_article(phrase):
    """a or an, by the sound: a university, an umbrella."""
    vowel = (phrase[0] in "aeiouAEIOU"
             and not phrase.startswith(("university", "useful", "used")))
    return ("an " if vowel else "a ") + phrase


def is_mass(word):
    """bread, rice: words with a measure and no plural."""
    return bool(word.measure and not word.en2)


def english(word, form, adjective=None):
    """bag, form "a", red -> a red bag."""
    noun = word.en2 if form in ("pl", "base") else word.en
    if adjective:
        noun = adjective.en + " " + noun
    if form == "a":
        return "some " + noun if is_mass(word) else with_article(noun)
    return "the " + noun if form == "the" else noun


def third_person(verb):
    """go shopping -> goes shopping."""
    first, blank, rest = verb.partition(" ")
    if first == "have":
        first = "has"
    elif first.endswith(("s", "sh", "ch", "o", "x")):
        first += "es"
    elif first.endswith("y") and first[-2] not in "aeiou":
        first = first[:-1] + "ies"
    else:
        first += "s"
    return first + blank + rest


def past_form(verb, given=""):
    first, blank, rest = verb.partition(" ")
    if given:
        return given if " " in given else given + blank + rest
    if first.endswith("y") and first[-2] not in "aeiou":
        return first[:-1] + "ied" + blank + rest
    return first + ("d" if first.endswith("e") else "ed") + blank + rest


def ing_form(verb, given=""):
    first, blank, rest = verb.partition(" ")
    if given:
        return given if " " in given else given + blank + rest
    if first.endswith("e") and not first.endswith("ee"):
        first = first[:-1]
    return first + "ing" + blank + rest


# --- Chinese ---------------------------------------

def chinese(word, form, adjective=None):
    """包, form "a", 红色 -> 一个红色的包."""
    noun = word.zh
    if adjective:
        # colours need 的 before a noun: 红色的包
        colour = adjective.zh.endswith("色")
        noun = adjective.zh + ("的" if colour else "") + noun
    if form == "a" and is_mass(word):
        return "一些" + noun
    before = {"a": "一", "the": "这", "pl": ""}.get(form)
    if before is None or not word.measure:
        return noun
    return before + word.measure + noun


# --- German ---------------------------------------

# endings by case (1, 3, 4) and gender (m, f, n, p: plural)
DER = {"1": {"m": "er", "f": "ie", "n": "as", "p": "ie"},
       "3": {"m": "em", "f": "er", "n": "em", "p": "en"},
       "4": {"m": "en", "f": "ie", "n": "as", "p": "ie"}}
EIN = {"1": {"m": "", "f": "e", "n": "", "p": "e"},
       "3": {"m": "em", "f": "er", "n": "em", "p": "en"},
       "4": {"m": "en", "f": "e", "n": "", "p": "e"}}
# of an adjective after the article
AFTER_DER = {"1": {"m": "e", "f": "e", "n": "e", "p": "en"},
             "3": {"m": "en", "f": "en", "n": "en", "p": "en"},
             "4": {"m": "en", "f": "e", "n": "e", "p": "en"}}
AFTER_EIN = {"1": {"m": "er", "f": "e", "n": "es", "p": "en"},
             "3": {"m": "en", "f": "en", "n": "en", "p": "en"},
             "4": {"m": "en", "f": "e", "n": "es", "p": "en"}}
AFTER_NOTHING = {"1": {"m": "er", "f": "e", "n": "es", "p": "e"},
                 "3": {"m": "em", "f": "er", "n": "em", "p": "en"},
                 "4": {"m": "en", "f": "e", "n": "es", "p": "e"}}


def inflected(adjective, ending):
    """teuer, e -> teure."""
    stem = adjective.de
    if stem.endswith("euer"):
        stem = stem[:-2] + "r"
    return stem + (ending[1:] if stem.endswith("e") else ending)


def german_noun(word, case, gender):
    """Lehrer, Kollegen, Kindern: the noun in its case."""
    if gender == "p":
        noun = word.de2 or word.de
        if case == "3" and noun[-1] not in "ns":
            noun += "n"
        return noun
    if ":" in word.gender and case != "1":
        return word.gender.split(":")[1]
    return word.de


def german_phrase(word, determiner, case, adjective=None, plural=False):
    """Article, adjective and noun: ("einen", alt, Hut) in case 4.

    determiner: "der", "dies", "ein", "kein", "mein" and the like, "" or a
    word that does not change ("zwei", "etwas").
    """
    gender = "p" if plural else word.gender[:1] or "n"
    endings = AFTER_NOTHING
    if determiner == "der":
        article = "d" + DER[case][gender]
        endings = AFTER_DER
    elif determiner == "dies":
        ending = DER[case][gender]
        article = "dies" + {"ie": "e", "as": "es"}.get(ending, ending)
        endings = AFTER_DER
    elif determiner in ("ein", "kein", *POSSESSIVE_STEMS):
        ending = EIN[case][gender]
        stem = "unsr" if determiner == "unser" and ending == "e" else ""
        article = (stem or determiner) + ending
        article = article.replace("unsre", "unsere")
        endings = AFTER_EIN
    else:
        article = determiner
    middle = adjective and inflected(adjective, endings[case][gender])
    noun = german_noun(word, case, gender)
    return " ".join(filter(None, (article, middle, noun)))


POSSESSIVE_STEMS = ("mein", "dein", "sein", "ihr", "unser")
GERMAN_FORMS = {"the": "der", "a": "ein", "no": "kein"}


def german(word, form, adjective=None):
    """Tasche, form "a4", rot -> eine rote Tasche."""
    if form in ("base", "fem"):
        return word.de2
    if form == "cap":
        return word.de.capitalize()
    if form == "pl":
        return german_phrase(word, "", "4", adjective, plural=True)
    if form[:-1] not in GERMAN_FORMS:
        return word.de
    if form == "a4" and is_mass(word):
        return "etwas " + word.de
    return german_phrase(word, GERMAN_FORMS[form[:-1]], form[-1], adjective,
                         word.gender == "p")


INFLECT = {"en": english, "zh": chinese, "de": german}


# --- German verbs ---------------------------------------

SEIN = {"1s": "bin", "2s": "bist", "3s": "ist", "1p": "sind", "3p": "sind"}
WAR = {"1s": "war", "2s": "warst", "3s": "war", "1p": "waren", "3p": "waren"}
MODALS = {
    "can": ("kann", "kannst", "kann", "können"),
    "want": ("will", "willst", "will", "wollen"),
    "would": ("möchte", "möchtest", "möchte", "möchten"),
    "should": ("sollte", "solltest", "sollte", "sollten"),
    "must": ("muss", "musst", "muss", "müssen")}
PERSONS = {"1s": 0, "2s": 1, "3s": 2, "1p": 3, "3p": 3}


def split_infinitive(verb):
    """auf|stehen -> auf, stehen; Ski_fahren -> Ski, fahren."""
    mark = "|" if "|" in verb else "_"
    first, found, rest = verb.partition(mark)
    return (first, rest) if found else ("", verb)


def german_present(row, person):
    """(wohnen, 3s) -> wohnt, without a part that stands apart."""
    infinitive = split_infinitive(row["de"])[1]
    if person in ("1p", "3p"):
        return infinitive
    stem = infinitive.removesuffix("n").removesuffix("e")
    if infinitive.endswith("eln") or infinitive.endswith("ern"):
        stem = infinitive.removesuffix("n")
    between = "e" if stem[-1] in "td" else ""
    s = "" if stem[-1] in "sßzx" else "s"
    du, er = row["du"], row["er"]
    if person == "1s":
        return er if er in ("will", "mag", "möchte") else stem + "e"
    if person == "2s":
        return du or stem + between + s + "t"
    return er or (du if du.endswith("t") and not du.endswith("st")
                  else stem + between + "t")


def german_preterite(base, person):
    """(hatte, 2s) -> hattest."""
    return base + {"1s": "", "2s": "st", "3s": "", "1p": "n",
                   "3p": "n"}[person]


def german_imperative(row):
    """(helfen) -> hilf, (warten) -> warte: said to one person, du."""
    infinitive = split_infinitive(row["de"])[1]
    stem = infinitive.removesuffix("n").removesuffix("e")
    du = row["du"]
    if "i" in du and "e" in stem and "i" not in stem:  # sprichst: sprich
        return du[:-1] if stem.endswith("s") else du.removesuffix("st")
    hard = stem[-1] in "td" or (stem[-1] in "mn" and stem[-2] not in
                                "aeiouäöülrhmn")
    if infinitive.endswith(("eln", "ern")):
        return infinitive.removesuffix("n") + "e"
    return stem + "e" * hard


def genitive(name):
    """Toms, Thomas': a name before what is his or hers."""
    return name + ("'" if name[-1] in "sxzß" else "s")
