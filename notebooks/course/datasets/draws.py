"""Draws clauses for the small T5, and notes what they are made of (4.3, 5.1).

`draw` draws a clause and notes its pairs (`keys`): subject and predicate;
predicate and kind of sentence; predicate and object, place, time, company;
noun and adjective.
"""
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from .clauses import (
    IMPERSONAL, OBJECTS, POSSESSIVES, PRONOUNS, Clause, Phrase,
    and_phrase, bare, direction, location, noun_phrase)
from .lexicon import (
    ADJECTIVES, LEXICON, MODALS, VERBS, genitive, german_phrase, is_mass,
    same_everywhere, with_article)

# --- parts ---------------------------------------

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


def owner(rng):
    """my, your, ... or Tom's, as `noun_phrase` takes it."""
    if rng.random() < 0.15:
        name = rng.choice(LEXICON["name"])
        return name.en + "'s", name.zh + "的", genitive(name.de)
    return rng.choice(POSSESSIVES)


def numbered(rng, word, case, adjective=None):
    return noun_phrase(word, case, "number", adjective,
                       number=rng.choice(LEXICON["num"]))


KINDS = ["a"] * 6 + ["the"] * 4 + ["poss"] * 3 + ["number"] * 3 + [
    "plural"] * 2 + ["this"]


def draw_noun(rng, slot, case, keys=None):
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
                       owner(rng))


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
                       owner=owner(rng))


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
    word = rng.choice(LEXICON[slot])
    if word.en in ALONE and rng.random() < 0.3:
        return noun_phrase(word, "1", "the")
    one = noun_phrase(word, "1", "poss", owner=owner(rng))
    if slot == "kin" and rng.random() < 0.12:  # my aunt and I
        if rng.random() < 0.5:
            return and_phrase(one, PRONOUNS["I"])._replace(person="1p")
        other = rng.choice(LEXICON["kin"])
        if other != word:
            return and_phrase(one, noun_phrase(other, "1", "poss",
                                               owner=owner(rng)))
    return one


ALONE = {"child", "baby", "boss", "doctor", "teacher", "guest", "neighbour"}


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


# --- clauses ---------------------------------------

VERB_IDS = [verb for verb in VERBS if verb not in (*IMPERSONAL, "do")]
BE_IDS = ["be_job", "be_job_in", "be_job_from", "be_age", "be_adjective",
          "be_very", "be_than", "be_at", "thing_is", "thing_very",
          "thing_than", "thing_colour", "thing_at", "be_kin", "this_is"]
OTHERS = ["cost", "weather", "rain", "snow", "there_is", "do_what"]
PREDICATES = VERB_IDS + BE_IDS + OTHERS
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
                           ["weather", "rain", "snow"],
                           ["there_is"] if not subject else BE_IDS,
                           ["do_what"] if not subject and not only
                           else VERB_IDS), (60, 25, 3, 5, 4, 2))[0]
        predicate = rng.choice(ids)
    if subject and predicate.startswith(("be_job", "be_kin")) and not (
            is_one(subject)):
        predicate = "be_age"
    if predicate in VERB_IDS:
        c = draw_verb(rng, name, predicate, subject, only)
    elif predicate in ("weather", "rain", "snow"):
        c = draw_weather(rng, predicate, only)
    elif predicate == "there_is":
        c = draw_there(rng, only)
    elif predicate == "do_what":
        c = draw_doing(rng, name)
    else:
        c = draw_be(rng, name, predicate, subject, only)
    if c.time and c.mood == "statement" and rng.random() < 0.22:
        c.front = True
    if c.mood == "please":  # open the door, please
        c.front = rng.random() < 0.4
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
        if c.subject.key not in ("it", "this", "there"):
            keys.append(who)
    for part, mark in ((c.object, ""), (c.company, "with "),
                       (c.benefit, "for "), (c.means, ""),
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
        if not only and subject is None and tense == "present" and (
                "^" in row["zh"] and "m" in letters
                and rng.random() < 0.15):
            mood, negative = "please", rng.random() < 0.25
            subject = PRONOUNS["you"]
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
                    mood in ("statement", "yesno", "please")):
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
    if verb in FOR and mood not in ("many", "where") and (
            rng.random() < 0.2):
        other = draw_person(rng, "4", name, subject.key)
        if other.key not in subject.key:
            c.benefit, c.company = other, None
    if way == "nach" and verb != "fly" and rng.random() < 0.35:
        c.means, c.company = draw_means(rng), None
    c.time, c.often = draw_time(rng, c, letters)
    if mood == "please":
        c.often = None
        c.time = time_phrase(rng, "future") if rng.random() < 0.2 else None
    if mood == "when":
        c.time = None
    if mood == "where":
        c.company = None
    return c


