// The end of a list that does not show all: it says so, and shows more when asked.

import { make, setText } from "../base/dom.js";
import { number, t, tn } from "../base/i18n.js";

export const PAGE = 300; // rows that are added at a time

export class Paged {
  /** @param {() => void} show draws the list anew, with `count` rows at most */
  constructor(show) {
    this.count = PAGE;
    this.text = make("span");
    this.more = make("button", { type: "button" });
    this.more.addEventListener("click", () => {
      this.count += PAGE;
      show();
    });
    this.element = make("p.list-end", {}, this.text, this.more);
  }

  /** Begin at the newest rows again: the list is of something else. */
  restart() {
    this.count = PAGE;
  }

  /**
   * Tell how much of the list is shown.
   * @param {number} known rows that this page has
   * @param {number} all rows that there are
   */
  update(known, all = known) {
    const shown = Math.min(this.count, known);
    this.element.hidden = all === 0;
    setText(this.text, endText(shown, all));
    this.more.hidden = shown === known;
    setText(this.more, tn("Show {n} more", "Show {n} more", Math.min(PAGE, known - shown)));
  }
}

/**
 * What stands at the end of a list, newest first.
 * @param {number} shown
 * @param {number} all
 * @returns {string}
 */
export function endText(shown, all) {
  return shown < all ? t("The newest {shown} of {all} are listed", { shown: number(shown), all: number(all) })
    : tn("{n} row, no more", "All {n} are listed", all);
}
