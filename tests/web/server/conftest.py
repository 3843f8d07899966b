"""One real server for all tests that do not have to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.server.serve import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run two workers with four threads each: few enough to see one being held."""
    with served(tmp_path_factory.mktemp("home"), NEIRA_SERVER_THREADS=4) as running:
        yield running
        assert "Traceback" not in running.log
