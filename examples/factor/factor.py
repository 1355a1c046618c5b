"""A triangular factor of K - shift*I, computed by NumPy or by dask, as `polyak eig --factor` reads it.

    python factor.py points.csv 0.5 0.01 factor-folder [--engine dask] [--dtype f32] [--tile 512]
    polyak eig points.csv --kernel gaussian:0.5 --factor factor-folder

Nothing that this script computes is believed: a wrong kernel, factor or shift costs the bound, and never the truth.
"""

import argparse
import json
import pathlib

import numpy as np


def gram(points, bandwidth):
    """The Gram matrix of a Gaussian kernel, exp(-|x - y|^2 / (2 h^2))."""
    squares = (points**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0)
    return np.exp(distances / (-2 * bandwidth**2))


def by_numpy(matrix, tile):
    """Yields the tiles of the lower factor, of LAPACK."""
    lower = np.linalg.cholesky(matrix)
    rows = range(0, len(lower), tile)
    for i, first in enumerate(rows):
        for j, left in enumerate(rows[: i + 1]):
            yield i, j, lower[first : first + tile, left : left + tile]


def by_dask(matrix, tile):
    """Yields the tiles of the lower factor, block by block: on a cluster no machine holds all of it."""
    import dask.array

    lower = dask.array.linalg.cholesky(dask.array.from_array(matrix, chunks=tile), lower=True)
    for i in range(lower.numblocks[0]):
        for j in range(i + 1):
            yield i, j, lower.blocks[i, j].compute()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("points", type=pathlib.Path)
    parser.add_argument("bandwidth", type=float)
    parser.add_argument("shift", type=float)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--engine", choices=["numpy", "dask"], default="numpy")
    parser.add_argument("--dtype", choices=["f32", "f64"], default="f64")
    parser.add_argument("--tile", type=int, default=512)
    wanted = parser.parse_args()
    points = np.loadtxt(wanted.points, delimiter=",", ndmin=2)
    if wanted.engine == "dask" and len(points) % wanted.tile:
        parser.error(f"dask cuts into equal tiles: --tile must divide {len(points)}")
    dtype = {"f32": np.float32, "f64": np.float64}[wanted.dtype]
    matrix = gram(points, wanted.bandwidth) - wanted.shift * np.eye(len(points))
    tiles = {"numpy": by_numpy, "dask": by_dask}[wanted.engine](matrix.astype(dtype), wanted.tile)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    for i, j, values in tiles:
        np.save(wanted.folder / f"{i}-{j}.npy", values)
    manifest = {"n": len(points), "tile": wanted.tile, "shift": wanted.shift, "order": "lower", "dtype": wanted.dtype}
    (wanted.folder / "manifest.json").write_text(json.dumps(manifest))


if __name__ == "__main__":
    main()
