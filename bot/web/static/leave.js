// Leaving at once: the page is emptied, what this tab kept is dropped, and a harmless page takes its
// place in the history, so that "back" does not lead here again. By the button, or by Esc twice.

const TWICE_WITHIN = 1500;

const button = document.getElementById("leave");
let last = 0;

function leave(event) {
  event?.preventDefault();
  try {
    window.sessionStorage.clear();
  } catch {
    // a browser that keeps nothing has nothing to drop
  }
  for (const field of document.querySelectorAll("input, textarea")) field.value = "";
  document.body.replaceChildren();
  document.title = "";
  location.replace(button.href);
}

button.addEventListener("click", leave);
window.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || event.repeat || event.isComposing) return;
    if (last && event.timeStamp - last <= TWICE_WITHIN) leave();
    last = event.timeStamp;
  },
  { capture: true },
);
