"""What serves all chapters: set-up, data, figures, comparisons, claims.

Importing this package imports no TensorFlow: on Colab `start` may have to
install a pinned transformers before anything else imports one.
"""

from .claims import claim, claims_table
from .data import (
    load_digits, load_reviews, load_spoken_digits, load_sunspots,
    read_picture, small_digits)
from .exercises import check, grade, hint, solution
from .figures import explore, show, source, table
from .messages import CourseError, message
from .numbers import check_positive, check_shape, compare, comparisons
from .scores import share
from .setup import data_file, free_memory, set_seed, start
from .solved import progress


def __getattr__(name):
    """Import on first use what needs TensorFlow or transformers."""
    if name == "LiveBar":
        from .livebar import LiveBar
        return LiveBar
    if name in ("check_checkpoint", "check_weights"):
        from . import checkpoint
        return getattr(checkpoint, name)
    raise AttributeError(f"module 'course' has no attribute {name!r}")
