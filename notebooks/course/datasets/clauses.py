"""Clauses of the small T5's world: rules that say one thing in three
languages (4.3, 5.1).

A clause is a subject, a predicate and what goes with them; every part is a
`Phrase`, rendered in English, Chinese and German. `english`, `chinese` and
`german` put the parts in order. What agrees with what:

    English   person of the verb, do in questions and negations
    German    person, gender and case; verb second, participle, infinitive
              and separable part last, all of it last after "weil"
    Chinese   measure words, 吗, 不 and 没, 了, 在, time before the verb

`draws` draws them.
"""
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .lexicon import (
    MODALS, PERSONS, SEIN, VERBS, WAR, german_imperative, german_phrase,
    german_present, german_preterite, ing_form, past_form,
    split_infinitive, third_person, with_article)


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
    # statement, please, or what is asked: yesno, who, what, where, when,
    # why, many (how many, how old, how much, whose)
    mood: str = "statement"
    object: Phrase | None = None
    company: Phrase | None = None
    benefit: Phrase | None = None  # for whom
    means: Phrase | None = None  # by train
    place: Phrase | None = None
    time: Phrase | None = None
    often: Phrase | None = None
    front: bool = False  # does the time come first, or please last?
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


def and_phrase(one, other):
    """Tom and my sister: two phrases as one."""
    return Phrase(f"{one.en} and {other.en}", f"{one.zh}和{other.zh}",
                  f"{one.de} und {other.de}", f"{one.key} and {other.key}",
                  "", f"{one.zh_no or one.zh}和{other.zh_no or other.zh}",
                  one.kind, "3p")


# --- places ---------------------------------------

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
    if c.verb == "there":
        return there_english(c)
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
    tail = [c.often.en if c.often else "", rest, thing,
            "for " + c.benefit.en if c.benefit else "", *ends,
            c.means.en if c.means else ""]
    if c.mood == "please":
        tail[1] = VERBS[c.verb]["en"]
        words = ["please", "do not" if c.negative else "", *tail, time]
        text = " ".join(filter(None, words[c.front:]))
        return text + ", please" * c.front
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
    if c.verb == "there":
        return there_chinese(c)
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
    if c.benefit:
        before += "给" + c.benefit.zh
    if c.means:
        before += c.means.zh
    if place and "@" not in pattern:
        before += "在" + place
    during = ("在" if c.tense == "progressive" and event and not place
              and not c.means else "")
    done = "了" if (event and c.tense == "past" and not c.negative
                   and not c.often) else ""
    verb = (pattern.replace("^", done).replace("~", thing)
            .replace("@", place))
    if c.mood == "please":
        return time + "请" + ("不要" if c.negative else "") + before + verb
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
        seldom = c.often and c.often.zh in ("从不", "很少")
        if seldom or c.mood not in ("statement", "who"):
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
    if c.verb == "there":
        return there_german(c, last)
    person = "3s" if c.mood == "who" else c.subject.person
    finite, end, joined = german_verb(c, person)
    who = "wer" if c.mood == "who" else c.subject.de
    row = None if c.verb == "be" else VERBS[c.verb]
    what = c.object if c.mood not in ("what", "many") else None
    place = c.place.de if c.place and c.mood != "where" else ""
    company = "mit " + c.company.de if c.company else ""
    company = " ".join(filter(None, (company, c.means and c.means.de)))
    benefit = "für " + c.benefit.de if c.benefit else ""
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
    when = "" if c.front and c.mood != "please" else time
    if c.verb == "be":
        middle = [when, often, not_, thing, place]
    elif pronoun:
        middle = [when, often, gladly if not not_ else "", not_,
                  gladly if not_ else "", company, benefit, place]
    elif not_ and what and what.kind == "definite" and (
            " " not in row["prep"]):
        middle = [when, often, thing, not_, gladly, company, benefit, place]
    else:
        middle = [when, often, not_, gladly, company, thing, benefit, place]
    words = early + middle
    if c.mood == "please":
        words = ["bitte", german_imperative(row), *words, end]
    elif last:
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


def there_english(c):
    """There is a cat in the garden; are there birds?"""
    many = c.object.person == "3p"
    be = {"past": BE["3p" if many else "3s"][1], "future": "will"}.get(
        c.tense, "are" if many else "is")
    rest = "be" if c.tense == "future" else ""
    time, place = c.time.en if c.time else "", c.place.en
    if c.mood == "statement":
        words = ["there", be, rest, c.object.en, place]
        words = [time, *words] if c.front else [*words, time]
    elif c.mood == "many":
        words = [c.object.en, be, "there", rest, place, time]
    else:
        words = [be, "there", rest, c.object.en, place, time]
    return " ".join(filter(None, words))


def there_chinese(c):
    """花园里有一只猫; 冰箱里没有牛奶."""
    has = "没有" if c.negative else "会有" if c.tense == "future" else "有"
    return ((c.time.zh if c.time else "") + c.place.zh + has + c.object.zh
            + ("吗" if c.mood == "yesno" else ""))


def there_german(c, last=False):
    """Im Garten gibt es eine Katze; gab es Vögel?"""
    verb = "gab" if c.tense == "past" else "gibt"
    time, place = c.time.de if c.time else "", c.place.de
    if last:
        words = ["es", time, place, c.object.de, verb]
    elif c.mood == "many":
        words = [c.object.de, verb, "es", time, place]
    elif c.mood == "yesno":
        words = [verb, "es", time, place, c.object.de]
    elif c.front:
        words = [time, verb, "es", place, c.object.de]
    else:
        words = [place, verb, "es", time, c.object.de]
    return " ".join(filter(None, words))


def inverted(who, words, swap):
    """Subject and the rest; a pronoun goes before a noun: hilft uns Tom."""
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


def mark(c, language):
    """The full stop or question mark of a clause."""
    return MARKS[language][c.mood not in ("statement", "please")]


def sentence(c, language):
    """The clause as a sentence, with its capital and its mark."""
    text = RENDER[language](c)
    return text[:1].upper() + text[1:] + mark(c, language)


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
    return c.predicate.startswith("be_") or (
        c.predicate in VERBS and c.predicate not in IMPERSONAL)


IMPERSONAL = ("cost", "rain", "snow")


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
