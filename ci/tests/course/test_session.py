"""The shared package: what its functions promise, and how they refuse."""

import ast
import csv
import hashlib
import re
import string
import sys
import time
import types

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

import contract
import course
from ci import chapters
from course import claims, exercises, figures, messages, numbers, setup
from course.messages import CourseError, message


@pytest.fixture
def displayed(monkeypatch):
    """What `display` was given: a list of (data, metadata)."""
    shown = []

    def keep(data, metadata=None, raw=False):
        assert raw
        shown.append((data, metadata))

    monkeypatch.setattr(figures, "display", keep)
    monkeypatch.setattr(exercises, "display", keep)
    return shown


# ---- messages ----

def test_every_message_is_one_line_with_named_fields():
    with open(messages.TABLE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row["en"].strip(), row["key"]
        assert "\n" not in row["en"], row["key"]
        fields = [f for _, f, _, _ in string.Formatter().parse(row["en"])]
        assert all(f is None or f[:1].isalpha() for f in fields), row["key"]


def test_message_fills_its_fields_and_knows_its_keys():
    assert "x.csv" in message("data.missing", name="x.csv")
    with pytest.raises(KeyError):
        message("no.such.key")


def test_language_is_the_folder_if_the_table_has_it(monkeypatch):
    monkeypatch.setattr(messages, "language", "en")
    messages.set_language("notebooks")
    assert messages.language == "en"
    monkeypatch.setattr(messages, "languages", lambda: ["en", "zh"])
    messages.set_language("zh")
    assert messages.language == "zh"


def test_an_error_for_the_reader_is_one_line_in_a_notebook():
    error = CourseError("data.missing", name="x.csv")
    assert error._render_traceback_() == [f"CourseError: {error}"]
    assert "\n" not in str(error)


# ---- start, seeds, files ----

def test_autograph_converts_a_loop_where_warnings_are_errors():
    """Python 3.13 warns of the syntax trees that AutoGraph builds.

    As an error that warning keeps it from converting, without a word.
    """
    import tensorflow as tf
    traced = []

    @tf.function
    def dot(pairs):
        total = tf.constant(0.0)
        for a, b in pairs:
            traced.append(1)
            if len(traced) > 2:  # else it would be unrolled for ever
                raise ValueError("the loop is not converted")
            total += a * b
        return total

    pairs = tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [3.0, 4.0]))
    assert dot(pairs) == 11.0


def test_start_makes_the_root_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(setup, "chapter", None)
    course.start(chapter=4)
    assert (setup.ROOT / "notebooks" / "course").is_dir()
    assert setup.Path.cwd() == setup.ROOT
    assert setup.chapter == 4


def test_a_second_run_all_keeps_nothing_of_the_first(tmp_path, monkeypatch):
    """Whatever a run records: a cell that is gone must be missed."""
    from course import fields
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(setup, "chapter", 5)
    kept = claims.recorded, numbers.compared, fields.outcomes
    monkeypatch.setitem(claims.recorded, "5.1", ("holds", "of the first"))
    monkeypatch.setitem(fields.outcomes, "5.1", ("of the first",))
    numbers.compared.append(("of the first", 0.0, 1.0))
    fields.chosen_fields("vision")
    course.start(chapter=5)
    assert kept == ({}, [], {})
    assert fields._wanted == fields.FIELDS
    with pytest.raises(CourseError, match="5.1"):
        course.claims_table()
    # and nothing else in course/ is filled by a run without being listed here
    found = {f"{path.stem}.{node.targets[0].id}"
             for path in setup.Path(course.__file__).parent.glob("*.py")
             for node in ast.parse(path.read_text("utf-8")).body
             if isinstance(node, ast.Assign)
             and isinstance(node.value, (ast.Dict, ast.List, ast.Set))
             and not ast.unparse(node.value).strip("{}[]")}
    assert found == {"claims.recorded", "numbers.compared", "fields.outcomes",
                     "setup.each_run",
                     "solved._seen"}  # a learner's, for the whole session


def test_tensorflow_s_keras_is_keras_3_whatever_was_set():
    code = ("import course; course.start(chapter=4); import keras, sys;"
            "from tensorflow.keras.models import Sequential;"
            "sys.exit(Sequential is not keras.Sequential)")
    environ = {**setup.os.environ, "TF_USE_LEGACY_KERAS": "1",
               "PYTHONPATH": str(setup.ROOT / "notebooks")}
    run = setup.subprocess.run([sys.executable, "-c", code], env=environ)
    assert run.returncode == 0


