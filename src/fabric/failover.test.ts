import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { multiPlane } from '../../test/support/networks.ts';
import { divertFlows, livingEndpoints } from './failover.ts';
import type { Flows } from './types.ts';
import { withoutParts } from './without.ts';

/** Each NIC of each host to the same NIC of the next host. */
function ringFlows(endpoints: number, lanes: number): Flows {
  const src = Int32Array.from({ length: endpoints }, (_, e) => e);
  return {
    count: endpoints,
    src,
    dst: src.map((e) => (e + lanes) % endpoints),
    bytes: new Float64Array(endpoints).fill(1e9),
    operation: new Uint16Array(endpoints),
    invocations: new Float64Array(endpoints).fill(2),
    operations: ['ring'],
  };
}

function sum(list: Float64Array): number {
  return list.reduce((s, x) => s + x, 0);
}

const fabric = multiPlane({ gpus: 128, planes: 8, ports: 16, rate: 50e9, cut: 0 });
const flows = ringFlows(fabric.endpoints, 8);
const names = fabric.names.filter((_, n) => n < fabric.endpoints || fabric.tier[n] === 1);

it('leaves an intact fabric alone', () => {
  expect(divertFlows(fabric, flows)).toEqual({ flows, diverted: 0, cutOff: 0 });
});

it('carries every byte over living NICs of the same hosts and planes, whatever leaves and NICs are dead', () => {
  fc.assert(
    fc.property(fc.subarray([...names], { maxLength: 12 }), (dead) => {
      const cut = withoutParts(
        fabric,
        dead.map((name) => `node:${name}`),
      );
      if (!cut.ok) throw new Error(JSON.stringify(cut.issues));
      const damaged = cut.value;
      const alive = livingEndpoints(damaged);
      const { flows: out, diverted, cutOff } = divertFlows(damaged, flows);
      expect(sum(out.bytes) / sum(flows.bytes)).toBeCloseTo(1, 12);
      let moved = 0;
      let lost = 0;
      for (let f = 0; f < out.count; f++) {
        const [s, d] = [out.src[f]!, out.dst[f]!];
        if (alive[s] === 0 || alive[d] === 0) {
          lost += out.bytes[f]!;
          continue;
        }
        expect(damaged.plane[s]).toBe(damaged.plane[d]);
        expect((damaged.hosts.of[s]! + 1) % damaged.hosts.count).toBe(damaged.hosts.of[d]);
        if (out.bytes[f] !== 1e9) moved += out.bytes[f]!;
      }
      expect(lost).toBeCloseTo(cutOff, 3);
      expect(moved).toBeLessThanOrEqual(diverted + 1);
    }),
    { numRuns: 60 },
  );
});

it('shares the bytes of a dead plane out over the seven others', () => {
  const cut = withoutParts(fabric, ['plane:2']);
  if (!cut.ok) throw new Error('no plane');
  const { flows: out, diverted, cutOff } = divertFlows(cut.value, flows);
  expect(cutOff).toBe(0);
  expect(diverted).toBe(sum(flows.bytes) / 8);
  const sent = new Float64Array(fabric.endpoints);
  for (let f = 0; f < out.count; f++) sent[out.src[f]!]! += out.bytes[f]!;
  for (let e = 0; e < fabric.endpoints; e++)
    expect(sent[e]!).toBeCloseTo(fabric.plane[e] === 2 ? 0 : (8 / 7) * 1e9, 0);
});
