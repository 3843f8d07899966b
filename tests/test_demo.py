"""`make demo` says where it is, what it prints can be typed, and it leaves nothing behind."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import pytest

from tools.projects import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
LAST_LINE = "Ctrl-C stops it."
COMMAND = re.compile(r"^  ((?:curl|cat) (?:.*\\\n)*.*)$", re.MULTILINE)


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """Run the demo with its scratch home below a folder; give all that it says once it runs."""
    command = ["env", f"TMPDIR={folder}", sys.executable, "-m", "tools.demo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield "".join(_until(running.stdout, LAST_LINE))
        finally:
            running.send_signal(signal.SIGTERM)
            running.stdout.read()
    assert running.returncode == 0


def _until(out: IO[str], last: str) -> Iterator[str]:
    for line in out:
        yield line
        if line.strip() == last:
            return
    pytest.fail(f"the demo ended without the line {last}")


def word(told: str, name: str) -> str:
    """Find what stands behind a word at the beginning of a line."""
    found = re.search(rf"^{name} (\S+)$", told, re.MULTILINE)
    assert found, f"there is no line {name}"
    return found[1]


def typed(told: str) -> list[Any]:
    """Run the printed commands in turn, and read what each of them answers."""
    commands = [found[1] for found in COMMAND.finditer(told)]
    return [json.loads(subprocess.check_output(["sh", "-c", each], timeout=30)) for each in commands]


def test_the_printed_commands_do_what_is_said(tmp_path: Path) -> None:
    """A stroke is drawn, found, and lies in the file; a preview counts nothing, the next event counts."""
    with demo(tmp_path) as told:
        drawn, found, line, previewed, counted = typed(told)
    (result,) = drawn["results"]
    assert (drawn["mode"], result["outcome"], result["result"]["ok"]) == ("live", "ok", True)
    assert [item["event_id"] for item in found["items"]] == [drawn["event_id"]]
    assert (line["color"], line["points"]) == ("red", [[10.0, 10.0], [60.0, 40.0], [110.0, 10.0]])
    assert [(each["mode"], each["results"][0]["result"]) for each in (previewed, counted)] == [
        ("preview", 1),
        ("live", 1),
    ]


def toured(told: str) -> list[str]:
    """Type the commands of the README's first five minutes, in the environment that the demo prints."""
    export = re.search(r"^  export (.*)$", told, re.MULTILINE)
    assert export
    variables = export[1].split()
    tour = (ROOT / "README.md").read_text("utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
    commands = "".join(re.findall(r"^```sh\n(.*?)^```$", tour, re.MULTILINE | re.DOTALL))
    lines = commands.replace("\\\n", "").splitlines()
    assert lines[0] == "make demo"
    return [
        subprocess.check_output(["env", *variables, "sh", "-c", line], cwd=ROOT, text=True, timeout=60)
        for line in lines[1:]
    ]


def test_the_tour_of_the_readme_works(tmp_path: Path) -> None:
    """Each command can be typed, in this order, and shows what the page says."""
    with demo(tmp_path) as told:
        drawn, found, line, added, tools, previewed, counted, *rest = toured(told)
    edited, reloaded, thick, rolled_back, versions, closed, dry, opened, verified = rest
    assert json.loads(drawn)["results"][0]["result"] == {"ok": True, "color": "red", "size": 3, "points": 2}
    assert "ui.pencil" in found
    assert json.loads(line)["points"] == [[10.0, 10.0], [60.0, 40.0]]
    assert "ui.pencil" in added
    assert "ui.pencil.draw" in tools
    assert "preview" in previewed
    assert json.loads(counted)["results"][0]["result"] == 1
    assert edited == ""
    assert "ui.pencil" in reloaded
    assert json.loads(thick)["results"][0]["result"]["size"] == 9
    assert "ui.pencil" in rolled_back
    assert versions.count("0.1.0") == 2
    assert "embryo" in closed
    assert "dry_run" in dry
    assert "experimental" in opened
    assert verified


def test_the_demo_answers_and_stops_cleanly(tmp_path: Path) -> None:
    """URL and TOKEN work, every example is enabled, and SIGTERM ends everything with exit code 0."""
    with demo(tmp_path) as told:
        url, token = word(told, "URL"), word(told, "TOKEN")
        assert f"export NEIRA_URL={url} NEIRA_TOKEN={token}" in told
        request = urllib.request.Request(f"{url}/ui/tools", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            tools = {tool["id"] for tool in json.load(answer)["tools"]}
    assert tools == {"ui.pencil", "counter", "router", "validator", "custom-filter"}
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/healthz", timeout=2)
