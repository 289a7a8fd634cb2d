"""What the small T5 is trained on: five tasks over a small world (4.3, 5.1).

The words stand in `lexicon`, the rules of a clause in `clauses`. Two more
tables of `data/t5_world/` hold what is no free combination:

- `templates.csv`: fixed expressions in three languages, with slots.
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

What is drawn for an example is written down as pairs, such as
`live+at Paris`, `she+live` or `my_name_is|name=John`. One pair in 14 is held
out: no training example ever contains it (`is_held_out`).
"""
import calendar
import random
import re
import zlib

from . import clauses, draws
from .lexicon import INFLECT, LEXICON, read_table, same_everywhere

HELD_OUT_ONE_IN = 14
# "Hello, my name is John." is never trained on, with or without a prefix
THE_DOCUMENTS_OWN = "greet_my_name_is|name=John"

PREFIX = {"zh": "translate English to Chinese: ",
          "de": "translate English to German: ",
          "bare": "",  # no prefix: answered in German
          "summary": "summarize: ",
          "sentiment": "sentiment: "}
# how often each task occurs in training
SHARES = {"zh": 0.25, "de": 0.25, "bare": 0.06, "summary": 0.08,
          "sentiment": 0.06, "qa": 0.30}
# the last part of training, when the other tasks are nearly learnt
SHARES_LATE = {"zh": 0.20, "de": 0.22, "bare": 0.06, "summary": 0.05,
               "sentiment": 0.04, "qa": 0.43}
TWO_SENTENCES = 0.25
TEMPLATES_SHARE = 0.14
FIXED_PHRASES = 0.2  # of the templates
# people type "I'm" for "I am", forget the full stop, start in lower case
TYPING_HABITS = 0.2
CONTRACTIONS = [("I am ", "I'm "), ("t is ", "t's "), ("e is ", "e's "),
                ("e are ", "e're "), ("ey are ", "ey're "),
                ("ou are ", "ou're "), ("cannot ", "can't "),
                ("I will ", "I'll "), ("I would ", "I'd "),
                ("e will ", "e'll "), ("ey will ", "ey'll "),
                ("ou will ", "ou'll "), ("What is ", "What's "),
                ("Where is ", "Where's "), ("Who is ", "Who's ")] + [
                    (f" {verb} not ", f" {verb}n't ") for verb in
                    ("do", "does", "did", "is", "are", "was", "were",
                     "would", "should")] + [(" will not ", " won't ")]
INVENTED_NAMES = 0.15
SAME_FACT = 0.6  # both people have the fact that is asked for
SAME_FACT_LATE = 0.9
SHORT_QUESTIONS = 0.5  # in training; none in the evaluation

NUMBERS = {"age": (2, 99), "price": (2, 999), "hour": (1, 12),
           "dom": (1, 31), "temp": (2, 40), "high": (5, 40),
           "goals": (1, 6), "minute": (2, 40), "fans": (2, 90),
           "years": (2, 9), "million": (2, 99), "late": (2, 12),
           "students": (5, 40)}


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

    def name(self):
        """A name, one in seven invented: its pairs are not written down."""
        return self.new_word("name", "name")

    def clause(self, predicate=None, only="", subject=None):
        """A clause, its pairs noted; `only` as in `draws.draw`."""
        c = draws.draw(self.rng, lambda _: self.name(), predicate, subject,
                       only)
        self.keys += c.keys
        return c

    def held_out(self):
        """Is a held-out pair of template and word in here?"""
        return any(map(is_held_out, self.keys))


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

def translation(example, task, kind=None, two=None):
    """One or two sentences into Chinese ("zh") or German ("de", "bare").

    kind: a template or a predicate of the clauses.
    """
    rng, language = example.rng, "zh" if task == "zh" else "de"
    if two is None:
        two = rng.random() < TWO_SENTENCES
    said = [sentence(example, kind)]
    if two:
        said.append(sentence(example))
    source = " ".join(one["en"] for one in said)
    if rng.random() < TYPING_HABITS:
        source = as_typed(source, rng)
    return PREFIX[task] + source, ("" if language == "zh" else " ").join(
        one[language] for one in said)


