"""Clauses of the small T5's world: rules that say one thing in three
languages (4.3, 5.1).

A clause is a subject, a predicate and what goes with them; every part is a
`Phrase`, rendered in English, Chinese and German. `english`, `chinese` and
`german` put the parts in order. What agrees with what:

    English   person of the verb, do in questions and negations
    German    person, gender and case; verb second, participle, infinitive
              and separable part last, all of it last after "weil"
    Chinese   measure words, 吗, 不 and 没, 了, 在, time before the verb

`draw` draws a clause and notes which pairs it is made of (`keys`): subject
and predicate; predicate and kind of sentence; predicate and object, place,
time, company; noun and adjective.
"""
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .lexicon import (
    ADJECTIVES, LEXICON, MODALS, PERSONS, SEIN, VERBS, WAR, Word,
    german_phrase, german_present, german_preterite, ing_form, is_mass,
    past_form, same_everywhere, split_infinitive, third_person, with_article)


class Phrase(NamedTuple):
    """A part of a clause in three languages, German in its case."""
    en: str = ""
    zh: str = ""
    de: str = ""
    key: str = ""
    de_no: str = ""  # with kein, where German negates the noun
    zh_no: str = ""  # without 一个, as it is after 不 and 没
    kind: str = ""  # pronoun, definite, bare
    person: str = "3s"
    gender: str = ""


@dataclass
class Clause:
    subject: Phrase
    verb: str  # a row of verbs.csv, or "be"
    tense: str = "present"  # or progressive, plan, past, future, a modal
    negative: bool = False
    mood: str = "statement"  # or yesno, who, what, where, when, why, many
    object: Phrase | None = None
    company: Phrase | None = None
    place: Phrase | None = None
    time: Phrase | None = None
    often: Phrase | None = None
    front: bool = False  # does the time come first?
    predicate: str = ""
    keys: list = field(default_factory=list)


# --- noun phrases ---------------------------------------

PRONOUNS = {
    "I": Phrase("I", "我", "ich", "I", person="1s", kind="pronoun"),
    "you": Phrase("you", "你", "du", "you", person="2s", kind="pronoun"),
    "he": Phrase("he", "他", "er", "he", kind="pronoun", gender="m"),
    "she": Phrase("she", "她", "sie", "she", kind="pronoun", gender="f"),
    "we": Phrase("we", "我们", "wir", "we", person="1p", kind="pronoun"),
    "they": Phrase("they", "他们", "sie", "they", person="3p",
                   kind="pronoun")}
# the same as objects: German in case 4, then in case 3
OBJECTS = {"I": ("me", "我", "mich", "mir"),
           "you": ("you", "你", "dich", "dir"),
           "he": ("him", "他", "ihn", "ihm"),
           "she": ("her", "她", "sie", "ihr"),
           "we": ("us", "我们", "uns", "uns"),
           "they": ("them", "他们", "sie", "ihnen")}
POSSESSIVES = [("my", "我的", "mein"), ("your", "你的", "dein"),
               ("his", "他的", "sein"), ("her", "她的", "ihr"),
               ("our", "我们的", "unser"), ("their", "他们的", "ihr")]
COLOURED = {"thing", "goods", "clothes", "machine"}
DESCRIBED = {"thing", "clothes", "machine", "readable"}


def attribute(rng, slot):
    """An adjective that may stand before a noun of this slot, or None."""
    if rng.random() > 0.25:
        return None
    if slot in COLOURED and rng.random() < 0.5:
        return rng.choice(LEXICON["color"])
    if slot in DESCRIBED:
        return rng.choice(LEXICON["attr"])
    return None


def noun_phrase(word, case, kind, adjective=None, owner=None, number=None):
    """A noun with its determiner -> Phrase.

    kind: a, the, this, poss (then `owner`), number (then `number`), plural,
    some or bare. case: the German one, "1", "3" or "4".
    """
    before = adjective.en + " " if adjective else ""
    middle = ""
    if adjective:
        middle = adjective.zh + ("的" if adjective.zh[-1] == "色" else "")
    zh = middle + word.zh
    many = kind in ("number", "plural", "these")
    always = word.gender == "p"
    en = before + (word.en2 if many else word.en)
    determiner = {"a": "ein", "the": "der", "this": "dies"}.get(kind, "")
    no = german_phrase(word, "kein", case, adjective, many or always)
    if kind == "a":
        en, full = with_article(en), "一" + word.measure + zh
    elif kind == "the":
        en, full = "the " + en, ("这" + word.measure + zh if word.measure
                                 else zh)
    elif kind == "this":
        en, full = "this " + en, "这" + word.measure + zh
    elif kind == "poss":
        en, full = f"{owner[0]} {en}", owner[1] + zh
        determiner = owner[2]
    elif kind == "number":
        en, full = f"{number.en} {en}", number.zh + word.measure + zh
        determiner = number.de
    elif kind == "these":
        en, full = "these " + en, "这些" + zh
        determiner = "dies"
    elif kind == "some":
        en, full, determiner = "some " + en, "一些" + zh, "etwas"
    else:
        full = zh
    de = german_phrase(word, determiner, case, adjective, many or always)
    definite = kind in ("the", "this", "these", "poss")
    fixed = definite or kind == "number"
    return Phrase(en, full, de, word.en, "" if fixed else no,
                  full if fixed else zh,
                  "definite" if definite else kind,
                  "3p" if many or always else "3s", word.gender[:1])


