"""Networks from outside: their layout, and what is said of them."""

import numpy as np
import pytest

import polyak
from network import Network

RNG = np.random.default_rng(8)
SCALE = "1/(D*sqrt(m))"
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 1))


def linear(depth=3, count=30, size=0.3):
    rng = np.random.default_rng(2)
    return {
        "layers": size * rng.normal(size=(depth, 3, 2 * count)),
        "frequencies": rng.normal(size=(count, 3)),
        "input": np.eye(3, 2),
        "output": 5.0 * np.eye(1, 3, 2),
    }


def blocks(depth=2, width=6):
    rng = np.random.default_rng(3)
    return {
        "outer": 0.1 * rng.normal(size=(depth, 3, width)),
        "inner": rng.normal(size=(depth, width, 3)),
        "bias": rng.normal(size=(depth, width)),
        "input": np.eye(3, 2),
        "output": 2.0 * np.eye(1, 3, 2),
    }


def test_loss_and_gradient_are_those_of_numpy():
    state = linear()
    found = polyak.check(state, X, Y, scale=SCALE)
    loss, gradient = Network(state, 3).run(state["layers"], X, Y)
    (here,) = found.checkpoints
    assert here.loss.mid == pytest.approx(loss, rel=1e-12) and here.loss.width < 1e-9 * loss
    assert here.own_gradient_norm_squared.mid == pytest.approx((gradient**2).sum(), rel=1e-9)
    # The inner product of the theory is a mean over the layers.
    assert here.gradient_norm_squared.mid == pytest.approx(3 * (gradient**2).sum(), rel=1e-9)
    assert here.ratio.mid == pytest.approx(here.gradient_norm_squared.mid / loss, rel=1e-9)
    assert here.norm.mid == pytest.approx(np.sqrt((state["layers"] ** 2).sum() / 3), rel=1e-9)
    for version, constant in here.pl.items():
        assert constant is None or constant.lo <= here.ratio.hi, version
    assert here.upper.hi >= here.ratio.lo
    assert (found.model, found.layers, found.state, found.width, found.activation) == ("linear", 3, 3, 30, None)
    assert 1 in found.factor and found.exact and set(found.constants) >= {"κ1", "κ2"}
    assert len(here.layers) == 3 and all(layer.smallest.lo <= layer.largest.hi for layer in here.layers)


def test_the_first_layer_has_the_spectrum_of_numpy():
    state = linear()
    phases = X @ state["input"].T @ state["frequencies"].T
    gram = (np.cos(phases) @ np.cos(phases).T + np.sin(phases) @ np.sin(phases).T) / 30
    first = polyak.check(state, X, Y, scale=SCALE).checkpoints[0].layers[0]
    eigenvalues = np.linalg.eigvalsh(gram)
    assert first.smallest.mid == pytest.approx(eigenvalues[0], rel=1e-6)
    assert first.largest.mid == pytest.approx(eigenvalues[-1], rel=1e-9)


def test_a_trained_network_is_guaranteed_and_one_far_away_is_not():
    made = polyak.recipe(X, Y, "gaussian:0.7", realised=True, frequencies=60, depth=3)
    networks = [polyak.train(made, X, Y, steps=steps).network for steps in (0, 4, 8)]
    found = polyak.check(networks, X, Y, scale=SCALE)
    assert found.holds and found.guaranteed_from == 0
    assert [each.verdict for each in found.checkpoints] == ["guaranteed"] * 3
    assert [each.name for each in found.checkpoints] == ["network 1", "network 2", "network 3"]
    steps = [each.step for each in found.checkpoints]
    assert steps[0].exact == (0, 0) and steps[1].positive and found.checkpoints[2].path.hi >= steps[1].lo + steps[2].lo
    quickest = found.checkpoints[0].quickest
    assert quickest.guaranteed and quickest.steps > 0 and quickest.step > 0 and quickest.learning_rate > 0
    assert "guaranteed" in repr(found) and "<table>" in found._repr_html_()
    far = polyak.check({**networks[0], "layers": 1e3 * np.ones((3, 3, 120))}, X, Y, scale=SCALE)
    assert not far.holds and far.guaranteed_from is None and far.checkpoints[0].verdict == "open"
    assert {outlook.hypothesis for outlook in far.checkpoints[0].outlooks} <= {"depth", "expressivity", "loss"}


