"""Shared words: one page, seen by every process that opens it."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from neira.shared import SharedWords, Word

if TYPE_CHECKING:
    from pathlib import Path


def _write_in_another_process(path: Path) -> None:
    words = SharedWords(path)
    words[Word.WORLD_SEQ] = 42
    words.close()


def test_a_word_written_by_one_process_is_read_by_another(tmp_path: Path) -> None:
    """No file is flushed and no lock is taken in between."""
    words = SharedWords(tmp_path / "words")
    child = multiprocessing.get_context("spawn").Process(
        target=_write_in_another_process, args=(tmp_path / "words",)
    )
    child.start()
    child.join()
    assert words[Word.WORLD_SEQ] == 42
    words.close()


def test_a_raised_word_never_falls(tmp_path: Path) -> None:
    """The highest value stays."""
    words = SharedWords(tmp_path / "words")
    words.raise_to(Word.LATEST_TIME, 7)
    words.raise_to(Word.LATEST_TIME, 3)
    assert words[Word.LATEST_TIME] == 7
    words.close()
