// What the page itself says, in the language of the conversation.

import { paragraphs } from "./words.js";

let wanted = "";
let page = JSON.parse(document.getElementById("page").textContent);

export function say(name, values = {}) {
  return (page.labels[name] ?? "").replace(/\{(\w+)\}/g, (whole, value) => values[value] ?? whole);
}

export function language() {
  return page.language;
}

export function commands() {
  return page.commands;
}

// The screen that the page came with, as messages.
export function first() {
  return page.first;
}

export function knows(code) {
  return page.languages.includes(code);
}

async function asked(code) {
  try {
    const answer = await fetch(`chat/labels/${code}`, { credentials: "omit" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// Afterwards `first` is the screen of the page itself, whatever link it was opened by.
export async function beginAnew() {
  page = (await asked(page.language)) ?? page;
}

// Everything on the page that is marked with a label is said again in that language.
export async function speak(code) {
  wanted = code;
  if (code === page.language || !knows(code)) return;
  const found = await asked(code);
  // The old words are understood as well; the next message tries again.
  if (!found || wanted !== code) return; // or it was changed again meanwhile
  page = found;
  const root = document.documentElement;
  root.lang = page.language;
  root.dir = page.direction;
  for (const one of document.querySelectorAll("[data-say]")) {
    one.textContent = say(one.dataset.say);
  }
  for (const one of document.querySelectorAll("[data-say-label]")) {
    one.setAttribute("aria-label", say(one.dataset.sayLabel));
  }
  for (const one of document.querySelectorAll("[data-say-placeholder]")) {
    one.placeholder = say(one.dataset.sayPlaceholder);
  }
  for (const one of document.querySelectorAll("[data-say-rich]")) {
    one.replaceChildren(...paragraphs(say(one.dataset.sayRich)));
  }
  for (const one of document.querySelectorAll(".commands [data-command]")) {
    one.textContent = page.commands[one.dataset.command] ?? one.textContent;
  }
  for (const one of document.querySelectorAll("[data-language]")) {
    if (one.dataset.language === code) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  document.title = `${say("title")} · ${document.querySelector(".org").textContent}`;
}
