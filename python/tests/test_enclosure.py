"""Enclosures: exact ends, rounded outwards wherever they are shown."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import polyak
from polyak import Enclosure

FRACTIONS = st.one_of(
    st.fractions(),
    st.builds(lambda m, e: Fraction(m) * Fraction(2) ** e, st.integers(-(2**60), 2**60), st.integers(-4000, 2000)),
)


@given(FRACTIONS, FRACTIONS, st.integers(1, 30))
def test_ends_are_rounded_outwards(one, other, digits):
    lo, hi = min(one, other), max(one, other)
    found = Enclosure(lo, hi)
    assert found.exact == (lo, hi) and found.positive == (lo > 0)
    # The next float inwards is on the other side, or there is none.
    assert (math.isinf(found.lo) or Fraction(found.lo) <= lo) and not math.isnan(found.lo)
    inwards = math.nextafter(found.lo, math.inf)
    assert math.isinf(inwards) or Fraction(inwards) > lo
    assert math.isinf(found.hi) or Fraction(found.hi) >= hi
    inwards = math.nextafter(found.hi, -math.inf)
    assert math.isinf(inwards) or Fraction(inwards) < hi
    below, above = map(Fraction, found.decimal(digits))
    assert below <= lo and hi <= above
    for exact, written in ((lo, below), (hi, above)):
        assert abs(exact - written) <= abs(exact) * Fraction(10) ** (1 - digits)
    for inside in (lo, hi, (lo + hi) / 2):
        assert inside in found
    assert hi + 1 not in found and lo - Fraction(1, 10**30) not in found


def test_decimals_of_powers_of_ten():
    found = Enclosure(Fraction(-1000), Fraction(999_999_999, 1_000_000_000))
    assert found.decimal(3) == ("-1.00e3", "1.00e0")
    assert Enclosure(Fraction(0), Fraction(1, 10**400)).decimal(1) == ("0", "1e-400")


def test_what_is_in_an_enclosure():
    found = Enclosure(Fraction(1, 2), Fraction(2))
    for inside in (1, 0.5, 2.0, Fraction(3, 2), np.float64(0.75), np.float32(1.5), np.int8(2), True):
        assert inside in found
    for outside in (0, 0.25, 3, math.inf, -math.inf, math.nan, np.float64("nan"), np.longdouble("inf")):
        assert outside not in found
    for nonsense in ("1", None, 1j, [1]):
        with pytest.raises(TypeError, match="not known"):
            nonsense in found  # noqa: B015


def test_enclosures_are_frozen_and_no_floats():
    found = polyak.smallest_eigenvalue([[2.0]])
    for name in ("exact", "lo", "reached", "other"):
        with pytest.raises(AttributeError):
            setattr(found, name, 1)
    with pytest.raises(AttributeError):
        del found.exact
    for convert in (float, bool, int, complex, math.sqrt):
        with pytest.raises(TypeError):
            convert(found)
    for use in (lambda: found + 1, lambda: found < 1, lambda: np.float64(1) + found, lambda: np.ones(2) * found):
        with pytest.raises(TypeError):
            use()
    with pytest.raises(TypeError):
        np.array([found, found], dtype=float)
    with pytest.raises(ValueError, match="empty"):
        Enclosure(Fraction(1), Fraction(0))


def test_enclosures_are_shown():
    found = polyak.smallest_eigenvalue([[2.0, 1.0], [1.0, 2.0]])
    assert repr(found).startswith("Eigenvalue([9.999999e-1, 1.00000") and "reached=True" in repr(found)
    html = found._repr_html_()
    assert html.count("<tr>") == html.count("</tr>") >= 4 and "at least" in html
    assert "&lt;b&gt;" in polyak._enclosure._escaped("<b>")


@pytest.mark.parametrize(
    "found",
    [
        polyak.smallest_eigenvalue([[2.0]]),
        polyak.wasserstein([[0.0]], [[3.0]]),
        polyak.conditional_distance([[[0.0]]], [[[3.0]]]),
        polyak.features_needed([[0.0], [1.0]], "gaussian:0.5"),
        polyak.verify("K4", effort="quick", samples=20),
    ],
)
def test_results_are_pickled(found):
    again = pickle.loads(pickle.dumps(found))
    assert again == found and type(again) is type(found)
    assert repr(again) == repr(found)
    if isinstance(found, Enclosure):
        assert hash(again) == hash(found)
