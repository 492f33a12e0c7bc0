// The rhythm that stands beside the trace: the gravest of those that are present.

import { t } from "./i18n.js";

// Ranked; the short names are those of ward monitors.
const RHYTHMS = {
  asystole: () => t("Asystole"),
  vf: () => t("VF"),
  vt_sustained: () => t("VT"),
  vt: () => t("VT"),
  ventricular_run: () => t("V run"),
  idioventricular: () => t("IVR"),
  av_block_2: () => t("AVB II"),
  svt: () => t("SVT"),
  af: () => t("AF"),
  pac_run: () => t("S run"),
  couplet: () => t("Couplet"),
  bigeminy: () => t("Bigeminy"),
  trigeminy: () => t("Trigeminy"),
};
const ORDER = Object.keys(RHYTHMS);

/** Kind of the gravest rhythm among alarms whose condition is present, or null. */
export function rhythmOf(present) {
  const kinds = present.map((alarm) => alarm.kind).filter((kind) => kind in RHYTHMS);
  return kinds.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] ?? null;
}

/** Short name of a rhythm; a dash where there is none to name. */
export function rhythmName(kind) {
  return kind === null ? "–" : RHYTHMS[kind]();
}
