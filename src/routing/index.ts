/** Static routing: tables for a demand, their bounds, and the checks that prove them. */
export { type Verification, verifyRoutes } from '../routes/verify.ts';
export { type Backup, backupTables } from './backups.ts';
export {
  effectiveBandwidth,
  permutationPatterns,
  shiftPatterns,
  type UnitPattern,
  workloadEndpoints,
} from './effective.ts';
export { flowBasedRoutes, pinPattern, tablesOfPins } from './flow-based.ts';
export type { RoutingInput } from './judge.ts';
export { type LmcTables, lmcTables } from './lmc.ts';
export { repairedTables, repairTables, type TableRepair } from './repair.ts';
export { routeDemand } from './route.ts';
export type {
  Bounds,
  EffectiveBandwidth,
  FlowRouting,
  Routed,
  RoutingOutcome,
  RoutingQuality,
  SwitchLimits,
} from './types.ts';
export { type ValleyPair, type ValleyRoutes, valleyRoutes } from './valley.ts';
