"""Ctrl-C, callbacks, panics, threads, fork."""

import concurrent.futures
import functools
import multiprocessing
import os
import signal
import threading
import time
import warnings

import numpy as np
import pytest

import polyak
from polyak import _polyak

#: Seconds until a signal is heard. On an idle machine 0.2 are promised, and POLYAK_TEST_SOON=0.2 holds the package to it; a machine
#: that is busy with other things is given more.
SOON = float(os.environ.get("POLYAK_TEST_SOON", "5"))


@pytest.fixture(autouse=True)
def listening():
    """Whoever starts tests in the background has Ctrl-C ignored, and Python leaves it at that."""
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, old)


def interrupted(call, after=0.15):
    """Sends SIGINT to this process while `call` runs; returns the seconds from the signal to the exception."""
    sent = []

    def send():
        time.sleep(after)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    with pytest.raises(KeyboardInterrupt):
        sender.start()
        call()
        # A call that ended before the signal is no test.
        time.sleep(5)
        pytest.fail("the call ended before the signal")
    heard = time.monotonic()
    sender.join()
    return heard - sent[0]


def on_a_line(count):
    return ((np.arange(1, count + 1) * 0.6180339887498949) % 1.0)[:, None]


def data_of_recipe(count=100):
    """Inputs and targets."""
    x = np.random.default_rng(3).normal(size=(count, 5))
    return x, np.sin(x[:, :2])


@functools.cache
def long_recipe():
    """A recipe that is soon proved again, and whose training takes long."""
    return polyak.recipe(*data_of_recipe(), "gaussian:0.4", realised=True, frequencies=300, depth=150, target=1e-9)


def wide_network():
    rng = np.random.default_rng(0)
    layers, frequencies = rng.normal(size=(16, 7, 8000)), rng.normal(size=(4000, 7))
    return {"layers": 0.01 * layers, "frequencies": frequencies, "input": np.eye(7, 5), "output": np.eye(2, 7, 5)}


@pytest.mark.parametrize("deaf", [False, True])
def test_control_c_is_heard(deaf):
    assert interrupted(lambda: _polyak.endless(deaf)) < SOON
    # The next work is not held up by what was left behind.
    began = time.monotonic()
    assert 1 in polyak.smallest_eigenvalue([[1.0]])
    assert time.monotonic() - began < 5 * SOON


@pytest.mark.parametrize(
    "call",
    [
        lambda: polyak.smallest_eigenvalue(on_a_line(400), kernel="gaussian:1", max_bits=8192),
        lambda: polyak.smallest_eigenvalue(on_a_line(6000), kernel="laplace:1", digits=9),
        lambda: polyak.wasserstein(np.random.default_rng(0).normal(size=(6000, 3)), np.random.default_rng(1).normal(size=(6000, 3))),
        lambda: polyak.features_needed(on_a_line(1800), "laplace:0.001"),
        lambda: polyak.verify(effort="thorough"),
        lambda: polyak.train(long_recipe(), *data_of_recipe(), max_hours=9.0),
        lambda: polyak.recipe(*data_of_recipe(1200), "gaussian:0.4", realised=True, frequencies=20_000),
        lambda: polyak.check(wide_network(), *data_of_recipe(), scale="1/(D*sqrt(m))"),
        lambda: polyak.prove_smallest(on_a_line(3000), "laplace:0.001", 0.5, tiles=np.eye(3000)),
        lambda: polyak.jitter(on_a_line(6000), kernel="laplace:1"),
    ],
    ids=["bits", "f64", "transport", "width", "verify", "train", "recipe", "check", "factor", "jitter"],
)
def test_control_c_is_heard_by_work(call):
    assert interrupted(call) < SOON


@pytest.mark.parametrize(
    "call",
    [
        "polyak.smallest_eigenvalue(line, kernel='gaussian:1', max_bits=8192)",
        "polyak.wasserstein(x, y)",
        "polyak.wasserstein(x, y, x_weights=np.arange(4000) + 1)",
        "polyak.verify('pl', effort='thorough')",
        "polyak.train(made, x[:100], y[:100], max_hours=9.0)",
        "polyak.prove_smallest(x, 'laplace:0.001', 0.5, tiles=np.eye(4000))",
        "polyak.prove_smallest(x, 'laplace:0.001', 0.5, side=100, tiles=lambda i, j: np.eye(100))",
    ],
)
def test_what_hears_its_token_leaves_no_work_behind(python, call):
    """Soon after the signal the process is idle."""
    made = None
    if "made" in call:
        options = "realised=True, frequencies=300, depth=150, target=1e-9"
        made = f"polyak.recipe(x[:100], y[:100], 'gaussian:0.4', {options})"
    code = f"""
        import os, signal, threading, time
        import numpy as np, polyak
        line = ((np.arange(1, 401) * 0.6180339887498949) % 1.0)[:, None]
        x, y = (np.random.default_rng(seed).normal(size=(4000, 3)) for seed in (0, 1))
        made = {made}
        threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            {call}
            raise SystemExit("the call ended before the signal")
        except KeyboardInterrupt:
            time.sleep(3.0)
            before = time.process_time()
            time.sleep(0.5)
            print(time.process_time() - before)
    """
    assert float(python(code)) < 0.05


