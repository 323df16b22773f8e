// The compose page: fills in the letter, keeps its links up to date, and says that it was sent.
// Names and text stay here: they are put into links and files, and into no request.

import { copied, copy } from "./copying.js";
import {
  eml,
  mailto,
  oneLine,
  signature,
  signedAnew,
  webMail,
} from "./compose_letter.js";
import { say } from "./labels.js";

const page = JSON.parse(document.getElementById("page").textContent);
const byId = (id) => document.getElementById(id);
const form = byId("letter");
const fields = {
  firstName: byId("first-name"),
  town: byId("town"),
  to: byId("to"),
  cc: byId("cc"),
  subject: byId("subject"),
  body: byId("body"),
};

let letter = page.letter;
let signed = "";
let untouched = ""; // the body as the page last wrote it
let token = "";

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
  const { url, bodyLeftOut } = mailto(now, page.limits);
  byId("mailto").href = url;
  byId("mailto").dataset.paste = bodyLeftOut ? "yes" : "";
  byId("mail-hint").textContent = say(bodyLeftOut ? "paste_hint" : "open_mail_hint");
  const links = webMail(now, page.limits);
  const without = [];
  for (const link of document.querySelectorAll("[data-service]")) {
    const found = links[link.dataset.service];
    link.parentElement.hidden = !found;
    if (found) link.href = found;
    else without.push(say(link.dataset.service));
  }
  byId("too-long").hidden = !without.length;
  byId("too-long").textContent = without.length
    ? say("too_long_for", { names: without.join(", ") })
    : "";
}

function sign() {
  const wanted = signature(fields.firstName.value, fields.town.value);
  const body = signedAnew(fields.body.value, signed, wanted);
  byId("by-hand").textContent = body === null ? say("signed_by_hand") : "";
  if (body === null) return;
  const asWritten = fields.body.value === untouched;
  fields.body.value = body;
  if (asWritten) untouched = body;
  signed = wanted;
  refreshLinks();
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
  fields.subject.value = found.subject;
  fields.body.value = found.body;
  fields.body.lang = found.language;
  fields.body.dir = found.direction;
  untouched = fields.body.value;
  signed = "";
  sign();
  refreshLinks();
  offerLanguages();
  document.title = `${say("title")} · ${found.name} · ${document.querySelector(".org").textContent}`;
}

function trouble(text) {
  byId("trouble").hidden = !text;
  byId("trouble").textContent = text;
}

function offerLanguages() {
  const place = byId("in-language");
  place.replaceChildren();
  for (const code of page.languages.filter((one) => one !== letter.language)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.lang = code;
    button.textContent = page.names[code];
    button.addEventListener("click", () => replaceWith({ language: code }));
    place.append(button);
  }
}

async function ask(wanted) {
  const asked = new URLSearchParams(wanted);
  const answer = await fetch(`compose/letter?${asked}`, { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function replaceWith(changes) {
  if (fields.body.value !== untouched && !window.confirm(say("replace_text"))) return;
  const { case: whom, action, language, number } = letter;
  await load({ case: whom, action, language, number, ...changes });
  fields.body.focus({ preventScroll: true });
}

async function load(wanted) {
  byId("loading").hidden = false;
  try {
    show(await ask(wanted));
    status("");
  } catch {
    trouble(say("not_loaded"));
    if (!letter) byId("choose").hidden = false;
  } finally {
    byId("loading").hidden = true;
  }
}

// #CASE.ACTION.LANGUAGE.NUMBER.TOKEN, and ".unsigned" where a name could harm
function fromFragment() {
  const parts = decodeURIComponent(location.hash.slice(1).split("&")[0]).split(".");
  if (parts.length < 4) return null;
  const [whom, action, language, number, secret = "", mark = ""] = parts;
  token = secret;
  if (mark === "unsigned") askForNoName();
  return { case: whom, action, language, number };
}

function askForNoName() {
  byId("sign").hidden = true;
  byId("safety").textContent = say("careful");
}

function mailClicked() {
  if (!byId("mailto").dataset.paste) return;
  // Asked for before the link is followed: the click is what lets the page write to the clipboard.
  copied(fields.body.value).then((done) => {
    status(say(done ? "pasted" : "not_pasted"));
    if (!done) {
      fields.body.focus();
      fields.body.select();
    }
  });
}

function download() {
  const file = new Blob([eml(draft())], { type: "message/rfc822" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${say("eml_file")}-${letter.case}.eml`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function tellSent() {
  const button = byId("sent");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  status(say("sending"));
  let said = "not_recorded";
  try {
    const answer = await fetch("compose/sent", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      said = "recorded";
      leadBack((await answer.json()).channel);
    } else if (answer.status === 410 || answer.status === 400) {
      said = "expired";
    }
  } catch {
    // no network: said below, and the button can be pressed again
  }
  status("");
  byId("told").textContent = say(said);
  byId("told").focus();
  if (said === "not_recorded") button.removeAttribute("aria-disabled");
  else byId("tell").hidden = true;
}

function leadBack(channel) {
  for (const link of document.querySelectorAll("[data-back]")) {
    const here = link.dataset.back === channel;
    link.classList.toggle("main", here);
    link.hidden = channel in page.backs && !here;
  }
}

function listen() {
  for (const name of [fields.firstName, fields.town]) {
    name.addEventListener("input", sign);
    name.addEventListener("change", () => {
      name.value = oneLine(name.value);
    });
  }
  fields.subject.addEventListener("input", refreshLinks);
  fields.body.addEventListener("input", refreshLinks);
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = fields[button.dataset.copy];
    button.addEventListener("click", () => copy(button, field.value, null, status));
  }
  byId("mailto").addEventListener("click", mailClicked);
  byId("eml").addEventListener("click", download);
  byId("another").addEventListener("click", () => replaceWith({ number: letter.next }));
  byId("sent").addEventListener("click", tellSent);
  form.addEventListener("submit", (event) => event.preventDefault());
  // Another language of the page keeps the letter.
  for (const link of document.querySelectorAll("[data-language]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const here = new URL(location.href);
      here.searchParams.set("lang", link.dataset.language);
      location.assign(here);
    });
  }
}

listen();
const wanted = fromFragment();
if (wanted) {
  byId("choose").hidden = true;
  await load(wanted);
} else if (letter) {
  show(letter);
}
byId("tell").hidden = !token;
byId("untold").hidden = Boolean(token);
