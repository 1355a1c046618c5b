"""Intervals that contain a real number, with proof."""

from __future__ import annotations

import math
import numbers
from fractions import Fraction
from typing import Any, ClassVar, NoReturn

__all__ = ["Enclosure"]


def _fraction(end: tuple[int, int]) -> Fraction:
    integer, exponent = end
    if exponent >= 0:
        return Fraction(integer << exponent)
    return Fraction(integer, 1 << -exponent)


def _nearest(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _down(number: Fraction) -> float:
    """Returns the largest float that is no larger."""
    nearest = _nearest(number)
    if math.isinf(nearest):
        return nearest if nearest < 0 else math.nextafter(math.inf, 0.0)
    return nearest if Fraction(nearest) <= number else math.nextafter(nearest, -math.inf)


def _up(number: Fraction) -> float:
    """Returns the smallest float that is no smaller."""
    return -_down(-number)


def _decimal(number: Fraction, digits: int, up: bool) -> str:
    """Returns the number with so many digits, rounded up or down."""
    if number == 0:
        return "0"
    sign, size = ("-", -number) if number < 0 else ("", number)
    away = up == (number > 0)
    # The place of the first digit, exactly: the logarithm is a guess.
    numerator, denominator = size.numerator, size.denominator
    power = math.floor((numerator.bit_length() - denominator.bit_length()) * math.log10(2)) - 1
    while size >= Fraction(10) ** (power + 1):
        power += 1
    scaled = size * Fraction(10) ** (digits - 1 - power)
    whole = scaled.numerator // scaled.denominator
    if away and whole != scaled:
        whole += 1
    if whole == 10**digits:
        whole, power = whole // 10, power + 1
    text = str(whole)
    point = "." if digits > 1 else ""
    return f"{sign}{text[0]}{point}{text[1:]}e{power}"


def _exact(number: object) -> Fraction | None:
    """Returns a real number exactly; nothing, if it is not finite."""
    if isinstance(number, (int, Fraction)):
        return Fraction(number)
    if isinstance(number, float):
        return Fraction(number) if math.isfinite(number) else None
    if isinstance(number, numbers.Rational):
        return Fraction(int(number.numerator), int(number.denominator))
    as_integer_ratio = getattr(number, "as_integer_ratio", None)
    if as_integer_ratio is None:
        raise TypeError(
            f"whether an enclosure contains {number!r} is not known: ask for an int, a float or a fractions.Fraction"
        )
    try:
        return Fraction(*map(int, as_integer_ratio()))
    except (OverflowError, ValueError):
        return None


class Enclosure:
    """An interval that contains a real number, with proof.

    Enclosures are results: functions of this package make them. They are not floats, and there is no implicit way
    from one to a float, because a float says nothing of its error: choose an end.

    Attributes
    ----------
    lo, hi : float
        The ends, rounded outwards: the number is at least `lo` and at most `hi`. An end that no float is close to
        becomes 0.0 or infinite; the exact ends remain.
    exact : tuple of fractions.Fraction
        The ends exactly.

    Examples
    --------
    >>> import polyak
    >>> found = polyak.smallest_eigenvalue([[2.0, 1.0], [1.0, 2.0]])
    >>> 1.0 in found, found.positive
    (True, True)
    >>> found.exact[0] <= 1 <= found.exact[1]
    True
    >>> float(found)
    Traceback (most recent call last):
        ...
    TypeError: an enclosure is no float: take its end .lo or .hi, or .mid for a number that nothing is proved of
    """

    __slots__ = ("exact",)

    exact: tuple[Fraction, Fraction]

    #: NumPy leaves enclosures alone, instead of making arrays of objects.
    __array_ufunc__: ClassVar[None] = None

    def __init__(self, lo: Fraction, hi: Fraction) -> None:
        """Takes two ends in order."""
        if not lo <= hi:
            raise ValueError(f"an enclosure from {lo} to {hi} is empty")
        object.__setattr__(self, "exact", (Fraction(lo), Fraction(hi)))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuses: results are frozen."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuses: results are frozen."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles by the slots."""
        slots = [name for cls in type(self).__mro__ for name in getattr(cls, "__slots__", ())]
        return _rebuilt, (type(self), {name: getattr(self, name) for name in slots})

    @property
    def lo(self) -> float:
        """The lower end, rounded down."""
        return _down(self.exact[0])

    @property
    def hi(self) -> float:
        """The upper end, rounded up."""
        return _up(self.exact[1])

    @property
    def mid(self) -> float:
        """A float between the ends, or next to them: nothing is proved of it."""
        return _nearest((self.exact[0] + self.exact[1]) / 2)

    @property
    def positive(self) -> bool:
        """Whether the number is proved to be above zero."""
        return self.exact[0] > 0

    @property
    def width(self) -> float:
        """The distance of the ends, rounded up."""
        return _up(self.exact[1] - self.exact[0])

    def decimal(self, digits: int = 7) -> tuple[str, str]:
        """Returns both ends in decimal, rounded outwards.

        Parameters
        ----------
        digits : int
            Significant digits, at least one.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> from fractions import Fraction
        >>> polyak.Enclosure(Fraction(1, 3), Fraction(2, 3)).decimal(3)
        ('3.33e-1', '6.67e-1')
        """
        lo, hi = self.exact
        digits = max(1, int(digits))
        return _decimal(lo, digits, up=False), _decimal(hi, digits, up=True)

    def __contains__(self, number: object) -> bool:
        """Tells whether a number lies in the interval, in exact arithmetic; what is not finite does not."""
        exact = _exact(number)
        return exact is not None and self.exact[0] <= exact <= self.exact[1]

    def __eq__(self, other: object) -> bool:
        """Compares the ends, not the numbers that they enclose."""
        if not isinstance(other, Enclosure):
            return NotImplemented
        return type(self) is type(other) and self.exact == other.exact

    def __hash__(self) -> int:
        """Hashes the ends."""
        return hash(self.exact)

    def __bool__(self) -> NoReturn:
        """Refuses: an interval is neither true nor false."""
        raise TypeError("an enclosure is neither true nor false: ask .positive, or whether a number is in it")

    def __float__(self) -> NoReturn:
        """Refuses: an interval is no float."""
        raise TypeError(
            "an enclosure is no float: take its end .lo or .hi, or .mid for a number that nothing is proved of"
        )

    def _said(self) -> list[tuple[str, str]]:
        """What is told of it beside the ends."""
        return []

    def __repr__(self) -> str:
        """Shows both ends in decimal, rounded outwards."""
        lo, hi = self.decimal()
        said = "".join(f", {name}={value}" for name, value in self._said())
        return f"{type(self).__name__}([{lo}, {hi}]{said})"

    def _repr_html_(self) -> str:
        """Shows a table, in notebooks."""
        lo, hi = self.decimal()
        rows = [("at least", lo), ("at most", hi), *self._said()]
        cells = "".join(f"<tr><th>{_escaped(name)}</th><td>{_escaped(value)}</td></tr>" for name, value in rows)
        return f"<table><caption>{type(self).__name__}</caption>{cells}</table>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _rebuilt(cls: type[Enclosure], slots: dict[str, object]) -> Enclosure:
    made = cls.__new__(cls)
    for name, value in slots.items():
        object.__setattr__(made, name, value)
    return made
