import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { patternPairs } from '../traffic/patterns.ts';
import type { PairDemand, PatternSpec } from '../traffic/types.ts';
import { leavesOf } from './detect.ts';
import { type Fabric, type Flows, NodeKind, type Rails } from './types.ts';

export interface PatternOptions {
  readonly seed: number;
  readonly label: string;
  /**
   * Sources below one leaf as one flow of their pairs' sum, for whoever routes by (leaf, destination): pairs below
   * one leaf go. Only all-to-all and same-rail, which have a flow for every two endpoints, are ever merged.
   */
  readonly merge: 'always' | 'when large' | 'never';
}

/** Planes beyond this many endpoints are merged 'when large': below, their pairs take some hundred megabytes. */
const LARGE = 2048;

export interface PatternFlows {
  readonly flows: Flows;
  /** True when a flow stands for all its leaf's senders. */
  readonly merged: boolean;
}

/**
 * A pattern on a fabric: one byte for each ordered pair of NICs, those of one host included (what tools that count
 * pairs of adapters count). Planes exchange nothing, so each has the pattern of its own; rails as the wiring shows
 * them. NICs with a dead cable and aggregators take no part. Issues as patternPairs has them, and
 * 'no-endpoints'. O(pairs), merged O(leaves * endpoints).
 */
export function patternFlows(
  fabric: Fabric,
  rails: Rails,
  spec: PatternSpec,
  options: PatternOptions,
): Result<PatternFlows> {
  const planes = livingEndpoints(fabric);
  if (planes.every((list) => list.length < 2)) {
    return fail([
      issue({ code: 'no-endpoints', message: `${fabric.name} has no two endpoints with a live cable` }),
    ]);
  }
  const dense = spec.kind === 'all-to-all' || spec.kind === 'same-rail';
  const large = options.merge === 'when large' && planes.some((list) => list.length > LARGE);
  const merged = dense && (options.merge === 'always' || large);
  const parts: PairDemand[] = [];
  for (const [p, endpoints] of planes.entries()) {
    if (endpoints.length < 2) continue;
    const rail = endpoints.map((e) => rails.of[e]!);
    if (merged) {
      parts.push(mergedPairs(fabric, endpoints, spec.kind === 'all-to-all' ? rail.map(() => 0) : rail));
      continue;
    }
    // Every NIC counts as a host of its own: see above.
    const host = Int32Array.from(endpoints, (_, i) => i);
    const pairs = patternPairs(spec, { count: endpoints.length, host, rail }, planeSeed(options.seed, p));
    if (!pairs.ok) return pairs;
    parts.push(inFabric(pairs.value, endpoints));
  }
  return ok({ flows: joined(parts, options.label), merged });
}

/** Planes must not all draw the same permutation; plane 0 draws what a single-plane fabric would. */
function planeSeed(seed: number, plane: number): number {
  return (seed + Math.imul(plane, 0x9e3779b1)) >>> 0;
}

/** Workload endpoints with a live cable to a switch, by plane, ascending. */
function livingEndpoints(fabric: Fabric): number[][] {
  const planes: number[][] = Array.from({ length: fabric.planes }, () => []);
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] !== NodeKind.endpoint) continue;
    let alive = false;
    for (let l = fabric.linkStart[e]!; l < fabric.linkStart[e + 1]!; l++) alive ||= fabric.linkAlive[l] === 1;
    if (alive) planes[fabric.plane[e]!]!.push(e);
  }
  return planes;
}

/** Ordered pairs within each group, sources of one leaf as one; `group` as long as `endpoints`. */
function mergedPairs(fabric: Fabric, endpoints: readonly number[], group: readonly number[]): PairDemand {
  const leaf = leavesOf(fabric);
  const leaves = [...new Set(endpoints.map((e) => leaf[e]!))].sort((a, b) => a - b);
  const index = new Map(leaves.map((l, i) => [l, i]));
  const groups = Math.max(...group) + 1;
  const senders = new Int32Array(leaves.length * groups);
  const first = new Int32Array(leaves.length * groups).fill(-1);
  for (const [i, e] of endpoints.entries()) {
    const at = index.get(leaf[e]!)! * groups + group[i]!;
    senders[at]!++;
    if (first[at] === -1) first[at] = e;
  }
  const room = leaves.length * endpoints.length;
  const src = new Int32Array(room);
  const dst = new Int32Array(room);
  const bytes = new Float64Array(room);
  let count = 0;
  for (let l = 0; l < leaves.length; l++) {
    for (let i = 0; i < endpoints.length; i++) {
      const at = l * groups + group[i]!;
      if (senders[at] === 0 || leaf[endpoints[i]!] === leaves[l]) continue;
      src[count] = first[at]!;
      dst[count] = endpoints[i]!;
      bytes[count++] = senders[at]!;
    }
  }
  return { count, src: src.slice(0, count), dst: dst.slice(0, count), bytes: bytes.slice(0, count) };
}

function inFabric(pairs: PairDemand, endpoints: readonly number[]): PairDemand {
  return { ...pairs, src: pairs.src.map((i) => endpoints[i]!), dst: pairs.dst.map((i) => endpoints[i]!) };
}

function joined(parts: readonly PairDemand[], label: string): Flows {
  const count = parts.reduce((sum, p) => sum + p.count, 0);
  const flows = {
    count,
    src: new Int32Array(count),
    dst: new Int32Array(count),
    bytes: new Float64Array(count),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: [label],
  };
  let at = 0;
  for (const part of parts) {
    flows.src.set(part.src, at);
    flows.dst.set(part.dst, at);
    flows.bytes.set(part.bytes, at);
    at += part.count;
  }
  return flows;
}