def test_what_the_import_writes_is_hidden_unless_it_fails(capfd):
    with setup._quiet_descriptor(2):
        setup.os.write(2, b"noise")
    assert "noise" not in capfd.readouterr().err
    with pytest.raises(ZeroDivisionError):
        with setup._quiet_descriptor(2):
            setup.os.write(2, b"the reason")
            1 / 0
    assert "the reason" in capfd.readouterr().err


@pytest.mark.parametrize("seed", ["abc", "1", 1.5, None, True, -1, 2**32])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(CourseError, match="whole number"):
        course.set_seed(seed)


def test_a_seed_settles_python_numpy_and_keras():
    import keras
    import random

    def draws():
        course.set_seed(np.int64(7))
        return (random.random(), np.random.rand(),
                float(keras.random.uniform(())))
    assert draws() == draws()


def test_on_a_gpu_numbers_agree_and_memory_is_shared(monkeypatch):
    """TF32 rounds products to ten bits; a kernel takes all memory there is."""
    import tensorflow as tf
    asked = []
    for name in ("enable_tensor_float_32_execution", "set_memory_growth"):
        monkeypatch.setattr(tf.config.experimental, name,
                            lambda *words: asked.append(words))
    monkeypatch.setattr(tf.config, "list_physical_devices",
                        lambda kind=None: [f"{kind}:{k}" for k in range(2)])
    setup._share_the_gpu()
    assert asked == [(False,), ("GPU:0", True), ("GPU:1", True)]


def test_start_asks_for_it_before_it_looks_for_devices():
    """Afterwards TensorFlow refuses: the devices are initialised."""
    code = """if True:
        import tensorflow as tf
        order = []
        def record(name, place):
            function = getattr(place, name)
            def call(*words, **named):
                order.append(name)
                return function(*words, **named)
            setattr(place, name, call)
        record("list_logical_devices", tf.config)
        from course import setup
        record("_share_the_gpu", setup)
        setup.start(chapter=4)
        rounded = tf.config.experimental.tensor_float_32_execution_enabled()
        print(order, rounded)
        setup.start(chapter=4)
        """
    done = setup.subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env={**setup.os.environ, "PYTHONPATH": str(setup.ROOT / "notebooks")})
    assert done.stdout == (
        "['_share_the_gpu', 'list_logical_devices'] False\n"), done.stderr


@pytest.mark.parametrize("trim", ["there", "not there"])
def test_memory_is_given_back_without_a_word(trim, monkeypatch, capfd):
    called = []
    library = types.SimpleNamespace(**{"malloc_trim": called.append}
                                    if trim == "there" else {})
    monkeypatch.setattr(setup.ctypes, "CDLL", lambda name: library)
    assert course.free_memory() is None
    assert called == ([0] if trim == "there" else [])
    assert capfd.readouterr() == ("", "")


def test_a_model_that_goes_takes_the_graphs_of_its_training_with_it():
    """TensorFlow keeps each training's graph for ever if it is let."""
    import gc
    import keras
    from tensorflow.python.framework.func_graph import FuncGraph

    def graphs():
        # type(): another test's objects may refuse to be asked
        return sum(issubclass(type(thing), FuncGraph)
                   for thing in gc.get_objects())

    course.free_memory()
    before = graphs()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    x = np.ones((4, 2), "float32")
    model.train_on_batch(x, x[:, :1])
    assert graphs() > before
    course.free_memory(model)  # it stays, and can be trained again
    assert graphs() == before
    model.train_on_batch(x, x[:, :1])
    del model
    course.free_memory()
    assert graphs() == before


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc")
def test_freed_memory_is_kept_for_the_next_step():
    """Not mapped anew, whatever TensorFlow's generator datasets ask for."""
    code = """if True:
        import ctypes, sys
        import course; course.start(chapter=4)
        import tensorflow as tf
        spec = tf.TensorSpec((), tf.int32)
        list(tf.data.Dataset.from_generator(list, output_signature=spec))
        fields = ("arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks"
                  " fordblks keepcost").split()
        class Info(ctypes.Structure):
            _fields_ = [(name, ctypes.c_size_t) for name in fields]
        libc = ctypes.CDLL(None)
        libc.mallinfo2.restype = Info
        mapped = libc.mallinfo2().hblks
        kept = [bytearray(n * 1_000_000) for n in (1, 8, 30)]
        sys.exit(libc.mallinfo2().hblks - mapped)"""
    environ = {**setup.os.environ,
               "PYTHONPATH": str(setup.ROOT / "notebooks")}
    run = setup.subprocess.run([sys.executable, "-c", code], env=environ)
    assert run.returncode == 0


