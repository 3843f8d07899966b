"""The journal as the kernel uses it: many threads and processes append, one fsync serves all who wait.

There is no writing thread: the first who comes leads. The leader takes the lock between processes, writes
what all have queued until then, and wakes them; who comes meanwhile waits for the next leader.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from neira.errors import NeiraError
from neira.errors.change import Overtaken
from neira.errors.disk import Busy, FsyncFailed
from neira.errors.journal import JournalBroken, JournalDamaged, JournalUnavailable
from neira.home import Home
from neira.journal import archive_anchor, blanking, broken, keys
from neira.journal.pen import Pen
from neira.journal.reader import Reader
from neira.journal.record import prepare
from neira.journal.ticket import Ticket
from neira.model import ChangeNote, Draft, Seq

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from neira.disk import Lock
    from neira.journal.record import Prepared, Ready, Sealed
    from neira.journal.ticket import Guard, Refusal
    from neira.model import Record
    from neira.ports import Clock, Entropy

_PATIENCE = 10.0  # seconds that a leader waits for another process
_MOST_NOTES = 1_000  # queued without a writer; more are written at once


class Journal:
    """The one way to write records."""

    def __init__(
        self, home: Path, pen: Pen, *, clock: Clock, entropy: Entropy, lock: Lock,
        on_broken: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.home = home
        self._pen = pen
        self._clock = clock
        self._entropy = entropy
        self._lock = lock
        self._on_broken = on_broken
        self._reader = Reader(home)
        self._mark = broken.place(home)
        self._turn = threading.Lock()  # guards the queue and who leads
        self._waiting: list[Ticket] = []
        self._leader: Ticket | None = None
        self._robbed: set[int] = set()  # threads whose note was lost: their next append must fail
        self._failure: tuple[str, bool] | None = None  # why this object stopped, and whether a mark says so
        self._told = ""
        self._known = pen.tail

    @classmethod
    def open(
        cls, home: Path, *, clock: Clock, entropy: Entropy, lock: Lock, segment_bytes: int,
        on_broken: Callable[[str], None],
    ) -> Self:  # fmt: skip
        """Open the journal of a home and mend a torn end; damage is reported, and leaves it readable."""
        pen = Pen(Home(home).journal, keys.signing(home), segment_bytes=segment_bytes)
        journal = cls(home, pen, clock=clock, entropy=entropy, lock=lock, on_broken=on_broken)
        with suppress(JournalUnavailable, JournalBroken, JournalDamaged):
            journal.flush()
            journal.finish_forgetting()
        return journal

    def append(self, *drafts: Draft) -> tuple[Record, ...]:
        """Chain records and return once they are on disk."""
        return tuple(each.record() for each in self.commit(*map(prepare, drafts)))

    def commit(self, *drafts: Prepared, guard: Guard | None = None) -> Sequence[Sealed]:
        """Chain prepared records, all or none, and return once they are on disk.

        The guard is asked under the lock, when everything before is certain: if it says no, nothing is
        written and `Overtaken` is raised.
        """
        ready = tuple(draft.ready(self._entropy) for draft in drafts)
        ticket = Ticket(ready, threading.get_ident(), guard=guard)
        self._check_robbed()
        self._wait_for(ticket)
        if ticket.is_refused:
            self._robbed.discard(ticket.owner)  # a note that was lost with it has been answered for
        return ticket.sealed()

    def note(self, draft: Draft) -> None:
        """Queue a record for the next commit; if that fails, the next append of this thread does too."""
        ticket = Ticket((prepare(draft).ready(self._entropy),), threading.get_ident(), is_note=True)
        with self._turn:
            self._waiting.append(ticket)
            is_long = len(self._waiting) > _MOST_NOTES
        if is_long:
            self.flush()

    def flush(self) -> None:
        """Write what has been noted and return once it is on disk."""
        self.append()

    def after(self, seq: Seq, *, kinds: Container[str] | None = None) -> Iterator[Record]:
        """Read the records behind a number, oldest first."""
        committed = self._reader.committed()
        upto = None if committed is None else max(committed, self._known.seq)
        return self._reader.after(seq, kinds=kinds, upto=upto)

    def get(self, seq: Seq) -> Record:
        """Read one record that is known to be there."""
        return next(self.after(Seq(seq - 1)))

    def tail(self) -> tuple[Seq, str]:
        """Return number and hash of the last record known to be on disk."""
        point = self._reader.last_point()
        if point is not None and point.seq > self._known.seq:
            return point.seq, point.root
        return self._known.seq, self._known.hash

    @property
    def known(self) -> Seq:
        """Return the last record that this process has seen on disk; others may have written later ones."""
        return self._known.seq

    @property
    def broken(self) -> str | None:
        """Return why no records are taken since a failed fsync; none if they are."""
        if self._failure is not None:
            reason, has_mark = self._failure
            if not has_mark or broken.read(self.home) is not None:
                return reason
            self._failure = None  # an admin resumed in another process
        return broken.read(self.home)

    def resume(self, actor: str, why: str) -> Record:
        """Take records again, in a new segment, after an admin has verified what the disk kept."""
        reason = self.broken
        with self.exclusively():
            taken_back = self._pen.take_back()
            self._pen.roll(self._clock.now())
            broken.clear(self.home)
            self._failure = None
        note = ChangeNote(
            what="Resumed the journal in a new segment", why=why, verify="neira journal verify",
            impact=(f"it had stopped: {reason}",) if reason else (),
        )  # fmt: skip
        resumed = Draft("journal.repaired", actor, note, "journal-resumed", {"cause": "resumed"})
        return self.append(*((taken_back,) if taken_back else ()), resumed)[-1]

    def base(self) -> Seq:
        """Return the number behind which a fold begins: in an archived journal, its snapshot comes next."""
        anchor = archive_anchor.read(self._reader.folder)
        return Seq(0) if anchor is None else Seq(anchor.snapshot - 1)

    def begin_segment(self) -> None:
        """Close the present segment, so that it can be archived."""
        self.flush()
        with self.exclusively():
            if not self._pen.catch_up():
                self._pen.roll(self._clock.now())

    def finish_forgetting(self) -> None:
        """Blank what an interrupted `forget` had journaled; what the disk refuses waits for the next open."""
        try:
            blanking.redo(self.home)
        except FsyncFailed as error:
            self._break(error.reason)
        except OSError as error:
            raise JournalUnavailable(error.strerror or "the disk refused it") from error

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the journal's lock, so that nobody writes meanwhile; the block must not append."""
        try:
            with self._lock.held(_PATIENCE):
                yield
        except OSError as error:
            raise JournalUnavailable(error.strerror or "the disk refused it") from error

    def close(self) -> None:
        """Write what was noted, sign the end for good, and let go of the files."""
        with suppress(NeiraError, OSError):
            self.flush()
            with self.exclusively():
                if not self._pen.catch_up():
                    self._pen.milestone(self._clock.now())
        self._pen.close()

    def _wait_for(self, ticket: Ticket) -> None:
        """Queue a ticket and return when it is done: lead if nobody does, else wait for a leader's call."""
        with self._turn:
            self._waiting.append(ticket)
            is_led = self._leader is not None
            if not is_led:
                self._leader = ticket
        if is_led:
            self._wait(ticket)
        if not ticket.is_done:
            self._lead(ticket)

    def _wait(self, ticket: Ticket) -> None:
        try:
            ticket.wait()
        except BaseException:  # whoever called it to lead counts on that
            with self._turn:
                is_leader = self._leader is ticket
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
            if is_leader:
                self._pass_on()
            raise

    def _lead(self, own: Ticket) -> None:
        """Commit whatever is queued by the time the lock is ours, or refuse all of it."""
        tickets: list[Ticket] = []
        try:
            with self._lock.held(_PATIENCE):
                self._check_broken()
                repairs = self._pen.catch_up()
                tickets = self._take()
                self._commit(repairs, tickets)
        except BaseException as error:
            refusal = self._refusal(error)
            tickets = tickets or self._take()
            for ticket in tickets:
                self._refuse(ticket, refusal)
            if not isinstance(error, (NeiraError, OSError)):
                raise
        finally:
            self._pass_on()
            for ticket in tickets:
                if ticket is not own and not ticket.is_note:
                    ticket.call()

    def _pass_on(self) -> None:
        """Let the first of those who came meanwhile lead; notes have nobody who waits."""
        with self._turn:
            following = next((ticket for ticket in self._waiting if not ticket.is_note), None)
            self._leader = following
        if following is not None:
            following.call()

    def _commit(self, repairs: Sequence[Draft], tickets: Sequence[Ticket]) -> None:
        at, since = self._clock.now(), self._pen.tail.seq
        drafts = [prepare(draft).ready(self._entropy) for draft in repairs]
        tickets = self._let_through(tickets, Seq(since + len(drafts)))
        for ticket in tickets:
            drafts.extend(ticket.drafts)
        sealed = self._write(drafts, at) if drafts else []
        self._known, self._told = self._pen.tail, ""
        place = len(repairs)
        for ticket in tickets:
            ticket.fulfil(sealed[place : place + len(ticket.drafts)])
            place += len(ticket.drafts)
        if drafts or not self._pen.is_settled:
            self._settle(since)

    @staticmethod
    def _let_through(tickets: Sequence[Ticket], last: Seq) -> list[Ticket]:
        """Ask each guard in turn, with the number that its first record would get."""
        passed: list[Ticket] = []
        for ticket in tickets:
            if ticket.guard is not None and not ticket.guard(Seq(last + 1)):
                ticket.refuse(Overtaken)
                continue
            passed.append(ticket)
            last = Seq(last + len(ticket.drafts))
        return passed

    def _write(self, drafts: Sequence[Ready], at: datetime) -> list[Sealed]:
        """Write, and stop for good while the lock is still ours if the disk does not confirm it."""
        try:
            return self._pen.write(drafts, at)
        except FsyncFailed as error:
            self._break(error.reason)
            self._pen.undo()
            raise JournalBroken(f"fsync: {error.reason}") from error

    def _settle(self, since: Seq) -> None:
        """Sign the new end; the records stand, whatever comes of it."""
        try:
            self._pen.settle(self._clock.now(), since=since)
        except FsyncFailed as error:
            self._break(error.reason)

    def _take(self) -> list[Ticket]:
        with self._turn:
            taken, self._waiting = self._waiting, []
        return taken

    def _refuse(self, ticket: Ticket, refusal: Refusal) -> None:
        if ticket.is_note:
            self._robbed.add(ticket.owner)
        ticket.refuse(refusal)

    def _refusal(self, error: BaseException) -> Refusal:
        """Find the answer for all who waited; a failed fsync and damage are told before anybody wakes."""
        match error:
            case FsyncFailed():
                self._break(error.reason)
                return partial(JournalBroken, f"fsync: {error.reason}")
            case JournalBroken():
                return partial(JournalBroken, error.reason)
            case JournalDamaged():
                self._tell(f"{error.damage} at record {error.seq}: {error.reason}")
                return partial(JournalDamaged, error.damage, error.seq, error.reason)
            case Busy():
                return partial(JournalUnavailable, "another process is writing", retry_after=1.0)
            case OSError():
                return partial(JournalUnavailable, error.strerror or "the disk refused it")
            case _:
                return partial(JournalUnavailable, "it failed for a reason of its own")

    def _break(self, reason: str) -> None:
        self._tell(f"fsync: {reason}")
        self._failure = (f"fsync: {reason}", broken.mark(self.home, f"fsync: {reason}"))

    def _tell(self, reason: str) -> None:
        """Report a failure once, not with every append that meets it again."""
        if reason != self._told:
            self._told = reason
            self._on_broken(reason)

    def _check_broken(self) -> None:
        if self._failure is None and not broken.may_stand(self._mark):
            return
        if (reason := self.broken) is not None:
            raise JournalBroken(reason)

    def _check_robbed(self) -> None:
        if (me := threading.get_ident()) in self._robbed:
            self._robbed.discard(me)
            raise JournalUnavailable("the record that announced this one could not be written")
