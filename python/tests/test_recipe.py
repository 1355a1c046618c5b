"""Recipes and trainings against a network written in NumPy."""

import json
import pickle

import numpy as np
import pytest

import polyak
from network import Network

RNG = np.random.default_rng(4)
X = RNG.normal(size=(9, 2))
Y = RNG.normal(size=(9, 2))


@pytest.fixture(scope="module")
def made():
    return polyak.recipe(X, Y, "gaussian:0.7", realised=True, frequencies=60, depth=3, seed=5)


@pytest.fixture(scope="module")
def done(made):
    return polyak.train(made, X, Y)


def test_the_losses_are_those_of_gradient_descent(made, done):
    network = Network(done.network, made.depth)
    layers = np.zeros_like(done.network["layers"])
    for iteration in range(done.iterations + 1):
        loss, gradient = network.run(layers, X, Y)
        assert abs(loss - done.losses[iteration]) <= 1e-9 * loss
        if iteration < done.iterations:
            # The inner product of the theory is a mean over the layers.
            layers -= made.step * made.depth * gradient
    assert np.abs(layers - done.network["layers"]).max() <= 1e-9 * np.abs(layers).max()


def test_the_promise_is_kept_at_every_iterate(made, done):
    assert done.end == "target-reached" and done.reached and done.held and done.broken is None
    assert len(done.losses) == len(done.envelope) == done.iterations + 1 <= made.iterations + 1
    assert (done.losses_lo <= done.losses).all() and (done.losses <= done.losses_hi).all()
    assert (done.losses_hi <= done.envelope).all()
    # An envelope that is far above promises nothing.
    assert done.envelope[-1] < 0.1 * done.losses[0]
    assert done.losses_hi[-1] <= made.target * done.losses[0] < done.losses_lo[-2]
    assert done.losses[0] == pytest.approx((Y**2).sum() / 18, rel=1e-14)
    assert done.losses[-1] in done.loss and done.loss.positive
    assert 0 < done.tightness <= 1 and done.tightness == pytest.approx(made.rate / done.observed_rate)
    assert "target-reached" in repr(done) and "promised" in done._repr_html_()


def test_constants_bound_what_numpy_computes(made, done):
    frequencies, states = done.network["frequencies"], np.hstack([X, np.zeros_like(Y)])
    assert np.array_equal(states, X @ done.network["input"].T)
    phases = states @ frequencies.T
    gram = (np.cos(phases) @ np.cos(phases).T + np.sin(phases) @ np.sin(phases).T) / len(frequencies)
    eigenvalues = np.linalg.eigvalsh(gram)
    constants = made.constants
    assert constants["λ_min(K̂)"].is_lower and not constants["λ_max(K̂)"].is_lower
    assert 0.99 * eigenvalues[0] < constants["λ_min(K̂)"].value <= eigenvalues[0] * (1 + 1e-9)
    assert eigenvalues[-1] * (1 - 1e-9) <= constants["λ_max(K̂)"].value < 1.01 * eigenvalues[-1]
    kappa1 = np.sqrt(np.linalg.norm(frequencies.T @ frequencies / len(frequencies), 2))
    assert kappa1 * (1 - 1e-9) <= constants["κ̂1"].value < 1.1 * kappa1
    assert constants["L(0)"].value >= (Y**2).sum() / 18
    for constant in constants.values():
        assert constant.exact == constant.value and constant.source
    assert np.array_equal(done.network["output"], made.scale * np.eye(2, 4, 2))
    drawn = polyak.RandomFourierFeatures("gaussian:0.7", 60, random_state=5).fit(states).frequencies_
    assert np.array_equal(drawn, frequencies)


def test_a_training_goes_on_where_it_ended(made, done):
    some = polyak.train(made, X, Y, steps=2)
    assert (some.end, some.iterations, some.held, some.reached) == ("iterations", 2, True, False)
    none = polyak.train(made, X, Y, steps=0)
    assert (none.iterations, none.tightness) == (0, None)
    more = polyak.train(made, X, Y, resume=pickle.loads(pickle.dumps(some)))
    for name in ("losses", "losses_lo", "losses_hi", "envelope"):
        assert np.array_equal(getattr(more, name), getattr(done, name))
    assert np.array_equal(more.network["layers"], done.network["layers"]) and more.checkpoint == done.checkpoint
    assert polyak.train(made, X, Y, resume=done).losses.tolist() == done.losses.tolist()
    other = polyak.recipe(X, Y, "gaussian:0.7", realised=True, frequencies=61, depth=3)
    with pytest.raises(polyak.ReportError, match="resume"):
        polyak.train(other, X, Y, resume=some)


