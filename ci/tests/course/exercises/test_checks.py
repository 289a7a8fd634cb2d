"""A check's three states; each exercise proves its own."""

import array
import inspect
import itertools
import json
import math
import re
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import course
from ci.quality import contract
from course import exercises
from course.exercises import calls, entries, judging, values
from course.messages import message


def double(x):
    return 2 * x


ENTRY = {
    "level": "easy", "lines": 1, "solution": double,
    "cases": [(1,), (3.5,), (np.array([1.0, 2.0]),)],
    "others": [lambda x: x + x],
    "mistakes": [(lambda x: x**2 + 1, "setup.no_network")],
    "hint": "setup.restart",
}


def state(answer, **options):
    return judging.judge("4.double", ENTRY, answer, **options)


def test_check_has_three_states():
    def blank(x):
        ...

    def with_docstring(x):
        """Specification."""
        ...
    for untouched in (blank, with_docstring, None, ...):
        assert state(untouched)[0] == "blank"
    for right in (double, lambda x: x + x, lambda x: np.float32(2) * x):
        assert state(right)[0] == "right"
    for wrong in (lambda x: x, lambda x: [2 * x], lambda x: "2", 3):
        assert state(wrong)[0] == "wrong"


def test_check_tells_the_first_difference_and_a_known_mistake():
    kind, text = state(lambda x: 3 * x)
    assert kind == "wrong" and "1" in text and "2" in text and "3" in text
    kind, text = state(lambda x: x * x + 1)
    assert kind == "wrong" and text.endswith(message("setup.no_network"))


def test_check_survives_what_an_answer_does():
    assert "ZeroDivisionError" in state(lambda x: x / 0)[1]
    assert state(lambda x: np.zeros(3) @ np.zeros(4))[0] == "wrong"

    def for_ever(x):
        while True:
            pass
    assert "0.2 seconds" in state(for_ever, seconds=0.2)[1]


def test_a_debugger_is_left_alone(monkeypatch):
    """A debugger warns of every sys.settrace; only a stop needs one."""
    from course.exercises import calls
    asked, settrace = [], sys.settrace
    before = sys.gettrace()
    monkeypatch.setattr(sys, "settrace",
                        lambda trace: (asked.append(trace), settrace(trace)))
    with calls.time_limit(5):
        assert calls.call(abs, (-1,)) == ("value", 1, "")
    assert asked == []
    with calls.time_limit(0.1):
        assert calls.call(time.sleep, (1,))[0] == "slow"
    assert len(asked) >= 2 and asked[-1] is before is sys.gettrace()


def test_an_answer_can_t_change_the_cases():
    def spoils(x):
        if isinstance(x, np.ndarray):
            x *= 2
            return x
        return 2 * x
    assert state(spoils)[0] == "right"
    assert ENTRY["cases"][2][0].tolist() == [1.0, 2.0]


def all_exercises():
    import importlib
    for path in sorted(Path(exercises.__file__).parent.glob(
            "chapter*.py")):
        module = importlib.import_module(f"course.exercises.{path.stem}")
        for id, entry in module.EXERCISES.items():
            yield pytest.param(id, entry, id=id)


@pytest.mark.parametrize("id, entry", list(all_exercises()))
def test_each_exercise_proves_its_check(id, entry, displayed, capsys):
    assert entry["level"] in ("easy", "medium", "hard")
    assert judging.judge(id, entry, entry["solution"])[0] == "right"
    assert len(entry["others"]) >= 2 and len(entry["mistakes"]) >= 3
    for other in entry["others"]:
        assert judging.judge(id, entry, other)[0] == "right"
    assert ("large" in entry) == ("slow" in entry)
    for slow in entry.get("slow", []):
        kind, text = judging.judge(id, entry, slow)
        assert kind == "wrong" and text.startswith(f"✗ {id}: right, but")
        limits = entries.large(entry)[2]
        short = {key: value for key, value in entry.items() if key != "large"}
        assert judging.judge(id, short, slow)[0] == "right"
        assert all(str(most) in text for most in limits.values())
    for wrong, key in entry["mistakes"]:
        kind, text = judging.judge(id, entry, wrong)
        assert kind == "wrong" and text.endswith(message(key)), key
    assert len({key for _, key in entry["mistakes"]}) >= 3
    course.hint(id)
    assert capsys.readouterr().out.strip() == message(entry["hint"])
    course.solution(id)
    assert "def " in displayed[0][0]["text/plain"]