FOR = {"buy", "bring", "cook", "write", "order", "repair", "open", "clean",
       "wash", "find"}


def draw_means(rng):
    """by train, mit dem Zug, 坐火车."""
    word = rng.choice(LEXICON["trans"] + OWN_WHEELS)
    zh = word.zh if word in OWN_WHEELS else "坐" + word.zh
    return Phrase("by " + word.en, zh, "mit " + german_phrase(
        word, "der", "3"), word.en)


OWN_WHEELS = [same_everywhere("car", "n")._replace(zh="开车", de="Auto"),
              same_everywhere("bicycle", "n")._replace(zh="骑自行车",
                                                       de="Fahrrad")]


def draw_there(rng, only):
    """There is a cat in the garden; there is no milk in the fridge."""
    mood = ("statement" if only or rng.random() < 0.7
            else rng.choice(["yesno", "yesno", "many"]))
    negative = mood == "statement" and only != "fact" and (
        rng.random() < 0.25)
    slot = rng.choice(["animal", "thing", "goods", "drink", "food", "fruit"])
    word = rng.choice([word for word in LEXICON[slot]
                       if word.en != "vegetables"])  # are: no plural here
    mass = is_mass(word)
    if mood == "many" and not mass:
        what = Phrase(f"how many {word.en2}", f"几{word.measure}{word.zh}",
                      "wie viele " + german_phrase(word, "", "4",
                                                   plural=True),
                      word.en, person="3p")
    else:
        mood = "yesno" if mood == "many" else mood
        kinds = ["bare"] if mass else ["a", "number", "number", "plural"]
        if negative:
            kinds = ["bare"] if mass else ["plural", "bare"]
        kind = rng.choice(kinds)
        what = noun_phrase(word, "4", kind, number=rng.choice(
            LEXICON["num"]))
        if negative:
            what = what._replace(en="no " + what.en, de=what.de_no,
                                 zh=what.zh_no)
    c = Clause(Phrase("there", "", "es", "there"), "there", "present",
               negative, mood, what, place=where_inside(rng))
    c.tense = rng.choice(["present"] * 4 + ["past"])
    if c.tense == "past":
        c.time = time_phrase(rng, "past")
    return c


def where_inside(rng):
    """in the garden, on the table, in Rome: Chinese with 里 or 上."""
    chance = rng.random()
    if chance < 0.4:
        word = rng.choice(LEXICON["holder"] + FRIDGE)
        en, zh, de = rng.choice(INSIDE[:3])
        if word in FRIDGE:
            en, zh, de = INSIDE[2]
        return holder_phrase(word, en, zh, de)
    if chance < 0.6:
        word = rng.choice(LEXICON["city"])
        return Phrase("in " + word.en, word.zh, "in " + word.de, word.en)
    word = rng.choice(LEXICON["room"] + LEXICON["spot"])
    if word in LEXICON["room"]:
        de = ("in " + german_phrase(word, "der", "3")).replace("in dem ",
                                                               "im ")
        return Phrase(f"in the {word.en}", word.zh + "里", de, word.en)
    return location(word)


FRIDGE = [word for word in LEXICON["machine"] if word.en == "fridge"]


def holder_phrase(word, en, zh, de):
    """on the table, 桌子上, auf dem Tisch."""
    de = f"{de} {german_phrase(word, 'der', '3')}".replace("in dem ", "im ")
    return Phrase(f"{en} the {word.en}", word.zh + zh, de, word.en)


