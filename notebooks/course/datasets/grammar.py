"""The small world of t5-tiny: five tasks from word lists (4.3, 5.1).

The words and sentences stand in `data/t5_world/`, five tables for people:

- `lexicon.csv`: a row a word in English, Chinese and German. `slots` says
  where it may stand. `en2` and `de2` are the second form: plural of things
  (bag, bags), infinitive of activities (swimming, swim), feminine of German
  jobs (Lehrer, Lehrerin). `measure` is the Chinese measure word.
- `templates.csv`: a row a sentence in three languages with slots.
- `reports.csv`, `facts.csv`, `reviews.csv`: parts of reports to summarize,
  of what is said and asked about two people, of reviews.

A slot in a template is written `{name}`, `{city2}` (a second one, always
different), or with a form before it:

    {a thing}       a bag         一个包         (English, Chinese)
    {the thing}     the bag       这个包
    {pl goods}      bags          个包           (after a number)
    {the color thing}  the red bag   这个红色的包
    {a4 thing}      eine Tasche, einen Mantel    (German, accusative)
    {no4 thing}     keine Tasche, keinen Mantel
    {the1 thing}, {the3 place}, {the4 place}     nominative, dative, accusative
    {base act}      swim, schwimmen
    {fem job}       Lehrerin
    {job of name}   Lehrer or Lehrerin, as the person's gender asks
    {name:mein Freund/meine Freundin}            likewise

Each draw of a word for a template is a pair, written down as a key such as
`name_lives_in|city=Paris`. One pair in 14 is held out: no training example
ever contains it (`is_held_out`).
"""
import calendar
import csv
import random
import re
import zlib
from typing import NamedTuple

from .. import files

WORLD = files.DATA / "t5_world"
HELD_OUT_ONE_IN = 14
# "Hello, my name is John." is never trained on, with or without a prefix
THE_DOCUMENTS_OWN = "greet_my_name_is|name=John"

PREFIX = {"zh": "translate English to Chinese: ",
          "de": "translate English to German: ",
          "bare": "",  # no prefix: answered in German
          "summary": "summarize: ",
          "sentiment": "sentiment: "}
# how often each task occurs in training
SHARES = {"zh": 0.22, "de": 0.20, "bare": 0.05, "summary": 0.14,
          "sentiment": 0.06, "qa": 0.33}
# the last part of training, when the other tasks are nearly learnt
SHARES_LATE = {"zh": 0.13, "de": 0.11, "bare": 0.03, "summary": 0.08,
               "sentiment": 0.05, "qa": 0.60}
TWO_SENTENCES = 0.25
FIXED_PHRASES = 0.05
# people type "I'm" for "I am", forget the full stop, start in lower case
TYPING_HABITS = 0.12
CONTRACTIONS = {"I am ": "I'm ", "It is ": "It's ", "He is ": "He's ",
                "She is ": "She's ", " do not ": " don't ",
                " does not ": " doesn't ", "I would like ": "I'd like "}
INVENTED_NAMES = 0.15
SAME_FACT = 0.6  # both people have the fact that is asked for
SAME_FACT_LATE = 0.9
SHORT_QUESTIONS = 0.5  # in training; none in the evaluation

NUMBERS = {"age": (2, 99), "price": (2, 999), "hour": (1, 12),
           "dom": (1, 31), "temp": (2, 40), "high": (5, 40),
           "goals": (1, 6), "minute": (2, 40), "fans": (2, 90),
           "years": (2, 9), "million": (2, 99), "late": (2, 12),
           "students": (5, 40)}


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
    for row in read_table("lexicon.csv"):
        slots = row.pop("slots").split()
        if "name" in slots:
            row["de"] = row["en"]
        for slot in slots:
            lexicon.setdefault(slot, []).append(Word(**row))
    return lexicon


# --- forms in the three languages ---------------------------------------

def with_article(phrase):
    """a or an; the world has one word with a vowel letter that takes a."""
    vowel = phrase[0] in "aeiouAEIOU" and not phrase.startswith("university")
    return ("an " if vowel else "a ") + phrase


def is_mass(word):
    """bread, rice: words with a measure and no plural."""
    return bool(word.measure and not word.en2)


