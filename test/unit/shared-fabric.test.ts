import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../src/base/result.ts';
import { builtin } from '../../src/catalog/catalog.ts';
import { writeFabricJson } from '../../src/formats/fabric-json.ts';
import { evaluate } from '../../src/plan/evaluate.ts';
import { quietContext } from '../../src/plan/library.ts';
import type { Evaluation } from '../../src/plan/types.ts';
import { readSpec } from '../../src/spec/read.ts';

const catalog = builtin();
const HOSTS = 16;

async function planned(gpus: number, network: string, fabric?: string): Promise<Evaluation> {
  const text = `
model: llama-3.1-8b
training: {batch: ${gpus}, sequence: 4096, tokens: 10G}
parallelism: {data: ${gpus}, zero: 3}
cluster: {node: hgx-h100, gpus: ${gpus}, network: ${network}}
`;
  const read = () => (fabric === undefined ? fail([]) : ok(fabric));
  const spec = readSpec(text, 'a.yaml', { read }, catalog);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  const made = await evaluate({ spec: spec.value, without: [] }, quietContext(catalog, 1));
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value;
}

describe('a job on some hosts of a larger fabric', async () => {
  const whole = await planned(8 * HOSTS, '{topology: fat-tree, layers: 2, switch: 32x400G}');
  const { fabric } = whole.artefacts.fabric;
  const file = [...writeFabricJson(fabric)].join('');
  const on = (hosts: readonly number[]) => {
    const names = hosts.map((h) => `node${String(h).padStart(4, '0')}`);
    return planned(8 * hosts.length, `{import: shared.json, hosts: [${names.join(', ')}]}`, file);
  };
  const evens = await on(Array.from({ length: HOSTS / 2 }, (_, i) => 2 * i));
  const odds = await on(Array.from({ length: HOSTS / 2 }, (_, i) => 2 * i + 1));

  it('is a plan: all of the fabric, and traffic of its own hosts only', () => {
    expect(evens.plan.fabric).toMatchObject({ endpoints: 8 * HOSTS, leaves: whole.plan.fabric.leaves });
    expect(evens.plan.routing!.reachable).toBe(true);
    expect(evens.plan.step!.seconds).toBeGreaterThan(0);
    const used = (e: Evaluation): Set<string> => {
      const { src, dst } = e.artefacts.placed.flows;
      const nodes = e.artefacts.fabric.fabric;
      const host = (endpoint: number) => nodes.names[endpoint]!.split('-')[0]!;
      return new Set([...src, ...dst].map(host));
    };
    expect([...used(evens)].sort()).toEqual(
      Array.from({ length: HOSTS / 2 }, (_, i) => `node${String(2 * i).padStart(4, '0')}`),
    );
    expect([...used(odds)].some((h) => used(evens).has(h))).toBe(false);
  });

  it('takes the step that it takes on the other half: what jobs do to each other is for simulate to say', () => {
    expect(odds.plan.step!.seconds).toBeCloseTo(evens.plan.step!.seconds, 9);
  });
});
