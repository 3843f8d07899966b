"""The gunicorn worker class: gthread, in which no slow client holds a thread or the main loop.

gunicorn loads it by name (`worker_class` in gunicorn.conf.py). What differs from gthread, and why, is in
docs/adr/0016-worker-class.md; UPSTREAM lists what it leans on, and a test holds the list against gunicorn.
"""

from __future__ import annotations

import errno
import gc
import math
import os
import selectors
import socket
import sys
import time
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar

from gunicorn.http import errors as http_errors  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.http.wsgi import create  # type: ignore[import-untyped]  # same
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # same

from neira.clock import SystemEntropy
from neira.errors.server import (
    BadHttp,
    HeadTooLarge,
    LineTooLong,
    NoDescriptors,
    RequestTimeout,
)
from neira.errors.web import InternalFault
from neira.web.server.answer import Answer
from neira.web.server.answers import last_words, new_request_id
from neira.web.server.arrival import Arrival
from neira.web.server.connection import READ, Connection, PatientSocket
from neira.web.server.idle import IS_OFFERED, Idle
from neira.web.server.threads import RequestThreads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from neira.errors.base import NeiraError

LINGER_SECONDS = 2.0  # as gunicorn does
MOST_LINGERING = 256
MOST_DRAINED = 1024 * 1024  # bytes thrown away while lingering
NOTIFY_SECONDS = 1.0  # between two signs of life
LOOK_SECONDS = 0.2  # between two looks for idle connections that have been silent for too long
HURRY_SECONDS = 1.0  # what half a request may take when the worker stops, or is full of such

T = TypeVar("T")

# What this page overrides or calls, with the parameters it counts on.
UPSTREAM: dict[str, tuple[str, ...]] = {
    "ThreadWorker._cap_keepalive": ("self", "deadline"),
    "ThreadWorker.accept": ("self", "listener"),
    "ThreadWorker.check_config": ("cfg", "log"),
    "ThreadWorker.enqueue_req": ("self", "conn"),
    "ThreadWorker.finish_request": ("self", "conn", "fs"),
    "ThreadWorker.get_thread_pool": ("self",),
    "ThreadWorker.init_process": ("self",),
    "ThreadWorker.handle": ("self", "conn"),
    "ThreadWorker.handle_error": ("self", "req", "client", "addr", "exc"),
    "ThreadWorker.handle_exit": ("self", "sig", "frame"),
    "ThreadWorker.handle_request": ("self", "req", "conn"),
    "ThreadWorker.murder_keepalived": ("self", "force"),
    "ThreadWorker.murder_pending": ("self",),
    "ThreadWorker.notify": ("self",),
    "ThreadWorker.run": ("self",),
    "PollableMethodQueue.defer": ("self", "callback", "args"),
    "TConn.__init__": ("self", "cfg", "sock", "client", "server"),
    "TConn.close": ("self", "graceful"),
    "TConn.init": ("self",),
    "TConn.set_timeout": ("self",),
    "Response.__init__": ("self", "req", "sock", "cfg"),
    "Response._emit_body": ("self", "data"),
    "Response.close": ("self",),
    "Response.default_headers": ("self",),
    "Response.process_headers": ("self", "headers"),
    "Response.send_headers": ("self",),
    "Response.should_close": ("self",),
    "Response.write": ("self", "arg"),
    "Unreader.take_buffered": ("self",),
    "Unreader.unread": ("self", "data"),
}


