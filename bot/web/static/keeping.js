// What this browser keeps: the visitor's random key, turns that are still to be sent, the language.
// Where a browser refuses to keep anything, it is kept as long as the page is open.

const ROOM = "campaign-chat.";
const KEY = ROOM + "key";
const TURN = ROOM + "turn.";
const LANGUAGE = ROOM + "language";
const KEY_FORM = /^[A-Za-z0-9_-]{43}$/;

const memory = new Map();
// Of whoever leaves no trace nothing is kept beyond the page: not even a reload finds it.
export const untraced = document.body.dataset.trace === "none";
let storage = null;
try {
  storage = window.localStorage;
  storage.setItem(ROOM + "try", "1");
  storage.removeItem(ROOM + "try");
} catch {
  storage = null;
}
export const keepsNothing = storage === null;
const before = storage;
if (untraced) storage = null;

// What an earlier conversation left in this browser: its key, "" for none.
export function keyOfBefore() {
  return (untraced && before?.getItem(KEY)) || "";
}

export function dropBefore() {
  for (const name of Object.keys(before ?? {})) if (name.startsWith(ROOM)) before.removeItem(name);
}

function get(name) {
  return storage ? storage.getItem(name) : (memory.get(name) ?? null);
}

function set(name, value) {
  try {
    if (storage) {
      storage.setItem(name, value);
      return;
    }
  } catch {
    // Full: as good as none, for this value.
  }
  memory.set(name, value);
}

function remove(name) {
  if (storage) storage.removeItem(name);
  memory.delete(name);
}

function names() {
  const kept = storage ? Object.keys(storage) : [];
  return [...new Set([...kept, ...memory.keys()])];
}

export function key() {
  const found = get(KEY);
  return found && KEY_FORM.test(found) ? found : "";
}

export function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  set(KEY, text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
  return key();
}

export function language() {
  return get(LANGUAGE) ?? "";
}

export function keepLanguage(code) {
  set(LANGUAGE, code);
}

// Each turn under a name of its own, so that two tabs never overwrite each other's. The names sort
// in the order of the turns.
let last = 0;

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function keepTurn(turn) {
  last = Math.max(last + 1, Date.now());
  set(`${TURN}${String(last).padStart(16, "0")}.${turn.id}`, JSON.stringify(turn));
}

export function turnsToSend() {
  return names()
    .filter((name) => name.startsWith(TURN))
    .sort()
    .map((name) => {
      try {
        return JSON.parse(get(name) ?? memory.get(name));
      } catch {
        remove(name);
        return null;
      }
    })
    .filter(Boolean);
}

export function turnSent(id) {
  for (const name of names()) {
    if (name.startsWith(TURN) && name.endsWith(`.${id}`)) remove(name);
  }
}

export function forgetEverything() {
  for (const name of names()) if (name.startsWith(ROOM) && name !== LANGUAGE) remove(name);
}

// Told when another tab made or dropped the key.
export function whenKeyChanges(told) {
  if (untraced) return;
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) told(key());
  });
}
