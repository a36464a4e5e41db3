import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { walkerOf } from '../flow/walk.ts';
import type { NextHops, PinnedRoutes, TableRoutes } from '../routes/types.ts';
import { unitsOfFlows } from './demand.ts';
import { effectiveBandwidth, type UnitPattern } from './effective.ts';
import { colourFlows } from './flow-colouring.ts';
import { type Plane, planesOf } from './plane.ts';
import { optimiseTables } from './tables.ts';
import type { FlowRouting, SwitchLimits } from './types.ts';

type Pins = FlowRouting['routes'];

/**
 * Flow-based routing: one pinned path for each flow (a queue pair), everything else on `base`. Contention-free for every
 * permutation when a leaf has at least as many uplinks as hosts and each host sends one flow (flow-colouring.ts; with
 * three layers by the local search of tables.ts, which promises nothing). Refused on InfiniBand, whose
 * tables know destinations only, and where a switch has too few policy routes. Pairs must be unique.
 */
export function flowBasedRoutes(
  fabric: Fabric,
  hops: NextHops,
  pattern: UnitPattern,
  base: TableRoutes,
  limits: SwitchLimits,
): Result<FlowRouting> {
  if (fabric.transport === 'infiniband') return fail([cannotPin()]);
  const routes = pinPattern(fabric, hops, pattern, base);
  const policyEntries = mostPins(fabric, routes);
  if (policyEntries > limits.policyEntries) return fail([tooManyPins(policyEntries, limits.policyEntries)]);
  const bandwidth = effectiveBandwidth(fabric, hops, routes, [pattern]);
  return ok({ routes, bandwidth, contentionFree: bandwidth.worstLoad <= 1, policyEntries });
}

/** A path for each flow between leaves, pinned over `base`: see flowBasedRoutes. Flows without a way get no pin. */
export function pinPattern(fabric: Fabric, hops: NextHops, pattern: UnitPattern, base: TableRoutes): Pins {
  const planes = planesOf(fabric, hops);
  const paths: (readonly number[])[] = pattern.src.length === 0 ? [] : new Array(pattern.src.length).fill([]);
  for (const plane of planes) {
    const isDeep = plane.switches.some((n) => fabric.tier[n]! > 2);
    if (isDeep) pinByTables(fabric, hops, plane, pattern, paths);
    else pinByColours(fabric, plane, pattern, paths);
  }
  const src: number[] = [];
  const dst: number[] = [];
  const start = [0];
  const links: number[] = [];
  paths.forEach((path, i) => {
    if (path.length === 0) return;
    src.push(pattern.src[i]!);
    dst.push(pattern.dst[i]!);
    links.push(...path);
    start.push(links.length);
  });
  return {
    kind: 'pinned',
    base,
    src: Int32Array.from(src),
    dst: Int32Array.from(dst),
    start: Uint32Array.from(start),
    links: Uint32Array.from(links),
  };
}

function pinByColours(
  fabric: Fabric,
  plane: Plane,
  { src, dst }: UnitPattern,
  paths: (readonly number[])[],
): void {
  const leafOf = new Int32Array(fabric.endpoints).fill(-1);
  for (let c = 0; c < plane.endpoints.length; c++) leafOf[plane.endpoints[c]!] = plane.leafOf[c]!;
  const { up, down } = colourFlows(
    plane,
    Int32Array.from(src, (e) => leafOf[e]!),
    Int32Array.from(dst, (e) => leafOf[e]!),
  );
  for (let i = 0; i < src.length; i++) {
    if (up[i]! >= 0) paths[i] = [plane.linkId[up[i]!]!, plane.linkId[down[i]!]!];
  }
}

/** Tables made for these flows alone give each its path: flows to one destination from one leaf share theirs. */
function pinByTables(
  fabric: Fabric,
  hops: NextHops,
  plane: Plane,
  { src, dst }: UnitPattern,
  paths: (readonly number[])[],
): void {
  const count = src.length;
  const flows = {
    count,
    src,
    dst,
    bytes: new Float64Array(count).fill(1),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: ['flows'],
  };
  const { units } = unitsOfFlows([plane], flows);
  const here = [{ units: units[0]!, priority: 1 }];
  const { routes } = optimiseTables(fabric, hops, [plane], [here]);
  const walker = walkerOf(fabric, hops, routes);
  for (let i = 0; i < count; i++) {
    if (src[i] === dst[i] || fabric.plane[src[i]!] !== plane.id) continue;
    const length = walker.walk(src[i]!, dst[i]!, 0);
    if (length > 0) paths[i] = [...walker.path.subarray(0, length)];
  }
}

/**
 * The pins of a pattern as destination tables over their base, or null where two pins part again on the way to one
 * destination: tables made for a permutation, since each of its destinations has one source. Copies the rows it changes.
 */
export function tablesOfPins(fabric: Fabric, pins: Pins): TableRoutes | null {
  const rows = pins.base.rows.slice();
  const fresh = new Set<number>();
  const taken = new Map<number, number>();
  for (let p = 0; p < pins.src.length; p++) {
    const column = pins.base.column[pins.dst[p]!]!;
    for (let i = pins.start[p]!; i < pins.start[p + 1]!; i++) {
      const link = pins.links[i]!;
      const node = fabric.linkFrom[link]!;
      const s = node - fabric.endpoints;
      const key = node * fabric.endpoints + pins.dst[p]!;
      if ((taken.get(key) ?? link) !== link) return null;
      taken.set(key, link);
      const row = rows[s];
      if (!row) return null; // tables that are a rule have no rows to write in
      if (!fresh.has(s)) rows[s] = row.slice();
      fresh.add(s);
      const entry = link - fabric.linkStart[node]!;
      rows[s]![column] = entry;
    }
  }
  return { kind: 'tables', label: 'tables for the pattern', rows, column: pins.base.column };
}

function mostPins(fabric: Fabric, { links }: PinnedRoutes): number {
  const count = new Int32Array(fabric.nodes);
  for (let i = 0; i < links.length; i++) count[fabric.linkFrom[links[i]!]!]!++;
  return count.reduce((most, n) => Math.max(most, n), 0);
}

function cannotPin(): Issue {
  return issue({
    code: 'transport-cannot',
    message: 'InfiniBand tables know destinations only: no path can be pinned for a queue pair',
    found: 'flow-based routing on InfiniBand',
    allowed: 'destination tables, or flow-based routing on RoCE',
    hint: 'make tables for this traffic instead: a permutation has one source for each destination',
  });
}

function tooManyPins(needed: number, limit: number): Issue {
  return issue({
    code: 'pins-refused',
    message: 'a switch holds fewer policy routes than flows pass through it',
    found: `${needed} pins at one switch`,
    allowed: `${limit} policy entries`,
    hint: 'pin fewer flows, or use a switch model with more policy entries',
  });
}

/** The flows of several demands as one pattern, each pair of ends once. O(flows). */
export function patternOfFlows(demands: readonly Flows[]): UnitPattern {
  const seen = new Set<number>();
  const src: number[] = [];
  const dst: number[] = [];
  for (const flows of demands) {
    for (let f = 0; f < flows.count; f++) {
      const key = flows.src[f]! * PAIR + flows.dst[f]!;
      if (flows.src[f] === flows.dst[f] || seen.has(key)) continue;
      seen.add(key);
      src.push(flows.src[f]!);
      dst.push(flows.dst[f]!);
    }
  }
  return { src: Int32Array.from(src), dst: Int32Array.from(dst) };
}

/** Above any node id. */
const PAIR = 0x4000000;
