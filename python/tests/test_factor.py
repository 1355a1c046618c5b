"""Factors of other engines, and jitter."""

import concurrent.futures
import functools
import multiprocessing
import os
import signal
import threading
import time

import numpy as np
import pytest

import polyak

N, SIDE, KERNEL = 150, 32, "matern12:0.5"
POINTS = np.random.default_rng(0).normal(size=(N, 3))
GRAM = polyak.gram(POINTS, KERNEL)
SMALLEST = np.linalg.eigvalsh(GRAM)[0]
SHIFT = 0.9 * SMALLEST
FACTOR = np.linalg.cholesky(GRAM - SHIFT * np.eye(N))


def tile(factor, side, i, j):
    return factor[side * i : side * i + side, side * j : side * j + side]


TILES = functools.partial(tile, FACTOR, SIDE)


def test_a_factor_encloses_the_eigenvalue():
    exact = polyak.smallest_eigenvalue(POINTS, kernel=KERNEL)
    for tiles, side in ((TILES, SIDE), (FACTOR, 256), (FACTOR, SIDE), (np.asfortranarray(FACTOR), SIDE), (FACTOR.tolist(), SIDE)):
        found = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=tiles, side=side)
        assert found.exact[0] <= exact.exact[1] and exact.exact[0] <= found.exact[1]
        assert SHIFT * (1 - 1e-9) < found.lo < SHIFT and found.hi < SMALLEST * (1 + 1e-6)
        assert found.shift == SHIFT and found.residual + found.rounding + found.entries < 1e-10
        assert found.kernel == KERNEL and found.positive and "shift" in repr(found)
    assert found == polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=TILES, side=SIDE)


def test_a_matrix_is_meant_exactly():
    found = polyak.prove_smallest(GRAM, None, SHIFT, tiles=TILES, side=SIDE)
    assert found.entries == 0 and found.kernel is None and found.positive


def test_a_wrong_factor_costs_the_bound_and_not_the_truth():
    wrong = FACTOR.copy()
    wrong[100, 20] += 0.01
    found = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=wrong, side=SIDE)
    assert found.residual > 0.005 and found.lo < SHIFT - 0.005
    exact = polyak.smallest_eigenvalue(POINTS, kernel=KERNEL)
    assert found.exact[0] <= exact.exact[0] and exact.exact[1] <= found.exact[1] * 2
    # What is above the diagonal does not count.
    above = FACTOR + np.triu(np.ones((N, N)), 1)
    assert polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=above) == polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=FACTOR)


def test_factors_in_single_precision():
    single = np.linalg.cholesky((GRAM - SHIFT * np.eye(N)).astype(np.float32))
    wide = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=single, side=SIDE)
    sharp = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=single, side=SIDE, single=True)
    assert sharp.lo >= wide.lo and sharp.positive
    with pytest.raises(polyak.ArrayError, match="no f32"):
        polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=FACTOR, side=SIDE, single=True)


def test_a_vector_for_the_upper_end():
    vector = np.linalg.eigh(GRAM)[1][:, 0]
    found = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=TILES, side=SIDE, vector=vector)
    poor = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=TILES, side=SIDE, vector=np.ones(N))
    assert SMALLEST * (1 - 1e-9) < found.hi < SMALLEST * (1 + 1e-9) < poor.hi
    with pytest.raises(polyak.ArrayError):
        polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=TILES, side=SIDE, vector=np.zeros(N))


def test_tiles_are_asked_on_the_thread_that_called():
    seen = set()

    def tiles(i, j):
        seen.add(threading.get_ident())
        assert 0 <= j <= i < -(-N // SIDE)
        return TILES(i, j)

    assert polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=tiles, side=SIDE).positive
    assert seen == {threading.get_ident()}


def test_tiles_may_call_back():
    threads = polyak.get_num_threads()
    polyak.set_num_threads(1)
    try:

        def tiles(i, j):
            rows = slice(SIDE * i, SIDE * i + SIDE), slice(SIDE * j, SIDE * j + SIDE)
            assert np.array_equal(polyak.gram(POINTS, KERNEL)[rows], GRAM[rows])
            return FACTOR[rows]

        assert polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=tiles, side=SIDE).positive
    finally:
        polyak.set_num_threads(threads)


class Changing:
    def __init__(self):
        self.count = 0

    def __call__(self, i, j):
        self.count += 1
        return TILES(i, j) * (1 + 1e-9 * self.count)


def raising(i, j):
    raise ZeroDivisionError("no such tile")


