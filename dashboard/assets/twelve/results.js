// What is made of the network's answer before it is drawn: plain functions, no element is touched.

/** The limb leads as they look at the heart from left to right, then the chest leads (Cabrera). */
const ORDER = ["aVL", "I", "-aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6"];

const LEAST_WEIGHT = 0.5; // log odds at which shading is full, unless some part has more
const POOR_AUC = 0.7; // below, a label is found hardly more often than by chance

/**
 * Labels that were decided for first, each group by probability.
 * @param {LabelResult[]} labels
 * @returns {LabelResult[]}
 */
export function ranked(labels) {
  return labels.toSorted((a, b) => Number(b.decided) - Number(a.decided) || b.probability - a.probability);
}

/**
 * Which label is shown first: a finding that was decided for, normal ones last.
 * @param {LabelResult[]} labels
 * @returns {string}
 */
export function foremost(labels) {
  const order = ranked(labels);
  const ill = order.find(({ label, decided }) => decided && label !== "NORM" && label !== "SNR");
  return (ill ?? order[0]).label;
}

/**
 * The bars of the ST map.
 * @param {Pick<Findings, "st_mv" | "st_limits_mv">} found
 * @returns {StBar[]}
 */
export function stBars({ st_mv: levels, st_limits_mv: limits }) {
  return ORDER.map((name) => {
    const turned = name.startsWith("-");
    const lead = turned ? name.slice(1) : name;
    const level = lead in levels ? (turned ? -levels[lead] : levels[lead]) : null;
    const [below, ...above] = limits[lead];
    const beyond = level !== null && (level >= above[0] || level <= below);
    return { name: name.replace("-", "−"), level, above, below, beyond };
  });
}

/**
 * Weights from -1 to 1: the largest is full, but what hardly matters stays faint.
 * @param {number[]} lost log odds
 * @returns {number[]}
 */
export function weights(lost) {
  const most = Math.max(LEAST_WEIGHT, ...lost.map(Math.abs));
  return lost.map((one) => one / most);
}

/**
 * Whether the network is hardly better than chance at a label.
 * @param {TestScore} test
 * @returns {boolean}
 */
export function poor({ auc }) {
  return auc < POOR_AUC;
}
