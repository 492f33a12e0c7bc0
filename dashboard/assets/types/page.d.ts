// Shapes that scripts of the page pass to one another.

type ElementOf<Tag extends string> = Tag extends keyof HTMLElementTagNameMap
  ? HTMLElementTagNameMap[Tag] : HTMLElement;
/** Element that `make("tag.class")` gives. */
type Made<Selector extends string> = Selector extends `${infer Tag}.${string}`
  ? ElementOf<Tag> : ElementOf<Selector>;
/** What an attribute may be set to. */
type Attributes = Record<string, string | number>;
/** What can be filled into a message. */
type Values = Record<string, string | number>;

/** How traces are shown on this screen (base/display.js). */
interface Display {
  /** mm/s. */
  speed: number;
  /** Times 10 mm/mV, unless it is what fits. */
  gain: number;
  /** Whether each bed's gain is what fits (trace/fit.js). */
  fit: boolean;
  /** Of each bed on the wall. */
  leads: number;
  grid: boolean;
  shortcuts: boolean;
  /** Whether beds stand by how urgent their alarms are, and not in their places. */
  urgent: boolean;
}

type DisplayNumber = "speed" | "gain" | "leads";
type DisplaySwitch = "grid" | "shortcuts" | "urgent";

/** A drawing, with the places of values in its px. */
interface Plot {
  element: SVGElement;
  x: (value: number) => number;
  y: (value: number) => number;
}

type Point = [x: number, y: number];

/** Something that is done again and again. */
interface Loop {
  now: () => Promise<void>;
  stop: () => void;
}

/** A module that shows a page (main.js). */
interface View {
  /** Asks for what the page will show, before there is an element to show it in. */
  ahead?: () => void;
  subscription: (element: HTMLElement) => Subscription;
  mount: (element: HTMLElement, station: import("../stream/station.js").Station,
    ward: import("../stream/ward.js").Ward) => KeyRow[] | void;
}

/** Keys of a page, as its help lists them, and what they do (header/keys.js). */
interface KeyRow {
  /** One or more, with spaces between them. */
  keys: string;
  text: string;
  /** By the key as events name it; none where the view listens itself. */
  acts?: Record<string, () => void>;
}

/** What tabs of a bed's page are given (bed/page.js). */
interface BedTools {
  explain: (beat: AskedBeat) => void;
  /** Where Plotly is. */
  plotly: string;
  /** The hub's Unix time, s; null before it is known. */
  now: () => number | null;
}

interface BedTab {
  open: (panel: HTMLElement, bed: import("../stream/bed.js").Bed, tools: BedTools) => () => void;
}

/** What Plotly tells its listeners: new ranges of axes, or the points that were clicked. */
interface PlotlyChange {
  points?: { customdata?: unknown, pointIndex?: number }[];
}

/** An element in which Plotly has drawn. */
interface PlotlyElement extends HTMLElement {
  data?: unknown;
  layout?: { xaxis: { range: object } };
  on?: (event: string, listener: (change: PlotlyChange) => void) => void;
}

/** Of Plotly, what is used of it. */
interface PlotlyLibrary {
  react: (place: HTMLElement, traces: object[], layout: object, config: object) => void;
  purge: (place: HTMLElement) => void;
}

interface Window {
  Plotly: PlotlyLibrary;
  ecgMonitor: import("../stream/station.js").Station;
  ecgMonitorSound: import("../sound/sound.js").Sound;
}

/** Names of the patterns of sound/tones.js; "lost" is the loss of monitoring. */
type PatternName = Priority | "lost";

/** A burst of pulses and the pause after it: times in s, pitches in Hz. */
interface Pattern {
  pulse: number;
  /** Between one pulse and the next. */
  gaps: number[];
  /** One for all pulses, or one for each. */
  pitches: number[];
  pause: number;
}

/** When the last sample before `n1` came, s. */
interface ArrivalNote {
  n1: number;
  at: number;
}

/** What a tab does about the lease of the sound (sound/lease.js). */
type Verdict = "keep" | "take" | "leave";

type Drawing = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What something that was asked of the dashboard came to: an answer, or why not, in words. */
type Answer = { answer: any, error?: undefined } | { answer?: undefined, error: string };

type Timer = ReturnType<typeof setTimeout>;

/** Class of an `EventTarget` whose events have these details, by name. */
type Emitter<Details> = new () => Omit<EventTarget, "addEventListener"> & {
  addEventListener: <Name extends keyof Details>(
    name: Name, listener: (event: CustomEvent<Details[Name]>) => void) => void;
};

/** A lane of a strip: its height in mm, and the mV in its middle (charts/strip.js). */
interface Lane {
  lead: StripLead;
  height: number;
  centre: number;
  cut: boolean;
}

/** Ranges of the axes, texts of their ticks; sizes in px (charts/svg.js). */
interface FrameOptions {
  width: number;
  height: number;
  x: [low: number, high: number];
  y: [low: number, high: number];
  label: string;
  xText: (value: number) => string;
  yText: (value: number) => string;
  left?: number;
  bottom?: number;
  top?: number;
  right?: number;
  /** At most so many. */
  xTicks?: number;
  yTicks?: number;
  xAt?: number[];
}

/** A line of a graph, for Plotly; `legend` is whether its name stands above the graph. */
interface GraphTrace {
  name?: string;
  legend?: boolean;
  line?: { color?: string, width?: number };
  [more: string]: unknown;
}

/** One of the graphs of the trends. */
interface Graph {
  title: string;
  /** Relative to the others. */
  height: number;
  traces: GraphTrace[];
  axis: object;
}

interface TextRow {
  kind: string;
  cells: string[];
}

/** Where an active alarm is shown (alarms/handling.js). */
interface AlarmPlace {
  alarm: Alarm | null;
  name: HTMLElement;
  detail: HTMLElement;
  button: HTMLButtonElement;
  /** Asks why it came, once it has been acknowledged. */
  why: HTMLButtonElement;
  element: HTMLElement;
}

/** A limit in the editor (patient/limits.js). */
interface LimitRow {
  section: string;
  key: string;
  element: HTMLElement;
  input: HTMLInputElement | HTMLSelectElement;
  problem: HTMLElement;
  fallback: HTMLElement;
  reset: HTMLElement;
}

/** Priority of a kind of alarm in the editor. */
interface LevelRow {
  element: HTMLElement;
  select: HTMLSelectElement;
  reset: HTMLElement;
}
