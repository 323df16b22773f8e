// The ways beside a mail program: web mail, an e-mail file, another browser.

import { inAndroidBrowser } from "./compose_address.js";
import { eml, webMail } from "./compose_letter.js";
import { say } from "./labels.js";

const byId = (id) => document.getElementById(id);

// Links into web mail with this draft; those that do not take so much are named.
export function refreshWays(draft, limits) {
  const links = webMail(draft, limits);
  const without = [];
  for (const link of document.querySelectorAll("[data-service]")) {
    const found = links[link.dataset.service];
    link.parentElement.hidden = !found;
    if (found) link.href = found;
    else without.push(say(link.dataset.service));
  }
  byId("too-long").hidden = !without.length;
  byId("too-long").textContent = without.length
    ? say("too_long_for", { names: without.join(", ") })
    : "";
}

export function download(draft, letter) {
  const file = new Blob([eml(draft)], { type: "message/rfc822" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${say("eml_file")}-${letter.case}.eml`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Out of an app that shows the page within itself. `address`: the page with what was typed.
export function offerBrowser(page, address) {
  // Telegram's own browser need not say what it is.
  const inside = page.inside || ("TelegramWebviewProxy" in window ? page.platform : "");
  byId("in-browser").hidden = inside !== "android";
  byId("in-safari").hidden = inside !== "ios";
  byId("in-browser").addEventListener("click", (event) => {
    event.currentTarget.href = inAndroidBrowser(address());
  });
}