def test_a_shipped_file_is_compared_with_its_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "DATA", tmp_path)
    good, other = tmp_path / "good.csv", tmp_path / "other.csv"
    good.write_bytes(b"1")
    other.write_bytes(b"2")
    digest = hashlib.sha256(b"1").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  good.csv\n")
    assert course.data_file("good.csv") == good
    with pytest.raises(CourseError, match="no checksum"):
        course.data_file("other.csv")
    with pytest.raises(CourseError, match="missing"):
        course.data_file("absent.csv")
    good.write_bytes(b"1 ")
    with pytest.raises(CourseError, match="not the file that was shipped"):
        course.data_file("good.csv")


def test_every_shipped_file_is_listed_and_whole():
    for name in setup._checksums(setup.DATA / "SHA256SUMS"):
        course.data_file(name)


def test_colab_installs_only_what_is_missing_or_must_be_pinned():
    lines = ["# comment", "transformers==0.0.1  # 4, 5", "numpy==0.1  # 4",
             "no-such-package==1.0  # 4", "no-such-package==2.0  # 14"]
    assert setup._missing_packages(4, lines) == [
        "transformers==0.0.1", "no-such-package==1.0"]
    assert setup._missing_packages(6, lines) == []


# ---- comparing ----

def test_compare_prints_the_difference_beside_its_tolerance(capsys):
    pair = np.float32([1, 2.0000002]), np.float32([1, 2])
    course.compare("sum", *pair)
    assert capsys.readouterr().out == message(
        "compare.equal", name="sum", error=1.19e-7, tol=1e-5) + "\n"


@pytest.mark.parametrize("mine, reference", [
    ([1.0, 2.1], [1.0, 2.0]),
    ([1.0, np.nan], [1.0, 2.0]),
    ([1.0, 2.0], [1.0, np.nan]),
    ([1e-3], [0.0]),
    ([1.0, 2.0, 3.0], [1.0, 2.0]),
    ([[1.0, 2.0]], [1.0, 2.0]),
    ([], []),
])
def test_compare_refuses(mine, reference, capsys):
    with pytest.raises(AssertionError):
        course.compare("pair", np.array(mine), np.array(reference))
    assert not capsys.readouterr().out


def test_a_table_of_comparisons_can_be_shown_again(capsys, monkeypatch):
    from course import numbers
    monkeypatch.setattr(numbers, "compared", [])
    monkeypatch.setattr(numbers, "shown", False)
    with pytest.raises(CourseError):
        course.comparisons()
    tables = []
    monkeypatch.setattr(numbers, "table", lambda rows, header: tables.append(
        [name for name, *_ in rows]))
    for name in ("a", "b"):
        course.compare(name, [1.0], [1.0])
    course.comparisons()
    course.comparisons()
    course.compare("c", [1.0], [1.0])
    course.comparisons()
    assert tables == [["a", "b"], ["a", "b"], ["c"]]


def test_compare_names_the_place():
    a = np.zeros((2, 3))
    b = a + [[1, 1, 1], [1, 1, 2]]
    with pytest.raises(AssertionError, match=r"\(1, 2\)"):
        course.compare("pair", a, b)


def test_the_error_is_relative_to_the_largest_value():
    error, _ = numbers.largest_difference(np.array([100.0, 1.0]),
                                          np.array([100.0, 2.0]))
    assert error == pytest.approx(0.01)


def test_nothing_that_guards_a_result_is_an_assert():
    """PYTHONOPTIMIZE and -O take every assert away."""
    found = [f"{path.name}:{node.lineno}"
             for path in setup.Path(course.__file__).parent.rglob("*.py")
             for node in ast.walk(ast.parse(path.read_text("utf-8")))
             if isinstance(node, ast.Assert)]
    assert found == []


