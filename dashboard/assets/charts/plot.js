// Plotly for the trends: loaded when they are opened first, coloured as the page is, and speaking its
// language.

import { LOCALE, t } from "../base/i18n.js";

/** @type {Promise<PlotlyLibrary> | null} */
let loading = null;

/**
 * Load Plotly from the dashboard's own server; it takes a second and 4.8 MB, once.
 * @param {string} address
 * @returns {Promise<PlotlyLibrary>}
 */
export function plotly(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error(address));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * Colours of the page, by the names of their variables without the dashes.
 * @param {string[]} names
 * @returns {Record<string, string>}
 */
export function colours(...names) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/**
 * A colour with an opacity, as Plotly wants it.
 * @param {string} colour
 * @param {number} opacity
 * @returns {string}
 */
export function faint(colour, opacity) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${opacity})`;
}

/**
 * What Plotly says by itself, in the page's language: names of months and days, the order of a date,
 * signs of numbers, and its buttons. To be spread into the settings of a graph.
 * @returns {{ locale: string, locales: object }}
 */
export function plotWords() {
  const name = (/** @type {Intl.DateTimeFormatOptions} */ options, /** @type {number} */ month, day = 1) =>
    new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: "UTC" }).format(Date.UTC(2023, month, day));
  const months = [...Array(12).keys()];
  const days = [...Array(7).keys()].map((i) => i + 1); // 1 January 2023 is a Sunday
  const signs = Object.fromEntries(new Intl.NumberFormat(LOCALE, { useGrouping: true }).formatToParts(12345.6)
    .map(({ type, value }) => [type, value]));
  // The day comes first where the name of its month is read first: on the right in Arabic.
  const { dir } = document.documentElement;
  const date = (/** @type {string} */ parts) => (dir === "rtl" ? `\u2067${parts}\u2069` : parts);
  const format = {
    months: months.map((month) => name({ month: "long" }, month)),
    shortMonths: months.map((month) => name({ month: "short" }, month)),
    days: days.map((day) => name({ weekday: "long" }, 0, day)),
    shortDays: days.map((day) => name({ weekday: "short" }, 0, day)),
    year: "%Y", month: date("%b %Y"), dayMonth: date("%-d %b"),
    dayMonthYear: date("%-d %b %Y"),
    decimal: signs.decimal, thousands: signs.group,
  };
  const dictionary = {
    "Download plot as a PNG": t("Save as a picture"),
    "Preparing image - this may take a few seconds": t("The picture is being made …"),
    "Image download succeeded": t("The picture is saved"),
    "Sorry, there was a problem downloading your image!": t("The picture could not be saved"),
    "Zoom": t("Zoom: draw a box"), "Pan": t("Move"), "Zoom in": t("Zoom in"), "Zoom out": t("Zoom out"),
    "Double-click to zoom back out": t("Double-click to see all again"),
  };
  return { locale: "page", locales: { page: { dictionary, format } } };
}
