"""Transport against closed forms, all permutations, and the solvers of others."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import polyak

COORDINATES = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e3, 1e3))


def squared(x, y):
    """Exact squared distances."""
    return [[sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(p, q, strict=True)) for q in y] for p in x]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_optimum_is_that_of_all_permutations(data):
    n, q = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 3))
    x, y = ([[data.draw(COORDINATES) for _ in range(q)] for _ in range(n)] for _ in range(2))
    costs = squared(x, y)
    best = min(sum(costs[i][j] for i, j in enumerate(order)) for order in itertools.permutations(range(n))) / n
    found = polyak.wasserstein(x, y)
    assert best in found.cost
    # Squares of the ends of the distance enclose it, too.
    assert found.exact[0] ** 2 <= best <= found.exact[1] ** 2 and found.exact[0] >= 0


def proved(x, y, found, costs):
    """Plan and potentials bound the optimum in exact arithmetic: from above, and from below."""
    plan = [[0] * len(y) for _ in x]
    for i, j, mass in zip(found.sources, found.targets, found.masses, strict=True):
        plan[i][j] += int(mass)
    u, v = found.source_potentials.tolist(), found.target_potentials.tolist()
    for i, row in enumerate(costs):
        for j, cost in enumerate(row):
            assert Fraction(u[i]) + Fraction(v[j]) <= cost
    supply, demand = [sum(row) for row in plan], [sum(column) for column in zip(*plan, strict=True)]
    upper = sum(plan[i][j] * costs[i][j] for i in range(len(x)) for j in range(len(y)))
    lower = sum(m * Fraction(p) for m, p in itertools.chain(zip(supply, u, strict=True), zip(demand, v, strict=True)))
    return supply, demand, lower / found.unit, upper / found.unit


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_plan_and_potentials_prove_the_enclosure(data):
    n, m, q = (data.draw(st.integers(1, 6)) for _ in range(3))
    x = [[data.draw(COORDINATES) for _ in range(q)] for _ in range(n)]
    y = [[data.draw(COORDINATES) for _ in range(q)] for _ in range(m)]
    weights = [data.draw(st.lists(st.integers(1, 9), min_size=size, max_size=size)) for size in (n, m)]
    found = polyak.wasserstein(x, y, x_weights=weights[0], y_weights=weights[1])
    supply, demand, lower, upper = proved(x, y, found, squared(x, y))
    for masses, given_weights in ((supply, weights[0]), (demand, weights[1])):
        total = sum(given_weights)
        assert [Fraction(mass, found.unit) for mass in masses] == [Fraction(w, total) for w in given_weights]
    # The truth is in between, and the two are close.
    assert lower <= upper and found.cost.exact[0] <= upper and lower <= found.cost.exact[1]
    assert upper - lower <= Fraction(1, 10**9) * max(1, upper)


def test_distances_on_a_line():
    rng = np.random.default_rng(3)
    x, y = np.sort(rng.normal(size=50)), np.sort(rng.normal(size=50))
    exact = [sum(abs(Fraction(a) - Fraction(b)) ** p for a, b in zip(x, y, strict=True)) / 50 for p in (1, 2)]
    first, second = (polyak.wasserstein(x[:, None], y[:, None], p=p) for p in (1, 2))
    assert exact[0] in first and exact[0] in first.cost and exact[1] in second.cost
    assert first.p == 1 and second.permutation() is not None


@pytest.mark.parametrize("shift", [0.0, 1e6, 1e8])
def test_far_from_the_origin_the_distance_is_still_known(shift):
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(40, 3)) + shift, rng.normal(size=(40, 3)) + shift
    found = polyak.wasserstein(x, y)
    assert found.reached and found.width <= 1e-11 * found.hi
    _, _, lower, upper = proved(x.tolist(), y.tolist(), found, squared(x.tolist(), y.tolist()))
    assert found.cost.exact[0] <= upper and lower <= found.cost.exact[1]


@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_scipy(seed):
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy is not installed")
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(120, 2)), rng.normal(size=(120, 2))
    costs = ((x[:, None] - y[None]) ** 2).sum(-1)
    rows, columns = optimize.linear_sum_assignment(costs)
    found = polyak.wasserstein(x, y)
    assert abs(costs[rows, columns].mean() - found.cost.mid) <= 1e-12
    assert np.array_equal(found.permutation(), columns)


@pytest.mark.parametrize("p", [1, 2])
def test_the_optimum_is_that_of_pot(p):
    """The clouds of POT's own tests of `emd`: two Gaussians, and unequal weights."""
    ot = pytest.importorskip("ot", reason="POT is not installed")
    rng = np.random.RandomState(0)
    x, y = rng.randn(100, 2), rng.randn(90, 2) + 1
    a, b = np.arange(1, 101), np.arange(1, 91)
    costs = ot.dist(x, y, metric="sqeuclidean" if p == 2 else "euclidean")
    theirs = ot.emd2(a / a.sum(), b / b.sum(), costs)
    found = polyak.wasserstein(x, y, p=p, x_weights=a, y_weights=b)
    assert abs(theirs - found.cost.mid) <= 1e-9 * theirs


def test_atoms_of_weight_zero_take_no_part():
    found = polyak.wasserstein([[9.0], [0.0], [1.0]], [[0.0], [5.0], [3.0]], x_weights=[0, 1, 1], y_weights=[1, 0, 1])
    assert found.sources.tolist() == [1, 2] and found.targets.tolist() == [0, 2] and 2 in found.cost
    assert np.isnan(found.source_potentials).tolist() == [True, False, False]
    assert found.permutation() is None


