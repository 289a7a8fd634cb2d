"""Whether an answer to an exercise is right, and what is said of it."""

import copy
import re

from ..messages import message
from .calls import Stopped, call, misfit, time_limit, within
from .entries import large, parameters, wanted_results
from .values import (
    first_difference, named_kind, of_kind, same, shape, short)

SECONDS = 5
CASE = 160  # characters of a case that are shown
failing = {}  # id -> the arguments for which its answer was last wrong


def _blank():
    ...


def _blank_with_docstring():
    """."""
    ...


def judge(id, entry, answer, seconds=SECONDS, limit=time_limit):
    """("blank" | "wrong" | "right", the lines to print).

    entry: see `entries`; answer: what stands in place of the blank.
    seconds: for all calls together; limit: context manager that keeps them,
        `contextlib.nullcontext` where somebody else does.
    """
    if is_blank(answer):
        return "blank", message("check.blank", id=id)
    if not callable(answer):
        return "wrong", message("check.not_a_function", id=id)
    names, takes = parameters(entry), misfit(answer, entry["cases"][0])
    if takes is not None:
        return "wrong", message("check.parameters", id=id, wanted=len(names),
                                names=", ".join(names), takes=takes)
    slow = message("check.slow", id=id, seconds=seconds)
    wanted = wanted_results(entry)
    try:
        with limit(seconds):
            kind, text = _compared(id, entry, answer, wanted, slow)
    except Stopped:
        return "wrong", slow
    if kind == "right" and "large" in entry:
        return _in_its_limits(id, entry, answer) or (kind, text)
    return kind, text


def _compared(id, entry, answer, wanted, slow):
    """The verdict on a function, from its results."""
    wrong, results, printed = [], [], ""
    for k, case in enumerate(entry["cases"]):
        given = copy.deepcopy(case)
        kind, got, said = call(answer, given, lambda arguments: arguments)
        if kind == "slow":
            return "wrong", slow
        if kind == "error":
            if wrong:
                break
            failing[id] = case
            text = message("check.raises", id=id, case=_named(id, entry, case),
                           error=got)
            return "wrong", text + _quoted(said)
        if entry.get("copy") and not same(given, case):
            failing[id] = case
            return "wrong", message("check.changed", id=id,
                                    case=_named(id, entry, case))
        printed = printed or said
        results.append(got)
        if not same(got, wanted[k]):
            wrong.append(k)
    if not wrong and "kind" in entry:
        for case, got in zip(entry["cases"], results):
            if not of_kind(got, entry["kind"]):
                failing[id] = case
                return "wrong", message(
                    "check.kind_" + entry["kind"], id=id,
                    case=_named(id, entry, case), got=named_kind(got))
    if not wrong:
        failing.pop(id, None)
        return "right", message("check.right", id=id) + _quoted(printed)
    # the shortest input is the most readable one
    k = min(wrong, key=lambda k: len(short(entry["cases"][k], 1000)))
    failing[id] = entry["cases"][k]
    text = _difference(id, entry, entry["cases"][k], results[k], wanted[k])
    return "wrong", text + _known_mistake(entry, results) + _quoted(printed)


def _in_its_limits(id, entry, answer):
    """What is said of a right answer that is slow, or takes much memory.

    answer: a function, or one with an attribute `within` that calls it
        where it runs, as `calls.within` does here.
    """
    case, wanted, limits = large(entry)
    remote = getattr(answer, "within", None)
    kind, got, printed = remote(
        copy.deepcopy(case), **limits) if remote else within(
            answer, case, **limits)
    if kind == "value" and same(got, wanted):
        return None
    failing[id] = case
    fields = {"id": id, "case": _named(id, entry, case), **limits}
    if kind in ("slow", "large"):
        if kind == "large":
            fields["got"] = round(got)
        return "wrong", message("check.right_but_" + kind, **fields)
    if kind == "error":
        return "wrong", message("check.raises", **fields, error=got) + (
            _quoted(printed))
    return "wrong", _difference(id, entry, case, got, wanted) + (
        _quoted(printed))


def _named(id, entry, case):
    """A case's arguments by name; where they are cut, how to get them."""
    names = parameters(entry)
    each = max(30, CASE // len(names))
    parts = [(f"{name} = ", short(value, each), short(value, each + 1))
             for name, value in zip(names, case)]
    text = ", ".join(name + value for name, value, _ in parts)
    if any(value != longer for _, value, longer in parts):
        text += message("check.whole", id=id)
    return text


def _difference(id, entry, case, got, wanted):
    """The line that says what should be and what is."""
    fields = {"id": id, "case": _named(id, entry, case)}
    if got is None:
        return message("check.nothing", **fields, wanted=short(wanted))
    have, need = shape(got), shape(wanted)
    if need and have and have != need:
        return message("check.shape", **fields, wanted=need, got=have)
    key, place = "check.wrong", first_difference(got, wanted)
    if place and len(short(wanted)) == 70:  # cut off
        key, (fields["index"], got, wanted) = "check.wrong_at", place
    for digits in (4, 12):
        texts = short(wanted, digits=digits), short(got, digits=digits)
        if len({re.sub(r"\.0\b", "", text) for text in texts}) == 2:
            break
    else:  # they print alike: 1 and "1" as one kind of string, say
        texts = [f"{text} ({type(value).__name__})"
                 for text, value in zip(texts, (wanted, got))]
    return message(key, **fields, wanted=texts[0], got=texts[1])


def _known_mistake(entry, results):
    """The hint of the catalogued mistake that gives the same results.

    results: one for each case, or up to the case at which an error came.
    """
    cases, n = entry["cases"], len(results)
    for wrong, key in entry.get("mistakes", []):
        outcomes = (call(wrong, case) for case in cases)
        if all(kind == "value" and same(got, value)
               for got, (kind, value, _) in zip(results, outcomes)) and (
                   n == len(cases) or call(wrong, cases[n])[0] == "error"):
            return " " + message(key)
    return ""


def _quoted(printed):
    """What the answer printed, under the verdict."""
    return printed and (
        "\n" + message("check.printed") + "\n" + printed.rstrip())


def is_blank(answer):
    """Whether nothing was written: None, `...`, or a body of nothing else."""
    if answer is None or answer is ...:
        return True
    code = getattr(answer, "__code__", None)
    if code is None or code.co_names:
        return False
    blanks = (_blank.__code__.co_code, _blank_with_docstring.__code__.co_code)
    return (code.co_code in blanks
            and all(c is None or c == answer.__doc__ for c in code.co_consts))
