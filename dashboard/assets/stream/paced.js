// Beats that a pacemaker made. Their class is Q, "paced or unclassifiable" after EC57; on the screen
// they are P, so that a patient who is paced does not look like one whom nobody can make out.

const AHEAD_S = 0.35; // as detector/rhythm/rules/pacing.py has it
const BEHIND_S = 0.02;

/**
 * Whether a pulse lies just ahead of a beat of class Q.
 * @param {Pick<LiveBeat, "n" | "label">} beat
 * @param {number[]} pulses indices of samples
 * @param {number} fs Hz
 * @returns {boolean}
 */
export function isPaced({ n, label }, pulses, fs) {
  return label === "Q" && pulses.some((pulse) => n - pulse <= AHEAD_S * fs && pulse - n <= BEHIND_S * fs);
}

/**
 * The letter of a beat; null while its class is not decided.
 * @param {Pick<LiveBeat, "label" | "paced">} beat
 * @returns {string | null}
 */
export function letterOf({ label, paced }) {
  return paced ? "P" : label;
}
