// Whether there is anything on this computer that can sound: without it a browser plays into the void.

const LOOK_EVERY_MS = 10_000;

export class Outputs {
  /** `changed` is called when there are none any more, or some again. */
  constructor(/** @type {() => void} */ changed) {
    this.changed = changed;
    this.none = false;
    // Browsers tell pages of outputs on HTTPS or localhost alone; and only those in which a page can
    // choose one list them to a page that has asked for no microphone.
    this.told = "mediaDevices" in navigator && "setSinkId" in AudioContext.prototype;
    if (!this.told) return;
    navigator.mediaDevices.addEventListener("devicechange", () => this.look());
    setInterval(() => this.look(), LOOK_EVERY_MS);
    void this.look();
  }

  async look() {
    try {
      const devices = await navigator.mediaDevices.enumerateDevices();
      const none = !devices.some(({ kind }) => kind === "audiooutput");
      if (none === this.none) return;
      this.none = none;
      this.changed();
    } catch (error) {
      console.info("outputs of sound:", error);
    }
  }
}
