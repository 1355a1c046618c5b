"""Extreme eigenvalues of symmetric matrices and of Gram matrices, enclosed; and Gram matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from . import _arrays, _kernels, _options, _polyak
from ._arrays import Floats
from ._options import Progress
from ._enclosure import Enclosure, _fraction
from .errors import UndecidedError

__all__ = [
    "Eigenvalue",
    "Estimate",
    "condition",
    "estimate_smallest",
    "gram",
    "largest_eigenvalue",
    "smallest_eigenvalue",
]

_GIB = float(2**30)

#: What the compiled half says of an eigenvalue.
_Certified = tuple[tuple[int, int], tuple[int, int], bool, str, int, "int | None"]


class Eigenvalue(Enclosure):
    """An enclosed eigenvalue, and how it was found.

    Attributes
    ----------
    lo, hi, mid, width, positive, exact
        Those of `Enclosure`.
    reached : bool
        Whether the interval is as narrow as was asked for. If not it is valid all the same, and undecided about the sign
        where it contains zero.
    precision : str
        The most precise arithmetic that was used: ``'exact'``, ``'f64'`` or ``'192 bits'``.
    factorisations : int
        Cholesky factorisations that were begun.
    needed_bits : int or None
        About so many bits would reach the width, where it was not reached and that can be told.
    kernel : str or None
        The kernel, its bandwidth a number; none of a matrix.

    Examples
    --------
    >>> import numpy as np, polyak
    >>> points = np.linspace(-1, 1, 16)[:, None]
    >>> found = polyak.smallest_eigenvalue(points, kernel="gaussian:1")
    >>> found.positive, found.reached, found.precision
    (True, True, '128 bits')
    """

    __slots__ = ("factorisations", "kernel", "needed_bits", "precision", "reached")

    reached: bool
    precision: str
    factorisations: int
    needed_bits: int | None
    kernel: str | None

    def __init__(
        self,
        lo: Fraction,
        hi: Fraction,
        *,
        reached: bool,
        precision: str,
        factorisations: int,
        needed_bits: int | None,
        kernel: str | None,
    ) -> None:
        """Takes what a search found."""
        super().__init__(lo, hi)
        object.__setattr__(self, "reached", reached)
        object.__setattr__(self, "precision", precision)
        object.__setattr__(self, "factorisations", factorisations)
        object.__setattr__(self, "needed_bits", needed_bits)
        object.__setattr__(self, "kernel", kernel)

    def _said(self) -> list[tuple[str, str]]:
        said = [("reached", str(self.reached)), ("precision", repr(self.precision))]
        if self.needed_bits is not None:
            said.append(("needed_bits", str(self.needed_bits)))
        if self.kernel is not None:
            said.append(("kernel", repr(self.kernel)))
        return said


@dataclass(frozen=True)
class Estimate:
    """An estimated eigenvalue: *some* eigenvalue lies within `error_bound` of `value`; that none is smaller is not proved.

    Attributes
    ----------
    value, error_bound : float
    method : str
    iterations : int
    converged : bool
    proved : bool
        Whether the error is about the matrix meant; if not, it is about the matrix as computed.

    Examples
    --------
    >>> found = polyak.estimate_smallest([[2.0, 1.0], [1.0, 2.0]])
    >>> abs(found.value - 1.0) <= found.error_bound
    True
    """

    value: float
    error_bound: float
    method: str
    iterations: int
    converged: bool
    proved: bool


def smallest_eigenvalue(
    a: object,
    *,
    kernel: object = None,
    digits: int = 6,
    max_bits: int = 4096,
    max_seconds: float | None = None,
    max_gib: float = 8.0,
    progress: Callable[[Progress], object] | None = None,
) -> Eigenvalue:
    """Encloses the smallest eigenvalue of a symmetric matrix, or of a Gram matrix.

    The matrix is meant exactly: a matrix given by its float64 entries, a Gram matrix by its float64 points and its kernel,
    with entries that no float is. First float64 is tried with all its rounding counted, then integers of more and more
    bits.

    Parameters
    ----------
    a : array_like
        Without `kernel` a symmetric matrix, shape (n, n), whose numbers are copied once. With `kernel` points, shape (N, q),
        one a row; float64 in C's order is not copied.
    kernel : str or kernel of scikit-learn, optional
        ``'gaussian:0.5'``, ``'gaussian:auto'`` (the median distance), ``'gaussian:0.5,2.0'``, ``'matern12:1'`` (also
        ``'laplace'``), ``'matern32'``, ``'matern52'``, ``'matern72'``, ``'imq(3/2):1'``, ``'polynomial(3):1'``,
        ``'linear'``. Objects of scikit-learn are translated where they are exactly the same function.
    digits : int
        From 1 to 14: the width asked for is `10**-digits` of the larger end.
    max_bits : int
        Most bits of an entry, from 0 to 8192; below 128 only float64 is tried.
    max_seconds : float, optional
        Most time. What is proved by then is returned.
    max_gib : float
        Most memory of matrices, in GiB.
    progress : callable, optional
        Called with a `Progress` some times a second.

    Returns
    -------
    Eigenvalue

    Raises
    ------
    ArrayError
        An array that is empty, not finite, of a wrong shape, or not exactly symmetric.
    DtypeError
        Something that is no array of real numbers that are floats.
    KernelError
        A kernel that does not exist, does not fit the points, or has no evaluation with a proved error.
    MemoryLimitError
        More memory than allowed, or than a limit of the process leaves.
    OptionError
        An option out of range.

    Notes
    -----
    Ctrl-C ends the work within 0.2 s. Claim E1 (``proofs/e1-certificate.md``): J. Demmel, LAPACK Working Note 14, 1989;
    S. M. Rump, BIT 46, 2006.

    Examples
    --------
    Sixteen points on a line, of which float64 sees only noise:

    >>> import numpy as np, polyak
    >>> points = np.linspace(-1, 1, 16)[:, None]
    >>> polyak.smallest_eigenvalue(points, kernel="gaussian:1", digits=3).decimal(4)
    ('4.513e-23', '4.516e-23')
    """
    return _certified(a, kernel, False, digits, max_bits, max_seconds, max_gib, progress)


def largest_eigenvalue(
    a: object,
    *,
    kernel: object = None,
    digits: int = 6,
    max_bits: int = 4096,
    max_seconds: float | None = None,
    max_gib: float = 8.0,
    progress: Callable[[Progress], object] | None = None,
) -> Eigenvalue:
    """Encloses the largest eigenvalue of a symmetric matrix, or of a Gram matrix.

    Parameters, returns, errors and notes are those of `smallest_eigenvalue`.

    Parameters
    ----------
    a : array_like
    kernel : str or kernel of scikit-learn, optional
    digits, max_bits : int
    max_seconds, max_gib : float
    progress : callable, optional

    Returns
    -------
    Eigenvalue

    Examples
    --------
    >>> 3.0 in polyak.largest_eigenvalue([[2.0, 1.0], [1.0, 2.0]])
    True
    """
    return _certified(a, kernel, True, digits, max_bits, max_seconds, max_gib, progress)


def _certified(
    a: object,
    kernel: object,
    largest: bool,
    digits: int,
    max_bits: int,
    max_seconds: float | None,
    max_gib: float,
    progress: Callable[[Progress], object] | None,
) -> Eigenvalue:
    width = 10.0 ** -_options.integer(digits, "digits", 1, 14)
    bits = _options.integer(max_bits, "max_bits", 0, 8192)
    seconds = None if max_seconds is None else _options.number(max_seconds, "max_seconds", 0.0, 1e9)
    wanted = (width, bits, seconds, _bytes(max_gib))
    tell = _options.told(progress)
    if kernel is None:
        name = None
        found = _polyak.certify_matrix(_arrays.matrix(a), largest, wanted, tell)
    else:
        points = _arrays.points(a, "a")
        name = _kernels.resolved(kernel, points)
        found = _polyak.certify_points(points, name, largest, wanted, tell)
    return _found(found, name)


def _found(found: _Certified, name: str | None) -> Eigenvalue:
    lo, hi, reached, precision, factorisations, needed_bits = found
    return Eigenvalue(
        _fraction(lo),
        _fraction(hi),
        reached=reached,
        precision=precision,
        factorisations=factorisations,
        needed_bits=needed_bits,
        kernel=name,
    )


def _bytes(max_gib: object) -> int:
    return int(_options.number(max_gib, "max_gib", 0.0, 1e9) * _GIB)


def condition(
    a: object,
    *,
    kernel: object = None,
    digits: int = 6,
    max_bits: int = 4096,
    max_gib: float = 8.0,
    progress: Callable[[Progress], object] | None = None,
) -> Enclosure:
    """Encloses the condition number `λ_max/λ_min` of a positive definite matrix, in the 2-norm.

    Parameters
    ----------
    a : array_like
        As of `smallest_eigenvalue`.
    kernel : str or kernel of scikit-learn, optional
    digits, max_bits : int
    max_gib : float
    progress : callable, optional

    Returns
    -------
    Enclosure

    Raises
    ------
    UndecidedError
        The smallest eigenvalue is not proved positive.
    PolyakError
        Those of `smallest_eigenvalue`.

    Examples
    --------
    >>> 3 in polyak.condition([[2.0, 1.0], [1.0, 2.0]])
    True
    """
    smallest = _certified(a, kernel, False, digits, max_bits, None, max_gib, progress)
    if not smallest.positive:
        raise UndecidedError(
            f"the smallest eigenvalue is in [{smallest.lo}, {smallest.hi}] and not proved positive: the condition number has"
            " no upper bound; raise max_bits, or remove equal points"
        )
    largest = _certified(a, kernel, True, digits, max_bits, None, max_gib, progress)
    return Enclosure(largest.exact[0] / smallest.exact[1], largest.exact[1] / smallest.exact[0])


def estimate_smallest(
    a: object,
    *,
    kernel: object = None,
    digits: int = 6,
    max_gib: float = 8.0,
    progress: Callable[[Progress], object] | None = None,
) -> Estimate:
    """Estimates the smallest eigenvalue: faster than an enclosure, and no proof that none is smaller.

    Parameters
    ----------
    a : array_like
        As of `smallest_eigenvalue`.
    kernel : str or kernel of scikit-learn, optional
    digits : int
        The relative accuracy asked for, from 1 to 14.
    max_gib : float
        Most memory of matrices, in GiB; of more points than that products are taken with a matrix that is never stored.
    progress : callable, optional

    Returns
    -------
    Estimate

    Raises
    ------
    PolyakError
        Those of `smallest_eigenvalue`.

    Examples
    --------
    >>> import numpy as np
    >>> found = polyak.estimate_smallest(np.arange(100.0)[:, None], kernel="laplace:1")
    >>> abs(found.value - 0.4621) < 1e-3
    True
    """
    tolerance = 10.0 ** -_options.integer(digits, "digits", 1, 14)
    room, tell = _bytes(max_gib), _options.told(progress)
    if kernel is None:
        return Estimate(*_polyak.estimate_matrix(_arrays.matrix(a), tolerance, room, tell))
    points = _arrays.points(a, "a")
    name = _kernels.resolved(kernel, points)
    return Estimate(*_polyak.estimate_points(points, name, tolerance, room, tell))


def gram(points: object, kernel: object) -> Floats:
    """Computes the Gram matrix of points.

    Parameters
    ----------
    points : array_like, shape (N, q)
        One point a row.
    kernel : str or kernel of scikit-learn
        As of `smallest_eigenvalue`.

    Returns
    -------
    numpy.ndarray, shape (N, N)
        Exactly symmetric, the diagonal of a radial kernel exactly one, the same bits for any number of threads.

    Raises
    ------
    ArrayError
        A coordinate that is not finite, or an array of a wrong shape.
    KernelError
        A kernel that does not exist or does not fit the points; entries that overflow.
    MemoryLimitError
        The matrix does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> found = polyak.gram([[0.0], [1.0], [3.0]], "gaussian:1")
    >>> bool(abs(found[0, 1] - np.exp(-0.5)) < 1e-15)
    True
    """
    array = _arrays.points(points)
    return _polyak.gram(array, _kernels.resolved(kernel, array))
