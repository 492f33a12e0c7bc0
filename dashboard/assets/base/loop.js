// One requestAnimationFrame loop for the whole page, and how well it keeps up.

/** @type {Set<(seconds: number) => void>} */
const tasks = new Set();
const intervals = new Float32Array(300); // 5 s at 60 Hz
let frames = 0;
/** @type {number | null} */
let last = null;

/**
 * Call `task(seconds)` once per frame with the frame's own time.
 * @param {(seconds: number) => void} task
 */
export function everyFrame(task) {
  tasks.add(task);
}

/**
 * Median frames per second of the last 300 frames, or null before there are 30.
 * @returns {number | null}
 */
export function framesPerSecond() {
  const count = Math.min(frames, intervals.length);
  if (count < 30) return null;
  const sorted = intervals.slice(0, count).sort();
  return 1000 / sorted[count >> 1];
}

/** @param {DOMHighResTimeStamp} now */
function frame(now) {
  requestAnimationFrame(frame);
  if (last !== null && !document.hidden && now - last < 1000) {
    intervals[frames++ % intervals.length] = now - last;
  }
  last = now;
  for (const task of tasks) task(now / 1000);
}

requestAnimationFrame(frame);
