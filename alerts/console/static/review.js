"use strict";
const csrf = document.querySelector("meta[name=csrf]").content;
const reviews = document.querySelector("meta[name=reviews]").content === "yes";
const list = document.querySelector("#windows ol");
const pane = document.querySelector("#window");
const findings = document.querySelector("#findings");
const saved = document.querySelector("#saved");
const link = document.querySelector("#link");
const names = new Map(); // of findings, by code
let windows = [];
let chosen = null; // the window that is looked at
let codes = []; // what stands there as its findings
let whole = false; // whether there are no older windows

function element(name, cls, text) {
  const made = document.createElement(name);
  if (cls) made.className = cls;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, press, title) {
  const made = element("button", "", text);
  made.type = "button";
  if (title) made.title = title;
  made.addEventListener("click", press);
  return made;
}

const time = (ns) => new Date(Number(ns) / 1e6).toLocaleString([], { hourCycle: "h23" });
const holds = (review) => review !== null && review.holds;
const named = (found) => found.map((code) => names.get(code)).join(", ");

async function ask(path, sent) {
  const how = sent === undefined ? {} : { method: "POST", headers: { "X-Vigil-CSRF": csrf }, body: JSON.stringify(sent) };
  let told;
  try {
    told = await fetch(path, how);
  } catch {
    throw new Error(`${sent === undefined ? "" : "Not saved: "}Vigil does not answer.`);
  }
  if (told.status === 401) location.href = "/login";
  if (!told.ok) throw new Error(await told.text());
  return told.json();
}

function label(one) {
  if (one.artefact) return "an artefact: not exported";
  if (holds(one.review)) return `${one.review.verdict} by ${one.review.by}: ${named(one.review.findings)}`;
  return one.proposed.length ? `unconfirmed: ${named(one.proposed)}` : "unconfirmed";
}

function fill(item, one) {
  item.className = one.artefact ? "artefact" : holds(one.review) ? "said" : "";
  item.replaceChildren(element("div", "", `${one.bed}: ${one.text}`), element("div", "when", `${time(one.at_ns)}, ${label(one)}`));
}

function item(one) {
  const made = element("li");
  made.tabIndex = 0;
  made.dataset.trigger = one.trigger;
  made.addEventListener("focus", () => choose(one));
  fill(made, one);
  return made;
}

async function more() {
  const last = windows[windows.length - 1];
  const told = await ask(`/reviews${last ? `?before=${last.at_ns}` : ""}`);
  for (const { code, name } of told.labels) {
    if (!names.has(code)) document.querySelector("#known").append(new Option(name, code));
    names.set(code, name);
  }
  whole = !told.windows.length;
  windows.push(...told.windows);
  list.querySelector(".more")?.remove();
  list.append(...told.windows.map(item));
  if (!windows.length) list.append(element("li", "artefact", "No window has been flagged."));
  if (!whole) {
    const older = element("li", "more artefact");
    older.append(button("Older", () => more().catch(fail)));
    list.append(older);
  }
}

function fail(error) {
  link.textContent = error.message;
  link.className = "lost";
}

function look(made) {
  // a page in the background is told of no focus
  made?.focus();
  choose(windows.find((one) => one.trigger === made?.dataset.trigger));
}

async function choose(one) {
  if (!one || chosen === one) return;
  chosen = one;
  pane.hidden = true; // until it shows this one nothing is confirmed
  for (const other of list.children) other.ariaCurrent = String(other.dataset.trigger === one.trigger);
  try {
    const told = await ask(`/reviews/${encodeURIComponent(one.trigger)}`);
    if (chosen === one) show(Object.assign(one, told));
    link.textContent = "";
  } catch (error) {
    fail(error);
  }
}

function show(one) {
  pane.hidden = false;
  pane.querySelector("h2").textContent = `${one.bed}: ${one.text}, the ten seconds to ${time(one.at_ns)}`;
  draw(pane.querySelector("canvas"), one);
  const words = one.pieces.map(([text, verdict]) => element("span", verdict, `${text} `));
  pane.querySelector(".words").replaceChildren(...(words.length ? words : ["Not interpreted."]));
  pane.querySelector(".given").textContent = one.provenance;
  codes = holds(one.review) ? [...one.review.findings] : [...one.proposed];
  said(one);
}

function said(one) {
  // what stands in the database, and nothing that is only on this page
  const stands = holds(one.review);
  saved.className = stands ? "" : "open";
  saved.textContent = stands
    ? `Saved ${time(one.review.at_ns)}: ${one.review.verdict} by ${one.review.by}.`
    : "Not confirmed: nobody is told of this window as labelled, and it is not exported.";
  if (one.artefact) saved.textContent += " Its alert was judged to be an artefact: it is not exported.";
  showFindings();
  list.querySelectorAll("li[data-trigger]").forEach((made) => made.dataset.trigger === one.trigger && fill(made, one));
  const acts = [button("Confirm", () => confirm_(codes))];
  if (stands) acts.push(button("Take back", () => confirm_([])));
  pane.querySelector(".acts").replaceChildren(...(reviews ? acts : []));
}

