"""What arrays are taken as they lie, what is converted exactly, and what is refused."""

import tracemalloc

import numpy as np
import pytest

import polyak
from polyak import _arrays

X = np.random.default_rng(0).normal(size=(30, 3))
GRAM = polyak.gram(X, "gaussian:1")


def same(points):
    return np.array_equal(polyak.gram(points, "gaussian:1"), GRAM)


def test_float64_in_order_is_not_copied():
    for array in (X, X[:5], X[:0], X.reshape(90, 1), np.empty((4, 0))):
        assert _arrays.points(array) is array
    for array in (GRAM, np.asfortranarray(GRAM), GRAM.T):
        taken = _arrays.matrix(array)
        assert taken is array
    frozen = X.copy()
    frozen.flags.writeable = False
    assert _arrays.points(frozen) is frozen and same(frozen)


def test_a_large_array_costs_no_memory_of_python():
    large = np.zeros((200_000, 4))
    tracemalloc.start()
    with pytest.raises(polyak.MemoryLimitError):
        polyak.smallest_eigenvalue(large, kernel="gaussian:1", max_gib=1e-3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < large.nbytes // 10


def test_layouts_give_the_same_numbers():
    strided = np.zeros((60, 6))[::2, ::2]
    strided[:] = X
    unaligned = np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(np.float64).reshape(X.shape)
    assert not unaligned.flags.aligned
    reversed_twice = X[::-1].copy()[::-1]
    for points in (
        np.asfortranarray(X),
        strided,
        unaligned,
        reversed_twice,
        X.astype(">f8"),
        X.tolist(),
        [list(map(np.float64, row)) for row in X],
        X.view(np.matrix),
        np.ma.MaskedArray(X),
        np.ma.MaskedArray(X, mask=np.zeros(X.shape, bool)),
        tuple(map(tuple, X)),
    ):
        assert same(points)
    assert not np.shares_memory(polyak.gram(X, "linear"), X)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u4", "i4", "i8", "u8", "f2", "f4", "?"])
def test_exact_conversions(dtype):
    points = np.arange(6).reshape(3, 2).astype(dtype)
    assert np.array_equal(polyak.gram(points, "laplace:1"), polyak.gram(points.astype(float), "laplace:1"))


@pytest.mark.parametrize(
    ("points", "error", "words"),
    [
        (X.astype(complex), polyak.DtypeError, "complex"),
        (X.astype(np.longdouble), polyak.DtypeError, "float64 would round"),
        (X.astype(object), polyak.DtypeError, "object"),
        (X.astype(str), polyak.DtypeError, "<U"),
        (X.astype("M8[s]"), polyak.DtypeError, "datetime"),
        (X.astype("m8[s]"), polyak.DtypeError, "timedelta"),
        (np.zeros((2, 2), [("a", float)]), polyak.DtypeError, "dtype"),
        (np.array([[2**53 + 1]]), polyak.ArrayError, "9007199254740993"),
        (np.array([[-(2**63)]]), polyak.ArrayError, "9223372036854775808"),
        (np.array([[2**64 - 1]], np.uint64), polyak.ArrayError, "18446744073709551615"),
        ([[2**70]], polyak.DtypeError, "object"),
        (X[0], polyak.ArrayError, r"one axis|1 axis.*reshape"),
        (X[None], polyak.ArrayError, "3 axes"),
        (3.0, polyak.ArrayError, "0 axes"),
        ([], polyak.ArrayError, "1 axis"),
        ([[1.0], [2.0, 3.0]], polyak.ArrayError, "equal length"),
        ("gaussian", polyak.DtypeError, "str"),
        (None, polyak.DtypeError, "NoneType"),
        ({1.0}, polyak.DtypeError, "set"),
        ({"a": 1}, polyak.DtypeError, "dict"),
        (object(), polyak.DtypeError, "object"),
        (np.ma.MaskedArray(X, mask=X > 0), polyak.ArrayError, "masks .* entries"),
        (np.recarray((2, 2), [("a", float)]), polyak.DtypeError, "recarray"),
        (np.empty((0, 3)), polyak.ArrayError, "no points"),
        ([[np.nan]], polyak.ArrayError, "coordinate 1 of point 1"),
        ([[0.0, 1.0], [0.0, -np.inf]], polyak.ArrayError, "coordinate 2 of point 2"),
    ],
)
def test_refusals(points, error, words):
    with pytest.raises(error, match=words) as caught:
        polyak.smallest_eigenvalue(points, kernel="gaussian:1")
    assert isinstance(caught.value, polyak.PolyakError)


def test_arrays_that_fail_are_refused():
    class Failing:
        def __array__(self, *_, **__):
            raise RuntimeError("it is on another device")

    with pytest.raises(polyak.ArrayError, match="another device"):
        polyak.gram(Failing(), "gaussian:1")


def test_sparse_matrices_are_refused():
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    with pytest.raises(polyak.DtypeError, match="toarray"):
        polyak.gram(sparse.eye(3).tocsr(), "gaussian:1")


def test_results_belong_to_the_caller():
    found = polyak.gram(X, "gaussian:1")
    found[0, 0] = 7.0
    assert polyak.gram(X, "gaussian:1")[0, 0] == 1.0
    plan = polyak.wasserstein(X, X[::-1])
    with pytest.raises(ValueError, match="read-only"):
        plan.targets[0] = 3


def test_an_array_that_is_deleted_meanwhile_stays():
    """The work keeps its array, whatever becomes of the name."""
    expected = polyak.smallest_eigenvalue(np.arange(300.0)[:, None], kernel="laplace:1", digits=9)
    found = polyak.smallest_eigenvalue(np.arange(300.0)[:, None], kernel="laplace:1", digits=9)
    assert found == expected
