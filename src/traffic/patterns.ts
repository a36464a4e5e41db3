import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { type Stream, stream } from '../numeric/random.ts';
import type { PairDemand, PatternEndpoints, PatternSpec } from './types.ts';

export const PATTERN_NAMES = [
  'all-to-all',
  'same-rail',
  'permutation',
  'shift:N',
  'incast:N',
  'random',
] as const;

/** 'shift:4' and the like as a pattern. */
export function parsePattern(text: string): Result<PatternSpec> {
  const [name, argument] = text.split(':');
  if (argument === undefined) {
    if (name === 'all-to-all' || name === 'same-rail' || name === 'permutation' || name === 'random') {
      return ok({ kind: name });
    }
  } else if (/^[1-9]\d{0,8}$/.test(argument)) {
    if (name === 'shift') return ok({ kind: 'shift', by: Number(argument) });
    if (name === 'incast') return ok({ kind: 'incast', senders: Number(argument) });
  }
  const allowed = PATTERN_NAMES.join(', ');
  return fail([issue({ code: 'traffic-pattern', message: 'unknown traffic pattern', found: text, allowed })]);
}

/** 2^26 pairs are a gigabyte; larger ones are enumerated with `forEachPair`. */
const MOST_PAIRS = 67_108_864;

/**
 * The pairs of a pattern as arrays, or an issue where they are too many or the fabric is too small for it.
 * Deterministic in the seed. O(pairs).
 */
export function patternPairs(
  spec: PatternSpec,
  endpoints: PatternEndpoints,
  seed: number,
): Result<PairDemand> {
  const issues = checkPattern(spec, endpoints);
  if (issues.length > 0) return fail(issues);
  let count = 0;
  forEachPair(spec, endpoints, seed, () => count++);
  if (count > MOST_PAIRS) {
    const message = `${spec.kind} has ${count} pairs on this fabric`;
    return fail([issue({ code: 'pattern-too-large', message, allowed: `at most ${MOST_PAIRS}` })]);
  }
  const src = new Int32Array(count);
  const dst = new Int32Array(count);
  let k = 0;
  forEachPair(spec, endpoints, seed, (a, b) => {
    src[k] = a;
    dst[k] = b;
    k++;
  });
  return ok({ count, src, dst, bytes: new Float64Array(count).fill(1) });
}

function checkPattern(spec: PatternSpec, endpoints: PatternEndpoints): Issue[] {
  const smallest = Math.min(...byRail(endpoints).map((rail) => rail.length));
  const needed =
    spec.kind === 'incast' ? spec.senders + 1 : spec.kind === 'shift' ? (spec.by % smallest) + 1 : 2;
  if (smallest >= needed && !(spec.kind === 'shift' && spec.by % smallest === 0)) return [];
  const message = `${spec.kind} does not fit rails of ${smallest} endpoints`;
  const path: string[] = [];
  return [
    issue({ code: 'pattern-too-small', path, message, allowed: `rails of at least ${needed} endpoints` }),
  ];
}

/**
 * Calls `visit` for every pair; pairs within one host are left out, for they need no network.
 * - all-to-all: every ordered pair. same-rail: every ordered pair of one rail.
 * - permutation: on each rail one random cycle through all its endpoints, so that each sends and receives once.
 * - shift: the n-th of a rail sends to the one `by` places on, around.
 * - incast: on each rail, `senders` random endpoints send to one random other.
 * - random: each endpoint sends to a random other of its rail.
 */
export function forEachPair(
  spec: PatternSpec,
  endpoints: PatternEndpoints,
  seed: number,
  visit: (src: number, dst: number) => void,
): void {
  const { host } = endpoints;
  const pair = (a: number, b: number): void => {
    if (host[a] !== host[b]) visit(a, b);
  };
  if (spec.kind === 'all-to-all') {
    everyPair(
      Int32Array.from({ length: endpoints.count }, (_, i) => i),
      pair,
    );
    return;
  }
  for (const [index, rail] of byRail(endpoints).entries()) {
    const random = stream(seed, `traffic-${spec.kind}`, index);
    if (spec.kind === 'same-rail') everyPair(rail, pair);
    else if (spec.kind === 'permutation') cycle(rail, random, pair);
    else if (spec.kind === 'shift') around(rail, () => spec.by, pair);
    else if (spec.kind === 'incast') incast(rail, spec.senders, random, pair);
    else around(rail, () => 1 + random.below(rail.length - 1), pair);
  }
}

type Visit = (src: number, dst: number) => void;

function everyPair(endpoints: Int32Array, pair: Visit): void {
  for (let i = 0; i < endpoints.length; i++) {
    for (let j = 0; j < endpoints.length; j++) pair(endpoints[i]!, endpoints[j]!);
  }
}

/** Each endpoint to the one so many places on. */
function around(rail: Int32Array, places: () => number, pair: Visit): void {
  for (let i = 0; i < rail.length; i++) pair(rail[i]!, rail[(i + places()) % rail.length]!);
}

function cycle(rail: Int32Array, random: Stream, pair: Visit): void {
  const order = rail.slice();
  random.shuffle(order);
  for (let i = 0; i < order.length; i++) pair(order[i]!, order[(i + 1) % order.length]!);
}

function incast(rail: Int32Array, senders: number, random: Stream, pair: Visit): void {
  const order = rail.slice();
  random.shuffle(order);
  for (let i = 1; i <= senders && i < order.length; i++) pair(order[i]!, order[0]!);
}

/** Endpoints of each rail, ascending, rails ascending. */
function byRail({ count, rail }: PatternEndpoints): Int32Array[] {
  const lists = new Map<number, number[]>();
  for (let e = 0; e < count; e++) {
    const list = lists.get(rail[e]!);
    if (list === undefined) lists.set(rail[e]!, [e]);
    else list.push(e);
  }
  return [...lists.entries()].sort((a, b) => a[0] - b[0]).map(([, list]) => Int32Array.from(list));
}
