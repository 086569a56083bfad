// Takes files from the user, has the service judge them, and shows report and view side by side. Whatever comes from a
// file is shown as text; the view stands in a frame that may do nothing.
import { WORDS } from "/words.js";

const MOST_FILES = 500;
const MOST_SHOWN = 500;
const AT_ONCE = 2;
const AGAIN = 10;

const at = (id) => document.getElementById(id);
const state = { lang: navigator.language.toLowerCase().startsWith("da") ? "da" : "en", files: [], chosen: null, token: null, limit: Infinity, note: null, round: 0, refused: false };

function say(key, values = {}) {
  return WORDS[state.lang][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

function made(tag, text, name) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (name) element.className = name;
  return element;
}

async function post(path, file) {
  const headers = { "Content-Type": "application/octet-stream" };
  if (state.token !== null) headers.Authorization = `Bearer ${state.token}`;
  for (let attempt = 0; ; attempt += 1) {
    const body = await file.arrayBuffer();
    const answer = await fetch(path, { method: "POST", headers, body, redirect: "error", credentials: "omit" });
    if (answer.status !== 503 || attempt >= AGAIN) return answer;
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((done) => setTimeout(done, 1000 * Math.min(seconds, 5)));
  }
}

async function judge(entry) {
  if (entry.file.size > state.limit) {
    Object.assign(entry, { verdict: "large", fault: ["refused-413"] });
    return;
  }
  try {
    const answer = await post("/report", entry.file);
    if (answer.ok) {
      entry.report = await answer.json();
      entry.verdict = entry.report.files.at(-1).verdict;
    } else if (answer.status === 401) {
      at("ask").hidden = false;
      if (state.token !== null) state.refused = true;
      Object.assign(entry, { verdict: "waiting", asking: true });
    } else {
      const key = `refused-${answer.status}` in WORDS.en ? `refused-${answer.status}` : "refused";
      Object.assign(entry, { verdict: "failed", fault: [key, { status: answer.status }] });
    }
  } catch {
    Object.assign(entry, { verdict: "failed", fault: ["unreachable"] });
  }
}

async function judgeAll() {
  const round = ++state.round;
  const waiting = state.files.filter((entry) => entry.verdict === "waiting");
  waiting.forEach((entry) => { entry.asking = false; });
  const work = async () => {
    while (waiting.length && round === state.round && (at("ask").hidden || state.token !== null) && !state.refused) {
      const entry = waiting.shift();
      await judge(entry);
      if (round !== state.round) return;
      showFile(entry);
      showStatus();
      if (entry === state.chosen) show();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  showStatus();
}

function showStatus() {
  const count = (verdict) => state.files.filter((entry) => entry.verdict === verdict).length;
  const [accepted, rejected, waiting, all] = [count("accepted"), count("rejected"), count("waiting"), state.files.length];
  const parts = [];
  if (state.note) parts.push(say(...state.note));
  if (all) parts.push(say("counts-all", { accepted, rejected, others: all - accepted - rejected, all }));
  if (state.refused) parts.unshift(say("refused-401"));
  at("status").textContent = waiting && at("ask").hidden ? `${say("waiting")} …` : parts.join(" ");
}

function showFile(entry) {
  entry.label.textContent = say(entry.verdict);
}

function list() {
  at("files").replaceChildren();
  for (const entry of state.files) {
    const button = made("button");
    button.type = "button";
    entry.button = button;
    entry.label = made("span", "", "verdict");
    button.append(made("bdi", entry.name), entry.label);
    button.addEventListener("click", () => choose(entry));
    const item = made("li");
    item.append(button);
    at("files").append(item);
    showFile(entry);
  }
  at("work").hidden = state.files.length === 0;
}

function choose(entry) {
  state.chosen = entry;
  for (const each of state.files) each.button.setAttribute("aria-current", String(each === entry));
  show();
}

function show() {
  const entry = state.chosen;
  const findings = at("findings");
  findings.replaceChildren();
  at("place").replaceChildren();
  at("no-view").textContent = "";
  if (!entry) return;
  if (!entry.report) {
    findings.append(made("p", entry.fault ? say(...entry.fault) : `${say("waiting")} …`));
    return;
  }
  showReport(entry.report, findings);
  showView(entry);
}

function showReport(report, place) {
  const whole = report.files.at(-1);
  const sums = { errors: report.summary.findings.error ?? 0, warnings: report.summary.findings.warning ?? 0 };
  place.append(made("h3", `${say(whole.verdict)}: ${say("counts", sums)}`));
  if (whole.message) place.append(made("p", `${whole.message} ${whole.version}`));
  const layers = made("ul", undefined, "layers");
  layers.setAttribute("aria-label", say("layers"));
  for (const [layer, result] of Object.entries(whole.layers)) {
    layers.append(made("li", `${say(layer)}: ${say(result === "failed" ? "layer-failed" : result)}`));
  }
  place.append(layers);
  let shown = 0;
  for (const file of report.files) {
    for (const finding of file.findings) {
      if (shown >= MOST_SHOWN) break;
      shown += 1;
      place.append(found(finding, file.number));
    }
  }
  const all = Object.values(report.summary.codes).reduce((sum, count) => sum + count, 0);
  if (!all) place.append(made("p", say("nothing")));
  if (all > shown) place.append(made("p", say("unlisted", { count: all - shown })));
}

function found(finding, number) {
  const element = made("article", undefined, `finding ${finding.severity}`);
  const head = made("p");
  head.append(made("span", say(finding.severity), "severity"), " ", made("code", finding.code));
  const where = made("p", undefined, "place");
  if (number) where.append(say("message", { number }), " · ");
  where.append(finding.path ? made("code", finding.path) : say("document"));
  if (finding.line) where.append(" · ", say(finding.column ? "position" : "line", finding));
  if (finding.law) where.append(" · ", finding.law);
  const hint = made("p");
  hint.append(made("strong", say("hint")), " ", finding.hint[state.lang]);
  element.append(head, made("p", finding.message[state.lang]), hint, where);
  return element;
}

async function showView(entry) {
  if (entry.view === undefined) {
    entry.view = entry.verdict === "accepted" && !entry.report.files.at(-1).messages ? await viewOf(entry) : null;
    if (entry !== state.chosen) return;
  }
  at("no-view").textContent = entry.view === null ? say("no-view") : "";
  if (entry.view === null) return;
  // A new frame for each view: one that was hidden meanwhile may stay blank.
  const frame = made("iframe");
  frame.id = "frame";
  frame.setAttribute("sandbox", "");
  frame.title = say("view");
  frame.srcdoc = entry.view;
  at("place").replaceChildren(frame);
}

async function viewOf(entry) {
  try {
    const answer = await post("/page", entry.file);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

function take(named) {
  const files = named.filter(({ name }) => name.toLowerCase().endsWith(".xml"));
  files.sort((one, other) => (one.name < other.name ? -1 : 1));
  state.note = files.length === 0 ? ["no-files"] : files.length > MOST_FILES ? ["left-out", { count: MOST_FILES }] : null;
  state.files = files.slice(0, MOST_FILES).map(({ name, file }) => ({ name, file, verdict: "waiting" }));
  list();
  state.chosen = null;
  if (state.files.length) choose(state.files[0]);
  judgeAll();
}

async function inside(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ name: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = entry.createReader();
  const found = [];
  // A folder gives its entries in parts, the last of them empty.
  for (;;) {
    const part = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!part.length) return found;
    for (const each of part) if (found.length <= MOST_FILES) found.push(...(await inside(each)));
  }
}

async function dropped(event) {
  event.preventDefault();
  at("drop").classList.remove("over");
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  const files = [...event.dataTransfer.files];
  try {
    const parts = entries.every(Boolean) ? await Promise.all(entries.map(inside)) : [files.map((file) => ({ name: file.name, file }))];
    take(parts.flat());
  } catch {
    state.note = ["unreachable"];
    showStatus();
  }
}

function speak(lang) {
  state.lang = lang;
  document.documentElement.lang = lang;
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const button of at("languages").children) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  state.files.forEach(showFile);
  showStatus();
  show();
}

for (const button of at("languages").children) button.addEventListener("click", () => speak(button.dataset.lang));
for (const id of ["choose-files", "choose-folder"]) {
  at(id).addEventListener("change", (event) => {
    take([...event.target.files].map((file) => ({ name: file.webkitRelativePath || file.name, file })));
    event.target.value = "";
  });
}
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  state.token = at("token").value;
  state.refused = false;
  at("token").value = "";
  at("ask").hidden = true;
  for (const entry of state.files) if (entry.asking) entry.verdict = "waiting";
  judgeAll();
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  at("drop").classList.add("over");
});
document.addEventListener("dragleave", () => at("drop").classList.remove("over"));
document.addEventListener("drop", dropped);

fetch("/health").then((answer) => answer.json()).then((health) => { state.limit = health.max_bytes; }).catch(() => {});
speak(state.lang);
