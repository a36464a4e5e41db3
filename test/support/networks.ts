import { ensure } from '../../src/base/result.ts';
import { generateFabric } from '../../src/fabric/generate.ts';
import type { Fabric } from '../../src/fabric/types.ts';

export interface MultiPlaneOptions {
  readonly gpus: number;
  readonly planes: number;
  /** Ports of a switch. */
  readonly ports: number;
  /** Bytes per second of every cable. */
  readonly rate: number;
  /** Share of the cables between switches that is cut, chosen by the seed. */
  readonly cut?: number;
  readonly seed?: number;
}

/** A generated multi-plane fat-tree of two layers on InfiniBand: a GPU, its NIC and its plane, nothing else to choose. */
export function multiPlane({ gpus, planes, ports, rate, cut = 0, seed = 1 }: MultiPlaneOptions): Fabric {
  const made = generateFabric({
    gpus,
    seed,
    node: { gpus: planes, nics: planes, nicRate: rate },
    network: {
      kind: 'generated',
      topology: 'multi-plane-fat-tree',
      planes,
      layers: 2,
      switch: { model: 'test', ports, portRate: rate },
      transport: 'infiniband',
      oversubscription: { leaf: 1, spine: 1 },
      nicPorts: 'per-nic',
      hostsPerLeaf: null,
      podEndpoints: null,
      cut,
    },
  });
  return ensure(made.ok ? made.value : null, 'multi-plane fabric');
}
