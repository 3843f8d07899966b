"""Permissions as people write them: one spelling each, and exactly what each one covers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.plugin import UnknownPermission
from neira.model import Scope
from neira.permissions.permission import parse
from neira.permissions.table import TABLE, Risk, Takes

PATHS = st.lists(st.sampled_from(["a", "b", "data", "data2"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
HOSTS = st.sampled_from(["a.org", "x.a.org", "*.a.org", "*", "a.org:8443", "10.0.0.1", "[2001:db8::1]:443"])
NAMES = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=4).map(".".join)
WRITTEN = st.one_of(
    st.sampled_from([row.name for row in TABLE if not row.needs_object]),
    PATHS.map("fs:read:{}".format),
    HOSTS.map("http:outbound:{}".format),
    NAMES.map("events:publish:{}".format),
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("storage:read", "storage:read"),
        ("ShowNotifications", "notify:show"),
        ("NetworkAccess", "http:outbound"),
        ("NetworkAccess:API.Example.com", "http:outbound:api.example.com"),
        ("FileSystemRead:/srv//data/./x/", "fs:read:/srv/data/x"),
        ("RegistryWrite", "winreg:write"),
        ("http:outbound:API.Example.COM:8443", "http:outbound:api.example.com:8443"),
        ("http:outbound:[2001:DB8:0::1]:443", "http:outbound:[2001:db8::1]:443"),
        ("http:outbound:*.Example.com", "http:outbound:*.example.com"),
        ("http:outbound:*", "http:outbound:*"),
        ("fs:write:/", "fs:write:/"),
        ("fs:read:/a:b", "fs:read:/a:b"),
        ("functions:call:ui.pencil:draw", "functions:call:ui.pencil:draw"),
        ("events:subscribe:notes.*", "events:subscribe:notes.*"),
    ],
)
def test_a_permission_has_one_spelling(written: str, canonical: str) -> None:
    """Other spellings, hosts and paths are normalised when they are read, and never again."""
    assert str(parse(written)) == canonical
    assert parse(canonical) == parse(written)


@pytest.mark.parametrize(
    "written",
    [
        "", ":", "storage", "storage:", "storage:delete", "storage:read:x", "Storage:Read", "storage:read\n",
        " storage:read", "http:outbound:", "http:outbound:http://x.org", "http:outbound:x.org:0",
        "http:outbound:x.org:65536", "http:outbound:x.org:080", "http:outbound:x.org.", "http:outbound:*.*",
        "http:outbound:a*.org", "http:outbound:2130706433", "http:outbound:0x7f.1", "http:outbound:127.1",
        "http:outbound:010.0.0.1", "http:outbound:①②⑦.⓪.⓪.①", "http:outbound:пример.рф",
        "http:outbound:user@x.org", "http:outbound:2001:db8::1", "http:outbound:[::1", "fs:read:data",
        "fs:read:/a/../b", "fs:read:..", "fs:read:/a\x00b", "fs:read:", "fs:read:C:\\x",
        "events:publish:a..b", "events:publish:.a", "events:publish:a.", "events:publish:a*",
        "events:publish:**", "events:publish:A", "events:subscribe", "fs:read:/" + "a" * 1001,
    ],
)  # fmt: skip
def test_what_is_no_permission_is_refused(written: str) -> None:
    """Nothing is guessed: half a permission, a disguised address, a path that climbs, another alphabet."""
    with pytest.raises(UnknownPermission):
        parse(written)


def test_a_slip_is_answered_with_what_was_meant() -> None:
    """The nearest known name stands in the suggestions, in either spelling."""
    with pytest.raises(UnknownPermission) as ours:
        parse("storage:wirte")
    with pytest.raises(UnknownPermission) as theirs:
        parse("KilProcess")
    with pytest.raises(UnknownPermission) as with_object:
        parse("fs:raed:/srv/data")
    assert ours.value.details["suggestions"] == ["storage:write"]
    assert with_object.value.details["suggestions"] == ["fs:read:/srv/data"]
    assert theirs.value.details["suggestions"] == ["KillProcess"]


@pytest.mark.parametrize(
    "written", ["RunCommand", "RunCommand:ls", "runcommand", "process:exec", "shell:run"]
)
def test_running_a_command_is_refused_by_name(written: str) -> None:
    """There is no such permission, and the answer says what to do instead."""
    with pytest.raises(UnknownPermission) as refused:
        parse(written)
    assert "container" in refused.value.hint


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("storage:read", "storage:read"),
        ("http:outbound:x.org", "http:outbound:X.org"),
        ("http:outbound:*.x.org", "http:outbound:a.x.org"),
        ("http:outbound:*", "http:outbound:x.org:8443"),
        ("http:outbound:*", "http:outbound:8.8.8.8"),
        ("http:outbound:*", "http:outbound:[2606:4700::1111]:443"),
        ("http:outbound:*", "http:outbound:*.x.org"),
        ("fs:read:/data", "fs:read:/data"),
        ("fs:read:/data", "fs:read:/data/a/b"),
        ("fs:read:/", "fs:read:/data"),
        ("events:publish:notes.*", "events:publish:notes.a"),
        ("events:publish:notes.*", "events:publish:notes.a.b"),
        ("events:publish:notes.*", "events:publish:notes.a.*"),
        ("events:publish:*.saved", "events:publish:notes.saved"),
        ("functions:call:a.b:*", "functions:call:a.b:draw"),
    ],
)
def test_a_permission_covers_what_lies_in_it(held: str, wanted: str) -> None:
    """The thing itself, what lies below a path, one label of a host, the segments of a pattern."""
    assert parse(held).covers(parse(wanted))


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("storage:read", "storage:write"),
        ("http:outbound", "http:outbound:x.org"),
        ("http:outbound:x.org", "http:outbound"),
        ("http:outbound:x.org", "http:outbound:x.org:8443"),
        ("http:outbound:x.org", "http:outbound:a.x.org"),
        ("http:outbound:*.x.org", "http:outbound:x.org"),
        ("http:outbound:*.x.org", "http:outbound:a.b.x.org"),
        ("http:outbound:*.x.org", "http:outbound:evilx.org"),
        ("http:outbound:*", "http:outbound:127.0.0.1"),
        ("http:outbound:*", "http:outbound:[::1]"),
        ("http:outbound:*", "http:outbound:169.254.169.254"),
        ("http:outbound:*", "http:outbound:localhost"),
        ("http:outbound:*", "http:outbound:metadata.google.internal"),
        ("http:outbound:*", "http:outbound:[::ffff:127.0.0.1]"),
        ("http:outbound:*", "http:outbound:[64:ff9b::7f00:1]"),
        ("http:outbound:*", "http:outbound:[2002:7f00:1::]"),
        ("http:outbound:*", "http:outbound:[fec0::1]"),
        ("http:outbound:*:443", "http:outbound:x.org"),
        ("fs:read:/data", "fs:read:/data2/x"),
        ("fs:read:/data/a", "fs:read:/data"),
        ("fs:read:/data", "fs:write:/data"),
        ("events:publish:notes.*", "events:publish:notes"),
        ("events:publish:notes.*", "events:publish:notes2.a"),
        ("events:publish:notes.a", "events:publish:notes.*"),
        ("events:publish:*", "events:publish:a.b"),
        ("events:publish:a.b", "events:publish:a:b"),
    ],
)
def test_a_permission_covers_nothing_beside_it(held: str, wanted: str) -> None:
    """No prefix of text, no further label, no private address behind `*`, no object for a bare one."""
    assert not parse(held).covers(parse(wanted))


def test_a_bare_request_leaves_the_object_to_the_grant() -> None:
    """It admits any object of its own row, and covers none."""
    bare, host = parse("http:outbound"), parse("http:outbound:x.org")
    assert bare.bare
    assert bare.admits(host)
    assert not host.admits(bare)
    assert not bare.admits(parse("fs:read:/x"))


@pytest.mark.parametrize(
    ("written", "risk"),
    [
        ("events:publish", Risk.LOW),
        ("events:publish:ui.pencil", Risk.LOW),
        ("events:publish:ui.pencil.*", Risk.LOW),
        ("functions:call:ui.pencil:draw", Risk.LOW),
        ("events:publish:ui.pencil2.x", Risk.APPROVAL),
        ("events:publish:ui.*", Risk.APPROVAL),
        ("functions:call:other:draw", Risk.APPROVAL),
        ("http:outbound", Risk.APPROVAL),
        ("process:kill", Risk.EXPLICIT_APPROVAL),
    ],
)
def test_one_s_own_id_is_no_risk(written: str, risk: Risk) -> None:
    """The id ends at a dot or a colon: a longer id with the same beginning is somebody else."""
    assert parse(written).risk_for("ui.pencil") is risk


@given(WRITTEN)
@settings(max_examples=100)
def test_reading_what_was_written_gives_it_back(written: str) -> None:
    """The canonical text is a fixed point, and every permission covers itself."""
    permission = parse(written)
    assert parse(str(permission)) == permission
    assert permission.covers(permission)


@given(WRITTEN, WRITTEN, WRITTEN)
@settings(max_examples=100)
def test_covering_goes_on(first: str, second: str, third: str) -> None:
    """What covers a cover covers what that covers."""
    a, b, c = parse(first), parse(second), parse(third)
    if a.covers(b) and b.covers(c):
        assert a.covers(c)


def _matches(pattern: str, name: str) -> bool:
    """Say what a pattern means, in the words of the rule and without its code."""
    *front, last = pattern.split(".")
    said = name.split(".")
    more = last == "*" and bool(front)
    fits = len(said) > len(front) if more else len(said) == len(front) + 1
    wanted = front if more else [*front, last]
    return fits and all(part in ("*", word) for part, word in zip(wanted, said, strict=False))


@given(NAMES, NAMES, st.lists(st.sampled_from("ab"), min_size=1, max_size=5).map(".".join))
@settings(max_examples=100)
def test_a_cover_matches_whatever_the_covered_matches(held: str, wanted: str, name: str) -> None:
    """A pattern that covers another one lets no name through less, and a name is a pattern of itself."""
    mine, theirs = parse(f"events:publish:{held}"), parse(f"events:publish:{wanted}")
    assert mine.covers(parse(f"events:publish:{name}")) == _matches(held, name)
    if mine.covers(theirs) and _matches(wanted, name):
        assert _matches(held, name)


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_any_text_is_a_permission_or_refused(text: str) -> None:
    """No other failure comes out of the parser."""
    try:
        parse(text)
    except UnknownPermission as refused:
        assert len(refused.sentence.encode()) < 300  # noqa: PT017 - a refusal is one of two fine ends


def test_every_power_is_as_risky_as_promised() -> None:
    """The table against the rules: who is asked, and what the caller must be."""
    risks = {row.name: row.risk for row in TABLE}
    asks = {row.name: row.asks for row in TABLE}
    explicit = {"process:kill", "winreg:write"}
    approval = {
        "events:publish", "events:subscribe", "functions:call", "http:outbound", "fs:read", "fs:write",
        "process:priority", "process:trim", "winreg:read",
    }  # fmt: skip
    assert {name for name, risk in risks.items() if risk is Risk.EXPLICIT_APPROVAL} == explicit
    assert {name for name, risk in risks.items() if risk is Risk.APPROVAL} == approval
    assert {name for name, scope in asks.items() if scope is Scope.ADMIN} == {
        "process:priority", "process:trim", "process:kill", "winreg:read", "winreg:write",
    }  # fmt: skip
    assert {name for name, scope in asks.items() if scope is None} == {
        "storage:read", "system:read", "process:list", "notify:show", "metrics:report", "functions:call",
        "events:subscribe",
    }  # fmt: skip


def test_the_table_is_sound() -> None:
    """Names and spellings are unique, every row can be read, and both languages say something."""
    names = [name for row in TABLE for name in (row.name, *row.spellings)]
    assert len(names) == len(set(names))
    for row in TABLE:
        text = f"{row.name}:a" if row.needs_object else row.name
        assert parse(text).row is row
        assert row.docs.en.endswith(".")
        assert row.docs.ru.endswith(".")
        assert row.takes is not Takes.NOTHING or not row.needs_object
