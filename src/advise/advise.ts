import { Cancelled, type Context } from '../base/context.ts';
import { ok, type Result } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Advice } from '../catalog/types.ts';
import { withOutcomes } from '../plan/checks.ts';
import { evaluate } from '../plan/evaluate.ts';
import { Memo } from '../plan/memo.ts';
import type { Change, Plan, PlanRequest } from '../plan/types.ts';
import { splitExpectations } from '../spec/expect.ts';
import type { Spec } from '../spec/types.ts';
import { HARDWARE } from './hardware.ts';
import { LANGUAGE, LITERATURE, SHARES } from './language.ts';
import { SOFTWARE } from './software.ts';
import type { AdviceItem, AdviceReport, Combination, Gain, Lever, Outcome, PlanWithAdvice } from './types.ts';
import { outcomeOf, type WhatIf, type WhatIfResult, whatIf, whatIfTask } from './what-if.ts';

const LEVERS: Readonly<Record<string, Lever>> = {
  ...SOFTWARE,
  ...LANGUAGE,
  ...HARDWARE,
};

/** The one whose change is found by searching, in the thread that plans it. */
const SEARCHED = 'algorithm.plan';

/** Optimisations of software that are tried in pairs, and added to the best pair while they help. */
const PAIRED = 5;
const ADDED = 8;
/** So many threads, which start cold and share nothing, are no quicker than one that has planned the job and remembers. */
const FEW = 2;
/** A gain below this is noise, not advice. */
const NOTICE = 0.001;

/**
 * Every optimisation of the catalog tried on the job: its change applied, the whole pipeline run again with what is
 * remembered, ranked by the time of a token. Then the best two and the best set of software, searched by planning them
 * together. `expect` of the spec does not bind the changed jobs.
 */
export async function advise(spec: Spec, context: Context): Promise<Result<PlanWithAdvice>> {
  const memo = new Memo();
  const expect = splitExpectations(spec.expect, 'advice');
  const own = await evaluate({ spec: { ...spec, expect: expect.plan }, without: [] }, context, { memo });
  if (!own.ok) return own;
  const adviser = new Adviser(spec, own.value.plan, context, memo);
  const advice = await adviser.report();
  const judged = withOutcomes({ ...own.value.plan, advice }, expect.own);
  return judged.ok ? ok(judged.value, own.issues) : judged;
}

/** A job as changed, and how it does. */
interface Tried {
  readonly id: string;
  readonly row: Advice['row'];
  readonly changes: readonly Change[];
  readonly outcome: Outcome;
  readonly gain: Gain;
}

class Adviser {
  readonly #base: PlanRequest;
  readonly #plan: Plan;
  readonly #context: Context;
  readonly #memo: Memo;
  readonly #own: Outcome;
  #evaluated = 0;

  constructor(spec: Spec, plan: Plan, context: Context, memo: Memo) {
    // One seed stands for the distribution of hashes: differences are between equals.
    const traffic = { ...spec.traffic, ecmpSeeds: 1 };
    this.#base = { spec: { ...spec, traffic, expect: [] }, without: [] };
    this.#plan = plan;
    this.#context = context;
    this.#memo = memo;
    this.#own = outcomeOf(plan, spec);
  }

