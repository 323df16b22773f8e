// From "Send" to the chat: did a mail program come up, and is the letter on its way?

import { say } from "./labels.js";

// A mail program that comes up takes the focus within this time, or it does not come up.
const COMES_UP_WITHIN = 1500;
// Who comes back sooner has closed a question of the browser ("open Mail?"), and written nothing.
const AWAY_AT_LEAST = 2500;
const READ_THANKS = 1500;

const byId = (id) => document.getElementById(id);

let backs = {};
let token = "";
let waiting = 0; // the timer
let sought = false; // a mail program was asked for, and nobody has been asked "is it sent?" yet
let since = 0; // when the page lost the focus

// What the page is at: the letter, the choice of a mail box, or "is it on its way?".
export function goTo(step) {
  document.body.dataset.step = step;
  byId("gone").hidden = step !== "gone";
  if (step === "gone") {
    byId("gone-title").focus({ preventScroll: true });
    byId("gone").scrollIntoView({ block: "center" });
  }
}

// The other ways, unfolded, with a sentence on why they are.
export function offerWays(why) {
  document.body.dataset.step = "ways";
  byId("ways").open = true;
  byId("why").textContent = say(why);
  byId("ways").scrollIntoView({ block: "start" });
  byId("ways").querySelector("summary").focus({ preventScroll: true });
}

// After a press on a link that may open a mail program; `mayFail`: a mailto link.
export function seekMail({ mayFail }) {
  sought = true;
  since = 0;
  clearTimeout(waiting);
  if (mayFail) waitForProgram();
}

function waitForProgram() {
  waiting = setTimeout(() => {
    if (!since && !document.hidden) offerWays("nothing_opened");
  }, COMES_UP_WITHIN);
}

function left() {
  if (!sought) return;
  clearTimeout(waiting);
  if (!since) since = Date.now();
}

function back() {
  if (!sought || !since || document.hidden) return;
  const away = Date.now() - since;
  since = 0;
  if (away < AWAY_AT_LEAST) {
    waitForProgram();
    return;
  }
  sought = false;
  goTo("gone");
}

async function tellSent() {
  const button = byId("sent");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const told = byId("told");
  told.textContent = say("sending");
  let said = "not_recorded";
  let channel = "";
  try {
    const answer = await fetch("compose/sent", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      said = "recorded";
      ({ channel } = await answer.json());
    } else if (answer.status === 410 || answer.status === 400) {
      said = "expired";
    }
  } catch {
    // no network: said below, and the button can be pressed again
  }
  told.textContent = say(said);
  told.focus();
  if (said === "not_recorded") {
    button.removeAttribute("aria-disabled");
    return;
  }
  byId("tell").hidden = true;
  showWayBack(channel);
  if (channel in backs) setTimeout(() => location.assign(backs[channel]), READ_THANKS);
}

function showWayBack(channel) {
  byId("ways-back").hidden = false;
  for (const link of document.querySelectorAll("[data-back]")) {
    const here = link.dataset.back === channel;
    link.classList.toggle("main", here || !(channel in backs));
    link.hidden = channel in backs && !here;
  }
}

export function beginSending(page, secret) {
  backs = page.backs;
  token = secret;
  goTo("letter");
  byId("tell").hidden = !token;
  byId("untold").hidden = Boolean(token);
  if (!token) showWayBack("");
  byId("sent").addEventListener("click", tellSent);
  byId("not-yet").addEventListener("click", () => {
    goTo("letter");
    byId("mailto").focus({ preventScroll: true });
  });
  byId("already").disabled = false;
  byId("already").addEventListener("click", () => goTo("gone"));
  window.addEventListener("blur", left);
  window.addEventListener("pagehide", left);
  window.addEventListener("focus", back);
  window.addEventListener("pageshow", back);
  document.addEventListener("visibilitychange", () => (document.hidden ? left() : back()));
}
