"""The stubs are complete, and say what is there."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="mypy is not installed")

USE = """
from fractions import Fraction

import numpy as np

import polyak

found: polyak.Eigenvalue = polyak.smallest_eigenvalue(np.eye(2), digits=3)
ends: tuple[Fraction, Fraction] = found.exact
low: float = found.lo
plan: polyak.Wasserstein = polyak.wasserstein([[0.0]], [[1.0]])
width: int | None = polyak.features_needed([[0.0]], "gaussian:1").frequencies
holds: bool = polyak.verify("K4").holds
recipe: polyak.Recipe = polyak.recipe([[0.0]], [1.0], realised=True)
training: polyak.Training = polyak.train(recipe, [[0.0]], [1.0], progress=lambda seen: print(seen.done, seen.total))
promised: bool = polyak.check(training.network, [[0.0]], [1.0], scale="1/(D*sqrt(m))", names={"w.{}": "layers"}).holds
bound: polyak.FactorBound = polyak.prove_smallest(np.eye(2), None, 0.5, tiles=lambda row, column: np.eye(2))
epsilon: float | None = polyak.jitter(np.eye(2), dtype=np.float32).completes_from
"""


def run(*command, folder):
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True)


def test_mypy_strict(tmp_path):
    done = run("mypy", "--strict", "--follow-imports=silent", "-p", "polyak", folder=tmp_path)
    # Scikit-learn has no stubs where it is, and is not there elsewhere.
    lines = [line for line in done.stdout.splitlines() if ": error:" in line and "sklearn" not in line]
    assert not lines, done.stdout + done.stderr


def test_use_is_typed(tmp_path):
    (tmp_path / "use.py").write_text(USE)
    done = run("mypy", "--strict", "use.py", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    (tmp_path / "use.py").write_text(USE + "\nwrong: int = found\n")
    assert run("mypy", "--strict", "use.py", folder=tmp_path).returncode == 1


def test_stubtest(tmp_path):
    done = run("mypy.stubtest", "polyak._polyak", folder=tmp_path)
    assert done.returncode == 0, done.stdout
