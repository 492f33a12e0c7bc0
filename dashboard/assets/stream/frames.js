// Reads the binary frames of the hub; dashboard/hub/frames.py documents their layout.

const HEADER = 56;
const KIND_SAMPLES = 1;
const KIND_DATE = 2;
const DATE = 16;

/**
 * Return the frames of one message: one lead of one packet each.
 * @param {ArrayBuffer} buffer
 * @returns {Frame[]}
 */
export function parseFrames(buffer) {
  const view = new DataView(buffer);
  const frames = [];
  let at = 0;
  while (at < buffer.byteLength) {
    if (view.getUint8(at) === KIND_DATE) {
      at += DATE;
      continue;
    }
    if (view.getUint8(at) !== KIND_SAMPLES) throw new Error(`unknown frame at byte ${at}`);
    const count = view.getUint32(at + 48, true);
    const given = view.getUint32(at + 52, true);
    const flags = view.getUint8(at + 1);
    frames.push({
      leadOff: (flags & 1) !== 0,
      history: (flags & 2) !== 0,
      bed: view.getUint16(at + 2, true),
      tag: view.getUint16(at + 4, true),
      lead: view.getUint8(at + 6),
      n0: view.getFloat64(at + 8, true),
      start: view.getFloat64(at + 16, true),
      arrival: view.getFloat64(at + 24, true),
      fs: view.getFloat64(at + 32, true),
      gain: view.getFloat32(at + 40, true),
      baseline: view.getFloat32(at + 44, true),
      samples: new Int16Array(buffer, at + HEADER, count),
      pulses: new Uint16Array(buffer, at + HEADER + 2 * count, given),
    });
    at += HEADER + Math.ceil((count + given) / 4) * 8;
  }
  return frames;
}

/**
 * When the hub sent a message of frames, its Unix time in s; null if it does not say.
 * @param {ArrayBuffer} buffer
 * @returns {number | null}
 */
export function dateOf(buffer) {
  const view = new DataView(buffer);
  return buffer.byteLength >= DATE && view.getUint8(0) === KIND_DATE ? view.getFloat64(8, true) : null;
}
