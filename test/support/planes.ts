import { buildFabric, type CableInput, type NodeInput } from '../../src/fabric/builder.ts';
import type { Fabric } from '../../src/fabric/types.ts';

/** Planes that are all copies of one single-plane fabric; host h has a NIC on each. */
export function planesOf(one: Fabric, planes: number): Fabric {
  const { endpoints: e, nodes: n } = one;
  // Endpoints by host and plane, then the switches plane by plane.
  const id = (node: number, p: number) =>
    node < e ? planes * node + p : e * planes + node - e + p * (n - e);
  const nodes: NodeInput[] = [];
  const cables: CableInput[] = [];
  for (let p = 0; p < planes; p++) {
    for (let node = 0; node < n; node++) {
      const name = node < e ? `${one.names[node]} mlx5_${p}` : `p${p}-${one.names[node]}`;
      nodes[id(node, p)] = { name, kind: one.kind[node]!, tier: one.tier[node]!, plane: p };
    }
    for (let l = 0; l < one.links; l++) {
      const back = one.linkReverse[l]!;
      if (back < l) continue;
      cables.push({
        a: id(one.linkFrom[l]!, p),
        aPort: one.linkPort[l]!,
        b: id(one.linkTo[l]!, p),
        bPort: one.linkPort[back]!,
        rate: one.linkRate[l]!,
        alive: one.linkAlive[l] === 1,
      });
    }
  }
  return buildFabric({
    name: one.name,
    transport: one.transport,
    planes,
    layers: one.layers,
    nodes,
    cables,
    hostNames: one.hosts.names,
    hostOf: Array.from({ length: planes * e }, (_, i) => Math.floor(i / planes)),
    nicOf: Array.from({ length: planes * e }, (_, i) => i % planes),
  });
}