  async report(): Promise<AdviceReport> {
    const { catalog } = this.#context;
    const entries = catalog.ids('advice').map((id) => catalog.find('advice', id)!);
    const idle: AdviceItem[] = [];
    const asked: { readonly entry: Advice; readonly changes: WhatIf['changes'] }[] = [];
    for (const entry of entries) {
      const changes = this.#changes(entry);
      if (typeof changes === 'string' && changes !== 'search') idle.push(untried(entry, changes));
      else asked.push({ entry, changes });
    }
    const results = await this.#all(asked.map((a) => a.changes));
    const items = [...idle];
    const tried: Tried[] = [];
    asked.forEach(({ entry }, i) => {
      const { item, found } = this.#item(entry, results[i]!);
      items.push(item);
      if (found !== null) tried.push(found);
    });
    const combined = await this.#combine(tried);
    return { own: this.#own, items: ranked(items), ...combined, evaluated: this.#evaluated };
  }

  #changes({ id }: Advice): readonly Change[] | string {
    if (id === SEARCHED) return 'search';
    const input = { spec: this.#base.spec, plan: this.#plan, catalog: this.#context.catalog };
    return LEVERS[id]?.(input) ?? (LITERATURE.has(id) ? '' : 'no lever is known for it');
  }

  #item(entry: Advice, result: WhatIfResult): { item: AdviceItem; found: Tried | null } {
    if (result.kind === 'idle') return { item: untried(entry, result.reason), found: null };
    const changes = changesText(result.changes, this.#base.spec);
    if (result.kind === 'impossible') {
      const { reason } = result;
      return { item: { ...entryOf(entry), status: 'impossible', reason, changes }, found: null };
    }
    const share = SHARES[entry.id];
    const outcome = mixed(this.#own, result.outcome, share ?? 1);
    const gain = gainOf(this.#own, outcome);
    const item: AdviceItem = {
      ...entryOf(entry),
      status: 'tried',
      changes,
      ...(share === undefined ? {} : { share }),
      outcome,
      gain,
    };
    const { id, row } = entry;
    return { item, found: share === undefined ? { id, row, changes: result.changes, outcome, gain } : null };
  }

  /** Changed jobs through the whole pipeline, in threads where there are any and the catalog is the one they have. */
  async #all(list: readonly WhatIf['changes'][]): Promise<WhatIfResult[]> {
    this.#evaluated += list.length;
    const { catalog, parallel, progress, cancelled } = this.#context;
    const items = list.map((changes) => ({ request: this.#base, changes }));
    progress({ stage: 'advise', fraction: null, note: `${list.length} jobs to plan` });
    if (parallel.workers > FEW && catalog === builtin()) return parallel.map(whatIfTask, items);
    const results: WhatIfResult[] = [];
    for (const item of items) {
      if (cancelled()) throw new Cancelled();
      const done = results.length;
      progress({
        stage: 'advise',
        fraction: done / items.length,
        note: `job ${done + 1} of ${items.length}`,
      });
      results.push(await whatIf(item, catalog, this.#memo));
    }
    return results;
  }

  async #combine(tried: readonly Tried[]): Promise<Pick<AdviceReport, 'pair' | 'set' | 'withHardware'>> {
    const helpful = tried.filter((t) => t.gain.time > NOTICE && (t.outcome.fits || !this.#own.fits));
    helpful.sort((a, b) => b.gain.time - a.gain.time);
    const software = helpful.filter((t) => t.row === 'software');
    const pair = await this.#bestPair(software.slice(0, PAIRED));
    const first = pair ?? software[0] ?? null;
    const set = first === null ? null : await this.#grow(first, software.slice(0, ADDED));
    const hardware = helpful.find((t) => t.row === 'hardware' && (set === null || compatible(set, t)));
    const both =
      set === null || hardware === undefined ? [] : await this.#together([[...parts(set), hardware]]);
    return {
      pair: pair && combination(pair),
      set: set !== null && isCombined(set) ? combination(set) : null,
      withHardware: both[0] ? combination(both[0]) : null,
    };
  }

  async #bestPair(list: readonly Tried[]): Promise<Combined | null> {
    const pairs = list.flatMap((a, i) =>
      list.slice(i + 1).flatMap((b) => (compatible(a, b) ? [[a, b]] : [])),
    );
    return best(await this.#together(pairs));
  }

  /** Adds, one after the other, what helps most beside what is there, while something does. */
  async #grow(from: Tried | Combined, list: readonly Tried[]): Promise<Tried | Combined> {
    const rest = list.filter((t) => !parts(from).some((p) => p.id === t.id) && compatible(from, t));
    const next = best(await this.#together(rest.map((t) => [...parts(from), t])));
    if (next === null || next.gain.time <= from.gain.time + NOTICE) return from;
    return this.#grow(next, rest);
  }

  /** Sets of changes, each planned as one job; those that have no plan, or no longer fit, are left out. */
  async #together(sets: readonly (readonly Tried[])[]): Promise<Combined[]> {
    const results = await this.#all(sets.map((set) => set.flatMap((t) => t.changes)));
    return sets.flatMap((set, i): Combined[] => {
      const result = results[i]!;
      if (result.kind !== 'outcome' || (!result.outcome.fits && this.#own.fits)) return [];
      const { changes, outcome } = result;
      const id = set.map((t) => t.id).join(' + ');
      return [{ id, row: 'software', parts: set, changes, outcome, gain: gainOf(this.#own, outcome) }];
    });
  }
}

function best(list: readonly Combined[]): Combined | null {
  return list.reduce<Combined | null>((a, b) => (a === null || b.gain.time > a.gain.time ? b : a), null);
}

function entryOf({ date: _, confidence: _c, note: _n, ...entry }: Advice) {
  return entry;
}

/** No reason: it is not for a plan to compute. */
function untried(entry: Advice, reason: string): AdviceItem {
  if (reason === '') return { ...entryOf(entry), status: 'literature' };
  return { ...entryOf(entry), status: 'idle', reason };
}

interface Combined extends Tried {
  readonly parts: readonly Tried[];
}

function isCombined(t: Tried | Combined): t is Combined {
  return 'parts' in t;
}

function parts(t: Tried | Combined): readonly Tried[] {
  return isCombined(t) ? t.parts : [t];
}

function combination({ parts: list, outcome, gain }: Combined): Combination {
  const left = list.reduce((rest, t) => rest * (1 - t.gain.time), 1);
  return { ids: list.map((t) => t.id), outcome, gain, expected: 1 - left };
}

/** Two that set the same field, or one of them a field inside the other's, are alternatives. */
function compatible(a: Tried, b: Tried): boolean {
  const pathsOf = (t: Tried) => t.changes.flatMap((c) => (c.kind === 'set' ? [c.path.join('.')] : []));
  // A limit of servers follows from the degrees: the last word counts.
  const free = (path: string) => path !== 'traffic.nodeLimit';
  const theirs = pathsOf(b).filter(free);
  return !pathsOf(a)
    .filter(free)
    .some((p) => theirs.some((q) => p === q || p.startsWith(`${q}.`) || q.startsWith(`${p}.`)));
}

function ranked(items: readonly AdviceItem[]): AdviceItem[] {
  const rank = { tried: 0, literature: 1, impossible: 2, idle: 3 };
  const place = (i: AdviceItem) => (i.status === 'tried' && i.outcome?.fits === false ? 0.5 : rank[i.status]);
  return [...items].sort(
    (a, b) => place(a) - place(b) || (b.gain?.time ?? 0) - (a.gain?.time ?? 0) || (a.id < b.id ? -1 : 1),
  );
}

/** A run of which only a share is as changed. Memory must hold both. */
function mixed(own: Outcome, changed: Outcome, share: number): Outcome {
  if (share === 1) return changed;
  const part = (of: (o: Outcome) => number) => share * of(changed) + (1 - share) * of(own);
  return {
    stepSeconds: changed.stepSeconds,
    secondsPerToken: part((o) => o.secondsPerToken),
    runSeconds: part((o) => o.runSeconds),
    usd: part((o) => o.usd),
    joules: part((o) => o.joules),
    headroom: Math.min(own.headroom, changed.headroom),
    fits: own.fits && changed.fits,
  };
}

function gainOf(own: Outcome, changed: Outcome): Gain {
  const saved = (of: (o: Outcome) => number) => 1 - of(changed) / of(own);
  return {
    time: saved((o) => o.secondsPerToken),
    cost: saved((o) => o.usd),
    energy: saved((o) => o.joules),
  };
}

/** Field by field what changes, for reading; what stays the same is left out. */
function changesText(changes: readonly Change[], spec: Spec): string[] {
  return changes.flatMap((c) => {
    if (c.kind !== 'set') return [`${c.kind} ${c.what}`];
    // The build-out follows from the GPUs.
    if (c.path[0] === 'facility' && c.path[1] === 'stages') return [];
    const before = c.path.reduce<unknown>(
      (x, key) => (x as Record<string, unknown> | undefined)?.[key],
      spec,
    );
    return JSON.stringify(before) === JSON.stringify(c.value)
      ? []
      : [`${c.path.join('.')}: ${valueText(c.value)}`];
  });
}

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  const { id, ...rest } = value as Record<string, unknown>;
  if (typeof id === 'string') return id;
  return `{${Object.entries(rest)
    .map(([k, v]) => `${k}: ${valueText(v)}`)
    .join(', ')}}`;
}
