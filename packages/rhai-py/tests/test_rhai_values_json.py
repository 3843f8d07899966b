"""The bytes road: strict JSON in, JSON out, exact or refused."""

from __future__ import annotations

import json

import pytest
import rhai
from hypothesis import given, settings
from hypothesis import strategies as st

SCRIPT = rhai.Engine().compile("fn id(x) { x }")

_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | _INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    )
)
def test_the_bytes_road_reads_and_writes_json(value: object) -> None:
    """JSON in, JSON out: what Python's own reader makes of both is equal."""
    answer = SCRIPT.call_json("id", json.dumps([value]).encode())
    assert json.loads(answer) == value
    assert json.dumps(json.loads(answer), sort_keys=True) == json.dumps(value, sort_keys=True)
    raw = SCRIPT.call_json("id", json.dumps([value], ensure_ascii=False).encode())
    assert raw == answer


@pytest.mark.parametrize(
    "document",
    [b"", b"[", b"[1", b"[1,]", b"{}", b"1", b"[01]", b"[+1]", b"[.5]", b"[1.]", b"[NaN]", b"[Infinity]",
     b"['a']", b"[1] x", b'["\\x41"]', b'["\x01"]', b'["\xff"]', b'["\\ud800"]', b"[1e999]",
     b"[9223372036854775808]", b'[{"a": 1, "a": 2}]', b"[tru]", b"\xef\xbb\xbf[1]", b"[" * 200 + b"]" * 200],
)  # fmt: skip
def test_broken_or_lossy_json_is_refused(document: bytes) -> None:
    """Strict JSON only: no duplicate keys, no huge numbers, no lone surrogates, no trailing text."""
    with pytest.raises(rhai.ConversionError):
        SCRIPT.call_json("id", document)


@pytest.mark.parametrize("body", ["blob(1)", "0..3", "0.0 / 0.0", "|x| x"])
def test_the_bytes_road_refuses_what_json_lacks(body: str) -> None:
    """Where there is no JSON for a value, none is invented."""
    with pytest.raises(rhai.ConversionError):
        rhai.Engine().compile(f"fn f() {{ [{body}] }}").call_json("f", b"[]")