def test_what_raises_raises_under_minus_o_too():
    code = """if True:
        import numpy as np
        from course import check_shape, compare, finance, scores, speech
        wrong = [
            lambda: compare("x", np.array([1, 2]), np.array([1, 3])),
            lambda: check_shape(np.zeros(2), (3,)),
            lambda: scores.bootstrap_difference([1, 2], [1]),
            lambda: scores.over_seeds([1, 2]),
            lambda: speech.word_error_rate([("", "a")]),
            lambda: finance.walk_forward(np.zeros((300, 2)),
                                         lambda past: [1, 1])]
        for k, call in enumerate(wrong):
            try:
                call()
                print(k, "passes")
            except AssertionError as error:
                print(k, "raises", bool(str(error)))
        """
    done = setup.subprocess.run(
        [sys.executable, "-O", "-c", code], capture_output=True, text=True,
        env={**setup.os.environ, "PYTHONPATH": str(setup.ROOT / "notebooks")})
    assert done.stdout.splitlines() == [f"{k} raises True" for k in range(6)]


def test_check_shape():
    course.check_shape(np.zeros((2, 3)), (2, None))
    for shape in [(3, 2), (2,), (2, 3, 1)]:
        with pytest.raises(AssertionError):
            course.check_shape(np.zeros((2, 3)), shape)


# ---- figures ----

def line(slope=1.0, n=3):
    fig, ax = plt.subplots()
    ax.plot(np.arange(n) * slope)
    return fig


def test_a_figure_carries_its_alt_text_twice(displayed):
    course.show(line(), "data.missing", name="x")
    (data, metadata), = displayed
    alt = message("data.missing", name="x")
    assert data["text/plain"] == metadata["image/png"]["alt"] == alt
    assert data["image/png"][:8] == b"\x89PNG\r\n\x1a\n"
    assert metadata["image/png"]["width"] == 7 * figures.SHOWN
    assert not plt.get_fignums()


def test_the_same_figure_gives_the_same_bytes():
    assert figures._png(line()) == figures._png(line())


def widgets_of(view):
    from ipywidgets.widgets import widget
    box = widget._instances[view["model_id"]]
    *controls, trouble, picture = box.children
    return controls, trouble, picture


def test_explore_redraws_when_a_knob_turns(displayed):
    course.explore(line, "data.missing_knob", slope=(-2.0, 2.0), n=[2, 3])
    (data, _), = displayed
    view = data["application/vnd.jupyter.widget-view+json"]
    (slope, n), trouble, picture = widgets_of(view)
    assert picture.value == data["image/png"]
    slope.value = -1.0
    assert picture.value == figures._png(line(slope=-1.0))[0]
    n.value = 2
    assert picture.value == figures._png(line(slope=-1.0, n=2))[0]
    assert trouble.value == ""


def knobs_of_the_chapters():
    """A test for each slider of `explore` whose range is not whole numbers.

    Its bounds and its default are numbers in the code, so nothing is run.
    """
    for number, path in chapters().items():
        nb = nbformat.read(path, 4)
        functions = {node.name: node for _, cell in contract.code_cells(nb)
                     for node in ast.walk(contract.tree(cell))
                     if isinstance(node, ast.FunctionDef)}
        for node in contract.calls(nb, "explore"):
            found = functions[node.args[0].id].args
            defaults = dict(zip([a.arg for a in found.args], found.defaults))
            for knob in node.keywords:
                if isinstance(knob.value, ast.Tuple) and any(
                        isinstance(getattr(end, "value", 0), float)
                        for end in knob.value.elts):
                    yield pytest.param(
                        knob.arg, ast.literal_eval(knob.value),
                        ast.literal_eval(defaults[knob.arg]),
                        id=f"{number}.{node.args[0].id}.{knob.arg}")


@pytest.mark.parametrize("name, knob, default", list(knobs_of_the_chapters()))
def test_a_slider_comes_back_and_reads_differently_everywhere(name, knob,
                                                              default):
    """At its first value, its ends, and all the steps between."""
    slider = figures._control(name, knob, default)
    low, high = knob
    n = round((high - low) / slider.step)
    places = [low + k * slider.step for k in range(n + 1)]
    assert 50 <= n <= 1000 and places[-1] == pytest.approx(high)
    assert min(abs(x - default) for x in places) < 1e-9
    read = [format(x, slider.readout_format) for x in places]
    assert len(set(read)) == len(read)
    assert float(format(default, slider.readout_format)) == default
    assert slider.value == default


