// The browser's history: an entry a screen, so that "back" shows the screen before and does not leave
// in the middle of a story. What was pressed is not pressed again by it.

const history = window.history;

// Without trace there are no entries beside the page itself.
let isKept = true;

export function keepNone() {
  isKept = false;
}

export function begin(number) {
  history.scrollRestoration = "manual";
  history.replaceState({ screen: number }, "", window.location.pathname);
}

export function add(number) {
  if (isKept) history.pushState({ screen: number }, "");
  else here(number);
}

export function here(number) {
  history.replaceState({ screen: number }, "");
}

export function whenGone(told) {
  window.addEventListener("popstate", (event) => {
    if (event.state && "screen" in event.state) told(event.state.screen);
  });
}
