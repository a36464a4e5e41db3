import type { LinearProgram, LinearSolver } from '../numeric/solver.ts';
import { certifiedBound, type TrunkGraph } from './trunks.ts';

/**
 * Certified lower bound on the fractional optimum by multiplicative weights: lengths start at the links that
 * `hint` loads most, all demand takes the shortest way, and the trunks it loads get longer; the best bound
 * seen is kept. Any lengths certify (trunks.ts), so stopping early costs tightness, never truth.
 * Source: N. Young, Randomized rounding without solving the linear program, SODA 1995; S. Arora, E. Hazan,
 * S. Kale, The multiplicative weights update method, Theory of Computing 8 (2012), doi:10.4086/toc.2012.v008a006.
 * O(rounds x leaves x trunks).
 */
export function dualBound(graph: TrunkGraph, hint: Float64Array, rounds: number): number {
  const { trunks, capacity } = graph;
  // Exponents of the lengths: what each trunk carried so far, relative to the fullest.
  const exponent = new Float64Array(trunks);
  const length = new Float64Array(trunks);
  const flow = new Float64Array(trunks);
  let best = 0;
  for (let t = 0; t < trunks; t++) exponent[t] = SHARP * (hint[t]! - 1);
  for (let round = 0; round < rounds; round++) {
    let top = -Infinity;
    for (let t = 0; t < trunks; t++) top = Math.max(top, exponent[t]!);
    for (let t = 0; t < trunks; t++) length[t] = Math.exp(exponent[t]! - top) / capacity[t]!;
    best = Math.max(best, certifiedBound(graph, length, flow));
    let fullest = 0;
    for (let t = 0; t < trunks; t++) fullest = Math.max(fullest, flow[t]! / capacity[t]!);
    const step = STEP / Math.sqrt(1 + round);
    for (let t = 0; t < trunks; t++) exponent[t]! += (step * flow[t]!) / capacity[t]! / fullest;
  }
  return best;
}

const SHARP = 24;
const STEP = 2;

/**
 * Columns of the exact programme: flow of destination leaf l on trunk t, and the largest load. Interior point on
 * sizes above this takes longer than the tables themselves.
 */
export function exactColumns(graph: TrunkGraph): number {
  const { plane, orderStart, order, setStart } = graph;
  const leaves = plane.leaves.length;
  let columns = 1;
  for (let l = 0; l < leaves; l++) {
    for (let i = orderStart[l]!; i < orderStart[l + 1]!; i++) {
      const set = plane.setOf[l * plane.switches.length + order[i]!]!;
      columns += setStart[set + 1]! - setStart[set]!;
    }
  }
  return columns;
}

/**
 * The fractional optimum over shortest up/down paths, in seconds: minimise T with conservation for every
 * (switch, destination leaf) and flow <= T x capacity on every trunk. The value returned is the one that the
 * programme's own duals certify (trunks.ts), so the solver's tolerances cannot make it too large; null when it
 * did not finish.
 */
export function exactBound(graph: TrunkGraph, solver: LinearSolver): number | null {
  const solution = solver.solve(programOf(graph));
  if (solution.status !== 'optimal') return null;
  const length = new Float64Array(graph.trunks);
  for (let t = 0; t < graph.trunks; t++) length[t] = Math.max(0, -solution.dual[t]!) / graph.capacity[t]!;
  return certifiedBound(graph, length, null);
}

/** Rows: the trunks, then conservation. Bytes are scaled by the total and capacities by the largest. */
function programOf(graph: TrunkGraph): LinearProgram {
  const { plane, trunks, to, capacity, setStart, setTrunk, demand, order, orderStart } = graph;
  const leaves = plane.leaves.length;
  const columns = exactColumns(graph);
  const rows = trunks + order.length;
  const total = demand.reduce((sum, x) => sum + x, 0);
  const rowLower = new Float64Array(rows).fill(-Infinity, 0, trunks);
  const rowUpper = new Float64Array(rows);
  const start = new Int32Array(columns + 1);
  const index: number[] = [];
  const value: number[] = [];
  const add = (row: number, x: number) => {
    index.push(row);
    value.push(x);
  };
  // Trunk rows are divided by their capacity, so that the coefficient of T is 1 in all of them.
  for (let t = 0; t < trunks; t++) add(t, -1);
  start[1] = trunks;
  const fastest = capacity.reduce((most, x) => Math.max(most, x), 0);
  const rowOf = new Int32Array(plane.switches.length);
  let column = 1;
  for (let l = 0; l < leaves; l++) {
    rowOf.fill(-1);
    for (let i = orderStart[l]!; i < orderStart[l + 1]!; i++) rowOf[order[i]!] = trunks + i;
    for (let a = 0; a < leaves; a++) {
      const bytes = demand[a * leaves + l]! / total;
      if (bytes > 0) rowLower[rowOf[plane.leaves[a]!]!] = rowUpper[rowOf[plane.leaves[a]!]!] = bytes;
    }
    for (let i = orderStart[l]!; i < orderStart[l + 1]!; i++) {
      const set = plane.setOf[l * plane.switches.length + order[i]!]!;
      for (let j = setStart[set]!; j < setStart[set + 1]!; j++) {
        const t = setTrunk[j]!;
        add(t, fastest / capacity[t]!);
        add(trunks + i, 1);
        if (rowOf[to[t]!]! >= 0) add(rowOf[to[t]!]!, -1);
        start[++column] = index.length;
      }
    }
  }
  const cost = new Float64Array(columns);
  cost[0] = 1;
  return {
    columns,
    rows,
    cost,
    columnLower: new Float64Array(columns),
    columnUpper: new Float64Array(columns).fill(Infinity),
    rowLower,
    rowUpper,
    start,
    index: Int32Array.from(index),
    value: Float64Array.from(value),
  };
}
