"""Certified eigenvalues of kernel matrices, exact optimal transport, and the theorems on deep residual networks, checked.

Every result is an enclosure, an interval that contains the real number with proof, or says that it is an estimate.

>>> import numpy as np, polyak
>>> points = np.linspace(-1, 1, 16)[:, None]
>>> polyak.smallest_eigenvalue(points, kernel="gaussian:1").positive
True
>>> 0.5 in polyak.wasserstein(points, points + 0.5)
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors, testing
from ._options import Progress
from ._polyak import __version__, instruction_set
from ._check import Check, Checkpoint, LayerSpectrum, Outlook, check
from ._claims import Baseline, Claim, ClaimResult, Report, claims, verify
from ._eigenvalues import (
    Eigenvalue,
    Estimate,
    condition,
    estimate_smallest,
    gram,
    largest_eigenvalue,
    smallest_eigenvalue,
)
from ._enclosure import Enclosure
from ._factor import FactorBound, Jitter, jitter, prove_smallest
from ._recipe import Constant, Recipe, Training, recipe, train
from .errors import (
    ArrayError,
    DtypeError,
    KernelError,
    MemoryLimitError,
    NetworkError,
    OptionError,
    PolyakBug,
    PolyakError,
    RecipeError,
    ReportError,
    ThreadError,
    TransportError,
    UndecidedError,
    UnknownClaimError,
)
from ._threads import get_num_threads, set_num_threads
from ._transport import (
    ConditionalDistance,
    Proved,
    Wasserstein,
    certify_transport,
    conditional_distance,
    wasserstein,
)
from ._width import ObservedWidth, Width, features_needed

if TYPE_CHECKING:
    from ._features import RandomFourierFeatures

__all__ = [
    "ArrayError",
    "Baseline",
    "Check",
    "Checkpoint",
    "Claim",
    "ClaimResult",
    "ConditionalDistance",
    "Constant",
    "DtypeError",
    "Eigenvalue",
    "Enclosure",
    "Estimate",
    "FactorBound",
    "Jitter",
    "KernelError",
    "LayerSpectrum",
    "MemoryLimitError",
    "NetworkError",
    "ObservedWidth",
    "OptionError",
    "Outlook",
    "PolyakBug",
    "PolyakError",
    "Progress",
    "Proved",
    "RandomFourierFeatures",
    "Recipe",
    "RecipeError",
    "Report",
    "ReportError",
    "ThreadError",
    "Training",
    "TransportError",
    "UndecidedError",
    "UnknownClaimError",
    "Wasserstein",
    "Width",
    "__version__",
    "certify_transport",
    "check",
    "claims",
    "condition",
    "conditional_distance",
    "errors",
    "estimate_smallest",
    "features_needed",
    "get_num_threads",
    "gram",
    "instruction_set",
    "jitter",
    "largest_eigenvalue",
    "prove_smallest",
    "recipe",
    "set_num_threads",
    "smallest_eigenvalue",
    "testing",
    "train",
    "verify",
    "wasserstein",
]


def __getattr__(name: str) -> Any:
    # Scikit-learn takes a second to import, and is not needed for anything else.
    if name == "RandomFourierFeatures":
        from ._features import RandomFourierFeatures

        return RandomFourierFeatures
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
