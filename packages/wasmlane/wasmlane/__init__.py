"""Isolated calls of WebAssembly modules, in microseconds, from any thread.

>>> import wasmlane
>>> with wasmlane.Lane() as lane:
...     image = lane.load('''
...         (module
...           (memory (export "memory") 1)
...           (func (export "alloc") (param i32) (result i32) (i32.const 1024))
...           (func (export "echo") (param i32 i32) (result i64)
...             (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32))
...                     (i64.extend_i32_u (local.get 1)))))
...     ''')
...     image.call("echo", b"hello").data
b'hello'
"""

from wasmlane.errors import Busy, Closed, LaneError, Misused, ModuleRefused, SetupFailed, Unsupported
from wasmlane.guest import Host
from wasmlane.image import Image
from wasmlane.lane import Lane
from wasmlane.live import Live
from wasmlane.outcome import Answer, Cost, Kind, Numbers, Trapped
from wasmlane.settings import Limits, Settings

__all__ = [
    "Answer",
    "Busy",
    "Closed",
    "Cost",
    "Host",
    "Image",
    "Kind",
    "Lane",
    "LaneError",
    "Limits",
    "Live",
    "Misused",
    "ModuleRefused",
    "Numbers",
    "Settings",
    "SetupFailed",
    "Trapped",
    "Unsupported",
]

__version__ = "0.1.0"