def bare(word):
    """Berlin, German, Tom: no article; an invented name has no key."""
    key = "" if word.en == word.zh else word.en
    return Phrase(word.en, word.zh, word.de, key, "", word.zh, "bare")


def numbered(rng, word, case, adjective=None):
    return noun_phrase(word, case, "number", adjective,
                       number=rng.choice(LEXICON["num"]))


KINDS = ["a"] * 6 + ["the"] * 4 + ["poss"] * 3 + ["number"] * 3 + [
    "plural"] * 2 + ["this"]


def draw_noun(rng, slot, case, keys=None, verb=""):
    """An object of a slot: a red bag, my key, two dogs, some bread."""
    word = rng.choice(LEXICON[slot])
    if slot == "lang":
        return bare(word)._replace(de_no="kein " + word.de)
    if slot in ("city", "country", "subject"):
        return bare(word)._replace(kind="definite")
    if is_mass(word):
        kind = rng.choice(["bare", "bare", "bare", "some", "the"])
        return noun_phrase(word, case, kind)
    food = word.measure and " of " in word.en
    kinds = ["a", "a", "number"] if food else KINDS
    if slot in ("room", "trans", "place"):
        kinds = ["the", "the", "the", "poss", "a"]
    if slot == "kin":
        kinds = ["number", "number", "a"]
    if slot == "sight":
        kinds = ["the", "the", "the", "a", "this"]
    kind = rng.choice(kinds)
    adjective = None if food else attribute(rng, slot)
    if adjective and keys is not None:
        keys.append(f"{adjective.en}+{word.en}")
    if kind == "number":
        return numbered(rng, word, case, adjective)
    return noun_phrase(word, case, kind, adjective,
                       rng.choice(POSSESSIVES))


def draw_person(rng, case, name, not_like=""):
    """Someone as an object or company: him, Tom, my aunt, your parents."""
    choice = rng.random()
    if choice < 0.25:
        key = rng.choice([key for key in OBJECTS if key != not_like])
        en, zh, *german = OBJECTS[key]
        return Phrase(en, zh, german[case == "3"], key, "", zh, "pronoun")
    if choice < 0.6:
        return bare(name(rng))._replace(kind="definite")
    slot = "kin" if choice < 0.9 else "kinpl"
    return noun_phrase(rng.choice(LEXICON[slot]), case, "poss",
                       owner=rng.choice(POSSESSIVES))


def and_phrase(one, other):
    """Tom and my sister: two phrases as one."""
    return Phrase(f"{one.en} and {other.en}", f"{one.zh}和{other.zh}",
                  f"{one.de} und {other.de}", f"{one.key} and {other.key}",
                  "", f"{one.zh_no or one.zh}和{other.zh_no or other.zh}",
                  one.kind, "3p")


def draw_subject(rng, name):
    """A pronoun, a name, two names, a relative, relatives."""
    choice = rng.random()
    if choice < 0.42:
        return PRONOUNS[rng.choice(["I", "I", "you", "he", "she", "we",
                                    "they"])]
    if choice < 0.66:
        word = name(rng)
        return bare(word)._replace(gender=word.gender)
    if choice < 0.72:
        one, other = name(rng), name(rng)
        if one == other:
            return draw_subject(rng, name)
        return and_phrase(bare(one), bare(other))
    slot = "kin" if choice < 0.94 else "kinpl"
    return noun_phrase(rng.choice(LEXICON[slot]), "1", "poss",
                       owner=rng.choice(POSSESSIVES))


# --- places and times ---------------------------------------

def place_phrase(rng, way):
    """Where (loc, live), where from, where to (walk, drive, nach)."""
    kinds = {"loc": ["city", "place", "place", "home"],
             "live": ["city", "city", "country", "village"],
             "from": ["city", "country", "country"],
             "walk": ["place", "place", "place", "home"],
             "drive": ["city", "city", "place", "home"],
             "nach": ["city", "country"]}[way]
    kind = rng.choice(kinds)
    moving = way in ("walk", "drive", "nach")
    if kind == "home":
        return (Phrase("home", "家", "nach Hause", "home") if moving
                else Phrase("at home", "家", "zu Hause", "home"))
    if kind in ("city", "country"):
        word = rng.choice(LEXICON[kind])
        en, de = {"from": ("", "aus ")}.get(
            way, ("to ", "nach ") if moving else ("in ", "in "))
        return Phrase(en + word.en, word.zh, de + word.de, word.en)
    word = rng.choice(LEXICON["place"] + LEXICON["spot"])
    if kind == "village":
        word = next(w for w in LEXICON["spot"] if w.en == kind)
    return (direction if moving else location)(word)


