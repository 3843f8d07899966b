"""Gates, phrases and safe mode through the kernel: journaled, seen by others, undone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from neira.changes.gates import Say, SetGate
from neira.changes.safe_mode import EnterSafeMode, LeaveSafeMode
from neira.changes.tokens import CreateToken, RevokeToken
from neira.errors.caller import NamespaceMismatch, ScopeMissing, Unauthenticated
from neira.errors.change import IdempotencyMismatch, PreconditionFailed
from neira.errors.gate import CriteriaMissed, SafeModeActive, SafeModeRemains, UnknownGate
from neira.gates.safe_mode import Reason
from neira.idempotency.index import Use
from neira.kernel import Kernel
from neira.model import NEVER, Caller, GateName, GateState, Scope
from neira.settings import load
from tests.conftest import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import SteppedClock

DOOR = GateName("ui_tools_registry")
OPEN = GateState.EXPERIMENTAL


def test_an_opened_gate_is_journaled_and_kept(kernel: Kernel, home: Path) -> None:
    """The answer names the record, the state file and CAPABILITIES.md follow."""
    change = kernel.change(SetGate(DOOR, OPEN), ADMIN, why="because")
    *_, record = kernel.journal.after(NEVER)
    assert (record.id, record.actor, record.change.why) == (change.journal_id, ADMIN.actor, "because")
    assert change.body["state"] == "experimental"
    assert change.body["safeguards"]
    assert change.body["how_to_go_back"]
    assert '"experimental"' in (home / "capabilities/state.json").read_text()
    assert "experimental" in (home / "capabilities/CAPABILITIES.md").read_text()
    assert record.id in (home / "journal/JOURNALING.md").read_text()


def test_another_process_sees_the_change_at_once(kernel: Kernel, home: Path) -> None:
    """A second kernel on the home has not been told, and knows."""
    with Kernel.open(home, load(home, {})) as other:
        assert other.world.now().gates.state(DOOR) is GateState.EMBRYO
        kernel.change(SetGate(DOOR, OPEN), ADMIN)
        assert other.world.now().gates.state(DOOR) is OPEN


def test_a_phrase_opens_a_gate_and_a_question_changes_nothing(kernel: Kernel) -> None:
    """Words do what the API does; a question leaves no record."""
    said = kernel.change(Say("Разблокируй ui_tools_registry"), ADMIN)
    assert said.body["state"] == "experimental"
    before = kernel.journal.tail()
    asked = kernel.change(Say("Покажи статус способностей"), ADMIN)
    assert str(asked.body["capabilities"]).count("how_to_change") == 8
    assert kernel.journal.tail() == before


def test_a_misspelt_phrase_changes_nothing(kernel: Kernel) -> None:
    """It is answered with what may have been meant."""
    with pytest.raises(UnknownGate) as caught:
        kernel.change(Say("unlock ui_tools_registri"), ADMIN)
    assert "unlock ui_tools_registry" in str(caught.value.details["suggestions"])
    assert kernel.world.now().gates.state(DOOR) is GateState.EMBRYO


def test_the_wasm_gate_waits_for_its_criteria_unless_forced(kernel: Kernel) -> None:
    """A forced step needs a why and says in the journal what it passed over."""
    wasm = GateName("runtime_wasm_plugins")
    with pytest.raises(CriteriaMissed):
        kernel.change(SetGate(wasm, OPEN), ADMIN, why="now")
    forced = kernel.change(SetGate(wasm, OPEN, why="now", force=True), ADMIN, why="now")
    assert forced.body["forced"]


def test_a_repeated_key_has_one_effect_and_one_answer(kernel: Kernel) -> None:
    """Also from another kernel; another request under the key is refused."""
    use = Use(ADMIN.actor, "k", "PUT /x 1")
    first = kernel.change(SetGate(DOOR, OPEN), ADMIN, use=use)
    kernel.change(SetGate(DOOR, GateState.EMBRYO), ADMIN)
    again = kernel.change(SetGate(DOOR, OPEN), ADMIN, use=use)
    assert (again.body, again.journal_id) == (first.body, first.journal_id)
    assert kernel.world.now().gates.state(DOOR) is GateState.EMBRYO
    with pytest.raises(IdempotencyMismatch):
        kernel.change(SetGate(DOOR, OPEN), ADMIN, use=Use(ADMIN.actor, "k", "PUT /y 1"))


def test_a_stale_precondition_is_refused(kernel: Kernel) -> None:
    """Two who read the same revision: the second is told to read again."""
    revision = kernel.change(SetGate(DOOR, OPEN), ADMIN).revision
    kernel.change(SetGate(DOOR, GateState.EMBRYO), ADMIN, if_match=f'"{revision}"')
    with pytest.raises(PreconditionFailed):
        kernel.change(SetGate(DOOR, OPEN), ADMIN, if_match=f'"{revision}"')


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WRITE])
def test_a_change_needs_the_admin_scope(kernel: Kernel, scope: Scope) -> None:
    """Lower rungs are refused before anything is looked at."""
    with pytest.raises(ScopeMissing):
        kernel.change(SetGate(DOOR, OPEN), Caller("token:low", scope))


def test_a_namespaced_admin_does_not_move_gates(kernel: Kernel) -> None:
    """What concerns the whole system is beyond a namespace."""
    with pytest.raises(NamespaceMismatch):
        kernel.change(SetGate(DOOR, OPEN), Caller("token:ns", Scope.ADMIN, "acme"))


def test_safe_mode_refuses_opening_and_allows_closing(kernel: Kernel) -> None:
    """What widens waits; what narrows goes on."""
    kernel.change(SetGate(DOOR, OPEN), ADMIN)
    kernel.change(EnterSafeMode("drill"), ADMIN, why="drill")
    assert kernel.health().status == "safe_mode"
    with pytest.raises(SafeModeActive):
        kernel.change(SetGate(GateName("annotations_pencil"), OPEN), ADMIN)
    with pytest.raises(SafeModeActive):
        kernel.change(CreateToken("more", Scope.READ), ADMIN)
    kernel.change(SetGate(DOOR, GateState.EMBRYO), ADMIN)
    kernel.change(LeaveSafeMode(), ADMIN, why="over")
    assert kernel.health().status == "ready"


def test_safe_mode_survives_a_restart(kernel: Kernel, home: Path) -> None:
    """The brake is on disk."""
    kernel.change(EnterSafeMode("drill"), ADMIN)
    kernel.close()
    with Kernel.open(home, load(home, {})) as again:
        assert Reason.ADMIN in again.safety.now().reasons


def test_a_trigger_file_brakes_at_once_and_leaving_names_it(kernel: Kernel, home: Path) -> None:
    """An operator without the API puts a file into the home; only its removal releases."""
    (home / "SAFE_MODE").touch()
    with pytest.raises(SafeModeActive):
        kernel.change(SetGate(DOOR, OPEN), ADMIN)
    with pytest.raises(SafeModeRemains):
        kernel.change(LeaveSafeMode(), ADMIN)
    (home / "SAFE_MODE").unlink()
    kernel.change(SetGate(DOOR, OPEN), ADMIN)


def test_a_token_works_until_it_is_revoked(kernel: Kernel) -> None:
    """The secret is in the answer alone: neither journal nor disk hold it."""
    made = kernel.change(CreateToken("ci", Scope.WRITE), ADMIN)
    secret = str(made.body["token"])
    assert kernel.authenticate(f"Bearer {secret}").scope is Scope.WRITE
    texts = [path.read_bytes() for path in kernel.home.root.rglob("*") if path.is_file()]
    assert not any(secret.encode() in text for text in texts)
    kernel.change(RevokeToken(str(made.body["id"])), ADMIN)
    with pytest.raises(Unauthenticated):
        kernel.authenticate(f"Bearer {secret}")


def test_an_expired_token_stays_expired_when_the_clock_goes_back(kernel: Kernel, clock: SteppedClock) -> None:
    """The latest time ever seen counts."""
    until = clock.now() + timedelta(minutes=1)
    secret = kernel.change(CreateToken("short", Scope.READ, expires=until), ADMIN).body["token"]
    clock.step(61)
    with pytest.raises(Unauthenticated):
        kernel.authenticate(f"Bearer {secret}")
    clock.set_wall(until - timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        kernel.authenticate(f"Bearer {secret}")
