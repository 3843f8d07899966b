"""Versions never change, rollbacks can be rolled back, and the journal alone gives the same registry."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from neira.errors.registry import (
    AddressTaken,
    BadPluginRecord,
    EntryTaken,
    NothingBefore,
    VersionBumpRequired,
    VersionExists,
    VersionNotFound,
    VersionOlder,
)
from neira.model import PluginId, PluginState, Seq
from neira.permissions.trust import Trust, Unsigned
from neira.registry import register, step, verbs
from neira.registry.fold import fold
from neira.registry.index_file import IndexWriter, read
from neira.registry.snapshot import Snapshot
from neira.registry.step import Same
from neira.registry.view import after_view
from tests.registry.candidates import Told, candidate, digest

if TYPE_CHECKING:
    from pathlib import Path


ID = PluginId("a.b")
TRUST = Trust(unsigned=Unsigned.APPROVAL)
HTTP, KILL = "http:outbound:x.org", "process:kill"
ENTRY = "plugins/scripts/x.rhai"
VERBS = ["enable", "disable", "rollback", "unpin", "delete"]


def test_a_new_plugin_is_disabled_unless_asked_otherwise() -> None:
    """Registering alone runs nothing."""
    assert Told().register(candidate()).get(ID).state is PluginState.DISABLED
    assert Told().register(candidate(), enable=True).get(ID).state is PluginState.ENABLED


def test_the_same_bytes_again_change_nothing() -> None:
    """And say so."""
    told = Told()
    told.register(candidate())
    assert isinstance(register.register(told.now, candidate(), enable=False, keep=5), Same)


@pytest.mark.parametrize("after_delete", [False, True])
def test_other_bytes_under_a_version_are_refused(*, after_delete: bool) -> None:
    """Also when the plugin was deleted in between."""
    told = Told()
    told.register(candidate())
    if after_delete:
        told.take(verbs.delete(told.now.get(ID)))
    with pytest.raises(VersionExists):
        told.register(candidate(code="other"))
    with pytest.raises(VersionExists):
        told.register(candidate(asks=("storage:write",)))


@pytest.mark.parametrize(("first", "then"), [("1.1.0", "1.0.9"), ("1.1.0", "1.1.0-a.1"), ("10.0.0", "9.0.0")])
def test_an_older_version_is_refused(first: str, then: str) -> None:
    """Going back is what rollback is for; order is that of SemVer."""
    told = Told()
    told.register(candidate(version=first))
    with pytest.raises(VersionOlder):
        told.register(candidate(version=then, code="other"))


def test_an_entry_belongs_to_one_plugin() -> None:
    """Two plugins would overwrite each other's file."""
    told = Told()
    told.register(candidate(entry="plugins/scripts/x.rhai"))
    with pytest.raises(EntryTaken):
        told.register(candidate("c.d", entry="plugins/scripts/x.rhai"))


def test_a_rollback_pins_and_can_be_rolled_back() -> None:
    """Without a version it goes to what ran before, whichever way that was."""
    told = Told()
    told.register(candidate(version="1.0.0"))
    told.register(candidate(version="2.0.0", code="two"))
    told.take(verbs.rollback(told.now.get(ID), None, None))
    assert (told.now.get(ID).live.version, told.now.get(ID).pinned) == ("1.0.0", True)
    told.register(candidate(version="3.0.0", code="three"))
    assert told.now.get(ID).live.version == "1.0.0"
    told.take(verbs.rollback(told.now.get(ID), None, None))
    assert told.now.get(ID).live.version == "2.0.0"
    told.take(verbs.rollback(told.now.get(ID), "3.0.0", None))
    told.take(verbs.unpin(told.now.get(ID)))
    assert (told.now.get(ID).live.version, told.now.get(ID).pinned) == ("3.0.0", False)


def test_a_rollback_to_nothing_says_what_is_kept() -> None:
    """One version that ever ran; a version that is not kept."""
    told = Told()
    told.register(candidate())
    with pytest.raises(NothingBefore):
        verbs.rollback(told.now.get(ID), None, None)
    with pytest.raises(VersionNotFound):
        verbs.rollback(told.now.get(ID), "9.9.9", None)


def test_only_so_many_versions_are_kept_and_never_without_the_live_one() -> None:
    """The oldest go first; a rolled-back one stays however old it is."""
    told = Told()
    for number in range(5):
        told.register(candidate(version=f"1.{number}.0", code=str(number)), keep=3)
    assert [version.version for version in told.now.get(ID).versions] == ["1.1.0", "1.2.0", "1.3.0", "1.4.0"]
    told.take(verbs.rollback(told.now.get(ID), "1.1.0", None))
    for number in range(5, 9):
        told.register(candidate(version=f"1.{number}.0", code=str(number)), keep=3)
    kept = [version.version for version in told.now.get(ID).versions]
    assert kept[0] == "1.1.0"
    assert told.now.get(ID).live.version == "1.1.0"


