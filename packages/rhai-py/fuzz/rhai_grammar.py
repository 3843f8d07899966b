"""Hypothesis strategies for the text of Rhai programs: from the grammar, by mutation, without sense."""

from __future__ import annotations

from itertools import chain, zip_longest

from hypothesis import strategies as st

Texts = st.SearchStrategy[str]


def _words(text: str) -> list[str]:
    return text.split()


_NUMBERS = _words("""
    0 1 -1 2 7 64 255 0xff 0b101 0o17 1_000 65536 2147483648 9223372036854775807 -9223372036854775807
    9223372036854775808 0.0 -0.0 1.5 1e308 1e-308 1e999 0.1
""")
_NAMES = _words("""
    a b c d e list map text this global::A f g host::echo x
""")
_BINARY = _words("""
    + - * / % ** == != < <= > >= && || & | ^ << >> ?? in .. ..= !in
""")
_ASSIGN = _words("""
    = += -= *= /= %= **= <<= >>= &= |= ^= ??=
""")
_BARE = _words("""
    len abs sign floor sqrt sin ln exp to_int to_float to_string to_debug to_upper to_lower trim is_odd
    is_zero chars to_chars to_blob to_array keys values clear pop shift reverse bytes bits sort dedup
    type_of is_shared split to_hex to_json as_string is_nan start end tag drain flatten name
    is_anonymous
""")
_GIVEN = _words("""
    push append insert pad remove set get index_of contains replace split sub_string crop truncate chop
    extract splice map filter reduce reduce_rev some all find find_map for_each sort dedup retain drain
    zip curry call min max parse_le_int write_le write_utf8 get_bit set_bit get_bits range mixin
    fill_with starts_with ends_with round log atan hypot step
""")
_TOKENS = _words("""
    ( ) [ ] { } #{ ${ ` ' | || ; , . .. ..= : :: => -> ? ?. ?[ ! ~ @ # $ /* */ // /// fn let const if
    else loop while do for in return throw try catch break continue switch import export as private
    global Fn eval call curry is_def_var _
""")
_ODD = ['"', "\\", "\x00", "\ufeff", "\u202e", "é", "😀"]
_LITERALS = (
    "()",
    "true",
    "false",
    "[]",
    "#{}",
    "'x'",
    "'😀'",
    r'"\u00e9\x41"',
    "`\n`",
    "blob(9, 7)",
    "0..9",
    '#"raw"#',
    "|x| x",
    "Fn('g')",
)


def _form(template: str, *parts: Texts) -> Texts:
    """Put the parts at the marks of a template."""
    pieces = template.split("@")
    return st.tuples(*parts).map(lambda given: "".join(chain(*zip_longest(pieces, given, fillvalue=""))))


def _several(inner: Texts, most: int, joint: str = ", ", least: int = 0) -> Texts:
    return st.lists(inner, min_size=least, max_size=most).map(joint.join)


def _quoted(text: str) -> str:
    return (
        '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'
    )


def _nested(brackets: str, times: int, inner: str) -> str:
    return brackets[0] * times + inner + brackets[1] * times


_strings = st.text(st.characters(codec="utf-8"), max_size=12).map(_quoted)
_atoms = (
    st.sampled_from(_NUMBERS)
    | st.sampled_from(_NAMES)
    | st.integers().map(str)
    | st.floats().map(repr)
    | _strings
    | st.sampled_from(_LITERALS)
)


def _larger(inner: Texts) -> Texts:
    return st.one_of(
        _form("(@ @ @)", inner, st.sampled_from(_BINARY), inner),
        _form("@(@)", st.sampled_from("-!+"), inner),
        _form("[@]", _several(inner, 4)),
        _form("#{@}", _several(_form("@: @", _strings, inner), 3)),
        _form("(@).@()", inner, st.sampled_from(_BARE)),
        _form("(@).@(@)", inner, st.sampled_from(_GIVEN), _several(inner, 3, least=1)),
        _form("@(@)", st.sampled_from(_GIVEN + _BARE), _several(inner, 3)),
        _form("(@)[@]", inner, inner),
        _form("list[@]", inner),
        _form("(@)?.x ?? @", inner, inner),
        _form("|x| @", inner),
        _form("(|x, y| @).call(@, 1)", inner, inner),
        _form("if (@) == a { @ } else { @ }", inner, inner, inner),
        _form('switch @ { 1 => @, 2..9 if a == 1 => 0, "é" => @, _ => () }', inner, inner, inner),
        _form("`${@} ${@}`", inner, inner),
        _form("Fn(@)", inner),
        _form("host::echo(@)", inner),
        st.builds(_nested, st.sampled_from(["()", "[]", "{}"]), st.integers(1, 90), inner),
    )


expressions = st.recursive(_atoms, _larger, max_leaves=10)
_names = st.sampled_from("abcde")
_simple = st.one_of(
    _form("@ @ = @;", st.sampled_from(["let", "const"]), _names, expressions),
    _form("@ @ @;", st.sampled_from(["a", "b", "list[0]", "map.x"]), st.sampled_from(_ASSIGN), expressions),
    _form("@;", expressions),
    _form("print(@);", expressions),
    _form("throw @;", expressions),
    _form("return @;", expressions),
)


def _blocks(inner: Texts) -> Texts:
    block = _several(inner, 3, " ")
    return st.one_of(
        _form("if @ != a { @ } else { @ }", expressions, block, block),
        _form("while @ == b { @ break; }", expressions, block),
        _form("for @ in [@, 2] { @ }", _names, expressions, block),
        _form("for @ in @ { @ }", _names, expressions, block),
        _form("loop { @ if a != @ { break @; } }", block, expressions, expressions),
        _form("do { @ } until a != @;", block, expressions),
        _form("try { @ } catch (e) { @ }", block, block),
        _form("let @ = |x, y| { @ };", _names, block),
    )


_statements = st.recursive(_simple, _blocks, max_leaves=6)
_HEAD = 'const A = 7; let a = 1; let b = "é"; let list = [1, "two", 3.0]; let map = #{ x: 1 };'
_LOCAL = (
    'let a = x; let b = 2; let c = "c"; let d = [1]; let e = #{}; let list = [1, 2]; let map = #{ x: a };'
)

programs = _form(
    f"{_HEAD}\nfn g(x, y) {{ @ }}\nfn f(x) {{ {_LOCAL} @ }}\n@",
    _several(_statements, 2, " "),
    _several(_statements, 3, " ", least=1),
    _several(_statements, 1),
)
"""Programs with an `f(x)`, half of them without errors of syntax."""

nonsense = _several(st.sampled_from(_TOKENS + _ODD) | _atoms, 40, " ") | st.text(max_size=80)
"""Tokens in no order, and texts of any characters, halves of characters included."""


@st.composite
def mutated(draw: st.DrawFn, seeds: list[str]) -> str:
    """Take a script and cut, double, replace and insert in it."""
    text = draw(st.sampled_from(seeds))[:5_000]
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 30))
        piece = text[at : at + length]
        new = draw(
            st.sampled_from(["", piece * 2, piece * 50, piece[::-1]])
            | st.sampled_from(_TOKENS + _ODD)
            | _atoms
        )
        text = text[:at] + new + text[at + length :]
    return text
