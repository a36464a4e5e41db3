import type { ProgressEvent } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import type { RouteChoices } from '../plan/route-job.ts';
import type { Objective } from '../search/types.ts';
import type { Fidelity } from '../simulate/types.ts';

/** What POST /api/plan takes. */
export interface PlanRequestBody {
  /** The spec as YAML text, or as the object that the YAML would be. */
  readonly spec: string | Readonly<Record<string, unknown>>;
  readonly seed?: number | undefined;
  readonly without?: readonly string[] | undefined;
  /** Parts that break under the running job. */
  readonly fail?: readonly string[] | undefined;
  /** Text of the files that the spec names; no other file can be read. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** What POST /api/route takes: the arguments of `planewright route`, with files as text. */
export interface RouteRequestBody extends RouteChoices {
  readonly fabric: string;
  readonly traffic?: string | undefined;
  /** OpenSM's dump of the tables in use, one a plane. */
  readonly tables?: readonly string[] | undefined;
  readonly without?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** Matrices that `traffic` names. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** What POST /api/simulate takes: the arguments of `planewright simulate`, with files as text. SI throughout. */
export interface SimulateRequestBody {
  readonly fabric: string;
  readonly traffic?: string | undefined;
  readonly size?: number | undefined;
  readonly routing?: string | undefined;
  readonly seeds?: number | undefined;
  readonly seed?: number | undefined;
  readonly without?: readonly string[] | undefined;
  readonly fail?: readonly string[] | undefined;
  readonly rerouteAfter?: number | undefined;
  readonly fidelity?: Fidelity | undefined;
  readonly top?: number | undefined;
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** What POST /api/advise takes. */
export type AdviseRequestBody = Omit<PlanRequestBody, 'without' | 'fail'>;

/** What POST /api/scale takes. */
export interface ScaleRequestBody extends AdviseRequestBody {
  readonly days?: number | undefined;
}

/** What POST /api/search takes. */
export interface SearchRequestBody extends AdviseRequestBody {
  readonly objective?: Objective | undefined;
  readonly top?: number | undefined;
  readonly maxMw?: number | undefined;
  readonly byDays?: number | undefined;
}

export type Job =
  | { readonly kind: 'scale'; readonly body: ScaleRequestBody }
  | { readonly kind: 'search'; readonly body: SearchRequestBody }
  | { readonly kind: 'advise'; readonly body: AdviseRequestBody }
  | { readonly kind: 'simulate'; readonly body: SimulateRequestBody }
  | { readonly kind: 'plan'; readonly body: PlanRequestBody }
  | { readonly kind: 'route'; readonly body: RouteRequestBody };

/** The text that the command would print with --json, or why there is none. */
export type Outcome =
  | { readonly ok: true; readonly text: string; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** To a worker: a job, and a flag in shared memory that is 1 once nobody waits for it. */
export interface WorkerRequest {
  readonly id: number;
  readonly job: Job;
  readonly flag: SharedArrayBuffer;
}

/** From a worker. */
export type WorkerMessage =
  | { readonly id: number; readonly kind: 'progress'; readonly event: ProgressEvent }
  | { readonly id: number; readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly id: number; readonly kind: 'cancelled' }
  | { readonly id: number; readonly kind: 'fault'; readonly message: string };