def test_a_reload_makes_the_next_revision_of_the_same_version() -> None:
    """Kept beside the first one; the same file again is nothing new."""
    told = Told()
    entry = "plugins/scripts/x.rhai"
    told.register(candidate(entry=entry))
    new = candidate(entry=entry, code="edited")
    told.take(register.reload(told.now.get(ID), new, keep=5, need_bump=False))
    plugin = told.now.get(ID)
    assert (plugin.live.version, plugin.live.digest) == ("1.0.0", digest("edited"))
    assert len(plugin.versions) == 2
    assert isinstance(register.reload(plugin, new, keep=5, need_bump=False), Same)
    with pytest.raises(VersionBumpRequired):
        register.reload(plugin, candidate(entry=entry, code="again"), keep=5, need_bump=True)
    told.take(verbs.rollback(plugin, None, None))
    assert told.now.get(ID).live.digest == digest("code")


def test_an_address_is_nobody_elses_function() -> None:
    """`a:b` is plugin `a.b` of an index, and could be function `b` of plugin `a`."""
    told = Told()
    functions = {"functions": [{"name": "b"}]}
    first = candidate("a", code="x")
    told.register(replace(first, canonical={**first.canonical, **functions}))
    other = candidate("a.b")
    with pytest.raises(AddressTaken):
        told.register(replace(other, canonical={**other.canonical, "address": "a:b"}))


def test_an_unreadable_record_is_named() -> None:
    """One of a newer Neira, say; it is not passed over."""
    told = Told()
    told.register(candidate())
    record = replace(told.records[0], seq=Seq(2), data={"plugin": "a.b", "facts": {"state": "sleeping"}})
    with pytest.raises(BadPluginRecord):
        fold(told.now, record)


def test_the_answer_in_a_record_is_the_plugin_after_it() -> None:
    """It is made before the record has its number, and says the same as the registry afterwards."""
    told = Told()
    told.register(candidate(), enable=True)
    assert told.records[-1].data["after"] == after_view(told.now.get(ID))


def test_several_at_once_are_one_record() -> None:
    """All of them or none."""
    told = Told()
    steps = []
    for name in ("n.a", "n.b"):
        made = register.register(told.now, candidate(name), enable=False, keep=5)
        assert not isinstance(made, Same)
        steps.append(made)
    told.write(step.import_draft(told.now, steps))
    assert told.now.ids == ("n.a", "n.b")
    assert len(told.records) == 1


class RegistryMachine(RuleBasedStateMachine):
    """Any order of verbs on three plugins."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.first: dict[tuple[str, str], str] = {}

    @rule(plugin=st.sampled_from(["p.a", "p.b", "p.c"]), minor=st.integers(0, 6), code=st.sampled_from("xyz"))
    def upload(self, plugin: str, minor: int, code: str) -> None:
        """Upload something."""
        new = candidate(plugin, f"1.{minor}.0", code)
        self._try(lambda: register.register(self.told.now, new, enable=True, keep=2))

    @rule(plugin=st.sampled_from(["p.a", "p.b", "p.c"]), verb=st.sampled_from(VERBS))
    def switch(self, plugin: str, verb: str) -> None:
        """Switch something."""
        found = self.told.now.plugins.get(PluginId(plugin))
        if found is None:
            return
        arguments: dict[str, tuple[Any, ...]] = {"disable": ("why",), "rollback": (None, None)}
        self._try(lambda: getattr(verbs, verb)(found, *arguments.get(verb, ())))

    def _try(self, act: Any) -> None:
        try:
            self.told.take(act())
        except (VersionExists, VersionOlder, NothingBefore):
            return

    @invariant()
    def a_rebuild_gives_the_same_registry(self) -> None:
        """Hold the fold of all records against the registry."""
        assert reduce(fold, self.told.records, Snapshot()) == self.told.now

    @invariant()
    def a_version_keeps_its_bytes(self) -> None:
        """For ever, whatever is deleted in between."""
        for plugin in self.told.now.plugins.values():
            for version in plugin.versions:
                known = self.first.setdefault((plugin.id, version.version), version.digest)
                assert known == version.digest
            assert plugin.live in plugin.versions


RegistryMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRegistryMachine = RegistryMachine.TestCase


def test_the_index_file_says_the_same(tmp_path: Path) -> None:
    """Written and read back; any changed byte is noticed."""
    told = Told()
    told.register(candidate(asks=("fs:read:/x",)))
    told.register(candidate("c.d", entry="plugins/scripts/x.rhai"), enable=True)
    told.register(candidate("c.d", "1.1.0", "new", entry="plugins/scripts/x.rhai"))
    told.register(candidate("e.f"))
    told.take(verbs.delete(told.now.get(PluginId("e.f"))))
    (tmp_path / "plugins").mkdir()
    IndexWriter().write(tmp_path, told.now, at=(told.now.seq, "h"))
    assert read(tmp_path).snapshot == told.now
    path = tmp_path / "plugins/index.json"
    raw = path.read_bytes()
    for place in range(0, len(raw), 97):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        assert read(tmp_path).snapshot is None
    for cut in (0, 1, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:cut])
        assert read(tmp_path).snapshot is None
