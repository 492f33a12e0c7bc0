// What an editor of a stay, or of a bed without one, is about to save, held against what is saved. No page in here.

export class Draft {
  /**
   * `page` is what the dashboard tells of a bed (see dashboard/answers/patients.py). Where nobody is
   * admitted the draft is about the limits of the bed itself.
   * @param {LimitRules & {admission: StayFields | null, own: StayFields}} page
   */
  constructor(page) {
    const { name, category, limits, alarms } = page.admission ?? page.own;
    this.rules = page;
    this.saved = { name, category, limits, alarms };
    this.name = name;
    this.category = category;
    /** @type {Limits} */
    this.limits = structuredClone(limits);
    /** @type {AlarmLevels} */
    this.alarms = { ...alarms };
    /** @type {Map<string, string>} */
    this.unreadable = new Map(); // "section.key" -> text that is no number
  }

  /**
   * @param {string} section
   * @param {string} key
   * @returns {LimitValue}
   */
  fallback(section, key) {
    return this.rules.defaults[this.category][section][key];
  }

  /**
   * @param {string} section
   * @param {string} key
   * @returns {LimitValue}
   */
  value(section, key) {
    return this.limits[section]?.[key] ?? this.fallback(section, key);
  }

  /**
   * Take what was typed. The default itself is no value of the patient's own.
   * @param {string} section
   * @param {string} key
   * @param {string} text
   */
  set(section, key, text) {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    this.unreadable.delete(`${section}.${key}`);
    if (Number.isNaN(value)) this.unreadable.set(`${section}.${key}`, text);
    else if (value === this.fallback(section, key)) this.reset(section, key);
    else this.limits[section] = { ...this.limits[section], [key]: value };
  }

  /**
   * Take one of the words that a limit may have.
   * @param {string} section
   * @param {string} key
   * @param {string} word
   */
  choose(section, key, word) {
    if (word === this.fallback(section, key)) this.reset(section, key);
    else this.limits[section] = { ...this.limits[section], [key]: word };
  }

  /**
   * @param {string} section
   * @param {string} key
   */
  reset(section, key) {
    this.unreadable.delete(`${section}.${key}`);
    if (this.limits[section] === undefined) return;
    delete this.limits[section][key];
    if (Object.keys(this.limits[section]).length === 0) delete this.limits[section];
  }

  /**
   * @param {string} kind
   * @returns {string}
   */
  level(kind) {
    return this.alarms[kind] ?? this.rules.alarms[kind];
  }

  /**
   * @param {string} kind
   * @param {string} level
   */
  setLevel(kind, level) {
    if (level === this.rules.alarms[kind]) delete this.alarms[kind];
    else this.alarms[kind] = level;
  }

  /**
   * @param {string} section
   * @param {string} key
   * @returns {boolean}
   */
  isOwn(section, key) {
    return this.limits[section]?.[key] !== undefined || this.unreadable.has(`${section}.${key}`);
  }

  /**
   * How many fields differ from what is saved.
   * @returns {number}
   */
  changes() {
    const before = flat(this.saved);
    const after = flat(this);
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => before[name] !== after[name]).length + this.unreadable.size;
  }

  /**
   * What is wrong, by "section.key": {low, high}, {whole}, {least} or {most} to be put in words.
   * @returns {Map<string, LimitProblem>}
   */
  problems() {
    const found = new Map();
    for (const name of this.unreadable.keys()) found.set(name, { number: true });
    for (const [section, keys] of Object.entries(this.rules.ranges)) {
      for (const [key, [low, high, whole]] of Object.entries(keys)) {
        const name = `${section}.${key}`;
        const value = this.value(section, key);
        if (found.has(name)) continue;
        if (Number(value) < low || Number(value) > high) found.set(name, { low, high });
        else if (whole && !Number.isInteger(value)) found.set(name, { whole: true });
      }
    }
    for (const [section, chains] of Object.entries(this.rules.rising)) {
      for (const chain of chains) this.checkOrder(section, chain, found);
    }
    return found;
  }

  /**
   * Of two limits in the wrong order the one that was changed is at fault.
   * @param {string} section
   * @param {string[]} chain
   * @param {Map<string, LimitProblem>} found
   */
  checkOrder(section, chain, found) {
    for (let i = 1; i < chain.length; i++) {
      const [lower, upper] = [chain[i - 1], chain[i]];
      if (this.value(section, lower) <= this.value(section, upper)) continue;
      const upperChanged = this.limits[section]?.[upper] !== undefined;
      const [key, problem] = upperChanged
        ? [upper, { least: this.value(section, lower), other: lower }]
        : [lower, { most: this.value(section, upper), other: upper }];
      if (!found.has(`${section}.${key}`)) found.set(`${section}.${key}`, problem);
    }
  }

  /**
   * What is posted.
   * @returns {StayFields}
   */
  fields() {
    const { name, category, limits, alarms } = this;
    return { name: name.trim(), category, limits, alarms };
  }
}

/**
 * @param {StayFields} stay
 * @returns {Record<string, LimitValue>}
 */
function flat({ name, category, limits, alarms }) {
  /** @type {Record<string, LimitValue>} */
  const found = { name: name.trim(), category };
  for (const [section, values] of Object.entries(limits)) {
    for (const [key, value] of Object.entries(values)) found[`limits.${section}.${key}`] = value;
  }
  for (const [kind, level] of Object.entries(alarms)) found[`alarms.${kind}`] = level;
  return found;
}
