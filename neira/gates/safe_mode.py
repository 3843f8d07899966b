"""Safe mode: a set of reasons for which nothing of the plugins may change, and what stays allowed meanwhile.

A value without I/O; `safe_mode_file` keeps it on disk, the kernel shares it between its processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, assert_never

from neira.errors.gate import SafeModeActive, SafeModeRemains
from neira.gates.gate import widens
from neira.model import Allowed, Denied, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from neira.model import GateState

LONGEST_WHY = 500  # characters


class Reason(StrEnum):
    """Why safe mode is on; several may hold at once."""

    ADMIN = "admin"  # somebody asked for it
    ENV = "env"  # NEIRA_SAFE_MODE=1
    FILE = "file"  # a file SAFE_MODE at the top of the home
    JOURNAL = "journal"  # damage, or a failed fsync
    REGISTRY = "registry"  # an index that the journal contradicts
    CRASH = "crash"  # the system could not trust its own state


class Order(StrEnum):
    """Every kind of change, as far as safe mode tells them apart."""

    REGISTER = "register"
    UPDATE = "update"
    ENABLE = "enable"
    DISABLE = "disable"
    RELOAD = "reload"
    ROLLBACK = "rollback"
    UNPIN = "unpin"
    DELETE = "delete"
    APPROVE = "approve"
    CONFIGURE = "configure"
    OPEN_GATE = "open_gate"
    CREATE_TOKEN = "create_token"  # noqa: S105 - the name of an order
    REVOKE = "revoke"
    REVOKE_TOKEN = "revoke_token"  # noqa: S105 - the name of an order
    CLOSE_GATE = "close_gate"
    STRIKE = "strike"
    ENTER = "enter_safe_mode"
    LEAVE = "leave_safe_mode"


# What takes power away, and the way in and out. An order that is not here is refused.
ALLOWED = frozenset(
    {Order.REVOKE, Order.REVOKE_TOKEN, Order.CLOSE_GATE, Order.STRIKE, Order.ENTER, Order.LEAVE}
)
REFUSED = frozenset(Order) - ALLOWED


@dataclass(frozen=True, slots=True)
class Left:
    """What leaving came to: the mode now, and the reasons that went and that stayed."""

    mode: SafeMode
    cleared: tuple[Reason, ...]
    remaining: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class SafeMode:
    """The reasons that hold now, each with its own why; none means that safe mode is off."""

    reasons: Mapping[Reason, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def active(self) -> bool:
        """Tell whether safe mode is on."""
        return bool(self.reasons)

    def shown(self) -> dict[str, str]:
        """Give the reasons as plain words."""
        return {reason.value: why for reason, why in self.reasons.items()}

    def enter(self, reason: Reason, why: str) -> SafeMode:
        """Add a reason; one that holds already keeps its first why."""
        return _of({reason: _storable(why), **self.reasons})

    def leave(self, *, healed: Collection[Reason] = ()) -> Left:
        """Clear what leaving clears, and what the caller has seen to be healed."""
        cleared = tuple(r for r in self.reasons if clears_by_leaving(r) or (_heals(r) and r in healed))
        remaining = {r: why for r, why in self.reasons.items() if r not in cleared}
        return Left(_of(remaining), cleared, tuple(remaining))


def _storable(why: str) -> str:
    """Make any words, even those of a broken file, fit for the file and for an answer."""
    return why[:LONGEST_WHY].encode(errors="replace").decode()


def _of(reasons: Mapping[Reason, str]) -> SafeMode:
    """Keep reasons in one order, however they came."""
    return SafeMode(MappingProxyType({r: reasons[r] for r in Reason if r in reasons}))


def safe_mode(reasons: Mapping[Reason, str]) -> SafeMode:
    """Make a safe mode of reasons."""
    return _of(reasons)


def clears_by_leaving(reason: Reason) -> bool:
    """Tell whether an admin's word is enough to clear a reason."""
    match reason:
        case Reason.ADMIN | Reason.CRASH:
            return True
        case Reason.ENV | Reason.FILE | Reason.JOURNAL | Reason.REGISTRY:
            return False
    assert_never(reason)


def _heals(reason: Reason) -> bool:
    """Tell whether a check by the system may clear a reason."""
    return reason in {Reason.JOURNAL, Reason.REGISTRY}


def remedy(reason: Reason) -> str:
    """Say what clears a reason."""
    match reason:
        case Reason.ADMIN | Reason.CRASH:
            return "leave safe mode"
        case Reason.ENV:
            return "env: unset NEIRA_SAFE_MODE and safe.mode, then start again"
        case Reason.FILE:
            return "file: remove the file SAFE_MODE from the home"
        case Reason.JOURNAL:
            return "journal: run `neira journal verify` until it is clean, then leave again"
        case Reason.REGISTRY:
            return "registry: run `neira registry rebuild`, then leave again"
    assert_never(reason)


def gate_order(before: GateState, after: GateState) -> Order:
    """Say which order a move of a gate is: one that gives power, or one that takes it."""
    return Order.OPEN_GATE if widens(before, after) else Order.CLOSE_GATE


def permit(mode: SafeMode, order: str) -> None:
    """Refuse an order that safe mode forbids, and any order that is not in its table."""
    if mode.active and order not in ALLOWED:
        raise SafeModeActive(order, mode.shown())


def require_left(left: Left) -> None:
    """Refuse to call safe mode left while a reason stays."""
    if left.remaining:
        raise SafeModeRemains(
            left.mode.shown(), cleared=left.cleared, remedies=[remedy(reason) for reason in left.remaining]
        )


def may_affect(mode: SafeMode, scope: Scope) -> Allowed | Denied:
    """Decide whether a caller's runs may have writing effects."""
    if mode.active and not scope.covers(Scope.ADMIN):
        return Denied("safe_mode", "effects need the scope admin while safe mode is on")
    return Allowed()
