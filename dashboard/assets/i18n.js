// Messages in the page's language, looked up by their English text (see dashboard/i18n.py).

const messages = JSON.parse(document.getElementById("messages")?.textContent ?? "{}");

/** `t("by {name}", { name })`: the message in the page's language, with its places filled in. */
export function t(text, values = {}) {
  return (messages[text] ?? text).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
