"""Values of exercises: compared, shown in short, written as plain JSON.

Nothing here trusts what it gets: an answer may return anything at all.
"""

import array
import decimal
import importlib
import re
import types
from collections import UserString
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

TOLERANCE = 1e-5
# taken now: an answer may put something else in NumPy's place
_allclose, _asarray, _ndarray = np.allclose, np.asarray, np.ndarray
KINDS = "biufcSU"  # of arrays that are compared and written
OF = (int, "i"), (float, "f"), (complex, "c"), (str, "U"), (bytes, "S")
BUFFERS = bytes, bytearray, memoryview, array.array  # one block of memory


def plain(value):
    """A result of any library, as Python's and NumPy's own kinds.

    Tensors, tables, buffers and whatever else NumPy reads as an array become
    arrays, fractions and decimals floats, arrays of objects lists, deque,
    range and other sequences lists, other number formats float32 or float64,
    strings of other kinds and other kinds of dictionaries plain ones. What
    is none of these stays as it is. `check` and `grade` compare what this
    gives: what is right for one is right for the other.
    """
    if isinstance(value, (Fraction, decimal.Decimal)):
        return float(value)
    if isinstance(value, (str, UserString)):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, BUFFERS):
        kind = tuple if isinstance(value, tuple) else list
        return kind(plain(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return {plain(item) for item in value}
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if not isinstance(value, (_ndarray, np.generic)):
        value = _from_elsewhere(value)
    if isinstance(value, (_ndarray, np.generic)):
        kind, size = value.dtype.kind, value.dtype.itemsize
        if kind in "OT":  # objects; strings of any length
            return plain(value.tolist())
        if kind == "V" and value.dtype.fields is None:  # bfloat16 and such
            return value.astype(np.float32)
        if kind == "f" and size > 8:
            return value.astype(np.float64)
        if kind == "c" and size > 16:
            return value.astype(np.complex128)
    return value


def _from_elsewhere(value):
    """What can be an array as one; anything else as it is."""
    if type(value).__module__.partition(".")[0] == "torch":
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else (
            value)
    for way in ("numpy", "to_numpy"):
        if callable(getattr(value, way, None)):
            return getattr(value, way)()
    if value is None or isinstance(value, (bool, int, float, complex, bytes)):
        return value
    try:
        made = _asarray(value)
    except Exception:
        return value
    # of a thing that is no array NumPy makes an object without axes
    return made if made.dtype.kind != "O" or made.shape else value


def same(a, b):
    """Whether a result equals the wanted one: fractions to 1e-5.

    a: the result, anything; b: the wanted value. Whole numbers must be
    equal, but for what a float loses of them; strings equal strings alone.
    Lists, tuples and arrays of any precision count as the same, and so do
    True and 1. All of this holds at any depth. Never raises.
    """
    try:
        return _same(plain(a), plain(b))
    except Exception:
        return False


def _same(a, b):
    if isinstance(b, dict):
        return (isinstance(a, dict) and set(a) == set(b)
                and all(_same(a[key], b[key]) for key in b))
    if isinstance(b, (set, frozenset)):
        return isinstance(a, (set, frozenset)) and set(a) == set(b)
    if a is None or b is None:
        return a is b
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and isinstance(b, str) and str.__eq__(a, b)
    if isinstance(a, int) and isinstance(b, int):  # of any size
        return int.__eq__(a, b)
    a, b = _comparable(a), _comparable(b)
    if isinstance(b, _ndarray) and isinstance(a, _ndarray):
        if a.shape != b.shape:
            return False
        if a.dtype.kind in "SU" or b.dtype.kind in "SU":
            return a.dtype.kind == b.dtype.kind and bool((a == b).all())
        whole = b.dtype.kind in "iu"
        if whole and a.dtype.kind in "biu":
            return bool((a == b).all())
        return bool(_allclose(a, b, rtol=1e-12 if whole else TOLERANCE,
                              atol=TOLERANCE, equal_nan=True))
    if any(isinstance(x, _ndarray) and not x.shape for x in (a, b)):
        return False
    return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b))


def _comparable(value):
    """As `_array`, but a list where some numbers are whole, some are not.

    In one array they would all be floats, and so compared.
    """
    array = _array(value)
    if isinstance(value, (list, tuple)) and isinstance(array, _ndarray):
        kinds = _kinds(value)
        if len(kinds) > 1 or kinds == {"i"} and array.dtype.kind not in "biu":
            return list(value)
    return array