WAY = 0.000_05  # seconds that a worker lets pass for each connection it has, before it takes another
LONGEST_WAY = 0.002
NO_HTTP2 = frozenset({"off", False, None})
OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})
NOTHING_TO_ACCEPT = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED})


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gthread whose waiting happens in the loop: for whole requests, and for clients to close.

    All state belongs to the loop, which is the main thread; request threads only put connections into `idle`.
    """

    alive: bool
    arrival_seconds = 10.0  # gunicorn.conf.py sets what the settings say

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arriving: dict[Connection, float] = {}  # oldest first, since all wait for the same time
        self.lingering: dict[PatientSocket, float] = {}  # the same
        self.entropy = SystemEntropy()
        self.spare = -1
        self.idle: Idle | None = None
        self.last_call = math.inf  # when idle connections must go, once the worker stops
        self.next_look = 0.0  # when idle connections are looked through again
        self.told = 0.0  # when the arbiter last heard that this worker lives

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what this worker does not serve."""
        super().check_config(cfg, log)
        if cfg.is_ssl or cfg.http2_cleartext not in NO_HTTP2:
            sys.exit("Neira's worker speaks plain HTTP/1.1: end TLS and HTTP/2 at the proxy in front of it")

    def init_process(self) -> None:
        """Keep one descriptor back, to refuse in good order when there is no other."""
        self.spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        fixed = {name: setting.get() for name, setting in self.cfg.settings.items()}
        self.cfg.__dict__.update(fixed)  # else each of 20 reads a request is a look-up
        super().init_process()

    def get_thread_pool(self) -> RequestThreads:
        """Give gthread our own threads."""
        return RequestThreads(self.cfg.threads, self._serve)

    def run(self) -> None:
        """Serve until told to stop; the streams end with the worker."""
        if IS_OFFERED:
            self.idle = Idle()
            self.poller.register(self.idle, selectors.EVENT_READ, self._on_idle)
        gc.collect()
        gc.freeze()  # the application lives as long as this process: no collection need look at it again
        try:
            super().run()
        finally:
            self._end_streams()

    def notify(self) -> None:
        """Tell the arbiter that this worker lives, once a second: it touches a file."""
        if time.monotonic() - self.told >= NOTIFY_SECONDS:
            self.told = time.monotonic()
            super().notify()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Stop, and end the streams before waiting for requests in flight."""
        super().handle_exit(sig, frame)
        self.method_queue.defer(self._end_streams)

    def _end_streams(self) -> None:
        close = getattr(getattr(self, "wsgi", None), "close", None)
        if callable(close):
            close()

    def _give_way(self) -> None:
        """Let a worker with fewer connections take the next one: the fuller, the longer it waits.

        Clients keep their connections, so whoever took most of them in the first moment would go on doing
        most of the work, however idle the others are.
        """
        if self.nr_conns and self.cfg.workers > 1:
            time.sleep(min(LONGEST_WAY, self.nr_conns * WAY))

    def accept(self, listener: socket.socket) -> None:
        """Take one connection into the loop."""
        self._give_way()
        try:
            plain, client = listener.accept()
        except OSError as refused:
            if refused.errno in OUT_OF_DESCRIPTORS:
                self._accept_to_refuse(listener)
            elif refused.errno not in NOTHING_TO_ACCEPT:
                raise
            return
        self.nr_conns += 1
        patient = PatientSocket(plain)
        self.enqueue_req(Connection(self.cfg, patient, client, listener.getsockname(), self._linger))

    def _accept_to_refuse(self, listener: socket.socket) -> None:
        """Empty the listener's queue by one: left in it, a connection would keep the loop spinning."""
        if self.spare >= 0:
            os.close(self.spare)
            self.spare = -1
        with suppress(OSError), listener.accept()[0] as connection:
            connection.setblocking(False)
            connection.send(self._last_words(NoDescriptors()))
        with suppress(OSError):  # a request thread may have been faster; the next refusal tries again
            self.spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def enqueue_req(self, conn: Connection) -> None:
        """Keep a connection in the loop until its request is whole, then let a thread take it."""
        conn.take_leftover()
        found = conn.look()
        if found is Arrival.PART:
            self._park(conn)
        else:
            self._go_on(conn, found)

    def _serve(self, conn: Connection) -> None:
        """Answer one request, in a request thread, and put the connection where it belongs."""
        try:
            keeps = self.handle(conn)
            if keeps is True and self.idle is not None and not conn.parser.unreader.buf.tell():
                conn.set_timeout()
                self.idle.put(conn)
                return
        except BaseException:  # even if the application asks this thread to end: requests to come need it
            self.log.exception("a request ended its thread")
            self.method_queue.defer(self._drop, conn)
            return
        done: Future[Any] = Future()
        done.set_result(keeps)
        self.method_queue.defer(self.finish_request, conn, done)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Run the application, as gthread does, and answer in one piece."""
        begun = time.monotonic()
        answer, environ = create(req, conn.sock, conn.client, conn.server, self.cfg, Answer)
        environ["wsgi.multithread"] = True
        self._count(answer)
        pieces: Iterable[bytes] = ()
        try:
            pieces = self.wsgi(environ, answer.start_response)
            for piece in pieces:
                answer.write(piece)
            answer.close()
        except Exception as failed:
            if isinstance(failed, OSError | StopIteration) or not answer.has_begun:
                raise
            self.log.exception("an answer broke off")
            return False
        finally:
            getattr(pieces, "close", _nothing)()
            if self.log.access_log_enabled:
                self.log.access(answer, req, environ, timedelta(seconds=time.monotonic() - begun))
        return not answer.should_close()

    def _count(self, answer: Answer) -> None:
        """Say with an answer that the connection ends, where it must."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("this worker has answered enough and makes room for another")
            self.alive = False
        if not self.alive or not self.cfg.keepalive or self._kept() >= self.max_keepalived:
            answer.force_close()

    def _kept(self) -> int:
        return len(self.keepalived_conns) + len(self.idle or ())

    def _on_idle(self, idle: Idle) -> None:
        for conn in idle.ready():
            self.enqueue_req(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close connections that have been idle for too long."""
        super().murder_keepalived(force)
        now = math.inf if force else time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + LOOK_SECONDS
        for conn in self.idle.overdue(now, self.last_call) if self.idle is not None else ():
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        self.last_call = deadline

    def _park(self, conn: Connection) -> None:
        self.arriving[conn] = time.monotonic() + self.arrival_seconds
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_more, conn))

    def _unpark(self, conn: Connection) -> None:
        del self.arriving[conn]
        self.poller.unregister(conn.sock)

    def _on_more(self, conn: Connection, _sock: PatientSocket) -> None:
        found = conn.look()
        if found is not Arrival.PART:
            self._unpark(conn)
            self._go_on(conn, found)

    def _go_on(self, conn: Connection, found: Arrival) -> None:
        """Do what follows once a connection need not wait any more."""
        if found is Arrival.WHOLE:
            conn.hand_over(time.monotonic() + self.arrival_seconds)
            self.tpool.give(conn)
            return
        if found is Arrival.TOO_LONG:
            conn.say(self._last_words(HeadTooLarge()))
        self.nr_conns -= 1
        conn.close(graceful=found is Arrival.TOO_LONG)

    def _give_up(self, conn: Connection, seconds: float) -> None:
        """End a connection whose request never came whole."""
        self._unpark(conn)
        if conn.early:
            conn.say(self._last_words(RequestTimeout(seconds)))
        self.nr_conns -= 1
        conn.close(graceful=bool(conn.early))

    def murder_pending(self) -> None:
        """End the waits that are over; gthread calls this at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        crowded = len(self.arriving) * 2 > self.worker_connections
        seconds = HURRY_SECONDS if crowded or not self.alive else self.arrival_seconds
        for conn in _overdue(self.arriving, now + self.arrival_seconds - seconds):
            self._give_up(conn, seconds)
        for sock in _overdue(self.lingering, now):
            self._part(sock)

    def _linger(self, sock: PatientSocket) -> None:
        """Say that nothing more follows, and leave the client time to read it and to close."""
        try:
            sock.deadline = None
            sock.setblocking(False)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            sock.close()
            return
        if len(self.lingering) >= MOST_LINGERING:
            self._part(next(iter(self.lingering)))
        self.lingering[sock] = time.monotonic() + LINGER_SECONDS
        self.poller.register(sock, selectors.EVENT_READ, self._on_last_words)

    def _on_last_words(self, sock: PatientSocket) -> None:
        if sock not in self.lingering:
            return  # parted with in this very round, to make room
        try:
            heard = len(sock.recv(READ))
        except BlockingIOError:
            return
        except OSError:
            heard = 0
        sock.drained += heard
        if not heard or sock.drained > MOST_DRAINED:
            self._part(sock)

    def _part(self, sock: PatientSocket) -> None:
        del self.lingering[sock]
        self.poller.unregister(sock)
        sock.close()

    def handle_error(
        self,
        req: Any,  # noqa: ARG002 - gunicorn's signature
        client: PatientSocket,
        addr: Any,  # noqa: ARG002 - same
        exc: BaseException,
    ) -> None:
        """Answer what gunicorn could not parse, and what fell out of the application, as problem+json."""
        error, name = refusal(exc), new_request_id(self.entropy)
        if isinstance(error, InternalFault):
            self.log.error("request %s fell out of the application", name, exc_info=exc)
        try:
            client.sendall(last_words(error, name))
        except OSError:
            self.log.debug("the client left before it was refused")

    def _last_words(self, error: NeiraError) -> bytes:
        return last_words(error, new_request_id(self.entropy))


def refusal(failed: BaseException) -> NeiraError:
    """Say in our words what gunicorn says in its own; its words would echo the request."""
    if isinstance(failed, http_errors.InvalidResponseHeader | http_errors.InvalidResponseHeaderName):
        return InternalFault()
    if isinstance(failed, http_errors.LimitRequestLine):
        return LineTooLong()
    if isinstance(failed, http_errors.LimitRequestHeaders):
        return HeadTooLarge()
    return BadHttp() if isinstance(failed, http_errors.ParseException) else InternalFault()


def _nothing() -> None:
    """Stand in for the `close` that most answers do not have."""


def _overdue(waits: Mapping[T, float], now: float) -> list[T]:
    """List the first entries of an ordered mapping whose time has come."""
    return [item for item, _ in takewhile(lambda wait: wait[1] <= now, waits.items())]