def english(word, form, adjective):
    noun = word.en2 if form in ("pl", "base") else word.en
    if adjective:
        noun = adjective.en + " " + noun
    if form == "a":
        return "some " + noun if is_mass(word) else with_article(noun)
    return "the " + noun if form == "the" else noun


def chinese(word, form, adjective):
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


# article and ending of the adjective after it, by case and gender
GERMAN = {
    "the1": {"m": ("der", "e"), "f": ("die", "e"), "n": ("das", "e")},
    "the3": {"m": ("dem", "en"), "f": ("der", "en"), "n": ("dem", "en")},
    "the4": {"m": ("den", "en"), "f": ("die", "e"), "n": ("das", "e")},
    "a4": {"m": ("einen", "en"), "f": ("eine", "e"), "n": ("ein", "es")},
    "no4": {"m": ("keinen", "en"), "f": ("keine", "en"), "n": ("kein", "en")},
}


def german(word, form, adjective):
    if form in ("base", "fem"):
        return word.de2
    if form == "cap":
        return word.de.capitalize()
    if form == "pl":
        return (adjective.de + "e " if adjective else "") + word.de2
    if form not in GERMAN:
        return word.de
    if form == "a4" and is_mass(word):
        return "etwas " + word.de
    article, ending = GERMAN[form][word.gender]
    between = f" {adjective.de}{ending} " if adjective else " "
    return article + between + word.de


INFLECT = {"en": english, "zh": chinese, "de": german}


# --- one example under construction ---------------------------------------

ONSETS = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t",
          "v", "w", "z", "j", "ch", "sh", "br", "kr", "st", "tr"]
VOWELS = ["a", "e", "i", "o", "u"]
CODAS = ["", "", "", "", "n", "r", "l", "s"]


def invented_name(rng):
    """A name that no lexicon has: two or three syllables, 'Zorvanko'."""
    syllables = [rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)
                 for _ in range(rng.choice((2, 2, 3)))]
    return "".join(syllables).capitalize()


class Example:
    """Draws words for slots and notes each (template, word) pair drawn.

    `values` holds what the slots of this text stand for, so that a name
    drawn for the English sentence is the same in the German one.
    """

    def __init__(self, rng):
        self.rng, self.keys, self.values = rng, [], {}

    def draw(self, template, slot):
        """The word for a slot: drawn the first time, then kept."""
        if slot not in self.values:
            kind = slot.removesuffix("2")
            other = kind if slot != kind else slot + "2"
            word = self.new_word(kind, slot)
            while word == self.values.get(other):
                word = self.new_word(kind, slot)
            self.values[slot] = word
            self.note(template, kind, word)
        return self.values[slot]

    def note(self, template, kind, word):
        """Writes down the pair of a template and the word just drawn.

        Not for an invented name; and questions note theirs themselves.
        Teams and buildings are named by one kind of report each: held out
        alone, they would be words that no target ever has. Their pairs are
        team with team and building with city.
        """
        invented = kind == "name" and word.zh.isascii()
        if invented or template.startswith("qa_"):
            return
        drawn = {slot: word.en for slot, word in self.values.items()}
        if kind == "team" and "team" in drawn and "team2" in drawn:
            teams = sorted((drawn["team"], drawn["team2"]))
            self.keys.append(f"{template}|teams={' and '.join(teams)}")
        if kind in ("building", "city") and {"building", "city"} <= set(drawn):
            self.keys.append(f"{template}|{drawn['building']}={drawn['city']}")
        if kind not in ("team", "building"):
            self.keys.append(f"{template}|{kind}={word.en}")

    def new_word(self, kind, slot):
        rng = self.rng
        if kind == "name" and rng.random() < INVENTED_NAMES:
            return same_everywhere(invented_name(rng))
        if kind in LEXICON:
            return rng.choice(LEXICON[kind])
        low, high = NUMBERS.get(kind, (0, 0))
        if kind == "low":  # the night is 3 to 12 degrees cooler
            day = int(self.values["high"].en)
            low, high = max(2, day - 12), day - 3
        elif slot == "goals2":
            low, high = 0, int(self.values["goals"].en) - 1
        elif kind == "dom" and "month" in self.values:
            high = days_in(self.values["month"])
        return same_everywhere(str(rng.randint(low, high)))

    def render(self, template, text, language="en"):
        """Text of a template with its slots filled, in one language."""
        out = []
        for literal, slot in parse(text):
            out.append(literal)
            if slot:
                out.append(self.fill(template, slot, language))
        return capitalised("".join(out))

    def fill(self, template, slot, language):
        if ":" in slot:  # {name:mein Freund/meine Freundin}
            who, forms = slot.split(":")
            woman = self.draw(template, who).gender == "f"
            return forms.split("/")[woman]
        words = slot.split()
        if "of" in words:  # {job of name}
            woman = self.draw(template, words[2]).gender == "f"
            words = ["fem", words[0]] if woman else [words[0]]
        form = words[0] if len(words) > 1 else ""
        middle = words[1] if len(words) > 2 else None
        adjective = middle and self.draw(template, middle)
        word = self.draw(template, words[-1])
        return INFLECT[language](word, form, adjective)

    def held_out(self):
        """Is a held-out pair of template and word in here?"""
        return any(map(is_held_out, self.keys))


