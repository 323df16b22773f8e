// One answer of the bot as a sheet: where we are in a story, its text, what can be pressed.

import { copy } from "./copying.js";
import { documents } from "./documents.js";
import { commands, say } from "./labels.js";
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

function link(label, url, kind) {
  const address = safeAddress(url);
  if (!address) return element("span", {}, label);
  return element(
    "a",
    { class: `button ${kind}`.trim(), href: address, target: "_blank", rel: "noopener noreferrer" },
    label,
    element("span", { class: "unseen" }, ` (${say("new_window")})`),
  );
}

// How a choice looks follows from where it leads, so that the next thing to do stands out.
function weight(data, { place, first, calls }) {
  const [scene, , step] = data.split(":");
  if (scene === "story" && place && step) {
    return Number(step) > place.step ? "next" : "back";
  }
  if (scene === "menu" || scene === "cases") return "plain";
  if (scene === "sign") return "main";
  if (first && calls) return "main";
  return "";
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
  const calls = parts.body.some(({ kind }) => kind === "call");
  parts.body.forEach((one) => sheet.append(...section(one, options)));
  if (message.block) sheet.append(block(message.block, told.status));
  if (message.attachment) sheet.append(documents(() => told.documents(number)));
  // Above a text that is to be sent stands the way to send it.
  const context = { place: parts.place, calls, leads: Boolean(message.block) };
  if (message.buttons.length) {
    sheet.append(buttons(message.buttons, context, told));
  }
  return sheet;
}

function picture({ picture: { case: id, alt }, language: spoken }) {
  const src = `cards/${id}.png?lang=${spoken}`;
  return element("img", { class: "who-it-is", src, alt, width: 1200, height: 630 });
}

function buttons(rows, context, told) {
  const all = element("div", { class: "buttons" });
  let first = true;
  for (const row of rows) {
    const line = element("div", { class: "row" });
    for (const [label, data, url, text] of row) {
      if (data) line.append(choice(label, data, { ...context, first }, told));
      else if (url) line.append(link(label, url, first && context.leads ? "main" : ""));
      else line.append(copyButton(label, text, told.status));
      first = false;
    }
    all.append(line);
  }
  return all;
}

function choice(label, data, context, told) {
  const kind = weight(data, context);
  const button = element("button", { type: "button", class: kind, "data-choice": data }, label);
  button.addEventListener("click", () => told.choose(data, label, button));
  return button;
}

function copyButton(label, text, status) {
  const button = element("button", { type: "button", class: "copy" }, label);
  button.addEventListener("click", () => copy(button, text, null, status));
  return button;
}
