// Passing a story on: by what the phone itself offers; where it offers nothing, by links that carry the
// text. (Signal has no such link; on a phone it is among what "share" offers.)

import { say } from "./labels.js";
import { element } from "./words.js";

// A sentence that ends with the address it invites to.
export const PASSED_ON = /(?:^|\s)(https?:\/\/\S+)\s*$/;

const LINKS = [
  ["WhatsApp", (text) => `https://wa.me/?text=${text}`],
  ["Telegram", (text, address) => `https://t.me/share/url?url=${address}&text=${text}`],
  ["SMS", (text) => `sms:?&body=${text}`],
];

export function sharing(text) {
  const address = PASSED_ON.exec(text)[1];
  const row = element("div", { class: "row sharing" });
  if (navigator.share) {
    const button = element("button", { type: "button" }, say("share"));
    // Whoever closes the phone's own window has changed their mind: nothing to say.
    button.addEventListener("click", () => navigator.share({ text }).catch(() => {}));
    row.append(button);
    return row;
  }
  const before = text.slice(0, text.lastIndexOf(address)).trim();
  for (const [name, link] of LINKS) {
    const told = name === "Telegram" ? before : text;
    const href = link(encodeURIComponent(told), encodeURIComponent(address));
    const blank = href.startsWith("https:") && { target: "_blank", rel: "noopener noreferrer" };
    row.append(element("a", { class: "button", href, ...blank }, name));
  }
  return row;
}
