import type { Confidence } from '../catalog/types.ts';
import type { DefaultTaken } from '../spec/types.ts';

/** The plan: one JSON object, SI units, no time, date, path, host or worker count in it. */
export interface Plan {
  readonly version: 1;
  readonly spec: PlanSpec;
  readonly assumptions: Assumptions;
  readonly workload: unknown;
  readonly traffic: unknown;
  readonly fabric: unknown;
  readonly profile: unknown;
  readonly routing: unknown;
  readonly checks: Checks;
}

export interface PlanSpec {
  readonly name: string;
  readonly seed: number;
}

export interface Assumptions {
  readonly constants: readonly AssumedConstant[];
  readonly defaults: readonly DefaultTaken[];
}

export interface AssumedConstant {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
  readonly date: string;
  readonly confidence: Confidence;
}

export interface Checks {
  readonly noJam: NoJam;
  readonly expectations: readonly { readonly expectation: string; readonly met: boolean; readonly found: number }[];
}

/** Every link within 1.05 of its ideal time, or the links that are not. */
export interface NoJam {
  readonly holds: boolean;
  readonly idealSeconds: number;
  readonly jammedLinks: number;
  /** The worst of them. */
  readonly jams: readonly { readonly link: string; readonly slowdown: number }[];
}
