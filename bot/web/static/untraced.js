// Leaving no trace: what there is goes with the tab, after half an hour without a sign of life, and
// at once by the quick exit, which takes the page away.

import * as keeping from "./keeping.js";

const IDLE = 30 * 60_000;
const SIGNS = ["pointerdown", "keydown", "scroll"];

const headers = (key) => ({ Authorization: `Bearer ${key}`, "Content-Type": "application/json" });

function forgetting(key, more) {
  const turn = { id: keeping.newId(), kind: "forget" };
  return fetch("chat/turns", {
    method: "POST",
    headers: { ...headers(key), ...more },
    body: JSON.stringify(turn),
    credentials: "omit",
    keepalive: true, // it goes out while the page goes
  });
}

// gone(): nothing is to be shown any more.
export function begin(gone) {
  if (!keeping.untraced) return;
  const end = () => {
    if (keeping.key()) forgetting(keeping.key(), { Trace: "none" }).catch(() => {});
    gone();
  };
  let last = Date.now();
  for (const sign of SIGNS) {
    window.addEventListener(sign, () => (last = Date.now()), { capture: true, passive: true });
  }
  // A phone's sleep stops timers: the time that passed counts, as soon as somebody looks.
  const look = () => keeping.key() && Date.now() - last >= IDLE && end();
  setInterval(look, 20_000);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", end);
  offerToClear();
}

function offerToClear() {
  const key = keeping.keyOfBefore();
  if (!key) return;
  const place = document.getElementById("before");
  place.hidden = false;
  place.closest("details").open = true;
  document.getElementById("clear-before").addEventListener("click", async () => {
    const answer = await forgetting(key, {}).catch(() => null);
    if (!answer?.ok) return;
    keeping.dropBefore();
    place.hidden = true;
  });
}
