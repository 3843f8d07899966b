"""Bodies through real gunicorn: sizes, framing, silence (P08, P09), and raw headers (A01)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.web.server.wire import ask, chunked, connect, get, hear, is_closed, post, say

if TYPE_CHECKING:
    from tests.web.server.serve import Served

MB = 1024 * 1024


def test_a_body_reaches_the_application_whole(server: Served) -> None:
    """Plain and chunked, small and large; the length is told, the coding is not."""
    for size in (0, 5, 40_000, MB):
        body = b"n" * size
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (size, body) if size else b"0\r\n\r\n"
        for request in (post("/echo", body), chunked("/echo", chunks)):
            told = ask(server.port, request).json
            assert told["sha256"] == hashlib.sha256(body).hexdigest()
            assert told["seen"]["CONTENT_LENGTH"] == str(size)
            assert "HTTP_TRANSFER_ENCODING" not in told["seen"]


def test_a_multipart_upload_may_be_larger(server: Served) -> None:
    """Artifacts come as multipart; what is plain stays small."""
    body = b"n" * (3 * MB)
    told = ask(server.port, post("/echo", body, "Content-Type: multipart/form-data; boundary=b")).json
    assert told["length"] == len(body)


def test_a_large_body_is_refused_before_it_is_read(server: Served) -> None:
    """The declared length is enough."""
    with say(server.port, post("/echo", b"", length=100 * MB)) as client:
        heard = hear(client)
        assert (heard.status, heard.json["code"]) == (413, "body_too_large")
        assert is_closed(client)


def test_a_client_that_sends_everything_first_still_reads_the_refusal(server: Served) -> None:
    """A hundred megabytes on their way do not drown the answer."""
    with say(server.port, post("/echo", b"n" * (100 * MB))) as client:
        assert hear(client).status == 413


def test_a_chunked_body_is_cut_at_the_limit(server: Served) -> None:
    """Without a length the limit still holds."""
    endless = (b"10000\r\n" + b"n" * 65536 + b"\r\n") * 64
    with say(server.port, chunked("/echo", endless)) as client:
        heard = hear(client)
        assert (heard.status, heard.json["code"]) == (413, "body_too_large")
        assert is_closed(client)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (post("/echo", b"ab", length=50), "request_timeout"),
        (post("/echo", b"ab", length=50_000), "body_timeout"),
        (chunked("/echo", b"5\r\nab"), "body_timeout"),
        (b"GET / HTTP/1.1\r\nHost: ne", "request_timeout"),
    ],
)
def test_a_silent_client_is_told_and_left(server: Served, request_: bytes, code: str) -> None:
    """Who stops in the middle gets a 408, and the connection ends."""
    with say(server.port, request_) as client:
        heard = hear(client)
        assert (heard.status, heard.json["code"]) == (408, code)
        assert is_closed(client)


DAMAGE = {
    "a negative size": b"-2\r\nab\r\n0\r\n\r\n",
    "no size": b"\r\nab\r\n0\r\n\r\n",
    "a giant size": b"FFFFFFFFFFFFFFFFF\r\nab\r\n",
    "no end of a chunk": b"2\r\nabXX0\r\n\r\n",
    "a forbidden trailer": b"2\r\nab\r\n0\r\nAuthorization: Bearer x\r\n\r\n",
    "a broken trailer": b"2\r\nab\r\n0\r\nno colon\r\n\r\n",
    "an endless size": b"0" * 70_000,
    "a bare CR": b"2;x\ry\r\nab\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_body_is_a_400(server: Served, damage: bytes) -> None:
    """The client's fault; the connection ends, since nobody knows where the next request begins."""
    with say(server.port, chunked("/echo", damage)) as client:
        client.shutdown(1)
        heard = hear(client)
        assert (heard.status, heard.json["code"]) == (400, "bad_body")
        assert heard.headers["content-type"] == "application/problem+json"
        assert heard.json["request_id"]
        assert is_closed(client)


def test_a_body_that_ends_early_is_a_400(server: Served) -> None:
    """A client that closes its side in mid-body gets an answer if it still listens."""
    with say(server.port, post("/echo", b"ab", length=50_000)) as client:
        client.shutdown(1)
        assert hear(client).json["code"] == "bad_body"


def test_a_trailer_never_becomes_a_header(server: Served) -> None:
    """Even a trailer that is allowed is not seen behind the middleware."""
    told = ask(server.port, chunked("/echo", b"2\r\nab\r\n0\r\nX-Scope: admin\r\n\r\n")).json
    assert told["length"] == 2
    assert not any("SCOPE" in name for name in told["seen"])


def test_slow_uploads_leave_threads_for_others(server: Served) -> None:
    """More slow bodies than request threads: a bystander is answered, what is too much gets a 503."""
    slow = [say(server.port, chunked("/echo", b"5\r\nab")) for _ in range(24)]
    assert ask(server.port, post("/echo", b"quick")).json["length"] == 5
    answers = {hear(client).json["code"] for client in slow}
    assert answers <= {"body_timeout", "uploads_busy"}
    for client in slow:
        client.close()


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"NONSENSE\r\n\r\n", 400, "bad_http"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "bad_http"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400, "bad_http"),
        (get("/", "Bad Name: x"), 400, "bad_http"),
        (get("/", "Host: twice"), 400, "bad_http"),
        (get("/", "X: a\nb"), 400, "bad_http"),
        (get("/", "Content-Length: 1", "Transfer-Encoding: chunked"), 400, "bad_http"),
        (get("/", "Transfer-Encoding: gzip"), 400, "bad_http"),
        (get("/" + "a" * 9000), 414, "uri_too_long"),
        (get("/", "X: " + "a" * 20_000), 431, "headers_too_large"),
        (get("/", *(f"X{n}: 1" for n in range(200))), 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, 431, "headers_too_large"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "bad_http"),
    ],
)
def test_bad_http_is_refused_in_our_words(server: Served, request_: bytes, status: int, code: str) -> None:
    """Never a page of HTML, never an echo, never a 500."""
    heard = ask(server.port, request_)
    assert (heard.status, heard.json["code"]) == (status, code)


def test_raw_headers_reach_the_application_as_they_are(server: Served) -> None:
    """A token is judged by the application alone: two headers come joined, bytes as Latin-1, 8 KB as 8 KB."""

    def seen(*headers: str) -> str:
        name: str = ask(server.port, get("/", *headers)).json["seen"]["HTTP_AUTHORIZATION"]
        return name

    assert seen("Authorization: Bearer a", "Authorization: Bearer b") == "Bearer a,Bearer b"
    assert seen("Authorization: Bearer \xff\xfe") == "Bearer \xff\xfe"
    assert len(seen("Authorization: " + "t" * 8192)) == 8192


def test_one_connection_carries_many_requests(server: Served) -> None:
    """Kept alive and pipelined, whole and in halves, with bodies that end inside a segment."""
    with connect(server.port) as client:
        client.sendall(post("/echo", b"one") + post("/echo", b"second") + get("/")[:10])
        assert [hear(client).json["length"] for _ in range(2)] == [3, 6]
        client.sendall(get("/")[10:] + chunked("/echo", b"4\r\nfour\r\n0\r\n\r\n"))
        assert [hear(client).json["length"] for _ in range(2)] == [0, 4]
