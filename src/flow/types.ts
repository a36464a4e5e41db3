/** Bytes on every directed link, length links. */
export type LinkLoad = Float64Array;

/** Load over capacity in seconds: the time a link needs for its bytes at line rate. */
export interface LoadSummary {
  /** Largest bytes / rate over the switch-to-switch links, seconds. */
  readonly maxLoad: number;
  /** The link that has it (lowest id), -1 when there is no load. */
  readonly link: number;
  readonly meanLoad: number;
}

/** Largest load of a link between switches with so many pins; `ratio` is to the load with none. */
export interface CurvePoint {
  readonly pinned: number;
  readonly maxLoad: number;
  readonly ratio: number;
}
