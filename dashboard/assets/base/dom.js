// Small helpers for making and updating elements.

/**
 * Make an element: `make("div.name", {title: "x"}, child, "text")`.
 * @template {string} Selector
 * @param {Selector} selector
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 * @returns {Made<Selector>}
 */
export function make(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return /** @type {Made<Selector>} */ (element);
}

/**
 * An element that every page has.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element "${id}"`);
  return element;
}

/**
 * How much larger an element is drawn than its own CSS pixels: a television's window is enlarged
 * (see theme.css). What the page measures of it (getBoundingClientRect) is enlarged, what it is
 * given as style is not.
 * @param {Element} element
 * @returns {number}
 */
export function zoomOf(element) {
  return element.currentCSSZoom ?? 1; // browsers that cannot tell enlarge nothing
}

/**
 * Put a menu below the button that opens it, its far edge aligned with the button's and within the
 * window: popovers know nothing of who opened them.
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
export function placeBelow(menu, button) {
  const zoom = zoomOf(menu);
  const box = button.getBoundingClientRect();
  const { width } = menu.getBoundingClientRect();
  const left = document.documentElement.dir === "rtl" ? box.left : box.right - width;
  menu.style.top = `${box.bottom / zoom + 6}px`;
  menu.style.left = `${Math.max(6, Math.min(left, innerWidth - width - 6)) / zoom}px`;
}

/**
 * The first element within `place` that a selector matches.
 * @param {ParentNode} place
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function find(place, selector) {
  return place.querySelector(selector);
}

/**
 * The element that has the focus.
 * @returns {HTMLElement | null}
 */
export function focused() {
  return /** @type {HTMLElement | null} */ (document.activeElement);
}

/**
 * Give the focus to an element that may not be there.
 * @param {Element | null | undefined} element
 */
export function focusOn(element) {
  /** @type {HTMLElement | null | undefined} */ (element)?.focus();
}

/**
 * Set the text only if it differs: an unchanged page costs the browser nothing.
 * @param {Node} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Set an attribute only if it differs.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Set a data- attribute, or remove it with null, only if it differs.
 * @param {HTMLElement | SVGElement} element
 * @param {string} name
 * @param {string | null} value
 */
export function setData(element, name, value) {
  if (value === null) {
    if (name in element.dataset) delete element.dataset[name];
  } else if (element.dataset[name] !== value) {
    element.dataset[name] = value;
  }
}

/**
 * Give what the page shows an address: a step that Back returns from, or none (`step` false).
 * @param {string} address of this page
 * @param {boolean} step
 */
export function setAddress(address, step) {
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/**
 * Call `listener` when Back or Forward leads to another address of this page. Dash listens as well and
 * would draw the page anew: it is not told.
 * @param {() => void} listener
 */
export function onBack(listener) {
  addEventListener("popstate", (event) => {
    event.stopImmediatePropagation();
    listener();
  }, { capture: true });
}

/**
 * Colours for the traces, from the style sheet.
 * @returns {TraceColours}
 */
export function traceColours() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
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
