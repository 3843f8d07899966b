"""What every test run of this repo knows: the markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers that tests may carry."""
    config.addinivalue_line("markers", "slow: takes seconds; `make test` leaves it out, `make check` runs it")
