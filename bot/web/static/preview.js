// The staff's preview: the way so far goes to the server, the screens at its end come back.

import { screen } from "./screens.js";
import { element } from "./words.js";

const $ = (id) => document.getElementById(id);
const LOOK_EVERY = 1200;

let turns = [];
let seen = "";
let asking = null;

const status = (text) => {
  $("status").textContent = text;
};

function start() {
  turns = [{ kind: "start", text: $("case").value }];
  show();
}

function go(turn) {
  turns = [...turns, turn];
  show();
}

function show() {
  seen = "";
  $("way").replaceChildren(
    ...turns.map(({ kind, text }) =>
      element("li", {}, kind === "start" ? `/start ${text}`.trim() : kind === "command" ? `/${text}` : text),
    ),
  );
  look();
}

function way() {
  const languages = [...new Set([$("left").value, $("right").value])];
  const states = {};
  if ($("state").value) {
    for (const option of $("case").options) if (option.value) states[option.value] = $("state").value;
  }
  return { turns, languages, states, seen };
}

async function look() {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch("preview/walk", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(way()),
      signal: mine.signal,
    });
    if (answer.status === 200) draw(await answer.json());
    status(answer.status === 429 ? "One moment: the next look follows." : "");
  } catch {
    if (!mine.signal.aborted) status("The bot does not answer: is it still running?");
  }
}

function draw({ version, columns, problems, checked }) {
  seen = version;
  $("columns").replaceChildren(...columns.map(column));
  const errors = problems.filter(({ severity }) => severity === "error");
  if (!checked) return; // what was said before stands until the new content is checked
  $("problems").hidden = problems.length === 0;
  $("problems-title").textContent = errors.length
    ? `${errors.length} to mend: the running bot keeps its old texts until then`
    : `${problems.length} to look at`;
  $("problem-list").replaceChildren(...[...errors, ...problems.filter((one) => !errors.includes(one))].map(problem));
}

function problem({ file, line, column, text, remedy }) {
  return element(
    "li",
    {},
    element("code", {}, `${file}, line ${line}, column ${column}`),
    `: ${text}`,
    remedy ? ` – ${remedy}` : "",
  );
}

function column({ language, direction, failed, screens }) {
  const made = element("section", { class: "column", "aria-label": language, dir: direction });
  made.append(element("h3", {}, language));
  if (failed) made.append(element("p", { class: "notice" }, "This screen cannot be shown until the problems above are mended."));
  for (const one of screens) {
    made.append(
      screen(0, one.message, {
        status,
        documents: async () => null,
        choose: (data) => go({ kind: "choose", text: data }),
      }),
    );
    if (one.document) made.append(element("p", { class: "note" }, `With the document ${one.document}.`));
    made.append(lengths(one.lengths));
  }
  return made;
}

function lengths(measures) {
  const rows = measures.map(({ channel, what, length, most }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, channel),
      element("td", {}, what),
      element("td", { class: length > most ? "over" : "" }, `${length} of ${most}${length > most ? ": too long" : ""}`),
    ),
  );
  return element(
    "table",
    { class: "lengths" },
    element("caption", { class: "unseen" }, "Length of this screen on each channel"),
    element("tbody", {}, ...rows),
  );
}

$("choices").addEventListener("submit", (event) => event.preventDefault());
$("case").addEventListener("change", start);
for (const id of ["state", "left", "right"]) $(id).addEventListener("change", show);
$("again").addEventListener("click", start);
$("back").addEventListener("click", () => {
  if (turns.length > 1) turns = turns.slice(0, -1);
  show();
});
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (text) go(text.startsWith("/") ? { kind: "command", text: text.slice(1) } : { kind: "say", text });
});
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-command]");
  if (pressed) go({ kind: "command", text: pressed.dataset.command });
});
setInterval(() => document.visibilityState === "visible" && look(), LOOK_EVERY);
start();
