"""Calls with anything: each gives a result, or an error of this package that is no bug.

``POLYAK_HOSTILE=100000 pytest tests/test_hostile.py`` makes so many calls: one in twenty as Hypothesis drew it, the others of
arguments that it drew for other calls of the same function, since drawing takes much longer than calling.
"""

import math
import os
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import polyak

CALLS = int(os.environ.get("POLYAK_HOSTILE", "600"))

#: Calls of arguments that were drawn for others, beside each that was drawn.
MIXED = 19 if CALLS > 600 else 0

DTYPES = st.one_of(
    st.sampled_from(["f8", "f8", "f8", ">f8", "f4", "f2", "g", "i8", "u8", "i1", "?", "c16", "O", "U3", "M8[s]"]),
    arrays.scalar_dtypes(),
)
SHAPES = st.one_of(
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    st.integers(1, 6).map(lambda n: (n, n)),
)
NUMBERS = st.one_of(
    st.floats(-10, 10),
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 5e-324, 1e308, -0.0, 1e150, 1e-200]),
)


class Subclass(np.ndarray):
    """An array that may mean anything."""


LAYOUTS = (
    lambda a: a,
    lambda a: a,
    lambda a: a.T,
    lambda a: a[::-1] if a.ndim else a,
    lambda a: a[..., ::2] if a.ndim else a,
    np.asfortranarray,
    lambda a: np.ma.MaskedArray(a, mask=np.zeros(a.shape, bool)),
    lambda a: np.ma.MaskedArray(a, mask=np.ones(a.shape, bool)),
    lambda a: a.view(Subclass),
    lambda a: a.tolist(),
    lambda a: np.broadcast_to(a, (3, *a.shape)),
    lambda a: (a + a.T) / 2 if a.ndim == 2 and a.shape[0] == a.shape[1] and a.dtype == np.float64 else a,
    lambda a: memoryview(a) if a.dtype == np.float64 else a,
)


def frozen(array):
    if isinstance(array, np.ndarray) and array.flags.owndata:
        array.flags.writeable = False
    return array


def laid_out(array, layout):
    with np.errstate(all="ignore"):
        return layout(array)


NONSENSE = st.sampled_from(
    [None, True, 0, -1, 3.5, 1j, "", "gaussian:1", "\0\ud800", b"1", [], {}, set(), object(), type, len, Fraction(1, 3), ..., 10**400]
)
ARRAYS = st.builds(
    laid_out,
    st.one_of(
        arrays.arrays(np.float64, SHAPES, elements=NUMBERS).map(frozen),
        arrays.arrays(np.float64, SHAPES, elements=st.floats(-3, 3)),
        arrays.arrays(DTYPES, SHAPES),
    ),
    st.sampled_from(LAYOUTS),
)
ANYTHING = st.one_of(ARRAYS, ARRAYS, ARRAYS, ARRAYS, ARRAYS, NONSENSE, st.recursive(NUMBERS, st.lists, max_leaves=8))
WORDS = st.text("gausinmter:0123456789.,()/*q \0λ", max_size=14)
KERNELS = st.one_of(
    st.sampled_from(
        ["gaussian:1", "laplace:0.5", "matern32:1e-300", "matern52:auto", "matern72:1e300", "imq(3/2):1", "imq(0.3):2"]
        + ["polynomial(3):1", "linear", "gaussian:1,2", "gaussian:0.5*auto", "gaussian:-1", "polynomial(16):1e300"]
    ),
    WORDS,
    st.builds("gaussian:{}".format, NUMBERS),
    NONSENSE,
)
OPTION = st.one_of(st.integers(-3, 20), NUMBERS, NONSENSE)


def options(**known):
    return st.fixed_dictionaries({}, optional=known)