def location(word):
    """in the library, in der Bibliothek; at the station, am Bahnhof."""
    de = f"{word.de2} {german_phrase(word, 'der', '3')}"
    if word.gender == "p":
        de = f"in den {word.de}n"
    de = de.replace("in dem ", "im ").replace("an dem ", "am ")
    return Phrase(f"{word.en2} the {word.en}", word.zh, de, word.en)


def direction(word):
    """to the library, in die Bibliothek; to the station, zum Bahnhof."""
    if word.de2 == "an":
        de = "zu " + german_phrase(word, "der", "3")
        de = de.replace("zu dem ", "zum ").replace("zu der ", "zur ")
    elif word.gender == "p":
        de = f"in die {word.de}"
    else:
        de = f"{word.de2} {german_phrase(word, 'der', '4')}"
        de = de.replace("in das ", "ins ")
    return Phrase(f"to the {word.en}", word.zh, de, word.en)


def time_phrase(rng, slot):
    """yesterday, next week, on Monday, at 8 o'clock."""
    chance = rng.random()
    if slot == "future" and chance < 0.2:
        day = rng.choice(LEXICON["day"])
        phrase = Phrase(f"on {day.en}", day.zh, f"am {day.de}", day.en)
    elif slot == "past" and chance < 0.1:
        day = rng.choice(LEXICON["day"])
        phrase = Phrase(f"last {day.en}", "上" + day.zh,
                        f"letzten {day.de}", day.en)
    elif slot == "every" and 0.15 < chance < 0.27:
        hour = str(rng.randint(1, 12))
        phrase = Phrase(f"at {hour} o'clock", hour + "点", f"um {hour} Uhr",
                        "o'clock")
    elif slot == "every" and chance < 0.15:
        day = rng.choice(LEXICON["day"])
        phrase = Phrase(f"every {day.en}", "每" + day.zh,
                        f"jeden {day.de}", "every " + day.en)
    else:
        word = rng.choice(LEXICON[slot])
        phrase = Phrase(word.en, word.zh, word.de, word.en)
    clock = phrase.en in ("tomorrow", "yesterday", "every day") or (
        phrase.en.startswith(("on ", "every ")) and slot != "every")
    if clock and rng.random() < 0.2:
        hour = str(rng.randint(1, 12))
        phrase = phrase._replace(en=f"{phrase.en} at {hour} o'clock",
                                 zh=f"{phrase.zh}{hour}点",
                                 de=f"{phrase.de} um {hour} Uhr")
    return phrase


# --- the verb in each language ---------------------------------------

BE = {"1s": ("am", "was"), "2s": ("are", "were"), "3s": ("is", "was"),
      "1p": ("are", "were"), "3p": ("are", "were")}
ENGLISH_MODALS = {"can": "can", "should": "should", "would": "would"}


def english_verb(c, person):
    """(auxiliary or "", the rest): ("does", "live"), ("is", "working").

    The rest is finite where there is no auxiliary.
    """
    third, present, past = person == "3s", *BE[person]
    ask = c.negative or c.mood not in ("statement", "who")
    if c.verb == "be":
        return {"past": (past, ""), "future": ("will", "be")}.get(
            c.tense, (present, ""))
    if c.verb == "be_from":
        return present, "from"
    if c.verb == "would_like":
        return "would", "like"
    row = VERBS[c.verb]
    base = row["en"]
    ing = ing_form(base, row["ing"])
    if c.tense in ENGLISH_MODALS:
        like = "like to " if c.tense == "would" else ""
        return ENGLISH_MODALS[c.tense], like + base
    if c.tense == "future":
        return "will", base
    if c.tense in ("progressive", "plan"):
        return present, ing
    if c.tense == "past":
        return ("did", base) if ask else ("", past_form(base, row["past"]))
    before = {"want": "want to ", "must": "have to "}.get(c.tense, "")
    rest = before + base
    if c.tense == "enjoy":
        rest = "like " + ing
    if ask:
        return ("does" if third else "do"), rest
    return "", third_person(rest) if third else rest


def english(c, subject=True):
    """The clause in English, without capital and full stop."""
    person = "3s" if c.mood == "who" else c.subject.person
    auxiliary, rest = english_verb(c, person)
    if auxiliary and c.negative:
        auxiliary = "cannot" if auxiliary == "can" else auxiliary + " not"
    who = "who" if c.mood == "who" else c.subject.en
    thing = c.object.en if c.object else ""
    places = c.place.en if c.place else ""
    if c.mood in ("what", "many"):
        thing = ""
    if c.mood == "where":
        # where ... from; a place that is asked for says nothing
        places = ""
    time = c.time.en if c.time else ""
    company = "with " + c.company.en if c.company else ""
    moving = c.verb != "be" and VERBS[c.verb]["place"] not in ("", "loc")
    ends = [places, company] if moving else [company, places]
    tail = [c.often.en if c.often else "", rest, thing, *ends]
    if c.mood in ("statement", "who"):
        head = [who, auxiliary] if subject else [auxiliary]
    else:
        ask = {"yesno": "", "many": c.object and c.object.en}.get(
            c.mood, c.mood)
        head = [ask, auxiliary, who]
    words = head + tail
    words = [time] + words if c.front else words + [time]
    return " ".join(filter(None, words))


