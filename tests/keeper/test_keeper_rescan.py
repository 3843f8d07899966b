"""Edited files become revisions; what cannot be loaded is noted, once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from neira.changes.gates import SetGate
from neira.changes.plugins import Delete
from neira.changes.register import Register, Reload
from neira.errors.disk import DiskFull
from neira.keeper.rescan import LONGEST_OPEN, Findings, Rescan
from neira.model import Digest, GateName, GateState, PluginId
from neira.parse.document import Document
from neira.registry import watch_notes
from tests.conftest import ADMIN
from tests.keeper.parts import ListLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neira.home import Home
    from neira.kernel import Kernel
    from tests.fakes import SteppedClock

PLUGIN = PluginId("edited.one")
ENTRY = "plugins/scripts/edited.rhai"
SOURCE = "fn handle(event) { [] }\n"
NOTHING = Findings()
WAITING = Findings(waiting=(PLUGIN,))
BAD = b"fn handle(event) { \xff }\n"


@pytest.fixture
def file(live: Kernel) -> Path:
    """Register a plugin with an entry, and give its file."""
    manifest = {"id": PLUGIN, "version": "1.0.0", "kind": "script", "entry": ENTRY}
    readings = live.manifests.read(Document(manifest, lambda _: None))
    live.change(Register(readings, source=SOURCE), ADMIN)
    return live.home.root / ENTRY


@pytest.fixture
def rescan(live: Kernel, file: Path) -> Rescan:
    """Give a rescan that has seen the file as it is registered."""
    _ = file
    made = Rescan(live, ListLog())
    assert made.run().unsettled == (PLUGIN,)
    return made


@pytest.fixture
def look(rescan: Rescan, clock: SteppedClock) -> Callable[[float], Findings]:
    """Let some time pass, and look."""

    def after(seconds: float) -> Findings:
        clock.step(seconds)
        return rescan.run()

    assert after(0.3) == NOTHING
    return after


def _revision(kernel: Kernel) -> int:
    return kernel.world.now().plugins.get(PLUGIN).live.seq


def _note(kernel: Kernel) -> Any:
    return watch_notes.read(kernel.home).get(PLUGIN)


def test_changed_bytes_become_a_revision_when_the_file_lies_still(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """Not at the first sight of the change, and not twice."""
    before = _revision(live)
    file.write_text(SOURCE + "// more\n")
    assert look(1.0).unsettled == (PLUGIN,)
    assert look(0.1).unsettled == (PLUGIN,)
    assert look(0.2).reloaded == (PLUGIN,)
    assert _revision(live) > before
    assert look(10.0) == NOTHING
    record = live.journal.get(live.world.now().plugins.get(PLUGIN).seq)
    assert (record.kind, record.actor, record.change.why) == (
        "plugin.reloaded", "system:watch", "the file changed",
    )  # fmt: skip


def test_a_file_that_keeps_changing_is_left_alone(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """Each change begins the wait anew; the last bytes win."""
    before = _revision(live)
    for number in range(5):
        file.write_text(f"{SOURCE}// {number}\n")
        assert look(0.5).unsettled == (PLUGIN,)
    assert _revision(live) == before
    assert look(0.3).reloaded == (PLUGIN,)
    assert look(0.3) == NOTHING


def test_a_file_that_somebody_writes_waits_until_it_is_closed(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """However still it lies; but not for ever."""
    with file.open("w") as writer:
        writer.write(SOURCE.replace("handle", "half"))
        writer.flush()
        for _ in range(4):
            assert look(1.0).unsettled == (PLUGIN,)
        writer.write(SOURCE)
    look(1.0)
    assert look(0.3).reloaded == (PLUGIN,)
    with file.open("a") as writer:
        writer.write("// never closed\n")
        writer.flush()
        look(1.0)
        assert look(LONGEST_OPEN).reloaded == (PLUGIN,)


def test_the_same_bytes_are_no_change_whatever_the_times_say(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """A touch, a copy in its place, another mode."""
    before = _revision(live)
    os.utime(file, ns=(1, 1))
    look(1.0)
    assert look(0.3) == NOTHING
    copy = file.with_name("copy")
    copy.write_bytes(file.read_bytes())
    copy.rename(file)
    look(1.0)
    assert look(0.3) == NOTHING
    assert _revision(live) == before


def test_a_change_under_an_old_time_and_size_is_found(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """Somebody sets the time of the file back to what it was."""
    facts = file.stat()
    file.write_text(SOURCE.replace("event", "evenT"))
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    look(1.0)
    assert look(0.3).reloaded == (PLUGIN,)


def test_bytes_that_cannot_be_loaded_are_noted_and_tried_once(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """The old revision stays; the same bad bytes again are no new attempt; good bytes take the note away."""
    before = _revision(live)
    file.write_bytes(BAD)
    look(1.0)
    assert look(0.3).refused == (PLUGIN,)
    note = _note(live)
    assert (note["code"], len(note["digest"])) == ("bad_artifact", 64)
    assert look(60.0) == WAITING
    file.write_bytes(BAD)
    look(1.0)
    assert look(0.3) == WAITING
    assert _revision(live) == before
    file.write_text(SOURCE)
    look(1.0)
    assert look(0.3) == NOTHING  # back to what the registry knows
    assert _note(live) is None


def test_a_closed_gate_is_noted_and_opening_it_is_enough(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """What stood in the way was not the file, so nobody has to touch it again."""
    gate = GateName("runtime_scripting_rhai")
    live.change(SetGate(gate, GateState.LOCKED), ADMIN, why="test")
    file.write_text(SOURCE + "// more\n")
    look(1.0)
    assert look(0.3).refused == (PLUGIN,)
    assert _note(live)["code"] == "capability_disabled"
    live.change(SetGate(gate, GateState.EXPERIMENTAL), ADMIN, why="test")
    assert look(1.0).reloaded == (PLUGIN,)
    assert _note(live) is None


def test_safe_mode_is_noted_and_leaving_it_is_enough(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """The watcher stands under safe mode as a person does."""
    trigger = live.home.root / "SAFE_MODE"
    trigger.touch()
    file.write_text(SOURCE + "// more\n")
    look(1.0)
    assert look(0.3).refused == (PLUGIN,)
    assert _note(live)["code"] == "safe_mode"
    trigger.unlink()
    assert look(1.0).reloaded == (PLUGIN,)


@pytest.mark.parametrize("kind", ["link", "folder", "large", "fifo"])
def test_what_is_no_plain_file_is_noted_and_not_followed(
    live: Kernel, file: Path, look: Callable[[float], Findings], kind: str, tmp_path: Path
) -> None:
    """A link out of the home, a folder, a pipe that would hold the reader, more bytes than allowed."""
    file.unlink()
    if kind == "link":
        (tmp_path / "outside").write_text(SOURCE + "// secret\n")
        file.symlink_to(tmp_path / "outside")
    elif kind == "folder":
        file.mkdir()
    elif kind == "fifo":
        os.mkfifo(file)
    else:
        file.write_bytes(b" " * ((live.settings.limit.script_kb << 10) + 1))
    look(1.0)
    assert look(0.3).refused == (PLUGIN,)
    assert _note(live)["code"] == "bad_entry"
    assert look(60.0) == WAITING


def test_a_file_or_plugin_that_is_gone_is_forgotten(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """With its note; a file alone, without a plugin, is never registered."""
    file.write_bytes(BAD)
    look(1.0)
    look(0.3)
    file.unlink()
    assert look(1.0) == NOTHING
    assert _note(live) is None
    file.write_bytes(BAD)
    look(1.0)
    look(0.3)
    live.change(Delete(PLUGIN), ADMIN)
    assert look(1.0) == NOTHING
    assert _note(live) is None
    (file.parent / "stranger.rhai").write_text(SOURCE)
    look(1.0)
    assert look(1.0) == NOTHING


def test_a_change_by_a_person_leaves_nothing_to_do(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """Whoever reloads first has done it."""
    file.write_text(SOURCE + "// more\n")
    live.change(Reload(PLUGIN), ADMIN)
    look(1.0)
    assert look(0.3) == NOTHING


def test_a_successor_knows_what_was_noted(
    live: Kernel, file: Path, look: Callable[[float], Findings]
) -> None:
    """Notes survive the keeper, and go when what they tell is no longer so."""
    file.write_bytes(BAD)
    look(1.0)
    look(0.3)
    file.write_text(SOURCE)
    successor = Rescan(live, ListLog())
    successor.run()
    assert _note(live) is not None
    live.clock.sleep(1.0)
    successor.run()
    assert _note(live) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1}', b"\xff", b"{" * 10_000])
def test_damaged_notes_hold_nothing(live: Kernel, content: bytes) -> None:
    """Whatever lies there, reading it is no failure."""
    (live.home.private / watch_notes.FILE).write_bytes(content)
    assert watch_notes.read(live.home) == {}


def test_a_note_is_bounded(live: Kernel) -> None:
    """Endless details are left out, and there is an end to the list."""
    error = DiskFull("x" * 10_000)
    note = watch_notes.note(error, Digest("a" * 64), live.clock.now())
    assert note["details"] == {}
    assert len(str(note["message"])) <= 500
    _written(live.home, {f"p{number}": note for number in range(2 * watch_notes.MOST)})


def _written(home: Home, notes: dict[str, Any]) -> None:
    watch_notes.write(home, notes)
    assert len(watch_notes.read(home)) == watch_notes.MOST