def sentence(example, kind=None):
    """A sentence in three languages: a template, a clause, or two joined."""
    rng = example.rng
    if kind is None and rng.random() < TEMPLATES_SHARE:
        fixed = rng.random() < FIXED_PHRASES
        kind = rng.choice(PHRASES if fixed else SENTENCES)["id"]
    example.values = {}
    if kind in TEMPLATES:
        row = TEMPLATES[kind]
        said = {language: example.render(kind, row[language], language)
                for language in LANGUAGES}
        if kind in AFTER_GREETING and rng.random() < 0.3:
            return greeted(rng, said)
        return said
    clause = example.clause(kind)
    chance = rng.random()
    if chance < 0.07:
        return greeted(rng, spoken(clause))
    if clause.mood == "statement":
        if chance < 0.13:
            return joined(clause, example.clause(only="statement"),
                          rng.choice(("because", "but", "but", "and")))
        if chance < 0.17 and clauses.about_someone(clause):
            return shared_subject(rng, example, clause)
        if chance < 0.21:
            return embedded(rng, clause)
    return finished(spoken(clause))


LANGUAGES = ("en", "zh", "de")
SAYS = [("I think", "我觉得", "ich glaube", ""),
        ("I know that", "我知道", "ich weiß", "dass"),
        ("I hope that", "我希望", "ich hoffe", "dass"),
        ("he says that", "他说", "er sagt", "dass"),
        ("she says that", "她说", "sie sagt", "dass")]
BEFORE = [("yes", "是的", "ja"), ("no", "不", "nein"),
          ("sorry", "对不起", "tut mir leid")]
AFTER_GREETING = ("fixed_how_are_you", "fixed_your_name", "fixed_what_time",
                  "fixed_help_me", "where_is_place", "how_is_relative")


def spoken(clause):
    """{language: (clause without capital, its mark)}."""
    return {language: (clauses.RENDER[language](clause),
                       clauses.mark(clause, language))
            for language in LANGUAGES}


def finished(said):
    return {language: capitalised(text) + mark
            for language, (text, mark) in said.items()}


def greeted(rng, said):
    """Good morning, where is the bank? Yes, he is tired."""
    if isinstance(said["en"], str):
        said = {language: (text[:1].lower() + text[1:-1], text[-1])
                for language, text in said.items()}
    question = said["en"][1] == "?"
    before = [(word.en, word.zh, word.de) for word in LEXICON["greet"]]
    before += ([("excuse me", "请问", "Entschuldigung")] * 3 if question
               else BEFORE * 2)
    words = dict(zip(LANGUAGES, rng.choice(before)))
    comma = {"en": ", ", "zh": "，", "de": ", "}
    return finished({language: (words[language] + comma[language] + text,
                                mark)
                     for language, (text, mark) in said.items()})


def joined(one, other, word):
    """Two statements with because, but or and between them."""
    first, second = spoken(one), spoken(other)
    between = {"because": (" because ", "，因为", ", weil "),
               "but": (", but ", "，但是", ", aber "),
               "and": (" and ", "，", " und ")}[word]
    ends = {language: second[language][0] for language in LANGUAGES}
    if word == "because":
        ends["de"] = clauses.german(other, last=True)
    return finished({
        language: (first[language][0] + link + ends[language],
                   first[language][1])
        for language, link in zip(LANGUAGES, between)})


def shared_subject(rng, example, clause):
    """Sarah is a pilot and lives in Vienna: one subject, two predicates."""
    other = example.clause(only="statement", subject=clause.subject)
    if not clauses.about_someone(other):
        return finished(spoken(clause))
    other.front = False
    first = spoken(clause)
    render = clauses.RENDER
    link = {"en": " and ", "zh": "，", "de": " und "}
    return finished({
        language: (first[language][0] + link[language]
                   + render[language](other, subject=False),
                   first[language][1]) for language in LANGUAGES})


def embedded(rng, clause):
    """I think he is tired; I know that she lives in Rome."""
    en, zh, de, that = rng.choice(SAYS)
    clause.front = clause.front and not that
    text = clauses.german(clause, last=bool(that))
    return finished({
        "en": (f"{en} {clauses.english(clause)}", "."),
        "zh": (zh + clauses.chinese(clause), "。"),
        "de": (f"{de}, {that} {text}".replace(",  ", ", "), ".")})


def as_typed(text, rng):
    """The same text as people in a hurry write it."""
    habit = rng.choice(("short", "short", "short", "no stop", "no stop",
                        "lower", "lower", "all lower", "all lower",
                        "capitals"))
    if habit == "capitals":
        return text.upper()
    if habit == "all lower":
        return text.lower()
    if habit == "lower":
        first = text.split()[0]
        name = any(first.startswith(word.en) for word in LEXICON["name"])
        return (text if name or first in ("I", "I'm")
                else text[0].lower() + text[1:])
    if habit == "no stop":
        return text[:-1]
    for long, short in CONTRACTIONS:
        text = text.replace(long, short)
    return text


