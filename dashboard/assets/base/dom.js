// Small helpers for making and updating elements.

/** Make an element: `make("div.name", {title: "x"}, child, "text")`. */
export function make(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Set the text only if it differs: an unchanged page costs the browser nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute only if it differs. */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Set a data- attribute, or remove it with null, only if it differs. */
export function setData(element, name, value) {
  if (value === null) {
    if (name in element.dataset) delete element.dataset[name];
  } else if (element.dataset[name] !== value) {
    element.dataset[name] = value;
  }
}

/** Colours for the traces, from the style sheet. */
export function traceColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    trace: colour("--trace"),
    N: colour("--beat-n"),
    S: colour("--beat-s"),
    V: colour("--beat-v"),
    F: colour("--beat-f"),
    Q: colour("--beat-q"),
    anomaly: colour("--anomaly"),
  };
}