@pytest.mark.parametrize(
    ("tiles", "error", "words"),
    [
        (raising, ZeroDivisionError, "no such tile"),
        (Changing(), polyak.ArrayError, "changed"),
        (lambda i, j: TILES(i, j)[:-1], polyak.ArrayError, "should be"),
        (lambda i, j: TILES(i, j) * np.nan, polyak.ArrayError, "NaN"),
        (lambda i, j: None, polyak.DtypeError, r"tiles\(\d, \d\)"),
        (lambda i, j: "tile", polyak.DtypeError, "str"),
        (lambda: 0, TypeError, "argument"),
        (FACTOR[:-1], polyak.ArrayError, "149 × 150"),
        (FACTOR[:-1, :-1], polyak.ArrayError, "149"),
        ("folder", polyak.DtypeError, "str"),
        (FACTOR * 1e200, polyak.ArrayError, "range"),
    ],
)
def test_what_is_no_factor_is_refused(tiles, error, words):
    with pytest.raises(error, match=words):
        polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=tiles, side=SIDE)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"shift": float("nan")}, polyak.OptionError),
        ({"side": 0}, polyak.OptionError),
        ({"single": 1}, polyak.OptionError),
        ({"parts": 0}, polyak.OptionError),
        ({"kernel": "gauss:1"}, polyak.KernelError),
        ({"a": POINTS[:-1]}, polyak.ArrayError),
        ({"a": POINTS * np.inf}, polyak.PolyakError),
        ({"a": POINTS[:0]}, polyak.ArrayError),
        ({"a": GRAM[:, :3], "kernel": None}, polyak.ArrayError),
        ({"a": np.triu(GRAM), "kernel": None}, polyak.ArrayError),
    ],
)
def test_options_are_checked(options, error):
    given = {"a": POINTS, "kernel": KERNEL, "shift": SHIFT, "tiles": TILES, "side": SIDE, **options}
    with pytest.raises(error):
        polyak.prove_smallest(given.pop("a"), given.pop("kernel"), given.pop("shift"), **given)


@pytest.mark.parametrize("kind", ["spawn", "thread", "dask"])
@pytest.mark.parametrize("tiles", [TILES, FACTOR], ids=["function", "array"])
def test_a_proof_in_parts_is_that_in_one(kind, tiles):
    here = polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=tiles, side=SIDE)
    prove = functools.partial(polyak.prove_smallest, POINTS, KERNEL, SHIFT, tiles=tiles, side=SIDE)
    if kind == "dask":
        dask = pytest.importorskip("distributed", reason="dask.distributed is not installed")
        cluster = dask.LocalCluster(2, threads_per_worker=1, dashboard_address=None, processes=False)
        with cluster, dask.Client(cluster) as client:
            assert prove(executor=client, parts=3) == here
        return
    if kind == "spawn":
        executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    else:
        executor = concurrent.futures.ThreadPoolExecutor(2)
    with executor:
        # More parts than rows of tiles, too.
        seen = []
        assert prove(executor=executor, parts=3, progress=seen.append) == here == prove(executor=executor, parts=9)
    assert seen[-1] == polyak.Progress("parts", 3, 3)


def test_control_c_between_tiles():
    old = signal.signal(signal.SIGINT, signal.default_int_handler)

    def slow(i, j):
        time.sleep(0.02)
        return tile(FACTOR, 8, i, j)

    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            timer.start()
            polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=slow, side=8)
            time.sleep(5)
    finally:
        signal.signal(signal.SIGINT, old)
    assert polyak.prove_smallest(POINTS, KERNEL, SHIFT, tiles=TILES, side=SIDE).positive


LINE = np.linspace(0, 1, 40)[:, None]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, "float64", "f4"])
def test_factorisations_complete_with_the_jitter(dtype):
    found = polyak.jitter(LINE, kernel="gaussian:1", dtype=dtype)
    matrix, epsilon = polyak.gram(LINE, "gaussian:1").astype(dtype), np.dtype(dtype).type(found.completes_from)
    assert found.dtype == np.dtype(dtype).name and found.exact == found.completes_from
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky(matrix)
    for times in (1, 3, 1000):
        np.linalg.cholesky(matrix + np.dtype(dtype).type(times * epsilon) * np.eye(40, dtype=dtype))
    assert 0 < found.completes_from < 1e5 * np.finfo(dtype).eps and found.breaks_below == 0
    assert found.smallest.positive and "completes from" in found._repr_html_()


def test_factorisations_break_down_below_the_other():
    found = polyak.jitter([[1.0, 2.0], [2.0, 1.0]])
    assert 0.99999 < found.breaks_below < 1 < found.completes_from < 1.00001
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky(np.array([[1.0, 2.0], [2.0, 1.0]]) + found.breaks_below * np.eye(2))
    assert polyak.jitter(2 * np.eye(3)).completes_from == 0
    wide = polyak.jitter(2 * np.eye(3), within=3.0)
    assert 1 < wide.completes_from < 1.001 and wide.entries_within >= 3


def test_jitter_is_refused():
    for options in ({"dtype": "float16"}, {"dtype": 3}, {"dtype": None, "within": -1.0}, {"dtype": object()}):
        with pytest.raises(polyak.PolyakError):
            polyak.jitter(np.eye(2), **options)
    for within in (-1.0, np.nan, np.inf, "1", True):
        with pytest.raises(polyak.OptionError, match="within"):
            polyak.jitter(np.eye(2), within=within)
    with pytest.raises(polyak.ArrayError, match="scale"):
        polyak.jitter(1e150 * np.eye(2))
    with pytest.raises(polyak.ArrayError, match="kernel="):
        polyak.jitter(np.ones((3, 2)))
