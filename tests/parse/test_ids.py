"""Ids and versions: what is one, what is none, and how versions are ordered."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.input import BadId, BadVersion
from neira.parse import ids, semver
from neira.parse.near import nearest


@pytest.mark.parametrize("text", ["a", "0", "ui.pencil", "a-b_c.d", "a" * 64, "con", "a--b"])
def test_plugin_ids_are_taken_as_they_are(text: str) -> None:
    """Nothing is changed about an id."""
    assert ids.plugin_id(text) == text


NO_PLUGIN_IDS = [
    *("", ".", "..", "a..b", "a.", ".hidden", "-a", "a_", "a" * 65, "a b", "a/b", "a\\b", "../a", "a;x=1"),
    *("a\n", "\na", "a\0b", "a\r\nX:1", "%2e%2e", "UI.Pencil", "ui.pencіl", "ｕi.pencil", "ui.pencil\u200b"),
    *("ui\u2024pencil", "\u212a.x", "é", "a\u0301"),
]


@pytest.mark.parametrize("text", [*NO_PLUGIN_IDS, None, 1, True, ["a"], {}])
def test_look_alikes_and_paths_are_no_plugin_ids(text: object) -> None:
    """Only ASCII of the documented form; the error names the field, what was found and what is allowed."""
    with pytest.raises(BadId) as refused:
        ids.plugin_id(text, "tool_id")
    assert refused.value.details["field"] == "tool_id"
    assert "a-z" in str(refused.value.details["allowed"])


@pytest.mark.parametrize(
    "text", ["c1", "A", "user@host:5", "a.b-c_d", "x" * 128, "console", "com", "a.ndjson.x"]
)
def test_chat_and_session_ids_are_taken_as_they_are(text: str) -> None:
    """Names of chats are a little freer than those of plugins."""
    assert ids.chat_id(text) == ids.session_id(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "..",
            "../../canary",
            "a/b",
            "a\\b",
            "",
            "x" * 300,
            "x" * 129,
            ".",
            ".a",
            "a.",
            "a..b",
            "a\0",
            "é",
            "e\u0301",
        ),
        *(
            "CON",
            "con",
            "nul.txt",
            "COM1",
            "lpt9:x",
            "Aux",
            "x.annotations.ndjson",
            "x.NdJson",
            "a\n",
            "-a",
            "a b",
        ),
        *(None, 7, True, [], {}),
    ],
)
def test_names_that_a_disk_reads_otherwise_are_no_chat_ids(text: object) -> None:
    """Parents, devices, our own file names and everything beyond ASCII are refused."""
    for read in (ids.chat_id, ids.session_id):
        with pytest.raises(BadId):
            read(text)


def test_a_digest_is_sixty_four_hex_digits() -> None:
    """Lower case only, so that a digest has one spelling."""
    assert ids.digest("0a" * 32) == "0a" * 32
    for text in ("0A" * 32, "0a" * 31, "0a" * 32 + "\n", "g" * 64, None):
        with pytest.raises(BadId):
            ids.digest(text)


def test_a_bad_id_echoes_little() -> None:
    """A megabyte of id does not come back."""
    with pytest.raises(BadId) as refused:
        ids.plugin_id("\U0001f600" * 1_000_000)
    assert len(str(refused.value).encode()) < 300


ASCENDING = [
    *("0.0.0", "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0--", "1.0.0-alpha"),
    *("1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1"),
    *("1.0.0", "1.0.9", "1.1.0", "1.10.0", "2.0.0", "999999999.0.0"),
]


def test_versions_are_ordered_as_semver_says() -> None:
    """Numbers before words, candidates before the release, 9 before 10."""
    versions = [semver.parse(text) for text in ASCENDING]
    assert all(low < high and not high < low for low, high in pairwise(versions))
    assert sorted(set(versions)) == versions
    assert [str(version) for version in versions] == ASCENDING


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1",
            "1.0",
            "v1.1.0",
            "1.01.0",
            "01.1.0",
            "1.1.0+build2",
            "1.0.0-",
            "1.0.0-01",
            "1.0.0-a..b",
            "1.0.0-a+b",
        ),
        *(
            "9999999999999999999.0.0",
            "1.0.0\n",
            " 1.0.0",
            "١.٠.٠",
            "１.0.0",
            "1.0.0-é",
            "1.0.0-" + "a" * 64,
            None,
            1.1,
        ),
    ],
)
def test_other_spellings_are_no_versions(text: object) -> None:
    """A release has one spelling."""
    with pytest.raises(BadVersion):
        semver.parse(text)


@given(st.lists(st.sampled_from(ASCENDING), min_size=2, max_size=2))
@settings(max_examples=60)
def test_versions_are_equal_only_to_themselves(pair: list[str]) -> None:
    """Order and equality agree."""
    left, right = (semver.parse(text) for text in pair)
    assert [left < right, left == right, left > right].count(True) == 1
    assert (hash(left) == hash(right)) or left != right


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("tool_di", "tool_id"),
        ("parms", "params"),
        ("Context", "context"),
        ("evetn", "event"),
        ("colour", None),
        ("x", None),
        ("", None),
        ("p" * 100_000, None),
    ],
)
def test_the_nearest_word_is_suggested_or_none(word: str, meant: str | None) -> None:
    """Swapped, lost and changed letters are forgiven; what is far from all is not guessed."""
    assert nearest(word, ["tool_id", "event", "params", "context"]) == meant


@given(
    st.text(string.ascii_letters, max_size=12),
    st.lists(st.text(string.ascii_letters, max_size=12), max_size=5),
)
@settings(max_examples=60)
def test_a_suggestion_is_a_known_word(word: str, known: list[str]) -> None:
    """Nothing is made up, and a known word is its own suggestion up to case."""
    found = nearest(word, known)
    assert found is None or found in known
    if word and word in known:
        assert found is not None
        assert found.casefold() == word.casefold()
