import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { linkLoads } from '../flow/loads.ts';
import { nextHops } from '../routes/next-hops.ts';
import { bottleneckSeconds, kneeOf, pinCurve } from './pins.ts';

const curve = (points: readonly (readonly [number, number])[]) =>
  points.map(([pinned, seconds]) => ({ pinned, seconds, maxLoad: seconds, ratio: seconds / points[0]![1] }));

describe('the knee of a hot-path curve', () => {
  it('is where the curve bends', () => {
    expect(
      kneeOf(
        curve([
          [0, 10],
          [1, 8],
          [2, 6],
          [4, 3],
          [8, 2.5],
          [16, 2.4],
        ]),
      ),
    ).toBe(4);
    // Ever the same gain: the last pin is as good as the first.
    expect(
      kneeOf(
        curve([
          [0, 4],
          [1, 3],
          [2, 2],
          [3, 1],
        ]),
      ),
    ).toBe(3);
    expect(
      kneeOf(
        curve([
          [0, 4],
          [1, 4],
          [2, 4],
        ]),
      ),
    ).toBe(0);
    expect(kneeOf(curve([[0, 4]]))).toBe(0);
  });

  it('pins two flows apart that one hash has put together', () => {
    const fabric = {
      ...clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2, rate: 1e9 }),
      transport: 'roce' as const,
    };
    const flows = {
      count: 2,
      src: Int32Array.from([0, 1]),
      dst: Int32Array.from([2, 3]),
      bytes: Float64Array.from([1e9, 1e9]),
      operation: new Uint16Array(2),
      invocations: new Float64Array(2).fill(1),
      operations: ['x'],
    };
    const hops = nextHops(fabric);
    const seconds = (seed: number) =>
      pinCurve(fabric, hops, flows, { kind: 'ecmp', seed, queuePairs: 1 }, 4, (routes) =>
        bottleneckSeconds(fabric, linkLoads(fabric, hops, flows, routes)),
      );
    const together = [1, 2, 3, 4, 5, 6, 7, 8].map(seconds).find((c) => c.points[0]!.seconds > 1.5)!;
    expect(together.points.map((p) => [p.pinned, p.seconds])).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(together.knee).toBe(1);
  });
});