def test_explore_needs_nothing_that_colab_s_ipywidgets_lacks(displayed,
                                                             monkeypatch):
    """Version 7 has no bundle, and its view is the same."""
    import ipywidgets
    monkeypatch.delattr(ipywidgets.Widget, "_repr_mimebundle_")
    course.explore(line, "data.missing_knob", slope=(-2.0, 2.0), n=[2, 3])
    view = displayed[0][0]["application/vnd.jupyter.widget-view+json"]
    assert set(view) == {"version_major", "version_minor", "model_id"}


def test_a_default_that_no_step_meets_is_refused():
    with pytest.raises(ValueError, match="goes through 0.333"):
        figures._grid(0.0, 1.0, 1 / 3)


def test_explore_says_what_went_wrong_beside_the_picture(displayed):
    def fragile(n=3):
        return line(n=1 / (n - 2) and n)

    course.explore(fragile, "data.missing_knob", n=[2, 3])
    (n,), trouble, picture = widgets_of(
        displayed[0][0]["application/vnd.jupyter.widget-view+json"])
    n.value = 2
    assert "ZeroDivisionError" in trouble.value


def test_explore_tries_its_knobs_when_asked(displayed, monkeypatch):
    tried = []

    def keep(slope=1.0, n=3):
        tried.append((slope, n))
        return line(slope, n)

    monkeypatch.setenv("COURSE_TEST_EXPLORE", "1")
    course.explore(keep, "data.missing_knob", slope=(0.0, 4.0), n=(2, 7))
    assert tried[:6] == [(0.0, 3), (2.0, 3), (4.0, 3),
                         (1.0, 2), (1.0, 4), (1.0, 7)]

    def slow(n=3):
        end = time.process_time() + 1.1 * (n == 7)
        while time.process_time() < end:
            pass
        return line(n=n)

    with pytest.raises(AssertionError, match="slow"):
        course.explore(slow, "data.missing_knob", n=(2, 7))


@pytest.fixture(autouse=True)
def knob_message(monkeypatch):
    """An alt text without fields, for the figures of these tests."""
    table = dict(messages._table(messages.TABLE))
    table["data.missing_knob"] = {"key": "data.missing_knob", "en": "a line"}
    monkeypatch.setattr(messages, "_table", lambda path: table)


def test_a_table_survives_bars_in_its_cells(displayed):
    course.table([[1, "a|b"]], ["n", "text"])
    (data, _), = displayed
    assert data["text/plain"].splitlines()[-1] == r"| 1 | a\|b |"


# ---- progress ----

def test_the_bar_leaves_one_line_that_never_changes(capsys):
    import keras
    from course import LiveBar
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.rand(64, 2)
    model.fit(x, x[:, :1], epochs=3, verbose=0, callbacks=[LiveBar("net")])
    text = capsys.readouterr().out
    assert text.endswith("\n") and "█" in text
    assert text.split("\r")[-1].rstrip() == message(
        "progress.done", label="net", epochs=3)


# ---- claims ----

def test_the_document_s_claims_are_all_there():
    rows = claims.all_claims()
    assert len(rows) >= 60
    bullets = {"2.3": 5, "3.1": 4, "3.2": 3, "3.3": 3, "3.4": 4, "3.5": 3,
               "5": 17, "6": 5, "8": 5}
    for section, count in bullets.items():
        pattern = re.escape(section) + r"(\.\d+)+"
        found = [id for id in rows if re.fullmatch(pattern, id)]
        assert len(found) == count, section
    for section in ("1", "2.1", "2.2", "4", "7"):
        assert f"{section}.a" in rows
    for id, row in rows.items():
        assert row["zh"] and row["en"] and id.startswith(row["section"])


def test_a_claim_is_recorded_once_shown_and_listed(displayed, capsys,
                                                   monkeypatch):
    monkeypatch.setattr(setup, "chapter", 4)
    monkeypatch.setattr(claims, "recorded", {})
    monkeypatch.setattr(claims, "message",
                        lambda key, **_: "a|b" if "header" in key else key)
    with pytest.raises(CourseError, match="not measured"):
        course.claims_table()
    for id in claims._of_chapter():
        course.claim(id, "limits")
    assert "claim.line" in capsys.readouterr().out
    course.claims_table()
    for id in claims._of_chapter():
        assert f"| {id} |" in displayed[0][0]["text/plain"]


