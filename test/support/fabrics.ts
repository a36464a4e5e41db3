import { buildFabric, type CableInput, type NodeInput } from '../../src/fabric/builder.ts';
import { type Fabric, NodeKind } from '../../src/fabric/types.ts';

/** Hand-made fabrics for tests, independent of the generators they help to check. */

export interface ClosOptions {
  readonly leaves: number;
  readonly spines: number;
  readonly hostsPerLeaf: number;
  /** Parallel cables between each leaf and spine. */
  readonly cables?: number;
  readonly rate?: number;
  /** True drops this leaf-spine cable. */
  readonly missing?: (leaf: number, spine: number, cable: number) => boolean;
}

/** One plane, two layers, one NIC a host. Rates 50 GB/s unless given. */
export function clos2(options: ClosOptions): Fabric {
  const { leaves, spines, hostsPerLeaf, cables: parallel = 1, rate = 50e9 } = options;
  const endpoints = leaves * hostsPerLeaf;
  const nodes: NodeInput[] = [];
  const cables: CableInput[] = [];
  for (let e = 0; e < endpoints; e++)
    nodes.push({ name: `h${e}`, kind: NodeKind.endpoint, tier: 0, plane: 0 });
  for (let l = 0; l < leaves; l++) nodes.push({ name: `leaf${l}`, kind: NodeKind.switch, tier: 1, plane: 0 });
  for (let s = 0; s < spines; s++)
    nodes.push({ name: `spine${s}`, kind: NodeKind.switch, tier: 2, plane: 0 });
  for (let e = 0; e < endpoints; e++) {
    const leaf = Math.floor(e / hostsPerLeaf);
    cables.push({ a: e, aPort: 1, b: endpoints + leaf, bPort: (e % hostsPerLeaf) + 1, rate });
  }
  for (let l = 0; l < leaves; l++) {
    for (let s = 0; s < spines; s++) {
      for (let c = 0; c < parallel; c++) {
        if (options.missing?.(l, s, c)) continue;
        cables.push({
          a: endpoints + l,
          aPort: hostsPerLeaf + s * parallel + c + 1,
          b: endpoints + leaves + s,
          bPort: l * parallel + c + 1,
          rate,
        });
      }
    }
  }
  return buildFabric({
    name: 'clos2',
    transport: 'infiniband',
    planes: 1,
    layers: 2,
    nodes,
    cables,
    hostNames: nodes.slice(0, endpoints).map((x) => x.name),
    hostOf: Array.from({ length: endpoints }, (_, e) => e),
    nicOf: new Array(endpoints).fill(0),
  });
}

/** A full k-ary three-layer fat tree: k pods of k/2 leaves and k/2 spines, k^2/4 cores, k^3/4 hosts. */
export function clos3(k: number, rate = 50e9): Fabric {
  const r = k / 2;
  const endpoints = k * r * r;
  const nodes: NodeInput[] = [];
  const cables: CableInput[] = [];
  const leaf = (pod: number, i: number) => endpoints + pod * r + i;
  const spine = (pod: number, i: number) => endpoints + k * r + pod * r + i;
  const core = (i: number, j: number) => endpoints + 2 * k * r + i * r + j;
  for (let e = 0; e < endpoints; e++)
    nodes.push({ name: `h${e}`, kind: NodeKind.endpoint, tier: 0, plane: 0 });
  for (let i = 0; i < k * r; i++) nodes.push({ name: `leaf${i}`, kind: NodeKind.switch, tier: 1, plane: 0 });
  for (let i = 0; i < k * r; i++) nodes.push({ name: `spine${i}`, kind: NodeKind.switch, tier: 2, plane: 0 });
  for (let i = 0; i < r * r; i++) nodes.push({ name: `core${i}`, kind: NodeKind.switch, tier: 3, plane: 0 });
  for (let e = 0; e < endpoints; e++) {
    cables.push({ a: e, aPort: 1, b: endpoints + Math.floor(e / r), bPort: (e % r) + 1, rate });
  }
  for (let pod = 0; pod < k; pod++) {
    for (let l = 0; l < r; l++) {
      for (let s = 0; s < r; s++)
        cables.push({ a: leaf(pod, l), aPort: r + s + 1, b: spine(pod, s), bPort: l + 1, rate });
    }
    for (let s = 0; s < r; s++) {
      for (let j = 0; j < r; j++)
        cables.push({ a: spine(pod, s), aPort: r + j + 1, b: core(s, j), bPort: pod + 1, rate });
    }
  }
  return buildFabric({
    name: 'clos3',
    transport: 'infiniband',
    planes: 1,
    layers: 3,
    nodes,
    cables,
    hostNames: nodes.slice(0, endpoints).map((x) => x.name),
    hostOf: Array.from({ length: endpoints }, (_, e) => e),
    nicOf: new Array(endpoints).fill(0),
  });
}
