"""Safe mode: its reasons, what it forbids, and how it is kept on disk."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.gate import SafeModeActive, SafeModeRemains
from neira.gates import safe_mode_file, views
from neira.gates.safe_mode import (
    ALLOWED,
    REFUSED,
    Order,
    Reason,
    SafeMode,
    gate_order,
    may_affect,
    permit,
    require_left,
    safe_mode,
)
from neira.model import Allowed, Denied, GateState, Scope

if TYPE_CHECKING:
    from pathlib import Path

OFF = SafeMode()
REASONS = st.sampled_from(list(Reason))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make an empty home with its private folder."""
    (tmp_path / ".neira").mkdir()
    return tmp_path


def test_reasons_are_a_set_and_the_first_why_stays() -> None:
    """Entering twice for one reason is entering once."""
    mode = (
        OFF.enter(Reason.JOURNAL, "fsync failed").enter(Reason.ADMIN, "a look").enter(Reason.JOURNAL, "again")
    )
    assert mode.reasons == {Reason.ADMIN: "a look", Reason.JOURNAL: "fsync failed"}
    assert not OFF.active


def test_leaving_clears_what_a_word_can_clear() -> None:
    """An admin's wish and a crash go; damage, setting and file stay and are named with their remedies."""
    left = safe_mode(dict.fromkeys(Reason, "why")).leave()
    assert set(left.cleared) == {Reason.ADMIN, Reason.CRASH}
    with pytest.raises(SafeModeRemains) as refused:
        require_left(left)
    error = refused.value
    assert (error.code, error.status) == ("safe_mode_remains", HTTPStatus.CONFLICT)
    reasons = error.details["reasons"]
    assert isinstance(reasons, dict)
    assert reasons.keys() == {"env", "file", "journal", "registry"}
    assert "neira journal verify" in error.hint


def test_damage_goes_when_it_is_seen_to_be_healed() -> None:
    """The caller verifies first; nobody can heal a setting by saying so."""
    mode = safe_mode(dict.fromkeys(Reason, "why"))
    left = mode.leave(healed=list(Reason))
    assert left.remaining == (Reason.ENV, Reason.FILE)
    require_left(OFF.enter(Reason.REGISTRY, "index").leave(healed=[Reason.REGISTRY]))


@given(st.lists(st.tuples(st.booleans(), REASONS), max_size=12))
@settings(max_examples=60, deadline=None)
def test_leaving_never_drops_a_reason_unnamed(steps: list[tuple[bool, Reason]]) -> None:
    """Cleared and remaining together are what held before."""
    mode = OFF
    for entering, reason in steps:
        if entering:
            mode = mode.enter(reason, "why")
            assert mode.active
            continue
        left = mode.leave(healed=[reason])
        assert {*left.cleared, *left.remaining} == set(mode.reasons)
        assert set(left.mode.reasons) == set(left.remaining)
        mode = left.mode


def test_every_order_is_either_allowed_or_refused() -> None:
    """The table of orders is complete: what takes power away and the way out are allowed."""
    assert set(Order) == ALLOWED | REFUSED
    assert {order.value for order in ALLOWED} == {
        "revoke",
        "revoke_token",
        "close_gate",
        "strike",
        "enter_safe_mode",
        "leave_safe_mode",
    }


@pytest.mark.parametrize("order", [*sorted(REFUSED), "something_new"])
def test_a_change_is_refused_with_reasons_and_the_way_out(order: str) -> None:
    """So is an order that nobody has put into the table."""
    with pytest.raises(SafeModeActive) as refused:
        permit(OFF.enter(Reason.ADMIN, "a look"), order)
    error = refused.value
    assert (error.code, error.status) == ("safe_mode", HTTPStatus.FORBIDDEN)
    assert error.details["reasons"] == {"admin": "a look"}
    assert "/api/neira/safe-mode" in error.hint


@pytest.mark.parametrize("order", sorted(ALLOWED))
def test_what_takes_power_away_is_allowed(order: str) -> None:
    """Revoking, closing, strikes and leaving go on."""
    permit(OFF.enter(Reason.JOURNAL, "damage"), order)


def test_outside_safe_mode_nothing_is_refused() -> None:
    """The table is asked only while a reason holds."""
    for order in Order:
        permit(OFF, order)


