// Care units (dashboard/answers/units.py).

/** A care unit that one may see. */
interface UnitInfo {
  id: string;
  name: string;
}

interface Unit extends UnitInfo {
  /** Grows with each change; what is posted names the one that was shown. */
  version: number;
  by: string;
}

/** The unit of a bed, as its page shows it. */
interface BedUnitState {
  /** Empty: none. */
  unit: string;
  name: string;
  version: number;
  by: string;
  /** Those that it may be given to. */
  units: Unit[];
  /** Whether it may be given to none. */
  may_free: boolean;
}

interface UnitBed {
  device: string;
  label: string;
  /** Whether the device is still known. */
  known: boolean;
  /** Empty: none. */
  unit: string;
  version: number;
}

interface PersonUnits {
  name: string;
  /** None: the person sees all beds. */
  units: string[];
  version: number;
  by: string;
}

/** What administrators see. */
interface AllUnits {
  units: Unit[];
  beds: UnitBed[];
  people: PersonUnits[];
}
