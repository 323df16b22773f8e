// The compose page: fills in the letter, keeps its links up to date, and says that it was sent.
// Names and text stay here: they are put into links and files, and into no request.

import { copy } from "./copying.js";
import { fromFragment, pageAddress } from "./compose_address.js";
import { hasGap, mailto, oneLine, signature, signedAnew, withOwn } from "./compose_letter.js";
import { beginSending, offerWays, seekMail } from "./compose_sending.js";
import { download, offerBrowser, refreshWays } from "./compose_ways.js";
import { say } from "./labels.js";

const page = JSON.parse(document.getElementById("page").textContent);
const byId = (id) => document.getElementById(id);
const form = byId("letter");
const fields = {
  firstName: byId("first-name"),
  town: byId("town"),
  own: byId("own"),
  to: byId("to"),
  cc: byId("cc"),
  subject: byId("subject"),
  body: byId("body"),
};
const { wanted, token, unsigned, typed } = fromFragment(location.hash);

let letter = page.letter;
let signed = "";
let own = "";
let untouched = ""; // the body as the page last wrote it

function status(text) {
  byId("status").textContent = text;
}

function draft() {
  return {
    to: letter.to,
    cc: letter.cc,
    subject: fields.subject.value,
    body: fields.body.value,
  };
}

function refreshLinks() {
  const now = draft();
  const url = mailto(now);
  const whole = url.length <= page.limits.mailto;
  byId("mailto").href = whole ? url : "#ways";
  byId("mail-hint").textContent = say(whole ? "open_mail_hint" : "choose_hint");
  refreshWays(now, page.limits);
}

// The body as it is now, unless it was changed by hand in the way.
function rewrite(body) {
  byId("by-hand").textContent = body === null ? say("signed_by_hand") : "";
  if (body === null) return false;
  const asWritten = fields.body.value === untouched;
  fields.body.value = body;
  if (asWritten) untouched = body;
  refreshLinks();
  return true;
}

function sign() {
  const after = unsigned ? "" : signature(fields.firstName.value, fields.town.value);
  if (rewrite(signedAnew(fields.body.value, signed, after))) signed = after;
}

function addOwn() {
  const after = fields.own.value.trim();
  const place = { gap: hasGap(letter.body), closing: letter.closing, signed };
  if (rewrite(withOwn(fields.body.value, own, after, place))) own = after;
}

function show(found) {
  byId("choose").hidden = found.active;
  form.hidden = !found.active;
  trouble(found.active ? "" : say("closed", { name: found.name }));
  if (!found.active) return;
  letter = found;
  byId("heading").textContent = say("heading", { name: found.name });
  byId("chinese").textContent = found.chinese;
  for (const name of ["to", "cc"]) {
    fields[name].value = found[name].join(", ");
    byId(`${name}-field`).hidden = !found[name].length;
    byId(`${name}-names`).textContent = found[`${name}_names`].join(" · ");
  }
  byId("whom").textContent = [...found.to_names, ...found.cc_names].join(" · ");
  byId("about").textContent = found.subject;
  fields.subject.value = found.subject;
  fields.body.value = found.body;
  fields.body.lang = found.language;
  fields.body.dir = found.direction;
  untouched = fields.body.value;
  signed = "";
  own = "";
  addOwn();
  sign();
  showReading();
  offerOthers();
  document.title = `${say("title")} · ${found.name} · ${document.querySelector(".org").textContent}`;
}

// What a letter in another language says, in one's own.
function showReading() {
  byId("reading").hidden = !letter.reading;
  if (!letter.reading) return;
  const text = byId("reading-text");
  text.lang = letter.reading.language;
  text.dir = letter.reading.direction;
  text.textContent = letter.reading.body;
}

// The letter that came with the page; somebody may have changed it before the scripts were there.
function showWithWhatWasTyped() {
  const [subject, body] = [fields.subject.value, fields.body.value];
  show(letter);
  if (body.trim() !== letter.body.trim()) fields.body.value = body;
  fields.subject.value = subject;
  refreshLinks();
}

function trouble(text) {
  byId("trouble").hidden = !text;
  byId("trouble").textContent = text;
}

