"""Networks that were trained elsewhere: what the theory says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _arrays, _options, _polyak
from ._arrays import Floats
from ._enclosure import Enclosure, _escaped, _fraction
from ._options import Progress
from .errors import ArrayError, NetworkError, OptionError

__all__ = ["Check", "Checkpoint", "LayerSpectrum", "Outlook", "check"]

#: No state of a network is nested deeper.
_DEEPEST = 32


@dataclass(frozen=True)
class Outlook:
    """What one theorem promises of gradient descent from a checkpoint, by one constant, or what is missing.

    Attributes
    ----------
    theorem : str
        ``'P8'``, ``'P8b'``, ``'C10'``, or ``'P9'`` of the gradient flow.
    basis : str
        Where the PL constant is from: ``'layers'``, ``'tangent'`` or ``'zero-residual'``.
    guaranteed : bool
        Whether the loss certainly goes to zero.
    pl_constant, smoothness : float or None
        At least and at most this, on the ball of radius `radius`.
    step, learning_rate : float or None
        The step, of the theory and in the parameters of the network; none of the flow.
    radius, rate : float or None
        How far the weights go; the share of the loss that is lost in a step at least, or the rate of the flow.
    after, loss_after : int or None, float or None
        Steps before the rate holds, and a bound of the loss after them.
    steps : int or None
        Steps until the share of the loss that was asked for is reached.
    hypothesis : str or None
        The first that fails: ``'depth'``, ``'expressivity'``, ``'loss'``, ``'activation'`` or ``'zero-residual'``.
    factor, allowed : float or None
        How many times too large the loss is, or how many times as many layers are needed; the largest loss that is small
        enough.

    Examples
    --------
    >>> polyak.Outlook(theorem="P8", basis="layers", guaranteed=False, hypothesis="loss", factor=2.5).hypothesis
    'loss'
    """

    theorem: str
    basis: str
    guaranteed: bool
    pl_constant: float | None = None
    smoothness: float | None = None
    step: float | None = None
    learning_rate: float | None = None
    radius: float | None = None
    rate: float | None = None
    after: int | None = None
    loss_after: float | None = None
    steps: int | None = None
    hypothesis: str | None = None
    factor: float | None = None
    allowed: float | None = None


@dataclass(frozen=True)
class LayerSpectrum:
    """Extreme eigenvalues of the Gram matrix of one layer.

    Attributes
    ----------
    smallest : Enclosure or None
    largest : Enclosure or None
        None of particles, or beyond all floats.
    gain : Enclosure or None
        By how much the layer may stretch, less one.

    Examples
    --------
    >>> from fractions import Fraction
    >>> polyak.LayerSpectrum(polyak.Enclosure(Fraction(1), Fraction(2)), None, None).smallest.positive
    True
    """

    smallest: Enclosure | None
    largest: Enclosure | None
    gain: Enclosure | None


@dataclass(frozen=True)
class Checkpoint:
    """What the theory says of a network at one set of weights. An enclosure is none where nothing is proved.

    Attributes
    ----------
    name : str
    loss : Enclosure or None
        ``(2N)⁻¹ Σ‖F(x) − y‖²``.
    stated_loss : float or None
        The loss that an array `loss` says.
    agrees : bool or None
        Whether that is the loss that was found.
    gradient_norm_squared, own_gradient_norm_squared : Enclosure or None
        Of the inner product of the theory, and in the parameters of the network.
    ratio : Enclosure or None
        ``‖∇L‖²/L``, which every PL constant is below.
    norm : Enclosure or None
        Of the weights.
    layers : tuple of LayerSpectrum
    tangent : tuple of Enclosure or None
        The extreme eigenvalues of the tangent kernel, where it is formed.
    pl : dict of str to Enclosure or None
        The PL constant at the checkpoint, by version: ``'tangent'``, ``'trajectory'``, ``'uniform'``, ``'local'``.
    upper, smoothness, needed_depth : Enclosure or None
        ``‖∇L‖² ≤ upper·L``; the smoothness; the layers that P3.local needs.
    radii : dict of str to float
        The largest radius at which a PL constant is positive, by basis.
    outlooks : tuple of Outlook
    guaranteed : bool
        Whether gradient descent from here certainly reaches zero loss, for some step.
    step, path, displacement : Enclosure or None
        Distances: from the checkpoint before, the sum of these, and from the first.

    Examples
    --------
    >>> network = {"layers": [[[0.5, 0.25]]], "frequencies": [[1.0]], "input": [[1.0]], "output": [[3.0]]}
    >>> found = polyak.check(network, [[0.0]], [[1.5]], scale=0.5).checkpoints[0]
    >>> found.loss.mid, found.verdict
    (0.28125, 'guaranteed')
    """

    name: str
    loss: Enclosure | None
    stated_loss: float | None
    agrees: bool | None
    gradient_norm_squared: Enclosure | None
    own_gradient_norm_squared: Enclosure | None
    ratio: Enclosure | None
    norm: Enclosure | None
    layers: tuple[LayerSpectrum, ...]
    tangent: tuple[Enclosure | None, Enclosure | None] | None
    pl: dict[str, Enclosure | None]
    upper: Enclosure | None
    smoothness: Enclosure | None
    needed_depth: Enclosure | None
    radii: dict[str, float]
    outlooks: tuple[Outlook, ...]
    guaranteed: bool
    step: Enclosure | None
    path: Enclosure | None
    displacement: Enclosure | None

    @property
    def verdict(self) -> str:
        """``'guaranteed'``, ``'open'``, or ``'contradicted'`` where the loss is not the one that the network says."""
        if self.agrees is False:
            return "contradicted"
        return "guaranteed" if self.guaranteed else "open"

    @property
    def quickest(self) -> Outlook | None:
        """The promise that reaches the share of the loss in the fewest steps."""
        counted = [(outlook.steps, outlook) for outlook in self.outlooks if outlook.steps is not None]
        return min(counted, key=lambda pair: pair[0])[1] if counted else None


@dataclass(frozen=True)
class Check:
    """What the theory says of the checkpoints of one training.

    Attributes
    ----------
    checkpoints : tuple of Checkpoint
        In the order of time.
    model : str
        ``'linear'`` in the parameters, or ``'particles'``, of two-layer blocks.
    layers, state, width : int
        Layers, dimension of a state, frequencies or particles of a layer.
    activation : str or None
    scale : str
        What multiplies a block.
    factor : Enclosure or None
        The weights of the theory are those of the network times this.
    exact : bool
        Whether no product with it rounds.
    constants : dict of str to Enclosure or None
        Constants of the network.
    guaranteed_from : int or None
        The first of `checkpoints`, from 0, from which on all are guaranteed to reach zero loss.
    later_distance : Enclosure or None
        The largest distance of a later checkpoint from that one.
    notes : tuple of str
    holds : bool
        Whether the last checkpoint is guaranteed, and none is contradicted by the loss that it states.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0]], [1.0, 0.0, 1.0]
    >>> made = polyak.recipe(x, y, "gaussian:0.5", realised=True, frequencies=40, depth=3)
    >>> polyak.check(polyak.train(made, x, y).network, x, y, scale="1/(D*sqrt(m))").holds
    True
    """

    checkpoints: tuple[Checkpoint, ...]
    model: str
    layers: int
    state: int
    width: int
    activation: str | None
    scale: str
    factor: Enclosure | None
    exact: bool
    constants: dict[str, Enclosure | None]
    guaranteed_from: int | None
    later_distance: Enclosure | None
    notes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the last checkpoint is guaranteed, and none is contradicted."""
        return self.checkpoints[-1].guaranteed and all(each.agrees is not False for each in self.checkpoints)

    def __repr__(self) -> str:
        """Shows the network and the verdicts."""
        verdicts = [each.verdict for each in self.checkpoints]
        shown = ", ".join(verdicts if len(verdicts) < 5 else [*verdicts[:2], "…", verdicts[-1]])
        return f"Check({self.model}, layers={self.layers}, width={self.width}, verdicts=[{shown}])"

    def _repr_html_(self) -> str:
        """Shows a table, in notebooks."""
        head = "<tr><th>checkpoint</th><th>loss</th><th>‖∇L‖²/L</th><th>verdict</th><th>steps</th></tr>"
        rows = []
        for each in self.checkpoints:
            quickest = each.quickest
            steps = "" if quickest is None else str(quickest.steps)
            cells = (each.name, _shown(each.loss), _shown(each.ratio), each.verdict, steps)
            rows.append("<tr>" + "".join(f"<td>{_escaped(cell)}</td>" for cell in cells) + "</tr>")
        return f"<table><caption>{_escaped(repr(self))}</caption>{head}{''.join(rows)}</table>"