def draw_doing(rng, name):
    """What are you doing tomorrow? What did she do yesterday?"""
    tense = rng.choice(["present", "progressive", "past", "plan", "future"])
    slot = {"present": "every", "progressive": "now", "past": "past"}.get(
        tense, "future")
    c = Clause(draw_subject(rng, name), "do", tense, False, "what",
               Phrase())
    if tense in ("plan", "future") or rng.random() < 0.7:
        c.time = time_phrase(rng, slot)
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
    """A clause with to be, or with cost: what `BE` draws, in a tense."""
    why = ["why"] if predicate in ("be_adjective", "thing_is", "be_at") else []
    mood, negative = draw_mood(rng, why, only)
    d = Draw(rng, name, predicate, subject, mood, negative)
    what, tenses = BE[predicate](d)
    if predicate == "cost":
        return Clause(d.subject, "cost", "present", False, d.mood, what,
                      keys=d.keys)
    tense = rng.choice(tenses)
    if only == "fact" and tense == "future":
        tense = "present"
    c = Clause(d.subject, "be", tense,
               d.negative and d.mood == "statement", d.mood, what,
               place=d.place, keys=d.keys)
    if tense != "present":
        c.time = time_phrase(rng, tense)
    elif predicate in ("be_at", "be_kin", "be_adjective", "be_very") and (
            rng.random() < 0.2):
        c.time = time_phrase(rng, "now")
    elif predicate in ("be_at", "be_adjective") and not c.negative and (
            c.mood in ("statement", "who") and only != "fact"
            and rng.random() < 0.15):
        c.often = time_phrase(rng, "often")
    return c


@dataclass
class Draw:
    """What has been drawn of a clause with to be."""
    rng: random.Random
    name: Callable
    predicate: str
    subject: Phrase | None
    mood: str
    negative: bool
    place: Phrase | None = None
    keys: list = field(default_factory=list)

    def who(self):
        """The subject: the one that is given, or a person."""
        self.subject = self.subject or draw_subject(self.rng, self.name)
        return self.subject

    def one(self):
        """Likewise, but not several."""
        self.subject = self.subject or one_person(self.rng, self.name)
        return self.subject

    def thing(self, slot="thing", attributes=True):
        """the red bag, my key, these books: no question asks who it is."""
        self.subject = thing_subject(self.rng, slot, self.keys, attributes)
        self.mood = "statement" if self.mood == "who" else self.mood
        return self.subject

    def relative(self, gender=""):
        """my aunt, as what somebody is."""
        words = [word for word in LEXICON["kin"]
                 if word.gender[:1] == gender or not gender]
        return noun_phrase(self.rng.choice(words), "1", "poss",
                           owner=owner(self.rng))


OFTEN_NOW = ["present"] * 4 + ["past"]
NOW = ["present"]


def draw_job(d):
    what, d.place = job_phrase(d.rng, d.predicate, d.one())
    return what, OFTEN_NOW


def draw_age(d):
    d.who()
    if d.mood in ("who", "yesno") and d.rng.random() < 0.5:
        d.mood = "many"
        return Phrase("how old", "", "wie alt", "", zh_no="多大了"), NOW
    age = str(d.rng.randint(2, 99))
    return Phrase(age + " years old", f"今年{age}岁", age + " Jahre alt",
                  age, zh_no=age + "岁", kind="age"), NOW


def draw_at(d):
    d.who()
    where = place_phrase(d.rng, "loc")
    if d.mood == "who" and d.rng.random() < 0.7:
        d.mood, where = "where", None
    else:
        where = where._replace(zh="在" + where.zh)
    return where, OFTEN_NOW + ["future"]


def draw_this(d):
    rng, d.subject = d.rng, Phrase("this", "这", "das", "this")
    slot = rng.choice(["thing", "thing", "room", "kin", "animal"])
    if d.mood == "who":  # whose bag is this?
        d.mood, slot = "many", rng.choice(["thing", "animal"])
        word = rng.choice(LEXICON[slot])
        return Phrase("whose " + word.en, "", "wessen " + word.de, word.en,
                      zh_no="是谁的" + word.zh), NOW
    if slot == "kin":
        what = d.relative()
    else:
        kind = rng.choice(["poss", "poss", "a"])
        word = rng.choice(LEXICON[slot])
        adjective = attribute(rng, slot) if slot == "thing" else None
        if adjective:
            d.keys.append(f"{adjective.en}+{word.en}")
        what = noun_phrase(word, "1", kind, adjective,
                           owner(rng))
    return what._replace(zh="是" + what.zh), NOW