function showFindings() {
  const chips = codes.map((code) => {
    const text = `${names.get(code)}${reviews ? " ×" : ""}`;
    const chip = button(text, () => change(codes.filter((other) => other !== code)), reviews ? "take away" : "");
    chip.dataset.code = code;
    chip.disabled = !reviews;
    return chip;
  });
  if (!reviews) {
    findings.replaceChildren(...(chips.length ? chips : ["no finding"]));
    return;
  }
  const field = element("input");
  field.setAttribute("list", "known");
  field.placeholder = codes.length ? "add a finding" : "what does it show?";
  field.ariaLabel = "Add a finding";
  field.addEventListener("change", () => add(field));
  field.addEventListener("keydown", (event) => write(event, field));
  findings.replaceChildren(...chips, field);
}

function change(found) {
  const writing = findings.contains(document.activeElement);
  codes = found;
  showFindings();
  const stored = holds(chosen.review) ? chosen.review.findings : null;
  if (!stored || [...stored].sort().join() !== [...codes].sort().join()) {
    saved.className = "open";
    saved.textContent = "Changed here and not saved: C confirms.";
  } else said(chosen);
  if (writing) findings.querySelector("input").focus();
}

function add(field) {
  const wanted = field.value.trim().toLowerCase();
  if (!wanted) return;
  const [code] = [...names].find(([known, name]) => known.toLowerCase() === wanted || name.toLowerCase() === wanted) || [];
  if (!code) {
    saved.className = "not";
    saved.textContent = `${field.value.trim()} is no finding of the table: choose one of the list.`;
  } else {
    field.value = "";
    change([...codes.filter((other) => other !== code), code]);
  }
}

function write(event, field) {
  if (event.key === "Enter") {
    add(field);
    event.preventDefault();
  } else if (event.key === "Backspace" && !field.value && codes.length) {
    change(codes.slice(0, -1));
    event.preventDefault();
  } else if (event.key === "Escape") {
    field.value = "";
    list.querySelector("[aria-current=true]").focus();
  }
}

async function confirm_(found) {
  const one = chosen;
  if (!found.length && !holds(one.review)) {
    saved.className = "not";
    saved.textContent = "Name at least one finding first.";
    return;
  }
  saved.className = "open";
  saved.textContent = "Saving…";
  try {
    const sent = { findings: found, seen_ns: one.review && one.review.at_ns };
    one.review = await ask(`/reviews/${encodeURIComponent(one.trigger)}`, sent);
    if (chosen !== one) return;
    codes = holds(one.review) ? [...one.review.findings] : [...one.proposed];
    said(one);
  } catch (error) {
    if (chosen !== one) return;
    saved.className = "not";
    saved.textContent = error.message;
  }
}

function draw(canvas, one) {
  const seconds = one.leads.length ? one.leads[0].uv.length / one.hz : 10;
  const mm = 5, row = one.leads.length > 3 ? 15 : 25; // pixels of a millimetre, and millimetres of a lead
  canvas.width = seconds * 25 * mm;
  canvas.height = Math.max(1, one.leads.length) * row * mm;
  canvas.ariaLabel = `Ten seconds of ${one.leads.map((lead) => lead.name).join(", ") || "no lead"}, 25 mm/s and 10 mm/mV`;
  const pen = canvas.getContext("2d");
  for (const [step, colour] of [[mm, "#f6dcd9"], [5 * mm, "#e8b4ae"]]) {
    pen.strokeStyle = colour;
    pen.beginPath();
    for (let x = 0.5; x < canvas.width; x += step) pen.moveTo(x, 0), pen.lineTo(x, canvas.height);
    for (let y = 0.5; y < canvas.height; y += step) pen.moveTo(0, y), pen.lineTo(canvas.width, y);
    pen.stroke();
  }
  pen.fillStyle = pen.strokeStyle = "#111";
  pen.font = "bold 20px system-ui, sans-serif";
  pen.lineWidth = 1.8;
  one.leads.forEach((lead, k) => {
    const middle = [...lead.uv].sort((a, b) => a - b)[lead.uv.length >> 1];
    pen.beginPath();
    lead.uv.forEach((uv, n) => {
      const x = (n / one.hz) * 25 * mm, y = (k + 0.5) * row * mm - ((uv - middle) / 1000) * 10 * mm;
      if (n) pen.lineTo(x, y); else pen.moveTo(x, y);
    });
    pen.stroke();
    pen.fillText(lead.name, 8, k * row * mm + 22);
  });
  if (!one.leads.length) pen.fillText("no lead of these ten seconds can be read", 8, 22);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input")) return; // who writes a finding confirms nothing
  const items = [...list.querySelectorAll("li[data-trigger]")];
  const at = items.findIndex((one) => one.ariaCurrent === "true");
  const key = event.key.toLowerCase();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = items[Math.max(0, Math.min(items.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))];
    if (next) { look(next); event.preventDefault(); }
  } else if (reviews && chosen && !pane.hidden && key === "f") {
    findings.querySelector("input").focus();
    event.preventDefault(); // the letter is no part of a finding
  } else if (reviews && chosen && !pane.hidden && key === "c") confirm_(codes);
  else if (reviews && chosen && !pane.hidden && key === "u" && holds(chosen.review)) confirm_([]);
});

more().then(() => look(list.querySelector("li[data-trigger]")), fail);
