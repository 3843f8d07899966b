"""What the tests of lanes share: a lane on each road, and the frame that most guests have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from wasmlane import Lane, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME = """
(module
  {imports}
  (memory (export "memory") {pages})
  (global $free (mut i32) (i32.const 4096))
  (func $alloc (export "alloc") (param $length i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get $length))))
  (func $pack (param $at i32) (param $length i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
            (i64.extend_i32_u (local.get $length))))
  {body})
"""
UNRESTORABLE = '(table 1 funcref) (func (export "churn") (table.set (i32.const 0) (ref.null func)))'


class Framed(Protocol):
    """Writes a guest around its functions."""

    def __call__(self, body: str, *, imports: str = "", pages: str = "1") -> str:
        """Write the module's text."""


@pytest.fixture(params=["raw", "wrapped"])
def lane(request: pytest.FixtureRequest) -> Iterator[Lane]:
    """Make a lane, once for each road."""
    with Lane(Settings(road=request.param)) as made:
        yield made


@pytest.fixture(params=["put back", "from the beginning"])
def framed(request: pytest.FixtureRequest) -> Framed:
    """Write guests of both kinds: those whose state can be put back, and those that begin anew."""
    extra = UNRESTORABLE if request.param == "from the beginning" else ""

    def write(body: str, *, imports: str = "", pages: str = "1") -> str:
        return FRAME.format(body=body + extra, imports=imports, pages=pages)

    return write
