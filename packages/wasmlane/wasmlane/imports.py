"""What modules may import: a kind is an entry of `KINDS`, which knows its imports and answers their calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmlane import bridge
from wasmlane.errors import ModuleRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wasmlane.binary import FuncType, Import
    from wasmlane.guest import Guest


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of import."""

    fits: Callable[[Import], bool]
    answer: Callable[[Guest, Offer, Sequence[int]], int | None]
    """Answers one call, in bits; None stops the guest, which has to know why by then."""
    described: str


KINDS = (ImportKind(bridge.fits, bridge.answer, "functions of type (i32, i32) -> i64"),)


@dataclass(frozen=True, slots=True)
class Offer:
    """What one import is given."""

    module: str
    name: str
    type: FuncType
    answer: Callable[[Guest, Offer, Sequence[int]], int | None]


def offers(imports: Iterable[Import], allowed: frozenset[tuple[str, str]] | None) -> tuple[Offer, ...]:
    """Find what to give for each import, or refuse the module."""
    return tuple(_offer(each, allowed) for each in imports)


def _offer(wanted: Import, allowed: frozenset[tuple[str, str]] | None) -> Offer:
    name = f'"{wanted.module}" "{wanted.name}"'
    if allowed is not None and (wanted.module, wanted.name) not in allowed:
        raise ModuleRefused(f"the module imports {name}, which it may not")
    kind = next((kind for kind in KINDS if kind.fits(wanted)), None)
    if kind is None or wanted.type is None:
        described = ", ".join(kind.described for kind in KINDS)
        raise ModuleRefused(f"the module imports {name}, {_said(wanted)}: only {described} can be answered")
    return Offer(wanted.module, wanted.name, wanted.type, kind.answer)


def _said(wanted: Import) -> str:
    return f"a function of type {typed(wanted.type)}" if wanted.type else f"a {wanted.kind}"


def typed(type_: FuncType) -> str:
    """Write a function's type as people do."""
    results = ", ".join(type_.results) or "()"
    return f"({', '.join(type_.params)}) -> {results}"
