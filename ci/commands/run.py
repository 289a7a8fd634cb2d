"""`python3 ci run`: executes chapters one after another, and measures them."""
import ast
import contextlib
import json

from ci import (
    BUILD, CHAPTERS, FIGURE_BUDGET, MEMORY_BUDGET, NOTEBOOKS, ROOT,
    TOTAL_BUDGET, Stop, select)

HELP = "run chapters, measure time and memory"


def arguments(parser):
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER",
                        help="a number; none means all")
    parser.add_argument("-p", nargs=2, action="append", default=[],
                        metavar=("NAME", "VALUE"), dest="parameters",
                        help="set a parameter of the chapters")
    parser.add_argument("--budgets", action="store_true",
                        help="over budget is a failure")


def check(arguments):
    select(arguments.chapters)


def main(arguments):
    from ci.execution import execute
    chosen = select(arguments.chapters)
    parameters = {name: value(name, word)
                  for name, word in arguments.parameters}
    check_parameters(chosen, parameters)
    results = []
    for number, path in chosen.items():
        result = execute(number, path, BUILD / path.relative_to(NOTEBOOKS),
                         parameters, cwd=path.parent)
        results.append(result)
        if result.error:
            print("Chapter %d failed: %s\n  its copy with the error: %s"
                  % (number, result.error, shown(result.output)), flush=True)
    rows = [row(result) for result in results]
    over = [text for r in rows for text in r["over_budget"]]
    total = sum(r["wall_seconds"] for r in rows)
    if total > TOTAL_BUDGET:
        over.append("all chapters: %.0f s, budget %d s"
                    % (total, TOTAL_BUDGET))
    report = {"parameters": parameters, "total_seconds": round(total, 1),
              "over_budget": over, "chapters": rows}
    (BUILD / "report.json").write_text(
        json.dumps(report, indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8")
    print(table(rows))
    for text in over:
        print("OVER BUDGET: " + text)
    failed = [r for r in rows if r["error"]]
    if failed:
        print("Failed: chapter %s." % ", ".join(
            str(r["chapter"]) for r in failed))
    return 1 if failed or (over and arguments.budgets) else 0


def shown(path):
    """A path as a person in the clone would type it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def value(name, word):
    """What a word stands for: a number, a literal of Python, or itself.

    Stop if it holds a number that is not finite: no notebook could keep it.
    """
    read = word
    for kind in (ast.literal_eval, float, int):  # the last that can counts
        with contextlib.suppress(ValueError, TypeError, SyntaxError,
                                 MemoryError, RecursionError):
            read = kind(word)
    try:
        json.dumps(read, allow_nan=False)
    except ValueError:
        raise Stop("%s is %s, which is no finite number; nothing was run."
                   % (name, word))
    except TypeError:  # a complex number, a set
        return word
    return read


def check_parameters(chosen, parameters):
    """Stop if a chapter has no parameter of a name that was given."""
    import papermill

    from ci.execution import literal
    has = {number: list(papermill.inspect_notebook(literal(path)))
           for number, path in chosen.items()}
    for name in parameters:
        lacking = [n for n in has if name not in has[n]]
        if lacking:
            with_it = " ".join(str(n) for n in has if name in has[n])
            raise Stop("Chapter %d has no parameter %s; it has %s.%s" % (
                lacking[0], name, ", ".join(has[lacking[0]]) or "none",
                " Chapters with it: " + with_it if with_it else ""))


def row(result):
    """A result as report.json holds it."""
    budget = CHAPTERS[result.number][2]
    over = []
    for what, value, limit, unit in (
            ("wall time", result.seconds, budget, "s"),
            ("peak memory", result.peak / 1e9, MEMORY_BUDGET / 1e9, "GB"),
            ("first figure", result.first_figure, FIGURE_BUDGET, "s")):
        if value is not None and value > limit:
            over.append("chapter %d, %s: %.3g %s, budget %g %s" % (
                result.number, what, value, unit, limit, unit))
    return {
        "chapter": result.number, "error": result.error,
        "executed_copy": str(shown(result.output)),
        "wall_seconds": round(result.seconds, 1), "wall_budget": budget,
        "first_figure_seconds": (None if result.first_figure is None
                                 else round(result.first_figure, 1)),
        "first_figure_budget": FIGURE_BUDGET,
        "peak_bytes": result.peak, "peak_budget": int(MEMORY_BUDGET),
        "slowest_cells": [{"seconds": round(seconds, 1), "cell": label}
                          for seconds, label in result.slowest],
        "over_budget": over,
    }


def table(rows):
    """The measures beside their budgets, and each chapter's slowest cells."""
    line = "{:32} {:>14} {:>14} {:>16}  {}"
    out = [line.format("chapter", "wall time", "first figure", "peak memory",
                       "")]
    for r in rows:
        first = r["first_figure_seconds"]
        out.append(line.format(
            "%d %s" % (r["chapter"], CHAPTERS[r["chapter"]][0]),
            "%.0f of %d s" % (r["wall_seconds"], r["wall_budget"]),
            "none" if first is None else
            "%.0f of %d s" % (first, r["first_figure_budget"]),
            "%.2f of %.1f GB" % (r["peak_bytes"] / 1e9,
                                 r["peak_budget"] / 1e9),
            "FAILED" if r["error"] else
            "OVER BUDGET" if r["over_budget"] else "ok"))
        for cell in r["slowest_cells"]:
            out.append("  {:6.1f} s  {}".format(cell["seconds"],
                                                cell["cell"]))
    return "\n".join(out)
