"""`make demo` says where it is and what the token is, answers, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING

import pytest

from tools.projects import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def said(out: IO[str], word: str) -> str:
    """Read on to the line that begins with a word, and return the rest of it."""
    for line in out:
        if line.startswith(f"{word} "):
            return line.removeprefix(f"{word} ").strip()
    pytest.fail(f"the demo ended without a line {word}")


def test_the_demo_answers_and_stops_cleanly(tmp_path: Path) -> None:
    """URL and TOKEN stand on lines of their own, they work, and SIGTERM ends everything with exit code 0."""
    command = ["env", f"TMPDIR={tmp_path}", sys.executable, "-m", "tools.demo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        try:
            url, token = said(demo.stdout, "URL"), said(demo.stdout, "TOKEN")
            request = urllib.request.Request(
                f"{url}/api/neira/plugins", headers={"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert json.load(answer)["plugins"] == []
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.stdout.read()
    assert demo.returncode == 0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/healthz", timeout=2)
