"""Random features, and how many are needed."""

import numpy as np
import pytest

import polyak

POINTS = np.random.default_rng(4).normal(size=(25, 3))


def transformer(*arguments, **options):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    return polyak.RandomFourierFeatures(*arguments, **options)


def test_scikit_learns_own_checks():
    checks = pytest.importorskip("sklearn.utils.estimator_checks", reason="scikit-learn is not installed")
    for estimator in (transformer(), transformer("laplace:1", 7, random_state=3)):
        checks.check_estimator(estimator)


def test_features_are_cosines_and_sines():
    features = transformer("matern52:1.3", 12, random_state=5)
    mapped = features.fit_transform(POINTS)
    phases = POINTS @ features.frequencies_.T
    direct = np.hstack([np.cos(phases), np.sin(phases)]) / np.sqrt(12)
    assert mapped.shape == (25, 24) and np.abs(mapped - direct).max() < 1e-14
    assert np.abs((mapped**2).sum(1) - 1).max() < 1e-14
    assert list(features.get_feature_names_out())[11:13] == ["cos11", "sin0"]
    assert features.kernel_ == "matern52:1.3"


@pytest.mark.parametrize("orthogonal", [False, True])
def test_features_estimate_the_kernel_without_bias(orthogonal):
    kernel = "gaussian:1.5"
    gram = polyak.gram(POINTS, kernel)
    found = [transformer(kernel, 300, orthogonal=orthogonal, random_state=seed).fit_transform(POINTS) for seed in range(40)]
    mean = sum(each @ each.T for each in found) / 40
    # 12,000 cosines of variance at most a half: 6 standard deviations for 300 pairs.
    assert np.abs(mean - gram).max() < 6 * np.sqrt(0.5 / 12_000)


def test_a_seed_is_a_seed():
    frequencies = [transformer("imq:1", 5, random_state=seed).fit(POINTS).frequencies_ for seed in (7, 7, 8)]
    assert np.array_equal(*frequencies[:2]) and not np.array_equal(*frequencies[1:])
    # The first frequencies do not depend on how many there are.
    more = transformer("imq:1", 9, random_state=7).fit(POINTS).frequencies_
    assert np.array_equal(more[:5], frequencies[0])
    state = np.random.RandomState(0)
    drawn = [transformer("imq:1", 5, random_state=state).fit(POINTS).frequencies_ for _ in range(2)]
    assert not np.array_equal(*drawn)


def test_an_automatic_bandwidth_is_found_when_fitting():
    features = transformer(n_frequencies=3, random_state=0).fit([[0.0], [4.0], [10.0]])
    assert features.kernel_ == "gaussian:6.0"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_frequencies": 0}, "n_frequencies"),
        ({"n_frequencies": 2.5}, "n_frequencies"),
        ({"n_frequencies": 2**31}, "take fewer"),
        ({"kernel": "linear"}, "not radial"),
        ({"kernel": "gaussian:1,2,3"}, "bandwidth"),
        ({"orthogonal": True, "n_frequencies": 4}, "multiple of 3"),
        ({"orthogonal": True, "n_frequencies": 3, "kernel": "laplace:1"}, "Gaussian"),
        ({"random_state": -1}, "random_state"),
    ],
)
def test_features_that_do_not_exist_are_refused(options, words):
    with pytest.raises(polyak.PolyakError, match=words):
        transformer(**options).fit(POINTS)


def test_a_promised_width_is_kept():
    points = POINTS[:8]
    found = polyak.features_needed(points, "gaussian:0.8", epsilon=0.5, failure=0.05, empirical=True, models=300, seed=1)
    assert found.frequencies == min(width for width in found.promised.values() if width is not None)
    assert found.empirical.frequencies <= found.frequencies == found.at_promised.frequencies
    gram = np.linalg.eigvalsh(polyak.gram(points, "gaussian:0.8"))[0]
    assert found.smallest.lo - 1e-14 <= gram <= found.smallest.hi + 1e-14
    # Models that this test draws by itself: lost with a probability of at most 0.05, 40 of 400 are too many (P < 1e-4).
    lost = 0
    for seed in range(400):
        features = transformer("gaussian:0.8", found.frequencies, random_state=10_000 + seed).fit_transform(points)
        lost += np.linalg.eigvalsh(features @ features.T)[0] < 0.5 * gram
    assert lost < 40


def test_no_width_where_points_are_equal():
    found = polyak.features_needed([[0.0], [0.0], [1.0]], "gaussian:1")
    assert found.frequencies is None and found.bound is None and 0 in found.smallest
    assert set(found.promised.values()) == {None}


@pytest.mark.parametrize(
    "options", [{"epsilon": 0}, {"epsilon": 1}, {"failure": 2}, {"models": -1}, {"seed": 1.5}, {"empirical": 1}]
)
def test_options_of_a_width_are_checked(options):
    with pytest.raises(polyak.OptionError, match=next(iter(options))):
        polyak.features_needed(POINTS, "gaussian:1", **options)


@pytest.mark.parametrize(
    ("points", "kernel", "error"),
    [
        (POINTS, "linear", polyak.KernelError),
        (POINTS, "gaussian:1,1,1", polyak.KernelError),
        ([[np.nan]], "gaussian:1", polyak.ArrayError),
        (np.empty((0, 2)), "gaussian:1", polyak.ArrayError),
        (np.empty((0, 2)), "gaussian:auto", polyak.ArrayError),
    ],
)
def test_points_without_a_width_are_refused(points, kernel, error):
    with pytest.raises(error):
        polyak.features_needed(points, kernel)


def test_what_nothing_is_proved_of_is_enclosed_all_the_same():
    """A power without a proved evaluation, at distances whose rounding nobody knows: this was a panic."""
    found = polyak.features_needed([[1e182], [0.0]], "imq(0.3):2")
    assert found.smallest.exact == (0, 1) and found.frequencies is None
