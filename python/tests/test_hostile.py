"""Calls with anything: each gives a result, or an error of this package that is no bug.

``POLYAK_HOSTILE=100000 pytest tests/test_hostile.py`` makes so many calls.
"""

import math
import os
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import polyak

CALLS = int(os.environ.get("POLYAK_HOSTILE", "600"))

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
    "claims": st.tuples(st.lists(st.one_of(WORDS, NONSENSE), max_size=2), st.just({})),
    "set_num_threads": st.tuples(st.tuples(st.one_of(st.integers(-2, 3), NONSENSE.filter(lambda x: x != 10**400))), st.just({})),
}


@st.composite
def calls(draw):
    name = draw(st.sampled_from(sorted(CALLS_OF)))
    arguments, named = draw(CALLS_OF[name])
    return name, tuple(arguments), named


@settings(
    max_examples=CALLS,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(calls())
def test_a_call_gives_a_result_or_an_error_of_this_package(capsys, call):
    name, arguments, named = call
    try:
        found = getattr(polyak, name)(*arguments, **named)
    except polyak.PolyakBug:
        raise
    except polyak.PolyakError as refusal:
        assert len(str(refusal)) > 20
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
