import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { buildFabric, type CableInput } from './builder.ts';
import { diffFabrics } from './diff.ts';
import type { Fabric, Repair } from './types.ts';

const fabric = clos2({ leaves: 4, spines: 3, hostsPerLeaf: 3, cables: 2 });

type Cable = { -readonly [K in keyof CableInput]: CableInput[K] };

function cablesOf({ links, linkFrom, linkTo, linkPort, linkReverse, linkRate }: Fabric): Cable[] {
  const cables: Cable[] = [];
  for (let l = 0; l < links; l++) {
    const back = linkReverse[l]!;
    if (back < l) continue;
    const ends = { a: linkFrom[l]!, aPort: linkPort[l]!, b: linkTo[l]!, bPort: linkPort[back]! };
    cables.push({ ...ends, rate: linkRate[l]! });
  }
  return cables;
}

/** The fabric with its cables changed by `change`. */
function recabled(change: (cables: Cable[], between: (a: string, b: string) => Cable) => void): Fabric {
  const cables = cablesOf(fabric);
  const { names } = fabric;
  change(cables, (a, b) => cables.find((c) => names[c.a] === a && names[c.b] === b)!);
  const nodes = names.map((name, n) => ({ name, kind: fabric.kind[n]!, tier: fabric.tier[n]!, plane: 0 }));
  const identity = { name: 'observed', transport: 'infiniband' as const, planes: 1, layers: 2 };
  const { names: hostNames, of: hostOf, nic: nicOf } = fabric.hosts;
  return buildFabric({ ...identity, nodes, cables, hostNames, hostOf, nicOf });
}

function differences(observed: Fabric): readonly Repair[] {
  const result = diffFabrics(fabric, observed);
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

const told = (observed: Fabric) => differences(observed).map(({ kind, action }) => [kind, action]);

describe('diffFabrics', () => {
  it('finds nothing between a fabric and itself', () => {
    expect(differences(fabric)).toEqual([]);
  });

  it('tells a missing, an extra and a slow cable', () => {
    const observed = recabled((cables, between) => {
      cables.splice(cables.indexOf(between('leaf0', 'spine1')), 1);
      between('leaf1', 'spine2').rate = 25e9;
      cables.push({
        a: fabric.names.indexOf('leaf2'),
        aPort: 30,
        b: fabric.names.indexOf('leaf3'),
        bPort: 31,
        rate: 1,
      });
    });
    expect(told(observed)).toEqual([
      ['slow', 'reseat or replace the cable leaf1:8 - spine2:3: it runs at 50 % of its rate'],
      ['missing', 'connect leaf0:6 - spine1:1'],
      ['extra', 'unplug leaf2:30 - leaf3:31, or add it to the drawing'],
    ]);
  });

  it('tells two exchanged cables from four mistakes', () => {
    const observed = recabled((_, between) => {
      const x = between('leaf0', 'spine0');
      const y = between('leaf1', 'spine1');
      [x.b, x.bPort, y.b, y.bPort] = [y.b, y.bPort, x.b, x.bPort];
    });
    const [swapped, ...rest] = differences(observed);
    expect(rest).toEqual([]);
    expect(swapped).toMatchObject({ kind: 'swapped', action: 'exchange the ends at spine1:3 and spine0:1' });
    expect(swapped!.change.removed).toHaveLength(2);
  });

  it('tells a wrong port of the right switch, and a wrong switch', () => {
    const observed = recabled((_, between) => {
      between('leaf0', 'spine0').bPort = 40;
      const astray = between('leaf1', 'spine1');
      [astray.b, astray.bPort] = [fabric.names.indexOf('spine2'), 41];
    });
    expect(told(observed)).toEqual([
      ['wrong port', 'move the cable leaf0:4 - spine0:40: from spine0:40 to spine0:1'],
      ['wrong port', 'move the cable leaf1:6 - spine2:41: from spine2:41 to spine1:3'],
    ]);
  });

  it('doubts that two fabrics without common nodes are one', () => {
    const other = { ...fabric, names: fabric.names.map((n) => `other ${n}`) };
    const result = diffFabrics(fabric, other);
    expect(result.issues.map((i) => i.code)).toEqual(['few-in-common']);
  });

  it('gives, with its changes made, a fabric in which nothing differs', () => {
    const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, (list) => {
        const observed = recabled((cables) => {
          for (const [what, i, j] of list) {
            const x = cables[i % cables.length]!;
            const y = cables[j % cables.length]!;
            if (what === 0) cables.splice(cables.indexOf(x), 1);
            else if (what === 1) x.rate = 1e9 * (1 + j);
            else if (x !== y && x.a !== y.b && y.a !== x.b)
              [x.b, x.bPort, y.b, y.bPort] = [y.b, y.bPort, x.b, x.bPort];
          }
        });
        const removed = new Set<number>();
        const added: CableInput[] = [];
        const slowed = new Map<number, number>();
        for (const { change, kind } of differences(observed)) {
          for (const l of change.removed) removed.add(Math.min(l, fabric.linkReverse[l]!));
          added.push(...change.added);
          for (const s of change.slowed) slowed.set(Math.min(s.link, fabric.linkReverse[s.link]!), s.rate);
          // A faster cable changes nothing for the worse and has no change.
          fc.pre(kind !== 'fast');
        }
        const key = (c: CableInput): string =>
          [`${c.a}:${c.aPort}`, `${c.b}:${c.bPort}`].sort().concat(String(c.rate)).join(' ');
        const links = Array.from({ length: fabric.links }, (_, l) => l).filter(
          (l) => fabric.linkReverse[l]! > l,
        );
        const kept = cablesOf(fabric)
          .map((c, i) => ({ ...c, rate: slowed.get(links[i]!) ?? c.rate }))
          .filter((_, i) => !removed.has(links[i]!));
        expect([...kept, ...added].map(key).sort()).toEqual(cablesOf(observed).map(key).sort());
      }),
    );
  });
});
