"use strict";
const csrf = document.querySelector("meta[name=csrf]").content;
const answers = document.querySelector("meta[name=answers]").content === "yes";
const list = document.querySelector("#alerts ol");
const beds = document.querySelector("#beds");
const link = document.querySelector("#link");
const WIDTH = 1000; // strip samples shown: 8 s at 125 a second
const cards = new Map();
let told = 0;

function element(name, cls, text) {
  const made = document.createElement(name);
  if (cls) made.className = cls;
  if (text !== undefined) made.textContent = text;
  return made;
}

function bedCard(name) {
  if (cards.has(name)) return cards.get(name);
  const root = element("article", "bed");
  const head = element("header");
  const rate = element("span", "rate unknown", "unknown");
  head.append(element("h3", "", name), rate);
  const canvas = element("canvas");
  canvas.width = 640; canvas.height = 168;
  const state = element("p", "state");
  root.append(head, canvas, state);
  const after = [...cards.keys()].sort().find((other) => other > name);
  beds.insertBefore(root, after ? cards.get(after).root : null);
  const card = { root, rate, canvas, state, strip: [] };
  cards.set(name, card);
  return card;
}

function draw(card) {
  const pen = card.canvas.getContext("2d");
  const { width, height } = card.canvas;
  pen.clearRect(0, 0, width, height);
  const known = card.strip.filter((v) => v !== null);
  if (!known.length) return;
  const sorted = [...known].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  const reach = Math.max(0.8, sorted[sorted.length - 1] - middle, middle - sorted[0]);
  pen.strokeStyle = "#46e08a";
  pen.lineWidth = 1.6;
  pen.beginPath();
  let drawing = false;
  card.strip.forEach((value, k) => {
    // a gap stays a gap: no line is drawn across it
    if (value === null) { drawing = false; return; }
    const x = (k / WIDTH) * width, y = height / 2 - ((value - middle) / reach) * height * 0.46;
    if (drawing) pen.lineTo(x, y); else pen.moveTo(x, y);
    drawing = true;
  });
  pen.stroke();
}

function showBed(name, told, worst) {
  const card = bedCard(name);
  card.strip.push(...told.strip);
  if (card.strip.length > WIDTH) card.strip.splice(0, card.strip.length - WIDTH);
  const known = told.state === "live" && told.rate !== null;
  card.rate.textContent = known ? Math.round(told.rate) : "unknown";
  card.rate.className = known ? "rate" : "rate unknown";
  card.root.className = `bed ${told.state} ${worst || ""}`;
  const late = { live: told.rhythm, late: `LATE by ${told.lag_s} s`, ended: "session closed" }[told.state];
  card.state.textContent = `${told.lead || "no lead"} · ${late}`;
  draw(card);
}

function alertCard(alert) {
  const item = element("li", `${alert.priority} ${alert.state}${alert.ended ? " ended" : ""}`);
  item.tabIndex = 0;
  item.dataset.id = alert.id;
  item.append(element("div", "what", `${alert.bed || "Vigil"}: ${alert.text}`));
  const at = new Date(alert.raised_ns / 1e6).toLocaleTimeString();
  const answered = alert.acknowledged_by ? `, acknowledged by ${alert.acknowledged_by}` : "";
  item.append(element("div", "when", `${at}, ${alert.priority}, ${alert.state}${answered}`));
  for (const denied of alert.contradicted) {
    item.append(element("p", "contradicted", `INTERPRETATION_CONTRADICTED by the measurements: ${denied}`));
  }
  if (alert.interpretation) item.append(element("p", "said", alert.interpretation));
  if (answers && !alert.acknowledged_by) {
    const button = element("button", "", "Acknowledge");
    button.type = "button";
    button.addEventListener("click", () => acknowledge(alert.id));
    item.append(button);
  }
  return item;
}

let shown = "";
function showAlerts(alerts) {
  const now = JSON.stringify(alerts);
  if (now === shown) return;
  shown = now;
  const chosen = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.id : null;
  list.replaceChildren(...alerts.map(alertCard));
  if (!alerts.length) list.append(element("li", "information", "No open alert."));
  const again = chosen && [...list.children].find((item) => item.dataset.id === chosen);
  if (again) again.focus();
  document.title = alerts.length ? `(${alerts.length}) Vigil` : "Vigil";
}

async function acknowledge(id) {
  const path = id.split("/").map(encodeURIComponent).join("/");
  const answer = await fetch(`/alerts/${path}/acknowledge`, { method: "POST", headers: { "X-Vigil-CSRF": csrf } });
  if (!answer.ok) link.textContent = await answer.text();
}

document.addEventListener("keydown", (event) => {
  const items = [...list.querySelectorAll("li[data-id]")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = items[Math.max(0, Math.min(items.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))];
    if (next) { next.focus(); event.preventDefault(); }
  } else if (answers && event.key.toLowerCase() === "a" && items.length) {
    acknowledge((items[at] || items[0]).dataset.id);
  }
});

document.querySelector("#logout").addEventListener("click", async () => {
  await fetch("/logout", { method: "POST", headers: { "X-Vigil-CSRF": csrf } });
  location.href = "/login";
});

const source = new EventSource("/live");
source.onmessage = (event) => {
  const told_ = JSON.parse(event.data);
  told = performance.now();
  const worst = {};
  for (const a of told_.alerts) if (!worst[a.bed]) worst[a.bed] = a.priority;
  for (const name of Object.keys(told_.beds).sort()) showBed(name, told_.beds[name], worst[name]);
  showAlerts(told_.alerts);
};
source.addEventListener("end", () => { source.close(); location.href = "/login"; });
setInterval(() => {
  const lost = performance.now() - told > 3000;
  link.textContent = lost ? "connection lost: what is shown is not live" : "live";
  link.className = lost ? "lost" : "";
  if (lost) for (const card of cards.values()) card.root.classList.add("late");
}, 1000);