def _array(value):
    """As an array of numbers or of strings; other lists stay lists.

    Lists of rows of several lengths, or of numbers and strings. Raises
    TypeError for what is neither.
    """
    try:
        array = _asarray(value)
    except ValueError:
        array = None
    if array is not None and array.dtype.kind in KINDS and not (
            array.dtype.kind in "SU" and isinstance(value, (list, tuple))
            and len(_kinds(value)) > 1):
        return array
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, int):  # too large for NumPy
        return _asarray(float(value))
    raise TypeError(type(value).__name__)


def _kinds(value):
    """The kinds of what a list holds, at any depth: "i" of whole numbers."""
    if isinstance(value, (list, tuple)):
        return set().union(*map(_kinds, value))
    kind = value.dtype.kind if isinstance(value, (_ndarray, np.generic)) else (
        next((kind for kinds, kind in OF if isinstance(value, kinds)), "O"))
    return {"i" if kind in "bu" else kind}


def of_kind(value, kind):
    """Whether a right result has the kind that its exercise asks for.

    kind: "integer" or "boolean", of Python or NumPy, in a list or an array.
    """
    array = _asarray(plain(value))
    return array.dtype.kind in {"integer": "iu", "boolean": "b"}[kind] or (
        not array.size)


def named_kind(value):
    """What it has in place of that kind: "float64", say."""
    return _asarray(plain(value)).dtype.name


def first_difference(a, b):
    """(index, a there, b there) of two arrays of one shape, else None."""
    try:
        a, b = _array(plain(a)), _array(plain(b))
        if a.shape != b.shape or not a.shape:
            return None
        for index in np.ndindex(a.shape):
            if not _same(a[index], b[index]):
                return list(index), a[index], b[index]
    except Exception:
        pass
    return None


def shape(value):
    """The shape of an array or of a regular list, else None."""
    try:
        return _array(plain(value)).shape or None
    except Exception:
        return None


def short(value, length=70, digits=4):
    """A value in one line, whatever it is.

    Numbers to four places, or to four digits if they are small.
    """
    try:
        if isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        if not isinstance(value, (list, tuple, dict)):
            value = _from_elsewhere(value)
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, np.ndarray) and value.size > 1000:
            return f"array of shape {value.shape}"
        text = " ".join(repr(_plain(value, digits)).split())
        text = re.sub(r" at 0x[0-9a-f]+", "", text)  # differs at every run
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= length else text[:length - 1] + "…"


def _plain(value, digits):
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if type(value) in (list, tuple) and len(value) <= 1000:
        return type(value)(_plain(item, digits) for item in value)
    if isinstance(value, float):
        return round(value, digits) if abs(value) >= 0.01 else float(
            f"{value:.{digits}g}")
    return value


# ---- plain JSON ----


def encode(value):
    """A value as what JSON can hold. Raises TypeError if it can't.

    Whatever `plain` knows, None, and functions of numpy and math, by name.
    """
    value = plain(value)
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind not in KINDS.replace("S", ""):
            raise TypeError(f"an array of {array.dtype}")
        parts = [array.real, array.imag] if array.dtype.kind == "c" else [
            array]
        return {"array": [part.ravel().tolist() for part in parts],
                "dtype": array.dtype.str, "shape": list(array.shape)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, complex):
        return encode(np.asarray(value))
    if isinstance(value, list):
        return [encode(item) for item in value]
    for kind, name in ((tuple, "tuple"), (frozenset, "set"), (set, "set")):
        if isinstance(value, kind):
            return {name: [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(k), encode(v)] for k, v in value.items()]}
    if isinstance(value, (np.ufunc, types.BuiltinFunctionType,
                          types.FunctionType)):
        for module in ("numpy", "math"):
            name = value.__name__
            if getattr(importlib.import_module(module), name, None) is value:
                return {"function": [module, name]}
    raise TypeError(f"a {type(value).__name__}")


def decode(value):
    """What `encode` was given. Raises ValueError for anything else.

    Lists of numbers stay lists; an array is as large as its list says.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        kind = next(iter(value), None)
        if kind == "array":
            dtype = np.dtype(str(value["dtype"]))
            if dtype.kind not in KINDS or dtype.itemsize > 1000:
                raise ValueError(f"an array of {dtype}")
            parts = [np.array(part, dtype.type(0).real.dtype
                              if dtype.kind == "c" else dtype)
                     for part in value["array"]]
            whole = parts[0] + 1j * parts[1] if dtype.kind == "c" else (
                parts[0])
            return whole.astype(dtype).reshape(
                [int(n) for n in value["shape"]])
        if kind in ("tuple", "set"):
            return {"tuple": tuple, "set": set}[kind](decode(value[kind]))
        if kind == "dict":
            return {decode(k): decode(v) for k, v in value["dict"]}
        if kind == "function" and value["function"][0] in ("numpy", "math"):
            module, name = value["function"]
            return getattr(importlib.import_module(module), name)
    raise ValueError("not a value of an exercise")