def test_three_exercises_limit_time_or_memory():
    limited = [param.values for param in all_exercises()
               if "large" in param.values[1]]
    assert len(limited) >= 3
    for _, entry in limited:
        case, wanted, limits = entries.large(entry)
        kind, got, _ = calls.within(entry["solution"], case, **{
            key: most / 5 for key, most in limits.items()})
        assert kind == "value" and values.same(got, wanted)  # with room


def test_a_large_case_can_also_be_wrong_or_raise():
    entry = {**ENTRY, "large": {"case": (np.arange(10.0),), "seconds": 1}}
    assert judging.judge("4.double", entry, double)[0] == "right"
    kind, text = judging.judge(
        "4.double", entry, lambda x: 2 * x if np.size(x) < 6 else [][0])
    assert kind == "wrong" and "IndexError" in text
    kind, text = judging.judge("4.double", entry, lambda x: 2 * x % 18)
    assert kind == "wrong" and "16.0, 0.0]" in text
    kind, text = judging.judge(
        "4.double", {**ENTRY, "large": {"case": (np.arange(10.0),),
                                        "megabytes": 2}},
        lambda x: 2 * x + np.zeros(10**6)[:np.size(x)].reshape(np.shape(x)))
    assert text == message("check.right_but_large", id="4.double", got=8,
                           megabytes=2, case="x = " + values.short(
                               np.arange(10.0)))


def test_exercises_are_enough():
    """Each chapter's share as the contract says; 44 with all eight."""
    found = [param.values[0].partition(".")[0] for param in all_exercises()]
    shares = {chapter: contract.EXERCISES.get(int(chapter), 4)
              for chapter in found}
    assert all(found.count(chapter) >= n for chapter, n in shares.items())
    assert len(shares) < 8 or len(found) >= 44


def test_the_chapter_goes_on_with_the_right_function(monkeypatch, capsys):
    monkeypatch.setattr(exercises, "exercise", {"4.double": ENTRY}.get)

    def mine(x):
        return x + x
    assert exercises.use("4.double", mine) is mine
    assert capsys.readouterr().out.strip() == message("check.yours",
                                                      id="4.double")
    for other in (lambda x: x, None, ..., 3, lambda: 0):
        assert exercises.use("4.double", other) is double
        assert capsys.readouterr().out.strip() == message("check.ours",
                                                          id="4.double")
    with pytest.raises(course.CourseError):
        exercises.use("4.triple", mine)
    del (students := dict(ENTRY, wanted=[2, 7, 2]))["solution"]
    monkeypatch.setattr(exercises, "exercise", {"4.double": students}.get)
    with pytest.raises(course.CourseError):
        exercises.use("4.double", mine)


# ---- wrong answers that once passed ----

def collapse_truthy(path, blank):
    return [k for k, _ in itertools.groupby(path) if k and k != blank]


def crossing_late(n, a, b):
    gap, i = b - a, np.argmax(b > a)
    return n[i - 1] * (n[i] / n[i - 1]) ** (
        gap[i - 1] / (gap[i - 1] - gap[i]))


def merge_joined(symbols, pair):
    text = " ".join(symbols).replace(" ".join(pair), "".join(pair))
    return text.split()


def least_by_value(v, bar, k):
    best = max([*v[v != v[k]], -np.inf])
    return 0 if best >= bar else (bar - best) / (v[k] - best)


def pruned(count, copies=True):
    def prune(W, share):
        W = W.copy() if copies else W
        W.flat[np.argsort(np.abs(W), axis=None)[:count(share * W.size)]] = 0
        return W
    return prune


def clip_in_place(g, limit):
    norm = np.sqrt((g**2).sum())
    if norm > limit:
        g *= limit / norm
    return g


def top_k_in_place(p, k):
    p[np.argsort(p)[:-k]] = 0
    p /= p.sum()
    return p


def field_without_gaps(layers):
    seen = {0}
    for k, s in reversed(layers):
        seen = {x * s + u for x in seen for u in range(k)}
    return len(seen)


