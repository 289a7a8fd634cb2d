"""Mutants: do the checks notice small changes to the solutions?

    .venv/bin/python -m ci.quality.mutants [CHAPTER ...]

Each exercise's solution is changed in one place at a time (operators, signs,
comparisons, constants off by one, axes, terms, calls, arguments, slices), at
most MOST times, and each mutant is handed to the check. One that passes
survives: either equivalent_mutants.csv, beside this, says why it gives the
same results for all inputs, or the exercise needs a case that tells it apart.
The table goes to the terminal, all of it to build/mutants.json.
"""
import ast
import copy
import csv
import difflib
import inspect
import json
import multiprocessing
import os
import random
import sys
import textwrap

from ci import BUILD, NOTEBOOKS, ROOT

MOST = 30  # mutants of an exercise
SECONDS = 2  # for one mutant's check
PATIENCE = 20  # seconds after which a worker is taken for dead
MEMORY = 4 * 2**30  # bytes of a worker: a mutant may ask for a huge array
EQUIVALENT = ROOT / "ci" / "quality" / "equivalent_mutants.csv"

OPERATORS = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult], ast.FloorDiv: [ast.Div, ast.Mult],
    ast.Mod: [ast.FloorDiv], ast.Pow: [ast.Mult], ast.MatMult: [ast.Mult],
    ast.BitAnd: [ast.BitOr], ast.BitOr: [ast.BitAnd]}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn],
    ast.NotIn: [ast.In], ast.Is: [ast.IsNot], ast.IsNot: [ast.Is]}
NAMES = {"max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax",
         "maximum": "minimum", "minimum": "maximum", "sum": "mean",
         "mean": "sum", "zeros": "ones", "ones": "zeros", "floor": "ceil",
         "ceil": "floor", "any": "all", "all": "any", "log": "log2",
         "exp": "exp2", "sin": "cos", "cos": "sin", "zeros_like": "ones_like",
         "ones_like": "zeros_like", "triu": "tril", "tril": "triu"}


def changes(node):
    """Other nodes that may stand in this one's place."""
    if isinstance(node, ast.BinOp):
        for kind in OPERATORS.get(type(node.op), []):
            yield ast.BinOp(node.left, kind(), node.right)
        yield node.left
        yield node.right
        if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.AugAssign):
        for kind in OPERATORS.get(type(node.op), []):
            yield ast.AugAssign(node.target, kind(), node.value)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for kind in COMPARISONS.get(type(node.ops[0]), []):
            yield ast.Compare(node.left, [kind(), *node.ops[1:]],
                              node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield ast.BoolOp(other(), node.values)
        yield from node.values
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, (int, float)):
            far = abs(node.value) > 1000  # one more would be a rounding error
            yield ast.Constant(node.value * 10 if far else node.value + 1)
            yield ast.Constant(node.value / 10 if far else node.value - 1)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], node.ctx)
    elif isinstance(node, ast.Call):
        yield from changed_calls(node)
    elif isinstance(node, ast.Slice):
        for lower, upper, step in changed_slices(node):
            yield ast.Slice(lower, upper, step)
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(
            node.ctx, ast.Load):
        yield ast.Tuple(node.elts[::-1], node.ctx)


def changed_calls(node):
    """Without the call, its arguments exchanged, one keyword less."""
    if len(node.args) >= 2:
        yield ast.Call(node.func, [node.args[1], node.args[0],
                                   *node.args[2:]], node.keywords)
    of_module = (isinstance(node.func, ast.Attribute) and isinstance(
        node.func.value, ast.Name) and node.func.value.id in ("np", "math"))
    if isinstance(node.func, ast.Attribute) and not of_module:
        yield node.func.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    for k in range(len(node.keywords)):
        yield ast.Call(node.func, node.args,
                       node.keywords[:k] + node.keywords[k + 1:])


def changed_slices(node):
    """Bounds one further, and each of them left out."""
    one = ast.Constant(1)
    for bound in (node.lower, node.upper):
        if bound is None or isinstance(bound, ast.Constant):
            continue  # constants change by themselves
        for kind in (ast.Add, ast.Sub):
            other = ast.BinOp(bound, kind(), one)
            yield ((other, node.upper, node.step) if bound is node.lower
                   else (node.lower, other, node.step))
    if node.lower:
        yield None, node.upper, node.step
    if node.upper:
        yield node.lower, None, node.step
    if node.step:
        yield node.lower, node.upper, None


