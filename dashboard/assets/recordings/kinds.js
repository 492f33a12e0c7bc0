// The kinds of events that one can go to, as a list to choose from.

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { ALARMS, gravity } from "../base/vocabulary.js";
import { alarmName } from "../base/words.js";

const BEATS = /** @type {const} */ (["V", "S", "F"]);

/**
 * Offer the kinds of events that there are, the gravest first; what is chosen stays, if it is there.
 * @param {HTMLSelectElement} select
 * @param {RecordedAlarm[]} alarms
 */
export function offerKinds(select, alarms) {
  const { value } = select;
  const kinds = [...new Set(alarms.map(({ kind }) => kind))]
    .filter((kind) => kind in ALARMS).sort((a, b) => gravity(a) - gravity(b));
  select.replaceChildren(make("option", { value: "" }, t("Any alarm")),
    ...kinds.map((kind) => make("option", { value: kind }, alarmName(kind))),
    ...BEATS.map((label) => make("option", { value: `beat-${label}` },
      t("Beats {label} of this hour", { label }))));
  select.value = value;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}
