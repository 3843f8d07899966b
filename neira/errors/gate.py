"""Refusals of gates, phrases and safe mode: what is shut, why, and every way to change it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError
from neira.errors.input import InvalidInput
from neira.model import GateState, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from neira.model import GateName, Json, JsonObject, Seq

ECHO = 80  # characters of somebody's words that an answer repeats; at most 200 bytes as UTF-8

LEAVE_SAFE_MODE = (
    'PUT /api/neira/safe-mode {"enabled": false, "why": "…"}',
    'neira safe-mode off --why "…"',
)


def ways(gate: GateName, to: GateState, *, now: GateState) -> tuple[str, ...]:
    """List the calls and words that bring a gate from its state now to another one."""
    call = f'PUT /api/neira/capabilities/{gate} {{"state": "{to}", "why": "…"}}'
    return (call, f'neira gates set {gate} {to} --why "…"', *_phrases(gate, to, now))


def _phrases(gate: GateName, to: GateState, now: GateState) -> tuple[str, ...]:
    if to is GateState.LOCKED:
        return (f"lock {gate}", f"Заблокируй {gate}")
    if to is GateState.EMBRYO:
        return (f"disable {gate}", f"Выключи {gate}")
    if to is GateState.EXPERIMENTAL and now in {GateState.LOCKED, GateState.EMBRYO}:
        return (f"unlock {gate}", f"Разблокируй {gate}")
    return ()  # stable and deprecated have no words, and «unlock» never lowers a state


def _echo(text: str) -> str:
    """Shorten foreign words and keep them printable, whatever they hold."""
    printable = "".join(char if char.isprintable() else "?" for char in text[:ECHO])
    return printable.encode()[:150].decode(errors="ignore")


class CapabilityDisabled(NeiraError):
    """A request that a closed gate guards."""

    code = "capability_disabled"
    status = HTTPStatus.FORBIDDEN
    fault = Fault.DENIED

    def __init__(self, gate: GateName, state: GateState) -> None:
        choices = ways(gate, GateState.EXPERIMENTAL, now=state)
        super().__init__(
            f"the capability {gate} is {state}",
            hint=f"an admin opens it: {choices[0]}",
            details={
                "capability": gate,
                "state": state,
                "reason": f"gate {gate} is {state}",
                "required_scope": Scope.ADMIN,
                "required_role": Scope.ADMIN,
                "suggestions": choices,
            },
        )


class CriteriaMissed(NeiraError):
    """A gate that has not earned the state it is asked to take."""

    code = "criteria_missed"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(
        self, gate: GateName, to: GateState, *, now: GateState, missed: Sequence[JsonObject]
    ) -> None:
        reasons = "; ".join(str(item["sentence"]) for item in missed)
        forced = (
            f'PUT /api/neira/capabilities/{gate} {{"state": "{to}", "force": true, "why": "…"}}',
            f'neira gates set {gate} {to} --force --why "…"',
        )
        super().__init__(
            f"{gate} may not become {to} yet: {reasons}",
            hint=f"wait until the criteria are met, or force it with a reason that is journaled: {forced[0]}",
            details={
                "capability": gate,
                "state": now,
                "wanted_state": to,
                "criteria": list(missed),
                "required_scope": Scope.ADMIN,
                "suggestions": forced,
            },
        )


class WhyRequired(NeiraError):
    """A force without a reason."""

    code = "why_required"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, gate: GateName) -> None:
        super().__init__(
            f"forcing {gate} past its criteria needs a reason",
            hint="say why in `why`; it is kept in the journal",
            details={"capability": gate, "missing": "why"},
        )


class UnknownGate(NeiraError):
    """A gate that the catalogue does not name."""

    code = "unknown_gate"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, asked: str, suggestions: Sequence[str] = ()) -> None:
        guess = f"did you mean {suggestions[0]}? " if suggestions else ""
        super().__init__(
            f"there is no capability “{_echo(asked)}”; nothing was changed",
            hint=f"{guess}GET /api/neira/capabilities and `neira gates list` name them all",
            details={"suggestions": tuple(suggestions)},
        )


class UnknownPhrase(NeiraError):
    """Words that are none of the owner's phrases."""

    code = "unknown_phrase"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    fault = Fault.INVALID

    def __init__(self, phrase: str, suggestions: Sequence[str]) -> None:
        super().__init__(
            f"“{_echo(phrase)}” is not a phrase known here; nothing was changed",
            hint=f"did you mean “{suggestions[0]}”?" if suggestions else "say at most 200 characters",
            details={"suggestions": tuple(suggestions)},
        )


class AmbiguousPhrase(NeiraError):
    """A name that fits several gates."""

    code = "ambiguous_phrase"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    fault = Fault.INVALID

    def __init__(self, asked: str, candidates: Sequence[GateName]) -> None:
        super().__init__(
            f"“{_echo(asked)}” may mean {', '.join(candidates)}; nothing was changed",
            hint="say the phrase again with one of these names",
            details={"candidates": tuple(candidates), "suggestions": tuple(candidates)},
        )


class InvalidGates(InvalidInput):
    """A gates.yaml that cannot be used, with every mistake in it."""

    code = "invalid_gates"
    subject = "capabilities/gates.yaml"


class BadGateRecord(NeiraError):
    """A journal record of a gate that this program cannot read."""

    code = "bad_gate_record"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, seq: Seq) -> None:
        super().__init__(
            f"journal record {seq} changes a gate in a way that this Neira does not know",
            hint="use the Neira that wrote it or a newer one, and run `neira journal verify`",
            details={"seq": seq},
        )


class SafeModeActive(NeiraError):
    """A change that safe mode forbids."""

    code = "safe_mode"
    status = HTTPStatus.FORBIDDEN
    fault = Fault.DENIED

    def __init__(self, order: str, reasons: Mapping[str, str]) -> None:
        super().__init__(
            f"safe mode forbids to {order.replace('_', ' ')} ({', '.join(reasons)})",
            hint=f"look at the reasons, then leave safe mode: {LEAVE_SAFE_MODE[0]}",
            details={
                "order": order,
                "reasons": _facts(reasons),
                "required_scope": Scope.ADMIN,
                "suggestions": LEAVE_SAFE_MODE,
            },
        )


class SafeModeRemains(NeiraError):
    """A safe mode that could not be left wholly, with what was cleared and what stays."""

    code = "safe_mode_remains"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(
        self, remaining: Mapping[str, str], *, cleared: Iterable[str], remedies: Sequence[str]
    ) -> None:
        super().__init__(
            f"safe mode stays on ({', '.join(remaining)})",
            hint="; ".join(remedies),
            details={
                "reasons": _facts(remaining),
                "cleared": tuple(cleared),
                "suggestions": tuple(remedies),
            },
        )


def _facts(reasons: Mapping[str, str]) -> dict[str, Json]:
    return {reason: _echo(why) for reason, why in reasons.items()}
