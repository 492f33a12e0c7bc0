// What alarm kinds and limits are called, in the page's language: the document brings it (see
// dashboard/i18n/vocabulary.py), so that no script names a kind or a limit.

/**
 * @typedef {object} AlarmWords
 * @property {string} name
 * @property {string | null} short what it is called where there is no room for its name
 * @property {string | null} lead_fault what it is called with the name of a lead, for "{lead}"
 * @property {boolean} rhythm whether it may stand beside the trace
 * @property {string | null} no_premature why no beat in this rhythm is premature
 * @property {boolean} of_rate whether it is an alarm of the heart rate itself
 * @property {boolean} withholds whether numbers of the heart mean nothing while it is present
 * @property {boolean} unwatched whether the heart, or its rhythm, is not watched while it is present
 * @property {number | null} shown_beats one of so many last beats must be ventricular for it to
 *   stand beside the trace
 */

/**
 * @typedef {object} LimitWords
 * @property {string} name
 * @property {string} unit
 * @property {boolean} fine whether it is for fine tuning
 * @property {Record<string, string>} choices names of the words that it may be
 */

const served = JSON.parse(document.getElementById("vocabulary")?.textContent ?? "{}");

/**
 * Every kind of alarm, the gravest first.
 * @type {Record<string, AlarmWords>}
 */
export const ALARMS = served.alarms ?? {};

const RANKS = new Map(Object.keys(ALARMS).map((kind, place) => [kind, place]));

/**
 * Place of a kind among all, 0 for the gravest; one that nobody has heard of comes last.
 * @param {string} kind
 * @returns {number}
 */
export function gravity(kind) {
  return RANKS.get(kind) ?? RANKS.size;
}

/**
 * Every limit by its section, in the order in which an editor shows them.
 * @type {Record<string, { name: string, limits: Record<string, LimitWords> }>}
 */
export const LIMITS = served.limits ?? {};
