"""The bar of a training."""


import numpy as np

from course.messages import message


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
