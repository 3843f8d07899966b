"""Tokens: made, known by digest alone, refused alike for every cause."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from neira import sealed
from neira.errors.caller import TokenNotFound, Unauthenticated
from neira.model import ChangeNote, PluginId, Record, Scope, Seq
from neira.security import token_file
from neira.security.authenticate import authenticate
from neira.security.tokens import Minted, Tokens, fold, mint, view
from tests.fakes import START, CountingEntropy

if TYPE_CHECKING:
    from pathlib import Path

    from neira.model import JsonObject


def _record(seq: int, kind: str, data: JsonObject) -> Record:
    return Record(Seq(seq), f"NEI-{seq}", START, kind, "test", ChangeNote("x"), (), data, "", "")


def _tokens(minted: Minted, **more: str | None) -> Tokens:
    data = {"token": minted.id, "name": "ci", "digest": minted.digest, "scope": "write", **more}
    return fold(Tokens(), _record(1, "token.created", data))


def test_a_made_token_speaks_for_its_scope_and_namespace() -> None:
    """What was granted at its making is what the caller holds."""
    minted = mint(CountingEntropy())
    caller = authenticate(f"Bearer {minted.secret}", _tokens(minted, namespace="acme"), START)
    assert caller.scope is Scope.WRITE
    assert caller.may_touch(PluginId("acme.x"))
    assert not caller.may_touch(PluginId("acmeevil.x"))


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "bearer {}", "Basic {}", "Bearer {} ", "Bearer {},", "Bearer {}x",
     "Bearer \udcff", "Bearer " + "a" * 8192, "Bearer ÿþ"],
)  # fmt: skip
def test_any_other_header_is_refused(header: str | None) -> None:
    """Form, case, spaces and foreign bytes all end in the same refusal."""
    minted = mint(CountingEntropy())
    with pytest.raises(Unauthenticated):
        authenticate(header.format(minted.secret) if header else header, _tokens(minted), START)


def test_an_expired_token_is_refused() -> None:
    """The end of its time is exclusive."""
    minted = mint(CountingEntropy())
    tokens = _tokens(minted, expires=(START + timedelta(hours=1)).isoformat())
    authenticate(f"Bearer {minted.secret}", tokens, START + timedelta(minutes=59))
    with pytest.raises(Unauthenticated):
        authenticate(f"Bearer {minted.secret}", tokens, START + timedelta(hours=1))


def test_a_revoked_token_is_gone() -> None:
    """One record ends it; a second revocation names nobody."""
    minted = mint(CountingEntropy())
    tokens = fold(_tokens(minted), _record(2, "token.revoked", {"token": minted.id}))
    with pytest.raises(Unauthenticated):
        authenticate(f"Bearer {minted.secret}", tokens, START)
    with pytest.raises(TokenNotFound):
        tokens.get(minted.id)


def test_the_list_on_disk_says_the_same(tmp_path: Path) -> None:
    """Written and read back, it holds digests and never a secret."""
    minted = mint(CountingEntropy())
    tokens = _tokens(minted, expires=START.isoformat(), namespace="acme")
    token_file.write(tmp_path / "tokens.json", tokens, Seq(1), "h")
    assert minted.secret not in (tmp_path / "tokens.json").read_text()
    read = sealed.read(tmp_path / "tokens.json")
    assert isinstance(read, sealed.Sealed)
    assert token_file.tokens_of(read.body, read.seq) == tokens


def test_what_an_admin_sees_holds_no_digest() -> None:
    """The view names everything else."""
    minted = mint(CountingEntropy())
    shown = view(_tokens(minted).get(minted.id))
    assert minted.digest not in str(shown)
