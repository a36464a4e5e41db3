/** Static routing: tables for a demand, their bounds, and the checks that prove them. */
export { type Verification, verifyRoutes } from '../routes/verify.ts';
export type { RoutingInput } from './judge.ts';
export { routeDemand } from './route.ts';
export type { Bounds, Routed, RoutingOutcome, RoutingQuality, SwitchLimits } from './types.ts';