def test_conditional_distances():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 10, 3)), rng.normal(size=(4, 10, 3))
    found = polyak.conditional_distance(x, y)
    layers = [polyak.wasserstein(a, b).cost for a, b in zip(x, y, strict=True)]
    assert found.layers == tuple(layers)
    mean = [sum(layer.exact[end] for layer in layers) / 4 for end in (0, 1)]
    assert found.squared.exact[0] <= mean[1] and mean[0] <= found.squared.exact[1]
    assert polyak.conditional_distance(list(x), x).exact[0] == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: polyak.wasserstein(np.empty((0, 1)), [[0.0]]), "empty"),
        (lambda: polyak.wasserstein([[0.0]], [[0.0, 1.0]]), "dimension 1, the other 2"),
        (lambda: polyak.wasserstein([[np.nan]], [[0.0]]), "coordinate 1 of atom 1 is NaN"),
        (lambda: polyak.wasserstein([[1e200]], [[0.0]]), "1e150"),
        (lambda: polyak.wasserstein([[0.0]], [[0.0]], x_weights=[-1.0]), "weight of atom 1 is -1"),
        (lambda: polyak.wasserstein([[0.0]], [[0.0]], y_weights=[0.0]), "every weight is zero"),
        (lambda: polyak.wasserstein([[0.0]] * 3, [[0.0]], x_weights=[0.1, 0.2, 0.7]), "common unit"),
        (lambda: polyak.conditional_distance([], []), "empty"),
        (lambda: polyak.conditional_distance([[[0.0]]], []), "0"),
        (lambda: polyak.conditional_distance([[[0.0]], [[np.inf]]], [[[0.0]], [[0.0]]]), "layer 2: coordinate 1"),
    ],
)
def test_clouds_without_a_transport_are_refused(call, words):
    with pytest.raises(polyak.TransportError, match=words):
        call()


def test_other_refusals():
    with pytest.raises(polyak.OptionError, match="one of 1, 2"):
        polyak.wasserstein([[0.0]], [[0.0]], p=3)
    with pytest.raises(polyak.ArrayError, match="one number an atom"):
        polyak.wasserstein([[0.0]], [[0.0]], x_weights=[1, 2])
    with pytest.raises(polyak.ArrayError, match=r"`y\[1\]`"):
        polyak.conditional_distance([[[0.0]], [[0.0]]], [[[0.0]], [0.0]])
    with pytest.raises(polyak.ArrayError, match="sequence"):
        polyak.conditional_distance(3, 4)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_plan_and_any_potentials_prove_nothing_wrong(data):
    n, q = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 2))
    x, y = ([[data.draw(COORDINATES) for _ in range(q)] for _ in range(n)] for _ in range(2))
    costs = squared(x, y)
    best = min(sum(costs[i][j] for i, j in enumerate(order)) for order in itertools.permutations(range(n))) / n
    share = st.one_of(st.just(0.0), st.just(1 / n), st.floats(0, 2), st.floats(0, 1e308))
    plan = [[data.draw(share) for _ in range(n)] for _ in range(n)]
    potentials = data.draw(st.lists(st.one_of(COORDINATES, st.floats(-1e300, 1e300)), min_size=n, max_size=n))
    found = polyak.certify_transport(x, y, plan=plan, potentials=potentials)
    assert best in found.cost and found.exact[0] ** 2 <= best <= found.exact[1] ** 2
    assert found.cost.exact[1] <= max(map(max, costs)) * (1 + Fraction(1, 10**12)) + Fraction(1, 10**250)


@pytest.mark.parametrize("p", [1, 2])
def test_what_pot_finds_is_certified(p):
    ot = pytest.importorskip("ot", reason="POT is not installed")
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(80, 3)), rng.normal(size=(70, 3))
    a, b = rng.integers(1, 9, size=80), rng.integers(1, 9, size=70)
    costs = ot.dist(x, y, metric="sqeuclidean" if p == 2 else "euclidean")
    plan, log = ot.emd(a / a.sum(), b / b.sum(), costs, log=True)
    found = polyak.certify_transport(x, y, plan=plan, potentials=log["v"], p=p, x_weights=a, y_weights=b)
    mine = polyak.wasserstein(x, y, p=p, x_weights=a, y_weights=b)
    assert found.exact[0] <= mine.exact[1] and mine.exact[0] <= found.exact[1]
    assert found.cost.width <= 1e-12 * found.cost.hi
    # A regularised plan is worse, and said to be.
    blurred = ot.sinkhorn(a / a.sum(), b / b.sum(), costs, reg=0.5)
    worse = polyak.certify_transport(x, y, plan=blurred, potentials=log["v"], p=p, x_weights=a, y_weights=b)
    assert worse.cost.hi > 1.01 * mine.cost.hi and mine.cost.exact[1] >= worse.cost.exact[0]


def test_refusals_of_plans():
    for options, words in (
        ({"plan": [[-0.1]]}, "entry 1 of the plan moves -0.1 from atom 1 to atom 1"),
        ({"plan": [[np.nan]]}, "NaN"),
        ({"potentials": [np.inf]}, "potential of atom 1 is inf"),
        ({"plan": [[1.0, 2.0]]}, r"shape \(1, 2\)"),
        ({"potentials": [1.0, 2.0]}, "one number an atom"),
        ({"x_weights": [0.0]}, "empty"),
    ):
        with pytest.raises(polyak.PolyakError, match=words):
            polyak.certify_transport([[0.0]], [[1.0]], **options)
    found = polyak.certify_transport([[0.0], [9.0]], [[2.0]], plan=[[1.0], [5.0]], x_weights=[1, 0], p=1)
    assert 2 in found and found.hi < 2.1