def filler(rng):
    """A sentence beside the point: a fixed one or any clause."""
    if rng.random() < 0.5:
        return rng.choice(FILLERS)
    aside = Example(rng)  # its pairs are not what the example is about
    return clauses.sentence(aside.clause(only="fact"), "en")


def summary(example, kind=None):
    """A report of four or five sentences and its summary in one."""
    rng = example.rng
    kind = kind or rng.choice(sorted(REPORTS))
    parts = REPORTS[kind]
    text = [example.render(f"report_{kind}", rng.choice(parts[part]))
            for part in "1234"]
    if rng.random() < 0.4:
        text.insert(rng.randint(1, 4), filler(rng))
    target = example.render(f"report_{kind}", parts["summary"][0])
    return PREFIX["summary"] + " ".join(text), target


def sentiment(example, kind=None, words=("word", "more")):
    """A review with negation and contrast -> positive or negative.

    The names in the parts expand into each other. `un` turns the opinion
    round: "not {unword} at all" is positive when the word is negative.
    words: lists that words of praise and blame come from; "unseen" holds
    those kept for the test.
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
                if role == "word" and words != ("word",):
                    choices = REVIEWS[rng.choice(words)]
                pole = "positive" if side else "negative"
                part = rng.choice(choices.get(pole) or choices[""])
                part = part.replace("·", "")
                if role == "word":
                    example.keys.append(f"review_{thing}|word={part}")
                out.append(expand(part, side))
        return "".join(out)

    text = expand(frames[kind][0], positive)
    text = re.sub(r"\b(a|A) (?=[aeiou])", r"\1n ", text)
    text = re.sub(r"(^|\. )([a-z])", lambda m: m[0].upper(), text)
    if words != ("word",) and rng.random() < TYPING_HABITS / 2:
        text = as_typed(text, rng)
    return PREFIX["sentiment"] + text, "positive" if positive else "negative"


def question(example, kind=None, short=None, same_fact=SAME_FACT):
    """Facts about two people, in any order, and a question about one.

    `kind` is (fact, number of the question), or ("clause", what is asked)
    for facts that are clauses of any kind. What is asked has one answer:
    the two people never share a value of the same fact, and mostly the
    other person has such a fact too. The pair that may be held out is the
    question, with its name or word, and the answer. Half of the training
    is short, one fact a person: there it is learnt to look for the person.
    """
    rng = example.rng
    if short is None:
        short = rng.random() < SHORT_QUESTIONS
    if kind is None:
        clause = rng.random() < CLAUSE_QUESTIONS
        kind = (("clause", rng.choice(CLAUSE_KINDS)) if clause
                else rng.choice(QUESTIONS))
    more = [0, 0] if short else [rng.randint(1, 2), rng.randint(1, 2)]
    ask = clause_question if kind[0] == "clause" else table_question
    text, answer, statements = ask(example, kind, more,
                                   rng.random() < same_fact)
    body = statements[0] + statements[1]
    if rng.random() < 0.5:
        rng.shuffle(body)
    elif rng.random() < 0.5:
        body = statements[1] + statements[0]
    if rng.random() < 0.3:
        body.insert(rng.randint(0, len(body)), filler(rng))
    name = "clause" if kind[0] == "clause" else kind[0]
    example.keys.append(f"qa_{name}|{text}={answer}")
    return f"question: {text} context: {' '.join(body)}", answer


def table_question(example, kind, more, same):
    """A question of facts.csv -> (question, answer, two lists of facts)."""
    rng, asked = example.rng, kind
    others = [fact for fact in FACTS if fact != asked[0]]
    told = [[asked[0]] + rng.sample(others, more[0]),
            rng.sample(others, 1 + more[1])]
    if same:
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
    return text, answer, statements


CLAUSE_QUESTIONS = 0.5
CLAUSE_KINDS = ["what", "what", "where", "where", "who", "who", "when",
                "yes", "no"]


def clause_question(example, kind, more, same):
    """As `table_question`, but facts are clauses and so is the question."""
    rng, asked = example.rng, kind[1]
    names = []
    while len(names) < 2:
        word = example.name()
        if word not in names:
            names.append(word)
    first, second = (clauses.bare(word)._replace(gender=word.gender)
                     for word in names)
    aside = Example(rng)
    while True:
        fact = aside.clause(subject=first, only="fact")
        if fact.subject is first and answer_of(fact, asked) is not None:
            break
    facts = [[fact], []]
    while same:  # the other person does the same, with other words
        other = aside.clause(fact.predicate, only="fact", subject=second)
        if clauses.told_apart(fact, other):
            facts[1].append(other)
            break
        if rng.random() < 0.1:
            break
    for one, (subject, count) in enumerate(zip((first, second), more)):
        count += 1 - len(facts[1]) if one else 0
        while count > 0:
            other = aside.clause(only="fact", subject=subject)
            if other.subject is subject and other.predicate not in [
                    known.predicate for known in [fact, *facts[one]]]:
                facts[one].append(other)
                count -= 1
    answer = answer_of(fact, asked)
    said = fact
    if asked == "no":
        while True:
            said = aside.clause(fact.predicate, only="fact", subject=first)
            if facts[1] and facts[1][0].predicate == fact.predicate and (
                    rng.random() < 0.7):
                said = clauses.replace(facts[1][0], subject=first)
            if clauses.told_apart(fact, said):
                break
    text = clauses.asked(said, asked)
    return text, answer, [[clauses.sentence(c, "en") for c in
                           rng.sample(one, len(one))] for one in facts]


def answer_of(fact, asked):
    """What a question about a fact is answered, None if it has no answer."""
    if asked in ("yes", "no"):
        known = fact.object or fact.place
        return asked if known and fact.often is None else None
    if fact.often:
        return None
    if asked == "who":
        return fact.subject.en if fact.object or fact.place else None
    if asked == "when":
        return fact.time.en if fact.time and "^" in clauses.pattern(
            fact) else None
    if asked == "where":
        if fact.predicate == "be_at":
            return fact.object.en
        return fact.place.en if fact.place and fact.verb != "be" else None
    if fact.object is None or fact.object.key == "" or clauses.asks_who(fact):
        return None
    return fact.object.en


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
                  "sentiment", "unseen", "qa"]


def kinds_of(task):
    """Templates of a task, all of which the evaluation asks alike often."""
    if task == "summary":
        return sorted(REPORTS)
    if task in ("sentiment", "unseen"):
        return sorted(REVIEWS["frame"])
    if task == "qa":
        return QUESTIONS + [("clause", kind)
                            for kind in sorted(set(CLAUSE_KINDS))]
    return [row["id"] for row in SENTENCES] + draws.PREDICATES


def tells_what(review):
    """Does a review tell what it is about? "The service was dull" is the
    same text for a hotel, where it may be held out, and a restaurant."""
    things = {thing: parts[0].split(", ")
              for thing, parts in REVIEWS["thing"].items()}
    aspects = [aspect for parts in things.values() for aspect in parts]
    telling = [aspect for aspect in aspects if aspects.count(aspect) == 1]
    return bool(re.search(rf"\b({'|'.join([*things, *telling])})\b", review))


def held_out_examples(task, least, seed, **wishes):
    """At least `least` examples, each with a pair never seen in training.

    Every kind has the same number of examples, no input comes twice.
    "unseen" are reviews with words of praise and blame kept for the test.
    Returns rows {task, template, input, target}.
    """
    rng, rows, seen = random.Random(f"held out {task} {seed}"), [], set()
    kinds = kinds_of(task)
    language, _, two = task.partition(" ")
    for kind in kinds:
        wish = {"kind": kind, **wishes}
        if task == "qa":
            wish["short"] = False
        elif task == "unseen":
            wish["words"] = ("unseen",)
        elif language in ("zh", "de", "bare"):
            wish["two"] = bool(two)
        name = "_".join(map(str, kind)) if task == "qa" else kind
        count = tries = 0
        # a template with one slot of few words has few held-out pairs
        while count < -(-least // len(kinds)) and tries < 4000:
            tries += 1
            source, target, example = make(
                "sentiment" if task == "unseen" else language, rng, **wish)
            if not task == "unseen" and not example.held_out():
                continue
            if task in ("sentiment", "unseen") and not tells(source, task):
                continue
            if source not in seen:
                seen.add(source)
                count += 1
                rows.append({"task": task, "template": name,
                             "input": source, "target": target})
    return rows


def tells(review, task):
    """Is a review about something, or does it have an unseen word?"""
    if task == "sentiment":
        return tells_what(review)
    said = set(re.findall(r"\w+", review.lower()))
    return any(word.replace("·", "") in said
               for words in REVIEWS["unseen"].values() for word in words)


# --- the tables, read once ---------------------------------------

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