def chinese(c, subject=True):
    """The clause in Chinese, without full stop."""
    who = "谁" if c.mood == "who" else c.subject.zh
    if c.subject.key == "it":  # it rains in Paris: 巴黎下雨
        who = c.place.zh if c.place else ""
        c = replace(c, place=None)
    time = "什么时候" if c.mood == "when" else (c.time.zh if c.time else "")
    front = time if c.front else ""
    ask = "吗" if c.mood == "yesno" else ""
    start = front + (who if subject else "") + ("" if c.front else time)
    if c.mood == "why":
        start += "为什么"
    often = c.often.zh if c.often else ""
    if c.verb == "be":
        return start + often + chinese_be(c) + ask
    row = VERBS[c.verb]
    pattern = row["zh"]
    if c.place and c.place.key == "home":  # to go home is to go back
        pattern = pattern.replace("去", "回")
    thing = ""
    if c.object:
        thing = c.object.zh_no if c.negative else c.object.zh
    if c.mood == "what":
        thing = "什么"
    place = c.place.zh if c.place else ""
    if c.mood == "where":
        place = "哪里"
    event = "^" in pattern  # something that happens, not a state
    not_, modal = "", ""
    if c.tense in ("can", "want", "would", "should", "must", "future"):
        modal = {"can": row["can"], "want": "想", "would": "想",
                 "should": "应该", "must": "必须", "future": "会"}[c.tense]
        not_ = "不" if c.negative else ""
    elif c.tense == "enjoy":
        modal, not_ = "喜欢", "不" if c.negative else ""
    elif c.negative:
        if row["zh"].startswith("有"):
            not_ = "没"
        elif event and c.tense in ("past", "progressive"):
            not_ = "没"
        else:
            not_ = "不"
    before = "跟" + c.company.zh + "一起" if c.company else ""
    if place and "@" not in pattern:
        before += "在" + place
    during = ("在" if c.tense == "progressive" and event and not place
              else "")
    done = "了" if (event and c.tense == "past" and not c.negative
                   and not c.often) else ""
    verb = (pattern.replace("^", done).replace("~", thing)
            .replace("@", place))
    return start + often + not_ + modal + during + before + verb + ask


def chinese_be(c):
    """The predicate after a subject that "is": 是医生, 很累, 在家."""
    # zh holds the statement, zh_no what follows 不, kind how it is built
    what = c.object
    if c.mood == "where":
        return "在哪里"
    if c.mood == "many":  # how old, how much
        return what.zh_no
    place = "在" + c.place.zh if c.place else ""
    if what.kind == "adjective":
        will = "会" if c.tense == "future" else ""
        if c.negative:
            return place + "不" + will + what.zh_no
        if c.mood != "statement" and c.mood != "who":
            return place + will + what.zh_no
        return place + will + what.zh
    if c.place and what.kind == "job":
        return ("不" if c.negative else "") + place + "当" + what.zh_no
    if what.kind == "age":
        return ("不是" + what.zh_no) if c.negative else what.zh
    will = "会" if c.tense == "future" and what.kind != "weather" else ""
    return ("不" if c.negative else "") + will + what.zh


def german_verb(c, person):
    """(finite verb, what stands at the end, joined when both are last)."""
    if c.verb == "be":
        form = (WAR if c.tense == "past" else SEIN)[person]
        return form, "", form
    row = VERBS[c.verb]
    apart, stem = split_infinitive(row["de"])
    glue = "" if "|" in row["de"] else " "
    infinitive = (apart + glue + stem).strip()
    if c.tense in MODALS:
        form = MODALS[c.tense][PERSONS[person]]
        return form, infinitive, f"{infinitive} {form}"
    if c.tense == "past":
        helper, _, participle = row["part"].partition(" ")
        if helper.startswith("-"):
            form = german_preterite(helper[1:], person)
            return form, "", form
        form = (SEIN[person] if helper == "ist" else
                ("habe", "hast", "hat", "haben")[PERSONS[person]])
        return form, participle, f"{participle} {form}"
    form = german_present(row, person)
    return form, apart, (apart + glue + form).strip()