@pytest.mark.parametrize("id, verdict", [
    ("9.z", "holds"), ("3.1.1", "holds"), ("4.a", "maybe")])
def test_a_claim_needs_an_id_of_its_chapter_and_a_verdict(id, verdict,
                                                          monkeypatch):
    monkeypatch.setattr(setup, "chapter", 4)
    with pytest.raises(CourseError):
        course.claim(id, verdict)


# ---- exercises ----

def double(x):
    return 2 * x


ENTRY = {
    "level": "easy", "lines": 1, "solution": double,
    "cases": [(1,), (3.5,), (np.array([1.0, 2.0]),)],
    "others": [lambda x: x + x],
    "mistakes": [(lambda x: x**2 + 1, "setup.no_network")],
    "hint": "setup.restart",
}


def state(answer):
    return exercises._verdict("4.double", ENTRY, answer)


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


def test_check_survives_what_an_answer_does(monkeypatch):
    assert "ZeroDivisionError" in state(lambda x: x / 0)[1]
    assert state(lambda x: np.zeros(3) @ np.zeros(4))[0] == "wrong"
    monkeypatch.setattr(exercises, "SECONDS", 0.2)

    def for_ever(x):
        while True:
            pass
    assert "0.2 seconds" in state(for_ever)[1]


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
    for path in sorted(setup.Path(exercises.__file__).parent.glob(
            "chapter*.py")):
        module = importlib.import_module(f"course.exercises.{path.stem}")
        for id, entry in module.EXERCISES.items():
            yield pytest.param(id, entry, id=id)


@pytest.mark.parametrize("id, entry", list(all_exercises()))
def test_each_exercise_proves_its_check(id, entry, displayed, capsys):
    assert entry["level"] in ("easy", "medium", "hard")
    assert exercises._verdict(id, entry, entry["solution"])[0] == "right"
    assert len(entry["others"]) >= 2 and len(entry["mistakes"]) >= 3
    for other in entry["others"]:
        assert exercises._verdict(id, entry, other)[0] == "right"
    for wrong, key in entry["mistakes"]:
        kind, text = exercises._verdict(id, entry, wrong)
        assert kind == "wrong" and text.endswith(message(key)), key
    assert len({key for _, key in entry["mistakes"]}) >= 3
    course.hint(id)
    assert capsys.readouterr().out.strip() == message(entry["hint"])
    course.solution(id)
    assert "def " in displayed[0][0]["text/plain"]


def test_exercises_are_enough():
    """Each chapter's share as the contract says; 44 with all eight."""
    found = [param.values[0].partition(".")[0] for param in all_exercises()]
    shares = {chapter: contract.EXERCISES.get(int(chapter), 4)
              for chapter in found}
    assert all(found.count(chapter) >= n for chapter, n in shares.items())
    assert len(shares) < 8 or len(found) >= 44


# ---- the bytes of a figure ----


@pytest.mark.parametrize("kind", ["grey", "heat map", "lines"])
def test_a_figure_in_few_colours_looks_the_same(kind):
    """A third of the bytes of lines; no bands where shades run smoothly."""
    import io

    import matplotlib
    import matplotlib.pyplot as plt
    from PIL import Image

    from course import figures, setup
    with matplotlib.rc_context(setup.STYLE):
        fig, ax = plt.subplots()
        shades = np.linspace(0, 1, 256)[None] ** np.linspace(1, 2, 64)[:, None]
        if kind == "lines":
            for k in range(1, 7):
                ax.plot(shades[:, 40 * k], label=f"line {k}")
            ax.legend()
        else:
            step = 1 if kind == "grey" else 20
            ax.imshow(shades[::step, ::step], aspect="auto",
                      cmap="gray" if kind == "grey" else "viridis")
        buffer = io.BytesIO()
        fig.savefig(buffer, dpi=figures.DPI)
        png, _ = figures._png(fig)
    full, packed = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB"),
                               int) for data in (buffer.getvalue(), png))
    assert np.mean((full - packed) ** 2) < figures.BANDS
    assert packed[0, 0].tolist() == [255, 255, 255]  # as white as the page
    assert np.abs(full - packed).max() <= (6 if kind == "grey" else 48)
    assert len(png) < len(buffer.getvalue()) / (2 if kind == "lines" else 1)
