// The conversation as it is shown: what the visitor did and what was answered, in order, each once.
// Each answer is a screen in a slot of its own; the last one fills the window, its buttons below.

import { say } from "./labels.js";
import * as places from "./places.js";
import { isOurs, screen } from "./screens.js";
import { element } from "./words.js";
import { moveTo } from "./writing.js";

const FIRST = 0; // the screen that the page came with: it has no number

export class Conversation {
  // told: {choose(number, data, label): the turn's id, status(text), documents(number), language(code),
  // leads(address)}
  constructor(log, told) {
    this.log = log;
    this.told = told;
    this.clear();
    places.whenGone((number) => this.turnTo(number));
  }

  clear() {
    this.log.replaceChildren();
    this.log.setAttribute("aria-live", "off");
    this.last = 0;
    this.sheets = new Map(); // number of an answer → its sheet
    this.slots = new Map(); // number of an answer → where it stands, or stood
    this.pending = new Map(); // id of a turn of this page → its line
    this.held = ""; // what was pressed last: shown only where a new answer follows
    this.pressed = null; // the button of this page that waits for its answer
    this.answering = ""; // the turn whose answers come
    this.opens = false;
    this.leads = ""; // a page of ours to go on to
    this.awaited = ""; // the turn of the link that this page was opened by
    this.onFirst = new Set(); // turns that were pressed on the screen that the page came with
    this.begun = false;
    this.mayAdd = false; // whether an entry of the history is due: once for each thing done here
    this.top = null; // what came first since then: the window begins with it
  }

  // What the page came with, before anything was said.
  begin(messages) {
    messages.forEach((message, place) => {
      const number = FIRST - (messages.length - 1 - place);
      this.stand(number, this.sheet(number, message));
      this.slots.get(number).classList.add("first");
    });
    if (messages.length) this.look(FIRST);
    this.begun = true;
  }

  // Turns from the server, in order. The first ones are what was said before: nobody is told.
  take(turns) {
    const fresh = turns.filter((turn) => turn.n > this.last);
    const isNews = this.last > 0 || this.expects;
    let shown = null;
    for (const turn of fresh) {
      this.last = turn.n;
      if (turn.own) this.own(turn.own);
      else shown = this.answer(turn.n, turn.message);
    }
    const language = fresh.findLast((turn) => turn.message)?.message.language;
    if (language) this.told.language(language);
    if (this.awaited) {
      this.look(FIRST);
    } else if (shown !== null) {
      this.look(shown);
      if (isNews && this.mayAdd) places.add(shown);
      else places.here(shown);
      this.mayAdd = false;
    }
    if (this.leads) this.told.leads(this.leads);
    this.leads = "";
    // Only what comes from now on is read out.
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
    return shown !== null;
  }

  // Whether something was done here whose answer has not come.
  get expects() {
    return this.pressed !== null || this.pending.size > 0 || this.mayAdd;
  }

  // The visitor did something on this page: its answer is a screen to come back from.
  does() {
    this.mayAdd = true;
    this.top = null;
  }

  // The link that this page was opened by was told: until it is answered its screen stands.
  awaits(id) {
    if (this.slots.has(FIRST)) this.awaited = id;
  }

  // Something that this page says, shown before it is recorded.
  say(id, text) {
    const line = this.line(text);
    line.classList.add("pending");
    this.pending.set(id, line);
    this.append(line);
    line.scrollIntoView({ block: "end" });
  }

  line(text) {
    return element("p", { class: "own" }, element("span", { class: "unseen" }, `${say("you")} : `), text);
  }

  own({ id, kind, text }) {
    this.answering = id;
    // The link's own screen is there already: its answer takes the place of it.
    this.opens = Boolean(this.awaited) && id === this.awaited;
    if (this.opens) this.awaited = "";
    if (kind === "choose" || kind === "start") {
      this.held = text || " ";
      return;
    }
    this.held = "";
    const known = this.pending.get(id);
    if (known) {
      this.pending.delete(id);
      known.classList.remove("pending");
      return;
    }
    this.append(this.line(text));
  }

  append(part) {
    if (this.awaited) {
      this.log.insertBefore(part, this.log.querySelector(".first"));
      return;
    }
    this.log.append(part);
    if (this.mayAdd) this.top ??= part;
  }

  sheet(number, message) {
    const sheet = screen(number, message, {
      status: this.told.status,
      documents: this.told.documents,
      choose: (data, label, button) => this.choose(number, data, label, button),
    });
    this.sheets.set(number, sheet);
    return sheet;
  }

