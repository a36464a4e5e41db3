import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeShape } from '../catalog/types.ts';
import { isSwitch } from './builder.ts';
import { isRegular, leavesOf, podsOf } from './detect.ts';
import { generateFabric } from './generate.ts';
import { type ResolvedNetwork, sizeNetwork } from './sizing.ts';
import { summariseFabric } from './summary.ts';
import type { Fabric } from './types.ts';
import { withoutParts } from './without.ts';

const GB = 1e9;

function nodeOf(nics: number, gpus = nics): NodeShape {
  const provenance = { source: 'test', date: '2025', confidence: 'assumed' } as const;
  return {
    id: 'n',
    name: 'n',
    gpu: 'g',
    gpus,
    nics,
    nicRate: 50 * GB,
    scaleUpRate: 200 * GB,
    scaleUpAchievable: 160 * GB,
    ...provenance,
  };
}

function net(over: Partial<ResolvedNetwork> & { ports?: number } = {}): ResolvedNetwork {
  const { ports = 64, ...rest } = over;
  return {
    kind: 'generated',
    topology: 'multi-plane-fat-tree',
    planes: 8,
    layers: 2,
    switch: { model: 's', ports, portRate: 50 * GB },
    transport: 'infiniband',
    oversubscription: { leaf: 1, spine: 1 },
    nicPorts: 'per-nic',
    hostsPerLeaf: null,
    podEndpoints: null,
    cut: 0,
    ...rest,
  };
}

function make(network: ResolvedNetwork, gpus: number, node = nodeOf(8), seed = 1): Fabric {
  const result = generateFabric({ network, node, gpus, seed });
  if (!result.ok)
    throw new Error(result.issues.map((i) => `${i.message}: ${i.found}, allowed ${i.allowed}`).join('\n'));
  return result.value;
}

function counts(f: Fabric) {
  const { leaves, spines, cores, switches, interSwitchLinks } = summariseFabric(f);
  return { leaves, spines, cores, switches, interSwitchLinks };
}

/** Switch port numbers used once each, within the radix, and cables spread as the sizing rules say. */
function checkWiring(f: Fabric, ports: number): void {
  for (let n = f.endpoints; n < f.nodes; n++) {
    const here = Array.from(f.linkPort.subarray(f.linkStart[n]!, f.linkStart[n + 1]!));
    expect(new Set(here).size).toBe(here.length);
    if (here.length > 0) expect(Math.max(...here)).toBeLessThanOrEqual(ports);
    expect(here.every((p) => p >= 1)).toBe(true);
    const toUpper = new Map<number, number>();
    for (let l = f.linkStart[n]!; l < f.linkStart[n + 1]!; l++) {
      if (f.linkDirection[l] === 1) toUpper.set(f.linkTo[l]!, (toUpper.get(f.linkTo[l]!) ?? 0) + 1);
    }
    const cables = [...toUpper.values()];
    if (cables.length > 0) expect(Math.max(...cables) - Math.min(...cables)).toBeLessThanOrEqual(1);
  }
  expect(new Set(f.names).size).toBe(f.nodes);
}

