"""The Rhai scripting language for Python, safe by construction.

>>> import rhai
>>> engine = rhai.Engine()
>>> engine.eval("40 + 2")
42
>>> script = engine.compile('fn greet(who) { `Hello, ${who}!` }', name="greet.rhai")
>>> script.call("greet", "Anna")
'Hello, Anna!'
"""

from rhai.engine import Engine
from rhai.errors import (
    ConversionError,
    Frame,
    HostError,
    InternalError,
    LimitError,
    Place,
    Refusal,
    RhaiError,
    RuntimeError,  # noqa: A004 - the name that Rhai's users know
    SyntaxError,  # noqa: A004 - same
)
from rhai.guest import GuestMissing
from rhai.limits import Limits
from rhai.outcome import Cost, Line, Outcome
from rhai.script import Function, Script
from rhai.session import Session

__all__ = [
    "ConversionError",
    "Cost",
    "Engine",
    "Frame",
    "Function",
    "GuestMissing",
    "HostError",
    "InternalError",
    "LimitError",
    "Limits",
    "Line",
    "Outcome",
    "Place",
    "Refusal",
    "RhaiError",
    "RuntimeError",
    "Script",
    "Session",
    "SyntaxError",
]

__version__ = "0.1.0"
