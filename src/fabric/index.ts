/** Fabrics: the one type, its generators, automatic design, comparison and what is taken out of service. */
export { buildFabric, type CableInput, type FabricInput, isSwitch, type NodeInput } from './builder.ts';
export { compareTopologies } from './compare.ts';
export { chooseDesign, type Design } from './design.ts';
export { isRegular, leavesOf, podsOf } from './detect.ts';
export { type GenerateInput, generateFabric } from './generate.ts';
export { linkName } from './names.ts';
export { type ResolvedNetwork, sizeNetwork } from './sizing.ts';
export { summariseFabric } from './summary.ts';
export type { Fabric, FabricSummary, Flows, Hosts, Placement, TopologyRow } from './types.ts';
export { NodeKind } from './types.ts';
export { withoutParts } from './without.ts';
