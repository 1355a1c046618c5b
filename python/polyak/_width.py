"""How many random features a kernel needs at given points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import _arrays, _kernels, _options, _polyak
from ._options import Progress
from ._enclosure import Enclosure, _fraction

__all__ = ["ObservedWidth", "Width", "features_needed"]


@dataclass(frozen=True)
class ObservedWidth:
    """What was drawn at one width.

    Attributes
    ----------
    frequencies : int
    lost, models : int
        Models that lost more than the share, among those that were drawn.
    interval : tuple of float
        Clopper and Pearson's interval of the probability, at 99 %.

    Examples
    --------
    >>> polyak.ObservedWidth(frequencies=8, lost=1, models=200, interval=(2.5e-5, 0.037)).models
    200
    """

    frequencies: int
    lost: int
    models: int
    interval: tuple[float, float]


@dataclass(frozen=True)
class Width:
    """How many frequencies keep the share `1 − epsilon` of `λ_min(K)`, but with probability `failure`.

    Attributes
    ----------
    frequencies : int or None
        The smallest width that a bound promises; none, if no bound applies. There are twice as many features.
    bound : str or None
        The bound that promises it.
    promised : dict of str to int or None
        The width by every bound.
    smallest : Enclosure
        Of `λ_min(K)`.
    at_promised, empirical : ObservedWidth or None
        Models drawn at the promised width, and at the smallest width that a search found to suffice, where one was asked
        for.
    kernel : str
        The kernel, its bandwidth a number.

    Examples
    --------
    >>> polyak.features_needed([[0.0], [1.0], [2.0]], "gaussian:0.5").bound
    'tangent parabola (R4b)'
    """

    frequencies: int | None
    bound: str | None
    promised: dict[str, int | None]
    smallest: Enclosure
    at_promised: ObservedWidth | None
    empirical: ObservedWidth | None
    kernel: str


def _observed(seen: tuple[int, int, int, tuple[float, float]] | None) -> ObservedWidth | None:
    return None if seen is None else ObservedWidth(*seen)


def features_needed(
    points: object,
    kernel: object,
    *,
    epsilon: float = 0.5,
    failure: float = 1e-3,
    empirical: bool = False,
    models: int | None = None,
    seed: int = 0,
    progress: Callable[[Progress], object] | None = None,
) -> Width:
    """Counts the random Fourier features that a kernel needs at points: by every bound, and by trial.

    Parameters
    ----------
    points : array_like, shape (N, q)
        One point a row.
    kernel : str or kernel of scikit-learn
        A radial one of a single bandwidth.
    epsilon : float
        The share of `λ_min(K)` that may be lost, between 0 and 1.
    failure : float
        The probability that more is lost, between 0 and 1.
    empirical : bool
        Whether models are drawn: at the promised width, and to search the smallest one that suffices.
    models : int, optional
        Models drawn of a width; 200, or as many as half a minute or so allows, if none is given.
    seed : int
        The seed of the models.
    progress : callable, optional
        Called with a `Progress` some times a second.

    Returns
    -------
    Width

    Raises
    ------
    ArrayError, DtypeError
        No points, or points that are not finite real numbers.
    KernelError
        A kernel without random features.
    MemoryLimitError
        More memory than is there.
    OptionError
        An option out of range.

    Examples
    --------
    >>> found = polyak.features_needed([[0.0], [1.0], [2.0]], "gaussian:0.5", failure=0.01, empirical=True, models=400)
    >>> found.empirical.frequencies < found.frequencies
    True
    """
    epsilon = _options.number(epsilon, "epsilon", 0.0, 1.0)
    failure = _options.number(failure, "failure", 0.0, 1.0)
    models = None if models is None else _options.integer(models, "models", 0, 2**32 - 1)
    seed = _options.integer(seed, "seed", 0, 2**64 - 1)
    _options.one_of(empirical, "empirical", (True, False))
    array = _arrays.points(points)
    name = _kernels.resolved(kernel, array)
    tell = _options.told(progress)
    smallest, promised, at_promised, found = _polyak.width(array, name, epsilon, failure, models, seed, empirical, tell)
    known = [(width, bound) for bound, width in promised if width is not None]
    best, bound = min(known, default=(None, None), key=lambda pair: pair[0])
    return Width(
        frequencies=best,
        bound=bound,
        promised=dict(promised),
        smallest=Enclosure(*map(_fraction, smallest)),
        at_promised=_observed(at_promised),
        empirical=_observed(found),
        kernel=name,
    )
