"""Plays a case on a home of its own, and tells what came of it in the words of `case.yaml`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import yaml

from neira.changes.gates import SetGate
from neira.changes.plugins import Approve, Enable, Revoke
from neira.changes.register import Register
from neira.changes.safe_mode import EnterSafeMode
from neira.clock import SystemEntropy
from neira.errors import NeiraError
from neira.founding import found
from neira.kernel import Kernel
from neira.model import Caller, GateName, GateState, Mode, PluginId, Scope
from neira.parse import document
from neira.parse.event import EventForm
from neira.settings import load
from tests.conftest import ADMIN
from tests.fakes import SteppedClock
from tests.hub import home_looks
from tests.hub.case_folders import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from neira.registry.reading import Reading
    from tests.hub.case_folders import Play, Send

MANIFEST = "manifest.yaml"


class Scene:
    """A scratch home on which one play is given."""

    def __init__(self, root: Path, play: Play) -> None:
        self.play = play
        self.clock = SteppedClock()
        self.root = found(root, clock=self.clock, entropy=SystemEntropy(), stage=1).root
        self.kernel = self._open(play.settings)
        self.plugin = self._readings(play.folder / MANIFEST)[0].manifest.id
        self.began = self.kernel.journal.tail()[0]

    def set_up(self) -> None:
        """Bring the plugins and the world into the state in which events come."""
        for path in sorted(self.play.folder.glob(f"*{MANIFEST}")):
            self._register(path)
        self._approve(set(self.kernel.world.now().plugins.ids) - self.play.approve.keys())
        if self.play.restart:
            self.begin_again()
        self._approve(self.play.approve)
        for plugin, permissions in self.play.revoke.items():
            for permission in permissions:
                self.kernel.change(Revoke(PluginId(plugin), permission), ADMIN, why="case")
        for gate, state in self.play.gates.items():
            self.kernel.change(SetGate(GateName(gate), GateState(state)), ADMIN, why="case")
        if self.play.safe_mode:
            self.kernel.change(EnterSafeMode("case"), ADMIN)
        self.began = self.kernel.journal.tail()[0]

    def send(self, send: Send) -> dict[str, Any]:
        """Send an event; tell its answer as `expect` is written."""
        self.clock.step(send.after)
        caller = Caller(send.actor, Scope(send.scope))
        form = EventForm(self.plugin, self._event(), send.params, send.context)
        try:
            answer = self.kernel.hub.handle(form, caller, request_id="r", asked=Mode(send.mode)).body
        except NeiraError as error:
            return {"raised": error.code}
        own, *others = cast("list[dict[str, Any]]", answer["results"])
        told = _told(own)
        return {**told, "others": {each["plugin"]: _told(each) for each in others}} if others else told

    def begin_again(self) -> None:
        """Open the home anew, as a power cut may leave it: the database has to be made of the journal."""
        self.kernel.close()
        for path in self.kernel.home.private.glob("state.sqlite*"):
            path.unlink()
        self.kernel = self._open({**self.play.settings, **self.play.restart})

    def left(self) -> dict[str, Any]:
        """Tell what lies in the stores, as `left` is written."""
        return home_looks.left(self.kernel, self.plugin)

    def waiting(self) -> list[str]:
        """Name the published events that nobody has taken up, once everything is applied."""
        self.kernel.journal.flush()  # that nobody hears an event is noted, and written with the next commit
        self.kernel.settle()
        return home_looks.waiting(self.kernel)

    def journaled(self) -> list[str]:
        """Tell what was journaled since the world was ready."""
        return [home_looks.line(each) for each in self.kernel.journal.after(self.began)]

    def _open(self, settings: Mapping[str, Any]) -> Kernel:
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]  # dotted keys are TOML
        (self.root / "neira.toml").write_text("\n".join(lines), encoding="utf-8")
        return Kernel.open(self.root, load(self.root, {}), clock=self.clock)

    def _readings(self, path: Path) -> tuple[Reading, ...]:
        text = path.read_text(encoding="utf-8")
        if self.play.permissions is not None and path.name == MANIFEST:
            text = json.dumps({**yaml.safe_load(text), "permissions": list(self.play.permissions)})
        return tuple(self.kernel.manifests.read(document.read(text.encode())))

    def _register(self, path: Path) -> None:
        script = self.play.script if path.name == MANIFEST else path.name.replace(MANIFEST, "script.rhai")
        source = path.with_name(script).read_text(encoding="utf-8")
        self.kernel.change(Register(self._readings(path), source=source, enable=True), ADMIN, why="case")

    def _approve(self, plugins: Iterable[str]) -> None:
        """Grant what these plugins wait for, or the part of it that the case names."""
        for plugin in map(PluginId, sorted(plugins)):
            pending = self.kernel.world.now().plugins.get(plugin).pending
            if pending is not None:
                order = Approve(plugin, pending.digest, self.play.approve.get(plugin))
                self.kernel.change(order, ADMIN, why="case")
                self.kernel.change(Enable(plugin), ADMIN, why="case")

    def _event(self) -> str:
        return next(iter(self.kernel.world.now().plugins.get(self.plugin).manifest.ui_events))


def expected(send: Send) -> dict[str, Any]:
    """Complete what a case expects of an answer: what it does not name is as if all went well."""
    if "raised" in send.expect:
        return {"raised": send.expect["raised"]}
    full = {key: value for key, value in {**EXPECTED, **send.expect}.items() if key != "error" or value}
    if "others" in full:
        full["others"] = {plugin: {**EXPECTED, **own} for plugin, own in full["others"].items()}
    return full


def expected_journal(play: Play, answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what has to be journaled where a case does not: that an event came, and each result."""
    if play.journal is not None:
        return list(play.journal)
    return [line for answer in answers if "raised" not in answer for line in _usual(answer)]


def _usual(answer: Mapping[str, Any]) -> list[str]:
    outcomes = [answer["outcome"], *(each["outcome"] for each in answer.get("others", {}).values())]
    ran = [] if set(outcomes) == {"not_run"} else [f"result {outcome}" for outcome in outcomes]
    return [f"received {answer['mode']}", *ran]


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    """Tell a result as cases do: an action is its name with its params; of an error, what programs read."""
    told: dict[str, Any] = {"mode": str(result["mode"]), "outcome": str(result["outcome"])}
    told["result"] = result.get("result")
    told["actions"] = [{each["action"]: each["params"]} for each in result["actions"]]
    told |= {key: result[key] for key in ("reason", "capability") if key in result}
    if "error" in result:
        told["error"] = {
            key: result["error"][key] for key in ("code", "line", "limit") if key in result["error"]
        }
    return told
