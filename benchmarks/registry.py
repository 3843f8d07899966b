"""What ten thousand plugins cost against a hundred: start, list of tools, a lookup, one more change.

`python -m benchmarks.registry [COUNT]` makes two scratch homes and prints each figure side by side, with its
ratio. The list is asked through the whole web application, in this process.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from neira.changes.register import Register
from neira.changes.tokens import CreateToken
from neira.founding import found
from neira.kernel import Kernel
from neira.model import Caller, PluginId, Scope
from neira.parse.placed import Document
from neira.settings import load
from neira.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neira.model import JsonObject

ADMIN = Caller("benchmark", Scope.ADMIN)
QUIET = {"NEIRA_LOG_LEVEL": "error"}
SMALL, LARGE, ROUNDS = 100, 10_000, 200


def filled(root: Path, count: int) -> tuple[Path, float]:
    """Make a home with so many enabled plugins, and say how long one registration took."""
    found(root, stage=1)
    begun = time.perf_counter()
    with Kernel.open(root, load(root, QUIET)) as kernel:
        for number in range(count):
            register(kernel, number)
    return root, (time.perf_counter() - begun) / count


def register(kernel: Kernel, number: int) -> None:
    """Register one plugin with a button."""
    name = f"bench.p{number:05}"
    button: JsonObject = {
        "id": "go",
        "title": "Go",
        "event": f"{name}.go",
        "params_schema": {"color": "string?"},
    }
    manifest: JsonObject = {"id": name, "version": "1.0.0", "kind": "script", "ui": {"buttons": [button]}}
    readings = kernel.manifests.read(Document(manifest, lambda _: None))
    kernel.change(Register(readings, source=f"// {number}\nfn handle(e) {{ () }}", enable=True), ADMIN)


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of a call, in microseconds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e6


def figures(root: Path, count: int) -> dict[str, float]:
    """Measure one home."""
    begun = time.perf_counter()
    kernel = Kernel.open(root, load(root, QUIET))
    client = create_app(kernel).test_client()
    started = time.perf_counter() - begun
    token = kernel.change(CreateToken("bench", Scope.READ), ADMIN).body["token"]
    headers = {"Authorization": f"Bearer {token}"}
    tag = client.get("/ui/tools", headers=headers).headers["ETag"]
    lookup = PluginId(f"bench.p{count // 2:05}")
    result = {
        "start, µs": started * 1e6,
        "GET /ui/tools, 100 tools, µs": timed(lambda: client.get("/ui/tools", headers=headers)),
        "GET /ui/tools unchanged (304), µs": timed(
            lambda: client.get("/ui/tools", headers={**headers, "If-None-Match": tag})
        ),
        "GET one plugin, µs": timed(lambda: client.get(f"/api/neira/plugins/{lookup}", headers=headers)),
        "lookup in the kernel, µs": timed(lambda: kernel.world.now().plugins.get(lookup)),
        "register one more, µs": timed(iter(_more(kernel, count)).__next__, 20),
    }
    kernel.close()
    return result


def _more(kernel: Kernel, count: int) -> Iterator[int]:
    for number in range(count, count + 1000):
        register(kernel, number)
        yield number


def main() -> None:
    """Make both homes, measure, print."""
    large = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    with tempfile.TemporaryDirectory() as folder:
        counts = (SMALL, large)
        homes = [filled(Path(folder) / str(count), count) for count in counts]
        rows = [
            {"registration while filling, µs": each * 1e6, **figures(home, count)}
            for (home, each), count in zip(homes, counts, strict=True)
        ]
    print(f"{'':40}{SMALL:>12}{large:>12}{'ratio':>9}")
    for name in rows[0]:
        print(f"{name:40}{rows[0][name]:12.0f}{rows[1][name]:12.0f}{rows[1][name] / rows[0][name]:9.2f}")


if __name__ == "__main__":
    main()