def german(c, subject=True, last=False):
    """The clause in German; last: with the verb at the end, after weil."""
    person = "3s" if c.mood == "who" else c.subject.person
    finite, end, joined = german_verb(c, person)
    who = "wer" if c.mood == "who" else c.subject.de
    row = None if c.verb == "be" else VERBS[c.verb]
    what = c.object if c.mood not in ("what", "many") else None
    place = c.place.de if c.place and c.mood != "where" else ""
    company = "mit " + c.company.de if c.company else ""
    time = c.time.de if c.time else ""
    gladly = "gern" if c.tense == "enjoy" else ""
    thing, not_ = (what.de if what else ""), "nicht" if c.negative else ""
    if what and row and " " in row["prep"]:
        thing = row["prep"].split()[0] + " " + thing
    elif c.negative and what and what.de_no:
        thing, not_ = what.de_no, ""
    pronoun = what and what.kind == "pronoun" and row and (
        " " not in row["prep"])
    early = [thing] if pronoun else []
    swap = pronoun and c.mood != "who" and c.subject.kind != "pronoun"
    often = c.often.de if c.often else ""
    when = "" if c.front else time
    if c.verb == "be":
        middle = [when, often, not_, thing, place]
    elif pronoun:
        middle = [when, often, gladly if not not_ else "", not_,
                  gladly if not_ else "", company, place]
    elif not_ and what and what.kind == "definite" and (
            " " not in row["prep"]):
        middle = [when, often, thing, not_, gladly, company, place]
    else:
        middle = [when, often, not_, gladly, company, thing, place]
    words = early + middle
    if last:
        words = [who, *words, time if c.front else "", joined]
    elif c.mood in ("statement", "who"):
        if not subject:
            words = [finite, *words, end]
        elif c.front:
            words = [time, finite, *inverted(who, words, swap), end]
        else:
            words = [who, finite, *words, end]
    else:
        ask = german_question(c, row)
        words = [ask, finite, *inverted(who, words, swap), end]
    return " ".join(filter(None, words))


def inverted(who, words, swap):
    """Subject and what follows; a pronoun goes before a noun: hilft uns Tom."""
    return [words[0], who, *words[1:]] if swap else [who, *words]


def german_question(c, row):
    if c.mood == "where":
        if row is None:
            return "wo"
        return {"from": "woher", "walk": "wohin", "drive": "wohin",
                "nach": "wohin"}.get(row["place"], "wo")
    if c.mood == "many":
        return c.object.de
    return {"yesno": "", "what": "was", "when": "wann",
            "why": "warum"}[c.mood]


RENDER = {"en": english, "zh": chinese, "de": german}
MARKS = {"en": ".?", "de": ".?", "zh": "。？"}


def sentence(c, language):
    """The clause as a sentence, with capital and full stop or question."""
    text = RENDER[language](c)
    return (text[:1].upper() + text[1:]
            + MARKS[language][c.mood != "statement"])


# --- questions about a fact ---------------------------------------

def pattern(c):
    """The Chinese verb of a clause, "" for one with to be."""
    return "" if c.verb == "be" else VERBS[c.verb]["zh"]


def asks_who(fact):
    """Is the object someone, or is there none that "what" asks for?"""
    return fact.verb == "be" or bool(
        {"person", "name"} & set(VERBS[fact.verb]["object"].split()))


def about_someone(c):
    """Is the subject a person, not a thing, the weather or "this"?"""
    return c.predicate.startswith("be_") or c.predicate in VERB_IDS


def told_apart(fact, other):
    """Do two facts with the same predicate differ in what is said?"""
    if (fact.tense, bool(fact.object), bool(fact.place)) != (
            other.tense, bool(other.object), bool(other.place)):
        return False
    for one, two in ((fact.object, other.object), (fact.place, other.place)):
        if one and one.key == two.key:
            return False
    return (fact.time and fact.time.en) != (other.time and other.time.en) or (
        fact.time is None)


def asked(fact, what):
    """The question about a fact that `what` asks, in English."""
    if what in ("yes", "no"):
        c = replace(fact, mood="yesno", front=False)
    elif what == "when":
        c = replace(fact, mood="when", time=None, front=False)
    elif what == "where":
        c = replace(fact, mood="where", front=False)
        if fact.predicate == "be_at":
            c = replace(c, object=None)
    else:
        c = replace(fact, mood=what, front=False)
    return sentence(c, "en")


# --- drawing ---------------------------------------

VERB_IDS = [verb for verb in VERBS if verb not in ("cost", "rain", "snow")]
BE_IDS = ["be_job", "be_job_in", "be_job_from", "be_age", "be_adjective",
          "be_very", "be_than", "be_at", "thing_is", "thing_very",
          "thing_than", "thing_colour", "thing_at", "be_kin", "this_is"]
PREDICATES = VERB_IDS + BE_IDS + ["cost", "weather", "rain", "snow"]
TENSES = {"p": ("present", 5), "g": ("progressive", 2), "a": ("past", 3),
          "f": ("future", 2), "n": ("plan", 1), "m": ("modal", 3)}
COUNTED = {"have", "need", "buy", "sell", "see", "eat"}


