"""The bytes-to-bytes import: (address, length) of the input -> address << 32 | length of the answer.

The answer is written to memory that the guest's own `alloc` gives, which is called from within the
guest's call.
"""

from __future__ import annotations

import ctypes
from time import perf_counter
from typing import TYPE_CHECKING

from wasmlane.outcome import Kind, Stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmlane.binary import Import
    from wasmlane.guest import Guest
    from wasmlane.imports import Offer


def fits(wanted: Import) -> bool:
    """Tell whether an import has the bridge's type."""
    type_ = wanted.type
    return type_ is not None and type_.params == ("i32", "i32") and type_.results == ("i64",)


def answer(guest: Guest, offer: Offer, arguments: Sequence[int]) -> int | None:
    """Answer one call of the guest, or say in `guest.stop` why it ends here."""
    guest.stop = guest.stop or _objection(guest)
    if guest.stop is not None:
        return None
    guest.host_calls += 1
    at, length = arguments
    said = _asked(guest, offer, at, length)
    if isinstance(said, Stop):
        guest.stop = said
        return None
    return _handed_over(guest, said) if said else 0


def _objection(guest: Guest) -> Stop | None:
    if guest.host is None:
        return Stop(Kind.HOST, "the guest called the host, which offers nothing now")
    if guest.making_room:
        return Stop(Kind.HOST, "the guest called the host while it made room for an answer")
    if guest.host_calls >= guest.limits.host_calls:
        return Stop(Kind.HOST_CALLS, f"the guest called the host more than {guest.limits.host_calls:,} times")
    return None


def _asked(guest: Guest, offer: Offer, at: int, length: int) -> bytes | Stop:
    instance, limits = guest.instance, guest.limits
    instance.look()
    if at + length > instance.size:
        return Stop(
            Kind.BAD_POINTER, f"the guest's question of {length} bytes at {at} lies outside of its memory"
        )
    said = _heard(guest, offer, ctypes.string_at(instance.base + at, length))
    if guest.timed and (perf_counter() - guest.began) * 1000 > limits.timeout_ms:
        return Stop(Kind.TIME, "the guest ran out of time in a host function")
    if not isinstance(said, (bytes, bytearray, memoryview)):
        name = f"{offer.module}.{offer.name}"
        raise TypeError(f"the host function for {name} answers bytes, not {type(said).__name__}")
    if len(said) > limits.host_bytes:
        return Stop(
            Kind.OUTPUT, f"the host's answer of {len(said):,} bytes is larger than {limits.host_bytes:,}"
        )
    return bytes(said)


def _heard(guest: Guest, offer: Offer, question: bytes) -> object:
    assert guest.host is not None, "an objection comes first"
    here = guest.program.here
    here.depth += 1
    try:
        return guest.host(offer.module, offer.name, question)
    finally:
        here.depth -= 1


def _handed_over(guest: Guest, said: bytes) -> int | None:
    guest.making_room = True
    try:
        at = guest.room_for(len(said))
    finally:
        guest.making_room = False
    if isinstance(at, Stop):
        guest.stop = guest.stop or at
        return None
    ctypes.memmove(guest.instance.base + at, said, len(said))
    return at << 32 | len(said)
