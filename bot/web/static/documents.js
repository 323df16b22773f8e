// Documents of an answer: asked for when the answer comes into view, then offered to be saved.

import { language, say } from "./labels.js";
import { element } from "./words.js";

function size(bytes) {
  const inMega = bytes > 900_000;
  const amount = inMega ? bytes / 1_000_000 : Math.max(1, bytes / 1000);
  const unit = inMega ? "megabyte" : "kilobyte";
  return new Intl.NumberFormat(language(), {
    style: "unit",
    unit,
    maximumFractionDigits: inMega ? 1 : 0,
  }).format(amount);
}

function blob(made) {
  const bytes = Uint8Array.from(atob(made.content), (sign) => sign.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: made.type }));
}

function shown(made) {
  const address = blob(made);
  const link = element(
    "a",
    { href: address, download: made.name, class: "document" },
    say("document_get", { name: made.name, size: size(made.size) }),
  );
  if (!/^image\/(png|jpeg|webp)$/.test(made.type)) return [link];
  return [element("img", { src: address, alt: made.name, class: "picture" }), link];
}

// `get`: asks for them, null where that failed.
export function documents(get) {
  const place = element("div", { class: "documents", role: "group", "aria-label": say("documents") });
  const make = async () => {
    place.replaceChildren(element("p", { class: "note" }, say("document_making")));
    const made = await get();
    if (made) {
      place.replaceChildren(...made.flatMap(shown));
      return;
    }
    const again = element("button", { type: "button" }, say("document_again"));
    again.addEventListener("click", make);
    place.replaceChildren(element("p", { class: "note" }, say("document_failed")), again);
  };
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    make();
  });
  watch.observe(place);
  return place;
}
