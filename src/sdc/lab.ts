import { Cancelled, type Context } from '../base/context.ts';
import { stream } from '../numeric/random.ts';
import { Detectors, perDetector } from './detect.ts';
import { FaultPlan } from './faults.ts';
import { layoutOf } from './model.ts';
import { copyState, type State, type StepResult, sameBits, Trainer } from './trainer.ts';
import {
  type BitGroup,
  DETECTORS,
  type Detector,
  type Fault,
  type FieldForm,
  type LabRow,
  type LabSize,
  type LabTable,
  type Phase,
} from './types.ts';

const MODEL = { vocabulary: 8, width: 16, heads: 2, layers: 2, hidden: 32, sequence: 8 };

/** The shipped table, and one that is made in seconds. */
export const SIZES: Readonly<Record<'full' | 'quick', LabSize>> = {
  full: { model: MODEL, ranks: 4, batch: 4, before: 320, after: 64, draws: 8 },
  quick: { model: MODEL, ranks: 4, batch: 2, before: 120, after: 24, draws: 2 },
};

/** The end of a run that is compared, in steps; a loss this much above the clean run's has diverged (nats a token). */
const END = 16;
const DIVERGED = 0.25;

const FIELD: Readonly<Record<FieldForm, string>> = {
  'multi-bit': 'sticky rank: several bits of one result, rarely',
  'lost-tile': 'sticky rank: a tile of results lost, rarely',
  'small-error': 'sticky rank: one result off by 1/128, rarely',
  'stuck-lane': 'sticky rank: one lane with a stuck bit, always',
};
const PHASES: Readonly<Record<Phase, string>> = {
  forward: 'activations',
  backward: 'gradients',
  weights: 'weights in memory',
  moments: 'optimizer state in memory',
};
const BIT_GROUPS: Readonly<Record<BitGroup, string>> = {
  sign: 'sign',
  'exponent-top': 'top bit of the exponent',
  exponent: 'exponent below',
  'mantissa-high': 'mantissa, high',
  'mantissa-low': 'mantissa, low',
};

/** A kind of fault as a row of the table, and the fault of each of its draws. */
interface Kind {
  readonly source: LabRow['source'];
  readonly title: string;
  readonly draw: (i: number) => Fault;
}

function kinds(layers: number): Kind[] {
  const field = (Object.keys(FIELD) as FieldForm[]).map(
    (form): Kind => ({
      source: 'field',
      title: FIELD[form],
      draw: () => ({ kind: 'field', form }),
    }),
  );
  const flips = (Object.keys(PHASES) as Phase[]).flatMap((phase) =>
    (Object.keys(BIT_GROUPS) as BitGroup[]).map(
      (bits): Kind => ({
        source: 'textbook',
        title: `one flip: ${PHASES[phase]}, ${BIT_GROUPS[bits]}`,
        draw: (i) => ({ kind: 'flip', phase, bits, layer: i % layers }),
      }),
    ),
  );
  return [...field, ...flips];
}

/** How one faulty run ended. */
interface Outcome {
  readonly changed: boolean;
  /** Steps from the fault to each detector's word; null: it said nothing. */
  readonly delay: Readonly<Record<Detector, number | null>>;
  readonly diverged: boolean;
}

/**
 * Trains a small transformer, once cleanly and once for each draw of each kind of fault from the same point, and counts
 * which detectors saw it, how late, and how the run ended. A toy: rates and recalls are those of this model and these
 * settings. The same seed gives the same table everywhere.
 */
export function runLab(size: LabSize, seed: number, context: Context): LabTable {
  const trainer = new Trainer(size, seed);
  const clean = runClean(trainer, size);
  const all = kinds(size.model.layers);
  const rows = all.map((kind, k): LabRow => {
    const outcomes = Array.from({ length: size.draws }, (_, i) => {
      if (context.cancelled()) throw new Cancelled();
      context.progress({ stage: 'sdc-lab', fraction: (k + i / size.draws) / all.length, note: kind.title });
      const r = stream(seed, `sdc-lab ${kind.title}`, i);
      const plan = new FaultPlan(kind.draw(i), r, size.ranks, layoutOf(size.model));
      return runFaulty(trainer, size, clean, plan);
    });
    return summarise(kind, outcomes);
  });
  return {
    seed,
    size,
    parameters: trainer.parameters,
    cleanLoss: clean.endLoss,
    falseAlarms: clean.alarms,
    rows,
  };
}

interface Clean {
  /** Where the faults begin, and what the detectors had seen until then. */
  readonly from: State;
  readonly history: readonly StepResult[];
  readonly end: State;
  readonly endLoss: number;
  readonly alarms: Readonly<Record<Detector, number>>;
}

function runClean(trainer: Trainer, size: LabSize): Clean {
  const state = trainer.start();
  const detectors = new Detectors();
  const alarms = perDetector(() => 0);
  const history: StepResult[] = [];
  let from = state;
  for (let s = 0; s < size.before + size.after; s++) {
    if (s === size.before) from = copyState(state);
    const result = trainer.step(state, null);
    history.push(result);
    const said = detectors.look(result);
    for (const d of DETECTORS) if (said[d]) alarms[d]++;
  }
  return { from, history: history.slice(0, size.before), end: state, endLoss: endLoss(history), alarms };
}

/** Median of the last losses. */
function endLoss(history: readonly StepResult[]): number {
  const last = history.slice(-END).map((h) => h.loss);
  const odd = last.find((x) => !Number.isFinite(x));
  return odd ?? last.sort((a, b) => a - b)[END / 2]!;
}

function runFaulty(trainer: Trainer, size: LabSize, clean: Clean, plan: FaultPlan): Outcome {
  const state = copyState(clean.from);
  const detectors = new Detectors();
  for (const result of clean.history) detectors.look(result);
  const first = perDetector<number | null>(() => null);
  const history: StepResult[] = [];
  for (let s = 0; s < size.after; s++) {
    const result = trainer.step(state, plan.at(s));
    history.push(result);
    const said = detectors.look(result);
    for (const d of DETECTORS) if (said[d] && first[d] === null) first[d] = s;
  }
  const end = endLoss(history);
  return {
    changed: !sameBits(state.weights, clean.end.weights),
    delay: perDetector((d) => (first[d] === null ? null : first[d] - Math.max(0, plan.struckAt))),
    diverged: !(end <= clean.endLoss + DIVERGED),
  };
}

function summarise({ source, title }: Kind, outcomes: readonly Outcome[]): LabRow {
  const count = (of: (o: Outcome) => boolean) => outcomes.filter(of).length;
  const unseen = (o: Outcome) => DETECTORS.every((d) => o.delay[d] === null);
  return {
    source,
    fault: title,
    runs: outcomes.length,
    changed: count((o) => o.changed),
    seen: perDetector((d) => count((o) => o.delay[d] !== null)),
    delay: perDetector((d) => median(outcomes.flatMap((o) => (o.delay[d] === null ? [] : [o.delay[d]])))),
    unseen: count(unseen),
    silentHarm: count((o) => unseen(o) && o.changed),
    diverged: count((o) => o.diverged),
  };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}