def _shown(enclosure: Enclosure | None) -> str:
    return "not bounded" if enclosure is None else "[{}, {}]".format(*enclosure.decimal(4))


def _enclosure(ends: tuple[tuple[int, int], tuple[int, int]] | None) -> Enclosure | None:
    return None if ends is None else Enclosure(*map(_fraction, ends))


def _flattened(state: Any, where: str) -> dict[str, Any]:
    """Returns the arrays of a state by name, names of nested ones joined by dots."""
    found: dict[str, Any] = {}

    def visit(node: Any, name: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise NetworkError(f"{where} is nested deeper than {_DEEPEST} times: give a mapping from names to arrays")
        if not isinstance(node, Mapping):
            if name in found:
                raise NetworkError(f"{where} has two arrays `{name}`: give each array one name")
            found[name] = node
            return
        for key, inner in node.items():
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                raise NetworkError(f"{where} has a name that is {type(key).__name__}: names are text")
            visit(inner, _options.readable(f"{name}.{key}" if name else str(key)), depth + 1)

    visit(state, "", 0)
    if found and all(name.startswith("params.") for name in found):
        found = {name.removeprefix("params."): value for name, value in found.items()}
    return found


def _array(given: Any, name: str) -> Floats:
    if type(given).__module__.partition(".")[0] == "flax" and hasattr(given, "value"):
        given = given.value
    if callable(getattr(given, "detach", None)):
        # A tensor of PyTorch; NumPy has no bfloat16, and float64 holds it exactly.
        given = given.detach().cpu()
        given = (given.double() if str(given.dtype) == "torch.bfloat16" else given).numpy()
    array = _arrays._as_floats(given, name, "C")
    if array.size == 0:
        raise NetworkError(f"array `{name}` has the shape {array.shape}, and no entries: leave it out")
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0]
        counted = ", ".join(str(int(k) + 1) for k in place)
        raise ArrayError(f"entry ({counted}) of array `{name}` is {array[tuple(place)]}: every entry must be finite")
    return array


