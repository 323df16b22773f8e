// The conversation as it is shown: what the visitor did and what was answered, in order, each once.

import { say } from "./labels.js";
import { screen } from "./screens.js";
import { element } from "./words.js";

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Conversation {
  // told: {choose(number, data, label), status(text), documents(number), language(code)}
  constructor(log, told) {
    this.log = log;
    this.told = told;
    this.clear();
  }

  clear() {
    this.log.replaceChildren();
    this.log.setAttribute("aria-live", "off");
    this.last = 0;
    this.sheets = new Map(); // number of an answer → its sheet, through all changes in place
    this.pending = new Map(); // id of a turn of this page → its line
    this.held = ""; // what was pressed last: shown only where a new answer follows
    this.pressed = null; // the button of this page that waits for its answer
    this.begun = false;
  }

  // Turns from the server, in order. The first ones are what was said before: nobody is told.
  take(turns) {
    const fresh = turns.filter((turn) => turn.n > this.last);
    let shown = null;
    for (const turn of fresh) {
      this.last = turn.n;
      shown = (turn.own ? this.own(turn.own) : this.answer(turn.n, turn.message)) ?? shown;
    }
    if (fresh.length) this.markLatest();
    const language = fresh.findLast((turn) => turn.message)?.message.language;
    if (language) this.told.language(language);
    if (!this.begun) {
      this.begun = true;
      if (shown) this.scrollTo(shown, true);
      // Only what comes from now on is read out.
      setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
    }
    return fresh.some((turn) => turn.message);
  }

  // Something that this page says, shown before it is recorded.
  say(id, text) {
    const line = this.line(text);
    line.classList.add("pending");
    this.pending.set(id, line);
    this.log.append(line);
    this.scrollTo(line, false);
  }

  line(text) {
    return element("p", { class: "own" }, element("span", { class: "unseen" }, `${say("you")} : `), text);
  }

  own({ id, kind, text }) {
    if (kind === "choose" || kind === "start") {
      this.held = text;
      return null;
    }
    this.held = "";
    const known = this.pending.get(id);
    if (known) {
      this.pending.delete(id);
      known.classList.remove("pending");
      return known;
    }
    const line = this.line(text);
    this.log.append(line);
    return line;
  }

  answer(number, message) {
    const sheet = screen(number, message, {
      status: this.told.status,
      documents: this.told.documents,
      choose: (data, label, button) => this.choose(number, data, label, button),
    });
    const replaced = message.replaces ? this.sheets.get(Number(message.replaces)) : null;
    const mine = this.pressed;
    this.pressed = null;
    if (replaced?.isConnected) {
      this.put(number, sheet, replaced);
      if (mine) this.lookAt(sheet, mine);
    } else {
      if (this.held) this.log.append(this.line(this.held));
      this.sheets.set(number, sheet);
      this.log.append(sheet);
      if (this.begun) this.scrollTo(sheet, false);
      if (mine) this.focus(sheet);
    }
    this.held = "";
    return sheet;
  }

  put(number, sheet, replaced) {
    for (const [known, one] of this.sheets) if (one === replaced) this.sheets.set(known, sheet);
    this.sheets.set(number, sheet);
    if (this.begun) sheet.classList.add("turned");
    replaced.replaceWith(sheet);
  }

  choose(number, data, label, button) {
    if (this.pressed) return;
    this.pressed = { data, label };
    button.setAttribute("aria-disabled", "true");
    button.classList.add("waiting");
    this.told.choose(number, data, label);
    // Should no answer come, the button can be pressed again.
    setTimeout(() => this.release(button), 8000);
  }

  release(button) {
    if (!button.isConnected) return;
    this.pressed = null;
    button.removeAttribute("aria-disabled");
    button.classList.remove("waiting");
  }

  // After a change in place: whoever pressed "next" can press it again, at the same place.
  lookAt(sheet, { label, data }) {
    const scene = data.split(":")[0];
    const same = [...sheet.querySelectorAll("[data-choice]")].find(
      (one) => one.textContent === label && one.dataset.choice.split(":")[0] === scene,
    );
    this.focus(same ?? sheet);
    this.scrollTo(sheet, false);
  }

  // Whoever has gone on to something else meanwhile (typing, the menu) is left there.
  focus(target) {
    const now = document.activeElement;
    if (now && now !== document.body && now.id !== "main" && !this.log.contains(now)) return;
    target.focus({ preventScroll: true });
  }

  scrollTo(shown, atOnce) {
    const behavior = atOnce || calm.matches ? "auto" : "smooth";
    const room = window.innerHeight * 0.7;
    const place = shown.getBoundingClientRect();
    const visible = place.top >= 0 && place.bottom <= window.innerHeight;
    if (visible && !atOnce) return;
    shown.scrollIntoView({ behavior, block: place.height > room ? "start" : "end" });
  }

  markLatest() {
    const sheets = [...this.log.querySelectorAll(".sheet")];
    sheets.forEach((one, place) => one.classList.toggle("past", place < sheets.length - 1));
  }
}
