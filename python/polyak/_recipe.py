"""Networks whose training is guaranteed, and their training."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _kernels, _options, _polyak
from ._arrays import Floats
from ._documents import Document
from ._enclosure import Enclosure, _escaped
from ._options import Progress
from .errors import OptionError, PolyakBug, ReportError, UndecidedError

__all__ = ["Constant", "Recipe", "Training", "recipe", "train"]


@dataclass(frozen=True)
class Constant:
    """A proved constant of a recipe.

    Attributes
    ----------
    symbol : str
        As in the theory: ``'λ_min(K̂)'``, ``'κ̂1'``, ``'β'``.
    value : float
        A bound, rounded to its own side.
    is_lower : bool
        Whether the number is at least `value`; if not, it is at most that.
    source : str
        What the bound is from.

    Examples
    --------
    >>> polyak.recipe([[0.0], [1.0], [2.0]], [1.0, 0.0, 1.0], "gaussian:0.5", realised=True).constants["m"].is_lower
    True
    """

    symbol: str
    value: float
    is_lower: bool
    source: str

    @property
    def exact(self) -> Fraction:
        """The bound exactly."""
        return Fraction(self.value)


class Recipe(Document):
    """A network for given data, and what is guaranteed of its training: the document that ``polyak recipe --json`` writes.

    The network is ``z_0 = (x, 0)``, ``z_{k+1} = z_k + W_k (cos Ω z_k, sin Ω z_k)/(D√m)``, read out as `α` times the last
    coordinates of ``z_D``; the weights `W` are trained from zero, by gradient descent with one step.

    Attributes
    ----------
    kind : str
        ``'realised'``, of frequencies that were drawn, or ``'a-priori'``, of a width that holds before the draw but with
        probability `failure`.
    kernel : str
        The kernel whose spectral measure the frequencies are drawn from, its bandwidth a number.
    frequencies, depth : int
        `m` and `D`.
    seed : int
        Of the frequencies.
    scale, step : float
        `α` and the step of gradient descent.
    target : float
        The share of the initial loss that is reached, after at most `iterations` steps.
    iterations : int
    rate : float
        The loss falls at least by this rate a step, as the exponent of its exponential.
    failure : float or None
        The probability that the network drawn is worse; none of a realised recipe.
    constants : dict of str to Constant
        What the promise is made of, by symbol.
    gib, hours : float
        An estimate of what the training takes.

    Examples
    --------
    >>> made = polyak.recipe([[0.0], [1.0], [2.0]], [1.0, 0.0, 1.0], "gaussian:0.5", realised=True, frequencies=40, depth=3)
    >>> made.kind, made.frequencies, made.depth, made.failure
    ('realised', 40, 3, None)
    >>> polyak.Recipe.from_json(made.to_json()) == made
    True
    """

    __slots__ = ("_found",)

    _found: tuple[str, list[tuple[str, bool, float, str]], float, float, float]

    def __init__(self, found: tuple[str, list[tuple[str, bool, float, str]], float, float, float]) -> None:
        """Takes what the compiled half made: see `from_json` for other documents."""
        super().__init__(found[0])
        object.__setattr__(self, "_found", found)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles by the document, which is checked again when it is read."""
        return Recipe.from_json, (self._text,)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Reads a recipe that `to_json` or ``polyak recipe --json`` wrote.

        It is proved again before anything is trained by it.

        Parameters
        ----------
        text : str

        Returns
        -------
        Recipe

        Raises
        ------
        ReportError
            No recipe of this version, or a number that is not the one beside it.

        Examples
        --------
        >>> polyak.Recipe.from_json("{}")
        Traceback (most recent call last):
            ...
        polyak.errors.ReportError: ...
        """
        if not isinstance(text, str):
            raise ReportError(f"a recipe is text in JSON, and not {type(text).__name__}")
        return cls(_polyak.read_recipe(_options.readable(text)))

    @property
    def kind(self) -> str:
        """Whether the frequencies were drawn: ``'realised'`` or ``'a-priori'``."""
        return str(self._document["kind"])

    @property
    def kernel(self) -> str:
        """The kernel, its bandwidth a number."""
        return str(self._document["architecture"]["kernel"])

    @property
    def frequencies(self) -> int:
        """The number of frequencies."""
        return int(self._document["architecture"]["frequencies"])

    @property
    def depth(self) -> int:
        """The number of layers."""
        return int(self._document["architecture"]["depth"])

    @property
    def seed(self) -> int:
        """The seed of the frequencies."""
        return int(self._document["architecture"]["seed"])

    @property
    def scale(self) -> float:
        """The scale of the readout."""
        return float(self._document["scale"]["chosen"])

    @property
    def step(self) -> float:
        """The step of gradient descent."""
        return float(self._document["promise"]["step"])

    @property
    def target(self) -> float:
        """The share of the initial loss that is reached."""
        return float(self._document["promise"]["target"])

    @property
    def iterations(self) -> int:
        """After so many steps it is, at the latest."""
        return int(self._document["promise"]["iterations"])

    @property
    def failure(self) -> float | None:
        """The probability that the network drawn is worse; none of a realised recipe."""
        probability = self._document["probability"]
        return None if probability is None else float(probability["failure"])

    @property
    def rate(self) -> float:
        """The rate that is guaranteed."""
        return self._found[4]

    @property
    def constants(self) -> dict[str, Constant]:
        """What the promise is made of, by symbol."""
        return {symbol: Constant(symbol, value, below, source) for symbol, below, value, source in self._found[1]}

    @property
    def gib(self) -> float:
        """GiB that the training takes, estimated."""
        return self._found[2]

    @property
    def hours(self) -> float:
        """Hours that the training takes at most, estimated."""
        return self._found[3]

    def __repr__(self) -> str:
        """Shows the kind, the network and the number of steps."""
        return (
            f"Recipe(kind={self.kind!r}, kernel={self.kernel!r}, frequencies={self.frequencies}, depth={self.depth},"
            f" target={self.target:g}, iterations={self.iterations})"
        )

    def _repr_html_(self) -> str:
        """Shows a table, in notebooks."""
        rows = "".join(
            f"<tr><td>{_escaped(each.symbol)}</td><td>{'≥' if each.is_lower else '≤'} {each.value!r}</td>"
            f"<td>{_escaped(each.source)}</td></tr>"
            for each in self.constants.values()
        )
        head = "<tr><th>constant</th><th>bound</th><th>source</th></tr>"
        return f"<table><caption>{_escaped(repr(self))}</caption>{head}{rows}</table>"


def recipe(
    x: object,
    y: object,
    kernel: object = "gaussian:0.35*auto",
    *,
    realised: bool = False,
    frequencies: int | None = None,
    depth: int = 8,
    failure: float = 1e-3,
    headroom: float | None = None,
    target: float = 1e-3,
    seed: int = 0,
    progress: Callable[[Progress], object] | None = None,
) -> Recipe:
    """Finds a residual network for data, and a guarantee of its training.

    Parameters
    ----------
    x : array_like, shape (N, d)
        Inputs, one a row, as they are: nothing is standardised.
    y : array_like, shape (N, d') or (N,)
        Targets.
    kernel : str or kernel of scikit-learn
        A radial one of a single bandwidth, in the dimension of a state, d + d'; `auto` is found at the inputs. A Gaussian one,
        unless the recipe is realised.
    realised : bool
        Whether the frequencies are drawn now and certified as drawn, which needs fewer of them. If not, their number is
        bounded before the draw.
    frequencies : int, optional
        Of a realised recipe; 500, or twice the samples if more, if none is given.
    depth : int
        Layers, from 1 to 10000.
    failure : float
        The probability that the network drawn is worse than promised; a realised recipe has none.
    headroom : float, optional
        The scale of the readout, in multiples of the smallest that the theory allows: a larger one brings the guaranteed rate
        closer to the observed one. 4 of a realised recipe and 64 of another, if none is given.
    target : float
        The share of the initial loss that is to be reached, between 0 and 1.
    seed : int
        The seed of the frequencies.
    progress : callable, optional
        Called with a `Progress` some times a second: its stage says what is known so far.

    Returns
    -------
    Recipe

    Raises
    ------
    RecipeError
        A Gram matrix that is not certainly positive definite, or no finite width or scale.
    ArrayError, DtypeError
        Two equal inputs, targets that are all zero, arrays of a wrong shape, entries that are no finite real numbers.
    KernelError
        A kernel without random features, or without constants before the draw.
    MemoryLimitError
        More memory than is there.
    OptionError
        An option out of range.

    Notes
    -----
    Theorem P10; R. Barboni, G. Peyré, F.-X. Vialard, NeurIPS 2022. Every constant is on the safe side of what it bounds.

    Examples
    --------
    >>> made = polyak.recipe([[0.0], [1.0], [2.0]], [1.0, 0.0, 1.0], "gaussian:0.5", realised=True)
    >>> made.frequencies, 0 < made.rate, made.constants["λ_min(K̂)"].value > 0.1
    (500, True, True)
    """
    _options.one_of(realised, "realised", (True, False))
    if frequencies is not None:
        if not realised:
            raise OptionError("`frequencies` are chosen of a realised recipe alone: give realised=True, or leave them out")
        frequencies = _options.integer(frequencies, "frequencies", 1, 10_000_000)
    depth = _options.integer(depth, "depth", 1, 10_000)
    failure = _options.number(failure, "failure", 0.0, 1.0)
    target = _options.number(target, "target", 0.0, 1.0)
    seed = _options.integer(seed, "seed", 0, 2**64 - 1)
    if headroom is not None and headroom != 1:
        headroom = _options.number(headroom, "headroom", 1.0, np.inf)
    inputs = _arrays.points(x, "x")
    targets = _arrays.targets(y, inputs)
    asked = (depth, None if headroom is None else float(headroom), target, seed, failure, frequencies, realised)
    return Recipe(_polyak.recipe(inputs, targets, _kernels.name_of(kernel), asked, _options.told(progress)))


@dataclass(frozen=True, eq=False, repr=False)
class Training:
    """A training, held to what its recipe promises at every iterate.

    Attributes
    ----------
    recipe : Recipe
    end : str
        ``'target-reached'``; ``'iterations'``, where fewer steps were asked for; ``'broken'``, where the promise is; or
        ``'precision-lost'``, where rounding is no longer small against the loss.
    broken : str or None
        The conclusion that does not hold, if one does not.
    losses : numpy.ndarray, shape (iterations + 1,)
        The loss of every iterate, the start included.
    losses_lo, losses_hi : numpy.ndarray
        Bounds of it, all rounding counted.
    envelope : numpy.ndarray
        What was promised: no loss is above it.
    iterations : int
        Steps taken.
    loss : Enclosure
        Of the last iterate.
    reached, held : bool
        Whether the target is reached; whether the promise is kept so far.
    observed_rate, tightness : float or None
        The rate at which the loss fell, and the guaranteed one in shares of it; none without a step.
    network : dict of str to numpy.ndarray
        ``layers``, ``frequencies``, ``input`` and ``output`` in the layout of `check`, whose `scale` is ``'1/(D*sqrt(m))'``.
    checkpoint : bytes
        What ``polyak train --checkpoint`` goes on from.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0]], [1.0, 0.0, 1.0]
    >>> made = polyak.recipe(x, y, "gaussian:0.5", realised=True, frequencies=40, depth=3)
    >>> done = polyak.train(made, x, y)
    >>> done.reached, bool((done.losses_lo <= done.envelope).all())
    (True, True)
    """

    recipe: Recipe
    end: str
    broken: str | None
    losses: Floats
    losses_lo: Floats
    losses_hi: Floats
    envelope: Floats
    observed_rate: float | None
    network: dict[str, Floats]
    checkpoint: bytes

    @property
    def iterations(self) -> int:
        """Steps taken."""
        return len(self.losses) - 1

    @property
    def loss(self) -> Enclosure:
        """The loss of the last iterate."""
        lo, hi = (float(row[-1]) for row in (self.losses_lo, self.losses_hi))
        if not (math.isfinite(lo) and math.isfinite(hi)):
            raise UndecidedError(f"the loss is in [{lo}, {hi}], beyond what floats tell: nothing encloses it")
        return Enclosure(max(Fraction(lo), Fraction(0)), Fraction(hi))

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        return self.end == "target-reached"

    @property
    def held(self) -> bool:
        """Whether the promise is kept at every iterate so far."""
        return self.end in ("target-reached", "iterations")

    @property
    def tightness(self) -> float | None:
        """The guaranteed rate in shares of the observed one; at most 1, if the promise is kept."""
        return self.recipe.rate / self.observed_rate if self.observed_rate else None

    def __repr__(self) -> str:
        """Shows the end, the steps and the loss."""
        return f"Training(end={self.end!r}, iterations={self.iterations}, loss={self._loss()})"

    def _loss(self) -> str:
        try:
            return "[{}, {}]".format(*self.loss.decimal(4))
        except UndecidedError:
            return "not bounded"

    def _repr_html_(self) -> str:
        """Shows a table, in notebooks."""
        rows = [
            ("end", self.end),
            ("steps", f"{self.iterations} of {self.recipe.iterations} promised"),
            ("loss at the start", repr(float(self.losses[0]))),
            ("loss", self._loss()),
            ("promised", repr(float(self.envelope[-1]))),
        ]
        if self.tightness is not None:
            rows.append(("tightness", f"{self.tightness:.3f}"))
        if self.broken is not None:
            rows.append(("broken", self.broken))
        cells = "".join(f"<tr><th>{_escaped(name)}</th><td>{_escaped(value)}</td></tr>" for name, value in rows)
        return f"<table><caption>Training</caption>{cells}</table>"


def train(
    recipe: Recipe,
    x: object,
    y: object,
    *,
    steps: int | None = None,
    resume: Training | None = None,
    max_gib: float = 8.0,
    max_hours: float = 0.5,
    progress: Callable[[Progress], object] | None = None,
) -> Training:
    """Trains the network of a recipe by gradient descent, and holds it to its promise at every iterate.

    The recipe is proved again first, by other means than it was made with.

    Parameters
    ----------
    recipe : Recipe
    x : array_like, shape (N, d)
    y : array_like, shape (N, d') or (N,)
        The data of the recipe, to the last bit.
    steps : int, optional
        The most steps in all, those of `resume` included; until the target is reached, if none is given.
    resume : Training, optional
        An earlier training by this recipe, to go on from.
    max_gib, max_hours : float
        A training that is estimated to take more is refused.
    progress : callable, optional
        Called with a `Progress` some times a second: its stage has the loss and what was promised of it, its units are steps.

    Returns
    -------
    Training

    Raises
    ------
    RecipeError
        Other data than those of the recipe.
    ReportError
        A recipe that is not proved again, or a training of another recipe.
    MemoryLimitError
        More memory or time than is allowed, or more memory than is there.
    ArrayError, DtypeError
        Arrays of a wrong shape, or of something else than finite real numbers.
    OptionError
        An option out of range.

    Notes
    -----
    Theorems P8, P8b.filtered and P10. Ctrl-C ends the training within 0.2 s, and what was trained is lost: to keep it, train in
    pieces, with `steps` and `resume`.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0]], [1.0, 0.0, 1.0]
    >>> made = polyak.recipe(x, y, "gaussian:0.5", realised=True, frequencies=40, depth=3)
    >>> some = polyak.train(made, x, y, steps=3)
    >>> some.end, some.iterations
    ('iterations', 3)
    >>> polyak.train(made, x, y, resume=some).reached
    True
    """
    if not isinstance(recipe, Recipe):
        raise OptionError(f"`recipe` is {type(recipe).__name__}: give what polyak.recipe or Recipe.from_json returned")
    if resume is not None and not isinstance(resume, Training):
        raise OptionError(f"`resume` is {type(resume).__name__}: give what polyak.train returned")
    most = 2**63 if steps is None else _options.integer(steps, "steps", 0, 2**53)
    gib = _options.number(max_gib, "max_gib", 0.0, np.inf)
    hours = _options.number(max_hours, "max_hours", 0.0, np.inf)
    inputs = _arrays.points(x, "x")
    targets = _arrays.targets(y, inputs)
    kept = None if resume is None else resume.checkpoint
    found = _polyak.train(recipe.to_json(), inputs, targets, (most, gib, hours), kept, _options.told(progress))
    end, broken, losses, traces, observed, (layers, frequencies, lift, readout), checkpoint = found
    before = (None, None, None) if resume is None else (resume.losses_lo, resume.losses_hi, resume.envelope)
    lo, hi, envelope = (now if then is None else np.concatenate([then, now]) for then, now in zip(before, traces, strict=True))
    if not len(losses) == len(lo) == len(hi) == len(envelope):
        raise PolyakBug(f"a training of {len(losses)} losses has {len(envelope)} bounds of them: please report it")
    network = {"layers": layers, "frequencies": frequencies, "input": lift, "output": readout}
    arrays: list[npt.NDArray[np.float64]] = [losses, lo, hi, envelope, *network.values()]
    for array in arrays:
        array.flags.writeable = False
    return Training(
        recipe=recipe,
        end=end,
        broken=broken,
        losses=losses,
        losses_lo=lo,
        losses_hi=hi,
        envelope=envelope,
        observed_rate=observed,
        network=network,
        checkpoint=checkpoint,
    )
