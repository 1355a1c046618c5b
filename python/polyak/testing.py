"""Assertions for tests, which prove what they say."""

from __future__ import annotations

from ._eigenvalues import Eigenvalue, smallest_eigenvalue
from ._enclosure import Enclosure

__all__ = ["assert_enclosed", "assert_positive_definite"]


def assert_enclosed(number: object, enclosure: Enclosure) -> None:
    """Asserts that a number lies in an enclosure, in exact arithmetic.

    Parameters
    ----------
    number : int, float or fractions.Fraction
    enclosure : Enclosure

    Raises
    ------
    AssertionError
        It lies outside, or is not finite.
    TypeError
        No number, or no enclosure.

    Examples
    --------
    >>> from polyak.testing import assert_enclosed
    >>> assert_enclosed(1, polyak.smallest_eigenvalue([[2.0, 1.0], [1.0, 2.0]]))
    """
    if not isinstance(enclosure, Enclosure):
        raise TypeError(f"an enclosure is needed, and {type(enclosure).__name__} is none")
    if number not in enclosure:
        lo, hi = enclosure.decimal(17)
        raise AssertionError(f"{number!r} is not in [{lo}, {hi}]")


def assert_positive_definite(a: object, *, kernel: object = None, max_bits: int = 4096) -> Eigenvalue:
    """Asserts that a symmetric matrix, or a Gram matrix, is positive definite: by proof.

    Parameters
    ----------
    a : array_like
        As of `polyak.smallest_eigenvalue`.
    kernel : str or kernel of scikit-learn, optional
    max_bits : int

    Returns
    -------
    Eigenvalue
        The smallest one, enclosed.

    Raises
    ------
    AssertionError
        The smallest eigenvalue is zero, negative, or not decided; the message says which.
    PolyakError
        Those of `polyak.smallest_eigenvalue`.

    Examples
    --------
    >>> from polyak.testing import assert_positive_definite
    >>> assert_positive_definite([[2.0, 1.0], [1.0, 2.0]]).positive
    True
    >>> assert_positive_definite([[1.0, 2.0], [2.0, 1.0]])
    Traceback (most recent call last):
        ...
    AssertionError: the matrix is not positive definite, proved: its smallest eigenvalue is in [-1.000000e0, -9.999999e-1]
    """
    found = smallest_eigenvalue(a, kernel=kernel, digits=1, max_bits=max_bits)
    if found.positive:
        return found
    lo, hi = found.decimal()
    if found.exact[1] <= 0:
        raise AssertionError(
            f"the matrix is not positive definite, proved: its smallest eigenvalue is in [{lo}, {hi}]"
        )
    needed = "" if found.needed_bits is None else f"; about {found.needed_bits} bits would decide"
    raise AssertionError(f"it is not decided whether the matrix is positive definite: [{lo}, {hi}]{needed}")