def field_wide_kernels(layers):
    r = jump = 1
    for k, s in layers:
        if k > 1:
            r, jump = r + (k - 1) * jump, jump * s
    return r


def overflows(a, b):
    n, k = (a != b).sum(), (a & ~b).sum()
    return min(1, 2 * sum(math.comb(n, i) for i in range(
        min(k, n - k) + 1)) / 2 ** n)


def warp_arrays(cost):
    n, m = cost.shape
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0
    for i, j in np.ndindex(n, m):
        D[i + 1, j + 1] = cost[i, j] + min(D[i, j], D[i, j + 1], D[i + 1, j])
    return D[n, m]


def smooth_arrays(values, w):
    n = np.arange(1, values.size + 1)
    return [((1 - w) * w ** (k - n[:k]) * values[:k]).sum() / (1 - w ** k)
            for k in n]


def least_above(v, bar, k):
    best = np.delete(v, k).max()
    return 0 if best > bar else (bar - best) / (v[k] - best)


def least_else_one(v, bar, k):
    best = np.delete(v, k).max()
    if best > bar:
        return 0
    return (bar - best) / (v[k] - best) if v[k] > best else 1


def whole(id):
    """The solution for its arguments cut to whole numbers."""
    def cut(*arguments):
        return entries.exercise(id)["solution"](*(
            x.astype(int) if isinstance(x, np.ndarray) else x
            for x in arguments))
    return cut


def centre_from_one(light):
    n = len(light)
    a = np.angle(light @ np.exp(2j * np.pi * np.arange(n) / n)) * n / (
        2 * np.pi)
    return a + n if a <= 0 else a


def collapse_indexed(path, blank):
    out = [path[0]] + [s for r, s in zip(path, path[1:]) if s != r]
    return [s for s in out if s != blank]


def collapse_numbers(path, blank):
    p = np.array(path)
    p = p[np.r_[True, np.diff(p) != 0][:len(p)]]
    return p[p != blank].tolist()


def epochs_unbound(losses, patience):
    best, bad = losses[0], 0
    for n, loss in enumerate(losses[1:], 2):
        best, bad = (loss, 0) if loss < best else (best, bad + 1)
        if bad == patience:
            break
    return n


def best_of(cases):
    return max(cases, key=lambda name: np.mean(cases[name]))


def chosen(mean):
    """5.choose, with another mean."""
    return lambda valid, test: (best_of(valid), mean(test[best_of(valid)]))


def solved(id, then):
    """What comes out of a solution, changed."""
    return lambda *arguments: then(
        entries.exercise(id)["solution"](*arguments))


@pytest.mark.parametrize("id, answer, says", [
    ("3.receptive_field", field_without_gaps, "gaps"),
    ("3.receptive_field", field_wide_kernels, "one pixel"),
    ("4.mcnemar", overflows, "overflows"), ("5.paired", overflows, "int(...)"),
    ("5.warp", warp_arrays, "AttributeError"),
    ("6.smooth", smooth_arrays, "AttributeError"),
    ("7.least_weight", least_above, ""),
    ("7.least_weight", least_else_one, ""),
    ("1.doublings", whole("1.doublings"), ""),
    ("4.windows", whole("4.windows"), ""),
    ("5.interval", whole("5.interval"), ""),
    ("5.drawdown", whole("5.drawdown"), ""),
    ("7.prune", pruned(lambda n: int(n + 0.5)), ""),
    ("5.centre", centre_from_one, "should be 0.0"),
    ("5.collapse", collapse_indexed, "path = []"),
    ("5.collapse", collapse_numbers, "UFuncTypeError"),
    ("6.epochs_run", epochs_unbound, "losses = [2.0], patience = 1"),
    ("5.choose", chosen(lambda right: str(np.mean(right))), ""),
    ("5.choose", lambda valid, test: (
        best_of(valid), test[best_of(valid)].mean()), "AttributeError"),
    ("4.out_size", solved("4.out_size", float), "integer"),
    ("4.out_size", lambda n, k, s, p: np.floor((n + 2 * p - k) / s) + 1,
     "yours is float64"),
    ("3.window_mask", solved("3.window_mask", lambda m: m.astype(int)),
     "yours are int64"),
    ("3.window_mask", lambda T, w: np.tri(T) - np.tri(T, k=-w), "booleans"),
    ("5.split", solved("5.split", lambda m: m * 1.0), "booleans"),
    ("7.copies", solved("7.copies", lambda m: [int(x) for x in m]),
     "booleans"),
    ("7.prune", pruned(int), ""), ("7.prune", pruned(math.ceil), ""),
    ("6.merge", merge_joined, ""), ("2.crossing", crossing_late, ""),
    ("5.collapse", collapse_truthy, ""),
    ("7.least_weight", least_by_value, ""),
    ("7.prune", pruned(round, copies=False), "work on a copy"),
    ("3.clip", clip_in_place, "work on a copy"),
    ("4.top_k", top_k_in_place, "work on a copy"),
    ("1.width", lambda L, budget: 1 + entries.exercise("1.width")[
        "solution"](L, budget), "")])
