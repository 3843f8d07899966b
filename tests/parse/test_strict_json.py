"""The strict JSON parser against the hostile corpus, and against the standard library on what both accept."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.input import BadJson
from neira.parse.strict_json import LARGEST_INT, NotJson, dumps, loads

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INT, LARGEST_INT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)
    ),
    max_leaves=15,
)

HOSTILE = {
    "not-a-number": b'{"a": NaN}',
    "infinity": b"[Infinity]",
    "minus-infinity": b"[-Infinity]",
    "overflow": b"[1e400]",
    "minus-overflow": b"[-1e400]",
    "overflow-by-digits": b"[" + b"9" * 400 + b".0]",
    "duplicate": b'{"tool_id":"ui.pencil","tool_id":"ui.admin"}',
    "duplicate-nested": b'[{"x":{"a":1,"b":2,"a":3}}]',
    "duplicate-unescaped": b'{"a":1,"\\u0061":2}',
    "utf-16le": '{"a":1}'.encode("utf-16-le"),
    "utf-16-with-mark": '{"a":1}'.encode("utf-16"),
    "utf-32be": '{"a":1}'.encode("utf-32-be"),
    "utf-8-with-mark": b'\xef\xbb\xbf{"a":1}',
    "latin-1": b'{"a":"\xe9"}',
    "surrogate-escaped": b'"\\ud800"',
    "surrogate-low": b'"\\uDC00"',
    "surrogate-raw": b'"\xed\xa0\x80"',
    "surrogate-in-key": b'{"\\ud800":1}',
    "surrogates-apart": b'["\\ud83d","\\ude00"]',
    "surrogates-swapped": b'"\\ude00\\ud83d"',
    "brackets": b"[" * 100_000,
    "brackets-closed": b"[" * 100_000 + b"]" * 100_000,
    "objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "depth-65": b"[" * 65 + b"]" * 65,
    "depth-behind-string": b'["\\"[", ' + b"[" * 64 + b"]" * 64 + b"]",
    "digits-4300": b"9" * 4_300,
    "digits-5000": b"-" + b"9" * 5_000,
    "beyond-int64": b"9223372036854775808",
    "below-int64": b"-9223372036854775808",
    "two-values": b"{}{}",
    "zero-byte": b'{"a":1}\x00',
    "trailing-word": b"{} x",
    "trailing-comma": b"[1,]",
    "leading-zero": b"[01]",
    "plus": b"[+1]",
    "comment": b"[1] // one",
    "single-quotes": b"{'a':1}",
    "control-character": b'"a\nb"',
    "bad-escape": b'"\\x41"',
    "half-escape": b'"\\u12"',
    "zero-in-key": b'{"a\\u0000b":1}',
    "unclosed": b'{"a":[1',
    "unclosed-string": b'"' + b'\\"' * 200_000,
    "empty": b"",
    "spaces": b" \n\t",
    "no-break-space": b"\xc2\xa0{}",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused_as_bad_json(raw: bytes) -> None:
    """Each hostile text is refused with the one error, in few words and without its own text at length."""
    with pytest.raises(BadJson) as refused:
        loads(raw)
    assert len(str(refused.value).encode()) < 400


ACCEPTED: dict[str, tuple[bytes, object]] = {
    "depth-64": (b"[" * 64 + b"]" * 64, None),
    "brackets-in-strings": (json.dumps(["[" * 1_000 + '"' + "{" * 1_000]).encode(), None),
    "largest-int": (b"9223372036854775807", LARGEST_INT),
    "smallest-int": (b"-9223372036854775807", -LARGEST_INT),
    "beyond-2-53": (b"9007199254740993", 9007199254740993),
    "minus-zero": (b"-0", 0),
    "long-fraction": (b"0." + b"1" * 100_000, 1 / 9),
    "tiny": (b"1e-400", 0.0),
    "large-exponent": (b"1E+300", 1e300),
    "pair": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "escaped-backslash": (b'"\\\\ud800"', "\\ud800"),
    "zero-in-value": (b'"\\u0000"', "\0"),
    "cyrillic": ('"Карандаш"'.encode(), "Карандаш"),
}


@pytest.mark.parametrize(("raw", "value"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_json_allows_is_read(raw: bytes, value: object) -> None:
    """Strictness refuses nothing that is sound."""
    found = loads(raw)
    assert found == (
        json.loads(raw) if value is None else pytest.approx(value) if isinstance(value, float) else value
    )


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        (b'{"a":1,\n "b":{},\n "a":2}', 3, 2),
        (b'[{"a":1},\n {"a":1, "\\u0061":2}]', 2, 10),
        (b'["NaN",\n  NaN]', 2, 3),
        (b'{"9e999":1,\n"b": 9e999}', 2, 6),
        (b'[1,\n"\\ud800"]', 2, 2),
        ('["ж",\n "'.encode() + b'\xff"]', 2, 3),
        (b"[1,\n  x]", 2, 3),
    ],
)
def test_a_refusal_names_line_and_column(raw: bytes, line: int, column: int) -> None:
    """The place of the flaw is told, also where the fast scanner does not know it."""
    with pytest.raises(BadJson) as refused:
        loads(raw)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.details["line"] == line


def test_the_allowed_nesting_is_an_argument() -> None:
    """A caller may allow less."""
    assert loads(b"[[1]]", depth=2) == [[1]]
    with pytest.raises(BadJson):
        loads(b"[[[1]]]", depth=2)


@given(JSON_VALUES)
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_again(value: object) -> None:
    """`dumps` and `loads` are inverse, and agree with the standard library."""
    raw = dumps(value).encode()  # type: ignore[arg-type]  # the strategy makes JSON only
    assert loads(raw) == value == json.loads(raw)


@given(st.binary(max_size=40) | st.text('{}[]",:\\u0019deEdD.-+ntf ', max_size=40).map(str.encode))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nothing but `BadJson` gets out, and what is accepted the standard library reads alike."""
    try:
        value = loads(raw)
    except BadJson:
        return
    assert value == json.loads(raw)


class Foreign:
    """No JSON type."""


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\udc00": 1}, Foreign(), b"x", [{1, 2}]])
def test_what_json_cannot_say_is_not_written(value: object) -> None:
    """NaN, lone surrogates and foreign types are refused before they reach a file."""
    with pytest.raises(NotJson):
        dumps(value)  # type: ignore[arg-type]  # that is the point


def test_endless_nesting_is_not_written() -> None:
    """A value that holds itself ends in the same error."""
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NotJson):
        dumps(loop)  # type: ignore[arg-type]


def test_writing_is_compact_and_keeps_letters() -> None:
    """No spaces, no escapes for letters."""
    assert dumps({"a": [1, "Ж"]}) == '{"a":[1,"Ж"]}'
