// The chat page: what is pressed and typed goes up, what comes is shown.

import { Conversation } from "./conversation.js";
import * as keeping from "./keeping.js";
import { beginAnew, commands, first, language, say, speak } from "./labels.js";
import { Line } from "./line.js";
import * as places from "./places.js";
import { Proof } from "./proof.js";
import { paragraphs } from "./words.js";
import * as untraced from "./untraced.js";
import * as writing from "./writing.js";

const $ = (id) => document.getElementById(id);
const THINKING_AFTER = 350; // an answer that comes at once needs no sign
const PATIENCE = 20_000;
const SIGNING = 6_000; // as long as a press waits for the work that goes with it

const status = (text) => {
  $("status").textContent = text;
};

let thinking = 0;
let patience = 0;
function think(isThinking) {
  clearTimeout(thinking);
  clearTimeout(patience);
  if (!isThinking) {
    $("thinking").hidden = true;
    return;
  }
  thinking = setTimeout(() => ($("thinking").hidden = false), THINKING_AFTER);
  patience = setTimeout(() => think(false), PATIENCE);
}

function wanted(code) {
  keeping.keepLanguage(code);
  return speak(code);
}

const conversation = new Conversation($("log"), {
  choose(number, data, label) {
    // The screen that the page came with has no number there.
    const on = number > 0 ? String(number) : "";
    const turn = { id: keeping.newId(), kind: "choose", data, label, on };
    if (data.startsWith("sign:") && keeping.key()) sign(turn);
    else post(turn);
    return turn.id;
  },
  documents: (number) => line.documents(number),
  status,
  language: (code) => wanted(code),
  leads: (address) => window.location.assign(address),
});

const proof = new Proof();

const line = new Line({
  turns(turns, oldest) {
    // The server knows nothing of what is shown here: it was forgotten meanwhile.
    if (oldest === 0 && conversation.last > 0) return reset(true);
    if (oldest !== 0 || turns.length) $("farewell").hidden = true;
    // A key that nothing is known of: somebody new.
    else offer();
    // Numbers that went back: the bot runs on an older backup, whose conversation counts.
    if (turns.length && turns.at(-1).n < conversation.last) conversation.clear();
    if (conversation.take(turns)) think(false);
    if (offersSigning(turns)) proof.prepare(line.key);
    return undefined;
  },
  busy: () => think(true),
  forgotten: () => reset(true),
  trouble: (isThere) => status(isThere ? say("offline") : say("back_online")),
  slow: (seconds) => status(say("wait_seconds", { seconds: Math.ceil(seconds) })),
  crowded: () => status(say("too_many_pages")),
  refused() {
    think(false);
    status(say("refused"));
  },
});

// The screen that the page came with, in its place.
function offer() {
  if ($("log").childElementCount) return;
  conversation.begin(first());
}

function reset(isForgotten) {
  line.close();
  proof.stop();
  keeping.forgetEverything();
  think(false);
  status("");
  writing.fold();
  conversation.clear();
  places.here(0);
  beginAnew().then(offer);
  if (isForgotten) {
    $("farewell").hidden = false;
    window.scrollTo(0, 0);
    $("farewell").focus();
  }
}

function post(turn) {
  if (!keeping.key()) line.open(keeping.makeKey());
  $("farewell").hidden = true;
  if ($("status").textContent !== say("offline")) status("");
  think(true);
  const posted = { id: keeping.newId(), language: language(), ...turn };
  if (turn.kind === "say") conversation.say(posted.id, turn.text);
  line.post(posted);
  return posted.id;
}

// A signature goes up with the work that was done for it, or after a moment without.
async function sign(turn) {
  const noted = setTimeout(() => status(say("signing")), THINKING_AFTER);
  const key = keeping.key();
  const done = await proof.take(key, SIGNING);
  clearTimeout(noted);
  if (key === keeping.key()) post(done ? { ...turn, proof: done } : turn);
}

function offersSigning(turns) {
  const buttons = turns.findLast((turn) => turn.message)?.message.buttons ?? [];
  return buttons.flat().some(([, data]) => data?.startsWith("sign:"));
}

function closeMenu() {
  $("aside").classList.remove("open");
  $("open-menu").setAttribute("aria-expanded", "false");
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-command], [data-language]");
  if (!pressed) return;
  const { command, language: code } = pressed.dataset;
  if (command !== undefined) {
    closeMenu();
    const label = commands()[command] ?? `/${command}`;
    conversation.does();
    post({ kind: "command", text: `/${command}`, label });
    $("main").focus({ preventScroll: true });
  } else if (code !== undefined) {
    event.preventDefault();
    closeMenu();
    if (!keeping.key()) {
      wanted(code).then(() => window.location.assign(pressed.href));
    } else if (code !== language()) {
      conversation.does();
      post({ kind: "choose", data: `language:${code}`, label: pressed.title });
    }
  }
});

writing.listen((text) => {
  conversation.does();
  post({ kind: "say", text });
});

$("open-menu").addEventListener("click", () => {
  const isOpen = $("aside").classList.toggle("open");
  $("open-menu").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) $("aside").scrollTop = 0;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !$("aside")?.classList.contains("open")) return;
  closeMenu();
  $("open-menu").focus();
});

$("forget").addEventListener("click", () => {
  closeMenu();
  if (keeping.key()) $("ask-forget").showModal();
  else reset(true);
});

$("ask-forget").addEventListener("close", () => {
  if ($("ask-forget").returnValue === "yes") {
    post({ kind: "forget" });
    status(say("forgetting"));
  }
  $("ask-forget").returnValue = "";
});

// Another tab began, or forgot.
keeping.whenKeyChanges((key) => {
  if (key && key !== line.key) line.open(key);
  if (!key && line.key) reset(true);
});

async function begin() {
  const { search } = window.location;
  const kept = keeping.language();
  const asked = new URLSearchParams(search).get("start");
  const early = window.early.given();
  if (keeping.untraced) places.keepNone();
  places.begin(0);
  // What was said before comes with the stream; a link brings its own screen.
  if (keeping.key() && asked === null) {
    $("log").replaceChildren();
    think(true);
  } else {
    const button = early?.dataset.choice;
    $("log").replaceChildren();
    conversation.begin(first());
    if (asked !== null) conversation.awaits(post({ kind: "start", data: asked.slice(0, 64) }));
    if (button) conversation.press(button);
  }
  if (kept && kept !== language() && !new URLSearchParams(search).has("lang")) {
    await speak(kept);
    if (!keeping.key()) {
      conversation.clear();
      offer();
    }
  }
  for (const one of document.querySelectorAll("[data-say-rich]")) {
    one.replaceChildren(...paragraphs(say(one.dataset.sayRich)));
  }
  if (keeping.keepsNothing && !keeping.untraced) status(say("not_kept"));
  if (keeping.key() && !line.key) line.open(keeping.key());
}

begin();
untraced.begin(() => reset(true));