def test_a_stated_loss_is_a_control():
    state = linear()
    loss = polyak.check(state, X, Y, scale=SCALE).checkpoints[0].loss.mid
    for stated, agrees in ((loss, True), (loss * 1.0001, True), (loss * 1.01, False)):
        found = polyak.check({**state, "loss": stated}, X, Y, scale=SCALE)
        assert found.checkpoints[0].agrees is agrees and found.checkpoints[0].stated_loss == stated
    assert found.checkpoints[0].verdict == "contradicted" and not found.holds


class Tensor:
    """What of PyTorch's tensors matters."""

    def __init__(self, array):
        self.array, self.dtype = array, "torch.float64"

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.array


class Module:
    def __init__(self, state):
        self.state = {name: Tensor(np.asarray(array, dtype=np.float64)) for name, array in state.items()}

    def state_dict(self):
        return self.state


def same(one, other):
    return one.checkpoints == other.checkpoints


def test_states_of_frameworks_are_read():
    state = linear()
    here = polyak.check(state, X, Y, scale=SCALE)
    fixed = {"frequencies": state["frequencies"]}
    torch = {
        **{f"layers.{k}.weight": layer for k, layer in enumerate(state["layers"])},
        **fixed,
        "input.weight": state["input"],
        "output.weight": state["output"],
    }
    assert same(polyak.check(Module(torch), X, Y, scale=SCALE), here)
    assert same(polyak.check([torch], X, Y, scale=SCALE), here)
    flax = {
        "params": {
            **{f"layers_{k}": {"kernel": layer.T} for k, layer in enumerate(state["layers"])},
            **fixed,
            "input": {"kernel": state["input"].T},
            "output": {"kernel": state["output"].T},
        }
    }
    assert same(polyak.check(flax, X, Y, scale=SCALE), here)
    renamed = {f"net.block{k}.w": layer for k, layer in enumerate(state["layers"])}
    renamed |= {"omega": fixed["frequencies"], "lift": state["input"], "head.weight": state["output"], "steps": 7}
    names = {"net.block{}.w": "layers", "omega": "frequencies", "lift": "input", "head.weight": "output", "steps": None}
    assert same(polyak.check(renamed, X, Y, scale=SCALE, names=names), here)
    single = {name: array.astype(np.float32) for name, array in state.items()}
    assert polyak.check(single, X, Y, scale=SCALE).checkpoints[0].loss.mid == pytest.approx(here.checkpoints[0].loss.mid, rel=1e-4)


def test_two_layer_blocks_are_stacked():
    state = blocks()
    here = polyak.check(state, X, Y, scale="1/(D*m)", activation="tanh")
    assert (here.model, here.layers, here.width, here.activation) == ("particles", 2, 6, "tanh")
    module = {"input": state["input"], "output": state["output"]}
    for k in range(2):
        module |= {f"blocks.{k}.fc1.weight": state["inner"][k], f"blocks.{k}.fc1.bias": state["bias"][k]}
        module[f"blocks.{k}.fc2.weight"] = state["outer"][k]
    names = {"blocks.{}.fc1.weight": "inner", "blocks.{}.fc1.bias": "bias", "blocks.{}.fc2.weight": "outer"}
    assert same(polyak.check(module, X, Y, names=names, scale="1/(D*m)", activation="tanh"), here)
    del module["blocks.0.fc1.weight"]
    with pytest.raises(polyak.NetworkError, match="without a gap"):
        polyak.check(module, X, Y, names=names, scale="1/(D*m)", activation="tanh")
    # The loss by NumPy.
    z = X @ state["input"].T
    for k in range(2):
        z = z + np.tanh(z @ state["inner"][k].T + state["bias"][k]) @ state["outer"][k].T / 12
    loss = ((z @ state["output"].T - Y) ** 2).sum() / 10
    assert here.checkpoints[0].loss.mid == pytest.approx(loss, rel=1e-9)


def test_an_axis_of_time_is_a_sequence():
    state = linear()
    several = np.stack([state["layers"], 0.5 * state["layers"]])
    timed = polyak.check({**state, "layers": several}, X, Y, scale=SCALE)
    listed = polyak.check([state, {**state, "layers": 0.5 * state["layers"]}], X, Y, scale=SCALE)
    assert [each.name for each in timed.checkpoints] == ["the network, checkpoint 1", "the network, checkpoint 2"]
    for one, other in zip(timed.checkpoints, listed.checkpoints, strict=True):
        assert (one.loss, one.outlooks, one.path) == (other.loss, other.outlooks, other.path)
    assert timed.later_distance == listed.later_distance