DATA = np.array([[0.0], [1.0], [2.5]]), np.array([[1.0], [-1.0], [0.5]])
RECIPE = polyak.recipe(*DATA, "gaussian:0.5", realised=True, frequencies=20, depth=2)
TRAINING = polyak.train(RECIPE, *DATA, steps=2)
BLOCKS = {
    "outer": 0.1 * np.ones((2, 2, 3)),
    "inner": np.ones((2, 3, 2)),
    "bias": np.zeros((2, 3)),
    "input": np.eye(2, 1),
    "output": np.eye(1, 2, 1),
}
TILES = st.one_of(
    st.builds(lambda given: lambda row, column: given, ANYTHING),
    st.just(lambda row, column: np.eye(2)),
    st.just(lambda row: row),
    st.just(len),
)
NAMES = st.one_of(
    st.sampled_from(["layers", "layers.0", "layers.{}", "layers_1", "kernel", "input.weight", "output", "scale", "loss", "{}"]),
    WORDS,
    NONSENSE.filter(lambda name: name.__hash__ is not None),
)
#: Networks with some arrays put in another's place.
STATES = st.one_of(
    st.builds(
        lambda known, more, without: {name: array for name, array in {**known, **more}.items() if name != without},
        st.sampled_from([TRAINING.network, BLOCKS, {"params": TRAINING.network}]),
        st.dictionaries(NAMES, st.one_of(ANYTHING, st.dictionaries(NAMES, ANYTHING, max_size=2)), max_size=2),
        NAMES,
    ),
    st.lists(st.sampled_from([TRAINING.network, BLOCKS]), max_size=3),
    ANYTHING,
)


BITS = st.one_of(st.sampled_from([0, 128, 192]), NONSENSE)
SPECTRAL = {"digits": OPTION, "max_gib": st.one_of(st.just(8.0), OPTION), "progress": st.one_of(st.just(print), NONSENSE)}
CALLS_OF = {
    "smallest_eigenvalue": st.tuples(
        st.tuples(ANYTHING),
        st.builds(
            lambda kernel, bits, more: {"kernel": kernel, "max_bits": bits, **more},
            st.one_of(st.none(), KERNELS),
            BITS,
            options(max_seconds=st.one_of(st.none(), OPTION), **SPECTRAL),
        ),
    ),
    "largest_eigenvalue": st.tuples(st.tuples(ANYTHING), st.builds(lambda k: {"kernel": k, "max_bits": 128}, KERNELS)),
    "condition": st.tuples(st.tuples(ANYTHING), st.builds(lambda k: {"kernel": k, "max_bits": 128}, KERNELS)),
    "estimate_smallest": st.tuples(st.tuples(ANYTHING), options(kernel=KERNELS, **SPECTRAL)),
    "gram": st.tuples(st.tuples(ANYTHING, KERNELS), st.just({})),
    "wasserstein": st.tuples(
        st.tuples(ANYTHING, ANYTHING), options(p=st.one_of(st.just(1), OPTION), x_weights=ANYTHING, y_weights=ANYTHING)
    ),
    "conditional_distance": st.tuples(
        st.one_of(
            st.tuples(ANYTHING, ANYTHING), st.tuples(st.lists(ANYTHING, max_size=3), st.lists(ANYTHING, max_size=3))
        ),
        st.just({}),
    ),
    "features_needed": st.tuples(
        st.tuples(ANYTHING, KERNELS),
        options(epsilon=OPTION, failure=OPTION, seed=OPTION, models=st.integers(0, 2)),
    ),
    "jitter": st.tuples(
        st.tuples(ANYTHING),
        st.builds(
            lambda kernel, more: {"kernel": kernel, "max_bits": 128, **more},
            st.one_of(st.none(), KERNELS),
            options(dtype=st.one_of(st.sampled_from(["float32", "f8", "i4", ">f8"]), NONSENSE), within=OPTION),
        ),
    ),
    "prove_smallest": st.tuples(
        st.tuples(ANYTHING, st.one_of(st.none(), KERNELS), OPTION),
        st.builds(
            lambda tiles, more: {"tiles": tiles, **more},
            st.one_of(ANYTHING, TILES),
            options(side=st.one_of(st.integers(1, 3), OPTION), single=st.one_of(st.booleans(), NONSENSE), vector=ANYTHING),
        ),
    ),
    "recipe": st.tuples(
        st.tuples(ANYTHING, ANYTHING, KERNELS),
        st.builds(
            lambda more: {"realised": True, "frequencies": 20, "depth": 2, **more},
            options(
                realised=st.booleans(),
                frequencies=st.one_of(st.none(), st.integers(1, 60), NONSENSE.filter(lambda x: x != 10**400)),
                depth=st.one_of(st.integers(-1, 4), NONSENSE),
                target=OPTION,
                failure=OPTION,
                headroom=OPTION,
                seed=OPTION,
            ),
        ),
    ),
    "train": st.tuples(
        st.tuples(
            st.one_of(st.just(RECIPE), NONSENSE),
            st.one_of(st.just(DATA[0]), ANYTHING),
            st.one_of(st.just(DATA[1]), ANYTHING),
        ),
        options(
            steps=st.one_of(st.integers(0, 5), OPTION),
            resume=st.one_of(st.none(), st.just(TRAINING), NONSENSE),
            max_gib=OPTION,
            max_hours=OPTION,
        ),
    ),
    "check": st.tuples(
        st.tuples(STATES, st.one_of(st.just(DATA[0]), ANYTHING), st.one_of(st.just(DATA[1]), ANYTHING)),
        options(
            scale=st.one_of(st.sampled_from(["1/D", "1/(D*sqrt(m))", 0.5, 1e-300, 1e300]), WORDS, OPTION),
            activation=st.one_of(st.sampled_from(["tanh", "relu", "cosine"]), NONSENSE),
            target=OPTION,
            names=st.one_of(st.dictionaries(NAMES, NAMES, max_size=2), NONSENSE),
            max_order=st.one_of(st.integers(0, 3), NONSENSE),
            max_steps=st.one_of(st.integers(1, 50), NONSENSE),
        ),
    ),
    "claims": st.tuples(st.lists(st.one_of(WORDS, NONSENSE), max_size=2), st.just({})),
    "set_num_threads": st.tuples(st.tuples(st.one_of(st.integers(-2, 3), NONSENSE.filter(lambda x: x != 10**400))), st.just({})),
}


