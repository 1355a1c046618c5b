"""A plugin of pytest: ``--polyak-baseline margins.json`` and the fixture `polyak_baseline`.

>>> import polyak.pytest_plugin
"""

from __future__ import annotations

import pytest

from ._claims import Baseline


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option."""
    group = parser.getgroup("polyak")
    group.addoption(
        "--polyak-baseline",
        metavar="FILE",
        default=None,
        help="the report that tests with the fixture polyak_baseline hold theirs to",
    )


@pytest.fixture(scope="session")
def polyak_baseline(request: pytest.FixtureRequest) -> Baseline:
    """The baseline of ``--polyak-baseline``; tests that need it are skipped without that option."""
    file = request.config.getoption("--polyak-baseline")
    if file is None:
        pytest.skip("no --polyak-baseline is given")
    return Baseline.load(file)
