import type { ProgressEvent } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import type { StageTime } from '../plan/types.ts';
import type { Chart } from '../report/charts/types.ts';
import type { KeyFigure } from '../report/difference.ts';
import type { HotTable } from '../report/hot-table.ts';
import type { CellLoads, FabricMap } from '../report/map.ts';
import type { DemandMatrix, MatrixLevel } from '../report/matrix.ts';
import type { LinkSelection } from '../report/selection.ts';
import type { Section } from '../report/types.ts';
import type { Completion } from '../spec/complete.ts';
import type { SpecEdit } from '../spec/edit.ts';
import type { Knob } from '../spec/knobs.ts';

/** What the page and its worker say to one another. The worker holds the engine and the last plan; the page draws. */

/** A spec with all it needs: what one link holds. */
export interface Subject {
  readonly text: string;
  /** Files that the spec names, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts taken out of the fabric. */
  readonly without: readonly string[];
}

/** A fabric for itself, under a traffic pattern. */
export interface FabricSubject {
  readonly name: string;
  readonly text: string;
  readonly traffic: string;
  /** Text of the matrices that `traffic` names. */
  readonly files: Readonly<Record<string, string>>;
  readonly without: readonly string[];
}

/** Every known optimisation on a job, and the edits of the spec that make one of them. */
export interface Advised {
  readonly sections: readonly Section[];
  readonly items: readonly {
    readonly id: string;
    readonly title: string;
    readonly edits: readonly SpecEdit[];
  }[];
}

/** The job on better machines against more of them. */
export interface Scaled {
  readonly charts: readonly Chart[];
  readonly sections: readonly Section[];
}

/** A training log. */
export interface LogSubject {
  readonly name: string;
  readonly text: string;
}

/** Which routing's loads are meant: of a plan 'ecmp', 'modulo', 'adaptive' or 'chosen'; of a fabric its tables. */
export interface RoutingChoice {
  readonly id: string;
  readonly title: string;
}

export interface Drawn {
  readonly title: string;
  readonly figures: readonly KeyFigure[];
  readonly sections: readonly Section[];
  readonly issues: readonly Issue[];
  readonly maps: readonly FabricMap[];
  /** Names of the switches; node n is names[n - endpoints]. */
  readonly endpoints: number;
  readonly names: readonly string[];
  readonly routings: readonly RoutingChoice[];
  /** Ids and titles of the demands that can be shown as matrices; none for a bare fabric. */
  readonly operations: readonly RoutingChoice[];
  readonly knobs: readonly Knob[];
  readonly artefacts: readonly string[];
  /** What the parts taken out change, when there are any. */
  readonly effect: Section | null;
  readonly timings: readonly StageTime[];
}

/** The first stages of a plan, while the rest is being made. */
export interface Early {
  readonly title: string;
  readonly figures: readonly KeyFigure[];
  readonly knobs: readonly Knob[];
}

/** Every request with its answer. */
export interface Calls {
  plan: { ask: Subject; answer: Drawn };
  fabric: { ask: FabricSubject; answer: Drawn };
  log: { ask: LogSubject; answer: Drawn };
  advise: { ask: Subject; answer: Advised };
  scale: { ask: Subject; answer: Scaled };
  charts: { ask: { readonly chapter: string }; answer: readonly Chart[] };
  loads: { ask: { readonly routing: string }; answer: CellLoads };
  cells: { ask: { readonly routing: string }; answer: Section };
  hot: { ask: { readonly routing: string; readonly top: number }; answer: HotTable };
  select: {
    ask: { readonly cell: number; readonly up: boolean; readonly routing: string };
    answer: LinkSelection & { readonly ways: Chart };
  };
  /** Who uses a cell, in one line. */
  users: { ask: { readonly cell: number; readonly up: boolean; readonly routing: string }; answer: string };
  trace: { ask: { readonly src: number; readonly dst: number; readonly routing: string }; answer: Chart };
  matrix: { ask: { readonly level: MatrixLevel; readonly operation: string }; answer: DemandMatrix };
  artefact: { ask: { readonly name: string }; answer: Blob };
  complete: { ask: { readonly text: string; readonly offset: number }; answer: Completion };
  check: { ask: Subject; answer: readonly Issue[] };
  edit: { ask: { readonly text: string; readonly edits: readonly SpecEdit[] }; answer: string };
  network: { ask: Subject; answer: FabricSubject };
  compareFabrics: { ask: { readonly fabrics: readonly FabricSubject[] }; answer: readonly Section[] };
  compare: { ask: { readonly plans: readonly (Subject & { readonly name: string })[] }; answer: Section };
}

export type Call = keyof Calls;

export interface Request<K extends Call = Call> {
  readonly id: number;
  readonly call: K;
  readonly ask: Calls[K]['ask'];
}

export type Reply =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: unknown }
  | { readonly id: number; readonly kind: 'early'; readonly early: Early }
  | { readonly id: number; readonly kind: 'progress'; readonly event: ProgressEvent }
  /** A newer request took its place. */
  | { readonly id: number; readonly kind: 'cancelled' }
  | { readonly id: number; readonly kind: 'issues'; readonly issues: readonly Issue[] }
  | { readonly id: number; readonly kind: 'fault'; readonly message: string };
