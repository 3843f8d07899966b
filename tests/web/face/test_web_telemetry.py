"""Counters and log lines of one process, and of several that share a folder."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neira.settings import LogSettings
from neira.telemetry import Telemetry, escaped
from tests.fakes import SteppedClock

if TYPE_CHECKING:
    from pathlib import Path

_WORKER = """
from neira.clock import SystemClock
from neira.settings import LogSettings
from neira.telemetry import Telemetry
told = Telemetry(LogSettings(), SystemClock())
told.event("dry_run")
print(told.exposition().decode())
"""


def test_the_counters_of_all_workers_are_one(tmp_path: Path) -> None:
    """Whichever worker is asked."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}  # noqa: TID251 - of a child process
    said = [
        subprocess.run(
            [sys.executable, "-c", _WORKER], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert 'neira_events_total{mode="dry_run"} 1.0' in said[0]
    assert 'neira_events_total{mode="dry_run"} 2.0' in said[1]


def test_two_applications_in_one_process_do_not_meet() -> None:
    """Nothing of it is global."""
    first, second = (Telemetry(LogSettings(), SteppedClock(), stream=io.StringIO()) for _ in range(2))
    first.change("Enable")
    assert b'verb="Enable"' in first.exposition()
    assert b'verb="Enable"' not in second.exposition()


def test_the_level_is_kept() -> None:
    """What is below it is not written."""
    stream = io.StringIO()
    log = Telemetry(LogSettings(level="warning"), SteppedClock(), stream=stream).log
    log.info("quiet")
    log.warning("loud", what=1)
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["event"], line["level"], line["what"]) == ("loud", "warning", 1)


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_line_of_a_request_is_like_any_other(form: Literal["json", "console"]) -> None:
    """Though it is written in fewer steps."""
    stream = io.StringIO()
    telemetry = Telemetry(LogSettings(format=form), SteppedClock(), stream=stream)
    facts: dict[str, Any] = {
        "method": "POST",
        "path": "/x\n\x1b[31m" + "y" * 1_000,
        "status": 200,
        "ms": 1.5,
        "actor": None,
    }
    telemetry.log.info("request", **facts)
    telemetry.request(**facts)
    one, other = stream.getvalue().splitlines()
    assert one == other


@pytest.mark.parametrize("level", ["warning", "error"])
def test_requests_are_not_told_above_their_level(level: Literal["warning", "error"]) -> None:
    """As with every line."""
    stream = io.StringIO()
    Telemetry(LogSettings(level=level), SteppedClock(), stream=stream).request(method="GET")
    assert stream.getvalue() == ""


@given(st.text())
def test_no_text_breaks_a_line(text: str) -> None:
    """Every character that is left can be shown."""
    assert escaped(text).isprintable()