_NUMBERED = re.compile(r"(.+)_(\d+)")


def _plain(name: str, array: Floats) -> tuple[str, Floats]:
    """Returns name and array as PyTorch has them, where they are Flax's."""
    parts = [_NUMBERED.sub(r"\1.\2", part) if _NUMBERED.fullmatch(part) else part for part in name.split(".")]
    if parts[-1] == "kernel" and array.ndim == 2:
        return ".".join([*parts[:-1], "weight"]), array.T
    return ".".join(parts), array


def _layout(state: Any, names: dict[str, str | None], where: str) -> list[tuple[str, list[int], Floats]]:
    """Returns the arrays of a network by the names of the layout."""
    if callable(getattr(state, "state_dict", None)):
        state = state.state_dict()
    if not isinstance(state, Mapping):
        raise NetworkError(
            f"{where} is {type(state).__name__}: give a mapping from names to arrays, or a module with a state_dict()"
        )
    arrays: dict[str, Floats] = {}
    stacks: dict[str, dict[int, Floats]] = {}
    patterns = [
        (re.compile("(\\d+)".join(map(re.escape, pattern.split("{}")))), target) for pattern, target in names.items()
    ]
    for given, value in _flattened(state, where).items():
        name, array = _plain(given, _array(value, given))
        for pattern, target in patterns:
            matched = pattern.fullmatch(name)
            if matched is None:
                continue
            if target is None:
                name = ""
            elif matched.groups() and "{}" not in target:
                stack, number = stacks.setdefault(target, {}), int(matched[1])
                if number in stack:
                    raise NetworkError(f"{where} has two arrays for place {number} of `{target}`: see `names`")
                stack[number] = array
                name = ""
            else:
                name = target.replace("{}", matched[1] if matched.groups() else "{}")
            break
        if not name:
            continue
        if name in arrays:
            raise NetworkError(f"{where} has two arrays that are `{name}` of the layout: see `names`")
        arrays[name] = array
    for target, stack in stacks.items():
        if sorted(stack) != list(range(len(stack))):
            raise NetworkError(f"{where}: the numbers of `{target}` are {sorted(stack)}, and should run from 0 without a gap")
        if len({array.shape for array in stack.values()}) > 1 or target in arrays:
            raise NetworkError(
                f"{where}: the arrays of `{target}` are not of one shape, or it is there twice: they make one array"
            )
        arrays[target] = np.stack([stack[number] for number in range(len(stack))])
    return [(name, list(array.shape), np.ascontiguousarray(array).ravel()) for name, array in arrays.items()]


