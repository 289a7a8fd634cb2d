"""Makes tools_runs.json: chapter 6's two trainings from other seeds.

    python data/make_tools_runs.py

Runs the chapter's own cells: its classifier in five orders of the reviews,
its GPT-2 from three starts. About a minute on two cores.
"""
import json
import sys
import time
from pathlib import Path

from ship import ship

HERE = Path(__file__).resolve().parent
FILE = HERE / "tools_runs.json"
CHAPTER = HERE.parent / "notebooks" / "06_tools.ipynb"
sys.path.insert(0, str(HERE.parent / "notebooks"))
ORDERS, STARTS = range(1, 6), range(1, 4)  # the chapter's own seed is 0

# cells, by their ids: what both trainings need, then each one's own
CLASSIFIER = ("00-open-02 00-open-03 00-open-07 00-open-08 00-open-10 "
              "10-tf-01 10-tf-02 10-tf-03 10-tf-04 10-tf-05 "
              "10-tf-07 10-tf-14 10-tf-15")
LANGUAGE = "10-tf-46 30-hf-01 30-hf-11 30-hf-12 30-hf-20 30-hf-24"


def main():
    import course
    cells = {cell["id"]: "".join(cell["source"]) for cell
             in json.loads(CHAPTER.read_text("utf-8"))["cells"]}
    course.start(chapter=6)
    names = {}

    def run(ids, **settings):
        names.update(settings)
        for id in ids.split():
            exec(cells[id], names)

    run(CLASSIFIER)
    names["quick_step"] = names["tf"].function(names["train_step"])
    out = {"classifier": [classifier(run, names, seed) for seed in ORDERS]}
    run(LANGUAGE)
    out["GPT-2"] = [language_model(run, names, seed) for seed in STARTS]
    FILE.write_text(json.dumps(out, indent=1) + "\n", "utf-8")
    ship(FILE)


def classifier(run, names, seed):
    """The shares of reviews that it judges right, in one order of them."""
    begin = time.perf_counter()
    run("10-tf-30 10-tf-41", SEED=seed)
    W, is_right = names["W_read"], names["is_right"]
    right = is_right(W, names["X_test"], names["y_test"])
    has_not = ["not" in names["classifier"].split(text)
               for text in names["texts_test"]]
    return report(begin, seed=seed, unseen=right.mean(),
                  with_not=right[has_not].mean(),
                  training=is_right(W, names["X"], names["y"]).mean())


def language_model(run, names, seed):
    """Its loss a token on unseen reviews, from one start."""
    begin = time.perf_counter()
    run("30-hf-23", SEED=seed)
    loss = names["lm_loss"](names["lm"], names["asked_test"])
    return report(begin, seed=seed, loss=loss)


def report(begin, **numbers):
    numbers = {name: round(float(value), 4) if name != "seed" else value
               for name, value in numbers.items()}
    print(numbers, f"{time.perf_counter() - begin:.0f} s", flush=True)
    return numbers


if __name__ == "__main__":
    main()