def same_everywhere(text):
    return Word(en=text, zh=text, de=text)


def days_in(month):
    number = int(month.zh.removesuffix("月"))
    return calendar.monthrange(2023, number)[1]


def capitalised(text):
    return text[:1].upper() + text[1:]


PARSED = {}


def parse(text):
    """'I am {name}.' -> [('I am ', 'name'), ('.', None)], remembered."""
    if text not in PARSED:
        pieces = re.split(r"{(.*?)}", text) + [None]
        PARSED[text] = list(zip(pieces[0::2], pieces[1::2]))
    return PARSED[text]


def is_held_out(key):
    """One pair of template and word in 14, by its checksum."""
    return checksum(key) % HELD_OUT_ONE_IN == 0 or key in ALSO_HELD_OUT


def checksum(key):
    return zlib.crc32(key.encode())


def also_held_out():
    """The document's sentence, and a pair of each template that has none.

    So every template can be asked with a word it was never trained with.
    """
    extra = {THE_DOCUMENTS_OWN}
    for row in SENTENCES:
        slots = {slot.split()[-1].removesuffix("2") for _, slot
                 in parse(row["en"]) if slot}
        keys = [f"{row['id']}|{slot}={word}" for slot in sorted(slots)
                for word in words_of(slot)]
        if not any(checksum(key) % HELD_OUT_ONE_IN == 0 for key in keys):
            extra.add(min(keys, key=checksum))
    return extra


def words_of(slot):
    """All English words a slot can draw."""
    if slot in LEXICON:
        return [word.en for word in LEXICON[slot]]
    low, high = NUMBERS[slot]
    return [str(number) for number in range(low, high + 1)]


# --- the five tasks: each returns (input, target) -----------------------

def translation(example, task, template=None, two=None):
    """One or two sentences into Chinese ("zh") or German ("de", "bare")."""
    rng, language = example.rng, "zh" if task == "zh" else "de"
    if two is None:
        two = rng.random() < TWO_SENTENCES
    sources, targets = [], []
    for number in range(1 + two):
        row = TEMPLATES.get(template) if number == 0 else None
        if row is None:
            fixed = rng.random() < FIXED_PHRASES
            row = rng.choice(PHRASES if fixed else SENTENCES)
        example.values = {}
        sources.append(example.render(row["id"], row["en"]))
        targets.append(example.render(row["id"], row[language], language))
    source = " ".join(sources)
    if rng.random() < TYPING_HABITS:
        source = as_typed(source, rng.choice(("short", "no stop", "lower")))
    return PREFIX[task] + source, ("" if language == "zh" else " ").join(
        targets)


def as_typed(text, habit):
    """The same sentence as people in a hurry write it."""
    if habit == "lower":
        first = text.split()[0]
        name = any(first.startswith(word.en) for word in LEXICON["name"])
        return text if name or first == "I" else text[0].lower() + text[1:]
    if habit == "no stop":
        return text.removesuffix(".")
    for long, short in CONTRACTIONS.items():
        text = text.replace(long, short)
    return text