def test_a_handler_of_signals_decides():
    heard = []
    old = signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    try:
        timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
        timer.start()
        # A handler that does not raise does not end the work.
        found = polyak.smallest_eigenvalue(on_a_line(120), kernel="gaussian:0.5", digits=2)
        timer.join()
        assert found.reached and heard == [1]
    finally:
        signal.signal(signal.SIGUSR1, old)


def test_a_callback_sees_progress():
    seen = []
    found = polyak.smallest_eigenvalue(on_a_line(150), kernel="gaussian:0.5", digits=2, progress=seen.append)
    assert found.reached and seen
    assert all(isinstance(each, polyak.Progress) for each in seen)
    assert all(each.total is None or 0 <= each.done <= each.total for each in seen)
    assert any("bits" in each.stage for each in seen)


def test_a_callback_that_raises_ends_the_work():
    def raising(_):
        raise ZeroDivisionError("enough")

    began = time.monotonic()
    with pytest.raises(ZeroDivisionError, match="enough"):
        polyak.smallest_eigenvalue(on_a_line(500), kernel="gaussian:1", max_bits=8192, progress=raising)
    assert time.monotonic() - began < 5 * SOON
    with pytest.raises(polyak.OptionError, match="progress"):
        polyak.smallest_eigenvalue([[1.0]], progress=3)


def test_a_panic_is_a_bug_of_ours():
    with pytest.raises(polyak.PolyakBug, match=r"on purpose.*report it") as caught:
        _polyak.mistaken()
    assert "work.rs" in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert 0 in polyak.smallest_eigenvalue([[0.0]])


def test_a_panic_prints_nothing(python):
    code = "import polyak\ntry: polyak._polyak.mistaken()\nexcept polyak.PolyakBug: pass"
    assert python(code) == ""


def test_a_process_ends_beside_work_that_was_left_behind(python):
    code = """
        import os, signal, sys, threading
        import polyak
        threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            polyak._polyak.endless(True)
        except KeyboardInterrupt:
            print("heard")
    """
    began = time.monotonic()
    assert python(code) == "heard\n"
    # The work would have taken two seconds; an idle machine starts Python in less than one and a half.
    assert SOON > 0.2 or time.monotonic() - began < 1.8


def test_a_callback_may_call_back():
    threads = polyak.get_num_threads()
    polyak.set_num_threads(1)
    try:
        found = []
        call = lambda _: found.append(2 in polyak.smallest_eigenvalue([[2.0]]))  # noqa: E731
        assert polyak.smallest_eigenvalue(on_a_line(120), kernel="gaussian:0.5", digits=2, progress=call).reached
        assert found and all(found)
    finally:
        polyak.set_num_threads(threads)


def test_the_interpreter_is_let_go():
    """Another thread of Python goes on while the work runs."""
    count = 0
    done = threading.Event()

    def counting():
        nonlocal count
        while not done.is_set():
            count += 1
            time.sleep(0.001)

    other = threading.Thread(target=counting)
    other.start()
    polyak.smallest_eigenvalue(on_a_line(200), kernel="gaussian:0.5", digits=2)
    done.set()
    other.join()
    assert count > 20


