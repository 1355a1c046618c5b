"""The compiled half; not an interface of its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float64]
_End = tuple[int, int]
_Ends = tuple[_End, _End]
_Tell = Callable[[str, int, int], object] | None
_Wanted = tuple[float, int, float | None, int]
_Certified = tuple[_End, _End, bool, str, int, int | None]
_Estimated = tuple[float, float, str, int, bool, bool]
_Observed = tuple[int, int, int, tuple[float, float]]
_Jittered = tuple[_Certified, float | None, float, float]
_Made = tuple[str, list[tuple[str, bool, float, str]], float, float, float]

__all__ = [
    "__version__",
    "certify_matrix",
    "certify_points",
    "check",
    "claims",
    "compare",
    "conclude_parts",
    "conditional",
    "draw_frequencies",
    "endless",
    "estimate_matrix",
    "estimate_points",
    "fourier_features",
    "gram",
    "instruction_set",
    "idle",
    "jitter_matrix",
    "jitter_points",
    "merge",
    "mistaken",
    "number_of_threads",
    "prove_part",
    "proved",
    "read_recipe",
    "read_report",
    "recipe",
    "report_text",
    "resolve_kernel",
    "set_number_of_threads",
    "shortage",
    "train",
    "verify",
    "wasserstein",
    "width",
]

__version__: str
instruction_set: str

def certify_points(
    points: _Floats, kernel: str, largest: bool, wanted: _Wanted, progress: _Tell = None
) -> _Certified: ...
def certify_matrix(matrix: _Floats, largest: bool, wanted: _Wanted, progress: _Tell = None) -> _Certified: ...
def estimate_points(
    points: _Floats, kernel: str, tolerance: float, bytes: int, progress: _Tell = None
) -> _Estimated: ...
def estimate_matrix(matrix: _Floats, tolerance: float, bytes: int, progress: _Tell = None) -> _Estimated: ...
def jitter_points(
    points: _Floats, kernel: str, wanted: _Wanted, factored: tuple[float, bool], progress: _Tell = None
) -> _Jittered: ...
def jitter_matrix(
    matrix: _Floats, wanted: _Wanted, factored: tuple[float, bool], progress: _Tell = None
) -> _Jittered: ...
def prove_part(
    a: _Floats,
    kernel: str | None,
    wanted: tuple[float, int, bool, int, int],
    tiles: object,
    vector: _Floats | None = None,
    progress: _Tell = None,
) -> str: ...
def conclude_parts(parts: list[str]) -> tuple[float, float, float, float, float]: ...
def recipe(
    inputs: _Floats,
    targets: _Floats,
    kernel: str,
    asked: tuple[int, float | None, float, int, float, int | None, bool],
    progress: _Tell = None,
) -> _Made: ...
def read_recipe(text: str) -> _Made: ...
def train(
    text: str,
    inputs: _Floats,
    targets: _Floats,
    limits: tuple[int, float, float],
    kept: bytes | None = None,
    progress: _Tell = None,
) -> tuple[
    str,
    str | None,
    _Floats,
    tuple[_Floats, _Floats, _Floats],
    float | None,
    tuple[_Floats, _Floats, _Floats, _Floats],
    bytes,
]: ...
def check(
    states: list[tuple[str, list[tuple[str, list[int], _Floats]]]],
    inputs: _Floats,
    targets: _Floats,
    asked: tuple[str | None, str | None, float, int | None, int | None],
    progress: _Tell = None,
) -> dict[str, Any]: ...
def resolve_kernel(kernel: str, points: _Floats) -> str: ...
def gram(points: _Floats, kernel: str) -> _Floats: ...
def draw_frequencies(kernel: str, dimension: int, count: int, seed: int, orthogonal: bool) -> _Floats: ...
def fourier_features(points: _Floats, frequencies: _Floats) -> _Floats: ...
def wasserstein(
    source: _Floats,
    target: _Floats,
    order: int,
    weights: tuple[_Floats, _Floats] | None = None,
    progress: _Tell = None,
) -> tuple[
    _Ends,
    _Ends,
    float,
    tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint64]],
    int,
    _Floats,
    _Floats,
]: ...
def proved(
    source: _Floats,
    target: _Floats,
    order: int,
    weights: tuple[_Floats, _Floats],
    plan: tuple[list[int], list[int], _Floats],
    potentials: _Floats | None = None,
) -> tuple[_Ends, _Ends]: ...
def conditional(
    source: list[_Floats], target: list[_Floats], progress: _Tell = None
) -> tuple[_Ends, _Ends, list[_Ends]]: ...
def width(
    points: _Floats,
    kernel: str,
    epsilon: float,
    failure: float,
    models: int | None,
    seed: int,
    empirical: bool,
    progress: _Tell = None,
) -> tuple[_Ends, list[tuple[str, int | None]], _Observed | None, _Observed | None]: ...
def claims(names: list[str]) -> list[tuple[str, str, str, str, str, list[str], str, str]]: ...
def verify(
    names: list[str],
    effort: str,
    seed: int,
    samples: int,
    kernel: str,
    factors: bool,
    shard: str | None = None,
    progress: _Tell = None,
) -> str: ...
def read_report(file: str, text: str) -> str: ...
def report_text(text: str) -> str: ...
def merge(parts: list[tuple[str, str]]) -> str: ...
def compare(file: str, baseline: str, report: str) -> str: ...
def shortage(bytes: int) -> str | None: ...
def number_of_threads() -> int: ...
def set_number_of_threads(number: int) -> None: ...
def endless(deaf: bool, progress: _Tell = None) -> None: ...
def idle() -> None: ...
def mistaken() -> None: ...
