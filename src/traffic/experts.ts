import { type Issue, issue } from '../base/issue.ts';
import { type Stream, stream } from '../numeric/random.ts';
import type { ExpertPopularity } from '../spec/types.ts';
import type { GroupShape } from './shapes.ts';
import type { ExpertShares } from './types.ts';

/** How tokens choose experts. */
export interface ExpertChoice {
  readonly routed: number;
  /** Experts a token. */
  readonly active: number;
  readonly popularity: ExpertPopularity;
  /** At most this many nodes a token; null: no limit. */
  readonly nodeLimit: number | null;
  readonly seed: number;
}

/**
 * Tokens drawn: P(a rank is needed), one in ten or so, is then known to about 3 %. By symmetry the mean over ranks
 * needs fewer.
 */
const SAMPLED_TOKENS = 8192;
const SAMPLED_BY_SYMMETRY = 4096;

/**
 * Shares of an expert group, by pipeline stage (whose layers have experts of their own), remembered. Member m of
 * a group of n holds experts [m * routed / n, (m + 1) * routed / n).
 *
 * A token ranks experts by a random score; first it keeps the `nodeLimit` nodes with the best single score, then
 * the best `active` experts on them (the rule of DeepEP's tests). Scores are an exponential race with the
 * popularities as rates (Plackett-Luce), so without a limit the choice is sampling without replacement. Uniform
 * popularity is drawn once and then made exactly symmetric.
 */
export function expertSharing(choice: ExpertChoice): (stage: number, shape: GroupShape) => ExpertShares {
  const known = new Map<GroupShape, Map<number, ExpertShares>>();
  return (stage, shape) => {
    const entity = choice.popularity.kind === 'uniform' ? 0 : stage;
    let ofShape = known.get(shape);
    if (ofShape === undefined) {
      ofShape = new Map();
      known.set(shape, ofShape);
    }
    let shares = ofShape.get(entity);
    if (shares === undefined) {
      shares = expertShares(choice, entity, shape);
      ofShape.set(entity, shares);
    }
    return shares;
  };
}

/**
 * Shares of one stage and shape. O(tokens * active * experts on a node); the last few are remembered by all that they
 * depend on, since the jobs of a search or of advice draw the same ones again and again.
 */
export function expertShares(choice: ExpertChoice, stage: number, shape: GroupShape): ExpertShares {
  const { routed, active, popularity, nodeLimit, seed } = choice;
  const lie = [shape.start.join(), shape.byNode.join()];
  const key = [routed, active, nodeLimit, seed, stage, JSON.stringify(popularity), ...lie].join(' ');
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const shares = drawShares(choice, stage, shape);
  drawn.set(key, shares);
  for (const oldest of drawn.keys()) if (drawn.size > MOST_DRAWN) drawn.delete(oldest);
  return shares;
}

const drawn = new Map<string, ExpertShares>();
const MOST_DRAWN = 64;

function drawShares(choice: ExpertChoice, stage: number, shape: GroupShape): ExpertShares {
  const weights = expertWeights(choice, stage);
  const uniform = choice.popularity.kind === 'uniform';
  const tokens = uniform ? SAMPLED_BY_SYMMETRY : SAMPLED_TOKENS;
  const hits = race(choice, weights, shape, tokens, stream(choice.seed, 'expert-choice', stage));
  const rank = hits.rank.map((n) => n / tokens);
  const node = hits.node.map((n) => n / tokens);
  if (!uniform) return { rank, node, sampled: tokens };
  symmetrise(shape, rank, node);
  return { rank, node, sampled: 0 };
}

/**
 * Popularity of the expert at each position, length routed. Zipf's ranking falls on positions by a shuffle of its
 * own for each stage; a list is taken as it stands.
 */
export function expertWeights({ routed, popularity, seed }: ExpertChoice, stage: number): Float64Array {
  if (popularity.kind === 'list') return Float64Array.from(popularity.weights);
  const weights = new Float64Array(routed).fill(1);
  if (popularity.kind === 'uniform') return weights;
  const order = Int32Array.from(weights, (_, i) => i);
  stream(seed, 'expert-order', stage).shuffle(order);
  for (let i = 0; i < routed; i++) weights[order[i]!] = Math.exp(-popularity.exponent * Math.log(i + 1));
  return weights;
}

/**
 * Runs the race for every token and counts the ranks and nodes that it needs. Node by node: the first arrival at
 * a node with total rate W is exponential with rate W, the expert is drawn in proportion to its rate, and the
 * next arrival follows at the rate that is left, so only as many random numbers are drawn as arrivals are looked
 * at (memorylessness; the joint distribution is that of one clock an expert).
 */
