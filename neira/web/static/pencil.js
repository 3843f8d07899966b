"use strict";

// The canvas on the pencil's card. What stays on it are the saved annotations of the session, nothing else.
const PENCIL = "ui.pencil";
const DRAW = "ui.pencil.draw";
const PAGE = { width: 600, height: 260 };
const MOST_POINTS = 2000; // the pencil draws no more in one stroke

function canvasOf(send) {
  const canvas = make("canvas", "");
  Object.assign(canvas, PAGE);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", word("draw"));
  const color = field("color", { type: "color", value: "#0b5c8a" });
  const size = field("size", { type: "range", min: 1, max: 64, value: 4 });
  let points = null;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * PAGE.width;
    return [across, ((event.clientY - box.top) / box.height) * PAGE.height].map((n) => Math.round(n * 10) / 10);
  };
  const stroke = () => ({ color: color.input.value, size: Number(size.input.value), points });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    points = [place(event)];
    paint(canvas, stroke());
  });
  canvas.addEventListener("pointermove", (event) => {
    if (points === null || points.length >= MOST_POINTS) return;
    points.push(place(event));
    paint(canvas, { ...stroke(), points: points.slice(-2) });
  });
  canvas.addEventListener("pointerup", () => {
    if (points === null) return;
    const drawn = stroke();
    points = null;
    send(drawn);
  });
  canvas.addEventListener("pointercancel", () => { points = null; });
  const show = (annotations) => {
    canvas.getContext("2d").clearRect(0, 0, PAGE.width, PAGE.height);
    for (const each of annotations) if (each.plugin === PENCIL && Array.isArray(each.points)) paint(canvas, each);
    if (points !== null) paint(canvas, stroke()); // somebody is drawing already
  };
  return { canvas, show, tools: [color.label, size.label] };
}

function field(name, attributes) {
  const input = make("input", "");
  Object.assign(input, attributes);
  return { input, label: make("label", "", make("span", word(name)), input) };
}

function paint(canvas, stroke) {
  const pen = canvas.getContext("2d");
  const points = stroke.points.filter((point) => point?.length === 2);
  if (!points.length) return;
  pen.strokeStyle = stroke.color;
  pen.lineWidth = stroke.size;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(...points[0]);
  for (const point of points) pen.lineTo(...point);
  pen.stroke();
}