def everything(seed=0):
    """Numbers of every function, to the last bit."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(300, 3)), rng.normal(size=(300, 3))
    found = polyak.wasserstein(x, y)
    few = x[:12], y[:12, :1]
    made = polyak.recipe(*few, "gaussian:0.7", realised=True, frequencies=60, depth=3)
    done = polyak.train(made, *few)
    factor = np.linalg.cholesky(polyak.gram(x, "matern12:0.5") - 0.01 * np.eye(300))

    def tile(i, j):
        return factor[50 * i : 50 * i + 50, 50 * j : 50 * j + 50]

    return (
        made.to_json(),
        done.checkpoint,
        polyak.check(done.network, *few, scale="1/(D*sqrt(m))"),
        polyak.prove_smallest(x, "matern12:0.5", 0.01, tiles=factor, side=50).exact,
        polyak.prove_smallest(x, "matern12:0.5", 0.01, tiles=tile, side=50).exact,
        polyak.jitter(x, kernel="gaussian:5"),
        polyak.gram(x, "matern32:1.2").tobytes(),
        polyak.smallest_eigenvalue(x, kernel="gaussian:1", digits=8).exact,
        polyak.largest_eigenvalue(polyak.gram(x, "laplace:1")).exact,
        polyak.estimate_smallest(x, kernel="laplace:1"),
        found.exact,
        found.targets.tobytes(),
        found.source_potentials.tobytes(),
        polyak.conditional_distance([x, y], [y, x]).exact,
        polyak.features_needed(x[:40], "laplace:1", empirical=True, models=20),
        polyak.verify("K4", effort="quick", samples=20).to_json(),
    )


def test_results_are_the_same_for_any_number_of_threads():
    threads = polyak.get_num_threads()
    try:
        found = []
        for number in (1, 2, 5):
            polyak.set_num_threads(number)
            assert polyak.get_num_threads() == number
            found.append(everything())
        assert found[0] == found[1] == found[2]
    finally:
        polyak.set_num_threads(threads)


@pytest.mark.parametrize("number", [-1, 1025, 2.0, "2", True, None])
def test_numbers_of_threads_are_checked(number):
    with pytest.raises(polyak.OptionError, match="number"):
        polyak.set_num_threads(number)


def test_threads_of_python_work_side_by_side():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: everything(), range(4)))
    assert all(each == found[0] for each in found)


def _in_a_child(_):
    return everything()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_works():
    here = everything()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            found = pool.map_async(_in_a_child, range(2)).get(timeout=120)
    assert found == [here, here]
    assert everything() == here


@pytest.mark.parametrize("kind", ["spawn", "thread", "dask"])
def test_verification_in_parts_is_that_in_one(kind):
    here = polyak.verify("K4", "E1", effort="quick", samples=20, seed=3)
    if kind == "dask":
        dask = pytest.importorskip("distributed", reason="dask.distributed is not installed")
        cluster = dask.LocalCluster(2, threads_per_worker=1, dashboard_address=None, processes=False)
        with cluster, dask.Client(cluster) as client:
            there = polyak.verify("K4", "E1", effort="quick", samples=20, seed=3, executor=client, parts=3)
        assert there == here
        return
    if kind == "spawn":
        executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    else:
        executor = concurrent.futures.ThreadPoolExecutor(2)
    with executor:
        there = polyak.verify("K4", "E1", effort="quick", samples=20, seed=3, executor=executor, parts=3)
    assert there == here


def test_memory_is_flat(python):
    """Resident memory after 10⁴ calls is that after the first ones."""
    code = """
        import numpy as np, polyak
        x = np.random.default_rng(0).normal(size=(20, 3))
        a = polyak.gram(x, "laplace:1")
        made = polyak.recipe(x[:6], x[:6], "gaussian:0.5", realised=True, frequencies=30, depth=2)
        network = polyak.train(made, x[:6], x[:6], steps=2).network
        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * 4096
        def calls(number):
            for k in range(number):
                # Those that take longer less often.
                match k % 9 if k % 90 < 9 else k % 5:
                    case 0: polyak.smallest_eigenvalue(a)
                    case 1: polyak.gram(x, "gaussian:1")
                    case 2: polyak.wasserstein(x, x[::-1])
                    case 3:
                        try: polyak.gram(np.full((2, 2), np.nan), "gaussian:1")
                        except polyak.ArrayError: pass
                    case 4:
                        try: polyak._polyak.mistaken()
                        except polyak.PolyakBug: pass
                    case 5: polyak.train(made, x[:6], x[:6], steps=2)
                    case 6: polyak.check(network, x[:6], x[:6], scale=0.5, max_order=0)
                    case 7: polyak.prove_smallest(x, "laplace:1", 0.0, tiles=lambda i, j: np.zeros((10, 10)), side=10)
                    case 8:
                        try: polyak.check({**network, "bias": x}, x[:6], x[:6], scale=0.5)
                        except polyak.NetworkError: pass
        calls(1000)
        before = resident()
        calls(10_000)
        print(resident() - before)
    """
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("this system does not say how much memory is resident")
    assert int(python(code)) < 4 << 20
