import { expect, it } from 'vitest';
import { multiPlane } from '../../test/support/networks.ts';
import { builtin } from '../catalog/catalog.ts';
import { withoutParts } from '../fabric/without.ts';
import { priceFabricFaults } from './fabric-faults.ts';
import { componentRates } from './failures.ts';

const catalog = builtin();
const fabric = multiPlane({ gpus: 128, planes: 8, ports: 16, rate: 50e9, cut: 0 });

it('takes out the busiest of every kind, and prices what is slow and what stops', async () => {
  const load = Float64Array.from({ length: fabric.links }, (_, l) => (l === 77 ? 9 : 1));
  const rates = componentRates(catalog.find('fleet', 'llama-3')!, { gpus: 128, links: 128, leaves: 16 });
  const asked: string[][] = [];
  const replan = async (parts: readonly string[]) => {
    asked.push([...parts]);
    // Every part that is named is there to be taken out.
    expect(withoutParts(fabric, parts).ok).toBe(true);
    const cutOff = parts.some((p) => p.startsWith('leaf:')) ? 1 : 0;
    return { stepSeconds: parts.length === 0 ? 2 : 3, diverted: 5, cutOff, unrouted: 0 };
  };
  const { faults, stepSeconds, repair } = await priceFabricFaults(fabric, load, rates, replan, catalog);
  expect(stepSeconds).toBe(2);
  expect(faults.map((f) => f.kind)).toEqual([
    'nic-link',
    'nic',
    'switch-link',
    'leaf',
    'spine',
    'plane',
    'node',
  ]);
  const busiest = `link:${fabric.names[fabric.linkFrom[77]!]}:${fabric.linkPort[77]}`;
  expect(asked.flat()).toContain(busiest);
  for (const f of faults) {
    const stops = f.kind === 'leaf' || f.kind === 'node';
    expect(f.outcome).toBe(stops ? 'stops' : 'goes on');
    expect(f.slowdown).toBe(stops ? null : 1.5);
    if (f.perDay === null || stops) expect(f.lostShare).toBeNull();
    else expect(f.lostShare).toBeCloseTo((1 - Math.exp((-f.perDay / 86_400) * repair)) / 3, 12);
  }
  const month = 365.25 / 12;
  expect(faults[0]!.perDay! * month).toBeCloseTo(128 * 5.7e-4, 12);
  expect(faults.find((f) => f.kind === 'plane')!.perDay).toBeNull();
});
