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
    ADJECTIVES, LEXICON, MODALS, VERBS, german_phrase, is_mass, with_article)

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

VERB_IDS = [verb for verb in VERBS if verb not in IMPERSONAL]
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
    """A clause with to be, or with cost: what `BE` draws, in a tense."""
    mood, negative = draw_mood(rng, [], only)
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
                           owner=self.rng.choice(POSSESSIVES))


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
    d.mood = "statement" if d.mood == "who" else d.mood
    slot = rng.choice(["thing", "thing", "room", "kin", "animal"])
    if slot == "kin":
        what = d.relative()
    else:
        kind = rng.choice(["poss", "poss", "a"])
        word = rng.choice(LEXICON[slot])
        adjective = attribute(rng, slot) if slot == "thing" else None
        if adjective:
            d.keys.append(f"{adjective.en}+{word.en}")
        what = noun_phrase(word, "1", kind, adjective,
                           rng.choice(POSSESSIVES))
    return what._replace(zh="是" + what.zh), NOW


def draw_kin(d):
    gender = d.one().gender or d.rng.choice("mf")
    what = d.relative(gender)
    return what._replace(zh="是" + what.zh), NOW


def draw_thing_at(d):
    rng, _ = d.rng, d.thing()
    word = rng.choice(LEXICON["holder"])
    en, zh, de = rng.choice(INSIDE)
    de = f"{de} {german_phrase(word, 'der', '3')}"
    what = Phrase(f"{en} the {word.en}", f"在{word.zh}{zh}",
                  de.replace("in dem ", "im "), word.en)
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
                       rng.choice(POSSESSIVES))


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
