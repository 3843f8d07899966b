"""Where the microseconds of one event go: one thread, the whole application, a clock around each stage.

A stage's time is its own: what it calls and is a stage itself is not counted twice. The clocks cost half a
microsecond each and stand in the sum.
"""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask

from benchmarks.door.scene import BODY, Scene
from neira import disk, facts
from neira.hub.hub import Hub
from neira.journal import journal, record
from neira.journal.checkpoint import CheckpointPen
from neira.journal.pen import Pen
from neira.kernel import Kernel
from neira.settings import load
from neira.telemetry import Telemetry
from neira.web import headers, problem, reply, ui
from neira.web.app import create_app
from neira.web.server.body import BoundedBody
from neira.web.server.streams import EventStreams
from neira.world.live import LiveWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

EVENTS = 3_000


def show(folder):
    pass