def draw(rng, name, predicate=None, subject=None, only=""):
    """A random clause -> Clause.

    name: draws one, a `Word`. subject: a Phrase, else one is drawn.
    only: "statement", or "fact", a positive one in the present or past.
    """
    if predicate is None:
        ids = rng.choices((VERB_IDS, BE_IDS, ["cost"],
                           ["weather", "rain", "snow"]), (64, 27, 3, 6))[0]
        predicate = rng.choice(ids)
    if subject and predicate.startswith(("be_job", "be_kin")) and not (
            is_one(subject)):
        predicate = "be_age"
    if predicate in VERB_IDS:
        c = draw_verb(rng, name, predicate, subject, only)
    elif predicate in ("weather", "rain", "snow"):
        c = draw_weather(rng, predicate, only)
    else:
        c = draw_be(rng, name, predicate, subject, only)
    if c.time and c.mood == "statement" and rng.random() < 0.22:
        c.front = True
    c.predicate = predicate
    c.keys += pairs(c, predicate)
    return c


def pairs(c, predicate):
    """The pairs that a clause is made of, as keys."""
    modal = c.tense in (*MODALS, "future", "plan", "enjoy")
    kind = (c.tense + (" not" if c.negative else "")
            + ("" if c.mood == "statement" else " " + c.mood))
    keys = []
    # forms that only one person or one kind of sentence has are not held out
    if modal or c.negative or c.mood != "statement":
        keys.append(f"{predicate}+{kind}")
    if c.mood != "who" and c.subject.key and " and " not in c.subject.key:
        who = f"{c.subject.key}+{predicate}"
        if c.subject.key in ("I", "you"):
            who += "+" + kind
        if c.subject.key not in ("it", "this"):
            keys.append(who)
    for part, mark in ((c.object, ""), (c.company, "with "),
                       (c.place, "at "), (c.time, ""), (c.often, "")):
        if part and part.key and " and " not in part.key:
            keys.append(f"{predicate}+{mark}{part.key}")
    return keys


def draw_mood(rng, others, only):
    """Statement (positive or negative) or a question -> (mood, negative)."""
    chance = rng.random()
    if only == "fact":
        return "statement", False
    if only or chance < 0.62:
        return "statement", rng.random() < 0.24
    if chance < 0.78:
        return "yesno", False
    return rng.choice(["who", *others]), False


def draw_verb(rng, name, verb, subject, only):
    row = VERBS[verb]
    letters = row["tenses"].split()
    keys = []
    slots, way = row["object"].split(), row["place"]
    if only == "fact":
        tense = rng.choice([TENSES[x][0] for x in letters if x in "pa"])
        mood, negative = "statement", False
    else:
        known = [x for x in letters if x in TENSES]
        tense = rng.choices([TENSES[x][0] for x in known],
                            [TENSES[x][1] for x in known])[0]
        if tense == "present" and "o" in letters and not slots and (
                rng.random() < 0.15):
            tense = "enjoy"
        if tense == "modal":
            tense = rng.choice(["want", "would", "should", "must"]
                               + ["can", "can"] * bool(row["can"]))
        moods = ["why"]
        people = {"person", "name", "lang", "city", "country"}
        if slots and not people & set(slots):
            moods += ["what", "what"]
        if way:
            moods += ["where", "where"]
        if "^" in row["zh"] and tense in ("present", "past", "future",
                                          "plan"):
            moods.append("when")
        if verb in COUNTED and tense in ("present", "past"):
            moods.append("many")
        mood, negative = draw_mood(rng, moods, only)
    if subject is None:
        subject = draw_subject(rng, name)
        if mood == "yesno" and subject.key == "I":  # hardly ever asked
            subject = PRONOUNS["you"]
    c = Clause(subject, verb, tense, negative, mood, keys=keys)
    case = row["prep"][-1:]
    if slots:
        slot = rng.choice(slots)
        if mood == "many":
            slot = rng.choice([s for s in slots if s not in
                               ("food", "drink", "name", "person")])
            word = rng.choice(LEXICON[slot])
            c.object = Phrase(f"how many {word.en2}",
                              f"几{word.measure}{word.zh}",
                              "wie viele " + german_phrase(
                                  word, "", "4", plural=True), word.en)
        elif slot in ("person", "name"):
            c.object = draw_person(rng, case, name, subject.key)
        else:
            c.object = draw_noun(rng, slot, case, keys)
            # a second object of the same kind: apples and pears
            if rng.random() < 0.08 and not negative and (
                    mood in ("statement", "yesno")):
                other = draw_noun(rng, slot, case)
                if other.key != c.object.key:
                    c.object = and_phrase(c.object, other)
    if way and (way != "loc" or mood == "where" or rng.random() < 0.35):
        c.place = place_phrase(rng, way)
    if "^" in row["zh"] and (way or not slots) and (
            rng.random() < (0.04 if only == "fact" else 0.14)):
        other = draw_person(rng, "3", name, subject.key)
        if other.key not in subject.key:
            c.company = other
    c.time, c.often = draw_time(rng, c, letters)
    if mood == "when":
        c.time = None
    if mood == "where":
        c.company = None
    return c


