import type { Outcome } from '../validate/types.ts';
import { type Cell, left, right, type Section } from './types.ts';

const KIND_TITLES = {
  prediction: 'Predictions: physics and other measurements against these',
  count: 'Counts: the published tables of networks',
  calibration: 'Calibration: constants were taken from these, so they must come back',
  arithmetic: 'Arithmetic: published sums, done again',
  mismatch: 'Named mismatches: published figures that others, or their own inputs, contradict',
} as const;

/** A section for each kind of case, so that calibration is never read as prediction. */
export function validationSections(outcomes: readonly Outcome[]): Section[] {
  const sections = Object.entries(KIND_TITLES)
    .map(([kind, title]) =>
      section(
        kind,
        title,
        outcomes.filter((o) => o.kind === kind),
      ),
    )
    .filter((s) => s.rows.length > 0);
  const missed = outcomes.filter((o) => !o.within);
  const judged = outcomes.filter((o) => o.kind !== 'mismatch');
  const hits = judged.filter((o) => o.within).length;
  const named = outcomes.length - judged.length;
  const verdict = `${hits} of ${judged.length} cases within their tolerance${named > 0 ? `, ${named} named mismatches` : ''}`;
  return [
    ...sections,
    { id: 'verdict', title: verdict, columns: [left()], rows: missed.map((o) => [o.id]), notes: [] },
  ];
}

function section(kind: string, title: string, outcomes: readonly Outcome[]): Section {
  const leftOut = outcomes.some((o) => o.leftOut !== undefined);
  const notes = [...grouped(outcomes, (o) => o.note), ...grouped(outcomes, (o) => `from ${o.source}`)];
  return {
    id: kind,
    title,
    columns: [
      left('case'),
      right('published'),
      right('computed'),
      ...(leftOut ? [right('left out')] : []),
      left('unit'),
      right('error'),
      right('allowed'),
      left(),
    ],
    rows: outcomes.map((o) => row(o, leftOut)),
    notes,
  };
}

/** Each text once, with the cases that it belongs to: 'F5.mpft.32 and 5 more: one efficiency ...'. */
function grouped(outcomes: readonly Outcome[], textOf: (o: Outcome) => string | undefined): string[] {
  const cases = new Map<string, string[]>();
  for (const o of outcomes) {
    const text = textOf(o);
    if (text !== undefined) cases.set(text, [...(cases.get(text) ?? []), o.id]);
  }
  return [...cases].map(([text, ids]) => {
    const who = ids.length === 1 ? ids[0] : `${ids[0]} and ${ids.length - 1} more`;
    return `${who}: ${text}`;
  });
}

function row(o: Outcome, leftOut: boolean): Cell[] {
  const allowed = o.tolerance === 0 ? 'exact' : `${percent(o.tolerance)} %`;
  const mark = o.kind === 'mismatch' ? (o.within ? 'mismatch' : 'AGREES') : o.within ? '' : 'MISSED';
  const without: Cell[] = leftOut ? [o.leftOut === undefined ? null : plain(o.leftOut)] : [];
  return [
    o.id,
    plain(o.published),
    plain(o.computed),
    ...without,
    o.unit,
    `${percent(o.error)} %`,
    allowed,
    mark,
  ];
}

const plain = (x: number): string => String(Number(x.toPrecision(6)));
const percent = (x: number): string => (100 * x).toFixed(2);
