"""Figures with a sentence for those who can't see them, and with knobs."""

import io
import os
import textwrap
import time
from decimal import Decimal

import IPython.display
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from PIL import Image

from .messages import message

DPI, SHOWN = 150, 90  # dots an inch in the file, and on the page
BANDS = 2  # squared shades, of 256: from there on bands are seen


def _png(fig):
    """The figure as PNG bytes, with its size on the page in pixels."""
    buffer = io.BytesIO()
    fig.savefig(buffer, dpi=DPI)
    width, height = (round(side * SHOWN) for side in fig.get_size_inches())
    plt.close(fig)
    packed = io.BytesIO()
    _in_few_colours(Image.open(buffer).convert("RGB")).save(
        packed, "PNG", optimize=True)
    return packed.getvalue(), {"width": width, "height": height}


def _in_few_colours(picture):
    """A picture in 256 colours of its own: alike, in half of the bytes.

    The octree packs lines and letters best, but leaves bands in a grey
    photograph or a heat map; cutting at the median keeps these exact.
    """
    packed = picture.quantize(256, method=Image.Quantize.FASTOCTREE,
                              dither=Image.Dither.NONE)
    # the octree's white is a shade too dark, which shows on a white page
    packed.putpalette([255 if shade > 253 else shade
                       for shade in packed.getpalette()])
    gap = np.asarray(packed.convert("RGB"), int) - np.asarray(picture, int)
    if np.mean(gap**2) < BANDS:
        return packed
    return picture.quantize(256, method=Image.Quantize.MEDIANCUT,
                            dither=Image.Dither.NONE)


def show(fig, key, **fields):
    """Display a matplotlib figure with its alt text, and close it.

    key, fields: of the message that says what is to be seen.
    """
    _emit(*_png(fig), message(key, **fields))


def _emit(png, size, alt, view=None):
    data = {"image/png": png, "text/plain": alt}
    if view:
        data["application/vnd.jupyter.widget-view+json"] = view
    display(data, metadata={"image/png": {"alt": alt, **size}}, raw=True)


def explore(draw, key, **knobs):
    """A figure that is drawn again whenever the reader turns a knob.

    draw: plain function of the knobs; returns a matplotlib figure. The
        default of each of its parameters is where the knob stands first.
    key: of the message with the alt text of the default figure.
    knobs: name=(low, high) is a slider (whole numbers where both ends are),
        name=[a, b, ...] a menu.
    Without a live kernel the page shows the default figure.
    """
    alt = message(key)
    if os.environ.get("COURSE_TEST_EXPLORE"):
        _try_knobs(draw, knobs)
    png, size = _png(draw())
    _emit(png, size, alt, _widget(draw, knobs, png, size))


def _default(draw, name):
    import inspect
    return inspect.signature(draw).parameters[name].default


def _middle(knob):
    if isinstance(knob, tuple):
        low, high = knob
        whole = isinstance(low, int) and isinstance(high, int)
        return (low + high) // 2 if whole else (low + high) / 2
    return knob[len(knob) // 2]


def _try_knobs(draw, knobs):
    """Draw at both ends and the middle of every knob, within a second.

    A second of the processor, which does not count the time in which other
    programs have it. The fastest of at most five drawings counts: the first
    one warms caches up.
    """
    for name, knob in knobs.items():
        for value in (knob[0], _middle(knob), knob[-1]):
            fastest = float("inf")
            for _ in range(5):
                begin = time.process_time()
                _png(draw(**{name: value}))
                fastest = min(fastest, time.process_time() - begin)
                if fastest <= 1:
                    break
            if fastest > 1:
                raise AssertionError(f"{draw.__name__}({name}={value}): slow")


def _widget(draw, knobs, png, size):
    """The view of sliders and menus above the picture."""
    import ipywidgets as widgets
    picture = widgets.Image(value=png, width=size["width"])
    trouble = widgets.Label()
    controls = {name: _control(name, knob, _default(draw, name))
                for name, knob in knobs.items()}

    def redraw(_):
        try:
            picture.value = _png(draw(**{
                name: control.value for name, control in controls.items()
            }))[0]
            trouble.value = ""
        except Exception as error:
            trouble.value = f"{type(error).__name__}: {error}"

    for control in controls.values():
        control.observe(redraw, names="value")
    box = widgets.VBox([*controls.values(), trouble, picture])
    return box.get_view_spec()  # alike in ipywidgets 7 (Colab's) and 8


def _control(name, knob, default):
    """The slider or menu of a knob; its range is as in `explore`."""
    import ipywidgets as widgets
    kind, options = widgets.Dropdown, {"options": knob}
    if isinstance(knob, tuple):
        options = {"min": knob[0], "max": knob[1], "continuous_update": False}
        kind = widgets.IntSlider
        if not all(isinstance(end, int) for end in knob):
            kind = widgets.FloatSlider
            options["step"], options["readout_format"] = _grid(*knob, default)
    return kind(value=default, description=name, **options)


def _grid(low, high, default):
    """The step of a slider and the format of what it reads.

    The largest of 1, 2, 5, 10, 20... (or 0.5, 0.2, 0.1...) that goes through
    the default and ends at `high`, in at least 50 steps: so the first value
    can be set again, and each position reads differently.
    Raises ValueError if none of three more digits does.
    """
    low, high, default = (Decimal(str(x)) for x in (low, high, default))
    finest = ((high - low) / 50).adjusted()
    for power in range(finest, finest - 4, -1):
        for digit in (5, 2, 1):
            step = Decimal(digit).scaleb(power)
            if step * 50 <= high - low and not (default - low) % step and (
                    not (high - low) % step):
                digits = max(0, *(-x.normalize().as_tuple().exponent
                                  for x in (step, low)))
                return float(step), f".{digits}f"
    raise ValueError(f"no step from {low} to {high} goes through {default}")


def table(rows, header, **metadata):
    """Display rows as a table, aligned as the front end does it.

    rows: sequences of cells, shown with `str`; header: the column names;
    metadata: of the output, for programs that read the notebook.
    """
    lines = [header, ["---"] * len(header), *rows]
    text = "\n".join(
        "| " + " | ".join(str(cell).replace("|", r"\|") for cell in line)
        + " |" for line in lines)
    display({"text/markdown": text, "text/plain": text}, metadata=metadata,
            raw=True)


def source(*parts):
    """Display the source of functions or classes of course/, as it runs.

    parts: the functions and classes, from one module or several; or text.
    """
    import inspect
    text = "\n\n".join(
        part if isinstance(part, str) else inspect.getsource(part).rstrip()
        for part in parts)
    text = f"```python\n{textwrap.dedent(text)}\n```"
    display({"text/markdown": text, "text/plain": text}, raw=True)


class Audio(IPython.display.Audio):
    """IPython's player, its sound in the `audio` element itself.

    Of a notebook that was not run here JupyterLab keeps an `audio`'s src
    and drops that of a `source` inside it: IPython's own player is mute.
    """

    def _repr_html_(self):
        return f'<audio controls src="{self.src_attr()}"></audio>'
