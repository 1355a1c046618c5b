"""What can be wrong with a call, as one hierarchy of exceptions.

Every exception of this package is a `PolyakError`, which is a `ValueError`. The message says what is wrong, where
(counted from 1), and what to do.

>>> import polyak
>>> try:
...     polyak.gram([[0.0], [float("nan")]], "gaussian:1")
... except polyak.PolyakError as cause:
...     print(type(cause).__name__, "-", cause)
ArrayError - coordinate 1 of point 2 of `points` is NaN: every coordinate must be finite
"""

from __future__ import annotations

__all__ = [
    "ArrayError",
    "DtypeError",
    "KernelError",
    "MemoryLimitError",
    "NetworkError",
    "OptionError",
    "PolyakBug",
    "PolyakError",
    "RecipeError",
    "ReportError",
    "ThreadError",
    "TransportError",
    "UndecidedError",
    "UnknownClaimError",
]


class PolyakError(ValueError):
    """A call that cannot be answered: the root of all exceptions of this package."""


class ArrayError(PolyakError):
    """An array of a wrong shape, or with a number that is not allowed in it."""


class DtypeError(ArrayError, TypeError):
    """Something that is no array of real numbers of at most 64 bits."""


class KernelError(PolyakError):
    """A kernel that does not exist, or does not allow what is asked for."""


class OptionError(PolyakError):
    """An option outside of its range."""


class TransportError(PolyakError):
    """Clouds or weights between which there is no transport."""


class NetworkError(PolyakError):
    """Arrays that are no network which the theory covers, or a network that does not fit its data."""


class RecipeError(PolyakError):
    """Data for which no network with a guarantee is found, or a recipe of other data."""


class MemoryLimitError(PolyakError, MemoryError):
    """A result that needs more memory than a limit of the process leaves, or than was allowed."""


class ThreadError(PolyakError):
    """Threads that the system does not start."""


class UnknownClaimError(PolyakError, LookupError):
    """A name that selects no claim."""


class ReportError(PolyakError):
    """A report that cannot be read, contradicts itself, or is of another run."""


class UndecidedError(PolyakError):
    """An enclosure that is too wide for what is asked of it."""


class PolyakBug(PolyakError, RuntimeError):
    """A mistake in this package and not in what it was given: please report it."""
