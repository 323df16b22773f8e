// Texts as the bot writes them (light HTML, made on the server) → elements. Nothing here can turn
// text into markup: elements are created one by one, from a short list, and all else stays text.

const TOKEN = /<(\/?)(strong|em|code|a)((?:\s[^<>]*)?)>|&(amp|lt|gt|quot|#34|#39|#x27);|[^<&]+|[<&]/g;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#34": '"', "#39": "'", "#x27": "'" };
const ADDRESS = /href="([^"]*)"/;
const ALLOWED = /^(?:https?|tg):/i;
// The name in its own characters, with the dots that part them.
const CHINESE = /(\p{Script=Han}[\p{Script=Han}·‧・]*)/u;
const COMMAND = /(^|[\s\u2066])(\/[a-z]{2,20})(?![\w/])/;
const BULLET = /^[•–]\s+/;

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function safeAddress(address) {
  return ALLOWED.test(address) ? address : "";
}

function unescaped(text) {
  return text.replace(/&(amp|lt|gt|quot|#34|#39|#x27);/g, (_, name) => ENTITIES[name]);
}

// Plain text, with Chinese marked as such and commands as buttons.
export function plain(text, commands = null) {
  const parts = [];
  text.split(CHINESE).forEach((part, place) => {
    if (!part) return;
    if (place % 2) {
      parts.push(element("span", { lang: "zh", class: "zh" }, part));
      return;
    }
    let rest = part;
    for (let found = COMMAND.exec(rest); found; found = COMMAND.exec(rest)) {
      const name = found[2].slice(1);
      const end = found.index + found[0].length;
      if (commands && Object.hasOwn(commands, name)) {
        parts.push(rest.slice(0, found.index) + found[1]);
        parts.push(
          element("button", { type: "button", class: "inline", "data-command": name }, found[2]),
        );
      } else {
        parts.push(rest.slice(0, end));
      }
      rest = rest.slice(end);
    }
    if (rest) parts.push(rest);
  });
  return parts;
}

export function inline(text, { commands = null, newWindow = "" } = {}) {
  const top = document.createDocumentFragment();
  const open = [{ name: "", node: top }];
  for (const [whole, closing, name, attributes, entity] of text.matchAll(TOKEN)) {
    const within = open[open.length - 1].node;
    if (entity) {
      within.append(ENTITIES[entity]);
    } else if (!name) {
      within.append(...plain(whole, commands));
    } else if (!closing) {
      let made = element(name);
      if (name === "a") {
        const address = safeAddress(unescaped((ADDRESS.exec(attributes) ?? ["", ""])[1]));
        made = address
          ? element("a", { href: address, target: "_blank", rel: "noopener noreferrer" })
          : element("span");
      }
      within.append(made);
      open.push({ name, node: made });
    } else if (open.length > 1 && open[open.length - 1].name === name) {
      const closed = open.pop();
      if (name === "a" && newWindow) {
        closed.node.append(element("span", { class: "unseen" }, ` (${newWindow})`));
      }
    }
  }
  return top;
}

function withBreaks(lines, options) {
  const made = document.createDocumentFragment();
  lines.forEach((line, place) => {
    if (place) made.append(element("br"));
    made.append(inline(line, options));
  });
  return made;
}

// One paragraph of the text → elements: lists are lists, all else keeps its line breaks.
function paragraph(text, options) {
  const parts = [];
  let lines = [];
  let list = null;
  const flush = () => {
    if (lines.length) parts.push(element("p", {}, withBreaks(lines, options)));
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (BULLET.test(line)) {
      flush();
      list ??= element("ul");
      if (!list.isConnected && !parts.includes(list)) parts.push(list);
      list.append(element("li", {}, inline(line.replace(BULLET, ""), options)));
    } else {
      list = null;
      lines.push(line);
    }
  }
  flush();
  return parts;
}

export function paragraphs(text, options = {}) {
  return text
    .split(/\n{2,}/)
    .filter((part) => part.trim())
    .flatMap((part) => paragraph(part, options));
}

const PLACE = /^(.+) · (\d{1,2})\s*\/\s*(\d{1,2})$/;
const CALL = /^(\u200f?)👉\s*/u;
const HEADING = /^<strong>([^\n]*)<\/strong>$/;
// A name with its own characters, alone on its line.
const NAMED = /^<strong>([^\n<]*)<\/strong> (\p{Script=Han}[\p{Script=Han}·‧・]*)$/u;
const NOTE = /^<em>[^\n]*<\/em>$/;
// Marks of direction, for those who have no other way to tell it (bot/wording/direction.py).
const MARKS = /[\u200f\u2066\u2069]/g;

// What a screen is made of: {banner, place, heading, body}. A screen that is written otherwise is
// all body. A banner is what stands before the place or the heading.
export function anatomy(text) {
  const parts = text.split(/\n{2,}/).filter((part) => part.trim());
  const found = { banner: "", place: null, heading: "", body: [] };
  const bare = (part = "") => part.replace(MARKS, "");
  const begins = (part = "") => PLACE.test(bare(part)) || HEADING.test(bare(part).split("\n")[0]);
  if (!begins(parts[0]) && begins(parts[1])) found.banner = parts.shift();
  const place = PLACE.exec(bare(parts[0]));
  if (place && Number(place[2]) <= Number(place[3])) {
    const [name, chinese = ""] = place[1].split(/ · (?=\p{Script=Han})/u);
    found.place = { name, chinese, step: Number(place[2]), steps: Number(place[3]) };
    parts.shift();
  }
  const lines = (parts[0] ?? "").split("\n");
  const named = lines.length === 1 && NAMED.exec(bare(lines[0]));
  const heading = HEADING.exec(bare(lines[0])) ?? named;
  if (heading) {
    found.heading = heading.slice(1).join(" ");
    lines.shift();
    parts.splice(0, 1, ...(lines.length ? [lines.join("\n")] : []));
  }
  found.body = parts.map((part) => ({
    kind: CALL.test(part) ? "call" : NOTE.test(bare(part)) ? "note" : "text",
    text: part.replace(CALL, "$1"),
  }));
  return found;
}
