"""The owner's phrases, in Russian and English, read word by word: nothing is guessed on anybody's behalf.

A misspelt or ambiguous phrase is answered with what may have been meant, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from neira.errors.gate import AmbiguousPhrase, UnknownGate, UnknownPhrase
from neira.gates.gate import is_open
from neira.gates.wording import key, words
from neira.model import GateState
from neira.parse import near

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.gates.catalogue import Catalogue
    from neira.gates.gate import Gate
    from neira.model import GateName

LONGEST = 200  # characters of a phrase


class Verb(Enum):
    """What an owner can say."""

    UNLOCK = GateState.EXPERIMENTAL
    DISABLE = GateState.EMBRYO
    LOCK = GateState.LOCKED
    STATUS = None


_SAID: Mapping[tuple[str, ...], Verb] = MappingProxyType(
    {
        ("разблокируй",): Verb.UNLOCK,
        ("разблокируйте",): Verb.UNLOCK,
        ("включи",): Verb.UNLOCK,
        ("включите",): Verb.UNLOCK,
        ("unlock",): Verb.UNLOCK,
        ("enable",): Verb.UNLOCK,
        ("выключи",): Verb.DISABLE,
        ("выключите",): Verb.DISABLE,
        ("disable",): Verb.DISABLE,
        ("заблокируй",): Verb.LOCK,
        ("заблокируйте",): Verb.LOCK,
        ("lock",): Verb.LOCK,
        ("покажи", "статус"): Verb.STATUS,
        ("покажите", "статус"): Verb.STATUS,
        ("show", "status"): Verb.STATUS,
        ("show", "the", "status"): Verb.STATUS,
    }
)
_POLITE = frozenset({"please", "kindly", "пожалуйста"})
_ARTICLES = frozenset({"the", "of", "gate", "capability", "гейт", "способность"})
_ALL_GATES = frozenset({"", "capabilities", "of capabilities", "of the capabilities", "способностей"})
_EXAMPLES = ("unlock NAME", "disable NAME", "lock NAME", "show status", "Покажи статус способностей")


@dataclass(frozen=True, slots=True)
class SetGate:
    """An order to move one gate."""

    gate: GateName
    to: GateState

    def target(self, now: GateState) -> GateState:
        """Say where the gate goes from where it stands: unlocking never lowers it."""
        return now if self.to is GateState.EXPERIMENTAL and is_open(now) else self.to


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """A question about one gate, or about all."""

    gate: GateName | None = None


Intent: TypeAlias = SetGate | ShowStatus


def parse(text: str, catalogue: Catalogue) -> Intent:
    """Understand a phrase, or say what may have been meant."""
    if len(text) > LONGEST:
        raise UnknownPhrase(text, ())
    said = [word for word in words(text) if word not in _POLITE]
    verb, rest = _split(said, text)
    if verb is Verb.STATUS:
        whole = " ".join(rest) in _ALL_GATES
        return ShowStatus(None if whole else _gate(rest, said, catalogue).name)
    if not rest:
        raise UnknownPhrase(text, tuple(f"{' '.join(said)} {gate.name}" for gate in catalogue))
    return SetGate(_gate(rest, said, catalogue).name, GateState(verb.value))


def _split(said: Sequence[str], text: str) -> tuple[Verb, list[str]]:
    """Take the verb from the front of a phrase."""
    for length in (3, 2, 1):
        verb = _SAID.get(tuple(said[:length])) if len(said) >= length else None
        if verb is not None:
            return verb, list(said[length:])
    raise UnknownPhrase(text, _near_phrases(said))


def _near_phrases(said: Sequence[str]) -> tuple[str, ...]:
    """Suggest the phrase whose verb is nearest, with the rest as it was said."""
    for length in (2, 1):
        close = near.nearest(
            " ".join(said[:length]), [" ".join(verb) for verb in _SAID if len(verb) == length]
        )
        if close is not None:
            return (" ".join([close, *said[length:]])[:LONGEST], *_EXAMPLES)
    return _EXAMPLES


def _gate(rest: Sequence[str], said: Sequence[str], catalogue: Catalogue) -> Gate:
    """Find the one gate that is called exactly so."""
    asked = " ".join(rest)
    found = catalogue.named(asked)
    if not found and rest[0] in _ARTICLES:
        asked = " ".join(word for word in rest if word not in _ARTICLES)
        found = catalogue.named(asked)
    if len(found) == 1:
        return found[0]
    candidates = found or _partly(asked.split(), catalogue)
    if len(candidates) > 1:
        raise AmbiguousPhrase(asked, [gate.name for gate in candidates])
    verb = " ".join(said[: len(said) - len(rest)])
    close = [gate.name for gate in candidates] or _nearest(asked, catalogue)
    raise UnknownGate(asked, [f"{verb} {name}" for name in close])


def _partly(asked: Sequence[str], catalogue: Catalogue) -> tuple[Gate, ...]:
    """Find the gates with a name that holds all these words, and more."""
    wanted = frozenset(asked)
    if not wanted:
        return ()
    return tuple(gate for gate in catalogue if any(wanted <= set(words(name)) for name in gate.called))


def _nearest(asked: str, catalogue: Catalogue) -> list[GateName]:
    called = {key(name): gate.name for gate in catalogue for name in gate.called}
    close = near.nearest(asked, called)
    return [] if close is None else [called[close]]
