"""The smallest eigenvalue by a Cholesky factor that somebody else computed, and what a factorisation needs to complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from . import _arrays, _kernels, _options, _polyak
from ._arrays import Floats
from ._claims import _Executor
from ._eigenvalues import Eigenvalue, _bytes, _found
from ._enclosure import Enclosure, _escaped
from ._options import Progress
from .errors import DtypeError, OptionError

__all__ = ["FactorBound", "Jitter", "jitter", "prove_smallest"]


class FactorBound(Enclosure):
    """The smallest eigenvalue, enclosed by a factor of another engine, of which nothing is assumed.

    Attributes
    ----------
    lo, hi, mid, width, positive, exact
        Those of `Enclosure`.
    shift : float
        The lower end is this, less the three others.
    residual : float
        A bound of the residual as computed, in the 2-norm.
    rounding : float
        What rounding adds to it.
    entries : float
        What the entries of the matrix, as computed, are off by.
    kernel : str or None
        The kernel, its bandwidth a number; none of a matrix.

    Examples
    --------
    >>> found = polyak.prove_smallest([[2.0, 1.0], [1.0, 2.0]], None, 0.5, tiles=np.linalg.cholesky([[1.5, 1.0], [1.0, 1.5]]))
    >>> found.shift, found.residual < 1e-15, found.positive
    (0.5, True, True)
    """

    __slots__ = ("entries", "kernel", "residual", "rounding", "shift")

    shift: float
    residual: float
    rounding: float
    entries: float
    kernel: str | None

    def __init__(self, lo: Fraction, hi: Fraction, **found: Any) -> None:
        """Takes what was proved."""
        super().__init__(lo, hi)
        for name in FactorBound.__slots__:
            object.__setattr__(self, name, found[name])

    def _said(self) -> list[tuple[str, str]]:
        said = [("shift", repr(self.shift)), ("residual", f"{self.residual:.1e}")]
        if self.kernel is not None:
            said.append(("kernel", repr(self.kernel)))
        return said


class _Tiles:
    """Tiles of a function as the compiled half takes them."""

    def __init__(self, tiles: Callable[[int, int], object]) -> None:
        self.tiles = tiles

    def __call__(self, row: int, column: int) -> Floats:
        return _arrays.points(self.tiles(row, column), f"tiles({row}, {column})")


def prove_smallest(
    a: object,
    kernel: object,
    shift: float,
    *,
    tiles: object,
    side: int = 256,
    single: bool = False,
    vector: object = None,
    executor: _Executor | None = None,
    parts: int = 4,
    progress: Callable[[Progress], object] | None = None,
) -> FactorBound:
    """Encloses the smallest eigenvalue by a factor of ``K − shift·I``, from any engine and in any precision.

    The factor is a candidate and not trusted: ``λ_min(K) ≥ shift − ‖K − shift·I − LLᵀ‖``, and the residual is computed here, tile
    by tile. A wrong factor costs the bound, never the truth. Neither the matrix nor the factor need fit into memory.

    Parameters
    ----------
    a : array_like
        Points, shape (N, q), one a row; or with no kernel a symmetric matrix, shape (N, N), which is meant exactly.
    kernel : str or kernel of scikit-learn, or None
        As of `smallest_eigenvalue`; None if `a` is a matrix.
    shift : float
        The shift, below the eigenvalue: the bound is a little less.
    tiles : callable or array_like
        A function of a row and a column of tiles, from 0, the column at most the row: it returns that tile of the factor `L`. It is
        called from the thread that called, one tile at a time, each several times, and may read files. Or all of `L`, shape (N, N).
        What is above the diagonal is not looked at.
    side : int
        Rows and columns of a tile; those of the last ones are fewer if need be.
    single : bool
        Whether every entry of the factor is a float32, which makes the bound a little sharper.
    vector : array_like, shape (N,), optional
        A vector near the eigenvector, for the upper end; it is found by inverse iterations with the factor, if none is given.
    executor : concurrent.futures.Executor, dask.distributed.Client or the like, optional
        Where rows of tiles are proved in parts, whose results together are those of one run. For other processes `tiles` must be a
        function that can be pickled.
    parts : int
        Parts for an executor.
    progress : callable, optional
        Called with a `Progress` some times a second; its units are tiles, or parts of an executor.

    Returns
    -------
    FactorBound

    Raises
    ------
    ArrayError, DtypeError
        Tiles of a wrong shape, that are not finite, or that change between calls; points and matrices as of `smallest_eigenvalue`.
    KernelError
        A kernel that does not fit the points, or of which no rounding of the entries is proved.
    OptionError
        An option out of range.
    Exception
        Whatever `tiles` raises.

    Notes
    -----
    Claim E1 (``proofs/e1-certificate.md``, *A factor of another engine*): N³/3 multiplications. The same numbers for any number of
    threads and parts.

    Examples
    --------
    >>> points = np.random.default_rng(0).normal(size=(60, 3))
    >>> matrix = polyak.gram(points, "matern12:0.5")
    >>> factor = np.linalg.cholesky(matrix - 0.1 * np.eye(60))
    >>> tile = lambda i, j: factor[16 * i : 16 * i + 16, 16 * j : 16 * j + 16]
    >>> found = polyak.prove_smallest(points, "matern12:0.5", 0.1, tiles=tile, side=16)
    >>> 0.0999 < found.lo < 0.1 < found.hi
    True
    """
    shift = _options.number(shift, "shift", -np.inf, np.inf)
    side = _options.integer(side, "side", 1, 2**20)
    _options.one_of(single, "single", (True, False))
    parts = _options.integer(parts, "parts", 1, 10_000)
    tell = _options.told(progress)
    if kernel is None:
        array, name = _arrays.matrix(a), None
    else:
        array = _arrays.points(a, "a")
        name = _kernels.resolved(kernel, array)
    given: object = _Tiles(tiles) if callable(tiles) else _arrays.matrix(tiles, "tiles")
    start = None if vector is None else _arrays.weights(vector, "vector", len(array))
    if executor is None:
        proved = [_polyak.prove_part(array, name, (shift, side, single, 1, 1), given, start, tell)]
    else:
        asked = [(shift, side, single, part, parts) for part in range(1, parts + 1)]
        futures = [executor.submit(_part, array, name, each, given, start) for each in asked]
        proved = []
        for done, future in enumerate(futures, 1):
            proved.append(future.result())
            if tell is not None:
                tell("parts", done, parts)
    lo, hi, residual, rounding, entries = _polyak.conclude_parts(proved)
    return FactorBound(
        Fraction(lo), Fraction(hi), shift=shift, residual=residual, rounding=rounding, entries=entries, kernel=name
    )


def _part(
    array: Floats, kernel: str | None, asked: tuple[float, int, bool, int, int], tiles: Any, vector: Floats | None
) -> str:
    """Proves one part, in whichever process."""
    return _polyak.prove_part(array, kernel, asked, tiles, vector, None)


@dataclass(frozen=True)
class Jitter:
    """What is proved of the Cholesky factorisation of ``K + ε·I``.

    Attributes
    ----------
    completes_from : float or None
        It completes for every `ε` from here on; zero if none is needed, none if no `ε` is proved to suffice.
    breaks_below : float
        It breaks down for every `ε` below this, zero included; zero if nothing like that is proved.
    entries_within : float
        By so much the entries may be off, in the 2-norm, which is paid for.
    smallest : Eigenvalue
        The smallest eigenvalue.
    dtype : str

    Examples
    --------
    >>> polyak.jitter([[2.0, 1.0], [1.0, 2.0]]).completes_from
    0.0
    """

    completes_from: float | None
    breaks_below: float
    entries_within: float
    smallest: Eigenvalue
    dtype: str

    @property
    def exact(self) -> Fraction | None:
        """The jitter with which it completes, exactly."""
        return None if self.completes_from is None else Fraction(self.completes_from)

    def _repr_html_(self) -> str:
        """Shows a table, in notebooks."""
        lo, hi = self.smallest.decimal()
        rows = [
            ("completes from", repr(self.completes_from)),
            ("breaks down below", repr(self.breaks_below)),
            ("arithmetic", self.dtype),
            ("smallest eigenvalue", f"[{lo}, {hi}]"),
        ]
        cells = "".join(f"<tr><th>{_escaped(name)}</th><td>{_escaped(value)}</td></tr>" for name, value in rows)
        return f"<table><caption>Jitter</caption>{cells}</table>"


def jitter(
    a: object,
    *,
    kernel: object = None,
    dtype: object = "float64",
    within: float = 0.0,
    max_bits: int = 4096,
    max_gib: float = 8.0,
    progress: Callable[[Progress], object] | None = None,
) -> Jitter:
    """Finds the multiple of the identity with which a Cholesky factorisation provably completes.

    Parameters
    ----------
    a : array_like
        As of `smallest_eigenvalue`.
    kernel : str or kernel of scikit-learn, optional
        The entries that are factored are then those of `gram`.
    dtype : 'float64' or 'float32'
        The arithmetic of the factorisation; entries and jitter are rounded to it first.
    within : float
        How far the matrix that is factored may be from that one, in the 2-norm, as where another library computes its entries.
    max_bits : int
    max_gib : float
    progress : callable, optional
        Those of `smallest_eigenvalue`.

    Returns
    -------
    Jitter

    Raises
    ------
    ArrayError
        Entries near the end of the range; what `smallest_eigenvalue` refuses.
    KernelError
        A kernel without a proved rounding of its entries.
    OptionError
        An option out of range.

    Notes
    -----
    For factorisations with conventional products in any order, as LAPACK's ``potrf``: J. Demmel, LAPACK Working Note 14, 1989;
    N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, Theorem 10.7; S. M. Rump, BIT 46, 2006.

    Examples
    --------
    A singular matrix, with what makes its factorisation complete:

    >>> matrix = np.ones((30, 30))
    >>> needed = polyak.jitter(matrix).completes_from
    >>> needed < 1e-12, np.linalg.cholesky(matrix + needed * np.eye(30)).shape
    (True, (30, 30))
    """
    kinds = {np.dtype(np.float64): False, np.dtype(np.float32): True}
    try:
        kind = np.dtype(dtype)  # type: ignore[call-overload]
        single = kinds[kind]
    except (TypeError, KeyError, ValueError, SyntaxError) as cause:
        raise DtypeError(f"`dtype` is {dtype!r}: give 'float64' or 'float32', the arithmetic of the factorisation") from cause
    if within != 0.0:
        within = _options.number(within, "within", 0.0, np.inf)
    bits = _options.integer(max_bits, "max_bits", 0, 8192)
    wanted = (0.1, bits, None, _bytes(max_gib))
    tell = _options.told(progress)
    factored = (float(within), single)
    if kernel is None:
        name = None
        found = _polyak.jitter_matrix(_arrays.matrix(a), wanted, factored, tell)
    else:
        array = _arrays.points(a, "a")
        name = _kernels.resolved(kernel, array)
        found = _polyak.jitter_points(array, name, wanted, factored, tell)
    smallest, completes_from, breaks_below, entries_within = found
    return Jitter(
        completes_from=completes_from,
        breaks_below=breaks_below,
        entries_within=entries_within,
        smallest=_found(smallest, name),
        dtype=kind.name,
    )
