"""The profile of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.errors.keeper import BadProfile
from neira.home import Home
from neira.keeper import profile

if TYPE_CHECKING:
    from pathlib import Path


def test_a_switch_is_kept_and_told_apart_from_none(home: Path) -> None:
    """A new home has the default; the same name again is no switch."""
    place = Home(home)
    assert profile.current(place) == profile.DEFAULT
    assert profile.switch(place, "gaming")
    assert not profile.switch(place, "gaming")
    assert profile.current(place) == "gaming"


@pytest.mark.parametrize("name", ["", "A", "a b", "x" * 33, "../x", "ä", "a\n"])
def test_a_word_that_is_no_name_is_refused(home: Path, name: str) -> None:
    """And nothing is written."""
    with pytest.raises(BadProfile):
        profile.switch(Home(home), name)
    assert not (home / ".neira" / "profile").exists()


@pytest.mark.parametrize("content", [b"", b"Nonsense words\n", b"\xff\xff", b"x" * 1000])
def test_a_damaged_file_means_the_default(home: Path, content: bytes) -> None:
    """Nobody is kept from working by it."""
    (home / ".neira" / "profile").write_bytes(content)
    assert profile.current(Home(home)) == profile.DEFAULT
