// The least of a browser that modules of the page look at when they are loaded: no element is drawn.
// To be imported before them; `speak` changes the page's language for what is loaded after it.

/** @type {Map<string, string>} */
const kept = new Map();
const root = { lang: "en", dir: "ltr", dataset: {}, style: {} };
/** @type {string | null} */
let messages = null;
// What the document would bring: the words of alarm kinds and limits, from dashboard/i18n.
const vocabulary = globalThis.process.env.VOCABULARY ?? null;

const shell = { dataset: { mostBytes: globalThis.process.env.MOST_BYTES ?? "" } };

const stand = {
  document: {
    documentElement: root,
    hidden: false,
    body: { append: () => {} },
    addEventListener: () => {},
    getElementById: (/** @type {string} */ id) => {
      if (id === "shell") return shell;
      const text = id === "messages" ? messages : id === "vocabulary" ? vocabulary : null;
      return text === null ? null : { textContent: text };
    },
    createElement: () => ({ setAttribute: () => {}, append: () => {}, dataset: {}, style: {} }),
  },
  location: { search: "", pathname: "/", protocol: "http:", hostname: "127.0.0.1" },
  localStorage: {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => { kept.set(key, value); },
    removeItem: (/** @type {string} */ key) => { kept.delete(key); },
  },
  screen: { width: 1920, height: 1080 },
  window: { devicePixelRatio: 1 },
  requestAnimationFrame: () => 0,
  matchMedia: () => ({ matches: false, addEventListener: () => {} }),
  addEventListener: () => {},
};
for (const [name, value] of Object.entries(stand)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

/**
 * Have what is loaded from now on speak a language, with these messages.
 * @param {string} lang
 * @param {"ltr" | "rtl"} dir
 * @param {object} catalogue
 */
export function speak(lang, dir, catalogue) {
  Object.assign(root, { lang, dir });
  messages = JSON.stringify(catalogue);
}