  stand(number, sheet) {
    const slot = element("div", { class: "slot" }, sheet);
    this.slots.set(number, slot);
    this.append(slot);
  }

  answer(number, message) {
    const sheet = this.sheet(number, message);
    const mine = this.pressed?.id === this.answering ? this.pressed : null;
    const on = this.onFirst.has(this.answering) ? FIRST : Number(message.replaces || NaN);
    const slot = this.slots.get(on);
    if (slot?.isConnected) {
      this.slots.set(number, slot);
      slot.prepend(sheet);
      moveTo(sheet);
      slot.replaceChildren(sheet);
      slot.classList.remove("first");
      // Pressed on an earlier screen: it has become the latest.
      const last = this.log.querySelector(":scope > div:last-of-type");
      if (this.held && slot !== last) this.log.append(slot);
      this.top = slot;
    } else {
      if (!mine && !this.awaited) this.dropFirst();
      if (this.held.trim() && !this.opens) this.append(this.line(this.held));
      if (mine) this.top = null; // it begins with the answer, what was pressed is known
      this.stand(number, sheet);
    }
    if (this.opens) {
      this.slots.set(FIRST, this.slots.get(number));
      this.sheets.set(FIRST, sheet);
    }
    this.held = "";
    if (mine) {
      this.pressed = null;
      this.leads = ahead(mine.data, message);
      this.focus(sheet, mine);
    }
    return number;
  }

  // Once there is a conversation, the screen that the page came with is only a place to go back to.
  dropFirst() {
    for (const [number, slot] of [...this.slots]) {
      if (number > FIRST) continue;
      const isTaken = [...this.slots].some(([one, place]) => one > FIRST && place === slot);
      if (isTaken) continue;
      slot.remove();
      this.slots.delete(number);
    }
  }

  choose(number, data, label, button) {
    if (this.pressed) return;
    this.pressed = { number, data, label, id: "" };
    button.setAttribute("aria-disabled", "true");
    button.classList.add("waiting");
    this.does();
    this.pressed.id = this.told.choose(number, data, label);
    if (number === FIRST) this.onFirst.add(this.pressed.id);
    // Should no answer come, the button can be pressed again.
    setTimeout(() => this.release(button), 8000);
  }

  // The button of the screen that the page came with, pressed before this script was there.
  press(data) {
    const buttons = [...this.log.querySelectorAll("[data-choice]")];
    buttons.find((one) => one.dataset.choice === data)?.click();
  }

  release(button) {
    if (!button.isConnected) return;
    this.pressed = null;
    rest(button);
  }

  // After a change in place: whoever pressed "next" can press it again, at the same place.
  // Whoever has gone on to something else meanwhile (typing, the menu) is left there.
  focus(sheet, { label, data }) {
    const now = document.activeElement;
    if (now && now !== document.body && now.id !== "main" && !this.log.contains(now)) return;
    const scene = data.split(":")[0];
    const same = [...sheet.querySelectorAll("[data-choice]")].find(
      (one) => one.textContent === label && one.dataset.choice.split(":")[0] === scene,
    );
    (same ?? sheet).focus({ preventScroll: true });
  }

  // That screen fills the window; those that came after it wait until one goes on.
  look(number) {
    const slot = this.slots.get(number);
    const sheet = this.sheets.get(number);
    for (const one of this.log.children) one.hidden = false;
    for (const one of this.log.querySelectorAll(".now")) one.classList.remove("now");
    slot.classList.add("now");
    moveTo(sheet);
    const top = this.top?.isConnected ? this.top : slot;
    top.scrollIntoView({ block: "start" });
    this.top = null;
  }

  // Back, or forward: the screen of that number as it was.
  turnTo(number) {
    const slot = this.slots.get(number);
    const sheet = this.sheets.get(number);
    if (!slot?.isConnected || !sheet) return;
    slot.replaceChildren(sheet);
    sheet.querySelectorAll(".waiting").forEach(rest);
    this.top = slot;
    this.look(number);
    for (let after = slot.nextElementSibling; after; after = after.nextElementSibling) {
      after.hidden = true;
    }
  }
}

// Whoever was asked before a letter whether it could harm them, and said no, goes on to the page where
// it is finished: it is what they pressed before.
function ahead(data, message) {
  const [first] = message.buttons.flat();
  return data.endsWith(":no") && first && isOurs(first[2]) ? first[2] : "";
}

function rest(button) {
  button.removeAttribute("aria-disabled");
  button.classList.remove("waiting");
}