def test_effects_are_for_admins_while_it_lasts() -> None:
    """A write token's runs are denied by name."""
    mode = OFF.enter(Reason.ADMIN, "a look")
    assert isinstance(may_affect(mode, Scope.WRITE), Denied)
    assert isinstance(may_affect(mode, Scope.ADMIN), Allowed)
    assert isinstance(may_affect(OFF, Scope.WRITE), Allowed)


def test_a_restart_finds_what_was_stored(home: Path) -> None:
    """Setting and file are looked at anew, the rest is kept."""
    safe_mode_file.write(home, safe_mode(dict.fromkeys(Reason, "why")))
    found = safe_mode_file.read(home, env=False)
    assert set(found.reasons) == {Reason.ADMIN, Reason.JOURNAL, Reason.REGISTRY, Reason.CRASH}
    safe_mode_file.write(home, OFF)
    assert not safe_mode_file.read(home, env=False).active


def test_a_new_home_is_not_in_safe_mode(home: Path) -> None:
    """A missing file is an answer."""
    assert safe_mode_file.read(home, env=False) == OFF


def test_the_setting_and_the_trigger_file_are_reasons(home: Path) -> None:
    """Even a dangling link counts: somebody has put it there."""
    (home / "SAFE_MODE").symlink_to(home / "nowhere")
    assert set(safe_mode_file.read(home, env=True).reasons) == {Reason.ENV, Reason.FILE}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"format":1}',
        b'{"format":2,"reasons":{}}',
        b'{"format":1,"reasons":[]}',
        b'{"format":1,"reasons":{"env":"x"}}',
        b'{"format":1,"reasons":{"mood":"x"}}',
        b'{"format":1,"reasons":{"admin":1}}',
        b'{"format":1,"reasons":{},"reasons":{}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_a_damaged_file_is_a_reason(home: Path, damage: bytes) -> None:
    """What cannot be read may have said anything: safe mode is on, and leaving writes the file anew."""
    (home / safe_mode_file.FILE).write_bytes(damage)
    found = safe_mode_file.read(home, env=False)
    assert set(found.reasons) == {Reason.CRASH}
    safe_mode_file.write(home, found.leave().mode)
    assert not safe_mode_file.read(home, env=False).active


def test_a_folder_that_cannot_be_looked_into_is_a_reason(tmp_path: Path) -> None:
    """Only a file that is surely missing means that safe mode is off."""
    (tmp_path / ".neira").write_text("no folder")
    assert set(safe_mode_file.read(tmp_path, env=False).reasons) == {Reason.CRASH}


def test_closing_a_gate_goes_on_while_it_lasts() -> None:
    """Opening, and raising out of experimental, are refused."""
    mode = OFF.enter(Reason.ADMIN, "a look")
    permit(mode, gate_order(GateState.STABLE, GateState.EXPERIMENTAL))
    permit(mode, gate_order(GateState.EXPERIMENTAL, GateState.LOCKED))
    for before, after in (("embryo", "experimental"), ("experimental", "stable")):
        with pytest.raises(SafeModeActive):
            permit(mode, gate_order(GateState(before), GateState(after)))


def test_a_link_in_place_of_the_file_is_damage(home: Path) -> None:
    """Nobody switches safe mode off by pointing elsewhere."""
    (home / "off.json").write_text('{"format":1,"reasons":{}}')
    (home / safe_mode_file.FILE).symlink_to(home / "off.json")
    assert safe_mode_file.read(home, env=False).active


@given(st.text(max_size=2_000))
@settings(max_examples=40, deadline=None)
def test_any_why_can_be_shown(why: str) -> None:
    """A reason taken from a broken file is cut and made printable as JSON."""
    shown = str(views.safe_mode(OFF.enter(Reason.JOURNAL, why)))
    shown.encode()


def test_the_state_is_shown_with_what_clears_it() -> None:
    """The body of `GET /safe-mode` tells how to leave."""
    body = views.safe_mode(OFF.enter(Reason.ENV, "set"))
    assert body["enabled"] is True
    assert body["reasons"] == [{"reason": "env", "why": "set", "clears_by_leaving": False}]
    assert views.safe_mode(OFF) == {"enabled": False, "reasons": [], "how_to_leave": []}
