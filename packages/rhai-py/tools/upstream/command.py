"""The command: which examples, compared with what, and the table at the end."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import collection, judge, sources, verdicts
from .model import Fails, Verdict
from .native import Native, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .judge import Ending
    from .model import Example


@dataclass(slots=True)
class Tally:
    """What was counted."""

    recorded: frozenset[str]
    native: Native | None = None
    counts: dict[str, Counter[Verdict]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    as_native: list[str] = field(default_factory=list)
    unexplained: list[tuple[Example, Ending]] = field(default_factory=list)

    def add(self, example: Example) -> None:
        """Run and judge one example."""
        seen = judge.ending(example)
        verdict = verdicts.verdict(example, seen, self._there(example, seen), self.recorded)
        self.counts.setdefault(example.origin.version, Counter())[verdict] += 1
        if verdict is Verdict.KNOWN:
            self.reasons[verdicts.removed(seen) or ""] += 1
        elif verdict is Verdict.NATIVE:
            self.as_native.append(str(example.origin))
        elif verdict is Verdict.UNEXPLAINED:
            self.unexplained.append((example, seen))

    def _there(self, example: Example, seen: Ending) -> Ending | None:
        # A bomb whose author had set limits in Rust would go off natively; `sleep` would sleep.
        bomb = example.prepared and isinstance(example.expects, Fails)
        if self.native is None or bomb or verdicts.removed(seen):
            return None
        return self.native.ending(example)


def main(arguments: Sequence[str]) -> int:
    """Run the examples; the exit code tells whether all are explained."""
    options = _options(arguments)
    tally = Tally(verdicts.read_record())
    with ExitStack() as stack:
        if options.native:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            tally.native = stack.enter_context(Native(build(folder)))
        for example in _chosen(options):
            tally.add(example)
    if options.record:
        verdicts.write_record(tally.as_native)
    print("\n".join(_report(tally)))
    return 1 if tally.unexplained else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="conformance.py", description=__doc__)
    parser.add_argument(
        "--all", action="store_true", help="tests and scripts of older releases too; fetches them"
    )
    parser.add_argument(
        "--folder", type=Path, action="append", default=[], help="a checkout with more of them"
    )
    parser.add_argument(
        "--native", action="store_true", help="compare each with the same engine outside the sandbox"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="with --all --native: write down where both differ from the text",
    )
    options = parser.parse_args(arguments)
    if options.record and not (options.native and options.all):
        parser.error("--record needs --all and --native")
    return options


def _chosen(options: argparse.Namespace) -> Iterator[Example]:
    pinned = sources.pinned()
    yield from collection.examples(pinned, pinned.name.removeprefix("rhai-"))
    for version in sources.OLDER if options.all else ():
        yield from collection.examples(sources.older(version), version)
    for folder in options.folder:
        yield from collection.examples(folder, folder.name)


def _report(tally: Tally) -> Iterable[str]:
    yield f"{'release':10}" + "".join(f"{verdict:>32}" for verdict in Verdict)
    for version, counts in tally.counts.items():
        yield f"{version:10}" + "".join(f"{counts[verdict]:32}" for verdict in Verdict)
    for reason, count in tally.reasons.most_common():
        yield f"{count:6}  differ because of: {reason}"
    for example, seen in tally.unexplained:
        yield f"unexplained: {example.origin}: {str(seen.value)[:200]!r}, printed {list(seen.printed)[:5]}"
