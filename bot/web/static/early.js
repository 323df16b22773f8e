// What is pressed before the page's own scripts are there: kept for them, and shown as taken. A plain
// script, loaded beside the style sheets, so that it is there as soon as anything can be seen.

(() => {
  const kept = { pressed: null };
  window.early = kept;
  const take = (event) => {
    const button = event.target.closest?.("[data-choice]");
    if (!button || kept.pressed) return;
    kept.pressed = button;
    button.setAttribute("aria-disabled", "true");
    button.classList.add("waiting");
  };
  document.addEventListener("click", take);
  kept.given = () => {
    document.removeEventListener("click", take);
    return kept.pressed;
  };
})();