def draw_time(rng, c, letters):
    """When it happens and how often, as the tense allows."""
    chance = rng.random()
    if c.tense == "present":
        if "o" in letters and chance < 0.3 and not c.negative and (
                c.mood in ("statement", "who")):
            often = time_phrase(rng, "often")
            return None, often
        if "q" in letters and chance < 0.5:
            return time_phrase(rng, "every"), None
        event = "^" in VERBS[c.verb]["zh"]
        return (time_phrase(rng, "now") if event and chance > 0.93
                else None), None
    slot, share = {"progressive": ("now", 0.4), "past": ("past", 0.75),
                   "future": ("future", 1.0), "plan": ("future", 1.0),
                   "enjoy": ("now", 0.0), "can": ("future", 0.25)}.get(
                       c.tense, ("future", 0.4))
    return (time_phrase(rng, slot) if chance < share else None), None


def draw_weather(rng, predicate, only):
    it = Phrase("it", "", "es", "it")
    place = (place_phrase(rng, "live") if rng.random() < 0.65 else None)
    if place and place.key == "village":
        place = None
    mood = "yesno" if rng.random() < 0.2 and not only else "statement"
    tense = rng.choice(["present", "present", "past", "future"])
    if predicate == "weather":
        word = rng.choice(LEXICON["weather"])
        what = Phrase(word.en, word.zh, word.de, word.en, kind="weather")
        c = Clause(it, "be", tense, False, mood, what, place=place)
    else:
        if tense == "present":
            tense = rng.choice(["present", "progressive", "progressive"])
        negative = mood == "statement" and rng.random() < 0.25
        c = Clause(it, predicate, tense, negative, mood, place=place)
    slot = {"past": "past", "future": "future"}.get(tense, "now")
    if predicate != "weather" and tense == "present":
        slot = "every"
    if tense != "progressive" or rng.random() < 0.5:
        c.time = time_phrase(rng, slot)
    return c


def one_person(rng, name):
    """A subject of which there is one, with a gender or none (I, you)."""
    while True:
        subject = draw_subject(rng, name)
        if is_one(subject):
            return subject


def is_one(subject):
    return subject.person in ("1s", "2s", "3s") and subject.gender != "n"


def draw_be(rng, name, predicate, subject, only):
    keys = []
    mood, negative = draw_mood(rng, [], only)
    tenses = ["present"] * 4 + ["past"]
    place = None
    about = predicate.partition("_")[0]
    if predicate.startswith("be_job"):
        subject = subject or one_person(rng, name)
        what, place = job_phrase(rng, predicate, subject)
    elif predicate == "be_age":
        tenses = ["present"]
        subject = subject or draw_subject(rng, name)
        if mood in ("who", "yesno") and rng.random() < 0.5:
            mood, what = "many", Phrase("how old", "", "wie alt", "",
                                        zh_no="多大了")
        else:
            age = str(rng.randint(2, 99))
            what = Phrase(age + " years old", f"今年{age}岁",
                          age + " Jahre alt", age, zh_no=age + "岁",
                          kind="age")
    elif predicate == "be_at":
        subject = subject or draw_subject(rng, name)
        place_ = place_phrase(rng, "loc")
        what = place_._replace(zh="在" + place_.zh)
        tenses += ["future"]
        if mood == "who" and rng.random() < 0.7:
            mood, what = "where", None
    elif predicate == "this_is":
        tenses = ["present"]
        subject = Phrase("this", "这", "das", "this")
        mood = "statement" if mood == "who" else mood
        slot = rng.choice(["thing", "thing", "room", "kin", "animal"])
        if slot == "kin":
            what = noun_phrase(rng.choice(LEXICON["kin"]), "1", "poss",
                               owner=rng.choice(POSSESSIVES))
        else:
            kind = rng.choice(["poss", "poss", "a"])
            word = rng.choice(LEXICON[slot])
            adjective = attribute(rng, slot) if slot == "thing" else None
            if adjective:
                keys.append(f"{adjective.en}+{word.en}")
            what = noun_phrase(word, "1", kind, adjective,
                               rng.choice(POSSESSIVES))
        what = what._replace(zh="是" + what.zh)
    elif predicate == "be_kin":
        tenses, subject = ["present"], subject or one_person(rng, name)
        gender = subject.gender or rng.choice("mf")
        word = rng.choice([word for word in LEXICON["kin"]
                           if word.gender[0] == gender])
        what = noun_phrase(word, "1", "poss", owner=rng.choice(POSSESSIVES))
        what = what._replace(zh="是" + what.zh)
    elif predicate == "thing_at":
        subject = thing_subject(rng, "thing", keys)
        mood = "statement" if mood == "who" else mood
        word, what = rng.choice(LEXICON["holder"]), None
        en, zh, de = rng.choice(INSIDE)
        de = f"{de} {german_phrase(word, 'der', '3')}"
        what = Phrase(f"{en} the {word.en}", f"在{word.zh}{zh}",
                      de.replace("in dem ", "im "), word.en)
        if mood == "yesno" and rng.random() < 0.5:
            mood, what = "where", None
    elif predicate == "cost":
        subject = thing_subject(rng, "thing", keys)
        mood = "statement" if mood == "who" else mood
        price = str(rng.randint(2, 999))
        what = Phrase(price + " euros", price + "欧元", price + " Euro",
                      price)
        if mood == "yesno" and rng.random() < 0.6:
            mood, what = "many", Phrase("how much", "多少钱", "wie viel")
        return Clause(subject, "cost", "present", False, mood, what,
                      keys=keys)
    elif predicate == "thing_colour":
        tenses, mood = ["present"], ("statement" if mood == "who" else mood)
        subject = thing_subject(rng, "thing", keys, attributes=False)
        color = rng.choice(LEXICON["color"])
        what = Phrase(color.en, f"是{color.zh}的", color.de, color.en)
        keys.append(f"{color.en}+{subject.key}")
    else:
        subject, what, mood, negative = describe(
            rng, name, predicate, subject, mood, negative, keys)
        if predicate.endswith("than"):
            tenses = ["present"]
        elif about == "be":
            tenses += ["future"]
    tense = rng.choice(tenses)
    if only == "fact" and tense == "future":
        tense = "present"
    c = Clause(subject, "be", tense, negative and mood == "statement", mood,
               what, place=place, keys=keys)
    if tense != "present":
        c.time = time_phrase(rng, tense)
    elif about == "be" and predicate not in ("be_age", "be_than") and (
            not predicate.startswith("be_job") and rng.random() < 0.2):
        c.time = time_phrase(rng, "now")
    return c