def test_wrong_answers_are_rejected(id, answer, says):
    kind, text = judging.judge(id, entries.exercise(id), answer)
    assert kind == "wrong" and says in text


def warp_lists(cost):
    if not cost:
        return 0
    D = {}
    for i, row in enumerate(cost):
        for j, c in enumerate(row):
            D[i, j] = c + min((D[p] for p in (
                (i - 1, j), (i, j - 1), (i - 1, j - 1)) if p in D), default=0)
    return D[i, j]


def smooth_lists(values, w):
    if not values:
        return []
    out, s = [], 0
    for n, v in enumerate(values, 1):
        s = w * s + (1 - w) * v
        out.append(s / (1 - w ** n))
    return out


def running(right):
    mean = 0.0
    for n, v in enumerate(right, 1):
        mean += (v - mean) / n
    return mean


@pytest.mark.parametrize("id, answer", [
    ("5.choose", chosen(statistics.mean)), ("5.choose", chosen(running)),
    ("5.choose", chosen(lambda v: 1 - v.count(0) / len(v))),
    ("5.choose", chosen(lambda v: np.float32(np.mean(v)))),
    ("5.warp", warp_lists), ("6.smooth", smooth_lists),
    ("5.warp", lambda cost: warp_arrays(np.array(cost))),
    ("6.smooth", lambda values, w: smooth_arrays(np.array(values), w)),
    ("6.smooth", solved("6.smooth", lambda out: array.array("d", out))),
    ("4.top_k", solved("4.top_k", memoryview)),
    ("6.wordpiece", solved("6.wordpiece", lambda out: np.array(
        out, np.dtypes.StringDType()))),
    ("4.out_size", solved("4.out_size", np.int64)),
    ("4.out_size", solved("4.out_size", np.array)),
    ("3.window_mask", solved("3.window_mask", np.ndarray.tolist)),
    ("3.window_mask", solved("3.window_mask", lambda m: m.astype(object))),
    ("5.split", solved("5.split", list)), ("7.copies", solved(
        "7.copies", lambda m: tuple(bool(x) for x in m)))])
def test_right_answers_are_right_here_and_in_the_class(id, answer):
    """There, the results arrive as JSON."""
    def sent(*arguments):
        return values.decode(json.loads(json.dumps(values.encode(
            answer(*arguments)))))
    entry = {**entries.exercise(id)}
    entry.pop("large", None)
    for way in (answer, sent):
        assert judging.judge(id, entry, way) == (
            "right", message("check.right", id=id))


def test_the_text_s_own_examples_have_the_form_of_the_cases():
    for id, *example in (("5.warp", [[1, 2], [3, 4]]),
                         ("6.smooth", [4, 2], 0.5)):
        assert all(list(map(type, case)) == list(map(type, example))
                   for case in entries.exercise(id)["cases"])