def _states(networks: Any) -> list[Any]:
    single = isinstance(networks, Mapping) or callable(getattr(networks, "state_dict", None))
    if single:
        return [networks]
    if isinstance(networks, (str, bytes, np.ndarray)) or not isinstance(networks, Iterable):
        raise NetworkError(
            f"`networks` is {type(networks).__name__}: give a mapping from names to arrays, a module, or a sequence of these"
        )
    return list(networks)


def _names(given: Mapping[str, str | None] | None) -> dict[str, str | None]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise OptionError(f"`names` is {type(given).__name__}: give a mapping from names of the state to names of the layout")
    names: dict[str, str | None] = {}
    for pattern, target in given.items():
        if not isinstance(pattern, str) or not (target is None or isinstance(target, str) and target):
            raise OptionError(f"`names` maps {pattern!r} to {target!r}: give text, or None for what is no part of the network")
        if pattern.count("{}") > 1:
            raise OptionError(f"`names` has {pattern!r} with two places for numbers: give one at most")
        names[_options.readable(pattern)] = None if target is None else _options.readable(target)
    return names


def check(
    networks: Any,
    x: object,
    y: object,
    *,
    names: Mapping[str, str | None] | None = None,
    scale: str | float | None = None,
    activation: str | None = None,
    target: float = 1e-3,
    max_order: int | None = None,
    max_steps: int | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Check:
    """Says what the theory promises of networks that were trained elsewhere, from where they stand.

    Parameters
    ----------
    networks : mapping, module, or sequence of these
        The arrays of a network by name, or a module of PyTorch, of which `state_dict()` is taken; several of one training in the
        order of time.

        ``z + s·W_k·(cos Ωz, sin Ωz)``, linear in what is trained, has the arrays ``layers`` (D × q × 2m, or ``layers.0``,
        ``layers.1``, … of q × 2m each), ``frequencies`` (m × q), ``input`` (q × d) and ``output`` (d' × q). Two-layer blocks
        ``z + s·V_k σ(W_k z + b_k)`` have ``outer`` (D × q × M), ``inner`` (D × M × q), ``bias`` (D × M, zero if it is left out),
        ``input`` and ``output``. A first axis of time in front of what is trained makes several checkpoints. Beside these there
        may be ``scale``, the number `s`, and ``loss``, which is compared with what is found. Any other array is refused, since
        it makes another network.
    x : array_like, shape (N, d)
    y : array_like, shape (N, d') or (N,)
        What it was trained on, as it saw them.
    names : mapping of str to str or None, optional
        From names of the state to names of the layout; ``{}`` stands for a number. Numbered arrays for a name without one are
        stacked: ``{"blocks.{}.fc1.weight": "inner", "blocks.{}.fc1.bias": "bias", "blocks.{}.fc2.weight": "outer"}``. None leaves
        out what is no part of the network, as a counter.

        Names of nested mappings are joined by dots. Of Flax, an outermost ``params`` is left out, ``layers_0`` is ``layers.0``, and
        a matrix ``kernel`` is the transpose of ``weight``, all before `names` are looked up. A last ``.weight`` may be there or not.
    scale : str or float, optional
        `s`, as a product of numbers, ``D`` (layers), ``m`` (frequencies, or particles of a layer) and ``sqrt(…)``:
        ``'1/(D*sqrt(m))'``; unless an array says it.
    activation : str, optional
        Of two-layer blocks: ``'tanh'``, ``'erf'``, ``'sigmoid'``, ``'cosine'``, ``'scaled-cosine'`` or ``'relu'``.
    target : float
        The share of the loss of a checkpoint that steps are counted to, between 0 and 1.
    max_order : int, optional
        The largest tangent kernel that is formed, samples times outputs; 0 for none, 2000 if it is left out.
    max_steps : int, optional
        Most steps that are followed beside the linearised network; 4096, fewer of a large kernel, if it is left out.
    progress : callable, optional
        Called with a `Progress` some times a second; its units are checkpoints.

    Returns
    -------
    Check

    Raises
    ------
    NetworkError
        Arrays that are missing or that the layout does not have, of shapes that do not fit, no scale, no activation, data of
        other dimensions, states that overflow.
    ArrayError, DtypeError
        Arrays of something else than finite real numbers.
    MemoryLimitError
        More memory than is there.
    OptionError
        An option out of range.

    Notes
    -----
    Theorems P3, P8, P8b, P9 of networks that are linear in what is trained, C8 and C10 of two-layer blocks; enclosures are of the
    network with exactly these numbers as weights, float32 or not. After Ctrl-C, the checkpoint that is under way may go on to its
    end in the background.

    Examples
    --------
    A state as PyTorch names it, of two layers:

    >>> rng = np.random.default_rng(0)
    >>> state = {f"layers.{k}.weight": 0.1 * rng.normal(size=(2, 40)) for k in range(2)}
    >>> state |= {"frequencies": rng.normal(size=(20, 2)), "input.weight": [[1.0], [0.0]], "output.weight": [[0.0, 3.0]]}
    >>> found = polyak.check(state, [[-1.0], [1.0]], [0.5, -0.5], scale="1/(D*sqrt(m))")
    >>> [(outlook.theorem, outlook.basis) for outlook in found.checkpoints[0].outlooks][:2]
    [('P8', 'layers'), ('P8', 'tangent')]
    """
    mapped = _names(names)
    if scale is not None and not isinstance(scale, str):
        scale = repr(_options.number(scale, "scale", 0.0, np.inf))
    for option, name in ((scale, "scale"), (activation, "activation")):
        if option is not None and not isinstance(option, str):
            raise OptionError(f"`{name}` is {type(option).__name__}: give text")
    share = _options.number(target, "target", 0.0, 1.0)
    order = None if max_order is None else _options.integer(max_order, "max_order", 0, 20_000)
    steps = None if max_steps is None else _options.integer(max_steps, "max_steps", 1, 1_000_000)
    inputs = _arrays.points(x, "x")
    targets = _arrays.targets(y, inputs)
    states = []
    given = _states(networks)
    for k, state in enumerate(given, 1):
        where = "the network" if len(given) == 1 else f"network {k}"
        states.append((where, _layout(state, mapped, where)))
    asked = (
        None if scale is None else _options.readable(scale),
        None if activation is None else _options.readable(activation),
        share,
        order,
        steps,
    )
    return _answer(_polyak.check(states, inputs, targets, asked, _options.told(progress)))


def _answer(found: dict[str, Any]) -> Check:
    network = found["network"]
    equal = found["equal"]
    notes: tuple[str, ...] = ()
    if equal is not None:
        notes = (f"rows {equal[0]} and {equal[1]} of `x` are equal: every Gram matrix is singular, and nothing is promised",)
    return Check(
        checkpoints=tuple(map(_checkpoint, found["checkpoints"])),
        model=network["model"],
        layers=network["layers"],
        state=network["state"],
        width=network["width"],
        activation=network["activation"],
        scale=network["scale"],
        factor=_enclosure(network["factor"]),
        exact=network["exact"],
        constants={name: _enclosure(ends) for name, ends in network["constants"]},
        guaranteed_from=found["guaranteed_from"],
        later_distance=_enclosure(found["later_distance"]),
        notes=notes,
    )


_ENCLOSED = (
    "loss",
    "gradient_norm_squared",
    "own_gradient_norm_squared",
    "ratio",
    "norm",
    "upper",
    "smoothness",
    "needed_depth",
    "step",
    "path",
    "displacement",
)


def _checkpoint(entry: dict[str, Any]) -> Checkpoint:
    enclosed = {name: _enclosure(entry[name]) for name in _ENCLOSED}
    tangent = entry["tangent"]
    return Checkpoint(
        name=entry["name"],
        stated_loss=entry["stated_loss"],
        agrees=entry["agrees"],
        layers=tuple(LayerSpectrum(*map(_enclosure, layer)) for layer in entry["layers"]),
        tangent=None if tangent is None else (_enclosure(tangent[0]), _enclosure(tangent[1])),
        pl={name: _enclosure(ends) for name, ends in entry["pl"]},
        radii=dict(entry["radii"]),
        outlooks=tuple(Outlook(**outlook) for outlook in entry["outlooks"]),
        guaranteed=entry["guaranteed"],
        **enclosed,
    )
