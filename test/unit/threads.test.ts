import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled, inline } from '../../src/base/context.ts';
import { tasks } from '../../src/cli/tasks.ts';
import { threads } from '../../src/cli/threads.ts';
import { simulate, simulateParallel } from '../../src/fluid/simulate.ts';
import { stream } from '../../src/numeric/random.ts';
import { fluidSystem } from '../support/fluid-systems.ts';

const entry = new URL('../../dist/cli/worker.js', import.meta.url);
const open: { close(): Promise<void> }[] = [];
const pool = (workers: number, cancelled = () => false) => {
  const made = threads(workers, cancelled, entry);
  open.push(made);
  return made;
};
afterEach(async () => {
  for (const p of open.splice(0)) await p.close();
});

/** Three parts that share nothing, each with thousands of flows of random sizes. */
function partedSystem() {
  const random = stream(1, 'parted');
  const parts = [0, 1, 2];
  return fluidSystem({
    capacity: Array.from({ length: 30 }, () => 1 + random.uniform()),
    paths: Array.from({ length: 90 }, (_, p) => {
      const links = [0, 1, 2].map(() => (p % 3) * 10 + random.below(10));
      return [...new Set(links)];
    }),
    flows: parts.flatMap((part) =>
      Array.from({ length: 4200 }, () => ({
        path: 3 * random.below(30) + part,
        bytes: 1 + random.below(50),
        offset: random.below(3),
      })),
    ),
  });
}

const sameBits = (a: Float64Array, b: Float64Array): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

describe('threads', () => {
  it('give the same simulation bit for bit at any number', async () => {
    const system = partedSystem();
    const alone = simulate(system, { intervals: 10 });
    expect(alone.stats).toMatchObject({ parts: 3, solved: 3 });
    for (const parallel of [inline, pool(2), pool(3)]) {
      const shared = await simulateParallel(system, { parallel }, { intervals: 10 });
      expect(shared.stats).toEqual(alone.stats);
      expect(sameBits(shared.finish, alone.finish)).toBe(true);
      expect(sameBits(shared.usage!.bytes, alone.usage!.bytes)).toBe(true);
    }
  });

  it('know every task that the engine has', () => {
    const source = new URL('../../src/', import.meta.url);
    const declared = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) => {
        const text = readFileSync(new URL(name, source), 'utf8');
        return [...text.matchAll(/: Task<[^=]*= \{\s*name: '([^']+)'/g)].map((m) => m[1]);
      });
    expect(declared).toContain('fluid');
    expect(tasks.map((t) => t.name).sort()).toEqual(declared.sort());
  });

  it('say what went wrong in one of them, and stop when asked to', async () => {
    const task = { name: 'fluid', run: () => 0 };
    await expect(pool(2).map(task, [{}, {}])).rejects.toThrow(/undefined/);
    await expect(pool(2).map({ ...task, name: 'nonsense' }, [1])).rejects.toThrow(/task nonsense/);
    const item = { system: partedSystem(), recording: null };
    await expect(pool(2, () => true).map(task, Array(200).fill(item))).rejects.toThrow(Cancelled);
  });
});
