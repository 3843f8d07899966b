"""Who has to agree before a power is used, and what trust lets a plugin hold at most."""

from __future__ import annotations

from itertools import pairwise

import pytest

from neira.model import Allowed, Denied, PluginId, Scope
from neira.permissions.decide import CallerScope, Granted, Platform, Reason, Requested, Trusted, decide
from neira.permissions.permission import parse
from neira.permissions.table import TABLE, Risk
from neira.permissions.trust import Trust, TrustLevel, Unsigned

ID = PluginId("ui.pencil")
HOST = parse("http:outbound:x.org")
APPROVABLE = Trust(unsigned=Unsigned.APPROVAL)


def test_nobody_asked_is_a_no() -> None:
    """All of nothing is no agreement."""
    assert decide(HOST, ()) == Denied(Reason.NO_AUTHORITY, "http:outbound:x.org")


def test_everybody_has_to_agree() -> None:
    """Manifest, grant, trust and caller: with all of them it is allowed."""
    everybody = (
        Requested((parse("http:outbound"),)), Granted(ID, (HOST,)), Trusted(ID, APPROVABLE),
        CallerScope(Scope.WRITE), Platform("linux"),
    )  # fmt: skip
    assert decide(HOST, everybody) == Allowed()


@pytest.mark.parametrize(
    ("authority", "reason"),
    [
        (Requested(()), Reason.NOT_REQUESTED),
        (Requested((parse("http:outbound:y.org"),)), Reason.NOT_REQUESTED),
        (Granted(ID, ()), Reason.NOT_GRANTED),
        (Granted(ID, (parse("http:outbound"),)), Reason.NOT_GRANTED),
        (Trusted(ID, Trust()), Reason.TRUST_TOO_LOW),
        (CallerScope(Scope.READ), Reason.SCOPE_MISSING),
    ],
)
def test_the_one_that_does_not_agree_is_named(authority: Requested, reason: Reason) -> None:
    """Each authority has a reason of its own, whatever the others say."""
    found = decide(HOST, (Requested((HOST,)), authority, Granted(ID, (HOST,))))
    assert found == Denied(reason, "http:outbound:x.org")


def test_a_decision_has_no_truth_value() -> None:
    """An `if` on a decision is a mistake that shows at once."""
    with pytest.raises(TypeError):
        bool(decide(HOST, ()))


def test_a_bare_grant_reaches_one_s_own_id_and_no_further() -> None:
    """`events:publish` is enough below the plugin's id; elsewhere it names nothing."""
    held = (Granted(ID, (parse("events:publish"),)),)
    assert decide(parse("events:publish:ui.pencil.drawn"), held) == Allowed()
    assert decide(parse("events:publish:notes.saved"), held) == Denied(
        Reason.NOT_GRANTED, "events:publish:notes.saved"
    )


def test_the_windows_registry_is_unsupported_elsewhere() -> None:
    """What does not exist on this machine is said to be unsupported."""
    wanted = parse("winreg:read")
    assert decide(wanted, (Platform("linux"),)) == Denied(Reason.UNSUPPORTED, "winreg:read")
    assert decide(wanted, (Platform("win32"),)) == Allowed()


@pytest.mark.parametrize("row", [row for row in TABLE if row.asks], ids=lambda row: row.name)
def test_a_power_asks_for_the_caller_s_scope(row: object) -> None:
    """A caller below the scope of the table is refused; admin is always enough."""
    wanted = parse(getattr(row, "name"))  # noqa: B009 - the parameter is shown by its name only
    assert decide(wanted, (CallerScope(Scope.READ),)) == Denied(Reason.SCOPE_MISSING, str(wanted))
    assert decide(wanted, (CallerScope(Scope.ADMIN),)) == Allowed()


def _held(trust: Trust) -> set[str]:
    texts = {f"{row.name}:x" if row.needs_object else row.name for row in TABLE}
    return {text for text in texts if trust.may_hold(parse(text), ID)}


def test_trust_is_a_ladder() -> None:
    """Each rung may hold all that the one below may, and more."""
    rungs = [Trust(unsigned=rule) for rule in Unsigned]
    rungs += [Trust(TrustLevel.SIGNED), Trust(TrustLevel.VERIFIED)]
    held = [_held(rung) for rung in rungs]
    assert all(lower <= upper for lower, upper in pairwise(held))
    assert held[0] == {"storage:read", "system:read", "process:list"}
    assert len(held[-1]) == len(TABLE)


def test_an_explicit_approval_is_for_verified_publishers() -> None:
    """Neither a setting nor an ordinary signature lets a plugin end processes."""
    for trust in (APPROVABLE, Trust(TrustLevel.SIGNED)):
        assert trust.refusal(ID, "process:kill") is not None
    assert Trust(TrustLevel.VERIFIED).refusal(ID, "process:kill") is None
    assert Trust(TrustLevel.VERIFIED).must_be_named(ID, "process:kill")


def test_only_low_risk_is_granted_unasked() -> None:
    """However much a plugin is trusted, an approval stays an approval."""
    for level in TrustLevel:
        trust = Trust(level, Unsigned.APPROVAL)
        for row in TABLE:
            text = f"{row.name}:other" if row.needs_object else row.name
            low = parse(text).risk_for(ID) is Risk.LOW
            assert trust.grants_unasked(ID, text) is low


def test_a_stricter_setting_takes_low_risk_away_as_well() -> None:
    """With `read`, a writing permission is neither granted unasked nor grantable; the setting is named."""
    strict = Trust(unsigned=Unsigned.READ)
    assert strict.grants_unasked(ID, "storage:read")
    assert not strict.grants_unasked(ID, "storage:write")
    assert "trust.unsigned" in str(strict.refusal(ID, "storage:write"))