function offerOthers() {
  byId("another").href = `?${letter.another}`;
  for (const link of document.querySelectorAll("[data-in]")) {
    const there = letter.languages[link.dataset.in];
    link.hidden = !there;
    if (there) link.href = `?${there}`;
  }
}

async function ask(which) {
  const asked = new URLSearchParams({ ...which, reader: page.language });
  const answer = await fetch(`compose/letter?${asked}`, { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function replaceWith(changes) {
  if (fields.body.value !== untouched && !window.confirm(say("replace_text"))) return;
  const { case: whom, action, language, number } = letter;
  await load({ case: whom, action, language, number, ...changes });
  history.replaceState(null, "", address());
}

async function load(which) {
  byId("loading").hidden = false;
  try {
    show(await ask(which));
    status("");
  } catch {
    trouble(say("not_loaded"));
    if (!letter) byId("choose").hidden = false;
  } finally {
    byId("loading").hidden = true;
  }
}

// The address of this letter; with what was typed only where the page is opened anew.
function address({ all = false, language = "" } = {}) {
  const kept = {
    first_name: fields.firstName.value,
    town: fields.town.value,
    own: own && fields.own.value,
    text: fields.body.value === untouched ? "" : fields.body.value,
  };
  return pageAddress(letter, { token, unsigned, typed: all ? kept : {} }, language);
}

// What came with the link: from the chat, or from the app this page was opened in before.
function takeOver() {
  if (unsigned) {
    byId("sign").hidden = true;
    byId("safety").textContent = say("careful");
  } else {
    byId("sign").classList.remove("later");
    fields.firstName.value = short(oneLine(typed.first_name ?? ""), fields.firstName);
    fields.town.value = short(oneLine(typed.town ?? ""), fields.town);
  }
  if (typed.own) fields.own.value = short(typed.own, fields.own);
}

function short(text, field) {
  return [...text].slice(0, field.maxLength).join("");
}

function takeOverText() {
  // Anybody can write a link: a text that came with one is shown before it is sent.
  byId("changed").hidden = !(typed.text || typed.own);
  if (typed.text || typed.own) byId("text").open = true;
  if (typed.text) {
    fields.body.value = typed.text;
    if (!typed.text.endsWith(`\n\n${signed}`)) signed = "";
    refreshLinks();
  }
  // Typed words need not stay in the address bar and the browser's history.
  if (Object.keys(typed).length) history.replaceState(null, "", address());
}

function mailClicked(event) {
  if (byId("mailto").getAttribute("href").startsWith("mailto:")) {
    seekMail({ mayFail: true });
  } else {
    event.preventDefault();
    offerWays("choose_box");
  }
}

function listen() {
  for (const name of [fields.firstName, fields.town]) {
    name.addEventListener("input", sign);
    name.addEventListener("change", () => {
      name.value = oneLine(name.value);
    });
  }
  fields.own.addEventListener("input", addOwn);
  fields.subject.addEventListener("input", refreshLinks);
  fields.body.addEventListener("input", refreshLinks);
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = fields[button.dataset.copy];
    button.disabled = false;
    button.addEventListener("click", () => copy(button, field.value, null, status));
  }
  byId("mailto").addEventListener("click", mailClicked);
  for (const link of document.querySelectorAll("[data-service]")) {
    link.addEventListener("click", () => seekMail({ mayFail: false }));
  }
  byId("eml").addEventListener("click", (event) => {
    event.preventDefault();
    download(draft(), letter);
    seekMail({ mayFail: false });
  });
  byId("another").addEventListener("click", (event) => {
    event.preventDefault();
    replaceWith({ number: letter.next });
  });
  for (const link of document.querySelectorAll("[data-in]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      replaceWith({ language: link.dataset.in });
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  // Another language of the page keeps the letter, and what was typed.
  for (const link of document.querySelectorAll("[data-language]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const there = address({ all: true, language: link.dataset.language });
      location.assign(there);
    });
  }
}

takeOver();
listen();
beginSending(page, token);
offerBrowser(page, () => address({ all: true }));
if (wanted) {
  byId("choose").hidden = true;
  await load(wanted);
} else if (letter) {
  showWithWhatWasTyped();
}
if (letter) takeOverText();
