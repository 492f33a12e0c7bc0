// The wheel over a strip: a second a notch. While a strip is on its way the notches add up, so that
// each that comes is shown, however fast one turns.

export class Wheel {
  /** @param {(seconds: number) => Promise<void>} go resolves when what it leads to is shown */
  constructor(go) {
    this.go = go;
    this.notches = 0; // that were not gone yet
    this.rolling = false;
  }

  /** @param {WheelEvent} event */
  turn(event) {
    if (event.ctrlKey) return; // that is the browser's own zoom
    event.preventDefault();
    const turned = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    this.notches += Math.sign(turned);
    if (!this.rolling) void this.roll();
  }

  async roll() {
    this.rolling = true;
    try {
      while (this.notches !== 0) {
        const { notches } = this;
        this.notches = 0;
        await this.go(notches);
      }
    } finally {
      this.rolling = false;
    }
  }
}
