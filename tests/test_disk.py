"""Durable writes, locks between processes, and reads that follow no link."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
import threading
from multiprocessing import get_context
from pathlib import Path

import pytest

from neira import disk
from neira.clock import SystemClock
from neira.disk import Lock
from neira.errors.disk import BadPath, Busy, DiskFailed, DiskFull, FsyncFailed, HomeReadOnly
from tests.fakes import SteppedClock

REPO = Path(__file__).parents[1]


def names(folder: Path) -> list[str]:
    """List a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """New bytes, the mode that was asked for, nothing left beside it."""
    path = tmp_path / "index.json"
    disk.write_atomic(path, b"old")
    disk.write_atomic(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["index.json"]


def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path) -> None:
    """F07: the rename is refused; the old bytes stay, and no temporary file."""
    path = tmp_path / "taken"
    path.mkdir()
    with pytest.raises(DiskFailed):
        disk.write_atomic(path, b"new")
    assert names(tmp_path) == ["taken"]


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    """The error says what, not where."""
    with pytest.raises(DiskFailed) as caught:
        disk.write_atomic(tmp_path / "gone" / "file", b"x")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, HomeReadOnly),
        (errno.EIO, DiskFailed),
    ],
)
def test_the_kernel_s_words_become_ours(number: int, expected: type[Exception]) -> None:
    """Each cause has its own code."""
    assert type(disk.explained(OSError(number, os.strerror(number)), "file")) is expected


def test_a_full_device_is_named() -> None:
    """/dev/full answers every write with ENOSPC."""
    fd = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError, match="No space"):
            disk.write_whole(fd, b"x")
    finally:
        os.close(fd)


def test_short_writes_are_completed() -> None:
    """A pipe takes what fits; the rest follows."""
    reading, writing = os.pipe()
    data = os.urandom(300_000)
    received: list[bytes] = []

    def drain() -> None:
        while piece := os.read(reading, 9_999):
            received.append(piece)

    thread = threading.Thread(target=drain)
    thread.start()
    disk.write_whole(writing, data)
    os.close(writing)
    thread.join()
    os.close(reading)
    assert b"".join(received) == data


def test_a_write_at_an_offset_touches_nothing_else(tmp_path: Path) -> None:
    """As the journal's pen writes."""
    path = tmp_path / "file"
    path.write_bytes(b"abcdef")
    with path.open("r+b") as file:
        disk.write_at(file.fileno(), b"XY", 2)
    assert path.read_bytes() == b"abXYef"


