"""Random Fourier features as a transformer of scikit-learn, which this module needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _kernels, _options, _polyak
from .errors import ArrayError, MemoryLimitError, OptionError

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as cause:
    raise ImportError("RandomFourierFeatures is a transformer of scikit-learn: install scikit-learn >= 1.6") from cause

__all__ = ["RandomFourierFeatures"]


class RandomFourierFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Random Fourier features: a map whose inner products estimate a radial kernel without bias.

    Of `m` frequencies `w` drawn from the kernel's spectral measure, a point `z` has the `2m` features
    `cos(w·z)/√m`, all of them, and then `sin(w·z)/√m`.

    Parameters
    ----------
    kernel : str or kernel of scikit-learn
        A radial kernel of a single bandwidth, as of `smallest_eigenvalue`; an `auto` bandwidth is found when fitting.
    n_frequencies : int
        The number `m`; there are twice as many features. See `features_needed`.
    orthogonal : bool
        Whether frequencies are drawn in orthogonal blocks, of a Gaussian kernel; then the number of coordinates must divide
        `n_frequencies`.
    random_state : int, RandomState or None
        A seed, with which the frequencies are those of the crate.

    Attributes
    ----------
    frequencies_ : numpy.ndarray, shape (n_frequencies, n_features_in_)
    kernel_ : str
        The kernel, its bandwidth a number.
    n_features_in_ : int

    Notes
    -----
    A. Rahimi, B. Recht, NIPS 2007; D. Sutherland, J. Schneider, UAI 2015. Claim R1.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(50, 3))
    >>> features = polyak.RandomFourierFeatures("gaussian:1.5", n_frequencies=2000, random_state=0).fit_transform(points)
    >>> bool(np.abs(features @ features.T - polyak.gram(points, "gaussian:1.5")).max() < 0.1)
    True
    """

    def __init__(
        self,
        kernel: object = "gaussian:auto",
        n_frequencies: int = 100,
        *,
        orthogonal: bool = False,
        random_state: Any = None,
    ) -> None:
        """Keeps the parameters; they are checked by `fit`."""
        self.kernel = kernel
        self.n_frequencies = n_frequencies
        self.orthogonal = orthogonal
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> RandomFourierFeatures:
        """Draws the frequencies.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features_in_)
            Points, which give the dimension, and an `auto` bandwidth.
        y : ignored

        Returns
        -------
        RandomFourierFeatures
            This estimator.

        Raises
        ------
        KernelError, OptionError
            Parameters out of range.

        Examples
        --------
        >>> polyak.RandomFourierFeatures("laplace:1", 3).fit([[0.0, 1.0]]).frequencies_.shape
        (3, 2)
        """
        count = _options.integer(self.n_frequencies, "n_frequencies", 1, 2**31)
        _options.one_of(self.orthogonal, "orthogonal", (True, False))
        points = validate_data(self, X, dtype=np.float64, order="C")
        seed = self._seed()
        shortage = _polyak.shortage(24 * count * points.shape[1])
        if shortage is not None:
            raise MemoryLimitError(f"`n_frequencies` is {count}: {shortage}: take fewer")
        try:
            self.kernel_ = _kernels.resolved(self.kernel, points)
        except ArrayError as cause:
            samples = f"{len(points)} sample{'' if len(points) == 1 else 's'}"
            raise ArrayError(f"of {samples} the kernel {self.kernel!r} has no bandwidth: {cause}") from cause
        self.frequencies_ = _polyak.draw_frequencies(self.kernel_, points.shape[1], count, seed, self.orthogonal)
        self._n_features_out = 2 * count
        return self

    def _seed(self) -> int:
        if isinstance(self.random_state, (int, np.integer)) and not isinstance(self.random_state, bool):
            return _options.integer(self.random_state, "random_state", 0, 2**64 - 1)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """Maps points to their features.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features_in_)

        Returns
        -------
        numpy.ndarray, shape (n_samples, 2 * n_frequencies)

        Raises
        ------
        MemoryLimitError
            The features do not fit into memory.

        Examples
        --------
        >>> polyak.RandomFourierFeatures("laplace:1", 3).fit([[0.0]]).transform([[0.0], [1.0]])[0].tolist()[3:]
        [0.0, 0.0, 0.0]
        """
        check_is_fitted(self)
        points = validate_data(self, X, dtype=np.float64, order="C", reset=False)
        shortage = _polyak.shortage(8 * points.shape[0] * self._n_features_out)
        if shortage is not None:
            raise MemoryLimitError(f"the features of {points.shape[0]} points: {shortage}: transform fewer at a time")
        return _polyak.fourier_features(points, self.frequencies_)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names the features: those of cosines, then those of sines.

        Parameters
        ----------
        input_features : array_like of str or None
            Names of the coordinates, which are only checked.

        Returns
        -------
        numpy.ndarray of str

        Raises
        ------
        ValueError
            Names that are not those of the points that were fitted.

        Examples
        --------
        >>> polyak.RandomFourierFeatures("laplace:1", 2).fit([[0.0]]).get_feature_names_out().tolist()
        ['cos0', 'cos1', 'sin0', 'sin1']
        """
        from sklearn.utils.validation import _check_feature_names_in

        check_is_fitted(self)
        _check_feature_names_in(self, input_features, generate_names=False)
        half = self._n_features_out // 2
        return np.asarray([f"{name}{j}" for name in ("cos", "sin") for j in range(half)], dtype=object)
