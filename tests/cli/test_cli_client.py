"""The HTTP client against a server that misbehaves, and the bytes that both clients send."""

from __future__ import annotations

import json
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from neira.cli.client import HttpClient
from neira.cli.exits import code_of
from neira.cli.multipart import Part, encode, field
from neira.errors.cli import BadUrl, NotOurAnswer, Refused, ServerAway, ServerSlow

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def server(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[Any]]]:
    """Answer every request alike, and remember what was asked."""
    seen: list[Any] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, dict(self.headers)))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", seen
        listening.shutdown()


def test_the_token_goes_to_the_address_and_nowhere_else() -> None:
    """A redirect is an answer that is not ours; it is not followed."""
    with server(302, b"", Location="http://127.0.0.1:1/") as (url, seen):
        client = HttpClient(url, "neira_secret")
        answer = client.call("GET", "/plugins", query={"limit": 3, "cursor": None})
        client.close()
    assert answer.status == 302
    (asked,) = seen
    assert asked[0] == "/api/neira/plugins?limit=3"
    assert asked[1]["Authorization"] == "Bearer neira_secret"


@pytest.mark.parametrize(
    ("status", "problem", "code"),
    [
        (404, {"code": "x"}, 3), (403, {}, 4), (409, {}, 5), (422, {}, 6), (503, {}, 7), (429, {}, 8),
        (413, {}, 9), (409, {"fault": "already_exists"}, 5), (400, {"fault": "nonsense"}, 6), (418, {}, 6),
    ],
)  # fmt: skip
def test_a_refusal_ends_with_the_code_of_its_fault(status: int, problem: Any, code: int) -> None:
    """The server's own word for the fault counts, else its status."""
    with server(status, json.dumps(problem).encode()) as (url, _), pytest.raises(Refused) as refused:
        HttpClient(url, None).call("GET", "/plugins")
    assert code_of(refused.value) == code


def test_what_is_no_json_is_not_neira() -> None:
    """A web page of somebody else is named as such."""
    with server(200, b"<html>") as (url, _), pytest.raises(NotOurAnswer):
        HttpClient(url, None).call("GET", "/plugins")


def test_nobody_there_is_unavailable() -> None:
    """The sentence names the address and how to start a server."""
    with pytest.raises(ServerAway) as away:
        HttpClient("http://127.0.0.1:1", None).call("GET", "/plugins")
    assert code_of(away.value) == 7


def test_a_server_that_says_nothing_is_a_timeout() -> None:
    """The work may have been done: the hint says so."""
    gate = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gate.wait(10)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        client = HttpClient(f"http://127.0.0.1:{listening.server_address[1]}", None, timeout=0.1)
        with pytest.raises(ServerSlow):
            client.call("GET", "/plugins")
        client.close()
        gate.set()
        listening.shutdown()


@pytest.mark.parametrize(
    "url", ["", "localhost:80", "ftp://x", "http://", "http://u:p@x", "http://x?y", "http://x#y"]
)
def test_a_bad_address_is_refused_before_anything_is_sent(url: str) -> None:
    """An address with a user or a query is a mistake, not a place."""
    with pytest.raises(BadUrl):
        HttpClient(url, None)


@given(data=st.binary(max_size=200), name=st.text(max_size=20), text=st.text(max_size=50))
@settings(max_examples=60, deadline=None)
def test_parts_arrive_as_they_were_sent(data: bytes, name: str, text: str) -> None:
    """Whatever the bytes, the parser of the server gives them back."""
    body, kind = encode({"file": Part(data, f"f{name}"), "why": field(text)})
    environ = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": kind}
    _, form, files = parse_form_data({**environ, "REQUEST_METHOD": "POST"})
    with closing(files["file"]) as arrived:
        assert arrived.read() == data
    assert form["why"] == text
