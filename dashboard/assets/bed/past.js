// From what is live to what was recorded: a key, a sideways wheel or a swipe over the traces goes
// back, and the review page opens at that moment.

const BACK_S = 12; // the recorder has what is this old, and the sweep still shows it
const SWIPE_PX = 70;
const KEYS = ["ArrowLeft", "PageUp"];

/**
 * Address of the review page at a moment.
 * @param {string} device
 * @param {number} now Unix s
 * @returns {string}
 */
export function pastAddress(device, now) {
  return `/review/${encodeURIComponent(device)}?at=${(now - BACK_S).toFixed(1)}`;
}

/**
 * Whether a wheel over the traces means to go back: sideways, or with Shift held.
 * @param {Pick<WheelEvent, "deltaX" | "deltaY" | "shiftKey">} event
 * @returns {boolean}
 */
export function goesBack({ deltaX, deltaY, shiftKey }) {
  return shiftKey ? deltaX < 0 || deltaY < 0 : deltaX < 0 && Math.abs(deltaX) > Math.abs(deltaY);
}

/**
 * Go back from the traces of a bed.
 * @param {HTMLElement} stack
 * @param {string} device
 * @param {() => number} now Unix s
 */
export function leadBack(stack, device, now) {
  const go = () => { location.assign(pastAddress(device, now())); };
  stack.addEventListener("wheel", (event) => { if (goesBack(event)) go(); }, { passive: true });
  /** @type {{x: number, y: number} | null} */
  let first = null;
  stack.addEventListener("touchstart", ({ touches }) => {
    first = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : null;
  }, { passive: true });
  stack.addEventListener("touchend", ({ changedTouches: [last] }) => {
    if (first === null || last === undefined) return;
    const across = last.clientX - first.x;
    if (across > SWIPE_PX && across > 2 * Math.abs(last.clientY - first.y)) go();
    first = null;
  }, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (!KEYS.includes(event.key) || !stack.isConnected) return;
    const { target } = event;
    if (target instanceof Element
      && target.closest("select, input, textarea, dialog, [role=tab], [role=tabpanel], [popover]")) return;
    event.preventDefault();
    go();
  });
}
