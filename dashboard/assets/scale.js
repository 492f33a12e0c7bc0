// True millimetres on the screen, and the control by which a person sets them with a ruler.

const KEY = "ecg-monitor.px-per-mm";
const CSS_PX_PER_MM = 96 / 25.4; // what CSS assumes when nobody has measured
const BAR_PX = 300;

let pxPerMm = stored();
const listeners = new Set();

export const MM_PER_S = 25;
const MM_PER_MV = 10;
const LOW_TRACE_MM = 30; // lower than this, most patients' QRS would not fit at full size

function stored() {
  const value = Number(localStorage.getItem(KEY));
  return value > 0.5 && value < 50 ? value : null;
}

/** CSS pixels per millimetre on this screen. */
export function scale() {
  return pxPerMm ?? CSS_PX_PER_MM;
}

/** Millimetres per mV for a trace of so many CSS pixels: the usual 10, or half of it. */
export function mmPerMv(height) {
  return height / scale() < LOW_TRACE_MM ? MM_PER_MV / 2 : MM_PER_MV;
}

/** Call `listener` whenever the scale changes. */
export function onScale(listener) {
  listeners.add(listener);
}

function set(value) {
  pxPerMm = value;
  if (value === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, String(value));
  for (const listener of listeners) listener();
}

/** Make `button` open the ruler dialog. */
export function installScaleControl(button) {
  const dialog = document.createElement("dialog");
  dialog.className = "scale-dialog";
  dialog.innerHTML = `
    <form method="dialog">
      <h2>Scale of this screen</h2>
      <p>Hold a ruler to the bar and type its length. Traces then sweep at a true
         ${MM_PER_S} mm/s, ${MM_PER_MV} mm/mV.</p>
      <div class="ruler" style="width:${BAR_PX}px"></div>
      <label>Length of the bar
        <input type="number" min="10" max="500" step="0.5" required inputmode="decimal"> mm
      </label>
      <menu>
        <button value="reset" formnovalidate>Forget</button>
        <span></span>
        <button value="cancel" formnovalidate>Cancel</button>
        <button value="set" class="primary">Set</button>
      </menu>
    </form>`;
  document.body.append(dialog);
  const input = dialog.querySelector("input");
  button.addEventListener("click", () => {
    input.value = (BAR_PX / scale()).toFixed(1);
    dialog.returnValue = "";
    dialog.showModal();
    input.select();
  });
  // Enter in the field must mean "Set", not the form's first button.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    dialog.querySelector(".primary").click();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "set") set(BAR_PX / input.valueAsNumber);
    else if (dialog.returnValue === "reset") set(null);
  });
}