def mutants(function, id):
    """[(changed lines, source)] of a function: at most MOST, always the same.

    What reads as another one, or as the function itself, is left out.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if ast.get_docstring(tree):
        del tree.body[0]
    original = ast.unparse(tree)
    sources = {}
    for path, node in places(tree.body, ()):
        for new in changes(node):
            mutant = copy.deepcopy(tree)
            put(mutant, path, copy.deepcopy(new))
            text = ast.unparse(ast.fix_missing_locations(mutant))
            if folded(text) != folded(original):
                sources[folded(text)] = text
    for k, statement in enumerate(tree.body[:-1]):
        mutant = copy.deepcopy(tree)
        del mutant.body[k]
        sources[k] = ast.unparse(mutant)
    found = sorted((difference(original, text), text)
                   for text in sources.values())
    random.Random(id).shuffle(found)
    return found[:MOST]


def places(body, path):
    """(path, node) of all that may change: path names fields and places."""
    for k, statement in enumerate(body):
        yield from below(statement, (*path, ("body", k)))


def below(node, path):
    yield path, node
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from below(value, (*path, (field, None)))
        elif isinstance(value, list):
            for k, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from below(item, (*path, (field, k)))


def put(tree, path, new):
    """Puts a node into a tree at a path."""
    *way, (field, k) = path
    for name, index in way:
        tree = getattr(tree, name)
        tree = tree if index is None else tree[index]
    if k is None:
        setattr(tree, field, new)
    else:
        getattr(tree, field)[k] = new


def folded(text):
    """What Python makes of a source: equal for `2 * 2` and `2**2`."""
    def code(item):
        return (item.co_code, item.co_names, item.co_varnames, tuple(
            code(c) if hasattr(c, "co_code") else (type(c), repr(c))
            for c in item.co_consts))
    return code(compile(text, "mutant", "exec"))


def difference(original, text):
    """The lines of a mutant that the original does not have."""
    lines = [line[2:].strip() for line in difflib.ndiff(
        original.splitlines(), text.splitlines()) if line[:2] == "+ "]
    if lines:
        return " / ".join(lines)
    return "without " + " / ".join(line[2:].strip() for line in difflib.ndiff(
        original.splitlines(), text.splitlines()) if line[:2] == "- ")


# ---- trying them ----


def attempt(id, first, pipe):
    """In a worker: checks the mutants from number `first` on."""
    from course.exercises.entries import exercise
    from course.exercises.judging import judge
    try:
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass
    sys.stderr = open(os.devnull, "w")
    entry = exercise(id)
    function = entry["solution"]
    for lines, source in mutants(function, id)[first:]:
        names = dict(function.__globals__)
        try:
            exec(compile(source, "mutant", "exec"), names)
            answer = names[function.__name__]
            kind = judge(id, entry, answer, SECONDS)[0]
        except Exception:
            kind = "wrong"
        pipe.send(kind)


def tried(id):
    """[(changed lines, survived)] of an exercise's mutants.

    A mutant that kills or blocks its worker was noticed; the next worker
    goes on behind it.
    """
    from course.exercises.entries import exercise
    found = mutants(exercise(id)["solution"], id)
    kinds = []
    context = multiprocessing.get_context("fork")
    while len(kinds) < len(found):
        here, there = context.Pipe(duplex=False)
        worker = context.Process(target=attempt, args=(id, len(kinds), there))
        worker.start()
        there.close()
        try:
            while len(kinds) < len(found) and here.poll(PATIENCE):
                kinds.append(here.recv())
        except EOFError:
            pass
        if len(kinds) < len(found):
            kinds.append("gone")
        worker.kill()
        worker.join()
    return [(lines, kind == "right") for (lines, _), kind in
            zip(found, kinds)]


def accepted():
    """{(exercise, changed lines): why it is equivalent}."""
    with open(EQUIVALENT, encoding="utf-8", newline="") as file:
        return {(row["exercise"], row["mutant"]): row["reason"]
                for row in csv.DictReader(file)}


def report(chapters):
    """{exercise: made, killed, equivalent, survivors} of these chapters."""
    from course.exercises.entries import chapter_exercises
    ids = [id for chapter in chapters
           for id in chapter_exercises(str(chapter))]
    reasons, rows = accepted(), {}
    for id in ids:
        results = tried(id)
        survived = [lines for lines, passed in results if passed]
        listed = [lines for lines, _ in results if (id, lines) in reasons]
        rows[id] = {
            "made": len(results), "killed": len(results) - len(survived),
            "equivalent": len(set(survived) & set(listed)),
            "survivors": [x for x in survived if x not in listed],
            "listed_but_killed": [x for x in listed if x not in survived]}
    return rows


def rate(rows):
    """Killed among those that are not equivalent, from 0 to 1."""
    killed = sum(row["killed"] for row in rows)
    left = sum(len(row["survivors"]) for row in rows)
    return killed / max(1, killed + left)


def main(words):
    sys.path.insert(0, str(NOTEBOOKS))
    folder = NOTEBOOKS / "course" / "exercises"
    rows = report(words or sorted(
        path.stem[7:] for path in folder.glob("chapter*.py")))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "mutants.json").write_text(json.dumps(rows, indent=1) + "\n",
                                        encoding="utf-8")
    print("%-26s %5s %7s %11s %6s" % ("exercise", "made", "killed",
                                      "equivalent", "rate"))
    for id, row in [*rows.items(), ("all", {
            key: sum(row[key] for row in rows.values())
            for key in ("made", "killed", "equivalent")})]:
        share = rate(rows.values() if id == "all" else [row])
        print("%-26s %5d %7d %11d %5.1f%%" % (
            id, row["made"], row["killed"], row["equivalent"], 100 * share))
        for lines in row.get("survivors", []):
            print("    survives: " + lines)
        for lines in row.get("listed_but_killed", []):
            print("    listed as equivalent, but killed: " + lines)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
