// Plays the patterns of tones.js on the clock of the audio hardware.
//
// A pattern is one looping buffer: once started it goes on exactly, whatever the page does. The
// loss of monitoring is a dead man's switch: its pattern is always scheduled a few seconds ahead,
// and every sign of life of the hub puts it off, so that it sounds even if this page hangs.

import { Progress, STILL_MS } from "./progress.js";
import { PATTERNS, burst, burstLength } from "./tones.js";

export const LOST_AFTER_S = 5;
export const MIN_VOLUME = 0.2; // never silent: what is turned down must still be heard
const REARM_S = 0.5;
const FADE_S = 0.01;

export class Player {
  /** @param {AudioContext} context */
  constructor(context = new AudioContext()) {
    this.context = context;
    this.progress = new Progress();
    this.waitingSince = performance.now(); // for its clock to go on, ms
    this.output = context.createGain();
    this.output.connect(context.destination);
    this.guardOutput = context.createGain();
    this.guardOutput.connect(this.output);
    /** @type {Map<PatternName, AudioBuffer>} */
    this.buffers = new Map();
    /** @type {{name: PatternName, source: AudioBufferSourceNode, gain: GainNode, at: number} | null} */
    this.playing = null; // {name, ids, source, gain, since}
    /** @type {AudioBufferSourceNode | null} */
    this.guard = null;
    this.guardAt = Infinity; // when it sounds, s of the context
  }

  /** Whether what is played can be heard, as far as a page can know. */
  get running() {
    const now = performance.now();
    const { state, currentTime } = this.context;
    const goesOn = this.progress.goesOn(currentTime, now);
    if (goesOn || state !== "running") this.waitingSince = now;
    return goesOn && state === "running";
  }

  /** Whether it has just been started, and may be heard in a moment. */
  get starting() {
    return !this.running && this.context.state === "running"
      && performance.now() - this.waitingSince < STILL_MS;
  }

  /** Whether it gives no sound any more, whatever is clicked. */
  get dead() {
    return this.context.state === "closed" || (!this.running && !this.starting
      && this.context.state === "running");
  }

  close() {
    this.context.onstatechange = null;
    if (this.context.state !== "closed") void this.context.close().catch(console.info);
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.output.gain.value = Math.min(1, Math.max(MIN_VOLUME, volume));
  }

  /**
   * @param {PatternName} name
   * @returns {AudioBuffer}
   */
  buffer(name) {
    const known = this.buffers.get(name);
    if (known !== undefined) return known;
    const samples = burst(PATTERNS[name], this.context.sampleRate, true);
    const buffer = this.context.createBuffer(1, samples.length, this.context.sampleRate);
    buffer.copyToChannel(samples, 0);
    this.buffers.set(name, buffer);
    return buffer;
  }

  /**
   * Play pattern `name` from its beginning until something else is asked for; null stops.
   * @param {PatternName | null} name
   */
  play(name) {
    this.stop();
    if (name === null) return;
    const gain = this.context.createGain();
    gain.connect(this.output);
    const source = this.source(name, gain);
    const at = this.context.currentTime + 2 * FADE_S;
    source.start(at);
    this.playing = { name, source, gain, at };
  }

  /** Whether a burst sounds right now, rather than the pause after it. */
  inBurst() {
    if (this.playing === null) return false;
    const { name, at } = this.playing;
    const pattern = PATTERNS[name];
    const place = (this.context.currentTime - at) % (burstLength(pattern) + pattern.pause);
    return place < burstLength(pattern);
  }

  stop() {
    if (this.playing === null) return;
    const { source, gain } = this.playing;
    const now = this.context.currentTime;
    gain.gain.setValueAtTime(1, now);
    gain.gain.linearRampToValueAtTime(0, now + FADE_S); // a cut would click
    source.stop(now + FADE_S);
    this.playing = null;
  }

  /**
   * One burst, to be heard by who sets the volume.
   * @param {PatternName} name
   */
  test(name) {
    const source = this.source(name, this.output);
    source.loop = false;
    source.start();
    source.stop(this.context.currentTime + burstLength(PATTERNS[name]));
  }

  /**
   * A sign of life: the loss of monitoring sounds in so many seconds unless there is another one.
   * @param {number} seconds
   */
  putOff(seconds = LOST_AFTER_S) {
    const at = this.context.currentTime + seconds;
    if (this.guard !== null && !this.lost && Math.abs(at - this.guardAt) < REARM_S) return;
    this.disarm();
    this.guard = this.source("lost", this.guardOutput);
    this.guard.start(at);
    this.guardAt = at;
  }

  /** Whether the loss of monitoring sounds. */
  get lost() {
    return this.guard !== null && this.context.currentTime >= this.guardAt;
  }

  disarm() {
    this.guard?.stop();
    this.guard = null;
  }

  /**
   * Hold the sound of the loss back for so many seconds, by the same clock; 0 lets it sound.
   * @param {number} seconds
   */
  muteGuard(seconds) {
    const { gain } = this.guardOutput;
    const now = this.context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(seconds > 0 ? 0 : 1, now);
    if (seconds > 0) gain.setValueAtTime(1, now + seconds);
  }

  /**
   * @param {PatternName} name
   * @param {AudioNode} output
   * @returns {AudioBufferSourceNode}
   */
  source(name, output) {
    const source = this.context.createBufferSource();
    source.buffer = this.buffer(name);
    source.loop = true;
    source.connect(output);
    return source;
  }
}
