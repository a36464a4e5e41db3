import { type Fabric, NodeKind } from '../fabric/types.ts';
import type { Plant } from './types.ts';

export interface PlantInput {
  readonly fabric: Fabric;
  readonly gpus: number;
  readonly gpusPerNode: number;
  /** All ports of one switch, bytes/s; null where the model is unknown, and its cables then stand for it. */
  readonly switchRate: number | null;
  readonly storageBytes: number;
}

/**
 * The plant that a job occupies: of a fabric with more hosts than the job has, its share of the network. Cables that
 * are cut or dead are there and paid for. O(links).
 */
export function plantOf({ fabric, gpus, gpusPerNode, switchRate, storageBytes }: PlantInput): Plant {
  let leaves = 0;
  let upper = 0;
  const cabled = { leaf: 0, upper: 0 };
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    if (fabric.tier[n] === 1) leaves++;
    else upper++;
  }
  let cables = 0;
  let hostCableRate = 0;
  let switchCableRate = 0;
  for (let l = 0; l < fabric.links; l++) {
    const from = fabric.linkFrom[l]!;
    const to = fabric.linkTo[l]!;
    const rate = fabric.linkRate[l]!;
    if (from >= fabric.endpoints) cabled[fabric.tier[from] === 1 ? 'leaf' : 'upper'] += rate;
    const inside = fabric.kind[from] === NodeKind.aggregator || fabric.kind[to] === NodeKind.aggregator;
    if (fabric.linkReverse[l]! < l || inside) continue;
    cables++;
    if (from < fabric.endpoints || to < fabric.endpoints) hostCableRate += rate;
    else switchCableRate += rate;
  }
  const servers = gpus / gpusPerNode;
  const share = Math.min(1, servers / Math.max(1, fabric.hosts.count));
  return {
    gpus,
    servers,
    leaves: Math.ceil(leaves * share),
    upperSwitches: Math.ceil(upper * share),
    cables: Math.ceil(cables * share),
    leafRate: (switchRate === null ? cabled.leaf : leaves * switchRate) * share,
    upperRate: (switchRate === null ? cabled.upper : upper * switchRate) * share,
    hostCableRate: hostCableRate * share,
    switchCableRate: switchCableRate * share,
    storageBytes,
  };
}

/**
 * The plant after a stage with so many of the GPUs: leaves, cables and storage grow with the servers, the upper
 * switches stand from the start.
 */
export function plantAt(whole: Plant, gpus: number): Plant {
  const share = gpus / whole.gpus;
  return {
    ...whole,
    gpus,
    servers: whole.servers * share,
    leaves: Math.ceil(whole.leaves * share),
    cables: Math.ceil(whole.cables * share),
    leafRate: whole.leafRate * share,
    hostCableRate: whole.hostCableRate * share,
    switchCableRate: whole.switchCableRate * share,
    storageBytes: whole.storageBytes * share,
  };
}
