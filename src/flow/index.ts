/** What demand does to links: next hops, plain policies, loads, pins, and the max-min fluid simulation. */
export { simulate, simulateParallel } from '../fluid/simulate.ts';
export type {
  FluidChange,
  FluidFlows,
  FluidOptions,
  FluidPaths,
  FluidPhases,
  FluidResult,
  FluidStats,
  FluidSystem,
  LinkUsage,
} from '../fluid/types.ts';
export { moduloTables } from '../routes/modulo.ts';
export { nextHops } from '../routes/next-hops.ts';
export type { NextHops, Routes, TableRoutes } from '../routes/types.ts';
export { enumerateAllPairs } from './enumerate.ts';
export { type LoadOptions, linkLoads, linkLoadsByOperation } from './loads.ts';
export { type FlowPaths, flowPaths } from './paths.ts';
export { type Pinning, pinHotPaths } from './pin.ts';
export { summarise, switchLinks } from './summary.ts';
export type { LinkLoad, LoadSummary } from './types.ts';
