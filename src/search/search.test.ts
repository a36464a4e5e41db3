import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fail } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { Estimator } from '../plan/estimate.ts';
import { readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/types.ts';
import { analyseWorkload } from '../workload/analyse.ts';
import { changesTo, distance } from './nearest.ts';
import { nearestPlan, type SearchOptions, searchPlans } from './search.ts';
import { forEachPlan, gpusOf, planOf, withPlan } from './space.ts';
import type { ParallelPlan, ScoredPlan } from './types.ts';

const catalog = builtin();

function specOf(text: string): Spec {
  const spec = readSpec(text, 'a.yaml', { read: () => fail([]) }, catalog);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  return spec.value;
}

/** Models of a few layers, so that every plan can be tried. */
const small = fc
  .record({
    layers: fc.constantFrom(2, 3, 4),
    heads: fc.constantFrom(2, 4),
    experts: fc.constantFrom(0, 4),
    servers: fc.constantFrom(1, 2),
    batch: fc.constantFrom(2, 3, 8),
    sequence: fc.constantFrom(1024, 2048),
    hidden: fc.constantFrom(1024, 8192),
  })
  .map(({ layers, heads, experts, servers, batch, sequence, hidden }) => {
    const moe = experts > 0 ? `, experts: {routed: ${experts}, active: 2, intermediate: ${2 * hidden}}` : '';
    return specOf(`
model: {layers: ${layers}, hidden: ${hidden}, vocabulary: 32000, attention: {kind: mha, heads: ${heads}}, ffn: {kind: gated, intermediate: ${4 * hidden}}${moe}}
training: {batch: ${8 * servers * batch}, sequence: ${sequence}, tokens: 10G}
cluster: {node: hgx-h100, gpus: ${8 * servers}}
`);
  });

/** Four layers of a large model on eight servers. */
const SHALLOW = `
model: {layers: 4, hidden: 8192, vocabulary: 32000, attention: {kind: mha, heads: 64}, ffn: {kind: gated, intermediate: 28672}}
training: {batch: 64, sequence: 2048, tokens: 10G}
cluster: {node: hgx-h100, gpus: 64}
`;

const options: SearchOptions = {
  objective: 'time',
  top: 4,
  limits: { power: Infinity, runSeconds: Infinity },
  rates: { hour: 2, watts: 1000 },
};

/** Every plan worked out in full, as slowly as it goes. */
function everyPlan(spec: Spec, { rates, limits }: SearchOptions): ScoredPlan[] {
  const estimator = new Estimator(spec, catalog);
  const all: ScoredPlan[] = [];
  forEachPlan(spec, (plan) => {
    const step = estimator.step(withPlan(spec, plan));
    if (!step.ok || !step.value.memory.fits) return;
    const { seconds, runSeconds, mfu, memory } = step.value;
    const gpus = gpusOf(plan);
    const most = Math.max(...memory.stages.map((s) => s.total));
    const scored = {
      plan,
      gpus,
      stepSeconds: seconds,
      runSeconds,
      mfu,
      usd: (runSeconds * gpus * rates.hour) / 3600,
      watts: gpus * rates.watts,
      joules: runSeconds * gpus * rates.watts,
      memory: most,
      headroom: 1 - most / memory.capacity,
    };
    if (scored.watts <= limits.power && runSeconds <= limits.runSeconds) all.push(scored);
  });
  return all;
}

const split = ({ tensor, pipeline, context, data, expert }: ParallelPlan) =>
  [tensor, pipeline, context, data, expert].join(' ');

function bestSeconds(all: readonly ScoredPlan[], top: number, value: (p: ScoredPlan) => number): number[] {
  const best = new Map<string, number>();
  for (const p of all) best.set(split(p.plan), Math.min(best.get(split(p.plan)) ?? Infinity, value(p)));
  return [...best.values()].sort((a, b) => a - b).slice(0, top);
}

const room = (p: ScoredPlan) => Math.floor(p.headroom * 20);
const beats = (a: ScoredPlan, b: ScoredPlan) =>
  a.runSeconds <= b.runSeconds && a.gpus <= b.gpus && a.usd <= b.usd && room(a) >= room(b);
/** What a list of unbeaten plans says, whichever of equal plans it names. */
const points = (list: readonly ScoredPlan[]) =>
  [...new Set(list.map((p) => `${p.runSeconds.toPrecision(9)} ${p.gpus} ${room(p)}`))].sort();

describe('searchPlans', () => {
  test.each(['time', 'cost'] as const)('finds what trying every plan finds: %s', (objective) => {
    const value = (p: ScoredPlan) => (objective === 'time' ? p.runSeconds : p.usd);
    fc.assert(
      fc.property(small, (spec) => {
        const asked = { ...options, objective };
        const found = searchPlans(spec, new Estimator(spec, catalog), asked);
        const all = everyPlan(spec, asked);
        expect(found.best.map(value)).toEqual(bestSeconds(all, 4, value));
        const unbeaten = all.filter((p) => !all.some((q) => beats(q, p) && !beats(p, q)));
        expect(points(found.pareto)).toEqual(points(unbeaten));
        expect(found.evaluated).toBeLessThanOrEqual(found.fitting);
        const alone = searchPlans(spec, new Estimator(spec, catalog), { ...asked, pareto: false });
        expect(alone.best).toEqual(found.best);
      }),
      { seed: 20_261_126, numRuns: 5 },
    );
  });

  test('keeps its limits', () => {
    const spec = specOf(SHALLOW);
    const all = everyPlan(spec, options);
    const fastest = Math.min(...all.map((p) => p.runSeconds));
    const limits = { power: 48_000, runSeconds: 4 * fastest };
    const found = searchPlans(spec, new Estimator(spec, catalog), { ...options, limits });
    const kept = everyPlan(spec, { ...options, limits });
    expect(found.best.map((p) => p.runSeconds)).toEqual(bestSeconds(kept, 4, (p) => p.runSeconds));
    for (const p of [...found.best, ...found.pareto]) {
      expect(p.watts).toBeLessThanOrEqual(limits.power);
      expect(p.runSeconds).toBeLessThanOrEqual(limits.runSeconds);
    }
  });

  test('more of memory or bandwidth is never slower', () => {
    fc.assert(
      fc.property(small, (spec) => {
        const { node, gpu } = spec.cluster;
        const seconds = (cluster: Partial<Spec['cluster']>) => {
          const changed = { ...spec, cluster: { ...spec.cluster, ...cluster } };
          return (
            searchPlans(changed, new Estimator(changed, catalog), options).best[0]?.stepSeconds ?? Infinity
          );
        };
        const own = seconds({});
        expect(seconds({ gpu: { ...gpu, memoryBytes: 2 * gpu.memoryBytes } })).toBeLessThanOrEqual(own);
        expect(seconds({ node: { ...node, nicRate: 2 * node.nicRate } })).toBeLessThanOrEqual(
          own * (1 + 1e-9),
        );
      }),
      { seed: 7, numRuns: 5 },
    );
  });
});

describe('the space of plans', () => {
  test('every plan is one that the workload accepts, on no more GPUs than there are', () => {
    fc.assert(
      fc.property(small, (spec) => {
        let plans = 0;
        forEachPlan(spec, (plan) => {
          plans++;
          const own = withPlan(spec, plan);
          if (plans % 17 === 1) expect(analyseWorkload(own, catalog).ok).toBe(true);
          expect(gpusOf(plan)).toBeLessThanOrEqual(spec.cluster.gpus);
          expect(gpusOf(plan) % spec.cluster.node.gpus).toBe(0);
          expect(planOf(own)).toEqual(plan);
        });
        expect(plans).toBeGreaterThan(0);
      }),
      { seed: 3, numRuns: 5 },
    );
  });

  test('a bound is never above the time it bounds', () => {
    const estimator = (spec: Spec) => new Estimator(spec, catalog);
    fc.assert(
      fc.property(small, (spec) => {
        const e = estimator(spec);
        let n = 0;
        forEachPlan(spec, (plan) => {
          if (n++ % 13 !== 0) return;
          const own = withPlan(spec, plan);
          const table = e.table(own);
          if (!table.ok) throw new Error(JSON.stringify(table.issues));
          const { seconds, memory } = e.evaluator.evaluate(own, table.value);
          expect(e.evaluator.least(own, table.value)).toBeLessThanOrEqual(seconds * (1 + 1e-9));
          expect(e.evaluator.least(own)).toBeLessThanOrEqual(seconds * (1 + 1e-9));
          expect(e.evaluator.memory(own).most).toBe(Math.max(...memory.stages.map((s) => s.total)));
        });
      }),
      { seed: 5, numRuns: 5 },
    );
  });
});

test('the nearest plan changes as little as it can', () => {
  const spec = specOf(SHALLOW);
  // Seven tensor ranks divide neither heads nor servers.
  const wanted = { tensor: 7, pipeline: 2 };
  const nearest = nearestPlan(spec, new Estimator(spec, catalog), options, (p) => distance(p, wanted))!;
  expect(changesTo(nearest.plan, wanted)).toEqual(['tensor: 7 -> 8']);
});