def test_a_recipe_is_a_document(made):
    again = polyak.Recipe.from_json(made.to_json())
    assert again == made and hash(again) == hash(made) and pickle.loads(pickle.dumps(made)) == made
    assert made != polyak.recipe(X, Y, "gaussian:0.7", realised=True, frequencies=60, depth=3, seed=6)
    assert (made.kind, made.frequencies, made.depth, made.seed, made.failure) == ("realised", 60, 3, 5, None)
    assert made.kernel == "gaussian:0.7" and made.gib > 0 and made.hours > 0 and made.target == 1e-3
    assert "frequencies=60" in repr(made) and "κ̂1" in made._repr_html_()
    with pytest.raises(AttributeError, match="frozen"):
        made.kind = "other"
    for text in ("", "{}", "[]", "\0", "1e999"):
        with pytest.raises(polyak.ReportError):
            polyak.Recipe.from_json(text)
    with pytest.raises(polyak.ReportError, match="int"):
        polyak.Recipe.from_json(3)


def edited(made, change):
    document = json.loads(made.to_json())
    change(document)
    return polyak.Recipe.from_json(json.dumps(document))


def test_a_recipe_that_promises_more_is_not_trained_by(made):
    def faster(document):
        document["promise"]["rate"] *= 2

    def kinder(document):
        document["constants"]["kappa1"] = {"value": 0.1, "source": "wishes"}

    for change in (faster, kinder):
        with pytest.raises(polyak.ReportError, match="not proved again"):
            polyak.train(edited(made, change), X, Y)

    def huge(document):
        document["architecture"]["frequencies"] = 2**60

    with pytest.raises(polyak.MemoryLimitError, match="max_gib="):
        polyak.train(edited(made, huge), X, Y)


def test_a_recipe_is_of_its_data(made):
    moved = X.copy()
    moved[0, 0] = np.nextafter(moved[0, 0], 9)
    for x, y in ((moved, Y), (X, Y[:, :1]), (X[:-1], Y[:-1])):
        with pytest.raises(polyak.RecipeError, match="not those of the recipe"):
            polyak.train(made, x, y)
    with pytest.raises(polyak.MemoryLimitError, match="max_hours="):
        polyak.train(made, X, Y, max_hours=1e-12)


def test_before_the_draw():
    made = polyak.recipe(X[:5], Y[:5, 0], "gaussian:0.7", failure=0.01)
    assert made.kind == "a-priori" and made.failure == 0.01 and made.frequencies > 500
    with pytest.raises(polyak.KernelError, match="Gaussian"):
        polyak.recipe(X, Y, "matern52:1")


def test_targets_may_be_a_row():
    row, column = (polyak.recipe(X, y, "laplace:1", realised=True, frequencies=50) for y in (Y[:, 0], Y[:, :1]))
    assert row == column


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((X, Y[:-1]), {}, polyak.ArrayError, "`y` has 8 rows, and `x` 9"),
        ((X[:0], Y[:0]), {}, polyak.ArrayError, "no numbers"),
        ((X, np.zeros_like(Y)), {"realised": True}, polyak.ArrayError, "zero"),
        ((X[[0, 1, 2, 1]], Y[:4]), {"realised": True}, polyak.ArrayError, "rows 2 and 4"),
        ((X, Y * np.nan), {}, polyak.ArrayError, "point 1 of `y`"),
        ((X, Y[None]), {}, polyak.ArrayError, "3 axes"),
        ((X, Y, "polynomial(2):1"), {"realised": True}, polyak.KernelError, "polynomial"),
        ((X, Y), {"frequencies": 50}, polyak.OptionError, "realised=True"),
        ((X, Y), {"realised": 1}, polyak.OptionError, "realised"),
        ((X, Y), {"depth": 0}, polyak.OptionError, "depth"),
        ((X, Y), {"target": 1.0}, polyak.OptionError, "target"),
        ((X, Y), {"headroom": 0.5}, polyak.OptionError, "headroom"),
        ((X, Y), {"failure": 0}, polyak.OptionError, "failure"),
        ((X, Y, "gaussian:50"), {"realised": True, "frequencies": 3}, polyak.RecipeError, "not certainly above zero"),
    ],
)
def test_what_has_no_recipe_is_refused(arguments, options, error, words):
    with pytest.raises(error, match=words):
        polyak.recipe(*arguments, **options)


def test_what_is_no_training_is_refused(made):
    for options in ({"steps": -1}, {"steps": 1.5}, {"resume": b""}, {"max_gib": 0}, {"max_hours": None}):
        with pytest.raises(polyak.OptionError):
            polyak.train(made, X, Y, **options)
    with pytest.raises(polyak.OptionError, match="str"):
        polyak.train(made.to_json(), X, Y)


def test_progress_says_loss_and_promise():
    x = np.random.default_rng(1).normal(size=(80, 4))
    seen = []
    made = polyak.recipe(x, x[:, :1] ** 2, "gaussian:0.5", realised=True, frequencies=400, progress=seen.append)
    done = polyak.train(made, x, x[:, :1] ** 2, progress=seen.append)
    steps = [each for each in seen if each.stage.startswith("loss ")]
    assert steps and all(each.total == made.iterations and each.done <= done.iterations for each in steps)
