// Asks every few seconds how far a broadcast is; where something else changed, the page is read anew.

const shown = document.querySelector("[data-progress]");
const EVERY = 3000;

async function look() {
  const answer = await fetch(shown.dataset.progress).catch(() => undefined);
  if (!answer?.ok || answer.redirected) {
    return;
  }
  const now = await answer.json();
  if (now.state !== shown.dataset.state || String(now.counted) !== shown.dataset.counted) {
    // Not while somebody writes: their words would be gone.
    if (!document.querySelector("form[data-touched]")) {
      location.reload();
    }
    return;
  }
  const bar = shown.querySelector("progress");
  if (bar) {
    bar.value = now.percent;
  }
  shown.querySelector("[data-figures]").textContent = now.figures;
}

for (const form of document.forms) {
  form.addEventListener("input", () => form.setAttribute("data-touched", ""));
}
setInterval(() => {
  if (!document.hidden) {
    look();
  }
}, EVERY);