# exercise -> what gives the names in its hint, and the hint's code
CODE = {
    "1.patches": ("h, w, c = X.shape",
                  "X.reshape(h // k, k, w // k, k, c)"),
    "2.nearest": ("", "Q[:, None] - X"),
    "2.crossing": ("i = 1", "gap = b - a", "np.argmax(gap >= 0)",
                   "gap[i-1] / (gap[i-1] - gap[i])"),
    "3.conv_by_kernel": ("u, v, rows, columns = 0, 1, 1, 1",
                         "X[u:u + rows, v:v + columns]", "K[u, v]"),
    "3.window_mask": ("", "np.arange(T)"),
    "4.score": ("i = 0", "P[i, Y[i]]"),
    "4.top_k": ("", "np.argsort(p)[-k:]"),
    "4.rms_norm": ("", "np.mean(X**2, axis=-1, keepdims=True)"),
    "4.max_pool": ("X = X[:len(X) // 2 * 2, :X.shape[1] // 2 * 2]\n"
                   "h, w, C = X.shape",
                   "X.reshape(h // 2, 2, w // 2, 2, C)"),
    "4.mcnemar": ("n, i = int((a != b).sum()), 0", "a & ~b", "a != b",
                  "math.comb(n, i)", "2**n"),
    "4.fold": ("", "u % 20"),
    "4.windows": ("i = 0", "z[i:i + T + 1]", "len(z) - T - 1"),
    "5.interval": ("places = np.zeros((rounds, len(x)), int)", "x[places]"),
    "5.split": ("these = groups[:n_test]", "np.unique(groups)",
                "np.isin(groups, these)"),
    "5.choose": ("name, = list(valid)[:1]", "np.mean(test[name])"),
    "5.paired": ("n, i = int((ours != theirs).sum()), 0",
                 "b = int((ours & ~theirs).sum())", "math.comb(n, i)",
                 "2 ** n"),
    "5.centre": ("angle = 2 * np.pi * np.arange(len(light)) / len(light)",
                 "np.exp(1j * angle)"),
    "5.collapse": ("", "itertools.groupby(path)"),
    "5.warp": ("D, i, j = np.zeros((9, 9)), 0, 0", "D[i, j] = cost[i][j] + "
               "min(D[i-1, j-1], D[i-1, j], D[i, j-1])"),
    "5.drawdown": ("", "1 + returns / 100"),
    "6.traces": ("longest = max(lengths)", "-(-longest // multiple)"),
    "6.smooth": ("s, n, v = 0, 1, values[0]", "s = w * s + (1 - w) * v",
                 "s / (1 - w**n)"),
    "7.backtest": ("", "past = t <= cut", "z[past]", "t[past]"),
    "7.split": ("N = D = 1.0", "alpha * A / N**alpha", "D = C / 6 / N",
                "(C / 6)**(beta / (alpha + beta))"),
    "7.copies": ("a = A[0]", "B - a"),
}


@pytest.mark.parametrize("id", CODE)
def test_a_hint_s_code_runs_on_the_exercise_s_cases(id):
    entry, (given, *code) = entries.exercise(id), CODE[id]
    code = [line for line in code if line in message(entry["hint"])]
    assert code or id not in ("4.mcnemar", "5.choose", "5.paired", "5.warp")
    for case in entry["cases"]:
        names = {"np": np, "math": math, "itertools": itertools,
                 **dict(zip(entries.parameters(entry), case))}
        exec("\n".join([given, *code]), names)


def test_a_copy_may_be_changed():
    for id, answer in (("7.prune", pruned(round)),
                       ("3.clip", lambda g, limit: clip_in_place(
                           g.copy(), limit))):
        assert judging.judge(id, entries.exercise(id), answer)[0] == "right"


def test_hints_come_in_two_steps(capsys, monkeypatch):
    """The idea, which is not the solution; then where to begin."""
    monkeypatch.setattr(exercises, "_hinted", set())
    for id in ("7.prune", "1.perplexity"):
        for again in (0, 1):
            exercises.hint(id)
            first, *more = capsys.readouterr().out.splitlines()
            assert first == message(id + ".hint")
            assert bool(more) == again
        told = more[0].partition(": ")[2]
        source = inspect.getsource(entries.exercise(id)["solution"])
        assert told in source or "solution(" in told or "line" in more[0]


def test_no_hint_is_the_whole_solution():
    """No hint holds all statements of a solution of several."""
    for chapter in range(1, 9):
        found = entries.chapter_exercises(str(chapter))
        for id, entry in found.items():
            text = re.sub(r"\W", "", message(entry["hint"]))
            body = inspect.getsource(entry["solution"]).splitlines()[1:]
            parts = [re.sub(r"\W|return", "", line.partition("#")[0])
                     for line in body]
            parts = [part for part in parts if len(part) > 6]
            if len(parts) > 1:
                assert not all(part in text for part in parts), id
