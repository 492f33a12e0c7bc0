// Sets the theme before anything is painted; not a module, so that it runs at once.
//
// <html data-theme-choice> is what was chosen ("dark", "light" or "system"), <html data-theme> what
// is shown ("dark" or "light"). A change is told by the event "themechange" on document.
(() => {
  const root = document.documentElement;
  const light = matchMedia("(prefers-color-scheme: light)");
  const paper = matchMedia("print");
  let printing = false;

  function show() {
    const { themeChoice, theme } = root.dataset;
    const wanted = paper.matches || printing ? "light" : themeChoice === "system" ? (light.matches ? "light" : "dark") : themeChoice;
    if (wanted === theme) return;
    root.dataset.theme = wanted;
    document.dispatchEvent(new Event("themechange"));
  }

  light.addEventListener("change", show);
  // Paper is white: traces are drawn anew before it is printed.
  paper.addEventListener("change", show);
  addEventListener("beforeprint", () => {
    printing = true;
    show();
  });
  addEventListener("afterprint", () => {
    printing = false;
    show();
  });
  new MutationObserver(show).observe(root, { attributeFilter: ["data-theme-choice"] });
  show();
})();
