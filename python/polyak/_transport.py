"""Exact optimal transport, enclosed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _options, _polyak
from ._arrays import Floats
from ._options import Progress
from ._enclosure import Enclosure, _fraction
from .errors import ArrayError

__all__ = ["ConditionalDistance", "Proved", "Wasserstein", "certify_transport", "conditional_distance", "wasserstein"]


class Wasserstein(Enclosure):
    """An enclosed distance of two clouds, with the plan and the potentials that prove it.

    Attributes
    ----------
    lo, hi, mid, width, positive, exact
        Those of `Enclosure`, of the distance `W_p`.
    cost : Enclosure
        The optimal cost: `W_2` squared, or `W_1`.
    p : int
        1 or 2.
    sources, targets : numpy.ndarray of int
        The plan: atom `sources[k]` of the first cloud sends to atom `targets[k]` of the second.
    masses : numpy.ndarray of int
        How much, in units: the share `masses[k]/unit` of all.
    unit : int
        Units in either cloud.
    source_potentials, target_potentials : numpy.ndarray of float
        Dual variables `u`, `v` with `u[i] + v[j] <= c[i, j]` for the exact costs; NaN at atoms of weight zero.
    relative_gap : float
        How far the ends of the cost are apart, relative to the upper one.

    Examples
    --------
    >>> found = polyak.wasserstein([[0.0], [1.0], [4.0]], [[3.0], [2.0], [0.0]])
    >>> found.sources.tolist(), found.targets.tolist()
    ([0, 1, 2], [2, 1, 0])
    >>> import math
    >>> from fractions import Fraction
    >>> Fraction(2, 3) in found.cost
    True
    """

    __slots__ = (
        "cost",
        "masses",
        "p",
        "relative_gap",
        "source_potentials",
        "sources",
        "target_potentials",
        "targets",
        "unit",
    )

    cost: Enclosure
    p: int
    sources: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    masses: npt.NDArray[np.uint64]
    unit: int
    source_potentials: Floats
    target_potentials: Floats
    relative_gap: float

    def __init__(self, lo: Fraction, hi: Fraction, **found: Any) -> None:
        """Takes what a solver found."""
        super().__init__(lo, hi)
        for name in Wasserstein.__slots__:
            value = found[name]
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def reached(self) -> bool:
        """Whether the cost is known to 12 digits."""
        return self.relative_gap <= 1e-12

    def permutation(self) -> npt.NDArray[np.int64] | None:
        """Returns for every atom of the first cloud its target; nothing, if the plan splits an atom.

        Returns
        -------
        numpy.ndarray of int or None

        Examples
        --------
        >>> polyak.wasserstein([[0.0], [1.0]], [[1.5], [0.0]]).permutation().tolist()
        [1, 0]
        """
        whole = len(self.sources) == len(self.source_potentials) == len(self.target_potentials)
        return self.targets.copy() if whole else None

    def _said(self) -> list[tuple[str, str]]:
        sizes = f"{len(self.source_potentials)} to {len(self.target_potentials)} atoms"
        return [("p", str(self.p)), ("between", repr(sizes))]


class ConditionalDistance(Enclosure):
    """An enclosed conditional distance of two networks.

    Attributes
    ----------
    lo, hi, mid, width, positive, exact
        Those of `Enclosure`, of the distance.
    squared : Enclosure
        Its square, the mean of those of the layers.
    layers : tuple of Enclosure
        The squared `W_2` of every layer.

    Examples
    --------
    >>> found = polyak.conditional_distance([[[0.0], [1.0]]], [[[0.0], [3.0]]])
    >>> 2 in found.squared, len(found.layers)
    (True, 1)
    """

    __slots__ = ("layers", "squared")

    squared: Enclosure
    layers: tuple[Enclosure, ...]

    def __init__(self, lo: Fraction, hi: Fraction, *, squared: Enclosure, layers: tuple[Enclosure, ...]) -> None:
        """Takes what the layers gave."""
        super().__init__(lo, hi)
        object.__setattr__(self, "squared", squared)
        object.__setattr__(self, "layers", layers)

    def _said(self) -> list[tuple[str, str]]:
        return [("layers", str(len(self.layers)))]


_Ends = tuple[tuple[int, int], tuple[int, int]]


def _ends(ends: _Ends) -> tuple[Fraction, Fraction]:
    # A midpoint and a radius may reach below zero, where no distance is.
    lo, hi = map(_fraction, ends)
    return max(lo, Fraction(0)), hi


def _enclosed(ends: _Ends) -> Enclosure:
    return Enclosure(*_ends(ends))


def wasserstein(
    x: object,
    y: object,
    *,
    p: int = 2,
    x_weights: object = None,
    y_weights: object = None,
    progress: Callable[[Progress], object] | None = None,
) -> Wasserstein:
    """Encloses the Wasserstein distance of two clouds, with an optimal plan and potentials.

    Parameters
    ----------
    x, y : array_like, shape (n, q) and (m, q)
        One atom a row; float64 in C's order is not copied without weights.
    p : int
        2 for the root of the least mean squared distance, 1 for the least mean distance.
    x_weights, y_weights : array_like, optional
        Weights of the atoms, not negative; equal ones, if none are given. Their shares of their sum are meant, exactly these
        rational numbers, and must be multiples of one unit of at least 2**-53: integers are.
    progress : callable, optional
        Called with a `Progress` some times a second.

    Returns
    -------
    Wasserstein

    Raises
    ------
    TransportError
        An empty cloud, coordinates that are not finite or beyond 1e150, different dimensions, weights without a common unit.
    ArrayError, DtypeError
        No arrays of such a shape, or of real numbers that are floats.
    MemoryLimitError
        The n·m costs do not fit.

    Notes
    -----
    Every optimum is bounded by its plan from above and by its potentials from below, all rounding counted
    (``proofs/transport.md``).

    Examples
    --------
    >>> square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    >>> moved = [[1.5, 0.0], [1.5, 1.0], [0.5, 1.0], [0.5, 0.0]]
    >>> 0.5 in polyak.wasserstein(square, moved)
    True
    """
    _options.one_of(p, "p", (1, 2))
    source, target = _arrays.points(x, "x"), _arrays.points(y, "y")
    tell = _options.told(progress)
    kept = [np.arange(len(source)), np.arange(len(target))]
    given = None
    if x_weights is not None or y_weights is not None:
        a, b = (
            np.ones(len(cloud)) if weights is None else _arrays.weights(weights, name, len(cloud))
            for cloud, weights, name in ((source, x_weights, "x_weights"), (target, y_weights, "y_weights"))
        )
        given = (a, b)
        kept = [np.flatnonzero(a), np.flatnonzero(b)]
    cost, distance, gap, (sources, targets, masses), unit, u, v = _polyak.wasserstein(source, target, p, given, tell)
    potentials = []
    for cloud, atoms, found in ((source, kept[0], u), (target, kept[1], v)):
        all_atoms = np.full(len(cloud), np.nan)
        all_atoms[atoms] = found
        potentials.append(all_atoms)
    return Wasserstein(
        *_ends(distance),
        cost=_enclosed(cost),
        p=p,
        sources=kept[0][sources],
        targets=kept[1][targets],
        masses=masses,
        unit=unit,
        source_potentials=potentials[0],
        target_potentials=potentials[1],
        relative_gap=gap,
    )


class Proved(Enclosure):
    """An enclosed distance of two clouds, by what another solver found.

    Attributes
    ----------
    lo, hi, mid, width, positive, exact
        Those of `Enclosure`, of the distance `W_p`.
    cost : Enclosure
        The optimal cost: `W_2` squared, or `W_1`.

    Examples
    --------
    >>> found = polyak.certify_transport([[0.0], [1.0]], [[3.0], [2.0]], plan=[[0.5, 0.0], [0.0, 0.5]], p=1)
    >>> 2 in found, found.lo
    (True, 0.0)
    """

    __slots__ = ("cost",)

    cost: Enclosure

    def __init__(self, lo: Fraction, hi: Fraction, *, cost: Enclosure) -> None:
        """Takes what was proved."""
        super().__init__(lo, hi)
        object.__setattr__(self, "cost", cost)


def certify_transport(
    x: object,
    y: object,
    *,
    plan: object = None,
    potentials: object = None,
    p: int = 2,
    x_weights: object = None,
    y_weights: object = None,
) -> Proved:
    """Encloses the Wasserstein distance of two clouds by what another solver found, of which nothing is assumed.

    Parameters
    ----------
    x, y : array_like, shape (n, q) and (m, q)
        One atom a row.
    plan : array_like, shape (n, m), optional
        The share of all mass that goes from atom to atom, as `ot.emd` returns it: the upper end. Its sums may be off; what is
        missing is charged at the largest cost, and without a plan everything is.
    potentials : array_like, shape (m,), optional
        Potentials of the atoms of `y`, as `ot.emd` returns them as ``log["v"]``: the lower end, zero without them.
    p : int
        2 for squared distances as costs, 1 for distances.
    x_weights, y_weights : array_like, optional
        As of `wasserstein`.

    Returns
    -------
    Proved
        As narrow as plan and potentials are good.

    Raises
    ------
    TransportError
        Those of `wasserstein`; a share that is negative or not finite, a potential that is not finite.
    ArrayError, DtypeError
        No arrays of such a shape, or of real numbers that are floats.

    Notes
    -----
    The repair of a plan is that of J. Altschuler, J. Weed, P. Rigollet, NIPS 2017, algorithm 2 (``proofs/transport.md``).

    Examples
    --------
    >>> found = polyak.certify_transport([[0.0], [1.0]], [[3.0], [2.0]], plan=[[0.5, 0.0], [0.0, 0.5]], potentials=[3.0, 2.0], p=1)
    >>> 2 in found, found.width < 1e-14
    (True, True)
    """
    _options.one_of(p, "p", (1, 2))
    source, target = _arrays.points(x, "x"), _arrays.points(y, "y")
    a, b = (
        np.ones(len(cloud)) if weights is None else _arrays.weights(weights, name, len(cloud))
        for cloud, weights, name in ((source, x_weights, "x_weights"), (target, y_weights, "y_weights"))
    )
    shares = np.zeros((len(source), len(target))) if plan is None else _arrays.points(plan, "plan")
    if shares.shape != (len(source), len(target)):
        raise ArrayError(f"`plan` has the shape {shares.shape}: give one row an atom of x, {(len(source), len(target))}")
    values = None if potentials is None else _arrays.weights(potentials, "potentials", len(target))
    # Atoms of weight zero take no part; what a plan sends to them is sent nowhere.
    rows, columns = a != 0.0, b != 0.0
    if not (rows.all() and columns.all()):
        shares = shares[np.ix_(rows, columns)]
        values = None if values is None else values[columns]
        source, target, a, b = source[rows], target[columns], a[rows], b[columns]
    sources, targets = np.nonzero(shares)
    sent = (sources.tolist(), targets.tolist(), shares[sources, targets])
    cost, distance = _polyak.proved(source, target, p, (a, b), sent, values)
    return Proved(*_ends(distance), cost=_enclosed(cost))


def _layers(network: object, name: str) -> list[Floats]:
    try:
        if isinstance(network, (str, bytes, dict)) or not isinstance(network, Iterable):
            raise TypeError("it is none")
        layers = list(network)
    except Exception as cause:
        kind = type(network).__name__
        raise ArrayError(f"`{name}` is {kind}, and no sequence of arrays ({cause}): give one array a layer") from cause
    return [_arrays.points(layer, f"{name}[{k}]") for k, layer in enumerate(layers)]


def conditional_distance(
    x: object, y: object, *, progress: Callable[[Progress], object] | None = None
) -> ConditionalDistance:
    """Encloses the conditional optimal transport distance of two networks of equal depth.

    Its square is the mean over the layers of the squared `W_2` of their particles.

    Parameters
    ----------
    x, y : sequence of array_like, shape (m_k, d), or one array of shape (depth, m, d)
        The particles of every layer, one a row; widths may differ.
    progress : callable, optional
        Called with a `Progress` some times a second.

    Returns
    -------
    ConditionalDistance

    Raises
    ------
    TransportError
        Networks of different depths, or without layers; what `wasserstein` refuses, with the number of the layer.
    ArrayError, DtypeError
        No arrays of such a shape, or of real numbers that are floats.

    Notes
    -----
    R. Barboni, G. Peyré, F.-X. Vialard, CPAM 78(11), 2025, section 2.

    Examples
    --------
    >>> wide = [[[0.0], [0.0], [1.0], [1.0]], [[2.0], [2.0], [2.0], [2.0]]]
    >>> narrow = [[[1.0], [0.0]], [[3.0], [1.0]]]
    >>> 0.5 in polyak.conditional_distance(wide, narrow).squared
    True
    """
    source, target = _layers(x, "x"), _layers(y, "y")
    squared, distance, layers = _polyak.conditional(source, target, _options.told(progress))
    return ConditionalDistance(
        *_ends(distance),
        squared=_enclosed(squared),
        layers=tuple(map(_enclosed, layers)),
    )


