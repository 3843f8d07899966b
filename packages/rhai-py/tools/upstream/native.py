"""The same engine without a sandbox, built from ../native, to compare with."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from rhai.values import outward

from .judge import Ending
from .sources import GUEST, SourcesMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from .model import Example

_PROJECT = Path(__file__).parents[1] / "native"


def build(folder: Path) -> Path:
    """Compile it in a folder outside the checkout; the guest's lock file decides what is built."""
    project = folder / "native"
    shutil.copytree(_PROJECT, project, dirs_exist_ok=True)
    shutil.copy(GUEST / "Cargo.lock", project)
    command = ["cargo", "build", "--release", "--quiet", "--target-dir", str(folder / "target")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SourcesMissing(f"the native engine cannot be built: {done.stderr[-2000:]}")
    return folder / "target" / "release" / "rhai-native"


class Native:
    """A running native engine; one that an example ends is started again."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process = self._started()

    def ending(self, example: Example) -> Ending:
        """Run an example there."""
        pairs = [text for pair in example.libraries.items() for text in pair]
        line = self._ask(_listed([*example.earlier, example.text]) + _listed(pairs))
        if not line:
            self._process.wait()
            self._process = self._started()
            return Ending(failed=True, value="the process died", printed=())
        told = json.loads(line)
        value = told["value"] if told["failed"] else outward(json.dumps(told["value"]), tagged=True)
        return Ending(told["failed"], value, tuple(told["printed"]))

    def _ask(self, request: bytes) -> bytes:
        inwards, outwards = _pipes(self._process)
        inwards.write(request)
        inwards.flush()
        return outwards.readline()

    def _started(self) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(self._program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet)

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _listed(texts: Sequence[str]) -> bytes:
    raw = [text.encode() for text in texts]
    return len(raw).to_bytes(4, "little") + b"".join(len(one).to_bytes(4, "little") + one for one in raw)
