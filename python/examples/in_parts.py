"""A proof and a run of claims in parts: over processes, and over dask where it is installed. Each gives what one run gives."""

import concurrent.futures
import functools
import multiprocessing
from typing import Any

import numpy as np

import polyak

SIDE = 64
KERNEL = "matern32:0.7"
POINTS = np.random.default_rng(0).normal(size=(300, 4))


@functools.cache
def factor() -> Any:
    """A Cholesky factor by NumPy, which nobody has to believe; every process has its own."""
    return np.linalg.cholesky(polyak.gram(POINTS, KERNEL) - 1e-3 * np.eye(len(POINTS)))


def tile(row: int, column: int) -> Any:
    """A tile of it; it could be read from a file."""
    return factor()[SIDE * row : SIDE * (row + 1), SIDE * column : SIDE * (column + 1)]


def found(executor: Any) -> tuple[polyak.FactorBound, polyak.Report]:
    """The bound and the report, in parts if there is somewhere to do them."""
    bound = polyak.prove_smallest(POINTS, KERNEL, 1e-3, tiles=tile, side=SIDE, executor=executor, parts=3)
    report = polyak.verify("K4", effort="quick", samples=20, executor=executor, parts=3)
    return bound, report


def main() -> None:
    """Runs all three."""
    here = found(None)
    print(f"here       {here[0]}, {here[1]}")
    # Processes must not be forked while threads of polyak work.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert found(pool) == here
    print("processes  the same")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        print("dask       not installed")
        return
    options: Any = {"threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        assert found(client) == here
    print("dask       the same")


if __name__ == "__main__":
    main()