def test_a_failed_fsync_is_an_error_of_its_own() -> None:
    """Pipes cannot be synced: the kernel's refusal becomes FsyncFailed."""
    reading, writing = os.pipe()
    with pytest.raises(FsyncFailed):
        disk.sync(writing)
    os.close(reading)
    os.close(writing)


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to fail a system call")
@pytest.mark.parametrize(
    ("inject", "expected"),
    [
        ("fsync:error=EIO", "FsyncFailed"),
        ("rename:error=EROFS", "HomeReadOnly"),
        ("rename:error=ENOSPC", "DiskFull"),
        ("rename:error=EXDEV", "DiskFailed"),
    ],
)
def test_injected_failures_leave_the_old_file_alone(tmp_path: Path, inject: str, expected: str) -> None:
    """F07: with the old bytes in force and no temporary file."""
    path = tmp_path / "folder" / "index.json"
    path.parent.mkdir()
    path.write_bytes(b"old")
    program = (
        "import sys; from pathlib import Path; from neira import disk\n"
        "try: disk.write_atomic(Path(sys.argv[1]), b'new')\n"
        "except Exception as error: print(type(error).__name__)"
    )
    call = inject.partition(":")[0]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={inject}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", program, str(path)],
        cwd=REPO, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == expected
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["index.json"]


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """F07: no temporary file survives the next start; others stay."""
    (tmp_path / ".index.json.abc.tmp").write_bytes(b"half")
    (tmp_path / "kept.tmp").write_bytes(b"")
    assert disk.sweep(tmp_path) == 1
    assert names(tmp_path) == ["kept.tmp"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a root with a file in a folder."""
    root = tmp_path / "root"
    (root / "plugins").mkdir(parents=True)
    (root / "plugins" / "a.rhai").write_bytes(b"40 + 2")
    (tmp_path / "secret").write_bytes(b"secret")
    return root


def test_a_plain_file_is_read(root: Path) -> None:
    """Up to its limit exactly."""
    assert disk.read_regular(root, "plugins/a.rhai", limit=6) == b"40 + 2"


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../secret", "/etc/passwd", "plugins/../plugins/a.rhai", "plugins//a.rhai", "plugins/",
     "plugins", "missing", "plugins/a.rhai/x", "a\0b", "\ud800", "x" * 300],
)  # fmt: skip
def test_other_paths_are_refused(root: Path, path: str) -> None:
    """Nothing above the root, nothing that is no file, nothing unclear."""
    with pytest.raises(BadPath) as caught:
        disk.read_regular(root, path, limit=100)
    assert caught.value.code == "bad_entry"
    assert str(root) not in str(caught.value)


def test_no_link_is_followed(root: Path) -> None:
    """Neither as the file nor as a folder on the way."""
    (root / "plugins" / "link").symlink_to(root.parent / "secret")
    (root / "folder").symlink_to(root / "plugins")
    (root / "dangling").symlink_to(root / "nowhere")
    for path in ("plugins/link", "folder/a.rhai", "dangling"):
        with pytest.raises(BadPath):
            disk.read_regular(root, path, limit=100)


def test_pipes_sockets_and_large_files_are_refused(root: Path) -> None:
    """At once: a pipe that nobody writes to must not hold the reader."""
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket"))
        for path in ("pipe", "socket"):
            with pytest.raises(BadPath):
                disk.read_regular(root, path, limit=100)
    with pytest.raises(BadPath):
        disk.read_regular(root, "plugins/a.rhai", limit=5)


def test_a_lock_excludes_threads(tmp_path: Path) -> None:
    """One at a time, whoever they are."""
    lock = Lock(tmp_path / "a.lock", SystemClock())
    inside: list[int] = []

    def work() -> None:
        for _ in range(50):
            with lock.held():
                inside.append(1)
                assert len(inside) == 1
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_lock_that_is_held_elsewhere_makes_busy(tmp_path: Path) -> None:
    """After the patience that was asked for, and it can be had afterwards."""
    one, other = (Lock(tmp_path / "a.lock", SteppedClock()) for _ in range(2))
    with one.held():
        with pytest.raises(Busy) as caught, other.held(timeout=3.0):
            pass
        assert caught.value.retry_after is not None
        with pytest.raises(Busy), one.held(timeout=0.0):
            pass
    with other.held():
        pass


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """The kernel takes it from a process that was killed."""
    program = (
        "import sys; from pathlib import Path\n"
        "from neira.disk import Lock; from neira.clock import SystemClock\n"
        "with Lock(Path(sys.argv[1]), SystemClock()).held():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.lock")],
        cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    lock = Lock(tmp_path / "a.lock", SystemClock())
    with pytest.raises(Busy), lock.held(timeout=0.05):
        pass
    holder.kill()
    holder.communicate()
    with lock.held(timeout=5.0):
        pass


def test_a_lock_file_that_was_removed_is_no_second_lock(tmp_path: Path) -> None:
    """Whoever locked a file that is gone by then takes the new one."""
    lock = Lock(tmp_path / "a.lock", SystemClock())
    with lock.held():
        (tmp_path / "a.lock").unlink()
    with lock.held():
        assert (tmp_path / "a.lock").exists()


def test_a_lock_is_let_go_by_an_exception(tmp_path: Path) -> None:
    """Whatever happens inside."""
    lock = Lock(tmp_path / "a.lock", SteppedClock())
    with pytest.raises(ZeroDivisionError), lock.held():
        _ = 1 // 0
    with lock.held():
        pass


def test_a_lock_does_not_come_over_a_fork(tmp_path: Path) -> None:
    """A child that was forked while its parent held the lock has to wait like everybody."""
    lock = Lock(tmp_path / "a.lock", SystemClock())
    with lock.held():
        child = get_context("fork").Process(target=_try, args=(lock,))
        child.start()
        child.join()
        assert child.exitcode == 3
    with lock.held(timeout=0.0):
        pass


def _try(lock: Lock) -> None:
    try:
        with lock.held(timeout=0.05):
            pass
    except Busy:
        os._exit(3)


def test_a_lock_takes_its_files_along(tmp_path: Path) -> None:
    """Nobody has to close it."""
    before = _descriptors()
    lock = Lock(tmp_path / "a.lock", SystemClock())
    for _ in range(3):
        with lock.held():
            pass
    assert _descriptors() == before + 2
    del lock
    assert _descriptors() == before


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
