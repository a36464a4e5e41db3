import { parseDocument } from 'yaml';
import { parseQuantity } from '../units/parse.ts';
import type { Wanted } from './nearest.ts';

/** A spec without its parallelism, and what that was. */
export interface Relaxed {
  /** The spec's text with what contradicts itself taken out: it gets defaults. */
  readonly text: string;
  readonly wanted: Wanted;
  /** Sequences of a step as written; null: the default. */
  readonly batch: number | null;
}

const COUNTS = ['tensor', 'pipeline', 'context', 'data', 'expert', 'virtualStages', 'zero', 'shard'] as const;

/** Takes out what a search chooses itself, so that a spec whose plan contradicts itself still says model and cluster. */
export function relax(text: string): Relaxed {
  const document = parseDocument(text, { logLevel: 'error' });
  const counted = (path: readonly string[]): number | undefined => {
    const parsed = parseQuantity(document.getIn(path), 'count');
    return parsed.ok && Number.isInteger(parsed.value) && parsed.value >= 0 ? parsed.value : undefined;
  };
  const wanted: Record<string, unknown> = {};
  for (const key of COUNTS) wanted[key] = counted(['parallelism', key]);
  wanted['microbatch'] = counted(['training', 'microbatch']);
  wanted['schedule'] = document.getIn(['parallelism', 'schedule']);
  wanted['recompute'] = document.getIn(['training', 'recompute']);
  const batch = counted(['training', 'batch']) ?? null;
  for (const path of [['parallelism'], ['training', 'batch'], ['training', 'microbatch'], ['expect']]) {
    if (document.hasIn(path)) document.deleteIn(path);
  }
  const known = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return { text: document.toString(), wanted: Object.fromEntries(known) as Wanted, batch };
}