INSIDE = [("on", "上", "auf"), ("under", "下面", "unter"),
          ("in", "里", "in"), ("next to", "旁边", "neben"),
          ("behind", "后面", "hinter")]


def job_phrase(rng, predicate, subject):
    """a doctor, in Berlin or from Italy -> (Phrase, place or None)."""
    job = rng.choice(LEXICON["job"])
    woman = subject.gender == "f"
    de = job.de2 if woman else job.de
    what = Phrase(with_article(job.en), "是" + job.zh, de, job.en,
                  ("keine " if woman else "kein ") + de, job.zh, "job")
    if predicate == "be_job_in":
        city = rng.choice(LEXICON["city"])
        return what, Phrase("in " + city.en, city.zh, "in " + city.de,
                            city.en)
    if predicate == "be_job_from":
        land = rng.choice(LEXICON["country"] + LEXICON["city"])
        what = what._replace(
            en=f"{what.en} from {land.en}", zh=f"是来自{land.zh}的{job.zh}",
            de=f"{de} aus {land.de}", de_no=f"{what.de_no} aus {land.de}",
            kind="")
    return what, None


def thing_subject(rng, slot, keys, attributes=True):
    """the red bag, my key, these books, the soup: what is described."""
    word = rng.choice(LEXICON[slot])
    kinds = ["the", "the", "the", "poss", "this"]
    if is_mass(word):
        kinds = ["the"]
    elif slot in ("thing", "animal"):
        kinds += ["these"]
    if slot == "place":
        kinds = ["the"]
    adjective = attribute(rng, slot) if attributes else None
    if adjective:
        keys.append(f"{adjective.en}+{word.en}")
    if " of " in word.en:
        kinds, adjective = ["the"], None
    return noun_phrase(word, "1", rng.choice(kinds), adjective,
                       rng.choice(POSSESSIVES))


DEGREES = [("very ", "非常", "", "sehr "), ("too ", "太", "了", "zu "),
           ("really ", "真", "", "wirklich ")]


def describe(rng, name, predicate, subject, mood, negative, keys):
    """A subject with an adjective: tired, very old, older than Tom."""
    if predicate.startswith("be_"):
        slot = "person"
        subject = subject or draw_subject(rng, name)
    else:
        slot = rng.choice(["thing", "thing", "food", "place", "animal"])
        mood = "statement" if mood == "who" else mood
        subject = thing_subject(rng, slot, keys)
    than = predicate.endswith("than")
    row = rng.choice([row for row in ADJECTIVES
                      if slot in row["kinds"].split()
                      and (row["comparative"] or not than)
                      and (row["zh"][0] != "是" or predicate[-2:] == "is"
                           or predicate.endswith("adjective"))])
    key = row["en"]
    if than:
        if slot == "person":
            other = draw_person(rng, "1", name, subject.key)
            while other.key == subject.key:
                other = draw_person(rng, "1", name, subject.key)
            if other.kind == "pronoun":  # than me: als ich
                other = other._replace(de=PRONOUNS[other.key].de)
        else:
            other = thing_subject(rng, slot, keys)
        what = Phrase(f"{row['comparative']} than {other.en}",
                      f"比{other.zh}{row['zh']}",
                      f"{row['de_comparative']} als {other.de}", key)
        return subject, what, mood, negative
    if predicate.endswith("very"):
        en, before, after, de = rng.choice(DEGREES)
        what = Phrase(en + row["en"], before + row["zh"] + after,
                      de + row["de"], key)
        return subject, what, "statement", False
    zh = row["zh"] if row["zh"][0] == "是" else "很" + row["zh"]
    return subject, Phrase(row["en"], zh, row["de"], key, "", row["zh"],
                           "adjective"), mood, negative
