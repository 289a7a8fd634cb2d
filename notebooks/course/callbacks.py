"""A bar that moves while a model trains, and one line that stays."""

import time

import keras

from .messages import message

WIDTH = 30


class LiveBar(keras.callbacks.Callback):
    """Show the progress of `fit(..., verbose=0)`.

    While it runs, one line is overwritten with a bar, the epoch and the
    loss; what stays is `label` and the number of epochs, nothing that
    differs from run to run.
    """

    def __init__(self, label):
        super().__init__()
        self.label = label

    def on_train_begin(self, logs=None):
        self.shown, self.length, self.epoch = 0.0, 0, 0
        self.loss = None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        steps = self.params.get("steps") or batch + 1
        self._draw((batch + 1) / steps)

    def on_epoch_end(self, epoch, logs=None):
        self.loss = (logs or {}).get("loss")
        self._draw(1.0)

    def on_train_end(self, logs=None):
        text = message("progress.done", label=self.label,
                       epochs=self.epoch + 1)
        print("\r" + text.ljust(self.length), flush=True)

    def _draw(self, part):
        now = time.monotonic()
        if now - self.shown < 0.2:  # a front end need not redraw each batch
            return
        self.shown = now
        epochs = self.params["epochs"]
        full = round(WIDTH * (self.epoch + part) / epochs)
        text = f"{self.label} {'█' * full}{'░' * (WIDTH - full)} "
        text += f"{self.epoch + 1}/{epochs}"
        if self.loss is not None:
            text += f" loss {self.loss:.3f}"
        self.length = max(self.length, len(text))
        print("\r" + text.ljust(self.length), end="", flush=True)
