// The rhythm that stands beside the trace: the gravest of those that are present.

import { t } from "../base/i18n.js";
import { alarmTitle } from "../base/words.js";

// Ranked; the short names are those of ward monitors.
/** @type {Record<string, () => string>} */
const RHYTHMS = {
  asystole: () => t("Asystole"),
  vf: () => t("VF"),
  vt_sustained: () => t("VT"),
  vt: () => t("VT"),
  ventricular_run: () => t("V run"),
  idioventricular: () => t("IVR"),
  av_block_3: () => t("AVB III"),
  av_block_2: () => t("AVB II"),
  svt: () => t("SVT"),
  af: () => t("AF"),
  atrial_flutter: () => t("AFL"),
  pac_run: () => t("S run"),
  couplet: () => t("Couplet"),
  bigeminy: () => t("Bigeminy"),
  trigeminy: () => t("Trigeminy"),
  paced: () => t("Paced"), // told by the detector's numbers: it is no alarm
};
const ORDER = Object.keys(RHYTHMS);

/**
 * Kind of the gravest rhythm among alarms whose condition is present, or null.
 * @param {Pick<Alarm, "kind">[]} present
 * @returns {string | null}
 */
export function rhythmOf(present) {
  const kinds = present.map((alarm) => alarm.kind).filter((kind) => kind in RHYTHMS);
  return kinds.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] ?? null;
}

// Of alarms that are no rhythm, or are told more exactly than the rhythm is.
/** @type {Record<string, () => string>} */
const SHORT = {
  extreme_tachycardia: () => t("xTachy"),
  extreme_bradycardia: () => t("xBrady"),
  tachycardia: () => t("Tachy"),
  bradycardia: () => t("Brady"),
  multiform_pvc: () => t("Multiform"),
  pvc_rate: () => t("PVC/min"),
  st_deviation: () => t("ST"),
  r_on_t: () => t("R-on-T"),
  leadoff: () => t("Leads off"),
  amplitude: () => t("Unit?"),
  noise: () => t("Noise"),
  pacer_not_capture: () => t("No capture"),
  pacer_not_pacing: () => t("No pacing"),
  leads_disagree: () => t("Leads differ"),
  qrs_wide: () => t("QRS"),
  qtc_long: () => t("QTc"),
};

/**
 * What a monitor calls an alarm where there is no room for its name.
 * @param {Pick<Alarm, "kind" | "lead">} alarm
 * @returns {string}
 */
export function shortName({ kind, lead }) {
  return (SHORT[kind] ?? RHYTHMS[kind] ?? (() => alarmTitle({ kind, lead })))();
}

/**
 * Short name of a rhythm; a dash where there is none to name.
 * @param {string | null} kind
 * @returns {string}
 */
export function rhythmName(kind) {
  return kind === null ? "–" : RHYTHMS[kind]?.() ?? "–";
}
