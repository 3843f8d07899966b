"""What the process tells of itself: counters for Prometheus and structured lines on standard error.

The application makes one `Telemetry` and hands it on; nothing here is global. prometheus-client keeps the
counters in files that all workers share when PROMETHEUS_MULTIPROC_DIR was set before it was imported.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import ValueClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

    from neira.ports import Clock
    from neira.settings import LogSettings

METRICS_TYPE = CONTENT_TYPE_LATEST
LONGEST_WORD = 500  # characters of one value in a log line
_TELLING = frozenset({"debug", "info"})  # levels at which every answer has a line
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Telemetry:
    """Counters and log of one application."""

    def __init__(self, settings: LogSettings, clock: Clock, *, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._lines = structlog.WriteLogger(stream or sys.stderr)
        self.log = _logger(settings, clock, self._lines)
        self._tells_requests = settings.level in _TELLING
        self._is_json = settings.format == "json"
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", "method", "route", "status")
        self._seconds = Histogram(
            "neira_request_seconds",
            "Time from a request to its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._events = self._counter("events", "Events answered, by mode.", "mode")
        self._changes = self._counter("changes", "Changes carried out, by verb.", "verb")
        self._refusals = self._counter("refusals", "Requests refused, by code.", "code")
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._by_mode: dict[str, Counter] = {}
        self._results = self._counter("results", "Runs of plugins, by outcome.", "outcome")
        self._by_outcome: dict[str, Counter] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; the route is its rule, never the path that was sent."""
        meters = self._answered.get((method, route, status))
        if meters is None:  # finding a meter by its labels costs more than moving it
            meters = self._requests.labels(method, route, str(status)), self._seconds.labels(route)
            self._answered[method, route, status] = meters
        count, time = meters
        count.inc()
        time.observe(seconds)

    def request(self, **facts: str | float | None) -> None:
        """Log one answer: the line that `log.info("request", ...)` writes, in fewer steps."""
        if not self._tells_requests:
            return
        if not self._is_json:
            self.log.info("request", **facts)
            return
        line = {**_stamp(self._clock), **facts, "event": "request", "level": "info"}
        self._lines.msg(json.dumps(_printable(None, "info", line), default=str))

    def event(self, mode: str) -> None:
        """Count one event."""
        count = self._by_mode.get(mode)
        if count is None:
            count = self._by_mode[mode] = self._events.labels(mode)
        count.inc()

    def change(self, verb: str) -> None:
        """Count one change."""
        self._changes.labels(verb).inc()

    def refused(self, code: str) -> None:
        """Count one refusal."""
        self._refusals.labels(code).inc()

    def plugin_said(self, level: str, plugin: str, message: str) -> None:
        """Log a line of a plugin's."""
        write = {"debug": self.log.debug, "warn": self.log.warning, "error": self.log.error}
        write.get(level, self.log.info)("plugin", plugin=plugin, message=message)

    def result(self, outcome: str) -> None:
        """Count one run of a plugin."""
        count = self._by_outcome.get(outcome)
        if count is None:
            count = self._by_outcome[outcome] = self._results.labels(outcome)
        count.inc()

    def exposition(self) -> bytes:
        """Write all counters as Prometheus reads them; those of all workers if they share a folder."""
        if not getattr(ValueClass, "_multiprocess", False):
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        return generate_latest(together)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"neira_{name}", meaning, labels, registry=self._registry)


def _logger(settings: LogSettings, clock: Clock, lines: structlog.WriteLogger) -> FilteringBoundLogger:
    """Make a logger of our own instead of configuring the library for the whole process."""

    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**_stamp(clock), **event}

    shown: Any = (
        structlog.processors.JSONRenderer(default=str)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    logger: FilteringBoundLogger = structlog.wrap_logger(
        lines,
        processors=[
            structlog.processors.add_log_level,
            stamp,
            structlog.processors.format_exc_info,
            _printable,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.level.upper())),
    ).bind()  # the unbound one would put itself together for every line
    return logger


def _stamp(clock: Clock) -> dict[str, str]:
    return {"ts": clock.now().isoformat(timespec="milliseconds")}


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> Mapping[str, Any]:
    """Keep foreign words from ending a line or moving a terminal's cursor; a traceback keeps its lines."""
    return {
        key: _escaped_lines(value)
        if key == "exception"
        else escaped(value)
        if isinstance(value, str)
        else value
        for key, value in event.items()
    }


def escaped(text: str) -> str:
    """Write a text with its control characters visible, and not too long."""
    cut = text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + "…"
    if cut.isprintable():
        return cut
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)


def _escaped_lines(text: str) -> str:
    return "\n".join(escaped(line) for line in text.split("\n"))
