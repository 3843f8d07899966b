"""What the worker leans on in gunicorn, and what it refuses to be started with."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from gunicorn.http import unreader, wsgi  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers import gthread  # type: ignore[import-untyped]  # same

from neira.web.server.worker import UPSTREAM, Worker
from tests.web.server.serve import served, start
from tests.web.server.wire import ask, get

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {"Unreader": unreader, "Response": wsgi}


def upstream(name: str) -> Any:
    """Find a function of gunicorn by its class and name."""
    kind, _, method = name.partition(".")
    return inspect.getattr_static(getattr(MODULES.get(kind, gthread), kind), method, None)


@pytest.mark.parametrize("name", UPSTREAM)
def test_gunicorn_is_still_what_the_worker_was_written_for(name: str) -> None:
    """After an upgrade this says which method to read again before trusting the worker."""
    found = getattr(upstream(name), "__func__", upstream(name))
    assert found is not None, (
        f"gunicorn has no {name} any more: read its gthread.py and adapt neira/web/server/worker.py"
    )
    given = tuple(inspect.signature(found).parameters)
    wanted = UPSTREAM[name]
    wanted = wanted if wanted[0] == "self" or given[0] != "cls" else ("cls", *wanted)
    assert given == wanted, (
        f"{name} takes {given}, not {wanted}: read it and adapt neira/web/server/worker.py"
    )


def test_every_override_is_in_the_list() -> None:
    """What the worker defines and gthread has too must be guarded."""
    own = {
        name
        for name in vars(Worker)
        if inspect.isfunction(getattr(Worker, name, None)) or name == "check_config"
    }
    overridden = {f"ThreadWorker.{name}" for name in own if hasattr(gthread.ThreadWorker, name)} - {
        "ThreadWorker.__init__"
    }
    assert overridden <= set(UPSTREAM)


def test_a_method_is_called_where_the_worker_counts_on_it() -> None:
    """The loop calls what is overridden, by these names."""
    text = inspect.getsource(gthread.ThreadWorker)
    for call in (
        "self.enqueue_req(conn)",
        "self.murder_pending()",
        "conn.close(graceful=True)",
        "conn.data_ready",
    ):
        assert call in text, (
            f"gthread does not do {call} any more: read it and adapt neira/web/server/worker.py"
        )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--preload",), "cannot be preloaded"),
        (("--certfile", "/dev/null", "--keyfile", "/dev/null"), "plain HTTP/1.1"),
    ],
)
def test_gunicorn_does_not_start_against_the_design(
    tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    """One sentence, no traceback, an exit code."""
    process = start(tmp_path, *arguments)
    assert process.wait(20) == 1
    said = (tmp_path / "log").read_text()
    assert reason in said
    assert "Traceback" not in said


def test_gunicorn_leaves_no_trace_in_the_home_of_whoever_starts_it(tmp_path: Path) -> None:
    """No control socket; and the name of the server comes without its version."""
    with served(tmp_path) as server:
        heard = ask(server.port, get("/"))
    assert re.search(r"\d", heard.headers.get("server", "")) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["limits", "log"]


def test_what_falls_out_of_the_application_is_a_503(tmp_path: Path) -> None:
    """The client gets the number of its request, and the log has the traceback under it."""
    with served(tmp_path) as server:
        heard = ask(server.port, get("/boom"))
        assert (heard.status, heard.json["code"]) == (503, "internal_fault")
        assert b"canary" not in heard.body
        assert heard.json["request_id"] in server.log
        assert "canary" in server.log
