// One answer of the bot as a sheet: where we are in a story, its text, what can be pressed.

import { copy } from "./copying.js";
import { documents } from "./documents.js";
import { commands, say } from "./labels.js";
import { PASSED_ON, sharing } from "./sharing.js";
import { anatomy, element, inline, paragraphs, plain, safeAddress } from "./words.js";

let headings = 0;

function progress({ name, chinese, step, steps }) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  for (let number = 1; number <= steps; number += 1) {
    bar.append(element("i", { class: number <= step ? "done" : "" }));
  }
  const title = element("p", { class: "who" }, name);
  if (chinese) title.append(" ", element("span", { lang: "zh", class: "zh" }, chinese));
  return element(
    "header",
    { class: "place" },
    title,
    element("p", { class: "step" }, say("step", { step, steps }), bar),
  );
}

function section({ kind, text }, options) {
  if (kind === "call") {
    return [element("div", { class: "call" }, ...paragraphs(text, options))];
  }
  const made = paragraphs(text, options);
  if (kind === "note") made.forEach((one) => one.classList.add("note"));
  return made;
}

function block(text, status) {
  const shown = element("div", { class: "text", tabindex: "0", role: "group" }, ...plain(text));
  shown.setAttribute("aria-label", say("text_to_copy"));
  const button = element("button", { type: "button", class: "copy" }, say("copy_text"));
  button.addEventListener("click", () => copy(button, text, shown, status));
  return element("div", { class: "block" }, shown, button);
}

// A page of ours, which knows the way back here.
export function isOurs(url) {
  return URL.canParse(url) && new URL(url).origin === window.location.origin;
}

function link(label, url, kind, isAlone) {
  const address = safeAddress(url);
  if (!address) return element("span", {}, label);
  if (isOurs(address) && !isAlone) {
    return element("a", { class: `button here ${kind}`.trim(), href: address }, label);
  }
  return element(
    "a",
    { class: `button ${kind}`.trim(), href: address, target: "_blank", rel: "noopener noreferrer" },
    label,
    element("span", { class: "unseen" }, ` (${say("new_window")})`),
  );
}

const EQUALS = ["country", "language", "story"];
const ANSWERS = ["no", "yes", "unsaid"];
const FRONT = 3;
const SHORT = 420; // signs, with their markup: such a screen may speak a little louder
const NARROW = 17; // signs of a label of which two have room beside each other

// How a button looks: the first one of a screen leads, two more are ordinary, what follows is quiet.
// Answers to a question are equals. (bot/web/first_screen.py does the same for the first screen.)
function weight(every, at, place) {
  const [scene, ...parts] = every[at][1].split(":");
  if (scene === "story" && place && parts.length > 1) {
    if (Number(parts[1]) === place.step + 1) return "next";
    if (Number(parts[1]) === place.step - 1) return "back";
  }
  if (scene === "menu" || scene === "more") return "quiet";
  if (ANSWERS.includes(parts.at(-1))) return "";
  const first = every.slice(0, 2).map(([, data]) => data.split(":")[0]);
  if (EQUALS.includes(scene) && first.length === 2 && first.every((one) => one === scene)) return "";
  if (at === 0) return "main";
  return at < FRONT ? "" : "quiet";
}

// told: {choose(data, label, button), status(text), documents(number)}
export function screen(number, message, told) {
  const options = { commands: commands(), newWindow: say("new_window") };
  const parts = anatomy(message.text);
  const sheet = element("article", { class: "sheet", tabindex: "-1", lang: message.language });
  if (parts.banner) {
    sheet.append(element("div", { class: "banner" }, ...paragraphs(parts.banner, options)));
  }
  if (message.picture) sheet.append(picture(message));
  if (parts.place) sheet.append(progress(parts.place));
  if (parts.heading) {
    const id = `heading-${(headings += 1)}`;
    sheet.append(element("h3", { id }, inline(parts.heading, options)));
    sheet.setAttribute("aria-labelledby", id);
  } else {
    sheet.setAttribute("aria-label", say("bot"));
  }
  if (message.text.length < SHORT && !message.block) sheet.classList.add("short");
  parts.body.forEach((one) => sheet.append(...section(one, options)));
  if (message.block) sheet.append(block(message.block, told.status));
  if (PASSED_ON.test(message.block ?? "")) sheet.append(sharing(message.block));
  if (message.attachment) sheet.append(documents(() => told.documents(number)));
  sheet.append(buttons(message.buttons, parts.place, told));
  return sheet;
}

function picture({ picture: { case: id, alt }, language: spoken }) {
  // Beside the scripts: whoever leaves no trace has them from a place that no browser keeps.
  const src = new URL(`../cards/${id}.png?lang=${spoken}`, import.meta.url).href;
  return element("img", { class: "who-it-is", src, alt, width: 1200, height: 630 });
}

// What can be pressed; the last row holds what is quiet, and the way to write.
function buttons(rows, place, told) {
  const every = rows.flat();
  const all = element("div", { class: "buttons" });
  const tail = element("div", { class: "row tail" });
  for (const row of rows) {
    const line = element("div", { class: "row" });
    for (const button of row) {
      const kind = weight(every, every.indexOf(button), place);
      (kind === "quiet" ? tail : line).append(pressed(button, kind, told));
    }
    const before = all.lastElementChild;
    if ([before, line].every(isNarrow)) before.append(...line.children);
    else if (line.childElementCount) all.append(line);
  }
  all.append(tail);
  return all;
}

function isNarrow(row) {
  const [only, ...others] = row?.children ?? [];
  return only?.className === "" && !others.length && only.textContent.length <= NARROW;
}

function pressed([label, data, url, text], kind, told) {
  if (data) return choice(label, data, kind, told);
  return url ? link(label, url, kind, told.isAlone) : copyButton(label, text, kind, told.status);
}

function choice(label, data, kind, told) {
  const button = element("button", { type: "button", class: kind, "data-choice": data }, label);
  button.addEventListener("click", () => told.choose(data, label, button));
  return button;
}

function copyButton(label, text, kind, status) {
  const button = element("button", { type: "button", class: `copy ${kind}`.trim() }, label);
  button.addEventListener("click", () => copy(button, text, null, status));
  return button;
}