@st.composite
def calls(draw):
    name = draw(st.sampled_from(sorted(CALLS_OF)))
    arguments, named = draw(CALLS_OF[name])
    return name, tuple(arguments), named


class Mixer:
    """Calls of a function with arguments that were drawn for other calls of it."""

    def __init__(self):
        self.drawn = {}
        self.random = random.Random(0)

    def mixed(self, call, number):
        name, *rest = call
        self.drawn.setdefault(name, []).append(rest)
        for _ in range(number):
            name = self.random.choice(sorted(self.drawn))
            known = self.drawn[name]
            arguments, named = self.random.choice(known)
            arguments = tuple(self._other(known, 0, place, given) for place, given in enumerate(arguments))
            yield name, arguments, {key: self._other(known, 1, key, given) for key, given in named.items()}

    def _other(self, known, half, place, given):
        other = self.random.choice(known)[half]
        there = place < len(other) if half == 0 else place in other
        return other[place] if there else given


MIXER = Mixer()


@settings(
    max_examples=CALLS // (1 + MIXED),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(calls())
def test_a_call_gives_a_result_or_an_error_of_this_package(capsys, call):
    made(*call)
    for name, arguments, named in MIXER.mixed(call, MIXED):
        note(f"{name}(*{arguments!r}, **{named!r})")
        made(name, arguments, named)


def made(name, arguments, named):
    try:
        found = getattr(polyak, name)(*arguments, **named)
    except polyak.PolyakBug:
        raise
    except polyak.PolyakError as refusal:
        assert len(str(refusal)) > 20
    except (TypeError, IndexError) as cause:
        # A function that was given raises what it raises.
        assert callable(named.get("tiles")) or callable(named.get("progress")), cause
    else:
        if isinstance(found, polyak.Enclosure):
            assert found.lo <= found.hi
            repr(found)


@pytest.fixture(autouse=True)
def same_threads():
    threads = polyak.get_num_threads()
    yield
    polyak.set_num_threads(threads)


@settings(max_examples=max(CALLS // 10, 60), deadline=None, database=None)
@given(st.one_of(st.text(max_size=30), st.binary(max_size=10), st.recursive(st.none() | st.floats() | st.text(), st.lists).map(str)))
def test_a_report_is_read_or_refused(text):
    with pytest.raises(polyak.ReportError):
        polyak.Report.from_json(text)


def test_lone_surrogates_are_refused():
    for call in (lambda: polyak.gram([[0.0]], "gaussian:\ud800"), lambda: polyak.claims("\ud800")):
        with pytest.raises(polyak.PolyakError):
            call()
    with pytest.raises(polyak.ReportError):
        polyak.Report.from_json("\ud800")
