import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Fabric } from '../fabric/types.ts';
import { latency } from '../flow/bottleneck.ts';
import { networkOf, waysOf } from './network.ts';
import { packetCosts } from './packet.ts';
import { atOnce } from './workload.ts';

const catalog = builtin();
const RATE = 50e9;
const PACKET = 4000 / RATE;

function costs(
  fabric: Fabric,
  pairs: readonly (readonly [number, number])[],
  transport: 'lossless' | 'spray',
  seed = 1,
) {
  const schedule = atOnce({
    count: pairs.length,
    src: Int32Array.from(pairs, (p) => p[0]),
    dst: Int32Array.from(pairs, (p) => p[1]),
    bytes: new Float64Array(pairs.length).fill(2e6),
    operation: new Uint16Array(pairs.length),
    invocations: new Float64Array(pairs.length).fill(1),
    operations: ['test'],
  });
  const network = networkOf(fabric, schedule);
  const kind = transport === 'spray' ? 'adaptive' : 'ecmp';
  const ways = waysOf(network, kind === 'ecmp' ? { kind, seed: 1, queuePairs: 1 } : { kind });
  return packetCosts(network, ways, transport, seed, catalog);
}

describe('what packets cost', () => {
  const plain = clos2({ leaves: 4, spines: 4, hostsPerLeaf: 4, rate: RATE });
  const timed = { ...plain, linkLatency: new Float64Array(plain.links).fill(1e-6) };

  it('one path: there and back, and a packet at each hop after the first', () => {
    const { efficiency, startUp } = costs(
      timed,
      [
        [0, 1],
        [0, 15],
      ],
      'lossless',
    );
    expect(startUp[0]).toBeCloseTo(4e-6 + PACKET, 12);
    expect(startUp[1]).toBeCloseTo(8e-6 + 3 * PACKET, 12);
    expect(efficiency).toBe(catalog.get('simulate.lossless.efficiency').value);
  });

  it('the transport’s own latency where the fabric says none', () => {
    const { startUp } = costs(plain, [[0, 15]], 'lossless');
    expect(startUp[0]).toBeCloseTo(2 * latency('infiniband', 3, catalog) + 3 * PACKET, 12);
  });

  it('sprayed packets queue where links are busy, as the load and the draw have it', () => {
    const shift = Array.from({ length: 16 }, (_, h) => [h, (h + 4) % 16] as const);
    const base = 8e-6 + 3 * PACKET;
    const law = PACKET * 50 * Math.log(1 + 500 / 190);
    const full = costs(timed, shift, 'spray').startUp.map((s) => s - base);
    // All links are as busy as each other; the draws are 65 % either way.
    expect(Math.min(...full)).toBeGreaterThan(0.35 * law);
    expect(Math.max(...full)).toBeLessThan(1.65 * law);
    expect(Math.max(...full)).toBeGreaterThan(law);
    // A flow alone puts a quarter of itself on each uplink.
    const [alone] = costs(timed, [[0, 15]], 'spray').startUp;
    expect(alone! - base).toBeLessThan(0.25 * 1.65 * law);
    expect(costs(timed, shift, 'spray', 2).startUp).not.toEqual(costs(timed, shift, 'spray', 1).startUp);
    // Below one leaf nothing is sprayed.
    expect(costs(timed, [[0, 1]], 'spray').startUp[0]).toBeCloseTo(4e-6 + PACKET, 12);
  });
});
