"use strict";

// The control center. Everything it shows comes from the API and is written as text, never as HTML.
const API = "/api/neira";
const OPEN = new Set(["experimental", "stable", "deprecated"]);
const EVERY_MS = 10000;

let language = sessionStorage.getItem("language") || (navigator.language.startsWith("ru") ? "ru" : "en");
let session = null;

const at = (id) => document.getElementById(id);
const word = (name) => WORDS[language][name];
const text = (value) => (typeof value === "string" ? value : (value && (value[language] || value.en)) || "");

function make(tag, content, ...children) {
  const element = document.createElement(tag);
  element.textContent = content;
  element.append(...children);
  return element;
}

function button(label, act, wanted = "admin") {
  const element = make("button", label);
  element.type = "button";
  element.disabled = !may(wanted);
  element.addEventListener("click", () => attempt(act));
  return element;
}

function may(scope) {
  const rungs = ["read", "write", "admin"];
  return session !== null && rungs.indexOf(session.scope) >= rungs.indexOf(scope);
}

async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem("token") || ""}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await reply.json();
  if (!reply.ok) throw new Error([answer.detail, answer.hint].filter(Boolean).join(" — "));
  return answer;
}

async function attempt(act) {
  try {
    at("trouble").textContent = "";
    await act();
    await refresh();
  } catch (failure) {
    at("trouble").textContent = failure.message;
  }
}

async function change(method, path, body) {
  const why = window.prompt(word("why"), "");
  if (why !== null) return call(method, API + path, { ...body, why });
  return null;
}

function fill(id, rows) {
  at(id).replaceChildren(...(rows.length ? rows : [make("li", word("none"))]));
}

function row(name, state, note, ...buttons) {
  return make("li", "", make("strong", name), mark(state), make("small", note), ...buttons);
}

function mark(state) {
  const element = make("span", state);
  element.className = `mark ${state}`;
  return element;
}

function gateRow(gate) {
  const open = OPEN.has(gate.state);
  const state = open ? "embryo" : "experimental";
  const move = () => change("PUT", `/capabilities/${encodeURIComponent(gate.name)}`, { state });
  return row(gate.name, gate.state, text(gate.title), button(word(open ? "close" : "open"), move));
}

function pluginRow(plugin) {
  const verb = plugin.state === "enabled" ? "disable" : "enable";
  const act = () => change("POST", `/plugins/${encodeURIComponent(plugin.id)}/${verb}`, {});
  const label = `${plugin.id} ${plugin.version}`;
  return row(label, plugin.state, plugin.reason || text(plugin.title), button(word(verb), act));
}

function recordRow(record) {
  const when = make("time", record.ts.slice(0, 19).replace("T", " "));
  when.dateTime = record.ts;
  return make("li", "", when, make("strong", record.change.what), make("small", `${record.actor} ${record.change.why}`));
}

function show(id, value) {
  at(id).hidden = false;
  at(id).textContent = JSON.stringify(value, null, 2);
}

function showSafeMode(safe) {
  const reasons = safe.reasons.map((each) => `${each.reason}: ${each.why}`).join("; ");
  at("safe").textContent = `${word(safe.enabled ? "on" : "off")} ${reasons}`;
  at("brake").textContent = word(safe.enabled ? "leave" : "enter");
  at("brake").disabled = !may("admin");
  at("brake").onclick = () => attempt(() => change("PUT", "/safe-mode", { enabled: !safe.enabled }));
}

async function refresh() {
  const health = await call("GET", "/readyz");
  at("health").textContent = health.status;
  at("health").className = `mark ${health.status}`;
  if (!sessionStorage.getItem("token")) return signedOut();
  session = await call("GET", `${API}/session`);
  at("who").textContent = `${session.actor} · ${session.scope}${session.namespace ? ` · ${session.namespace}` : ""}`;
  showSafeMode(await call("GET", `${API}/safe-mode`));
  fill("gates", (await call("GET", `${API}/capabilities`)).capabilities.map(gateRow));
  showTools((await call("GET", "/ui/tools")).tools);
  fill("plugins", (await call("GET", `${API}/plugins`)).plugins.map(pluginRow));
  if (!may("admin") || session.namespace) return at("journal").replaceChildren(make("li", word("admins")));
  return fill("journal", (await call("GET", `${API}/journal?limit=20`)).records.map(recordRow));
}

function signedOut() {
  session = null;
  at("who").textContent = word("nobody");
  at("safe").textContent = "";
  at("brake").textContent = word("enter");
  at("brake").disabled = true;
  for (const id of ["gates", "plugins", "journal"]) at(id).replaceChildren();
  showTools([]);
}

function speak() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  at("language").textContent = word("other");
  at("language").lang = language === "ru" ? "en" : "ru";
}

at("language").addEventListener("click", () => {
  language = language === "ru" ? "en" : "ru";
  sessionStorage.setItem("language", language);
  speak();
  attempt(() => null);
});
at("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", at("token").value.trim());
  at("token").value = "";
  attempt(() => null);
});
at("forget").addEventListener("click", () => {
  sessionStorage.removeItem("token");
  attempt(() => null);
});
at("say").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => show("said", await call("POST", `${API}/capabilities/phrases`, { phrase: at("phrase").value })));
});
at("place").addEventListener("submit", (event) => event.preventDefault());
at("place").addEventListener("change", () => attempt(showAnnotations));

speak();
attempt(() => null);
setInterval(() => document.hidden || document.activeElement?.matches("input, textarea") || attempt(() => null), EVERY_MS);
