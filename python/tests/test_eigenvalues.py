"""Eigenvalues against closed forms, rational arithmetic, and interval arithmetic of others."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import polyak
from polyak.testing import assert_enclosed, assert_positive_definite


def signs(entries):
    """Numbers of negative, zero and positive pivots of a matrix of rational numbers: its inertia."""
    a = [list(row) for row in entries]
    found = [0, 0, 0]
    while a:
        place = next((k for k in range(len(a)) if a[k][k] != 0), None)
        if place is None:
            pair = next(((i, j) for i in range(len(a)) for j in range(i) if a[i][j] != 0), None)
            if pair is None:
                found[1] += len(a)
                break
            # Add one row and column to another: a congruence.
            i, j = pair
            for k in range(len(a)):
                a[i][k] += a[j][k]
            for k in range(len(a)):
                a[k][i] += a[k][j]
            continue
        pivot = a[place][place]
        found[2 if pivot > 0 else 0] += 1
        rest = [k for k in range(len(a)) if k != place]
        a = [[a[i][j] - a[i][place] * a[place][j] / pivot for j in rest] for i in rest]
    return tuple(found)


def shifted(entries, shift):
    return [[entry - (shift if i == j else 0) for j, entry in enumerate(row)] for i, row in enumerate(entries)]


def is_smallest(entries, found):
    """Whether exact rational arithmetic says that the smallest eigenvalue is in the enclosure."""
    below, _, _ = signs(shifted(entries, found.exact[0]))
    at_or_below = signs(shifted(entries, found.exact[1]))
    return below == 0 and at_or_below[0] + at_or_below[1] >= 1


@st.composite
def symmetric(draw):
    n = draw(st.integers(1, 6))
    number = st.one_of(st.integers(-4, 4).map(float), st.floats(-1e6, 1e6), st.floats(-1e-6, 1e-6))
    a = np.array([[draw(number) for _ in range(n)] for _ in range(n)])
    return np.triu(a) + np.triu(a, 1).T


@settings(max_examples=150, deadline=None)
@given(symmetric(), st.sampled_from([1, 6, 12]))
def test_eigenvalues_are_those_of_rational_arithmetic(a, digits):
    exact = [[Fraction(float(x)) for x in row] for row in a]
    smallest = polyak.smallest_eigenvalue(a, digits=digits, max_bits=1024)
    assert is_smallest(exact, smallest)
    largest = polyak.largest_eigenvalue(a, digits=digits, max_bits=1024)
    mirrored = [[-x for x in row] for row in exact]
    assert is_smallest(mirrored, polyak.Enclosure(-largest.exact[1], -largest.exact[0]))
    for found in (smallest, largest):
        if found.reached:
            width = found.exact[1] - found.exact[0]
            assert width <= Fraction(10) ** -digits * max(map(abs, found.exact)) * (1 + Fraction(1, 10**12))


def test_known_eigenvalues():
    a = np.diag([3.0, -1.0, 2.0])
    assert -1 in polyak.smallest_eigenvalue(a) and 3 in polyak.largest_eigenvalue(a)
    assert polyak.smallest_eigenvalue(np.zeros((3, 3))).exact == (0, 0)
    # Two points at distance one.
    found = polyak.smallest_eigenvalue([[0.0], [1.0]], kernel="laplace:1", digits=10)
    assert found.lo <= 1 - np.exp(-1) + 1e-15 and 1 - np.exp(-1) - 1e-15 <= found.hi
    # Equal points.
    assert polyak.smallest_eigenvalue([[1.0], [1.0]], kernel="gaussian:1").exact == (0, 0)
    assert 4 in polyak.condition([[4.0, 0.0], [0.0, 1.0]])
    with pytest.raises(polyak.UndecidedError, match="not proved positive"):
        polyak.condition([[1.0, 1.0], [1.0, 1.0]], max_bits=0)


def test_a_budget_that_ends_says_so():
    points = np.linspace(-1, 1, 60)[:, None]
    found = polyak.smallest_eigenvalue(points, kernel="gaussian:1", max_bits=128)
    assert not found.reached and not found.positive and found.needed_bits > 128
    assert polyak.smallest_eigenvalue(points, kernel="gaussian:1", max_bits=1024).positive


def test_an_estimate_is_no_enclosure():
    found = polyak.estimate_smallest(np.diag([1.0, 2.0]))
    assert not isinstance(found, polyak.Enclosure) and abs(found.value - 1) <= found.error_bound


def test_numpy_sees_noise_where_an_enclosure_is_positive():
    points = np.linspace(-1, 1, 20)[:, None]
    found = polyak.smallest_eigenvalue(points, kernel="gaussian:1")
    noise = np.linalg.eigvalsh(polyak.gram(points, "gaussian:1"))[0]
    assert found.positive and found.hi < 1e-25
    assert abs(noise) > 1e6 * found.hi


KERNELS = {
    "gaussian:0.7": lambda arb, r2: (-r2 / (2 * arb(0.7) ** 2)).exp(),
    "laplace:0.7": lambda arb, r2: (-r2.sqrt() / arb(0.7)).exp(),
    "matern32:0.7": lambda arb, r2: (1 + (3 * r2).sqrt() / arb(0.7)) * (-(3 * r2).sqrt() / arb(0.7)).exp(),
    "imq(3/2):0.7": lambda arb, r2: (1 + r2 / arb(0.7) ** 2) ** arb(-1.5),
    "polynomial(3):1": None,
}


@pytest.mark.parametrize("name", KERNELS)
def test_eigenvalues_of_gram_matrices_have_the_inertia_of_interval_arithmetic(name):
    """A pivot of LDLᵀ in balls of 600 bits is below zero as often as eigenvalues are below a shift."""
    flint = pytest.importorskip("flint", reason="python-flint is not installed")
    points = np.random.default_rng(5).uniform(-1, 1, size=(14, 2))
    found = polyak.smallest_eigenvalue(points, kernel=name, digits=10)
    profile = KERNELS[name]
    old, flint.ctx.prec = flint.ctx.prec, 600
    try:
        arb = flint.arb
        z = [[arb(float(x)) for x in row] for row in points]

        def entry(x, y):
            if profile is None:
                return (sum((a * b for a, b in zip(x, y, strict=True)), arb(0)) + 1) ** 3
            return profile(arb, sum(((a - b) ** 2 for a, b in zip(x, y, strict=True)), arb(0)))

        def negative(shift):
            s = arb(flint.fmpq(shift.numerator, shift.denominator))
            a = [[entry(x, y) - (s if i == j else 0) for j, y in enumerate(z)] for i, x in enumerate(z)]
            count = 0
            for k in range(len(a)):
                assert not a[k][k].contains(0)
                count += bool(a[k][k] < 0)
                for i in range(k + 1, len(a)):
                    factor = a[i][k] / a[k][k]
                    for j in range(k, len(a)):
                        a[i][j] -= factor * a[k][j]
            return count

        lo, hi = found.exact
        if name == "polynomial(3):1":
            # Ten monomials span the functions: four eigenvalues are exactly zero.
            assert 0 in found
        else:
            assert found.reached and negative(lo) == 0 and negative(hi) == 1
    finally:
        flint.ctx.prec = old


def test_gram_matrices_are_those_of_scikit_learn():
    kernels = pytest.importorskip("sklearn.gaussian_process.kernels", reason="scikit-learn is not installed")
    points = np.random.default_rng(1).normal(size=(60, 3))
    for kernel in (
        kernels.RBF(0.8),
        kernels.RBF([0.8, 1.0, 3.0]),
        kernels.Matern(1.3, nu=0.5),
        kernels.Matern(1.3, nu=1.5),
        kernels.Matern([1.3, 0.5, 2.0], nu=2.5),
        kernels.Matern(1.3, nu=3.5),
        kernels.Matern(1.3, nu=np.inf),
        kernels.RationalQuadratic(1.5, 0.5),
        kernels.RationalQuadratic(0.75, 2.0),
        kernels.RationalQuadratic(3.0, 4.5),
        kernels.DotProduct(2.0),
        kernels.DotProduct(0.5) ** 3,
    ):
        mine, theirs = polyak.gram(points, kernel), kernel(points)
        # Theirs is 2^{1−ν}/Γ(ν)·t^ν·K_ν(t) at ν = 7/2.
        assert np.abs(mine - theirs).max() <= 1e-12 * np.abs(theirs).max(), kernel


def test_kernels_that_are_not_the_same_function_are_refused():
    kernels = pytest.importorskip("sklearn.gaussian_process.kernels", reason="scikit-learn is not installed")
    points = [[0.0], [1.0]]

    class Own(kernels.RBF):
        pass

    for kernel, word in (
        (kernels.RBF(1.0) + kernels.WhiteKernel(0.1), "WhiteKernel"),
        (kernels.ConstantKernel(2.0) * kernels.RBF(1.0), "multiplies"),
        (kernels.Matern(1.0, nu=2.2), "Bessel"),
        (kernels.RationalQuadratic(1.0, 1.0), "no float is that length"),
        (kernels.RationalQuadratic(1.0, 40.5), "no float is that length"),
        (kernels.ExpSineSquared(), "none of"),
        (kernels.DotProduct(0.1), "no float is"),
        (kernels.RBF(1.0) ** 2, "DotProduct"),
        (Own(1.0), "Own"),
        (3, "int"),
        (None, "needs"),
    ):
        if kernel is None:
            continue
        with pytest.raises(polyak.KernelError, match=word):
            polyak.gram(points, kernel)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("gauss:1", polyak.KernelError),
        ("gaussian:0", polyak.KernelError),
        ("gaussian:nan", polyak.KernelError),
        ("gaussian:1,2", polyak.KernelError),
        ("", polyak.KernelError),
        ("polynomial(99):1", polyak.KernelError),
        ("\0", polyak.KernelError),
        ("gaussian:auto", polyak.ArrayError),
    ],
)
def test_kernels_that_do_not_exist_are_refused(name, error):
    with pytest.raises(error) as caught:
        polyak.smallest_eigenvalue([[0.0]], kernel=name)
    assert len(str(caught.value)) > 30


def test_refusals_name_the_place():
    a = np.eye(3)
    a[0, 2] = 1e-300
    with pytest.raises(polyak.ArrayError, match="below the diagonal"):
        polyak.smallest_eigenvalue(a)
    with pytest.raises(polyak.ArrayError, match="above the diagonal"):
        polyak.smallest_eigenvalue(a.T.copy())
    a[0, 1], a[1, 0] = 5.0, 7.0
    for order in "CF":
        with pytest.raises(polyak.ArrayError, match=r"\(1, 2\) = 5e0 and \(2, 1\) = 7e0"):
            polyak.smallest_eigenvalue(np.array(a, order=order))
    a = np.eye(3)
    a[2, 0] = np.inf
    for order in "CF":
        with pytest.raises(polyak.ArrayError, match=r"entry \(3, 1\) is inf"):
            polyak.smallest_eigenvalue(np.array(a, order=order))
        with pytest.raises(polyak.ArrayError, match="2 × 3.*for points give kernel="):
            polyak.smallest_eigenvalue(np.array(np.ones((2, 3)), order=order))
    with pytest.raises(polyak.ArrayError, match="coordinate 2 of point 3"):
        polyak.smallest_eigenvalue([[0.0, 1.0], [1.0, 2.0], [3.0, np.nan]], kernel="gaussian:1")


@pytest.mark.parametrize(
    "options",
    [
        {"digits": 0},
        {"digits": 15},
        {"digits": 2.5},
        {"digits": True},
        {"max_bits": -1},
        {"max_bits": 10**6},
        {"max_seconds": 0},
        {"max_seconds": "soon"},
        {"max_seconds": np.nan},
        {"max_gib": -1.0},
        {"max_gib": np.inf},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(polyak.OptionError, match=next(iter(options))):
        polyak.smallest_eigenvalue([[1.0]], **options)


def test_a_limit_of_memory_is_met_before_it_is_touched():
    with pytest.raises(polyak.MemoryLimitError, match="budget"):
        polyak.smallest_eigenvalue(np.zeros((400, 1)) + np.arange(400)[:, None], kernel="laplace:1", max_gib=1e-3)
    with pytest.raises(MemoryError, match="GiB"):
        polyak.gram(np.broadcast_to(0.0, (10**7, 1)), "gaussian:1")
    with pytest.raises(MemoryError, match="copied"):
        polyak.gram(np.broadcast_to(0.0, (10**12, 1)), "gaussian:1")


def test_assertions():
    found = polyak.smallest_eigenvalue([[2.0]])
    assert_enclosed(2, found)
    with pytest.raises(AssertionError, match=r"3 is not in \["):
        assert_enclosed(3, found)
    with pytest.raises(TypeError, match="enclosure"):
        assert_enclosed(3, 3.0)
    assert_positive_definite([[1.0, 1 - 2.0**-53], [1 - 2.0**-53, 1.0]])
    with pytest.raises(AssertionError, match="not positive definite, proved"):
        assert_positive_definite([[1.0], [1.0]], kernel="gaussian:1")
    # No rows that are equal: f64 alone does not tell it from a regular one.
    singular = [[4.0, 2.0], [2.0, 1.0]]
    with pytest.raises(AssertionError, match=r"not positive definite, proved.* in \[0, 0\]"):
        assert_positive_definite(singular)
    with pytest.raises(AssertionError, match="not decided"):
        assert_positive_definite(singular, max_bits=0)