def draw_kin(d):
    gender = d.one().gender or d.rng.choice("mf")
    what = d.relative(gender)
    return what._replace(zh="是" + what.zh), NOW


def draw_thing_at(d):
    rng, _ = d.rng, d.thing()
    word = rng.choice(LEXICON["holder"])
    what = holder_phrase(word, *rng.choice(INSIDE))
    what = what._replace(zh="在" + what.zh)
    if d.mood == "yesno" and rng.random() < 0.5:
        d.mood, what = "where", None
    return what, OFTEN_NOW


def draw_cost(d):
    d.thing()
    price = str(d.rng.randint(2, 999))
    if d.mood == "yesno" and d.rng.random() < 0.6:
        d.mood = "many"
        return Phrase("how much", "多少钱", "wie viel"), NOW
    return Phrase(price + " euros", price + "欧元", price + " Euro",
                  price), NOW


def draw_colour(d):
    d.thing(attributes=False)
    color = d.rng.choice(LEXICON["color"])
    d.keys.append(f"{color.en}+{d.subject.key}")
    return Phrase(color.en, f"是{color.zh}的", color.de, color.en), NOW


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
                       owner(rng))


DEGREES = [("very ", "非常", "", "sehr "), ("too ", "太", "了", "zu "),
           ("really ", "真", "", "wirklich ")]


def draw_described(d):
    """tired, very old, older than Tom."""
    rng, person = d.rng, d.predicate.startswith("be_")
    if person:
        slot = "person"
        d.who()
    else:
        slot = rng.choice(["thing", "thing", "food", "place", "animal"])
        d.thing(slot)
    than, very = (d.predicate.endswith(end) for end in ("than", "very"))
    row = rng.choice([row for row in ADJECTIVES
                      if slot in row["kinds"].split()
                      and (row["comparative"] or not than)
                      and (row["zh"][0] != "是" or not (than or very))])
    tenses = OFTEN_NOW + ["future"] * person
    if than:
        other = draw_other(d, slot)
        if not d.negative and rng.random() < 0.3:
            return Phrase(f"as {row['en']} as {other.en}",
                          f"和{other.zh}一样{row['zh']}",
                          f"so {row['de']} wie {other.de}", row["en"]), NOW
        return Phrase(f"{row['comparative']} than {other.en}",
                      f"比{other.zh}{row['zh']}",
                      f"{row['de_comparative']} als {other.de}",
                      row["en"]), NOW
    if very:
        en, before, after, de = rng.choice(DEGREES)
        d.mood, d.negative = "statement", False
        return Phrase(en + row["en"], before + row["zh"] + after,
                      de + row["de"], row["en"]), tenses
    zh = row["zh"] if row["zh"][0] == "是" else "很" + row["zh"]
    return Phrase(row["en"], zh, row["de"], row["en"], "", row["zh"],
                  "adjective"), tenses


def draw_other(d, slot):
    """Whom or what the subject is compared with."""
    if slot != "person":
        return thing_subject(d.rng, slot, d.keys)
    other = draw_person(d.rng, "1", d.name, d.subject.key)
    while other.key == d.subject.key:
        other = draw_person(d.rng, "1", d.name, d.subject.key)
    if other.kind == "pronoun":  # than me: als ich
        other = other._replace(de=PRONOUNS[other.key].de)
    return other


BE = {"be_job": draw_job, "be_job_in": draw_job, "be_job_from": draw_job,
      "be_age": draw_age, "be_adjective": draw_described,
      "be_very": draw_described, "be_than": draw_described, "be_at": draw_at,
      "thing_is": draw_described, "thing_very": draw_described,
      "thing_than": draw_described, "thing_colour": draw_colour,
      "thing_at": draw_thing_at, "be_kin": draw_kin, "this_is": draw_this,
      "cost": draw_cost}
