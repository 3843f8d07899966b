"use strict";

// The tools as cards, and what their plugins have saved for the session that is named above them.
const MOST_SHOWN = 8;
const MOST_KEPT = 500; // annotations, the newest
const OF_THE_HOST = new Set(["type", "chat_id", "session_id", "id", "seq", "ts", "plugin", "version", "actor", "event_id"]);

let drawnTools = "";
let drawing = null;

function showTools(tools) {
  const wanted = JSON.stringify([language, session?.scope, tools]);
  if (wanted === drawnTools) return; // whoever is drawing or typing there goes on undisturbed
  drawnTools = wanted;
  drawing = null;
  at("tools").replaceChildren(...(tools.length ? tools.map(toolCard) : [make("p", word("none"))]));
  showAnnotations().catch((failure) => { at("trouble").textContent = failure.message; });
}

function toolCard(tool) {
  const items = [...tool.buttons, ...tool.menus];
  const outcome = make("p", "");
  outcome.className = "outcome";
  outcome.setAttribute("role", "status");
  const params = make("textarea", JSON.stringify(skeleton(items[0]?.params_schema)));
  Object.assign(params, { rows: 1, spellcheck: false });
  params.setAttribute("aria-label", word("params"));
  const send = (item) => report(outcome, () => post(tool.id, item.event, parsed(params.value)));
  const buttons = items.map((item) => pressable(text(item.title) || item.event, () => send(item)));
  const card = make("fieldset", "", make("legend", text(tool.title) || tool.id), ...buttons, params);
  if (tool.id === PENCIL) {
    drawing = canvasOf((stroke) => report(outcome, () => post(PENCIL, DRAW, stroke)));
    card.append(...drawing.tools, drawing.canvas);
  }
  card.append(outcome);
  return card;
}

function pressable(label, press) {
  const element = make("button", label);
  element.type = "button";
  element.disabled = !may("read");
  element.addEventListener("click", press);
  return element;
}

// Something to begin with: the keys that a schema in the short form asks for.
function skeleton(schema) {
  const begun = {};
  for (const [key, type] of Object.entries(schema && !schema.$schema && schema.type !== "object" ? schema : {})) {
    const name = String(type);
    if (key.endsWith("?") || name.endsWith("?")) continue;
    begun[key] = name.startsWith("string") ? "" : Array.isArray(type) || name.startsWith("[") ? [] : 0;
  }
  return begun;
}

function parsed(typed) {
  try {
    const found = JSON.parse(typed.trim() || "{}");
    if (found !== null && typeof found === "object" && !Array.isArray(found)) return found;
  } catch { /* said below */ }
  throw new Error(word("not_json"));
}

function post(tool, event, params) {
  const context = { chat_id: at("chat").value, session_id: at("session").value, language };
  const mode = at("preview").checked ? "?mode=preview" : "";
  return call("POST", `/ui/events${mode}`, { tool_id: tool, event, params, context });
}

async function report(outcome, send) {
  try {
    const answer = await send();
    at("answer").textContent = JSON.stringify(answer, null, 2);
    outcome.replaceChildren(...(answer.results.length ? answer.results : [answer]).flatMap(told));
  } catch (failure) {
    outcome.replaceChildren(mark("error"), trouble(failure.message));
  }
  await attempt(showAnnotations);
}

function told(result) {
  const own = result.result;
  const said = own?.message ?? result.error?.message ?? result.reason ?? (own === undefined || own === null ? "" : JSON.stringify(own));
  const marks = [result.mode, result.outcome].filter(Boolean).map(mark);
  const words = typeof said === "string" ? said : text(said);
  const shown = own?.ok === false || result.error ? trouble(words) : make("span", words);
  return [make("strong", result.plugin || ""), ...marks, shown];
}

function trouble(words) {
  const element = make("p", words);
  element.className = "trouble";
  return element;
}

async function showAnnotations() {
  const found = may("read") && at("chat").value && at("session").value ? await annotations() : [];
  drawing?.show(found);
  fill("annotations", found.slice(-MOST_SHOWN).reverse().map(annotationRow));
}

async function annotations() {
  const path = [at("chat").value, at("session").value].map(encodeURIComponent).join("/");
  let [found, cursor] = [[], ""];
  do {
    const page = await call("GET", `${API}/context/${path}?type=annotation&limit=1000${cursor}`);
    found = [...found, ...page.items].slice(-MOST_KEPT);
    cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor);
  return found;
}

function annotationRow(item) {
  const own = Object.entries(item).filter(([key]) => !OF_THE_HOST.has(key));
  const when = make("time", item.ts.slice(11, 19));
  when.dateTime = item.ts;
  const shown = own.map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.length}]` : JSON.stringify(value)}`);
  return make("li", "", when, make("strong", item.plugin), make("small", shown.join(", ")));
}