def summary(example, kind=None):
    """A report of four or five sentences and its summary in one."""
    rng = example.rng
    kind = kind or rng.choice(sorted(REPORTS))
    parts = REPORTS[kind]
    text = [example.render(f"report_{kind}", rng.choice(parts[part]))
            for part in "1234"]
    if rng.random() < 0.4:
        text.insert(rng.randint(1, 4), rng.choice(FILLERS))
    target = example.render(f"report_{kind}", parts["summary"][0])
    return PREFIX["summary"] + " ".join(text), target


def sentiment(example, kind=None):
    """A review with negation and contrast -> positive or negative.

    The names in the parts expand into each other. `un` turns the opinion
    round: "not {unword} at all" is positive when the word is negative.
    """
    rng = example.rng
    frames = REVIEWS["frame"]
    kind = kind or rng.choice(sorted(frames))
    thing = rng.choice(sorted(REVIEWS["thing"]))
    aspects = rng.sample(REVIEWS["thing"][thing][0].split(", "), 2)
    fixed = {"thing": thing, "aspect": aspects[0], "aspect2": aspects[1]}
    positive = rng.random() < 0.5

    def expand(text, good):
        out = []
        for literal, slot in parse(text):
            out.append(literal)
            if slot in fixed:
                out.append(fixed[slot])
            elif slot in ("name", "day"):
                out.append(example.draw("review", slot).en)
            elif slot:
                role = slot.removeprefix("un")
                side = good != slot.startswith("un")
                choices = REVIEWS[role]
                pole = "positive" if side else "negative"
                part = rng.choice(choices.get(pole) or choices[""])
                if role == "word":
                    example.keys.append(f"review_{thing}|word={part}")
                out.append(expand(part, side))
        return "".join(out)

    text = expand(frames[kind][0], positive)
    text = re.sub(r"\b(a|A) (?=[aeiou])", r"\1n ", text)
    text = re.sub(r"(^|\. )([a-z])", lambda m: m[0].upper(), text)
    return PREFIX["sentiment"] + text, "positive" if positive else "negative"


def question(example, kind=None, short=None, same_fact=SAME_FACT):
    """Facts about two people, in any order, and a question about one.

    `kind` is (fact, number of the question). What is asked has one answer:
    the two people never share a value of the same fact, and mostly the
    other person has such a fact too. The pair that may be held out is the
    question, with its name or word, and the answer. Half of the training
    is short, one fact a person: there it is learnt to look for the person.
    """
    rng = example.rng
    if short is None:
        short = rng.random() < SHORT_QUESTIONS
    more = [0, 0] if short else [rng.randint(1, 2), rng.randint(1, 2)]
    asked = kind or rng.choice(QUESTIONS)
    others = [fact for fact in FACTS if fact != asked[0]]
    told = [[asked[0]] + rng.sample(others, more[0]),
            rng.sample(others, 1 + more[1])]
    if rng.random() < same_fact:
        told[1][0] = asked[0]
    people, statements = [], [[], []]
    for facts, lines in zip(told, statements):
        people.append({})
        while True:
            example.values = {}
            texts = [example.render(f"qa_{fact}",
                                    rng.choice(FACTS[fact]["statement"])[0])
                     for fact in facts]
            if not shares_values(people[0], example.values):
                break
        people[-1] = example.values
        lines += rng.sample(texts, len(texts))
    example.values = people[0]
    template = f"qa_{asked[0]}"
    text, answer = FACTS[asked[0]]["question"][asked[1]]
    text = example.render(template, text)
    answer = "".join(literal + (example.fill(template, slot, "en")
                                if slot else "")
                     for literal, slot in parse(answer))
    example.keys.append(f"{template}|{text}={answer}")
    body = statements[0] + statements[1]
    if rng.random() < 0.5:
        rng.shuffle(body)
    elif rng.random() < 0.5:
        body = statements[1] + statements[0]
    if rng.random() < 0.3:
        body.insert(rng.randint(0, len(body)), rng.choice(FILLERS))
    return f"question: {text} context: {' '.join(body)}", answer


def shares_values(one, other):
    return any(one[slot] == other[slot] for slot in one.keys() & other.keys())


