"use strict";
const csrf = document.querySelector("meta[name=csrf]").content;
const answers = document.querySelector("meta[name=answers]").content === "yes";
const list = document.querySelector("#alerts ol");
const beds = document.querySelector("#beds");
const shadow = document.querySelector("#shadow");
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
  const measured = element("p", "measured");
  const leads = element("p", "leads");
  const af = element("p", "af");
  const said = element("p", "said");
  root.append(head, canvas, state, leads, measured, af);
  const ask = element("form", "ask");
  const question = element("input");
  question.placeholder = "or ask: is it regular?";
  question.ariaLabel = `Question about the last ten seconds of ${name}`;
  question.maxLength = 500;
  ask.append(element("button", "", "Interpret now"), question);
  ask.addEventListener("submit", (event) => {
    event.preventDefault();
    post(`/beds/${encodeURIComponent(name)}/interpret`, { question: question.value });
    question.value = "";
  });
  if (answers) root.append(ask);
  root.append(said);
  const after = [...cards.keys()].sort().find((other) => other > name);
  beds.insertBefore(root, after ? cards.get(after).root : null);
  const card = { root, rate, canvas, state, leads, measured, af, ask, said, strip: [] };
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

function lasting(ms) {
  const minutes = Math.floor(ms / 60000), hours = Math.floor(minutes / 60);
  if (minutes < 1) return "under 1 min";
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

function begun(since_ns, now_ns) {
  // the hour alone would mislead of what began on another day
  const at = new Date(since_ns / 1e6);
  const day = at.toDateString() === new Date(now_ns / 1e6).toDateString() ? "" : `${at.toLocaleDateString()} `;
  const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return `${day}${clock} (${lasting(Math.max(0, (now_ns - since_ns) / 1e6))})`;
}

function showAf(card, told, now_ns) {
  const since = told.since_ns === null ? "unknown" : begun(told.since_ns, now_ns);
  const burden = told.af_burden === null ? "unknown" : `${(100 * told.af_burden).toFixed(told.af_burden < 0.1 ? 1 : 0)} %`;
  const parts = told.rhythm === "afib" ? [`AF since ${since}`] : [];
  card.af.textContent = [...parts, `AF burden ${burden}`].join(" · ");
  card.af.classList.toggle("lasts", told.rhythm === "afib");
}

function showNumbers(card, told) {
  // only what was measured: nothing stands for a number that there is not
  const why = told && told.why ? [`rate unknown: ${told.why}`] : [];
  card.leads.textContent = told ? [...why, ...told.leads].join(" · ") : "";
  card.leads.hidden = !card.leads.textContent;
  const parts = [];
  if (told && told.qtc_ms !== null) {
    const wide = told.qtc_overstates ? ` (QRS ${Math.round(told.qrs_ms)} ms: overstates repolarisation)` : "";
    parts.push(`QTc ${Math.round(told.qtc_ms)} ms${wide}`);
  }
  const signed = (mm) => `${mm < 0 ? "" : "+"}${mm.toFixed(1)} mm`;
  if (told && told.st_mm.length) {
    const [lead, mm] = told.st_mm.reduce((most, one) => (Math.abs(one[1]) > Math.abs(most[1]) ? one : most));
    parts.push(`ST at J+60 most in ${lead} ${signed(mm)}`);
  }
  if (told && told.pvc_per_min !== null) parts.push(`PVC ${Math.round(told.pvc_per_min)}/min`);
  card.measured.textContent = parts.join(" · ");
  card.measured.title = told ? told.st_mm.map(([lead, mm]) => `${lead} ${signed(mm)}`).join(", ") : "";
  card.measured.hidden = !parts.length;
}

function showBed(name, told, worst, now_ns) {
  const card = bedCard(name);
  if (told.begins) card.strip = []; // another session: one strip never shows two
  card.strip.push(...told.strip);
  if (card.strip.length > WIDTH) card.strip.splice(0, card.strip.length - WIDTH);
  const known = told.state === "live" && told.rate !== null;
  card.rate.textContent = known ? Math.round(told.rate) : "unknown";
  card.rate.className = known ? "rate" : "rate unknown";
  card.root.className = `bed ${told.state} ${worst || ""}`;
  const late = { live: told.rhythm, late: `LATE by ${told.lag_s} s`, ended: "session closed", unknown: "not analysed" }[told.state];
  const old = told.old ? ` · late: rate ${Math.round(told.old.rate)} was ${told.old.age_s} s ago` : "";
  card.state.textContent = `${told.lead || "no lead"} · ${late}${old}`;
  showNumbers(card, told.numbers);
  showAf(card, told, now_ns);
  draw(card);
}

function showAsked(name, asked) {
  const card = bedCard(name);
  const at = new Date(asked.at_ns / 1e6).toLocaleTimeString();
  card.said.textContent = `Ten seconds to ${at}: ${asked.question ? `“${asked.question}” ` : ""}${asked.said}`;
  for (const part of card.ask.elements) part.disabled = asked.waiting;
}

function alertCard(alert) {
  const item = element("li", `${alert.priority} ${alert.state}${alert.ended ? " ended" : ""}${alert.late ? " late" : ""}`);
  item.tabIndex = 0;
  item.dataset.id = alert.id;
  item.append(element("div", "what", `${alert.bed || "Vigil"}: ${alert.text}`));
  if (alert.late) item.append(element("div", "stamp", alert.late));
  const at = new Date(alert.raised_ns / 1e6).toLocaleTimeString();
  let answered = alert.acknowledged_by ? `, acknowledged by ${alert.acknowledged_by}` : "";
  if (alert.artefact_by) answered = `, an artefact says ${alert.artefact_by}`;
  item.append(element("div", "when", `${at}, ${alert.priority}, ${alert.state}${answered}`));
  for (const denied of alert.contradicted) {
    item.append(element("p", "contradicted", `INTERPRETATION_CONTRADICTED by the measurements: ${denied}`));
  }
  if (alert.interpretation) {
    const said = element("p", "said");
    for (const [text, verdict] of alert.pieces) said.append(element("span", verdict, `${text} `));
    item.append(said, element("p", "given", alert.provenance));
  }
  if (answers && !alert.acknowledged_by) item.append(button("Acknowledge", () => answer(alert.id, "acknowledge")));
  if (answers && !alert.artefact_by && alert.kind === "physiological") item.append(button("Artefact", () => answer(alert.id, "artefact")));
  return item;
}

function button(text, press) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

let shadowed = "";
function showShadow(advisories) {
  const now = JSON.stringify(advisories);
  if (now === shadowed) return;
  shadowed = now;
  shadow.hidden = !advisories.length;
  shadow.querySelector("ol").replaceChildren(...advisories.map((one) => {
    const item = element("li", "information shadow");
    item.append(element("div", "what", `${one.bed}: ${one.text}`));
    item.append(element("div", "when", `${new Date(one.raised_ns / 1e6).toLocaleString()}, shadow`));
    return item;
  }));
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

function answer(id, what) {
  return post(`/alerts/${id.split("/").map(encodeURIComponent).join("/")}/${what}`);
}

async function post(path, sent) {
  const told = await fetch(path, { method: "POST", headers: { "X-Vigil-CSRF": csrf }, body: sent && JSON.stringify(sent) });
  if (!told.ok) link.textContent = await told.text();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input")) return; // who writes a question answers no alert
  const items = [...list.querySelectorAll("li[data-id]")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = items[Math.max(0, Math.min(items.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))];
    if (next) { next.focus(); event.preventDefault(); }
  } else if (answers && event.key.toLowerCase() === "a" && items.length) {
    answer((items[at] || items[0]).dataset.id, "acknowledge");
  } else if (answers && event.key.toLowerCase() === "x" && at >= 0) {
    answer(items[at].dataset.id, "artefact");
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
  for (const name of Object.keys(told_.beds).sort()) showBed(name, told_.beds[name], worst[name], told_.now_ns);
  for (const [name, asked] of Object.entries(told_.asked)) showAsked(name, asked);
  showAlerts(told_.alerts);
  showShadow(told_.shadow);
};
source.addEventListener("end", () => { source.close(); location.href = "/login"; });
setInterval(() => {
  const lost = performance.now() - told > 3000;
  link.textContent = lost ? "connection lost: what is shown is not live" : "live";
  link.className = lost ? "lost" : "";
  if (lost) for (const card of cards.values()) card.root.classList.add("late");
}, 1000);