function race(
  choice: ExpertChoice,
  weights: Float64Array,
  shape: GroupShape,
  tokens: number,
  random: Stream,
) {
  const { size, nodes, start, byNode } = shape;
  const each = choice.routed / size;
  const limit = Math.min(choice.nodeLimit ?? nodes, nodes);
  const rank = new Float64Array(size);
  const node = new Float64Array(nodes);
  // Experts in node order: entry e belongs to member byNode[floor(e / each)].
  const rate = new Float64Array(choice.routed);
  for (let e = 0; e < choice.routed; e++)
    rate[e] = weights[byNode[Math.floor(e / each)]! * each + (e % each)]!;
  const usedBy = new Int32Array(choice.routed).fill(-1);
  const total = new Float64Array(nodes);
  for (let n = 0; n < nodes; n++)
    total[n] = sumUnused(rate, start[n]! * each, start[n + 1]! * each, usedBy, 0);

  const rankSeen = new Int32Array(size).fill(-1);
  const nodeSeen = new Int32Array(nodes).fill(-1);
  const clock = new Float64Array(nodes);
  const left = new Float64Array(nodes);
  const near = new Int32Array(nodes);
  for (let token = 0; token < tokens; token++) {
    left.set(total);
    for (let n = 0; n < nodes; n++) clock[n] = total[n]! > 0 ? random.exponential() / total[n]! : Infinity;
    nearest(clock, near, limit);
    for (let k = 0; k < choice.active; k++) {
      let n = near[0]!;
      for (let i = 1; i < limit; i++) if (clock[near[i]!]! < clock[n]!) n = near[i]!;
      if (clock[n] === Infinity) break;
      const first = start[n]! * each;
      const end = start[n + 1]! * each;
      const expert = draw(rate, first, end, usedBy, token, random.uniform() * left[n]!);
      usedBy[expert] = token;
      const member = byNode[Math.floor(expert / each)]!;
      if (rankSeen[member] !== token) rank[member]! += 1;
      rankSeen[member] = token;
      if (nodeSeen[n] !== token) node[n]! += 1;
      nodeSeen[n] = token;
      // A fresh sum: subtracting would lose small rates beside large ones.
      const rest = sumUnused(rate, first, end, usedBy, token);
      left[n] = rest;
      clock[n] = rest > 0 ? clock[n]! + random.exponential() / rest : Infinity;
    }
  }
  return { rank, node };
}

/** The `limit` nodes with the smallest clocks, in front of `near`. */
function nearest(clock: Float64Array, near: Int32Array, limit: number): void {
  const nodes = clock.length;
  for (let n = 0; n < nodes; n++) near[n] = n;
  if (limit === nodes) return;
  for (let i = 0; i < limit; i++) {
    let best = i;
    for (let j = i + 1; j < nodes; j++) if (clock[near[j]!]! < clock[near[best]!]!) best = j;
    const t = near[i]!;
    near[i] = near[best]!;
    near[best] = t;
  }
}

function sumUnused(
  rate: Float64Array,
  first: number,
  end: number,
  usedBy: Int32Array,
  token: number,
): number {
  let sum = 0;
  for (let e = first; e < end; e++) if (usedBy[e] !== token) sum += rate[e]!;
  return sum;
}

/** The expert in [first, end) at `point` of the summed rates of those that this token has not used. */
function draw(
  rate: Float64Array,
  first: number,
  end: number,
  usedBy: Int32Array,
  token: number,
  point: number,
): number {
  let left = point;
  let last = first;
  for (let e = first; e < end; e++) {
    if (usedBy[e] === token || rate[e] === 0) continue;
    last = e;
    left -= rate[e]!;
    if (left < 0) return e;
  }
  // Rounding may leave a crumb behind the last one.
  return last;
}

/** Means over nodes with equally many members, and over the ranks on them. */
function symmetrise({ nodes, start, byNode }: GroupShape, rank: Float64Array, node: Float64Array): void {
  const classes = new Map<number, number[]>();
  for (let n = 0; n < nodes; n++) {
    const members = start[n + 1]! - start[n]!;
    classes.set(members, [...(classes.get(members) ?? []), n]);
  }
  for (const [members, alike] of classes) {
    let nodeSum = 0;
    let rankSum = 0;
    for (const n of alike) {
      nodeSum += node[n]!;
      for (let i = start[n]!; i < start[n + 1]!; i++) rankSum += rank[byNode[i]!]!;
    }
    for (const n of alike) {
      node[n] = nodeSum / alike.length;
      for (let i = start[n]!; i < start[n + 1]!; i++) rank[byNode[i]!] = rankSum / (alike.length * members);
    }
  }
}

/** What is wrong with the choice for a group of this shape. */
export function checkExpertChoice(choice: ExpertChoice, shape: GroupShape): Issue[] {
  const { popularity, nodeLimit, routed, active } = choice;
  const issues: Issue[] = [];
  if (popularity.kind === 'list') {
    const { weights } = popularity;
    const bad = weights.findIndex((w) => !(Number.isFinite(w) && w >= 0));
    const positive = weights.filter((w) => w > 0).length;
    const path = ['traffic', 'experts'];
    if (weights.length !== routed) {
      const message = 'the list of expert popularities must have one for each routed expert';
      issues.push(
        issue({ code: 'expert-list', path, message, found: `${weights.length}`, allowed: `${routed}` }),
      );
    } else if (bad >= 0) {
      const message = 'a popularity must be a number from 0';
      issues.push(issue({ code: 'expert-list', path: [...path, bad], message, found: String(weights[bad]) }));
    } else if (positive < active) {
      const message = 'fewer experts have a popularity above 0 than a token chooses';
      issues.push(
        issue({ code: 'expert-list', path, message, found: `${positive}`, allowed: `from ${active}` }),
      );
    }
  }
  const reachable = expertsWithin(choice, shape);
  if (nodeLimit !== null && reachable < active) {
    const message = `the experts of ${nodeLimit} nodes are fewer than the ${active} that a token chooses`;
    const found = `${nodeLimit} (${reachable} experts)`;
    issues.push(issue({ code: 'node-limit', path: ['traffic', 'nodeLimit'], message, found }));
  }
  return issues;
}

/** Fewest experts that `nodeLimit` nodes can have. */
function expertsWithin({ routed, nodeLimit }: ExpertChoice, { size, nodes, start }: GroupShape): number {
  const members = Array.from({ length: nodes }, (_, n) => start[n + 1]! - start[n]!).sort((a, b) => a - b);
  const few = members.slice(0, nodeLimit ?? nodes);
  return few.reduce((sum, n) => sum + n, 0) * (routed / size);
}
