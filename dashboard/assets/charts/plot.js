// Plotly for the trends: loaded when they are opened first, coloured as the page is.

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