def test_equal_inputs_are_noted():
    found = polyak.check(linear(), X[[0, 1, 0]], Y[:3], scale=SCALE)
    assert "rows 1 and 3" in found.notes[0] and not found.holds


def without(name):
    state = linear()
    del state[name]
    return state


@pytest.mark.parametrize(
    ("state", "options", "error", "words"),
    [
        (linear(), {}, polyak.NetworkError, "scale="),
        ({**linear(), "scale": 0.1}, {"scale": 1}, polyak.NetworkError, "leave scale= out"),
        (blocks(), {"scale": 1}, polyak.NetworkError, "activation="),
        (without("frequencies"), {"scale": 1}, polyak.NetworkError, "frequencies"),
        (without("output"), {"scale": 1}, polyak.NetworkError, "output"),
        ({**linear(), "bias": np.ones(3)}, {"scale": 1}, polyak.NetworkError, "bias"),
        ({**linear(), "layers": np.ones((3, 3, 7))}, {"scale": 1}, polyak.NetworkError, "shape"),
        ({**linear(), "input": np.full((3, 2), np.nan)}, {"scale": 1}, polyak.ArrayError, r"entry \(1, 1\)"),
        ({**linear(), "input": np.ones((3, 2)) * 1j}, {"scale": 1}, polyak.DtypeError, "complex"),
        ({**linear(), "layers": np.ones((0, 3, 60))}, {"scale": 1}, polyak.NetworkError, "no entries"),
        ({**linear(), "layers.weight": np.ones((3, 3, 60))}, {"scale": 1}, polyak.NetworkError, "twice"),
        ([linear(), {**linear(), "output": np.eye(1, 3)}], {"scale": 1}, polyak.NetworkError, "network 2"),
        ([], {"scale": 1}, polyak.NetworkError, "no network"),
        ("network.npz", {"scale": 1}, polyak.NetworkError, "str"),
        (linear(), {"scale": "1/x"}, polyak.OptionError, "scaling"),
        (linear(), {"scale": -1}, polyak.OptionError, "scale"),
        (linear(), {"scale": 1, "activation": "step"}, polyak.OptionError, "tanh"),
        (linear(), {"scale": 1, "names": {"{}.{}": "layers"}}, polyak.OptionError, "two places"),
        (linear(), {"scale": 1, "names": {"input": 3}}, polyak.OptionError, "names"),
        (linear(), {"scale": 1, "max_order": -1}, polyak.OptionError, "max_order"),
        (linear(), {"scale": 1, "target": 0}, polyak.OptionError, "target"),
        (linear(), {"scale": 1e308}, polyak.NetworkError, "scaling"),
    ],
)
def test_what_is_no_network_is_refused(state, options, error, words):
    with pytest.raises(error, match=words):
        polyak.check(state, X, Y, **options)


def test_data_must_fit_the_network():
    with pytest.raises(polyak.NetworkError, match="takes 2 inputs and gives 1 output"):
        polyak.check(linear(), X[:, :1], Y, scale=SCALE)
    with pytest.raises(polyak.ArrayError, match="`y` has"):
        polyak.check(linear(), X, Y[:2], scale=SCALE)
    with pytest.raises(polyak.ArrayError, match="point 2 of `x`"):
        polyak.check(linear(), np.where(np.arange(5)[:, None] == 1, np.inf, X), Y, scale=SCALE)


def test_a_module_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    state = linear()

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.input = torch.nn.Linear(2, 3, bias=False)
            self.layers = torch.nn.ModuleList(torch.nn.Linear(60, 3, bias=False) for _ in range(3))
            self.output = torch.nn.Linear(3, 1, bias=False)
            self.register_buffer("frequencies", torch.tensor(state["frequencies"]))

    net = Net().double()
    with torch.no_grad():
        net.input.weight.copy_(torch.tensor(state["input"]))
        net.output.weight.copy_(torch.tensor(state["output"]))
        for layer, weight in zip(net.layers, state["layers"], strict=True):
            layer.weight.copy_(torch.tensor(weight))
    assert same(polyak.check(net, X, Y, scale=SCALE), polyak.check(state, X, Y, scale=SCALE))
    half = polyak.check(net.bfloat16(), X, Y, scale=SCALE)
    assert half.checkpoints[0].loss.positive
