"""The owner's phrases: what they do, and that a slip never does something else."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors import NeiraError
from neira.errors.gate import AmbiguousPhrase, UnknownGate, UnknownPhrase
from neira.gates import catalogue
from neira.gates.phrases import LONGEST, SetGate, ShowStatus, parse
from neira.model import GateName, GateState
from tests.gates.gate_worlds import PENCIL, RHAI, SHIPPED, TOOLS, WASM

if TYPE_CHECKING:
    from neira.gates.gate import Gate

UP, DOWN, SHUT = GateState.EXPERIMENTAL, GateState.EMBRYO, GateState.LOCKED
LETTERS = string.ascii_lowercase + string.digits + "_ -«»абвгдеёжзиклмнопрстуфхцчшщыьэюя"


@pytest.mark.parametrize(
    ("phrase", "gate", "to"),
    [
        ("Разблокируй ui_tools_registry", TOOLS, UP),
        ("unlock runtime_scripting_rhai", RHAI, UP),
        ("Включи runtime_scripting_rhai", RHAI, UP),
        ("enable ui tools registry", TOOLS, UP),
        ("Выключи «Карандаш»", PENCIL, DOWN),
        ("disable “Pencil”", PENCIL, DOWN),
        ("Заблокируй модули WASM", WASM, SHUT),
        ("LOCK 'WASM modules'", WASM, SHUT),
        ("разблокируйте, пожалуйста, песочницу WASM!", WASM, UP),
        ("Please unlock the gate annotations_pencil.", PENCIL, UP),
        ("  включи   Реестр\tинструментов ", TOOLS, UP),
        ("ВКЛЮЧИ РЕЕСТР", TOOLS, UP),
        ("включи рёёстр", TOOLS, UP),
    ],
)
def test_a_phrase_names_one_gate_and_one_state(phrase: str, gate: GateName, to: GateState) -> None:
    """By name, alias or title, in both languages, in any case, quoted or not, politely or not."""
    assert parse(phrase, SHIPPED) == SetGate(gate, to)


@pytest.mark.parametrize(
    ("phrase", "gate"),
    [
        ("Покажи статус способностей", None),
        ("покажи статус", None),
        ("show status", None),
        ("Show the status of capabilities, please", None),
        ("Покажи статус ui_tools_registry", TOOLS),
        ("show status of the gate pencil", PENCIL),
    ],
)
def test_a_question_changes_nothing(phrase: str, gate: GateName | None) -> None:
    """Status is shown for all gates or for one."""
    assert parse(phrase, SHIPPED) == ShowStatus(gate)


@pytest.mark.parametrize("state", list(GateState))
def test_unlocking_never_lowers_a_gate(state: GateState) -> None:
    """A higher state stays; disabling and locking go where they say."""
    closed = state in {GateState.LOCKED, GateState.EMBRYO}
    assert SetGate(TOOLS, UP).target(state) is (UP if closed else state)
    assert SetGate(TOOLS, DOWN).target(state) is DOWN
    assert SetGate(TOOLS, SHUT).target(state) is SHUT


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("unlock ui_tool_registry", "unlock ui_tools_registry"),
        ("Включи карандыш", "включи annotations_pencil"),
        ("lock runtime_scriptng_rhai", "lock runtime_scripting_rhai"),
        ("включи модуль wasm", "включи runtime_wasm_plugins"),
        ("unlock registry", "unlock ui_tools_registry"),
    ],
)
def test_a_misspelt_name_is_asked_back(phrase: str, meant: str) -> None:
    """The answer is a phrase that can be said as it stands."""
    with pytest.raises(UnknownGate) as refused:
        parse(phrase, SHIPPED)
    assert refused.value.details["suggestions"] == (meant,)
    assert isinstance(parse(meant, SHIPPED), SetGate)


@pytest.mark.parametrize(
    "phrase", ["unlok rhai", "розблокируй rhai", "rhai", "не включай rhai", "", "   ", "!?"]
)
def test_an_unknown_verb_does_nothing(phrase: str) -> None:
    """The answer names phrases that are known."""
    with pytest.raises(UnknownPhrase) as refused:
        parse(phrase, SHIPPED)
    assert refused.value.details["suggestions"]


def test_a_verb_alone_asks_for_its_gate() -> None:
    """Nothing is switched wholesale."""
    for verb in ("unlock", "Заблокируй", "disable please"):
        with pytest.raises(UnknownPhrase):
            parse(verb, SHIPPED)


@pytest.mark.parametrize("phrase", ["unlock runtime", "выключи runtime", "lock plugins"])
def test_a_name_that_fits_several_gates_lists_them(phrase: str) -> None:
    """Ambiguity changes nothing."""
    with pytest.raises(AmbiguousPhrase) as refused:
        parse(phrase, SHIPPED)
    candidates = refused.value.details["candidates"]
    assert isinstance(candidates, tuple)
    assert len(candidates) > 1


def test_an_alias_that_two_gates_share_is_ambiguous() -> None:
    """Whoever writes gates.yaml may share a word; the phrase then asks."""
    text = catalogue.shipped_text().decode().replace("[nodes,", "[docker, nodes,")
    mine = catalogue.read(text.encode())
    with pytest.raises(AmbiguousPhrase) as refused:
        parse("unlock docker", mine)
    assert refused.value.details["candidates"] == ("runtime_container_plugins", "lattice")


def test_a_long_phrase_is_not_read() -> None:
    """Two hundred characters are enough for anybody's wish, and an answer echoes fewer."""
    with pytest.raises(UnknownPhrase) as refused:
        parse("unlock " + "ы" * LONGEST, SHIPPED)
    assert len(refused.value.sentence.encode()) < 300


@given(st.text(max_size=250))
@settings(max_examples=100, deadline=None)
def test_anything_may_be_said(text: str) -> None:
    """The answer is an intent or an error of ours whose words can be sent."""
    for phrase in (text, f"unlock {text}", f"Покажи статус {text}"):
        try:
            parse(phrase, SHIPPED)
        except NeiraError as error:
            f"{error.sentence} {error.hint} {error.details}".encode()


@given(st.sampled_from(list(SHIPPED)), st.data())
@settings(max_examples=100, deadline=None)
def test_a_typo_never_flips_another_gate(gate: Gate, data: st.DataObject) -> None:
    """One letter lost, added, changed or swapped names the same gate or none."""
    name = data.draw(st.sampled_from(gate.called))
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    slips = (
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at:],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    )
    for slip in slips:
        try:
            intent = parse(f"unlock {slip}", SHIPPED)
        except NeiraError:
            continue
        assert intent == SetGate(gate.name, UP)