describe('multi-plane fat-trees', () => {
  test('2,048 GPUs on 64 ports: a plane has 8 leaves, 4 spines, 8 cables a pair, 256 links', () => {
    const f = make(net(), 2048);
    const s = summariseFabric(f);
    expect(s).toMatchObject({
      planes: 8,
      layers: 2,
      endpoints: 2048,
      switches: 96,
      interSwitchLinks: 2048,
      cables: 4096,
      regular: true,
    });
    for (const plane of s.perPlane) {
      expect(plane).toEqual({
        endpoints: 256,
        switches: 12,
        leaves: 8,
        spines: 4,
        cores: 0,
        interSwitchLinks: 256,
        cables: 512,
        deadLinks: 0,
      });
    }
    const leaf = f.names.indexOf('p0-leaf003');
    const spine = f.names.indexOf('p0-spine01');
    const links = Array.from({ length: f.links }, (_, l) => l).filter(
      (l) => f.linkFrom[l] === leaf && f.linkTo[l] === spine,
    );
    expect(links.map((l) => f.linkPort[l])).toEqual([41, 42, 43, 44, 45, 46, 47, 48]);
    expect(links.map((l) => f.linkPort[f.linkReverse[l]!])).toEqual([25, 26, 27, 28, 29, 30, 31, 32]);
    checkWiring(f, 64);
  });

  test('16,384 GPUs: 768 switches, 16,384 links; 64 leaves, 32 spines and 2,048 links a plane', () => {
    const s = summariseFabric(make(net(), 16384));
    expect(s).toMatchObject({ switches: 768, interSwitchLinks: 16384, regular: true });
    expect(s.perPlane[7]).toMatchObject({ endpoints: 2048, leaves: 64, spines: 32, interSwitchLinks: 2048 });
  });

  test('NIC i of a node hangs on plane i mod planes, and a host under the same leaf number in every plane', () => {
    const f = make(net({ planes: 4 }), 512);
    const leaf = leavesOf(f);
    const numberOf = (node: number) => f.names[node]!.replace(/^p\d+-/, '');
    for (let e = 0; e < f.endpoints; e++) {
      expect(f.plane[e]).toBe(f.hosts.nic[e]! % 4);
      expect(f.plane[leaf[e]!]).toBe(f.plane[e]);
      expect(numberOf(leaf[e]!)).toBe(numberOf(leaf[f.hosts.of[e]! * 8]!));
    }
    expect(f.names[8 * 12 + 3]).toBe('node0012-nic3');
  });

  test('NICs with a port on every plane: an endpoint a port, at its share of the rate', () => {
    const f = make(net({ planes: 4, nicPorts: 'per-plane' }), 256);
    expect(f.endpoints).toBe(1024);
    expect(f.linkRate[0]).toBe(12.5 * GB);
    expect(f.names[8 * 4 + 5]).toBe('node0001-nic1-p1');
    expect([f.plane[37], f.hosts.nic[37], f.hosts.of[37]]).toEqual([1, 1, 1]);
    // Four quarter-rate ports need one uplink.
    expect(summariseFabric(f).perPlane[0]).toMatchObject({
      endpoints: 256,
      leaves: 6,
      spines: 2,
      interSwitchLinks: 6 * 12,
    });
  });

  test('65,536 GPUs in three layers, quickly', () => {
    const start = performance.now();
    const f = make(net({ topology: 'fat-tree', planes: 1, layers: 3 }), 65536);
    expect(performance.now() - start).toBeLessThan(10000);
    expect(counts(f)).toEqual({
      leaves: 2048,
      spines: 2048,
      cores: 1024,
      switches: 5120,
      interSwitchLinks: 131072,
    });
  });
});

