"""Prints tables: accuracy and time against NumPy, SciPy, scikit-learn, POT and python-flint, on the same inputs in one run.

    python benchmarks/compare.py            # a minute or two
    python benchmarks/compare.py --threads 1

What is not installed is left out. Times are medians, in milliseconds. The truth of a column "off by" is a number that
rational or interval arithmetic proves, or the middle of an enclosure of 12 digits.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import polyak


def optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


scipy_linalg = optional("scipy.linalg")
scipy_optimize = optional("scipy.optimize")
sklearn_pairwise = optional("sklearn.metrics.pairwise")
sklearn_approximation = optional("sklearn.kernel_approximation")
ot = optional("ot")
flint = optional("flint")


def timed(call: Callable[[], Any], repeat: int = 5, least: float = 0.05) -> tuple[Any, float]:
    """Returns what a call gives, and the median of its milliseconds."""
    found = call()
    times = []
    began = time.perf_counter()
    while len(times) < repeat or time.perf_counter() - began < least:
        start = time.perf_counter()
        found = call()
        times.append(1e3 * (time.perf_counter() - start))
        if time.perf_counter() - began > 10:
            break
    return found, statistics.median(times)


def table(title: str, head: list[str], rows: list[list[str]]) -> None:
    print(f"\n### {title}\n")
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")


def ms(value: float) -> str:
    return f"{value:.3g}"


def flint_smallest(points: np.ndarray, bits: int) -> tuple[float, float]:
    """The interval that arb gives for the smallest eigenvalue of a Gaussian Gram matrix."""
    old, flint.ctx.prec = flint.ctx.prec, bits
    try:
        arb = flint.arb
        z = [[arb(float(x)) for x in row] for row in points]
        entries = [(-sum(((a - b) ** 2 for a, b in zip(x, y, strict=True)), arb(0)) / 2).exp() for x in z for y in z]
        matrix = flint.acb_mat(len(z), len(z), entries)
        values = [value.real for value in matrix.eig()]
        smallest = min(values, key=lambda value: float(value.mid()))
        return float(smallest.lower()), float(smallest.upper())
    finally:
        flint.ctx.prec = old


def eigenvalues() -> None:
    rows = []
    cases = [
        ("100 points in a cube, gaussian:0.3", np.random.default_rng(0).uniform(size=(100, 3)), "gaussian:0.3"),
        ("1000 points in a cube, laplace:0.3", np.random.default_rng(0).uniform(size=(1000, 3)), "laplace:0.3"),
        ("20 points on a line, gaussian:1", np.linspace(-1, 1, 20)[:, None], "gaussian:1"),
        ("40 points on a line, gaussian:1", np.linspace(-1, 1, 40)[:, None], "gaussian:1"),
    ]
    for name, points, kernel in cases:
        truth = polyak.smallest_eigenvalue(points, kernel=kernel, digits=12)
        middle = (truth.exact[0] + truth.exact[1]) / 2

        def off(value: float, middle: Any = middle) -> str:
            from fractions import Fraction

            return f"{float(abs(Fraction(value) - middle) / middle):.1e}"

        found, cost = timed(lambda p=points, k=kernel: polyak.smallest_eigenvalue(p, kernel=k))
        rows.append([name, "polyak, proved", f"[{', '.join(found.decimal(4))}]", off(found.mid), ms(cost)])
        found, cost = timed(lambda p=points, k=kernel: polyak.estimate_smallest(p, kernel=k))
        rows.append(["", "polyak, estimated", f"{found.value:.3e}", off(found.value), ms(cost)])
        value, cost = timed(lambda p=points, k=kernel: float(np.linalg.eigvalsh(polyak.gram(p, k))[0]))
        rows.append(["", "numpy.linalg.eigvalsh", f"{value:.3e}", off(value), ms(cost)])
        if scipy_linalg:
            value, cost = timed(
                lambda p=points, k=kernel: float(scipy_linalg.eigvalsh(polyak.gram(p, k), subset_by_index=[0, 0])[0])
            )
            rows.append(["", "scipy.linalg.eigvalsh, one", f"{value:.3e}", off(value), ms(cost)])
        if flint and kernel == "gaussian:1":
            (lo, hi), cost = timed(lambda p=points: flint_smallest(p, 600), repeat=1, least=0)
            rows.append(["", "python-flint, acb_mat.eig, 600 bits", f"[{lo:.3e}, {hi:.3e}]", off(lo), ms(cost)])
    table("The smallest eigenvalue of a Gram matrix", ["case", "by", "value", "off by", "ms"], rows)


def transport() -> None:
    rows = []
    rng = np.random.default_rng(1)
    for name, n, shift, weighted in (
        ("W₂, n = 256", 256, 0.0, False),
        ("W₂, n = 1024", 1024, 0.0, False),
        ("W₂, n = 256, coordinates of 1e6", 256, 1e6, False),
        ("W₂, n = 256, coordinates of 1e8", 256, 1e8, False),
        ("W₂, n = 256, weights 1 to 256", 256, 0.0, True),
    ):
        x, y = rng.normal(size=(n, 3)) + shift, rng.normal(size=(n, 3)) + shift
        weights = np.arange(1, n + 1) if weighted else None
        call = lambda: polyak.wasserstein(x, y, x_weights=weights, y_weights=weights)  # noqa: E731
        found, cost = timed(call, repeat=3)
        truth = found.cost.mid
        rows.append([name, "polyak, proved", f"{truth:.12e}", f"{found.cost.width / truth:.0e} wide", ms(cost)])
        if ot:
            a = weights / weights.sum() if weighted else np.full(n, 1 / n)
            value, cost = timed(lambda: float(ot.emd2(a, a, ot.dist(x, y))), repeat=3)
            rows.append(["", "ot.emd2 of ot.dist", f"{value:.12e}", f"{abs(value - truth) / truth:.1e}", ms(cost)])
        if scipy_optimize and not weighted:

            def assigned() -> float:
                costs = ((x[:, None] - y[None]) ** 2).sum(-1)
                return float(costs[scipy_optimize.linear_sum_assignment(costs)].mean())

            value, cost = timed(assigned, repeat=3)
            rows.append(
                ["", "scipy.optimize.linear_sum_assignment", f"{value:.12e}", f"{abs(value - truth) / truth:.1e}", ms(cost)]
            )
    table("Exact transport", ["case", "by", "cost", "off by", "ms"], rows)


def gram_matrices() -> None:
    rows = []
    points = np.random.default_rng(2).normal(size=(2000, 10))
    _, cost = timed(lambda: polyak.gram(points, "gaussian:1.5"))
    rows.append(["Gram matrix, N = 2000, q = 10", "polyak", ms(cost)])
    if sklearn_pairwise:
        _, cost = timed(lambda: sklearn_pairwise.rbf_kernel(points, gamma=1 / 4.5))
        rows.append(["", "sklearn.metrics.pairwise.rbf_kernel", ms(cost)])
    _, cost = timed(
        lambda: np.exp(-((points**2).sum(1)[:, None] + (points**2).sum(1)[None] - 2 * points @ points.T) / 4.5)
    )
    rows.append(["", "numpy, by the formula", ms(cost)])
    if sklearn_approximation:
        features = polyak.RandomFourierFeatures("gaussian:1.5", 1000, random_state=0).fit(points)
        _, cost = timed(lambda: features.transform(points))
        rows.append(["2000 Fourier features of N = 2000", "polyak", ms(cost)])
        sampler = sklearn_approximation.RBFSampler(gamma=1 / 4.5, n_components=2000, random_state=0).fit(points)
        _, cost = timed(lambda: sampler.transform(points))
        rows.append(["", "sklearn.kernel_approximation.RBFSampler", ms(cost)])
    table("Kernels", ["case", "by", "ms"], rows)


def overhead() -> None:
    """What a call costs beside its work: letting go of the interpreter, waking a thread of the pool, and coming back."""
    rows = []
    tiny, line = np.zeros((1, 1)), np.zeros((1, 1))
    points = np.random.default_rng(3).uniform(size=(1000, 3))
    factor = np.linalg.cholesky(polyak.gram(points[:512], "matern12:0.1") - 0.1 * np.eye(512))
    x = np.linspace(-1, 1, 12)[:, None]
    y = np.sin(3 * x)
    recipe = polyak.recipe(x, y, "gaussian:0.2", realised=True)
    network = polyak.train(recipe, x, y).network
    states = [("the network", [(name, list(array.shape), array.ravel()) for name, array in network.items()])]
    _, idle = timed(polyak._polyak.idle, repeat=5000, least=0.0)
    rows.append(["no work at all", f"{1e3 * idle:.0f}", "", ""])
    for name, call, compiled in (
        (
            "wasserstein of two atoms",
            lambda: polyak.wasserstein(tiny, line),
            lambda: polyak._polyak.wasserstein(tiny, line, 2),
        ),
        (
            "smallest_eigenvalue of a matrix of order one",
            lambda: polyak.smallest_eigenvalue(tiny),
            lambda: polyak._polyak.certify_matrix(tiny, False, (1e-6, 4096, None, 2**33)),
        ),
        (
            "gram of 1000 points",
            lambda: polyak.gram(points, "gaussian:1"),
            lambda: polyak._polyak.gram(points, "gaussian:1"),
        ),
        (
            "prove_smallest of order 512",
            lambda: polyak.prove_smallest(points[:512], "matern12:0.1", 0.1, tiles=factor),
            lambda: polyak._polyak.conclude_parts(
                [polyak._polyak.prove_part(points[:512], "matern12:0.1", (0.1, 256, False, 1, 1), factor)]
            ),
        ),
        (
            "check of a network of 8 layers at 12 samples",
            lambda: polyak.check(network, x, y, scale="1/(D*sqrt(m))"),
            lambda: polyak._polyak.check(states, x, y, ("1/(D*sqrt(m))", None, 1e-3, None, None)),
        ),
        (
            "train by a recipe of 12 samples",
            lambda: polyak.train(recipe, x, y),
            lambda: polyak._polyak.train(recipe.to_json(), x, y, (2**63, 8.0, 0.5)),
        ),
    ):
        # In turns, since a machine is now slower and now faster.
        both: tuple[list[float], list[float]] = ([], [])
        began = time.perf_counter()
        while len(both[0]) < 1000 and time.perf_counter() - began < 10:
            for function, times in zip((call, compiled), both, strict=True):
                start = time.perf_counter()
                function()
                times.append(1e6 * (time.perf_counter() - start))
        cost, inner = map(statistics.median, both)
        rows.append([name, f"{cost:.0f}", f"{cost - inner:.0f}", f"{100 * (1 - inner / cost):.1f} %"])
    table("Overhead of a call", ["call", "µs", "of which in Python, µs", "share"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=0, help="threads of polyak (those of others follow OMP_NUM_THREADS)")
    polyak.set_num_threads(parser.parse_args().threads)
    versions = {name: getattr(optional(name), "__version__", None) for name in ("numpy", "scipy", "sklearn", "ot", "flint")}
    known = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    print(f"polyak {polyak.__version__} ({polyak.instruction_set}, {polyak.get_num_threads()} threads); {known}")
    eigenvalues()
    transport()
    gram_matrices()
    overhead()


if __name__ == "__main__":
    main()
