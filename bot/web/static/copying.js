// Copying to the clipboard, and saying so; where a browser does not let us, the text is selected.

import { say } from "./labels.js";

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text);
  }
}

function copiedTheOldWay(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  field.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

// `shown`: an element that holds the text, to be selected where copying fails.
export async function copy(button, text, shown, status) {
  if (await copied(text)) {
    const label = button.dataset.label ?? button.textContent;
    button.dataset.label = label;
    button.textContent = `✓ ${say("copied")}`;
    status(say("copied"));
    clearTimeout(button.timer);
    button.timer = setTimeout(() => {
      button.textContent = label;
    }, 2500);
    return;
  }
  if (shown) {
    window.getSelection().selectAllChildren(shown);
  }
  status(say("copy_failed"));
}
