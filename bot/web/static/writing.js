// The line to write in: folded until it is wanted, always below the screen that is shown.

const $ = (id) => document.getElementById(id);
const line = $("writing");
const open = $("write");
const form = $("say");
const text = $("text");

function unfold() {
  form.hidden = false;
  open.hidden = true;
  open.setAttribute("aria-expanded", "true");
  text.focus({ preventScroll: true });
}

export function fold() {
  form.hidden = true;
  open.hidden = false;
  open.setAttribute("aria-expanded", "false");
}

// Below the buttons of that screen. Whoever is writing goes on writing.
export function moveTo(sheet) {
  const isWriting = document.activeElement === text;
  const { selectionStart, selectionEnd } = text;
  line.hidden = false;
  sheet.querySelector(".tail").append(line);
  if (!isWriting) return;
  text.focus({ preventScroll: true });
  text.setSelectionRange(selectionStart, selectionEnd);
}

export function listen(said) {
  open.addEventListener("click", unfold);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = text.value.trim();
    if (!typed) return;
    text.value = "";
    fold();
    said(typed);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || text.value) return;
    fold();
    open.focus({ preventScroll: true });
  });
}