def make(task, rng, **wish):
    """One example of a task -> (input, target, Example with its pairs)."""
    example = Example(rng)
    tasks = {"summary": summary, "sentiment": sentiment, "qa": question}
    if task in tasks:
        pair = tasks[task](example, **wish)
    else:
        pair = translation(example, task, **wish)
    return *pair, example


# --- training and held-out examples ---------------------------------------

def training_examples(seed, n, late=False):
    """n training examples: [(input, target)]; none has a held-out pair."""
    return [example[:2] for example in training_stream(seed, n, late)]


def training_stream(seed, n, late=False):
    """Yields n times (input, target, keys), the same for the same seed.

    late: the mixture of the last part of training, more and harder
    questions.
    """
    rng = random.Random(f"train {seed}")
    mixture = SHARES_LATE if late else SHARES
    tasks, shares = list(mixture), list(mixture.values())
    while n:
        task = rng.choices(tasks, shares)[0]
        harder = late and task == "qa"
        wish = {"same_fact": SAME_FACT_LATE} if harder else {}
        source, target, example = make(task, rng, **wish)
        if not example.held_out():
            n -= 1
            yield source, target, example.keys


# the rows of the evaluation: name, task, what `make` is asked for
HELD_OUT_TASKS = ["zh", "de", "bare", "zh two", "de two", "summary",
                  "sentiment", "qa"]


def kinds_of(task):
    """Templates of a task, all of which the evaluation asks alike often."""
    if task == "summary":
        return sorted(REPORTS)
    if task == "sentiment":
        return sorted(REVIEWS["frame"])
    if task == "qa":
        return QUESTIONS
    return [row["id"] for row in SENTENCES]


def tells_what(review):
    """Does a review tell what it is about? "The service was dull" is the
    same text for a hotel, where it may be held out, and a restaurant."""
    things = {thing: parts[0].split(", ")
              for thing, parts in REVIEWS["thing"].items()}
    aspects = [aspect for parts in things.values() for aspect in parts]
    telling = [aspect for aspect in aspects if aspects.count(aspect) == 1]
    return bool(re.search(rf"\b({'|'.join([*things, *telling])})\b", review))


def held_out_examples(task, least, seed):
    """At least `least` examples, each with a pair never seen in training.

    Every template has the same number of examples, no input comes twice.
    Returns rows {task, template, input, target}.
    """
    rng, rows, seen = random.Random(f"held out {task} {seed}"), [], set()
    kinds = kinds_of(task)
    language, _, two = task.partition(" ")
    for kind in kinds:
        wish = {"kind": kind}
        if task == "qa":
            wish["short"] = False
        elif language in ("zh", "de", "bare"):
            wish = {"template": kind, "two": bool(two)}
        name = "_".join(map(str, kind)) if task == "qa" else kind
        count = tries = 0
        # a template with one slot of few words has few held-out pairs
        while count < -(-least // len(kinds)) and tries < 4000:
            tries += 1
            source, target, example = make(language, rng, **wish)
            if task == "sentiment" and not tells_what(source):
                continue
            if example.held_out() and source not in seen:
                seen.add(source)
                count += 1
                rows.append({"task": task, "template": name,
                             "input": source, "target": target})
    return rows


# --- the tables, read once ---------------------------------------

LEXICON = read_lexicon()
TEMPLATES = {row["id"]: row for row in read_table("templates.csv")}
SENTENCES = [row for row in TEMPLATES.values() if "{" in row["en"]]
PHRASES = [row for row in TEMPLATES.values() if "{" not in row["en"]]

REPORTS, FACTS, REVIEWS = {}, {}, {}
for row in read_table("reports.csv"):
    parts = REPORTS.setdefault(row["kind"], {})
    parts.setdefault(row["part"], []).append(row["text"])
FILLERS = REPORTS.pop("filler")["any"]
for row in read_table("facts.csv"):
    parts = FACTS.setdefault(row["fact"], {})
    parts.setdefault(row["part"], []).append((row["text"], row["answer"]))
for row in read_table("reviews.csv"):
    kinds = REVIEWS.setdefault(row["role"], {})
    kinds.setdefault(row["kind"], []).append(row["text"])
QUESTIONS = [(fact, number) for fact, parts in FACTS.items()
             for number in range(len(parts["question"]))]
ALSO_HELD_OUT = also_held_out()
