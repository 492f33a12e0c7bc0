// Messages in the page's language, looked up by their English text (see dashboard/i18n/messages.py), and
// numbers and times as that language writes them.

const { lang, dir } = document.documentElement;
/** @type {Record<string, any>} */
const messages = JSON.parse(document.getElementById("messages")?.textContent ?? "{}");
const rightToLeft = dir === "rtl";

/**
 * For Intl. Arabic too has Latin digits: monitors, charts and printed ECGs in Arabic-speaking
 * hospitals have them, and a digit that looks like another one (٥ is 5, but much like 0) is a
 * hazard beside values that come with Latin digits from a device.
 */
export const LOCALE = { en: "en-GB", ar: "ar-u-nu-latn" }[lang] ?? lang ?? "en-GB";

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const plurals = new Intl.PluralRules(LOCALE);
/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map(); // making one costs more than all its use

/**
 * `t("by {name}", { name })`: the message in the page's language, with its places filled in.
 * @param {string} text
 * @param {Values} values
 * @returns {string}
 */
export function t(text, values = {}) {
  return fill(messages[text] ?? text, values);
}

/**
 * `tn("{n} bed", "{n} beds", count)`: the message for a count. A catalogue has it under the second
 * text, with one translation per plural category of the language.
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Values} values
 * @returns {string}
 */
export function tn(one, many, n, values = {}) {
  const category = plurals.select(n);
  const known = messages[many];
  const text = known === undefined ? (category === "one" ? one : many)
    : known[category] ?? known.other;
  return fill(text, { ...values, n: number(n) });
}

/**
 * A text with its places filled in: `{name}` by `values.name`.
 * @param {string} text
 * @param {Values} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g,
    (place, name) => (name in values ? isolate(values[name]) : place));
}

/**
 * A name within a text of the other direction keeps its own direction, and moves nothing.
 * @param {string | number} value
 * @returns {string}
 */
export function isolate(value) {
  return rightToLeft || RIGHT_TO_LEFT.test(String(value)) ? `\u2068${value}\u2069` : String(value);
}

/**
 * Things one after the other, as the page's language separates them.
 * @param {(string | number)[]} parts
 * @returns {string}
 */
export function listed(parts) {
  return parts.join(lang === "ar" ? "، " : ", ");
}

/**
 * What reads from left to right in every language: a value with its unit, a time of day.
 * @param {string} text
 * @returns {string}
 */
export function ltr(text) {
  return rightToLeft ? `\u2066${text}\u2069` : text;
}

/**
 * A number with at most `digits` decimals, or with exactly `least` to `digits`.
 * @param {number} value
 * @param {number} digits
 * @param {number} least
 * @returns {string}
 */
export function number(value, digits = 0, least = 0) {
  const key = `${digits} ${least}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE,
      // "negative": what rounds to nought has no sign.
      { maximumFractionDigits: digits, minimumFractionDigits: least, signDisplay: "negative" });
    formats.set(key, format);
  }
  return format.format(value).replace("-", "−"); // as wide as a plus, not as a hyphen
}

/**
 * A difference with its sign, of exactly `digits` decimals: "+0.12", "−5", "0.00".
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
export function signed(value, digits = 0) {
  const size = number(Math.abs(value), digits, digits);
  const zero = Number(Math.abs(value).toFixed(digits)) === 0;
  return ltr(`${zero ? "" : value < 0 ? "−" : "+"}${size}`);
}

/**
 * A value with its unit, which stays Latin: "1.10 mV".
 * @param {number} value
 * @param {string} unit
 * @param {number} digits
 * @returns {string}
 */
export function measure(value, unit, digits = 0) {
  return ltr(`${number(value, digits, digits)} ${unit}`);
}

/** The zone of all times on the page: what is shown stays, though the computer's zone be changed. */
export const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const clock = new Intl.DateTimeFormat(LOCALE,
  { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/**
 * Time of day of a Unix time in s.
 * @param {number} seconds
 * @returns {string}
 */
export function clockTime(seconds) {
  return ltr(clock.format(seconds * 1000));
}

const collator = new Intl.Collator(LOCALE, { numeric: true });

/**
 * Order of names as people expect it: "Bed 2" before "Bed 10".
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function byName(a, b) {
  return collator.compare(a, b);
}