describe('plain and rail-optimised fat-trees', () => {
  test('a plain tree puts all NICs of a node under one leaf', () => {
    const f = make(net({ topology: 'fat-tree', planes: 1 }), 2048);
    expect(counts(f)).toEqual({ leaves: 64, spines: 32, cores: 0, switches: 96, interSwitchLinks: 2048 });
    const leaf = leavesOf(f);
    for (let e = 0; e < f.endpoints; e++) expect(leaf[e]).toBe(leaf[f.hosts.of[e]! * 8]);
  });

  test('a rail-optimised unit has a leaf a rail', () => {
    const f = make(net({ topology: 'rail-optimized', planes: 1 }), 1024);
    const leaf = leavesOf(f);
    for (let e = 0; e < f.endpoints; e++) {
      const unit = String(Math.floor(f.hosts.of[e]! / 32)).padStart(2, '0');
      expect(f.names[leaf[e]!]).toBe(`su${unit}-leaf${f.hosts.nic[e]}`);
    }
  });

  test.each([
    [1024, 2, 32, 16, 0],
    [2048, 2, 64, 32, 0],
    [4096, 3, 128, 128, 64],
    [8192, 3, 256, 256, 128],
    [16384, 3, 512, 512, 256],
  ] as const)(
    'SuperPOD with %i GPUs in %i layers: %i leaves, %i spines, %i cores',
    (gpus, layers, leaves, spines, cores) => {
      const f = make(net({ topology: 'rail-optimized', planes: 1, layers }), gpus);
      expect(counts(f)).toMatchObject({ leaves, spines, cores, interSwitchLinks: gpus * (layers - 1) });
      expect(isRegular(f)).toBe(true);
      checkWiring(f, 64);
    },
  );

  test.each([4, 6, 8, 12])('full trees of radix %i follow the closed forms', (k) => {
    const two = make(net({ topology: 'fat-tree', planes: 1, ports: k }), (k * k) / 2, nodeOf(1));
    expect(counts(two)).toEqual({
      leaves: k,
      spines: k / 2,
      cores: 0,
      switches: (3 * k) / 2,
      interSwitchLinks: (k * k) / 2,
    });
    const three = make(
      net({ topology: 'fat-tree', planes: 1, layers: 3, ports: k }),
      (k * k * k) / 4,
      nodeOf(1),
    );
    expect(counts(three)).toEqual({
      leaves: (k * k) / 2,
      spines: (k * k) / 2,
      cores: (k * k) / 4,
      switches: (5 * k * k) / 4,
      interSwitchLinks: (k * k * k) / 2,
    });
    expect(podsOf(three).pods).toBe(k);
    checkWiring(three, k);
  });
});

describe('imperfect and oversubscribed designs', () => {
  test('24 of 32 hosts on each leaf keep the 32 uplinks', () => {
    const f = make(net({ hostsPerLeaf: 24 }), 2048);
    // 256 hosts in leaves of 24: 11 leaves, 352 uplinks, 6 spines.
    expect(summariseFabric(f).perPlane[0]).toMatchObject({ leaves: 11, spines: 6, interSwitchLinks: 352 });
    checkWiring(f, 64);
  });

  test('2:1 oversubscription takes 42 hosts and 21 uplinks of 64 ports', () => {
    const f = make(
      net({ topology: 'fat-tree', planes: 1, oversubscription: { leaf: 2, spine: 1 } }),
      420,
      nodeOf(1),
    );
    expect(counts(f)).toMatchObject({ leaves: 10, spines: 4, interSwitchLinks: 210 });
    checkWiring(f, 64);
  });

  test('pods of 3,072 endpoints under 7:1 on 128 ports, as Llama 3 had', () => {
    const network = net({
      topology: 'fat-tree',
      planes: 1,
      layers: 3,
      ports: 128,
      podEndpoints: 3072,
      oversubscription: { leaf: 1, spine: 7 },
    });
    const f = make(network, 16384);
    // 48 leaves a pod, 112 spine ports down and 16 up: 28 spines a pod; the sixth pod holds the last 1,024.
    expect(podsOf(f).pods).toBe(6);
    expect(counts(f)).toMatchObject({ leaves: 256, spines: 6 * 28 });
    checkWiring(f, 128);
  });

  test('a cut takes its share of the leaf-spine cables, the same for the same seed', () => {
    const f = make(net({ cut: 0.03 }), 2048);
    expect(summariseFabric(f).deadLinks).toBe(Math.round(0.03 * 2048));
    for (let l = 0; l < f.links; l++) {
      if (f.linkAlive[l]) continue;
      expect([f.tier[f.linkFrom[l]!], f.tier[f.linkTo[l]!]].sort()).toEqual([1, 2]);
      expect(f.linkAlive[f.linkReverse[l]!]).toBe(0);
    }
    expect(make(net({ cut: 0.03 }), 2048).linkAlive).toEqual(f.linkAlive);
    expect(make(net({ cut: 0.03 }), 2048, nodeOf(8), 2).linkAlive).not.toEqual(f.linkAlive);
    expect(isRegular(f)).toBe(false);
  });

  test('a dead link makes a regular fabric irregular', () => {
    const f = make(net(), 2048);
    const cut = withoutParts(f, ['link:p0-leaf000:33']);
    expect(cut.ok && isRegular(cut.value)).toBe(false);
  });
});

