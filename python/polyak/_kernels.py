"""Kernels by name, and those of scikit-learn that are the same function."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from . import _options, _polyak
from ._arrays import Floats
from .errors import KernelError

_FOREIGN = "sklearn.gaussian_process.kernels"

_KNOWN = "RBF, Matern with nu 0.5, 1.5, 2.5 or 3.5, RationalQuadratic with an exact length, DotProduct and its powers"


def resolved(kernel: object, points: Floats) -> str:
    """Returns the name of a kernel with its bandwidth, found at the points where it is `auto`."""
    return _polyak.resolve_kernel(name_of(kernel), points)


def name_of(kernel: object) -> str:
    """Returns the name of a kernel: of a string itself, of an object of scikit-learn that of the same function."""
    if isinstance(kernel, str):
        return _options.readable(kernel)
    cls = type(kernel)
    if cls.__module__ != _FOREIGN:
        raise KernelError(
            f"a kernel is a name such as 'gaussian:0.5' or a kernel of scikit-learn, and not {cls.__name__}"
        )
    translate = _TRANSLATIONS.get(cls.__name__)
    if translate is None:
        raise KernelError(f"scikit-learn's {cls.__name__} is none of {_KNOWN}: {_REMEDIES.get(cls.__name__, _OTHER)}")
    return translate(kernel)


_OTHER = "give the name of a kernel of polyak"
_SHIFT = "certify the other summand; a WhiteKernel of noise s adds s to every eigenvalue at distinct points"
_SCALE = "certify the other factor; a ConstantKernel of value c multiplies every eigenvalue by c"
_REMEDIES = {"Sum": _SHIFT, "WhiteKernel": _SHIFT, "Product": _SCALE, "ConstantKernel": _SCALE}


def _bandwidths(scale: object) -> str:
    lengths = [float(length) for length in np.atleast_1d(np.asarray(scale)).ravel()]
    return ",".join(map(repr, lengths))


def _rbf(kernel: Any) -> str:
    return f"gaussian:{_bandwidths(kernel.length_scale)}"


def _matern(kernel: Any) -> str:
    names = {0.5: "matern12", 1.5: "matern32", 2.5: "matern52", 3.5: "matern72", math.inf: "gaussian"}
    name = names.get(float(kernel.nu))
    if name is None:
        raise KernelError(
            f"Matern with nu={kernel.nu} needs a Bessel function, of which no error is proved: take one of 0.5, 1.5, 2.5,"
            " 3.5, or inf"
        )
    return f"{name}:{_bandwidths(kernel.length_scale)}"


def _root(square: Fraction) -> Fraction | None:
    """Returns the root of a number where it is rational."""
    if square <= 0:
        return None
    root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
    return root if root * root == square else None


def _rational_quadratic(kernel: Any) -> str:
    # (1 + d²/(2αl²))^−α is the inverse multiquadric of power α and length l√(2α).
    alpha, scale = float(kernel.alpha), float(kernel.length_scale)
    finite = math.isfinite(alpha) and math.isfinite(scale) and alpha > 0.0 and scale > 0.0
    root = _root(2 * Fraction(alpha)) if finite else None
    length = None if root is None else root * Fraction(scale)
    power = Fraction(alpha) if finite else Fraction(0)
    if length is None or Fraction(float(length)) != length or max(power.numerator, power.denominator) > 16:
        raise KernelError(
            f"RationalQuadratic(alpha={kernel.alpha}, length_scale={kernel.length_scale}) is an inverse multiquadric of"
            f" length {kernel.length_scale}·√(2·{kernel.alpha}), and no float is that length: take an alpha such as 0.5, 2,"
            " 4.5 or 8, or name the kernel you mean, 'imq(p/q):length'"
        )
    return f"imq({power.numerator}/{power.denominator}):{float(length)!r}"


def _dot_product(kernel: Any) -> str:
    return _polynomial(kernel, 1)


def _polynomial(kernel: Any, degree: int) -> str:
    sigma = float(kernel.sigma_0)
    offset = sigma * sigma
    if not math.isfinite(offset) or Fraction(sigma) ** 2 != Fraction(offset):
        raise KernelError(
            f"DotProduct(sigma_0={kernel.sigma_0}) adds the square of sigma_0, which no float is: name the kernel you mean,"
            " 'polynomial(1):offset'"
        )
    return f"polynomial({degree}):{offset!r}"


def _exponentiation(kernel: Any) -> str:
    base, exponent = kernel.kernel, float(kernel.exponent)
    if type(base).__module__ != _FOREIGN or type(base).__name__ != "DotProduct" or not exponent.is_integer():
        raise KernelError("of scikit-learn's Exponentiation only whole powers of a DotProduct are known: " + _OTHER)
    return _polynomial(base, int(exponent))


_TRANSLATIONS = {
    "RBF": _rbf,
    "Matern": _matern,
    "RationalQuadratic": _rational_quadratic,
    "DotProduct": _dot_product,
    "Exponentiation": _exponentiation,
}
