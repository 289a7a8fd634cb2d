"""What serves all chapters: set-up, figures, claims, data, models.

The notebooks take what they need from here; it is imported on first use (PEP
562), for some scripts have no matplotlib, and on Colab `start` may have to
install a pinned transformers before anything else imports one.
"""

import importlib

PLACES = {
    "callbacks": "LiveBar",
    "claims": "claim claims_table",
    "datasets.digits": "load_digits read_picture small_digits",
    "datasets.reviews": "load_reviews",
    "datasets.sounds": "load_spoken_digits",
    "datasets.sunspots": "load_sunspots",
    "display": "explore show source table",
    "exercises": "case check grade hint solution use",
    "exercises.progress": "progress",
    "files": "data_file",
    "messages": "CourseError message",
    "metrics": "share",
    "models.checkpoint": "check_checkpoint check_weights",
    "session": "free_memory set_seed start",
    "testing": "check_positive check_shape compare comparisons",
}
WHERE = {name: place for place, names in PLACES.items()
         for name in names.split()}


def __getattr__(name):
    if name not in WHERE:
        raise AttributeError(f"module 'course' has no attribute {name!r}")
    if WHERE[name] == "exercises":  # notes each verdict for `progress()`
        importlib.import_module(".exercises.progress", __name__)
    return getattr(importlib.import_module("." + WHERE[name], __name__), name)