describe('what cannot be built is refused with what would do', () => {
  test.each([
    [net({ ports: 8, topology: 'fat-tree', planes: 1 }), 64, 'radix-too-small', 'switch', '16 ports or more'],
    [
      net(),
      32768,
      'radix-too-small',
      'layers',
      '3 layers, more planes, at most 16384 endpoints, or switches of 128 ports',
    ],
    [net({ planes: 3 }), 64, 'planes-impossible', 'planes', '1, 2, 4, 8, or nicPorts: per-plane'],
    [
      net({ topology: 'fat-tree' }),
      64,
      'planes-impossible',
      'planes',
      '1, or topology: multi-plane-fat-tree',
    ],
    [net({ hostsPerLeaf: 33 }), 64, 'fill-impossible', 'hostsPerLeaf', '1 to 32'],
    [
      net({ layers: 3, podEndpoints: 2048 }),
      16384,
      'pod-impossible',
      'podEndpoints',
      '32 to 1024 with 64 ports and 1:1',
    ],
    [net({ cut: 1 }), 64, 'out-of-range', 'cut', '0 or more, below 1'],
  ])('case %#', (network, gpus, code, key, allowed) => {
    const result = generateFabric({ network, node: nodeOf(8), gpus, seed: 1 });
    expect(result.ok).toBe(false);
    expect(result.issues[0]).toMatchObject({ code, path: ['cluster', 'network', key], allowed });
  });

  test('any request gives a sound fabric or an issue', () => {
    const request = fc.record({
      topology: fc.constantFrom('multi-plane-fat-tree', 'fat-tree', 'rail-optimized') as fc.Arbitrary<
        ResolvedNetwork['topology']
      >,
      planes: fc.constantFrom(1, 2, 4),
      layers: fc.constantFrom(2, 3) as fc.Arbitrary<2 | 3>,
      ports: fc.integer({ min: 1, max: 24 }),
      nicPorts: fc.constantFrom('per-nic', 'per-plane') as fc.Arbitrary<'per-nic' | 'per-plane'>,
      leafOver: fc.constantFrom(1, 1.5, 2, 3),
      spineOver: fc.constantFrom(1, 2, 7),
      hostsPerLeaf: fc.option(fc.integer({ min: 1, max: 12 })),
      podEndpoints: fc.option(fc.integer({ min: 1, max: 64 })),
      gpus: fc.integer({ min: 1, max: 300 }),
      nics: fc.constantFrom(1, 2, 4),
    });
    fc.assert(
      fc.property(request, (r) => {
        const network = net({ ...r, oversubscription: { leaf: r.leafOver, spine: r.spineOver } });
        const node = nodeOf(r.nics);
        const result = generateFabric({ network, node, gpus: r.gpus, seed: 1 });
        if (!result.ok) {
          expect(result.issues.length).toBeGreaterThan(0);
          return;
        }
        const f = result.value;
        checkWiring(f, r.ports);
        const size = sizeNetwork({ network, node, gpus: r.gpus });
        expect(size.ok && size.value.capacity).toBeGreaterThanOrEqual(f.endpoints);
        expect(allReachable(f)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** From every leaf, going up and then down reaches every leaf of its plane. */
function allReachable(f: Fabric): boolean {
  const leaves: number[] = [];
  for (let n = f.endpoints; n < f.nodes; n++) if (f.tier[n] === 1) leaves.push(n);
  for (const leaf of leaves) {
    const up = new Set([leaf]);
    for (const n of up)
      for (let l = f.linkStart[n]!; l < f.linkStart[n + 1]!; l++)
        if (f.linkDirection[l] === 1) up.add(f.linkTo[l]!);
    const down = new Set(up);
    for (const n of down) {
      for (let l = f.linkStart[n]!; l < f.linkStart[n + 1]!; l++)
        if (f.linkDirection[l] === -1 && isSwitch(f, f.linkTo[l]!)) down.add(f.linkTo[l]!);
    }
    if (leaves.some((x) => f.plane[x] === f.plane[leaf] && !down.has(x))) return false;
  }
  return true;
}
