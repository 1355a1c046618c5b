"""Arrays as they are taken: float64 as it lies, other real numbers converted where that is exact, the rest refused."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _polyak
from .errors import ArrayError, DtypeError, MemoryLimitError

Floats = npt.NDArray[np.float64]

#: Integers up to here are floats.
_LARGEST_INTEGER = 2**53

#: Subclasses whose numbers mean what those of an array mean.
_PLAIN = (np.ndarray, np.matrix, np.memmap)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _as_array(given: object, name: str) -> npt.NDArray[Any]:
    if isinstance(given, np.ma.MaskedArray):
        hidden = int(np.count_nonzero(np.ma.getmaskarray(given)))
        if hidden:
            raise ArrayError(
                f"`{name}` masks {_counted(hidden, 'entry').replace('entrys', 'entries')}, which are no numbers: leave"
                " them out, or fill them with .filled(value)"
            )
        given = given.data
    if isinstance(given, np.ndarray):
        if type(given) not in _PLAIN:
            raise DtypeError(
                f"`{name}` is a {type(given).__name__}, whose numbers may mean something else than those of an array:"
                " give np.asarray of it, if they do not"
            )
        return given
    if hasattr(given, "toarray") and hasattr(given, "nnz"):
        raise DtypeError(f"`{name}` is sparse, and only dense arrays are read: give {name}.toarray()")
    if isinstance(given, (str, bytes, dict, set, frozenset)) or given is None:
        raise DtypeError(f"`{name}` is {type(given).__name__}: give an array of numbers")
    try:
        return np.asarray(given)
    except MemoryError as cause:
        raise MemoryLimitError(f"`{name}` does not fit into memory") from cause
    except Exception as cause:
        raise ArrayError(
            f"`{name}` is {type(given).__name__} and makes no array ({cause}): give rows of equal length, of numbers"
        ) from cause


def _require_room(array: npt.NDArray[Any], name: str) -> None:
    shortage = _polyak.shortage(8 * array.size)
    if shortage is not None:
        raise MemoryLimitError(f"`{name}` must be copied, as it is no float64 array without gaps: {shortage}")


def _as_floats(given: object, name: str, order: Literal["C", "F"]) -> Floats:
    array = _as_array(given, name)
    if array.size == 0 and array.dtype == np.dtype(object):
        raise DtypeError(f"`{name}` has no numbers: give an array of float64")
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "c":
        raise DtypeError(f"`{name}` is complex ({array.dtype}), and real numbers are needed: give its .real, if it is one")
    if kind not in "fiub":
        raise DtypeError(
            f"`{name}` has the dtype {array.dtype}, which holds no real numbers of NumPy: give an array of float64"
        )
    if kind == "f" and size > 8:
        raise DtypeError(
            f"`{name}` has the dtype {array.dtype}, which float64 would round: give .astype(np.float64), if that is meant"
        )
    if array.dtype == np.float64 and array.flags.aligned and array.flags[order]:
        return array if type(array) is np.ndarray else array.view(np.ndarray)
    _require_room(array, name)
    if kind in "iu" and size == 8 and array.size:
        largest = max(int(array.max()), -int(array.min()))
        if largest > _LARGEST_INTEGER:
            raise ArrayError(
                f"`{name}` holds the integer {largest}, which float64 would round: give .astype(np.float64), if that is"
                " meant"
            )
    try:
        made = np.require(array, np.float64, [order, "ALIGNED"])
    except MemoryError as cause:
        raise MemoryLimitError(f"`{name}` must be copied, and does not fit into memory") from cause
    return np.asarray(made) if type(made) is np.ndarray else made.view(np.ndarray)


def points(given: object, name: str = "points") -> Floats:
    """Returns an array (N, q) in C's order: the array given, if it is one."""
    array = _as_floats(given, name, "C")
    if array.ndim != 2:
        remedy = f"give {name}.reshape(-1, 1) for points on a line" if array.ndim == 1 else "give one row a point"
        raise ArrayError(f"`{name}` has {_counted(array.ndim, 'axis').replace('axiss', 'axes')} and needs two: {remedy}")
    return array


def targets(given: object, inputs: Floats, name: str = "y") -> Floats:
    """Returns an array (N, d') in C's order, a row for every row of the inputs; of a row of numbers a column."""
    array = _as_floats(given, name, "C")
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2:
        raise ArrayError(
            f"`{name}` has {_counted(array.ndim, 'axis').replace('axiss', 'axes')}: give one row of targets a sample, or one"
            " number a sample"
        )
    if len(array) != len(inputs):
        raise ArrayError(f"`{name}` has {_counted(len(array), 'row')}, and `x` {len(inputs)}: give one row a sample in both")
    for each, shape in (("x", inputs.shape), (name, array.shape)):
        if 0 in shape:
            raise ArrayError(f"`{each}` has the shape {shape}, and no numbers: give at least one sample of one coordinate")
    return array


def matrix(given: object, name: str = "a") -> Floats:
    """Returns a matrix in whichever order it lies."""
    fortran = isinstance(given, np.ndarray) and given.flags.f_contiguous
    array = _as_floats(given, name, "F" if fortran else "C")
    if array.ndim != 2:
        raise ArrayError(
            f"`{name}` has {_counted(array.ndim, 'axis').replace('axiss', 'axes')} and needs two: give a symmetric matrix,"
            " or points with kernel="
        )
    return array


def weights(given: object, name: str, length: int) -> Floats:
    """Returns a row of so many numbers."""
    array = _as_floats(given, name, "C")
    if array.shape != (length,):
        raise ArrayError(f"`{name}` has the shape {array.shape}: give one number an atom, ({length},)")
    return array
