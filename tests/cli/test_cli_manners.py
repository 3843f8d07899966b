"""How the command line behaves as a program: options, languages, pipes, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from neira import __version__
from neira.cli.exits import BY_FAULT, MEANINGS
from neira.cli.output import cell, plain
from neira.errors.base import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Neira = Callable[..., Result]

PROGRAM = Path(sys.executable).with_name("neira")


def test_shared_options_stand_before_and_after_the_verb(neira: Neira) -> None:
    """The same document comes either way."""
    before, after = neira("--json", "gates", "list"), neira("gates", "list", "--json")
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_two_places_are_wrong_usage(neira: Neira, place: Path) -> None:
    """--home and --url contradict each other wherever they stand."""
    assert neira("--home", str(place), "gates", "list", "--url", "http://127.0.0.1:1").exit_code == 2


def test_a_typed_home_wins_over_the_server_of_the_environment(neira: Neira, place: Path) -> None:
    """NEIRA_URL left over from a demo does not redirect a verb that names its home."""
    env = {"NEIRA_URL": "http://127.0.0.1:1"}
    assert neira("gates", "list", "--home", str(place), env=env).exit_code == 0
    assert neira("gates", "list", env=env).exit_code == 7


def test_headings_and_refusals_come_in_russian(neira: Neira) -> None:
    """By the option or by the locale; an unknown language is wrong usage."""
    assert "затвор" in neira("gates", "list", "--lang", "ru").stdout
    assert neira("gates", "list", "nope", env={"LC_ALL": "ru_RU.UTF-8"}).stderr.startswith("ошибка:")
    assert neira("gates", "list", "--lang", "xx").exit_code == 2


WRONG = [
    ("nope",), ("gates", "nope"), ("plugins", "show", "BAD ID"), ("gates", "set", "x", "open"),
    ("serve", "--port", "x"),
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage_is_code_2(neira: Neira, words: tuple[str, ...]) -> None:
    """What is malformed is refused before a home is looked for."""
    refused = neira(*words, "--home", "/nowhere")
    assert (refused.exit_code, refused.stdout) == (2, "")


def test_every_fault_has_a_documented_exit_code() -> None:
    """No failure ends with a code that the page does not explain."""
    assert set(BY_FAULT) == set(Fault)
    assert set(BY_FAULT.values()) <= {code for code, _ in MEANINGS}
    assert not {code for code, _ in MEANINGS} & set(range(20, 26))


def test_foreign_text_cannot_speak_to_the_terminal() -> None:
    """Escape sequences and line breaks of a plugin's title are shown, not obeyed."""
    assert "\x1b" not in plain("\x1b[2Jx\r\n")
    assert cell({"a": "\x9b"}) == '{"a":"\\u009b"}' or "\x9b" not in cell({"a": "\x9b"})


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(neira: Neira, shell: str) -> None:
    """They name the program and its variable."""
    assert "_NEIRA_COMPLETE" in neira("completion", shell).stdout


def test_completion_knows_verbs(place: Path) -> None:
    """The shell is offered what the list of verbs holds."""
    env = {"_NEIRA_COMPLETE": "bash_complete", "COMP_WORDS": "neira plugins r", "COMP_CWORD": "2"}
    offered = subprocess.run([PROGRAM], env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert {"reload", "rollback", "remove", "revoke"} <= {line.partition(",")[2] for line in offered.split()}


def test_the_installed_program_tells_its_version() -> None:
    """`neira --version` runs as a process of its own."""
    said = subprocess.run([PROGRAM, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert said.strip() == f"neira {__version__}"


def test_a_reader_that_goes_away_ends_it_quietly(place: Path) -> None:
    """A closed pipe is no traceback."""
    command = f"{PROGRAM} --home {place} settings --json | true; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    assert ended.stdout.strip() in {"0", "141"}
