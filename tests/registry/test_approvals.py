"""Approvals are bound to bytes: no update, reload, rollback or pin leads round them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.errors.registry import (
    ApprovalMismatch,
    NotApproved,
    NotGrantable,
    NothingPending,
)
from neira.model import PluginId, PluginState
from neira.permissions.trust import Trust, TrustLevel, Unsigned
from neira.registry import register, verbs
from tests.registry.candidates import Told, candidate, digest

if TYPE_CHECKING:
    from neira.registry.snapshot import Plugin

ID = PluginId("a.b")
TRUST = Trust(unsigned=Unsigned.APPROVAL)
HTTP, KILL = "http:outbound:x.org", "process:kill"
ENTRY = "plugins/scripts/x.rhai"
VERBS = ["enable", "disable", "rollback", "unpin", "delete"]


def test_what_asks_for_more_waits_while_the_old_version_stays() -> None:
    """An approval names exactly what waits; then the update is live."""
    told = Told()
    told.register(candidate(), enable=True)
    told.register(candidate(version="1.1.0", asks=("http:outbound:x.org",)))
    plugin = told.now.get(ID)
    assert plugin.pending is not None
    assert (plugin.live.version, plugin.state) == ("1.0.0", PluginState.ENABLED)
    with pytest.raises(ApprovalMismatch):
        verbs.approve(plugin, "0" * 64, None, TRUST)
    with pytest.raises(ApprovalMismatch):
        verbs.approve(plugin, plugin.pending.digest, ["process:kill"], TRUST)
    told.take(verbs.approve(plugin, plugin.pending.digest, None, TRUST))
    approved = told.now.get(ID)
    assert (approved.live.version, approved.state, approved.pending) == ("1.1.0", PluginState.ENABLED, None)
    assert approved.grant is not None
    assert approved.grant.permissions == ("http:outbound:x.org",)
    with pytest.raises(NothingPending):
        verbs.approve(approved, plugin.pending.digest, None, TRUST)


def test_a_first_version_that_asks_for_more_cannot_be_enabled_before_approval() -> None:
    """Approved, it is disabled, and may be enabled."""
    told = Told()
    told.register(candidate(asks=("fs:read:/data",)), enable=True)
    plugin = told.now.get(ID)
    assert plugin.state is PluginState.PENDING_APPROVAL
    with pytest.raises(NotApproved):
        verbs.enable(plugin)
    assert plugin.pending is not None
    told.take(verbs.approve(plugin, plugin.pending.digest, None, TRUST))
    assert told.now.get(ID).state is PluginState.DISABLED
    told.take(verbs.enable(told.now.get(ID)))
    assert told.now.get(ID).state is PluginState.ENABLED


def test_an_update_that_asks_for_nothing_more_keeps_what_was_granted() -> None:
    """The grant is bound anew, to the new bytes; revoking takes it away."""
    told = Told()
    asks = ("fs:read:/data",)
    told.register(candidate(asks=asks))
    waits = told.now.get(ID).pending
    assert waits is not None
    told.take(verbs.approve(told.now.get(ID), waits.digest, None, TRUST))
    told.register(candidate(version="1.1.0", code="new", asks=asks))
    grant = told.now.get(ID).grant
    assert grant is not None
    assert grant.permissions == asks
    assert told.now.get(ID).live.binding != waits.digest
    told.take(verbs.revoke(told.now.get(ID), asks[0]))
    assert told.now.get(ID).grant is None


def _approved(told: Told, *, permissions: list[str] | None = None, trust: Trust = TRUST) -> Plugin:
    waits = told.now.get(ID).pending
    assert waits is not None
    told.take(verbs.approve(told.now.get(ID), waits.digest, permissions, trust))
    return told.now.get(ID)


def test_a_rollback_never_leads_to_what_nobody_approved() -> None:
    """Neither by name nor as the one before."""
    told = Told()
    told.register(candidate(), enable=True)
    told.register(candidate(version="1.1.0", asks=(HTTP,)))
    with pytest.raises(NotApproved):
        verbs.rollback(told.now.get(ID), "1.1.0", None)
    told.register(candidate(version="1.2.0", code="three"))
    told.take(verbs.rollback(told.now.get(ID), None, None))
    assert told.now.get(ID).live.version == "1.0.0"


def test_bytes_swapped_before_the_approval_are_not_what_is_approved() -> None:
    """A reload makes the new bytes wait, and the digest of the old ones approves nothing."""
    told = Told()
    told.register(candidate(asks=(HTTP,), entry=ENTRY))
    waits = told.now.get(ID).pending
    assert waits is not None
    swapped = candidate(asks=(HTTP,), entry=ENTRY, code="swapped")
    told.take(register.reload(told.now.get(ID), swapped, keep=5, need_bump=False))
    with pytest.raises(NotApproved):
        verbs.enable(told.now.get(ID))
    with pytest.raises(ApprovalMismatch):
        verbs.approve(told.now.get(ID), waits.digest, None, TRUST)


def test_bytes_swapped_after_the_approval_wait_for_another_one() -> None:
    """The approved bytes stay live, with their grant."""
    told = Told()
    told.register(candidate(asks=(HTTP,), entry=ENTRY))
    before = _approved(told)
    swapped = candidate(asks=(HTTP,), entry=ENTRY, code="swapped")
    told.take(register.reload(before, swapped, keep=5, need_bump=False))
    plugin = told.now.get(ID)
    assert (plugin.live, plugin.grant) == (before.live, before.grant)
    assert plugin.pending is not None
    again = candidate(asks=(HTTP,), entry=ENTRY, code="again")
    with pytest.raises(NotApproved):
        register.reload(plugin, again, keep=5, need_bump=False)
    approved = _approved(told)
    assert (approved.live.digest, approved.pending) == (digest("swapped"), None)


def test_a_reload_without_special_powers_leaves_a_waiting_update_waiting() -> None:
    """The two have nothing to do with each other."""
    told = Told()
    told.register(candidate(entry=ENTRY))
    told.register(candidate(version="1.1.0", asks=(HTTP,), entry=ENTRY, code="code"))
    edited = candidate(entry=ENTRY, code="edited")
    told.take(register.reload(told.now.get(ID), edited, keep=5, need_bump=False))
    plugin = told.now.get(ID)
    assert (plugin.live.digest, plugin.pending is not None) == (digest("edited"), True)


def test_an_approval_while_pinned_switches_nothing() -> None:
    """It is granted, and goes live when somebody says so."""
    told = Told()
    for version in ("1.0.0", "1.1.0"):
        told.register(candidate(version=version, code=version))
    told.take(verbs.rollback(told.now.get(ID), None, None))
    told.register(candidate(version="2.0.0", asks=(HTTP,)))
    assert _approved(told).live.version == "1.0.0"
    told.take(verbs.rollback(told.now.get(ID), "2.0.0", None))
    plugin = told.now.get(ID)
    assert plugin.grant is not None
    assert (plugin.live.version, plugin.grant.permissions) == ("2.0.0", (HTTP,))


def test_each_version_has_its_own_grant() -> None:
    """Going back takes the powers of the newer one away."""
    told = Told()
    told.register(candidate())
    told.register(candidate(version="1.1.0", asks=(HTTP,)))
    assert _approved(told).grant is not None
    told.take(verbs.rollback(told.now.get(ID), "1.0.0", None))
    assert told.now.get(ID).grant is None


def test_what_waits_is_never_dropped() -> None:
    """However many versions come after it."""
    told = Told()
    told.register(candidate(), keep=1)
    told.register(candidate(version="1.1.0", asks=(HTTP,)), keep=1)
    told.take(verbs.rollback(told.now.get(ID), "1.0.0", None))
    waits = told.now.get(ID).pending
    assert waits is not None
    for number in range(2, 6):
        told.register(candidate(version=f"1.{number}.0", asks=(HTTP,), code=str(number)), keep=1)
    plugin = told.now.get(ID)
    assert plugin.pending is not None
    assert plugin.version(plugin.pending.seq) is not None


def test_trust_bounds_what_an_approval_can_give() -> None:
    """By default an unsigned plugin gets nothing that needs approval; the gravest must be named."""
    told = Told()
    told.register(candidate(asks=(HTTP, KILL)))
    with pytest.raises(NotGrantable):
        _approved(told, trust=Trust())
    with pytest.raises(NotGrantable):
        _approved(told, permissions=[KILL])
    verified = Trust(TrustLevel.VERIFIED)
    with pytest.raises(NotGrantable):
        _approved(told, trust=verified)
    plugin = _approved(told, permissions=[HTTP, KILL], trust=verified)
    assert plugin.grant is not None
    assert plugin.grant.permissions == (HTTP, KILL)


def test_a_bare_permission_is_approved_with_its_object() -> None:
    """The manifest asks for HTTP, the admin names the hosts."""
    told = Told()
    told.register(candidate(asks=("http:outbound",)))
    plugin = _approved(told, permissions=[HTTP])
    assert plugin.grant is not None
    assert plugin.grant.permissions == (HTTP,)
