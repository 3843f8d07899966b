"""Every case below `tests/cases/` ends as it is written, and nothing that a script may do is without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.errors import NeiraError
from neira.journal.verify import verify
from tests.hub.case_folders import plays
from tests.hub.case_plays import Scene, expected, expected_journal

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.mark import ParameterSet

    from tests.hub.case_folders import Play


PLAYS = plays()


def _parameters() -> list[ParameterSet]:
    flaw = pytest.mark.xfail
    return [
        pytest.param(each, id=str(each), marks=[flaw(strict=True, reason=each.xfail)] if each.xfail else [])
        for each in PLAYS
    ]


@pytest.mark.parametrize("play", _parameters())
def test_a_case_ends_as_it_is_written(play: Play, tmp_path: Path) -> None:
    """Answers, stores and journal; and the stores are the same when they are made of the journal anew."""
    scene = Scene(tmp_path / "home", play)
    try:
        if play.refused is not None:
            with pytest.raises(NeiraError) as caught:
                scene.set_up()
            found = {"code": caught.value.code, "line": caught.value.details.get("line")}
            assert {key: found[key] for key in play.refused} == play.refused
            return
        scene.set_up()
        _tell(scene)
    finally:
        scene.kernel.close()


def _tell(scene: Scene) -> None:
    play = scene.play
    sends = [send for each in play.sends for send in (each,) * each.times]
    answers = [scene.send(send) for send in sends]
    assert answers == [expected(send) for send in sends]
    assert scene.left() == play.left
    assert scene.waiting() == []
    assert scene.journaled() == expected_journal(play, answers)
    assert verify(scene.root).is_clean
    scene.begin_again()
    assert scene.left() == play.left
